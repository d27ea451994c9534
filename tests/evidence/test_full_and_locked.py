"""Verbs beside the crawl on a disk that is full and on a database that another program holds."""

import resource
import sqlite3
import time

import pytest
from running import rows, scrapy

from newsarchive import sample
from newsarchive.places import UNFINISHED


def limited(size):
    """For `preexec_fn`: no file may grow above so many bytes. The system says so as it does of a quota."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def left(folder):
    """What stands beside the archive, with sizes."""
    return {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("archive.db-")
    }


@pytest.mark.parametrize(
    ("earlier", "words", "size"),
    [
        (("health",), ("export", "out"), 100_000),
        (("health",), ("export", "out", "--bag", "--wacz"), 500_000),
        (("health",), ("export", "--snapshot", "snap.db"), 500_000),
        (("health",), ("prove", "alwatan-5211"), 2_000),
        (("verify", "--manifest"), ("prove", "alwatan-5211"), 2_000),
        (("health",), ("verify", "--sample", "1", "--manifest"), 10_000),
        (("health",), ("refused", "--retry"), 1_000),
    ],
)
def test_a_full_disk_is_exit_3_and_one_line_and_nothing_cut_is_left(folder, earlier, words, size):
    scrapy(folder, *earlier)
    # Somebody reads, so that the files that SQLite shares between processes are there already.
    reader = sqlite3.connect(folder / "archive.db")
    reader.execute("SELECT count(*) FROM articles").fetchone()
    before = left(folder)
    done = scrapy(folder, *words, check=3, preexec_fn=limited(size))
    assert done.stderr.startswith(f"scrapy {words[0]}: no space left to write ")
    assert done.stderr.count("\n") == 1
    assert left(folder) == before
    reader.close()
    scrapy(folder, *words, check=0)


def test_an_export_that_was_killed_is_begun_anew(folder):
    cut = folder / "out" / UNFINISHED
    cut.mkdir(parents=True)
    (cut / "articles.jsonl").write_text("{")
    scrapy(folder, "export", "out", check=0)
    names = ["articles.csv", "articles.jsonl", "articles.parquet", "datapackage.json"]
    assert sorted(path.name for path in (folder / "out").iterdir()) == names


@pytest.fixture
def locked(folder):
    """The copy, whose database another program holds."""
    (folder / "page.html").write_bytes(sample.Paper().render(sample.load()[-1]))
    connection = sqlite3.connect(folder / "archive.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    yield folder
    connection.close()


@pytest.mark.parametrize(
    "words",
    [
        ("refused", "--retry"),
        ("remove", "alwatan-5211", "--state", "delist", "--reason", "safety"),
        ("reindex",),
        ("reindex", "--check"),
        ("reread", "--apply"),
        ("ingest", "page.html"),
    ],
)
def test_a_database_that_stays_locked_is_waited_for_as_the_setting_says_and_is_exit_5(locked, words):
    began = time.monotonic()
    done = scrapy(locked, *words, "-s", "ARCHIVE_BUSY_SECONDS=0.2", check=5)
    assert time.monotonic() - began < 20
    assert "another program kept archive.db locked; nothing is lost, try again" in done.stderr
    assert "Traceback" not in done.stderr
    assert rows(locked, "SELECT count(*) AS n FROM runs")[0]["n"] == 1
