"""A page that ends its reader is refused; one that was merely being read when somebody killed the process is not."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from running import environment, rows

from newsarchive.archive import Archive, Visit
from newsarchive.guarding import ReaderDiedError
from newsarchive.items import Found, Reason, Refusal, Source
from newsarchive.offline import ingesting, saved
from newsarchive.spiders.alwatan import AlwatanSpider
from newsarchive.storage import ledger, sources

URL = "https://alwatan.sy/archives/5"


def opened(folder):
    return Archive(
        folder / "archive.db", folder / "captures", AlwatanSpider.newspaper, command="crawl", kind="live"
    )


def knows(archive, url):
    with archive.transaction() as connection:
        source_id = sources.record(connection, "alwatan", Source("https://alwatan.sy/feed", "feed"), None)
        ledger.add(connection, "alwatan", [Found(url, None, "feed")], source_id, archive.started_at)


def deaths(archive):
    return archive.connection.execute("SELECT reader_deaths FROM addresses").fetchone()[0]


def reader(folder, call, before=""):
    """A process that opens the archive and reads the page at URL by calling something."""
    code = f"""
        import os, pathlib, resource, time
        from newsarchive.archive import Archive, Visit
        from newsarchive.guarding import ReaderDiedError
        from newsarchive.spiders.alwatan import AlwatanSpider
        {before}
        folder = pathlib.Path({str(folder)!r})
        archive = Archive(folder / "archive.db", folder / "captures", AlwatanSpider.newspaper,
                          command="crawl", kind="live")
        print("reads", flush=True)
        try:
            archive.guard.read({URL!r}, {call})
        except ReaderDiedError as error:
            print(error)
    """
    words = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, text=True)


def die(folder):
    process = reader(folder, "os.abort")
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGABRT


def killed_from_outside(folder):
    with reader(folder, "time.sleep, 5") as process:
        assert process.stdout.readline() == "reads\n"
        time.sleep(0.2)
        process.kill()


@pytest.fixture
def known(tmp_path):
    archive = opened(tmp_path)
    knows(archive, URL)
    archive.close()
    return tmp_path


def test_a_page_that_ended_a_process_ends_no_second_one(known):
    die(known)
    archive = opened(known)
    with pytest.raises(ReaderDiedError):
        archive.guard.read(URL, os.abort)
    assert archive.guard.read("https://alwatan.sy/archives/6", int, "6") == 6
    archive.close()


def test_the_death_is_remembered_by_every_later_run(known):
    die(known)
    for _ in range(2):
        archive = opened(known)
        assert deaths(archive) == 1
        with pytest.raises(ReaderDiedError):
            archive.guard.read(URL, os.abort)
        archive.close()


def test_an_address_that_no_ledger_knows_is_suspect_in_the_next_run(tmp_path):
    die(tmp_path)
    archive = opened(tmp_path)
    with pytest.raises(ReaderDiedError):
        archive.guard.read(URL, os.abort)
    archive.close()


def test_two_addresses_that_no_ledger_knows_end_one_run_each(tmp_path):
    other = "https://alwatan.sy/archives/6"
    for url in (URL, other):
        (tmp_path / "archive.db.lock").write_text(url)
        opened(tmp_path).close()
    for _ in range(2):
        archive = opened(tmp_path)
        for url in (URL, other):
            with pytest.raises(ReaderDiedError):
                archive.guard.read(url, os.abort)
        archive.close()


def test_an_address_of_any_length_is_suspect(tmp_path):
    url = f"https://alwatan.sy/{'%D8%A7' * 3000}"
    (tmp_path / "archive.db.lock").write_text(url)
    archive = opened(tmp_path)
    with pytest.raises(ReaderDiedError):
        archive.guard.read(url, os.abort)
    archive.close()


def test_an_address_that_was_cut_in_the_middle_of_a_letter_holds_nobody_up(tmp_path):
    (tmp_path / "archive.db.lock").write_bytes("urn:x:صفحة".encode()[:-1])
    opened(tmp_path).close()


def test_a_page_is_read_though_the_process_was_killed_three_times_while_it_was_read(known):
    for _ in range(3):
        killed_from_outside(known)
    archive = opened(known)
    assert deaths(archive) >= 1
    assert archive.guard.read(URL, int, "5") == 5
    archive.close()


def test_a_mistake_of_the_reader_is_the_same_mistake_for_a_suspect_page(known):
    killed_from_outside(known)
    archive = opened(known)
    with pytest.raises(ValueError, match="invalid literal"):
        archive.guard.read(URL, int, "x")
    archive.close()


def test_a_suspect_page_that_is_read_for_ever_is_given_up(known):
    killed_from_outside(known)
    few_seconds = "resource.setrlimit(resource.RLIMIT_CPU, (3, 3))"
    output, _ = reader(known, "sum, iter(int, 1)", before=few_seconds).communicate(timeout=60)
    assert "ends the process that reads it" in output


def test_a_suspect_page_in_a_file_is_read_like_any_other(tmp_path):
    killed_from_outside(tmp_path)
    archive = opened(tmp_path)
    page = saved.SavedPage(
        origin="page.html", url=URL, body=b"<html><title>x</title></html>", content_type="text/html"
    )
    ingesting.ingest(archive, page, AlwatanSpider.newspaper, [AlwatanSpider.newspaper])
    archive.flush()
    (reason,) = archive.connection.execute("SELECT reason FROM refusals").fetchone()
    assert reason != Reason.KILLS_READER
    archive.close()


def test_that_a_page_ends_its_readers_is_written_at_once(known):
    archive = opened(known)
    archive.keep(Refusal(url=URL, reason=Reason.KILLS_READER, detail=""), Visit(URL, archive.started_at))
    assert rows(known, "SELECT reason FROM refusals")[0]["reason"] == Reason.KILLS_READER
    archive.close()
