"""Pages that end every process that reads them: each costs a run or two, once, and everything else is read."""

import os
import subprocess
import sys

import pytest
from crawling.small_paper import HURRY, articles, stand_in
from running import PATIENCE, ROOT, environment, home, rows, scrapy

MARK = "ثمدغضظ"
# As a mistake in a parser's C code would. The interpreter runs this in every process, before anything else.
DEADLY_READERS = """
import functools, os, signal
from pathlib import Path
from newsarchive import pages
from newsarchive.discovery import listing

def deadly(read):
    @functools.wraps(read)
    def reading(body, *args):
        if os.environ["DEADLY"].encode() in body:
            with Path("deaths").open("a") as file:
                file.write("x")
            os.kill(os.getpid(), signal.SIGKILL)
        return read(body, *args)
    return reading

pages.open_page = deadly(pages.open_page)
listing.read = deadly(listing.read)
listing.categories = deadly(listing.categories)
"""
DIED = -9
FRONT_PAGE = "<title>صحيفة الوطن | الصفحة الرئيسية"


@pytest.fixture
def folder(tmp_path):
    folder = home(tmp_path)
    (folder / "hooks").mkdir()
    (folder / "hooks/sitecustomize.py").write_text(DEADLY_READERS)
    return folder


def run(folder, *words, deadly=MARK):
    """The exit code of a verb whose reader dies of what contains this."""
    paths = os.pathsep.join((str(folder / "hooks"), str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", *map(str, words)],
        cwd=folder, env=environment(PYTHONPATH=paths, DEADLY=deadly), capture_output=True, text=True,
        timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr[-4000:]
    return done.returncode


def deaths(folder):
    return (folder / "deaths").stat().st_size


def refused(folder):
    return [row["reason"] for row in rows(folder, "SELECT reason FROM refusals")].count("kills-reader")


def save(folder, count, *deadly):
    (folder / "pages").mkdir()
    for number in range(count):
        text = f"{MARK if number in deadly else 'نص'} {number}"
        page = f"<html><head><title>خبر {number}</title></head><body><p>{text}</p></body></html>"
        (folder / f"pages/{number}.html").write_text(page)


def test_two_deadly_files_without_addresses_end_one_run_each_and_are_never_read_again(folder):
    save(folder, 9, 3, 6)
    assert [run(folder, "ingest", "pages") for _ in range(2)] == [DIED, DIED]
    assert run(folder, "ingest", "pages") == 0
    # The first died once by itself and twice apart, and was written before the second ended its run; so did that.
    assert deaths(folder) == 6
    assert refused(folder) == 2
    assert len(rows(folder, "SELECT 1 FROM captures")) == 9
    assert run(folder, "ingest", "pages") == 0
    assert deaths(folder) == 6


def test_what_is_remembered_of_a_file_names_no_path(folder):
    save(folder, 1, 0)
    assert [run(folder, "ingest", "pages") for _ in range(2)] == [DIED, 0]
    (key,) = rows(folder, "SELECT key FROM newsarchive WHERE key GLOB 'suspect *'")
    assert key["key"].startswith("suspect urn:sha256:")


def test_an_archive_is_built_again_from_captures_with_a_deadly_page(folder):
    with stand_in(count=4) as site:
        scrapy(folder, "crawl", "alwatan", "-a", f"site={site}", *HURRY, check=0)
    for file in folder.glob("archive.db*"):
        file.unlink()
    deadly = articles(4)[1]
    codes = [run(folder, "ingest", "captures", deadly=f"<title>{deadly.title}") for _ in range(2)]
    assert codes == [DIED, 0]
    assert rows(folder, "SELECT url FROM refusals WHERE reason = 'kills-reader'")[0]["url"] == deadly.address
    assert len(rows(folder, "SELECT 1 FROM articles")) == 3


def test_a_deadly_list_ends_one_crawl_and_the_next_one_finds_the_articles_elsewhere(folder):
    with stand_in(count=4) as site:
        words = ("crawl", "alwatan", "-a", f"site={site}", *HURRY)
        codes = [run(folder, *words, deadly=FRONT_PAGE) for _ in range(2)]
    assert codes == [DIED, 0]
    assert len(rows(folder, "SELECT 1 FROM articles")) == 4
    (source,) = rows(folder, "SELECT reason FROM sources WHERE url = 'https://alwatan.sy/'")
    assert source["reason"] == "kills-reader"
