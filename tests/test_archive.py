"""The open archive: bytes before rows, one writer, and pages that end the process."""

import os
import re
import resource
import sqlite3
from dataclasses import replace

import pytest

from newsarchive.archive import Archive, Visit
from newsarchive.capture import Exchange, payload_sha256
from newsarchive.exceptions import (
    ArchiveBusyError,
    ArchiveLockedError,
    ArchiveMismatchError,
    ClockError,
    NewsArchiveError,
)
from newsarchive.items import Article, Found, Paragraph, ParagraphKind, Reason, Refusal, Source
from newsarchive.spiders.alwatan import AlwatanSpider
from newsarchive.storage import index, ledger, sources

CARD = AlwatanSpider.newspaper
URL = "https://alwatan.sy/archives/5"


def opened(folder, kind="live", **more):
    return Archive(folder / "archive.db", folder / "captures", CARD, command="crawl", kind=kind, **more)


def exchange(body=b"<html>page</html>"):
    return Exchange(
        url=URL, method="GET", request_headers=(), request_body=b"", status=200, reason="OK",
        response_headers=((b"Content-Type", b"text/html"),), body=body, protocol="HTTP/1.1", ip=None,
        fetched_at="2026-01-01T00:00:00Z",
    )  # fmt: skip


def article(*captures):
    return Article(
        url=URL, newspaper="alwatan", title="عنوان", reader="jannah", captures=captures,
        paragraphs=(Paragraph(ParagraphKind.PROSE, "نص الخبر."),),
    )  # fmt: skip


def knows(archive, url):
    with archive.transaction() as connection:
        source_id = sources.record(connection, "alwatan", Source("https://alwatan.sy/feed", "feed"), None)
        ledger.add(connection, "alwatan", [Found(url, None, "feed")], source_id, archive.started_at)


def test_article_capture_and_address_are_committed_together(tmp_path):
    archive = opened(tmp_path)
    made = archive.capture(exchange(), payload_sha256=payload_sha256(b"<html>page</html>"))
    archive.keep(article(made), Visit(URL, "2026-01-01T00:00:00Z"))
    reader = sqlite3.connect(tmp_path / "archive.db")
    for table in ("articles", "captures", "addresses"):
        assert reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0
    archive.flush()
    for table in ("articles", "captures", "addresses"):
        assert reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 1
    assert reader.execute("SELECT state FROM addresses").fetchone()[0] == "article"
    reader.close()
    archive.close()


def test_a_result_that_cannot_be_written_costs_no_other_of_its_group(tmp_path):
    archive = opened(tmp_path)
    knows(archive, URL)
    made = archive.capture(exchange(), payload_sha256=payload_sha256(b"<html>page</html>"))
    archive.add(lambda connection: connection.execute("INSERT INTO newsarchive VALUES ('kind', NULL)"))
    archive.keep(article(made), Visit(URL, "2026-01-01T00:00:00Z"))
    broken = replace(article(made), url="https://alwatan.sy/archives/6", language=3j)
    archive.keep(broken, Visit(broken.url, "2026-01-01T00:00:00Z"))
    archive.flush()
    assert archive.internal_errors == 2
    assert archive.tally.new == 1
    urls = [row["url"] for row in archive.connection.execute("SELECT url FROM articles")]
    assert urls == [URL]
    archive.close()


def test_an_unknown_error_of_ours_ends_the_writing_with_exit_code_1(tmp_path):
    archive = opened(tmp_path)
    archive.add(lambda connection: connection.execute("SELECT nonsense FROM nowhere"))
    with pytest.raises(sqlite3.OperationalError):
        archive.flush()
    with pytest.raises(NewsArchiveError, match="an error of ours ended the run") as caught:
        archive.flush()
    assert caught.value.exit_code == 1
    archive.close()


def test_the_bytes_stand_in_the_file_before_the_row_does(tmp_path):
    archive = opened(tmp_path)
    made = archive.capture(exchange(), payload_sha256=payload_sha256(b"<html>page</html>"))
    (file,) = (tmp_path / "captures").iterdir()
    assert file.stat().st_size >= made.warc_offset + made.warc_length
    archive.close()


def test_a_capture_directory_that_is_gone_is_not_begun_anew(tmp_path):
    archive = opened(tmp_path)
    archive.keep(article(archive.capture(exchange(), payload_sha256="0" * 64)), Visit(URL, ""))
    archive.flush()
    archive.close()
    (tmp_path / "captures").rename(tmp_path / "elsewhere")
    with pytest.raises(ArchiveMismatchError, match="there is no directory"):
        opened(tmp_path)
    assert not (tmp_path / "captures").exists()
    (tmp_path / "captures").mkdir()
    opened(tmp_path).close()


def test_one_writer_at_a_time(tmp_path):
    archive = opened(tmp_path)
    with pytest.raises(ArchiveBusyError):
        opened(tmp_path)
    archive.close()
    opened(tmp_path).close()


