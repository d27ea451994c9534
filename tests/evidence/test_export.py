"""Exports are read by the tools that others use."""

import csv
import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
import zipfile

import pytest
from pyarrow import parquet as pq
from running import content, home, rows, scrapy

from newsarchive import capture
from newsarchive.evidence import bag
from newsarchive.evidence.wacz import surt
from newsarchive.exceptions import SettingsError
from newsarchive.export.selection import Selection, choose
from newsarchive.storage.connection import connect_for_reading


@pytest.fixture(scope="module")
def exported(sample_archive, tmp_path_factory):
    """An export of everything, which no test changes."""
    target = tmp_path_factory.mktemp("exported") / "out"
    scrapy(sample_archive, "export", target, "--wacz", "--bag", check=0)
    return target


def test_the_bag_is_valid(exported):
    pytest.importorskip("bagit")
    done = subprocess.run(
        [sys.executable, "-m", "bagit", "--validate", exported], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_bag_tells_the_events_of_the_archive(exported):
    events = [json.loads(line) for line in (exported / "data" / "events.jsonl").read_text().splitlines()]
    assert events[0]["eventType"] == "demo" or events[0]["eventType"] == "capture"
    assert all(event["eventDateTime"] for event in events)


def test_the_bag_tells_of_checks_repairs_and_removals(folder, change):
    scrapy(folder, "verify", "--manifest", check=0)
    torn = folder / "captures" / "alwatan-20260101000000-00000-7.warc.gz.torn-120"
    torn.write_bytes(b"x")
    os.utime(torn, (1_780_000_000, 1_780_000_000))
    change("INSERT INTO takedowns (month, state, reason) VALUES ('2026-11', 'remove', 'court order')")
    bag.write_events(connect_for_reading(folder / "archive.db"), folder / "captures", folder / "events")
    events = {e["eventType"]: e for e in map(json.loads, (folder / "events").read_text().splitlines())}
    assert events["fixity check"]["eventOutcome"] == "clean"
    assert events["recovery"]["eventDateTime"] == "2026-05-28T20:26:40Z"
    assert (
        events["recovery"]["eventDetail"] == "alwatan-20260101000000-00000-7.warc.gz was cut behind byte 120"
    )
    assert events["redaction"]["eventOutcome"] == "remove"


def test_the_articles_can_be_ingested_elsewhere(exported, sample_archive, tmp_path_factory):
    other = home(tmp_path_factory.mktemp("other"))
    scrapy(other, "ingest", exported / "data" / "articles.jsonl", check=0)
    ours, theirs = content(sample_archive), content(other)
    assert [row[:12] for row in theirs] == [row[:12] for row in ours]


def test_csv_and_jsonl_say_the_same(exported):
    with (exported / "data" / "articles.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    lines = [json.loads(line) for line in (exported / "data" / "articles.jsonl").read_text().splitlines()]
    assert [row["key"] for row in table] == [line["key"] for line in lines]
    assert [row["body"] for row in table] == [line["body"] for line in lines]
    assert len(table) == 184


def test_parquet_and_jsonl_say_the_same(exported):
    table = pq.read_table(exported / "data" / "articles.parquet")
    lines = [json.loads(line) for line in (exported / "data" / "articles.jsonl").read_text().splitlines()]
    for row, line in zip(table.to_pylist(), lines, strict=True):
        same = set(line) & set(row) - {"published_at", "modified_at"}
        times = {name: row[name] for name in same if isinstance(row[name], dt.datetime)}
        assert {name: row[name] for name in same - set(times)} == {
            name: line[name] for name in same - set(times)
        }
        assert row["published_at_text"] == line["published_at"]
        for name, time in times.items():
            assert time == dt.datetime.fromisoformat(line[name])
    assert {"published_at", "first_seen_at", "paragraphs", "tags", "sections"} <= set(table.column_names)
    assert str(table.schema.field("published_at").type) == "timestamp[ms, tz=UTC]"


def test_the_package_names_every_file_with_its_digest(exported):
    package = json.loads((exported / "data" / "datapackage.json").read_text())
    for resource in package["resources"]:
        data = (exported / "data" / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert resource["bytes"] == len(data)
    assert {r["path"] for r in package["resources"]} == {
        "articles.jsonl", "articles.csv", "articles.parquet", "alwatan.wacz", "events.jsonl",
    }  # fmt: skip


def test_the_index_of_the_wacz_leads_to_every_record(exported, sample_archive, tmp_path):
    with zipfile.ZipFile(exported / "data" / "alwatan.wacz") as archive:
        assert archive.testzip() is None
        warc = archive.read("archive/data.warc.gz")
        lines = archive.read("indexes/index.cdx").decode().splitlines()
        package = json.loads(archive.read("datapackage.json"))
    assert len(lines) == rows(sample_archive, "SELECT count(*) AS n FROM captures")[0]["n"]
    assert lines == sorted(lines)
    data = tmp_path / "data.warc.gz"
    data.write_bytes(warc)
    for line in lines:
        key, stamp, said = line.split(" ", 2)
        entry = json.loads(said)
        record = capture.read_at(data, int(entry["offset"]), int(entry["length"]))
        assert record.url == entry["url"]
        assert surt(record.url) == key
        assert record.date.replace("-", "").replace(":", "")[:8] == stamp[:8]
    digests = {r["path"]: r["hash"] for r in package["resources"]}
    assert digests["archive/data.warc.gz"] == f"sha256:{hashlib.sha256(warc).hexdigest()}"


def test_the_wacz_can_be_taken_in_again(exported, sample_archive, tmp_path_factory):
    other = home(tmp_path_factory.mktemp("other"))
    scrapy(other, "ingest", exported / "data" / "alwatan.wacz", check=0)
    keys = [row[0] for row in content(sample_archive)]
    assert [row[0] for row in content(other)] == keys


def test_challenge_pages_are_left_out(folder, change):
    url = rows(folder, "SELECT url FROM captures WHERE outcome = 'new' LIMIT 1")[0]["url"]
    change(f"UPDATE captures SET outcome = 'blocked: challenge-page' WHERE url = '{url}'")
    scrapy(folder, "export", "out", "--wacz", check=0)
    with zipfile.ZipFile(folder / "out" / "alwatan.wacz") as archive:
        assert f'"url": "{url}"' not in archive.read("indexes/index.cdx").decode()


def test_without_text_there_is_none(folder):
    scrapy(folder, "export", "out", "--no-text", check=0)
    scrapy(folder, "export", "whole", check=0)
    beginning = rows(folder, "SELECT body FROM articles LIMIT 1")[0]["body"][:60]
    assert not {"lead", "body", "paragraphs"} & set(pq.read_schema(folder / "out" / "articles.parquet").names)
    texts = {name: [p.read_text() for p in (folder / name).glob("*.[cj]s*")] for name in ("out", "whole")}
    assert any(beginning in text for text in texts["whole"])
    assert not any(beginning in text for text in texts["out"])


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://www.alwatan.sy/archives/5", "sy,alwatan)/archives/5"),
        ("https://alwatan.sy/", "sy,alwatan)/"),
        ("https://alwatan.sy/?b=2&a=1", "sy,alwatan)/?a=1&b=2"),
        ("http://alwatanonline.com:8080/x/", "com,alwatanonline:8080)/x"),
    ],
)
def test_the_sort_friendly_form_of_an_address(url, form):
    assert surt(url) == form


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("captures",), "not an empty folder"),
        (("out", "--wacz", "--no-text"), "leave it"),
        (("--snapshot", "x.db", "--section", "رياضة"), "--snapshot copies the whole archive"),
    ],
)
def test_a_fumble_is_one_line_and_exit_4(folder, words, said):
    assert said in scrapy(folder, "export", *words, check=4).stderr


