"""Rows of `mementos`: captures that web archives hold, and what became of those that were fetched.

state: pending, article, refused (with a reason), failed (no answer; tried again in later runs), duplicate (the
same bytes as another one of this address that was fetched).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsarchive.items import Memento

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable

    from newsarchive.items import Reason

MAX_TRIES = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """A memento to fetch now. `id` is its row, `address` the normal address it is a capture of."""

    id: int
    address: str
    memento: Memento


def enter(
    connection: sqlite3.Connection, listed: Iterable[tuple[Memento, str, Reason | None]]
) -> tuple[int, int]:
    """Enter what an index lists: each with its normal address, and the reason not to fetch it.

    An address that the ledger does not know stays out of it. Returns how many rows were new, and how many
    of them are to be fetched.
    """
    entered = to_fetch = 0
    for memento, address, reason in listed:
        cursor = connection.execute(
            "INSERT OR IGNORE INTO mementos (url, address_id, timestamp, source, location, digest, state, reason)"
            " VALUES (?, (SELECT id FROM addresses WHERE url = ?), ?, ?, ?, ?, ?, ?)",
            (
                memento.url,
                address,
                memento.timestamp,
                memento.source,
                memento.location,
                memento.digest,
                "refused" if reason else "pending",
                reason,
            ),
        )
        entered += cursor.rowcount
        to_fetch += cursor.rowcount if reason is None else 0
        if cursor.rowcount and reason == "incomplete":
            _complete_by(connection, memento, address)
    return entered, to_fetch


def _complete_by(connection: sqlite3.Connection, part: Memento, address: str) -> None:
    """Another part of an article is known: what was refused for the lack of one is worth another look."""
    connection.execute(
        "UPDATE mementos SET state = 'pending', reason = NULL WHERE source = ? AND state = 'refused'"
        " AND reason = 'incomplete' AND capture_id IS NOT NULL"
        " AND address_id = (SELECT id FROM addresses WHERE url = ?)",
        (part.source, address),
    )


def wanted(
    connection: sqlite3.Connection,
    newspaper: str,
    source: str,
    *,
    limit: int,
    per_address: int,
    visited_only: bool,
    window: tuple[str, str] = ("", ""),
    leave_out: Collection[int] = (),
) -> list[Wanted]:
    """Up to `limit` mementos to fetch, the newest of each address, newest first; those that failed come last.

    An address gets `per_address` readings; the first only where it has no article. visited_only: leave out
    addresses whose live page has not been asked. window: since and until (days), as `ledger.due` takes them,
    and no capture from before since.
    """
    since, until = window
    rows = connection.execute(
        "SELECT m.id, m.url, max(m.timestamp) AS timestamp, m.location, m.digest, a.url AS address"
        " FROM mementos AS m JOIN addresses AS a ON a.id = m.address_id"
        " WHERE m.source = ? AND m.state = 'pending' AND a.newspaper = ?"
        " AND a.state <> 'duplicate'"
        " AND (a.article_id IS NULL OR ? > 1) AND NOT (? AND a.state = 'pending') AND m.timestamp >= ?"
        " AND (? = '' OR coalesce(a.published, a.lastmod, ?) >= ?)"
        " AND (? = '' OR coalesce(a.published, '') < ?)"
        " AND (? = 1 OR (SELECT count(*) FROM mementos AS d WHERE d.address_id = a.id AND d.state = 'article') < ?)"
        " AND m.id NOT IN (SELECT value FROM json_each(?))"
        " GROUP BY a.id ORDER BY m.tries, timestamp DESC LIMIT ?",
        (
            source,
            newspaper,
            per_address,
            visited_only,
            since.replace("-", ""),
            *(since, since, since),
            *(until, f"{until}T24"),
            *(per_address, per_address),
            json.dumps(sorted(leave_out)),
            limit,
        ),
    )
    return [
        Wanted(
            row["id"],
            row["address"],
            Memento(row["url"], row["timestamp"], source, row["location"], row["digest"]),
        )
        for row in rows
    ]


def parts(connection: sqlite3.Connection, memento_id: int) -> list[Wanted]:
    """What the same web archive lists of the same address and was refused unseen: the later parts of the article."""
    rows = connection.execute(
        "SELECT m.id, m.url, m.timestamp, m.source, m.location, m.digest, a.url AS address"
        " FROM mementos AS f JOIN mementos AS m ON m.address_id = f.address_id AND m.source = f.source"
        " JOIN addresses AS a ON a.id = m.address_id"
        " WHERE f.id = ? AND m.state = 'refused' AND m.reason = 'incomplete' AND m.capture_id IS NULL",
        (memento_id,),
    )
    return [
        Wanted(row["id"], row["address"], Memento(row["url"], row["timestamp"], row["source"], row["location"],
               row["digest"]))
        for row in rows
    ]  # fmt: skip


def settle(
    connection: sqlite3.Connection, memento_id: int, reason: Reason | None, capture_id: int | None
) -> None:
    """The memento was fetched and read: an article, or refused for a reason. Its twins need no fetching."""
    connection.execute(
        "UPDATE mementos SET state = ?, reason = ?, tries = tries + 1, capture_id = ? WHERE id = ?",
        ("refused" if reason else "article", reason, capture_id, memento_id),
    )
    connection.execute(
        "UPDATE mementos SET state = 'duplicate' WHERE state = 'pending' AND (address_id, digest) ="
        " (SELECT address_id, digest FROM mementos WHERE id = ?)",
        (memento_id,),
    )


def drop(connection: sqlite3.Connection, memento_id: int | None) -> None:
    """Its article is taken down: nothing is said of it any more. None is no memento."""
    connection.execute("DELETE FROM mementos WHERE id = ?", (memento_id,))


def fail(connection: sqlite3.Connection, memento_id: int, reason: Reason) -> None:
    """No answer to be read came; a later run tries again, five times in all."""
    connection.execute(
        "UPDATE mementos SET state = 'failed', reason = ?, tries = tries + 1 WHERE id = ?",
        (reason, memento_id),
    )


def take_up_again(connection: sqlite3.Connection, source: str) -> None:
    """At the beginning of a run: what failed is pending again, unless it has failed too often."""
    connection.execute(
        "UPDATE mementos SET state = 'pending', reason = NULL"
        " WHERE source = ? AND state = 'failed' AND tries < ?",
        (source, MAX_TRIES),
    )


def counts(connection: sqlite3.Connection, source: str) -> dict[str, int]:
    """How many mementos of a source are in each state."""
    query = "SELECT state, count(*) FROM mementos WHERE source = ? GROUP BY state"
    return dict(connection.execute(query, (source,)).fetchall())
