"""Figures about runs and the ledger, for `scrapy health` and the verdict's rates."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from newsarchive.storage import index

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from datetime import timedelta

FILL_FIELDS = (
    "section",
    "subtitle",
    "byline",
    "writer",
    "place",
    "agency",
    "published_at",
    "modified_at",
    "lead",
    "image_url",
    "language",
)


def stored_by_run(connection: sqlite3.Connection, run_id: int) -> Iterator[sqlite3.Row]:
    """What the last run stored, backwards: the reader, and 0 or 1 for each field that can be filled.

    Walks back from the newest capture, so that a run's end costs what the run stored and not the archive.
    """
    filled = ", ".join(f"a.{name} IS NOT NULL AS {name}" for name in FILL_FIELDS)
    query = (
        f"SELECT a.reader, {filled} FROM captures AS c JOIN articles AS a ON a.id = c.article_id"
        " WHERE c.id >= ? AND c.run_id = ? AND c.outcome IN ('new', 'changed') AND coalesce(c.part, 1) = 1"
        " AND a.reader IS NOT NULL ORDER BY c.id DESC"
    )
    yield from connection.execute(query, (_first_capture(connection, run_id), run_id))


def visited_again(connection: sqlite3.Connection, run_id: int) -> tuple[int, int]:
    """How many visits of the newspaper the last run made that gave a known article, and those with another text."""
    row = connection.execute(
        "SELECT count(*), coalesce(sum(outcome = 'changed'), 0) FROM captures WHERE id >= ? AND run_id = ?"
        " AND source = 'live' AND outcome IN ('changed', 'unchanged') AND coalesce(part, 1) = 1",
        (_first_capture(connection, run_id), run_id),
    ).fetchone()
    return int(row[0]), int(row[1])


def _first_capture(connection: sqlite3.Connection, run_id: int) -> int:
    """Where the run's captures begin: one writer at a time, so they are the newest."""
    first = 0
    for row in connection.execute("SELECT id, run_id FROM captures ORDER BY id DESC"):
        if row["run_id"] != run_id:
            break
        first = row["id"]
    return first


def rates_since(
    connection: sqlite3.Connection, newspaper: str, moment: str, before: int
) -> list[dict[str, Any]]:
    """The rates that the crawls since a moment (UTC) left in `runs.details`, of runs older than `before`."""
    rows = connection.execute(
        "SELECT details FROM runs WHERE newspaper = ? AND command = 'crawl' AND started_at >= ? AND id < ?"
        " AND details LIKE '%\"fill\"%' ORDER BY id",
        (newspaper, moment, before),
    )
    return [json.loads(row["details"]) for row in rows]


def last_runs(connection: sqlite3.Connection, newspaper: str, limit: int) -> list[dict[str, Any]]:
    """The last crawls, the newest first."""
    rows = connection.execute(
        "SELECT id, command, started_at, ended_at, exit_code, requests, found, new, changed, gone, refused, failed,"
        " details FROM runs WHERE newspaper = ? AND command = 'crawl' ORDER BY id DESC LIMIT ?",
        (newspaper, limit),
    )
    return [dict(row) | {"details": json.loads(row["details"] or "{}")} for row in rows]


def unusual_before_last_end(
    connection: sqlite3.Connection, newspaper: str, pause: timedelta
) -> list[tuple[str, str]]:
    """What was unusual in the last crawl that ended and in those that ended so long before it, the newest first.

    Each with the moment (UTC) at which its crawl ended.
    """
    query = (
        "SELECT ended_at, details FROM runs WHERE newspaper = ? AND command = 'crawl' AND exit_code IS NOT NULL"
        " AND ended_at BETWEEN ? AND ? ORDER BY id DESC"
    )
    last = connection.execute(query + " LIMIT 1", (newspaper, "", "9")).fetchone()
    if last is None:
        return []
    first = (datetime.fromisoformat(last["ended_at"]) - pause).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [
        (row["ended_at"], words)
        for row in connection.execute(query, (newspaper, first, last["ended_at"]))
        for words in json.loads(row["details"] or "{}").get("unusual", ())
    ]


def killed_since(connection: sqlite3.Connection, newspaper: str, moment: str) -> int:
    """Runs since a moment (UTC) that never ended though another one has begun since."""
    row = connection.execute(
        "SELECT count(*) FROM runs WHERE newspaper = ? AND started_at >= ? AND ended_at IS NULL"
        " AND id < (SELECT max(id) FROM runs)",
        (newspaper, moment),
    ).fetchone()
    return int(row[0])


def states(connection: sqlite3.Connection, newspaper: str) -> dict[str, int]:
    """Addresses by state."""
    query = "SELECT state, count(*) FROM addresses WHERE newspaper = ? GROUP BY state ORDER BY state"
    return dict(connection.execute(query, (newspaper,)).fetchall())


def address_count(connection: sqlite3.Connection, newspaper: str) -> int:
    """All addresses, counted apart from their states."""
    row = connection.execute("SELECT count(*) FROM addresses WHERE newspaper = ?", (newspaper,)).fetchone()
    return int(row[0])


def sections_since(connection: sqlite3.Connection, newspaper: str, day: str) -> dict[str, int]:
    """Articles by section published since a day (local), the largest first."""
    query = (
        "SELECT coalesce(section, '–'), count(*) AS n FROM articles WHERE newspaper = ? AND published_on >= ?"
        " GROUP BY section ORDER BY n DESC, section"
    )
    return dict(connection.execute(query, (newspaper, day)).fetchall())


def published_between(connection: sqlite3.Connection, newspaper: str, first: str, last: str) -> int:
    """Articles published on the days from `first` to `last` (local, both included)."""
    query = "SELECT count(*) FROM articles WHERE newspaper = ? AND published_on BETWEEN ? AND ?"
    return int(connection.execute(query, (newspaper, first, last)).fetchone()[0])


def source_rows(connection: sqlite3.Connection, newspaper: str) -> list[dict[str, Any]]:
    """Every source: what it claims, what it named that is not gone, whether its walk ended, what was wrong."""
    query = (
        "SELECT s.url, s.kind, s.visited_at, s.total, s.complete, s.cursor, s.reason,"
        " (SELECT count(*) FROM address_sources AS l JOIN addresses AS a ON a.id = l.address_id"
        "  WHERE l.source_id = s.id AND a.state <> 'gone') AS named FROM sources AS s WHERE s.newspaper = ?"
        " ORDER BY s.kind, s.url"
    )
    return [dict(row) for row in connection.execute(query, (newspaper,))]


def oldest_check(connection: sqlite3.Connection, newspaper: str) -> str | None:
    """When the article was looked at that was not looked at for the longest time (UTC)."""
    query = "SELECT min(visited_at) FROM addresses WHERE newspaper = ? AND state = 'article'"
    row = connection.execute(query, (newspaper,)).fetchone()
    return row[0] if row else None


def stale_index_rows(connection: sqlite3.Connection) -> int:
    """Rows that another tool changed and the search index does not know yet, or knows by another analyser."""
    return index.stale_count(connection)


def outdated_index_rows(connection: sqlite3.Connection) -> int:
    """Those of the stale rows that nobody changed: the search index knows them by another analyser."""
    return index.outdated_count(connection)


def kind(connection: sqlite3.Connection) -> str:
    """Live or sample."""
    row = connection.execute("SELECT value FROM newsarchive WHERE key = 'kind'").fetchone()
    return str(row[0]) if row else "live"
