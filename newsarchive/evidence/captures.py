"""Rows of `captures` against the records of the WARC files, in both directions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newsarchive import capture
from newsarchive.evidence.findings import BRING_BACK, INGEST, NOTHING, REBUILD, REPAIR, RESTORE, Finding
from newsarchive.exceptions import BodyError, CaptureError
from newsarchive.offline import captured
from newsarchive.storage.captures import NOT_SEALED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from pathlib import Path

_WITH_ROWS = frozenset({"response", "resource", "revisit"})
_COLUMNS = "id, url, fetched_at, status, warc_file, warc_offset, warc_length, payload_sha256"


class Records:
    """Every record of a capture directory, each compared with the row that names its place.

    Memory holds the rows of one file at a time, and of records without a row what revisit records name them by.
    `checked` counts records that have a row; those of an address that `is_sealed` need none.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        directory: Path,
        is_sealed: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._connection = connection
        self._is_sealed = is_sealed
        self._directory = directory
        self._original = captured.originals(connection, directory)
        self._file = ""
        self._rows: dict[int, sqlite3.Row] = {}
        self._found: list[Finding] = []
        self._responses: set[int] = set()
        self._revisits: list[tuple[str, capture.Record]] = []
        self.checked = 0

    def check(self, step: Callable[[], None] = lambda: None) -> Iterator[Finding]:
        """Read every byte of every file. `step` is called for every record with a row. Raises OSError."""

        def on_record(file: str, record: capture.Record) -> None:
            self._compare(file, record)
            step()

        for problem in capture.check_directory(self._directory, on_record, self._enter):
            yield from self._tell()
            yield _finding(problem)
        self._leave()
        yield from self._tell()
        yield from self._revisits_without_row()
        yield from self._files_that_are_missing()

    def _compare(self, file: str, record: capture.Record) -> None:
        if record.kind not in _WITH_ROWS:
            return
        row = self._rows.pop(record.offset, None)
        where = f"{file} at byte {record.offset}"
        if row is None and self._is_sealed(record.url or ""):
            return
        if row is None:
            self._keep_without_row(where, record)
            return
        self.checked += 1
        self._found += [
            Finding(f"{where}, {row['url']}", fault, RESTORE) for fault in faults(row, record, self._original)
        ]

    def _keep_without_row(self, where: str, record: capture.Record) -> None:
        if record.kind == "revisit":
            self._revisits.append((where, replace(record, block=b"")))
            return
        if record.kind == "response":
            self._responses.add(hash(captured.name_of(record)))
        self._found.append(Finding(where, f"no row names this {record.kind} record", INGEST, is_note=True))

    def _revisits_without_row(self) -> Iterator[Finding]:
        """What taking them in would come to: the record that each refers to may be in a file that was read later."""
        for where, record in self._revisits:
            if hash(captured.original_of(record)) in self._responses or self._has_original(record):
                yield Finding(where, "no row names this revisit record", INGEST, is_note=True)
            else:
                url, date, _ = captured.original_of(record)
                what = (
                    f"this revisit record refers to the record of {url} at {date}, which no file holds whole"
                )
                yield Finding(where, what, BRING_BACK, is_note=True)

    def _has_original(self, revisit: capture.Record) -> bool:
        try:
            self._original(revisit)
        except (CaptureError, OSError):
            return False
        return True

    def _enter(self, file: str) -> None:
        """Before the file is opened: bytes are written before their rows, so that each of these has its record."""
        self._leave()
        self._file = file
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM captures WHERE warc_file = ?", (file,))
        self._rows = {row["warc_offset"]: row for row in rows}

    def _leave(self) -> None:
        """What is left of a file's rows names records that are not there."""
        self._found += [
            Finding(
                f"{self._file} at byte {offset}",
                f"a row names a record of {row['url']}; there is none",
                RESTORE,
            )
            for offset, row in self._rows.items()
        ]
        self._rows = {}

    def _tell(self) -> Iterator[Finding]:
        yield from self._found
        self._found.clear()

    def _files_that_are_missing(self) -> Iterator[Finding]:
        query = "SELECT warc_file, count(*) FROM captures GROUP BY warc_file ORDER BY warc_file"
        for file, count in self._connection.execute(query).fetchall():
            try:
                capture.locate(self._directory, file)
            except CaptureError as error:
                yield Finding(file, f"{error}; {count} rows name it", RESTORE)


def check_sample(connection: sqlite3.Connection, directory: Path, count: int) -> Iterator[Finding]:
    """Compare `count` rows, chosen at random, with their records."""
    original = captured.originals(connection, directory)
    # The ids are shuffled first, so that the random choice reads no other column.
    query = f"SELECT {_COLUMNS} FROM captures WHERE id IN (SELECT id FROM captures ORDER BY random() LIMIT ?)"
    for row in connection.execute(query, (count,)).fetchall():
        where = f"{row['warc_file']} at byte {row['warc_offset']}, {row['url']}"
        try:
            found = faults(row, captured.record(directory, row), original)
        except CaptureError as error:
            found = [str(error)]
        for fault in found:
            yield Finding(where, fault, RESTORE)


def faults(row: sqlite3.Row, record: capture.Record, original: captured.Originals) -> list[str]:
    """Say in what a record is not what its row says."""
    said = {"length": row["warc_length"], "address": row["url"], "time": row["fetched_at"]}
    stands = {"length": record.length, "address": record.url, "time": record.date}
    found = [
        f"the row says {name} {said[name]}, the record {stands[name]}"
        for name in said
        if said[name] != stands[name]
    ]
    try:
        whole = captured.whole(record, original)
        if whole.kind == "response" and capture.http(whole).status != row["status"]:
            found.append(f"the row says status {row['status']}")
        body, _ = capture.payload_as_read(whole)
    except (BodyError, CaptureError) as error:
        return [*found, str(error)]
    if capture.payload_sha256(body) != row["payload_sha256"]:
        found.append("the page is not the one that the row's payload_sha256 names")
    return found


def _finding(problem: capture.Problem) -> Finding:
    is_note = problem.finding in capture.NOTES
    what = f"{problem.finding}: {problem.detail}" + (f" ({problem.url})" if problem.url else "")
    remedy = REPAIR if problem.finding is capture.Finding.NOT_CLOSED else NOTHING if is_note else RESTORE
    return Finding(f"{problem.file} at byte {problem.offset}", what, remedy, is_note=is_note)


def articles_without_capture(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Articles that no raw bytes stand for, but for redacted ones, whose captures are sealed."""
    query = (
        "SELECT key FROM articles WHERE NOT EXISTS (SELECT 1 FROM captures AS c WHERE c.id = capture_id)"
        f" AND {NOT_SEALED} ORDER BY key"
    )
    for (key,) in connection.execute(query):
        yield Finding(f"article {key}", "no capture stands for it", REBUILD)
