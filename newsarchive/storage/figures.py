"""Figures about the archive as it stands, for verdicts and health."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

CLOCK_MAY_DIFFER = timedelta(days=1)
"""A clock that is set back by less catches up soon: what was visited then is only due later."""


def article_count(connection: sqlite3.Connection) -> int:
    """How many articles there are."""
    return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])


def has_live_articles(connection: sqlite3.Connection) -> bool:
    """Whether any article stood on the newspaper's site when it was last asked for."""
    query = "SELECT EXISTS (SELECT 1 FROM articles WHERE status = 'live')"
    return bool(connection.execute(query).fetchone()[0])


def published_span(connection: sqlite3.Connection) -> tuple[str | None, str | None]:
    """The first and the last day on which an article was published (local days)."""
    row = connection.execute("SELECT min(published_on), max(published_on) FROM articles").fetchone()
    return row[0], row[1]


def last_visit(connection: sqlite3.Connection) -> str:
    """When an address was visited last (UTC), "" where none ever was."""
    return str(connection.execute("SELECT coalesce(max(visited_at), '') FROM addresses").fetchone()[0])


def database_bytes(connection: sqlite3.Connection) -> int:
    """The size of the database without its WAL."""
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    return int(pages) * int(connection.execute("PRAGMA page_size").fetchone()[0])


def content_digest(connection: sqlite3.Connection) -> str:
    """SHA-256 in hex over what the articles say, the same for every archive that says the same.

    One line of JSON for each article, sorted by key: key, title, body_sha256, published_at, section, status.
    """
    digest = hashlib.sha256()
    query = "SELECT key, title, body_sha256, published_at, section, status FROM articles ORDER BY key"
    for row in connection.execute(query):
        digest.update(json.dumps(list(row), ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()


def requests_on(connection: sqlite3.Connection, newspaper: str, day: str) -> int:
    """Answers that crawls got from the newspaper on a day (UTC), as far as they are written.

    Walks back from the newest capture: a day costs what was asked on it, whenever its runs began. What was got
    under a clock that was ahead is of another day.
    """
    rows = connection.execute(
        "SELECT c.fetched_at, r.newspaper FROM captures AS c JOIN runs AS r ON r.id = c.run_id"
        " WHERE c.source = 'live' AND r.command = 'crawl' ORDER BY c.id DESC"
    )
    count = 0
    for row in rows:
        if row["fetched_at"] < day:
            break
        count += row["newspaper"] == newspaper and row["fetched_at"].startswith(day)
    return count


def blocks_in_a_row(connection: sqlite3.Connection, newspaper: str) -> int:
    """How many crawls in a row, up to the last one that ended, were kept away by the site (exit code 6).

    Crawls of web archives alone do not count, nor do those that had no answer of the newspaper's, for want of requests
    or of its hours.
    """
    rows = connection.execute(
        "SELECT exit_code FROM runs WHERE newspaper = ? AND command = 'crawl' AND exit_code IS NOT NULL"
        " AND coalesce(json_extract(arguments, '$.source'), 'live')"
        " NOT IN ('wayback', 'commoncrawl', 'wayback,commoncrawl', 'commoncrawl,wayback')"
        " AND requests > coalesce(json_extract(details, '$.of_web_archives'), 0)"
        " ORDER BY id DESC LIMIT 10",
        (newspaper,),
    )
    count = 0
    for row in rows:
        if row["exit_code"] != 6:  # noqa: PLR2004 - the exit code of a block
            break
        count += 1
    return count


def audits_on(connection: sqlite3.Connection, day: str) -> int:
    """How many audits have begun on a day (UTC)."""
    row = connection.execute("SELECT value FROM newsarchive WHERE key = 'audits'").fetchone()
    noted_day, _, count = row["value"].partition(" ") if row else ("", "", "0")
    return int(count) if noted_day == day else 0


def note_audits(connection: sqlite3.Connection, day: str, count: int) -> None:
    """Write how many audits have begun on a day."""
    connection.execute("INSERT OR REPLACE INTO newsarchive VALUES ('audits', ?)", (f"{day} {count}",))


_AWAY = "away "


def note_away(
    connection: sqlite3.Connection, reasons: Mapping[str, str], reached: Iterable[str], now: str
) -> None:
    """Write since when hosts cannot be asked and why, and that others were reached."""
    since = {host: moment for host, (moment, _) in away(connection).items()}
    connection.executemany("DELETE FROM newsarchive WHERE key = ?", ((_AWAY + host,) for host in reached))
    connection.executemany(
        "INSERT OR REPLACE INTO newsarchive VALUES (?, ?)",
        ((_AWAY + host, f"{since.get(host, now)} {why}") for host, why in reasons.items()),
    )


def away(connection: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    """Since when (UTC) each host cannot be asked, and why."""
    rows = connection.execute(
        "SELECT key, value FROM newsarchive WHERE key GLOB ? ORDER BY key", (f"{_AWAY}*",)
    )
    found = {}
    for row in rows:
        since, _, reason = row["value"].partition(" ")
        found[row["key"].removeprefix(_AWAY)] = (since, reason)
    return found
