"""Files that others made, however odd: each gives an article or a refusal, and none stops the others."""

import json
import os
import zipfile

import pytest
from making_warcs import warc
from running import home, rows, scrapy

from newsarchive.items import Article, Refusal
from newsarchive.offline import saved

PAGE = (
    "<!doctype html><html lang=ar><body class='single single-post'><article id=the-post class=post-content>"
    "<h1 class='post-title entry-title'>خبر اليوم</h1>"
    "<div class='entry-content entry'><p>نص الخبر.</p></div></article></body></html>"
).encode()
GOOD = {"url": "https://alwatan.sy/archives/900001", "title": "عنوان", "body": "نص الخبر."}


def line(**fields):
    return json.dumps(GOOD | fields)


HOSTILE_LINES = (
    "[" * 100_000 + "]" * 100_000,
    '{"title": ' + "9" * 5000 + "}",
    line(image_url="https://alwatan.sy/\ud800.jpg"),
    line(language="\ud800"),
    line(reader="\ud800"),
    line(url="https://al watan.sy/archives/5"),
    line(url="https://exa<mple.org/archives/5"),
    line(published_at="2020-01-01T10:00:00Z", published_from="json-ld"),
)


def found_in(path):
    return [saved.article_of_line(page) for page in saved.pages([path])]


def test_hostile_lines_are_refused_each_and_the_others_go_in(tmp_path):
    folder = home(tmp_path)
    (folder / "lines.jsonl").write_text("\n".join([*HOSTILE_LINES, line()]))
    scrapy(folder, "ingest", "lines.jsonl", check=0)
    assert [row["key"] for row in rows(folder, "SELECT key FROM articles")] == ["alwatan-900001"]
    refused = [row["reason"] for row in rows(folder, "SELECT reason FROM refusals")]
    assert refused == ["invalid-record"] * len(HOSTILE_LINES)


def test_a_line_without_end_is_refused_without_holding_it(tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_text('{"title": "' + "a" * 25_000_000 + f'"}}\n{line()}\n')
    refusal, article = found_in(path)
    assert isinstance(refusal, Refusal)
    assert (refusal.reason, refusal.detail.partition(": ")[2]) == (
        "too-large",
        "a line of 10,000,000 bytes or more",
    )
    assert isinstance(article, Article)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2020-01-02T03:04:05Z", "2020-01-02T03:04:05Z"),
        ("2020-01-02T03:04:05.678901Z", "2020-01-02T03:04:05Z"),
        ("2020-01-02T03:04:05+02:00", "2020-01-02T01:04:05Z"),
        ("2020-01-02T03:04:05", "2020-01-02T03:04:05Z"),
        ("2020-01-02T03:04Z", "2020-01-02T03:04:00Z"),
        ("2020-01-02", "2020-01-02T00:00:00Z"),
        ("2020", "2020-01-01T00:00:00Z"),
        ("2020-13-02", None),
        ("20200102030405", None),
        ("yesterday", None),
    ],
)
def test_a_date_of_warc_is_kept_to_the_second(tmp_path, written, kept):
    path = warc(tmp_path / "a.warc.gz", ("https://alwatan.sy/archives/77", PAGE, written))
    (page,) = saved.pages([path])
    assert page.captured_at == kept


def test_odd_warcs_pages_and_names_in_one_folder_all_go_in(tmp_path):
    folder = home(tmp_path)
    given = folder / "given"
    given.mkdir()
    warc(given / "fraction.warc.gz", ("https://alwatan.sy/archives/1", PAGE, "2020-01-02T03:04:05.6Z"))
    warc(given / "raw-arabic.warc.gz", ("https://alwatan.sy/خبر اليوم/2", PAGE, 0))
    warc(given / "type.warc.gz", ("https://alwatan.sy/archives/2", PAGE, 0, "text/html;\tcharset=ù"))
    whole = warc(given / "whole.warc.gz", ("https://alwatan.sy/archives/3", PAGE, 0)).read_bytes()
    torn = warc(given / "torn.warc.gz", ("https://alwatan.sy/archives/4", PAGE, 0)).read_bytes()
    (given / "torn.warc.gz").write_bytes(whole + torn[:-20])
    with zipfile.ZipFile(given / "slip.wacz", "w") as archive:
        archive.write(given / "whole.warc.gz", "archive/../../../slipped.warc.gz")
    (given / os.fsdecode(b"name-\xff.html")).write_bytes(PAGE)
    (given / "loop").symlink_to(given)
    (given / "itself.html").symlink_to("itself.html")
    done = scrapy(folder, "ingest", "given", check=10)
    assert "damaged    torn.warc.gz at byte" in done.stdout
    keys = [row["key"] for row in rows(folder, "SELECT key FROM articles ORDER BY key")]
    assert keys[:3] == ["alwatan-1", "alwatan-2", "alwatan-3"]
    assert len(keys) == 4
    assert [row["reason"] for row in rows(folder, "SELECT reason FROM refusals")] == ["incomplete"]
    assert [row["exit_code"] for row in rows(folder, "SELECT exit_code FROM runs")] == [10]
    assert not list(tmp_path.rglob("slipped*"))
    assert scrapy(folder, "verify", check=0).stdout.strip().endswith("0 wrong, 0 notes")


def test_a_file_that_cannot_be_read_leaves_what_was_read_before_it(tmp_path):
    folder = home(tmp_path)
    (folder / "1.jsonl").write_text(line())
    (folder / "2.wacz").write_text("no ZIP")
    done = scrapy(folder, "ingest", "1.jsonl", "2.wacz", check=4)
    assert "stopped    2.wacz is no WACZ" in done.stdout
    assert [row["key"] for row in rows(folder, "SELECT key FROM articles")] == ["alwatan-900001"]
    assert [row["exit_code"] for row in rows(folder, "SELECT exit_code FROM runs")] == [4]


def test_readpage_reads_on_behind_damage_and_says_so(tmp_path):
    folder = home(tmp_path)
    torn = warc(folder / "1.warc.gz", ("https://alwatan.sy/archives/1", PAGE, 0))
    torn.write_bytes(torn.read_bytes()[:-20])
    warc(folder / "2.warc.gz", ("https://alwatan.sy/archives/2", PAGE, 0))
    done = scrapy(folder, "readpage", "1.warc.gz", "2.warc.gz", check=10)
    assert json.loads(done.stdout)["url"] == "https://alwatan.sy/archives/2"
    assert done.stderr.startswith("scrapy readpage: 1.warc.gz at byte 0")
