"""Rows of `refusals`: what was not understood, why, and from which capture it can be read again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from newsarchive.storage import captures

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from newsarchive.items import Refusal


def save(connection: sqlite3.Connection, refusal: Refusal, *, address_id: int | None, now: str) -> None:
    """Enter a refusal. An address keeps only its latest one; the captures keep the history."""
    capture = refusal.captures[0] if refusal.captures else None
    for made in refusal.captures:
        captures.set_outcome(connection, made, f"refused: {refusal.reason}")
    capture_id = captures.id_of(connection, capture) if capture else None
    clear(connection, address_id=address_id, capture_id=capture_id)
    connection.execute(
        "INSERT INTO refusals (url, newspaper, reason, detail, links, refused_at, address_id, capture_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            refusal.url,
            refusal.newspaper,
            refusal.reason,
            refusal.detail,
            json.dumps(refusal.links, ensure_ascii=False) if refusal.links else None,
            capture.fetched_at if capture else now,
            address_id,
            capture_id,
        ),
    )


def clear(connection: sqlite3.Connection, *, address_id: int | None, capture_id: int | None) -> None:
    """Take back what was refused before for this address or this capture."""
    connection.execute(
        "DELETE FROM refusals WHERE (address_id = ? AND ? IS NOT NULL) OR (capture_id = ? AND ? IS NOT NULL)",
        (address_id, address_id, capture_id, capture_id),
    )


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many refusals stand for each reason, most first."""
    query = "SELECT reason, count(*) FROM refusals GROUP BY reason ORDER BY count(*) DESC, reason"
    return dict(connection.execute(query).fetchall())


def listed(connection: sqlite3.Connection, reason: str | None = None) -> Iterator[sqlite3.Row]:
    """The refusals, newest first, each with the place of its capture's record."""
    query = (
        "SELECT r.*, c.warc_file, c.warc_offset, c.warc_length FROM refusals AS r"
        " LEFT JOIN captures AS c ON c.id = r.capture_id WHERE ? IS NULL OR r.reason = ?"
        " ORDER BY r.refused_at DESC, r.id DESC"
    )
    yield from connection.execute(query, (reason, reason))