def chosen(folder, **asked):
    connection = connect_for_reading(folder / "archive.db")
    try:
        count = choose(connection, Selection(**asked))
        keys = [
            key
            for (key,) in connection.execute("SELECT key FROM articles WHERE id IN temp.chosen ORDER BY key")
        ]
        assert count == len(keys)
        return keys
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("asked", "condition"),
    [
        ({}, "TRUE"),
        ({"since": "2018-06-26"}, "published_on >= '2018-06-26'"),
        ({"until": "2011-12-31"}, "published_on <= '2011-12-31'"),
        (
            {"section": "الأولى", "since": "2018-01-01"},
            (
                "published_on >= '2018-01-01' AND 'الأولى' IN (SELECT name FROM sections JOIN article_sections"
                " ON section_id = sections.id WHERE article_id = articles.id)"
            ),
        ),
        ({"status": "live", "until": "2012-12-31"}, "status = 'live' AND published_on <= '2012-12-31'"),
        ({"keys": ("alwatan-5211", "alwatan-155488")}, "key IN ('alwatan-5211', 'alwatan-155488')"),
        ({"writer": "رهف الجندلي"}, "writer = 'رهف الجندلي'"),
    ],
    ids=["all", "since", "until", "section", "status", "keys", "writer"],
)
def test_a_selection_takes_what_the_tables_say(sample_archive, asked, condition):
    expected = [
        r["key"] for r in rows(sample_archive, f"SELECT key FROM articles WHERE {condition} ORDER BY key")
    ]
    assert expected
    assert chosen(sample_archive, **asked) == expected


