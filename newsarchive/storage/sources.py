"""Rows of `sources`: the documents that discovery starts from and how far each has been walked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.items import Source

if TYPE_CHECKING:
    import sqlite3


def known(connection: sqlite3.Connection, newspaper: str) -> dict[str, Source]:
    """The newspaper's sources by address."""
    query = "SELECT url, kind, cursor, visited_at, total, complete FROM sources WHERE newspaper = ?"
    rows = connection.execute(query, (newspaper,)).fetchall()
    return {
        row["url"]: Source(
            row["url"], row["kind"], row["cursor"], row["visited_at"], row["total"], bool(row["complete"])
        )
        for row in rows
    }


def record(connection: sqlite3.Connection, newspaper: str, source: Source, reason: str | None) -> int:
    """Write how far a walk came and what was wrong with it, if anything; returns the source's id."""
    connection.execute(
        "INSERT INTO sources (url, newspaper, kind, cursor, visited_at, total, complete, reason)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (url) DO UPDATE SET cursor = excluded.cursor,"
        " visited_at = excluded.visited_at, total = coalesce(excluded.total, total),"
        " complete = excluded.complete, reason = excluded.reason",
        (
            source.url,
            newspaper,
            source.kind,
            source.cursor,
            source.visited_at,
            source.total,
            int(source.complete),
            reason,
        ),
    )
    row = connection.execute("SELECT id FROM sources WHERE url = ?", (source.url,)).fetchone()
    return int(row["id"])


def named(connection: sqlite3.Connection, source_id: int) -> bool:
    """Whether the source has ever named an address."""
    query = "SELECT 1 FROM address_sources WHERE source_id = ? LIMIT 1"
    return connection.execute(query, (source_id,)).fetchone() is not None
