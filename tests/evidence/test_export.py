"""Exports are read by the tools that others use."""

import csv
import hashlib
import json
import subprocess
import sys
import zipfile

import pytest
from running import content, home, rows, scrapy

from newsarchive import capture
from newsarchive.evidence.wacz import surt


@pytest.fixture
def exported(folder):
    scrapy(folder, "export", "out", "--wacz", "--bag", check=0)
    return folder / "out"


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


def test_the_articles_can_be_ingested_elsewhere(exported, folder, tmp_path_factory):
    other = home(tmp_path_factory.mktemp("other"))
    scrapy(other, "ingest", exported / "data" / "articles.jsonl", check=0)
    ours, theirs = content(folder), content(other)
    assert [row[:12] for row in theirs] == [row[:12] for row in ours]


def test_csv_and_jsonl_say_the_same(exported):
    with (exported / "data" / "articles.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    lines = [json.loads(line) for line in (exported / "data" / "articles.jsonl").read_text().splitlines()]
    assert [row["key"] for row in table] == [line["key"] for line in lines]
    assert [row["body"] for row in table] == [line["body"] for line in lines]
    assert len(table) == 184


def test_the_package_names_every_file_with_its_digest(exported):
    package = json.loads((exported / "data" / "datapackage.json").read_text())
    for resource in package["resources"]:
        data = (exported / "data" / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert resource["bytes"] == len(data)
    assert {r["path"] for r in package["resources"]} == {
        "articles.jsonl", "articles.csv", "alwatan.wacz", "events.jsonl",
    }  # fmt: skip


def test_the_index_of_the_wacz_leads_to_every_record(exported, folder):
    with zipfile.ZipFile(exported / "data" / "alwatan.wacz") as archive:
        assert archive.testzip() is None
        warc = archive.read("archive/data.warc.gz")
        lines = archive.read("indexes/index.cdxj").decode().splitlines()
        package = json.loads(archive.read("datapackage.json"))
    assert len(lines) == rows(folder, "SELECT count(*) AS n FROM captures")[0]["n"]
    assert lines == sorted(lines)
    data = folder / "data.warc.gz"
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


def test_the_wacz_can_be_taken_in_again(exported, folder, tmp_path_factory):
    other = home(tmp_path_factory.mktemp("other"))
    scrapy(other, "ingest", exported / "data" / "alwatan.wacz", check=0)
    keys = [row[0] for row in content(folder)]
    assert [row[0] for row in content(other)] == keys


def test_challenge_pages_are_left_out(folder, change):
    url = rows(folder, "SELECT url FROM captures WHERE outcome = 'new' LIMIT 1")[0]["url"]
    change(f"UPDATE captures SET outcome = 'blocked: challenge-page' WHERE url = '{url}'")
    scrapy(folder, "export", "out", "--wacz", check=0)
    with zipfile.ZipFile(folder / "out" / "alwatan.wacz") as archive:
        assert f'"url": "{url}"' not in archive.read("indexes/index.cdxj").decode()


def test_without_text_there_is_none(folder):
    scrapy(folder, "export", "out", "--no-text", check=0)
    body = rows(folder, "SELECT body FROM articles LIMIT 1")[0]["body"]
    for path in (folder / "out").iterdir():
        assert body[:60] not in path.read_text()


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
    ("words", "said"), [(("captures",), "not an empty folder"), (("out", "--wacz", "--no-text"), "leave it")]
)
def test_a_fumble_is_one_line_and_exit_4(folder, words, said):
    assert said in scrapy(folder, "export", *words, check=4).stderr