def test_a_query_takes_the_articles_that_have_every_word(sample_archive):
    one, both = chosen(sample_archive, query="سوريا"), chosen(sample_archive, query="سوريا وزارة")
    assert len(one) > len(both) > 0
    assert set(both) < set(one)
    assert chosen(sample_archive, query="سوريا since:2020") == chosen(
        sample_archive, query="سوريا", since="2020-01-01"
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"since": "8/12/2024"}, "--since 8/12/2024 is no day; write it as 2024-12-08"),
        ({"until": "2024-02-30"}, "--until 2024-02-30 is no day"),
        ({"since": "2024-02-02", "until": "2024-02-01"}, "nothing lies between"),
        ({"status": "dead"}, "--status dead is none of live, gone, unknown"),
        ({"keys": ("alwatan-5211", "no")}, "there is no article no"),
        ({"query": "-"}, "there is no word to look for"),
        ({"query": " ".join(f"كلم{letter}" for letter in "بتثجحخدذرزس")}, "more words than are looked for"),
        (
            {"section": "لا قسم", "since": "2020-01-01"},
            "no article is chosen: since 2020-01-01, section لا قسم",
        ),
    ],
)
def test_a_selection_that_cannot_be_meant_says_what_is_wrong(sample_archive, asked, said):
    with pytest.raises(SettingsError, match=said):
        chosen(sample_archive, **asked)


def test_a_selection_is_written_in_every_form_and_named_in_the_package(folder):
    keys = ["alwatan-155488", "alwatan-155490", "alwatan-5211"]
    words = [word for key in keys for word in ("--key", key)]
    done = scrapy(folder, "export", "out", "--wacz", *words, check=0)
    assert "3 articles" in done.stdout
    lines = [json.loads(line) for line in (folder / "out" / "articles.jsonl").read_text().splitlines()]
    with (folder / "out" / "articles.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    with zipfile.ZipFile(folder / "out" / "alwatan.wacz") as archive:
        index = archive.read("indexes/index.cdx").decode().splitlines()
        pages = archive.read("pages/pages.jsonl").decode().splitlines()[1:]
    expected = rows(
        folder,
        f"SELECT url FROM captures WHERE article_id IN (SELECT id FROM articles WHERE key IN {tuple(keys)})",
    )
    assert [line["key"] for line in lines] == [row["key"] for row in table] == keys
    assert sorted(json.loads(line.split(" ", 2)[2])["url"] for line in index) == sorted(
        r["url"] for r in expected
    )
    assert [json.loads(line)["id"] for line in pages] == keys
    package = json.loads((folder / "out" / "datapackage.json").read_text())
    assert (package["selection"], package["articles"]) == ({"keys": keys}, 3)