def test_a_database_that_stays_locked_is_said_and_nothing_is_marked_done(tmp_path):
    archive = opened(tmp_path, busy_seconds=0.1)
    knows(archive, URL)
    other = sqlite3.connect(tmp_path / "archive.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    made = archive.capture(exchange(), payload_sha256="0" * 64)
    archive.keep(article(made), Visit(URL, "2026-01-01T00:00:00Z"))
    with pytest.raises(ArchiveLockedError):
        archive.flush()
    other.execute("ROLLBACK")
    other.close()
    assert archive.tally.new == 0
    assert archive.connection.execute("SELECT state FROM addresses").fetchone()[0] == "pending"
    archive.close()


def test_a_run_that_never_ended_shows_as_killed(tmp_path):
    archive = opened(tmp_path)
    archive.close()
    again = opened(tmp_path)
    ended = [row["ended_at"] for row in again.connection.execute("SELECT ended_at FROM runs")]
    assert ended == [None, None]
    again.close()


def test_the_sample_and_the_paper_are_never_mixed(tmp_path):
    opened(tmp_path, "sample").close()
    paper = opened(tmp_path, "live")
    assert paper.moved_aside == tmp_path / "archive.sample.db"
    paper.close()
    with pytest.raises(ArchiveMismatchError):
        opened(tmp_path, "sample")


def test_the_sample_is_moved_aside_whole_while_somebody_reads_it(tmp_path):
    sample = opened(tmp_path, "sample")
    reader = sqlite3.connect(tmp_path / "archive.db", isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM addresses").fetchone()[0] == 0
    knows(sample, URL)
    sample.close()
    opened(tmp_path, "live").close()
    moved = sqlite3.connect(tmp_path / "archive.sample.db")
    assert moved.execute("SELECT url FROM addresses").fetchall() == [(URL,)]
    moved.close()
    reader.close()


def test_a_refusal_is_replaced_by_the_article_that_follows(tmp_path):
    archive = opened(tmp_path)
    made = archive.capture(exchange(), payload_sha256="0" * 64)
    refusal = Refusal(url=URL, newspaper="alwatan", reason=Reason.NO_TEXT, detail="x", captures=(made,))
    archive.keep(refusal, Visit(URL, "2026-01-01T00:00:00Z"))
    archive.keep(
        article(archive.capture(exchange(), payload_sha256="1" * 64)), Visit(URL, "2026-01-01T00:00:01Z")
    )
    archive.flush()
    assert archive.connection.execute("SELECT count(*) FROM refusals").fetchone()[0] == 0
    assert archive.connection.execute("SELECT state FROM addresses").fetchone()[0] == "article"
    archive.close()


def test_torn_bytes_of_a_killed_writer_are_kept_aside(tmp_path):
    archive = opened(tmp_path)
    archive.capture(exchange(), payload_sha256="0" * 64)
    (file,) = (tmp_path / "captures").iterdir()
    archive.connection.close()
    archive._lock.release()  # noqa: SLF001 - what the kernel does when a writer is killed
    os.close(archive._files._fd)  # noqa: SLF001
    with file.open("ab") as torn:
        torn.write(b"\x1f\x8b\x08half a member")
    again = opened(tmp_path)
    assert [repair.torn for repair in again.repairs] == [16]
    again.close()


def test_an_article_that_another_tool_deleted_comes_back_with_the_next_whole_answer(tmp_path):
    archive = opened(tmp_path)
    made = archive.capture(exchange(), payload_sha256="0" * 64)
    archive.keep(article(made), Visit(URL, "", ('"tag"', None)))
    archive.flush()
    other = sqlite3.connect(tmp_path / "archive.db")
    with other:
        other.execute("DELETE FROM articles")
    other.close()
    archive.keep_unchanged(Visit(URL, ""), archive.capture(exchange(b""), payload_sha256="1" * 64))
    archive.flush()
    assert archive.connection.execute("SELECT etag FROM addresses").fetchone()[0] is None
    archive.keep(article(archive.capture(exchange(), payload_sha256="0" * 64)), Visit(URL, ""))
    archive.flush()
    assert archive.connection.execute("SELECT key, body FROM articles").fetchall()[0][:] == (
        "alwatan-5",
        "نص الخبر.",
    )
    archive.close()


def test_visits_of_days_to_come_stop_a_crawl_until_the_archive_is_told(tmp_path, root):
    archive = opened(tmp_path)
    knows(archive, URL)
    with archive.transaction() as connection:
        connection.execute("UPDATE addresses SET visited_at = '2999-01-01T00:00:00Z'")
        connection.execute("UPDATE sources SET visited_at = '2999-01-01T00:00:00Z'")
    archive.close()
    with pytest.raises(ClockError, match="the last visit was at 2999"):
        opened(tmp_path)
    opened(tmp_path, kind=None).close()
    text = (root / "docs/operating.md").read_text()
    (statements,) = re.findall(r"## A wrong clock.*?```sql\n(.*?)```", text, re.DOTALL)
    connection = sqlite3.connect(tmp_path / "archive.db")
    connection.executescript(statements)
    connection.close()
    archive = opened(tmp_path)
    due = ledger.due(
        archive.connection, "alwatan", now=archive.started_at, run_started_at=archive.started_at, limit=9
    )
    assert [address.url for address in due] == [URL]
    assert sources.known(archive.connection, "alwatan")["https://alwatan.sy/feed"].visited_at is None
    archive.close()


def test_a_disk_that_is_full_when_bitmaps_are_made_does_not_change_the_verdict(tmp_path, caplog):
    archive = opened(tmp_path)
    with archive.transaction() as connection:
        connection.executemany(
            "INSERT INTO articles (id, key, title, body) VALUES (?, ?, 'عنوان', 'نص')",
            [(number, f"k{number}") for number in range(9_000)],
        )
        index.refresh(connection)
    archive.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (25_000, before[1]))
    try:
        archive.end(verdict="done", exit_code=0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert tuple(archive.connection.execute("SELECT exit_code, verdict FROM runs").fetchone()) == (0, "done")
    assert "questions take longer" in caplog.text
    assert archive.connection.execute("SELECT count(*) FROM index_spans").fetchone()[0] == 0
    archive.end(verdict="done", exit_code=0)
    assert archive.connection.execute("SELECT count(*) FROM index_spans").fetchone()[0] == 1
    archive.close()
