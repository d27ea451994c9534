"""Promises that only a large set of real texts can break; skipped where that set is not."""

import gzip
import hashlib
import json
import math
import re
from pathlib import Path

import pytest
from filling import insert

from newsarchive import search
from newsarchive.storage.connection import connect_for_writing


@pytest.fixture(scope="module")
def pool(request, tmp_path_factory):
    shared = request.getfixturevalue("shared")
    with gzip.open(shared / "search" / "wiki" / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line) for line in lines]
    connection = connect_for_writing(tmp_path_factory.mktemp("pool") / "archive.db")
    insert(connection, [{"key": text["id"], "title": "وثيقة", "body": text["text"]} for text in texts])
    asked = (shared / "search" / "wiki" / "tydi.queries.tsv").read_text(encoding="utf-8").splitlines()
    yield connection, {line.split("\t")[0]: line.split("\t")[2] for line in asked}
    connection.close()


def test_every_third_question_finds_its_paragraph_no_worse_than_the_floor(pool, shared):
    connection, questions = pool
    wiki = shared / "search" / "wiki"
    pinned = json.loads((Path(__file__).parent / "floors.json").read_text())["wiki"]
    files = b"".join(path.read_bytes() for path in sorted(wiki.iterdir()))
    if hashlib.sha256(files).hexdigest() != pinned["sha256"]:
        pytest.skip("the shared set is another one than that of the floor")
    # Each question has one paragraph.
    wanted = [line.split()[::2] for line in (wiki / "tydi.qrels.txt").read_text("utf-8").splitlines()][::3]
    gains = []
    for question, key in wanted:
        found = [hit.key for hit in search.ask(connection, questions[question], size=10).hits]
        gains.append(1 / math.log2(found.index(key) + 2) if key in found else 0.0)
    assert sum(gains) / len(gains) >= pinned["floors"]["tydi-third ndcg10"]


def test_a_thousand_snippets_show_a_word_found_and_split_none(pool):
    connection, questions = pool
    pairs = 0
    for question in list(questions.values())[:40]:
        for hit in search.ask(connection, question, size=30).hits:
            (body,) = connection.execute("SELECT body FROM articles WHERE id = ?", (hit.id,)).fetchone()
            pairs += 1
            marked = re.findall("<mark>(.*?)</mark>", hit.snippet)
            assert marked, (question, hit.key)
            assert not re.search(r"<(?!/?mark>)|&(?!(?:lt|gt|amp|quot|#x27);)", hit.snippet)
            shown = re.sub("</?mark>", "", hit.snippet)
            for entity, character in (
                ("&lt;", "<"),
                ("&gt;", ">"),
                ("&quot;", '"'),
                ("&#x27;", "'"),
                ("&amp;", "&"),
            ):
                shown = shown.replace(entity, character)
            assert set(shown.split()) - {"…"} <= {*body.split(), "وثيقة"}
    assert pairs >= 1000


def test_every_hit_is_among_the_articles_that_are_counted(pool):
    connection, questions = pool
    for question in list(questions.values())[:100]:
        answer = search.ask(connection, question, size=200)
        sql, parameters = search.matching(answer.parsed)
        found = {row[0] for row in connection.execute(sql, parameters)}
        assert len(found) == answer.count
        assert {hit.id for hit in answer.hits} <= found
