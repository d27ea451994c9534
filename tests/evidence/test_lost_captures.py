"""Captures that are lost or damaged while rows name them: what is left is read, and what is gone is said."""

import resource
import shutil
import sqlite3

import pytest
from running import home, make_due, next_second, rows, scrapy

from newsarchive import capture, sample
from newsarchive.evidence import captures
from newsarchive.sample.server import serving
from newsarchive.storage.connection import connect_for_reading

HURRY = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0", "-s", "ARCHIVE_AUDITS_PER_DAY=0")


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """Three crawls of a few articles: all of it, each page again byte for byte, and one article more.

    The database is of the day before the third.
    """
    folder = home(tmp_path_factory.mktemp("crawled"))
    plain = [a for a in sample.load() if a.host == "alwatan.sy" and len(a.parts) == 1][-6:]
    with serving(sample.Paper(articles=tuple(plain[:5]), others=(), shown=tuple(plain[:5]))) as site:
        words = ("crawl", "alwatan", "-a", f"site={site}", *HURRY)
        scrapy(folder, *words, check=0)
        connection = sqlite3.connect(folder / "archive.db")
        with connection:
            connection.execute("UPDATE addresses SET etag = NULL, last_modified = NULL")
        connection.close()
        make_due(folder)
        next_second()
        scrapy(folder, *words, check=0)
        shutil.copy(folder / "archive.db", folder / "older.db")
        site.paper = sample.Paper(articles=tuple(plain), others=(), shown=tuple(plain))
        next_second()
        scrapy(folder, *words, check=0)
    shutil.move(folder / "older.db", folder / "archive.db")
    assert revisits(folder) >= 5
    assert not rows(folder, "SELECT * FROM captures WHERE warc_file = ?", files(folder)[2].name)
    return folder


@pytest.fixture
def folder(crawled, tmp_path):
    """A copy of it."""
    return shutil.copytree(crawled, tmp_path / "archive")


def files(folder):
    return sorted((folder / "captures").glob("*.warc.gz"))


def revisits(folder):
    records = [record for path in files(folder) for record in capture.walk(path, lambda _: None)]
    return sum(record.kind == "revisit" for record in records)


def last_run(folder):
    return rows(folder, "SELECT * FROM runs ORDER BY id DESC LIMIT 1")[0]


def flip(path):
    """One bit in the middle of each of its records, so that no record can be read."""
    data = bytearray(path.read_bytes())
    for record in list(capture.walk(path)):
        data[record.offset + record.length // 2] ^= 4
    path.write_bytes(data)


def cut(path):
    path.write_bytes(path.read_bytes()[:200])


def empty(path):
    path.write_bytes(b"")


def junk(path):
    path.write_bytes(b"no record " * 100)


@pytest.mark.parametrize("spoil", [flip, cut, empty, lambda path: path.unlink()])
def test_own_captures_are_taken_in_though_others_that_rows_name_are_spoiled(folder, spoil):
    first, _, last = files(folder)
    spoil(first)
    done = scrapy(folder, "ingest", "captures", check=10)
    assert f"lost       {revisits(folder)} records refer to a page that no file holds whole" in done.stdout
    assert "Traceback" not in done.stderr
    assert rows(folder, "SELECT * FROM captures WHERE warc_file = ?", last.name)
    assert (last_run(folder)["exit_code"], last_run(folder)["verdict"]) == (10, done.stdout.strip())
    if spoil in {flip, cut}:
        assert f"damaged    {first.name} at byte " in done.stdout


def test_a_file_of_ours_that_is_no_warc_any_more_is_named_and_the_others_are_read(folder):
    _, middle, last = files(folder)
    junk(middle)
    done = scrapy(folder, "ingest", "captures", check=10)
    assert f"damaged    {middle.name} is no WARC file" in done.stdout
    assert rows(folder, "SELECT * FROM captures WHERE warc_file = ?", last.name)
    assert last_run(folder)["exit_code"] == 10


def test_after_a_rebuild_without_a_lost_file_ingest_counts_and_verify_says_what_is_lost(folder):
    count, lost = revisits(folder), files(folder)[0]
    kept = lost.rename(folder / lost.name)
    (folder / "archive.db").unlink()
    done = scrapy(folder, "ingest", "captures", check=10)
    assert f"lost       {count} records" in done.stdout
    told = scrapy(folder, "verify", check=0).stdout
    assert told.count("which no file holds whole → the page is lost with it") == count
    assert "harmless" not in told
    kept.rename(lost)
    scrapy(folder, "ingest", "captures", check=0)
    assert scrapy(folder, "verify", check=0).stdout.endswith("0 wrong, 0 notes\n")


def test_revisits_that_ingest_would_take_in_are_harmless_wherever_their_originals_are(folder, connection):
    notes = [
        str(found)
        for archive in (connection, connect_for_reading(folder / "archive.db"))
        for found in captures.Records(archive, folder / "captures").check()
        if "revisit" in found.what
    ]
    of_last = sum(record.kind == "revisit" for record in capture.walk(files(folder)[2]))
    assert of_last
    assert len(notes) == revisits(folder) + of_last
    assert all("→ harmless" in note for note in notes)


@pytest.mark.parametrize("words", [("ingest", "captures"), ("reread", "--apply")])
def test_a_run_that_a_full_disk_ends_is_not_called_killed(folder, words):
    (folder / "captures" / "alwatan-20200101000000-00000-1.warc.gz.open").write_bytes(b"")
    before = last_run(folder)["id"]
    connection = sqlite3.connect(folder / "archive.db")
    with connection:
        connection.execute("UPDATE articles SET title = 'x' || title")
    connection.close()
    limit = (folder / "archive.db").stat().st_size // 8
    done = scrapy(
        folder, *words, check=3, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    )
    assert "Traceback" not in done.stderr
    ended = last_run(folder)
    assert ended["id"] > before
    assert ended["exit_code"] == 3
