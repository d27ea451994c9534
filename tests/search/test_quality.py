"""How well a small newspaper's articles are found: a floor for every kind of question.

The articles and questions are invented for this test; which article answers which question was decided by
reading. `floors.json` has the floors with the hash of the set; the decision record names both.
"""

import csv
import hashlib
import json
import math
from pathlib import Path

import pytest
from filling import insert

from newsarchive import search
from newsarchive.storage.connection import connect_for_writing

SET = Path(__file__).parent / "quality"
FLOORS = json.loads((Path(__file__).parent / "floors.json").read_text())


def rows(name):
    with (SET / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def measured(found, wanted):
    gains = [key in wanted for key in found[:10]]
    ideal = sum(1 / math.log2(rank + 2) for rank in range(min(10, len(wanted))))
    return {
        "ndcg": sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains)) / ideal,
        "recall": sum(gains) / min(10, len(wanted)),
        "first": float(gains[:1] == [True]),
    }


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    connection = connect_for_writing(tmp_path_factory.mktemp("quality") / "archive.db")
    insert(
        connection, [{"key": key, "title": title, "body": body} for key, title, body in rows("articles.tsv")]
    )
    yield connection
    connection.close()


def test_the_set_is_the_one_that_the_floors_were_measured_on():
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(SET.iterdir())))
    assert digest.hexdigest() == FLOORS["quality"]["sha256"]


def test_no_floor_is_changed_without_a_decision_record(root):
    record = (root / "docs/decisions/0006-search.md").read_text("utf-8")
    for name, pinned in FLOORS.items():
        assert f"`{name}` {pinned['sha256'][:12]}" in record
        for floor, least in pinned["floors"].items():
            assert f"{floor} {least}" in record


@pytest.mark.parametrize("floor", FLOORS["quality"]["floors"])
def test_articles_are_found_no_worse_than_the_floor(reader, floor):
    kind, measure = floor.split()
    scores = {}
    for question, family, text, wanted in rows("questions.tsv"):
        if family == kind:
            found = [hit.key for hit in search.ask(reader, text, size=10).hits]
            scores[question] = measured(found, set(wanted.split()))[measure]
    missed = {question: score for question, score in scores.items() if score < 1}
    assert sum(scores.values()) / len(scores) >= FLOORS["quality"]["floors"][floor], missed


@pytest.mark.parametrize("text", ["سوريا", "سورية", "سوريه", "والسورية", "لسورية"])
def test_every_way_to_write_syria_finds_every_other(reader, text):
    assert {hit.key for hit in search.ask(reader, text).hits} == {"d04", "d19", "d37", "d46", "d57"}
