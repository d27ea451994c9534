"""The open archive: one writer, and raw bytes on the disk before anything derived from them is committed.

What a run learns is gathered in a group. `flush` syncs the WARC file first and then writes the whole group in
one transaction: a kill at any instant loses at most a group that will be fetched again.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from newsarchive import capture, settling
from newsarchive.exceptions import ArchiveMismatchError, CaptureError, ClockError, NewsArchiveError
from newsarchive.guarding import Guard
from newsarchive.items import Article, Capture, Reason, Refusal
from newsarchive.offline import captured
from newsarchive.places import move_aside, require_directory, translated_space
from newsarchive.removal import removing
from newsarchive.reporting.progress import Progress
from newsarchive.reporting.verdict import INTERRUPTED
from newsarchive.settling import Visit
from newsarchive.storage import bitmaps, captures, figures, ledger, runs
from newsarchive.storage.connection import (
    BUSY_TIMEOUT_SECONDS,
    connect_for_writing,
    transaction,
    translated_errors,
)
from newsarchive.storage.lock import WriterLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from newsarchive.capture import Exchange
    from newsarchive.items import Newspaper

logger = logging.getLogger(__name__)

__all__ = ["Archive", "Visit", "now"]

_GROUP_SIZE = 50
_GROUP_SECONDS = 1.0
# Bitmaps of so many articles take some ten seconds, in which nothing can be interrupted. The rest is for later runs.
_MOST_BY_WORD = 80_000
# What a mistake in our own code raises, and what SQLite makes of a value that does not fit.
_OURS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    sqlite3.DataError,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
)


class Archive:
    """An archive opened for one run of one writing command. Close it, or the run shows as killed."""

    def __init__(
        self,
        path: Path,
        capture_dir: Path,
        newspaper: Newspaper,
        *,
        command: str,
        kind: str | None,
        arguments: Mapping[str, str] | None = None,
        busy_seconds: float = BUSY_TIMEOUT_SECONDS,
        sealed: Path | None = None,
    ) -> None:
        """Open `path` and `capture_dir`, repair what a kill left, and enter the run.

        sealed: the list of what is taken down, which is read before anything else.

        kind: live for the newspaper itself, sample for a stand-in; the two are never mixed. A live run that
        finds the sample moves it aside; `moved_aside` then names where to. None takes either. busy_seconds: how
        long another program's lock on the database is waited for. Raises the errors of
        `newsarchive.exceptions` with exit codes 3, 4, 5 and 11. `internal_errors` counts results that could not
        be written because of an error of ours. `guard` is what pages are read with.
        """
        self.path = path
        self.capture_dir = capture_dir
        self.newspaper = newspaper
        self._busy_seconds = busy_seconds
        self._sealed = sealed
        self.tally = runs.Tally()
        self.moved_aside: Path | None = None
        self.internal_errors = 0
        self._group: list[Callable[[sqlite3.Connection], None]] = []
        self._group_since = time.monotonic()
        self._broken: NewsArchiveError | None = None
        require_directory(path.parent)
        self._lock = WriterLock(path)
        try:
            self.connection = self._opened(kind)
            self.started_at = _begin_after_last_visit(self.connection, is_crawl=kind is not None)
            (kept,) = self.connection.execute("SELECT value FROM newsarchive WHERE key = 'kind'").fetchone()
            today = datetime.now(ZoneInfo(newspaper.timezone)).date().isoformat()
            with translated_errors(path):
                self.takedowns = removing.opened(sealed, self.connection, capture_dir, kept, today)
            part_of = newspaper.name + ("-sample" if kept == "sample" else "")
            self._files = capture.CaptureFiles(
                capture_dir, newspaper.name, fields={"software": "newsarchive", captured.PART_OF: part_of}
            )
            with translated_errors(path), translated_space(capture_dir):
                self._require_captures()
                require_directory(capture_dir, create=True)
                TemporaryFile(
                    dir=capture_dir
                ).close()  # fails before anybody is asked for what cannot be kept
                self.repairs = tuple(capture.repair(capture_dir, newspaper.name))
                with transaction(self.connection):
                    self.run_id = runs.begin(
                        self.connection, command, newspaper.name, arguments or {}, self.started_at
                    )
                    if (left := self._lock.left_reading()) is not None:
                        ledger.record_reader_death(
                            self.connection, left, may_be_named=not self.takedowns.covers(left)
                        )
        except BaseException:
            self._lock.release()
            raise
        self._lock.clear()
        self.guard = Guard(
            self._lock, lambda url: url == left or ledger.reader_deaths(self.connection, url) > 0
        )

    def _opened(self, kind: str | None) -> sqlite3.Connection:
        connection = connect_for_writing(self.path, busy_timeout=self._busy_seconds)
        found = connection.execute("SELECT value FROM newsarchive WHERE key = 'kind'").fetchone()
        if found is None:
            kind = kind or captured.kind_of(self.capture_dir, self.newspaper.name)
            marks = {"kind": kind, "newspaper": self.newspaper.name, "title": self.newspaper.title}
            with translated_errors(self.path), transaction(connection):
                connection.executemany("INSERT INTO newsarchive VALUES (?, ?)", marks.items())
        elif found["value"] == "sample" and kind == "live":
            connection.close()
            self.moved_aside = move_aside(self.path, self.capture_dir, removing.samples_own(self._sealed))
            return self._opened(kind)
        elif found["value"] == "live" and kind == "sample":
            connection.close()
            raise ArchiveMismatchError(
                f"{self.path} holds the live paper; put the sample elsewhere: -s ARCHIVE_DB=demo.db"
                " -s ARCHIVE_WARC_DIR=demo-captures"
            )
        return connection

    def _require_captures(self) -> None:
        """Never begin a second capture directory beside one that the rows name and nobody finds any more."""
        if (
            self.capture_dir.exists()
            or not self.connection.execute("SELECT 1 FROM captures LIMIT 1").fetchone()
        ):
            return
        raise ArchiveMismatchError(
            f"{self.path} names captures, but there is no directory {self.capture_dir}: say where they are with"
            " -s ARCHIVE_WARC_DIR=…, or make the directory to go on without them"
        )

    def capture(self, exchange: capture.Exchange, *, payload_sha256: str, source: str = "live") -> Capture:
        """Append an exchange to the WARC file; its row joins the group. Raises OutOfSpaceError.

        A body that is captured under this address already is not kept twice: a revisit record refers to it.
        """
        first = self._first_capture(exchange, payload_sha256)
        with translated_space(self.capture_dir):
            answer, _ = self._files.append(capture.exchange(exchange, first))
        self.tally.requests += 1
        headers = {name.lower(): value for name, value in exchange.response_headers}
        return self._entered(
            Capture(
                url=exchange.url,
                fetched_at=exchange.fetched_at,
                status=exchange.status,
                source=source,
                warc_file=answer.file,
                warc_offset=answer.offset,
                warc_length=answer.length,
                payload_sha256=payload_sha256,
                content_type=headers.get(b"content-type", b"").decode("latin-1") or None,
                truncated=exchange.truncated is not None,
            )
        )

    def _first_capture(self, exchange: Exchange, payload_sha256: str) -> tuple[str, str] | None:
        """Address and time of the record that holds this very body, None where there is none.

        Only under the same address, so that a record can be taken down without another article's.
        """
        if exchange.truncated or not exchange.body:
            return None
        rows = self.connection.execute(
            "SELECT url, fetched_at, warc_file, warc_offset, warc_length FROM captures"
            " WHERE payload_sha256 = ? AND url = ? AND NOT truncated ORDER BY id LIMIT 3",
            (payload_sha256, exchange.url),
        )
        digest = capture.payload_digest(exchange.body)
        for row in rows.fetchall():
            try:
                found = captured.record(self.capture_dir, row)
            except (CaptureError, OSError) as error:
                logger.warning("kept whole, because its first capture cannot be read: %s", error)
                continue
            if found.kind == "response" and found.get("WARC-Payload-Digest") == digest:
                return row["url"], row["fetched_at"]
        return None

    def capture_resource(self, url: str, fetched_at: str, content_type: str, body: bytes) -> Capture:
        """Append a page that reached us without its HTTP answer as a `resource` record."""
        with translated_space(self.capture_dir):
            made = capture.resource(url, fetched_at, content_type, body, obtained_at=now())
            (position,) = self._files.append([made])
        return self._entered(
            Capture(
                url=url,
                fetched_at=fetched_at,
                status=None,
                source="ingest",
                warc_file=position.file,
                warc_offset=position.offset,
                warc_length=position.length,
                payload_sha256=capture.payload_sha256(body),
                content_type=content_type,
            )
        )

    def owns(self, warc_file: str) -> bool:
        """Whether a WARC file of this name stands in the capture directory."""
        return any((self.capture_dir / f"{warc_file}{suffix}").exists() for suffix in ("", capture.OPEN))

    def wrote(self, path: Path) -> bool:
        """Whether this is a file that a writer of this newspaper's captures closed."""
        return path.parent == self.capture_dir.resolve() and capture.is_own(path.name, self.newspaper.name)

    def took_in(self, made: Capture) -> bool:
        """Whether this very record has a row that says what became of it."""
        return captures.outcome_of(self.connection, made) is not None

    def holds_payload(self, url: str, payload_sha256: str) -> bool:
        """Whether this very page is captured under this address."""
        known = captures.known(self.connection, url, payload_sha256)
        return known is not None or self.takedowns.holds(url, payload_sha256)

    def refer(self, made: Capture) -> Capture:
        """Enter a record that stands in the capture directory already."""
        return self._entered(made)

    def _entered(self, made: Capture) -> Capture:
        self._group.append(lambda connection: self._enter(connection, made))
        return made

    def _enter(self, connection: sqlite3.Connection, made: Capture) -> None:
        """The row of a raw answer: in the sealed store where its address is sealed, marked where it quotes."""
        if self.takedowns.keep_capture(made):
            return
        captures.insert(connection, made, self.run_id)
        if self.takedowns:
            original = captured.originals(connection, self.capture_dir)
            if removing.record_quotes(self.takedowns, made, self.capture_dir, original):
                captures.withhold(connection, made)

    def add(self, write: Callable[[sqlite3.Connection], None]) -> None:
        """Add something else to write to the group."""
        self._group.append(write)

    def keep(self, item: Article | Refusal, visit: Visit | None = None) -> None:
        """Add a result to the group; flush when the group is full or old, or before another page ends this process."""
        self._group.append(
            lambda connection: settling.write(
                connection, self.newspaper, self.tally, item, visit, now(), self.takedowns
            )
        )
        is_deadly = isinstance(item, Refusal) and item.reason is Reason.KILLS_READER
        is_due = len(self._group) >= _GROUP_SIZE or time.monotonic() - self._group_since >= _GROUP_SECONDS
        if is_deadly or is_due:
            self.flush()

    def keep_unchanged(self, visit: Visit, made: Capture) -> None:
        """The server said 304: the text stands as it was."""
        self._group.append(
            lambda connection: settling.unchanged(connection, self.newspaper, self.tally, visit, made)
        )

    def join(self, url: str, target: str, seen_at: str | None = None) -> None:
        """The address `url` was seen to lead to the article at `target`, now or at another moment (UTC)."""
        moment = seen_at or now()
        self._group.append(
            lambda connection: settling.join(
                connection, self.newspaper.name, url, target, moment, self.takedowns
            )
        )

    def flush(self) -> None:
        """Bytes to the disk, then the group in one transaction. Raises the errors of `newsarchive.exceptions`.

        After one of them nothing more is written: what follows may stand on what the failed group held.
        """
        if self._broken:
            raise self._broken
        self._group_since = time.monotonic()
        if not self._group:
            return
        group, self._group = self._group, []
        before = self.tally
        self.tally = _copied(before)
        errors = self.internal_errors
        try:
            with translated_space(self.capture_dir):
                self._files.sync()
            with self.transaction() as connection:
                for write in group:
                    self._write(connection, write)
                runs.record(connection, self.run_id, self.tally)
        except BaseException as error:
            self.tally, self.internal_errors = before, errors
            ours = NewsArchiveError(f"an error of ours ended the run: {error!r}")
            self._broken = error if isinstance(error, NewsArchiveError) else ours
            raise

    def _write(self, connection: sqlite3.Connection, write: Callable[[sqlite3.Connection], None]) -> None:
        """One result of the group. An error of ours costs this result and no other of the group."""
        before = _copied(self.tally)
        connection.execute("SAVEPOINT result")
        try:
            write(connection)
        except _OURS:
            logger.exception("internal error: a result is not kept, its address stays as it was")
            connection.execute("ROLLBACK TO result")
            self.tally = before
            self.internal_errors += 1
        connection.execute("RELEASE result")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The connection inside one transaction, for what does not belong to a group."""
        with translated_errors(self.path), transaction(self.connection):
            yield self.connection

    def end(self, *, verdict: str, exit_code: int, details: Mapping[str, Any] | None = None) -> None:
        """Enter the verdict; `details` join the counts by reason in `runs.details`.

        Unless the run was interrupted, bitmaps of what it changed are made then. Without them questions take longer,
        so that failing to is no failure of the run.
        """
        with self.transaction() as connection:
            runs.record(connection, self.run_id, self.tally, details)
            runs.end(connection, self.run_id, verdict=verdict, exit_code=exit_code, now=now())
        if exit_code == INTERRUPTED:
            return
        try:
            with translated_errors(self.path), Progress("articles by word", show=False) as progress:
                bitmaps.complete(self.connection, most=_MOST_BY_WORD, progress=progress.step)
        except NewsArchiveError as error:
            logger.warning("questions take longer until the next run, which makes the bitmaps: %s", error)

    def close(self) -> None:
        """Give the WARC file its final name and let the next writer in. The group is not flushed here."""
        try:
            with translated_space(self.capture_dir):
                self._files.close()
        finally:
            self.connection.close()
            self._lock.release()


def _copied(tally: runs.Tally) -> runs.Tally:
    return replace(tally, reasons=dict(tally.reasons))


def now() -> str:
    """The present moment as the tables print it."""
    return ledger.utc_text(datetime.now(UTC))


def _begin_after_last_visit(connection: sqlite3.Connection, *, is_crawl: bool) -> str:
    """The present moment, in a later second than any visit: what this run visits is told by its time."""
    last = figures.last_visit(connection)
    if is_crawl and last > ledger.utc_text(datetime.now(UTC) + figures.CLOCK_MAY_DIFFER):
        raise ClockError(
            f"the clock says {now()}, but the last visit was at {last}: set the clock right; if it was wrong then,"
            " docs/operating.md says under «A wrong clock» how to go on"
        )
    if last == now():
        time.sleep(1)
    return now()
