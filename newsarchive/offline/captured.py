"""From a row of `captures` to the page that was captured: its record read back, revisits followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive import capture
from newsarchive.exceptions import BodyError
from newsarchive.offline import saved

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    Originals = Callable[[capture.Record], capture.Record]
    # Address, time and payload digest.
    RecordName = tuple[str | None, str | None, str | None]

PART_OF = "isPartOf"
"""The field of a file's warcinfo that says whose answers it holds: the newspaper's name, with `-sample` behind it."""


def kind_of(directory: Path, newspaper: str) -> str:
    """Whose answers stand in a capture directory, as its first file says: sample or live."""
    for path in sorted(directory.glob(f"{newspaper}-*.warc.gz*")):
        first = next(capture.walk(path, lambda _: None), None)
        if first is not None and first.kind == "warcinfo":
            return "sample" if f"{PART_OF}: {newspaper}-sample".encode() in first.block else "live"
    return "live"


def record(directory: Path, row: sqlite3.Row) -> capture.Record:
    """The record of a row with warc_file, warc_offset and warc_length. Raises CaptureError, OSError."""
    return record_at(directory, row["warc_file"], row["warc_offset"], row["warc_length"])


def record_at(directory: Path, file: str, offset: int, length: int) -> capture.Record:
    """The record at a place of a capture file. Raises CaptureError, OSError."""
    try:
        return capture.read_at(capture.locate(directory, file), offset, length)
    except FileNotFoundError:  # its writer closed it after the look
        return capture.read_at(capture.locate(directory, file), offset, length)


def name_of(record: capture.Record) -> RecordName:
    """What a revisit record would name this record by."""
    return record.url, record.date, record.get("WARC-Payload-Digest")


def original_of(revisit: capture.Record) -> RecordName:
    """What a revisit record names the record by that holds its body."""
    url, date = revisit.get("WARC-Refers-To-Target-URI"), revisit.get("WARC-Refers-To-Date")
    return url, date, revisit.get("WARC-Payload-Digest")


def originals(connection: sqlite3.Connection, directory: Path) -> Originals:
    """A function from a revisit record to the record that holds its body, found through the rows.

    It raises BodyError where no row names that record, CaptureError and OSError as `record` does.
    """

    def original(revisit: capture.Record) -> capture.Record:
        url, date, stated = original_of(revisit)
        rows = connection.execute(
            "SELECT warc_file, warc_offset, warc_length FROM captures WHERE url = ? AND fetched_at = ?",
            (url, date),
        ).fetchall()
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
