"""From a row of `captures` to the page that was captured: its record read back, revisits followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive import capture, saved
from newsarchive.exceptions import BodyError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    Originals = Callable[[capture.Record], capture.Record]


def record(directory: Path, row: sqlite3.Row) -> capture.Record:
    """The record of a row with warc_file, warc_offset and warc_length. Raises CaptureError, OSError."""
    path = capture.locate(directory, row["warc_file"])
    return capture.read_at(path, row["warc_offset"], row["warc_length"])


def originals(connection: sqlite3.Connection, directory: Path) -> Originals:
    """A function from a revisit record to the record that holds its body, found through the rows.

    It raises BodyError where no row names that record, CaptureError and OSError as `record` does.
    """

    def original(revisit: capture.Record) -> capture.Record:
        url, date = revisit.get("WARC-Refers-To-Target-URI"), revisit.get("WARC-Refers-To-Date")
        rows = connection.execute(
            "SELECT warc_file, warc_offset, warc_length FROM captures WHERE url = ? AND fetched_at = ?",
            (url, date),
        ).fetchall()
        stated = revisit.get("WARC-Payload-Digest")
        for row in rows:
            found = record(directory, row)
            if found.kind == "response" and found.get("WARC-Payload-Digest") == stated:
                return found
        raise BodyError(f"the record of {url} at {date} that a revisit refers to is not in the archive")

    return original


def whole(found: capture.Record, original: Originals) -> capture.Record:
    """The record itself, a revisit with the body that it refers to."""
    return capture.made_whole(found, original(found)) if found.kind == "revisit" else found


def page(directory: Path, row: sqlite3.Row, original: Originals) -> saved.SavedPage | None:
    """The page of a row, None for a record that holds no page. Raises CaptureError, OSError."""
    found = whole(record(directory, row), original)
    return saved.page_of(found, f"{row['warc_file']}@{found.offset}", row["warc_file"])
