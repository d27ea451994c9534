"""Rows of `captures`: every raw answer, with the place of its WARC record and what became of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from newsarchive.items import Capture


def insert(connection: sqlite3.Connection, capture: Capture, run_id: int | None) -> int:
    """Enter a capture unless its record is known; returns the row's id."""
    values = asdict(capture) | {"truncated": int(capture.truncated), "run_id": run_id}
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    connection.execute(f"INSERT OR IGNORE INTO captures ({names}) VALUES ({marks})", tuple(values.values()))
    return id_of(connection, capture)


def id_of(connection: sqlite3.Connection, capture: Capture) -> int:
    """The row of a capture that has been entered."""
    row = connection.execute(
        "SELECT id FROM captures WHERE warc_file = ? AND warc_offset = ?",
        (capture.warc_file, capture.warc_offset),
    ).fetchone()
    return int(row["id"])


def set_outcome(connection: sqlite3.Connection, capture: Capture, outcome: str) -> None:
    """Say what became of an answer that gave no article."""
    connection.execute(
        "UPDATE captures SET outcome = ? WHERE warc_file = ? AND warc_offset = ?",
        (outcome, capture.warc_file, capture.warc_offset),
    )
