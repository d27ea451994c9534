"""Rows of `captures`: every raw answer, with the place of its WARC record and what became of it."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from newsarchive.items import Capture

if TYPE_CHECKING:
    import sqlite3

NOT_SEALED = "key NOT IN (SELECT key FROM taken_down)"
"""Condition on `articles`: its captures have rows, for it is not redacted."""


def insert(connection: sqlite3.Connection, capture: Capture, run_id: int | None) -> None:
    """Enter a capture unless its record is known."""
    values = asdict(capture) | {"truncated": int(capture.truncated), "run_id": run_id}
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    connection.execute(f"INSERT OR IGNORE INTO captures ({names}) VALUES ({marks})", tuple(values.values()))


def id_of(connection: sqlite3.Connection, capture: Capture) -> int | None:
    """The row of a capture; None where it has none, because its article is taken down."""
    row = connection.execute(
        "SELECT id FROM captures WHERE warc_file = ? AND warc_offset = ?",
        (capture.warc_file, capture.warc_offset),
    ).fetchone()
    return int(row["id"]) if row else None


def ids_of_copies(connection: sqlite3.Connection, capture: Capture) -> list[int]:
    """The rows of this answer of the newspaper, which a web archive may have given more than once."""
    rows = connection.execute(
        "SELECT id FROM captures WHERE url = ? AND fetched_at = ? AND payload_sha256 = ? ORDER BY id",
        (capture.url, capture.fetched_at, capture.payload_sha256),
    )
    return [row["id"] for row in rows]


def known(connection: sqlite3.Connection, url: str, payload_sha256: str) -> tuple[Capture, str | None] | None:
    """The first capture of this very body under this address, and what became of it."""
    row = connection.execute(
        "SELECT * FROM captures WHERE payload_sha256 = ? AND url = ? ORDER BY id LIMIT 1",
        (payload_sha256, url),
    ).fetchone()
    if row is None:
        return None
    values = {field.name: row[field.name] for field in fields(Capture)}
    return Capture(**values | {"truncated": bool(row["truncated"])}), row["outcome"]


def outcome_of(connection: sqlite3.Connection, capture: Capture) -> str | None:
    """What became of this very record; None where it has no row, or none that says so."""
    row = connection.execute(
        "SELECT outcome FROM captures WHERE warc_file = ? AND warc_offset = ?",
        (capture.warc_file, capture.warc_offset),
    ).fetchone()
    return row["outcome"] if row else None


def set_outcome(connection: sqlite3.Connection, capture: Capture, outcome: str) -> None:
    """Say what became of an answer that gave no article."""
    connection.execute(
        "UPDATE captures SET outcome = ? WHERE warc_file = ? AND warc_offset = ?",
        (outcome, capture.warc_file, capture.warc_offset),
    )


def withhold(connection: sqlite3.Connection, capture: Capture) -> None:
    """Mark an answer that quotes what is taken down."""
    connection.execute(
        "UPDATE captures SET withheld = 1 WHERE warc_file = ? AND warc_offset = ?",
        (capture.warc_file, capture.warc_offset),
    )
