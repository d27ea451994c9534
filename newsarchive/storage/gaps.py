"""What an archive lacks, month by month, as far as sources, post numbers and web archives tell."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

_PAST = "('wayback', 'commoncrawl')"
KINDS = ("rest", "sitemap", "feed", "listing")
_UNANSWERED = "('pending', 'failed', 'blocked')"
# An address belongs to the month of its article, else to the one where a source puts it.
_MONTH = "substr(coalesce(r.published_on, a.published, a.lastmod), 1, 7)"
_NAMED_BY = ", ".join(f"max(s.kind = '{kind}') AS {kind}" for kind in KINDS)
_ADDRESSES = (
    "addresses AS a LEFT JOIN articles AS r ON r.id = a.article_id LEFT JOIN ("
    f"SELECT l.address_id, {_NAMED_BY},"
    f" max(s.kind NOT IN {_PAST}) AS live, max(s.kind IN {_PAST}) AS past"
    " FROM address_sources AS l JOIN sources AS s ON s.id = l.source_id GROUP BY l.address_id"
    ") AS n ON n.address_id = a.id"
)


def months(connection: sqlite3.Connection, newspaper: str, host: str) -> list[dict[str, Any]]:
    """For each month what is kept and what is not.

    articles, gone: kept articles, and those that the site does not show any more. rest, sitemap, feed, listing:
    addresses that each of the live sources names. unanswered: addresses without an answer that can be used yet
    (pending, failed, blocked). numbers: post numbers of the principal `host` that nobody names, between two that
    somebody does (most are pictures and drafts). only_web_archives: addresses that no live source names.
    """
    query = (
        f"SELECT {_MONTH} AS month, {', '.join(f'sum(coalesce(n.{kind}, 0)) AS {kind}' for kind in KINDS)},"
        f" sum(a.state IN {_UNANSWERED}) AS unanswered,"
        " sum(coalesce(n.past, 0) AND NOT coalesce(n.live, 0)) AS only_web_archives"
        f" FROM {_ADDRESSES} WHERE a.newspaper = ? GROUP BY month"
    )
    named = {row["month"]: dict(row) for row in connection.execute(query, (newspaper,))}
    kept = {row["month"]: row for row in connection.execute(
        "SELECT substr(published_on, 1, 7) AS month, count(*) AS articles, sum(status = 'gone') AS gone"
        " FROM articles WHERE newspaper = ? GROUP BY month", (newspaper,))}  # fmt: skip
    numbers: Counter[str | None] = Counter()
    for first, last, month in number_gaps(connection, host):
        numbers[month] += last - first + 1
    empty = dict.fromkeys((*KINDS, "unanswered", "only_web_archives"), 0)
    found = []
    for month in sorted({*named, *kept, *numbers}, key=lambda name: name or ""):
        row = kept.get(month)
        counts = {"articles": row["articles"] if row else 0, "gone": row["gone"] if row else 0}
        found.append(empty | named.get(month, {}) | counts | {"month": month, "numbers": numbers[month]})
    return found


def number_gaps(connection: sqlite3.Connection, host: str) -> Iterator[tuple[int, int, str | None]]:
    """Runs of post numbers that no source names (first, last), each with the month of the article before it."""
    rows = connection.execute(
        "SELECT a.recency AS number, substr(r.published_on, 1, 7) AS month FROM addresses AS a"
        " LEFT JOIN articles AS r ON r.id = a.article_id WHERE a.url GLOB ? ORDER BY a.recency",
        (f"https://{host}/archives/[0-9]*",),
    )
    previous, month = None, None
    for row in rows:
        if previous is not None and row["number"] > previous + 1:
            yield previous + 1, row["number"] - 1, month
        previous, month = row["number"], row["month"] or month


def unanswered(connection: sqlite3.Connection, newspaper: str, month: str) -> list[dict[str, Any]]:
    """The month's addresses without an answer that can be used yet, and when each is tried again (UTC)."""
    query = (
        f"SELECT a.url, a.state, a.reason, a.tries, a.next_visit_at FROM {_ADDRESSES}"
        f" WHERE a.newspaper = ? AND a.state IN {_UNANSWERED} AND {_MONTH} = ? ORDER BY a.url"
    )
    return [dict(row) for row in connection.execute(query, (newspaper, month))]


def only_web_archives(connection: sqlite3.Connection, newspaper: str, month: str) -> list[str]:
    """The month's addresses that no source of the live site names."""
    query = (
        f"SELECT a.url FROM {_ADDRESSES} WHERE a.newspaper = ? AND n.past AND NOT n.live AND {_MONTH} = ?"
        " ORDER BY a.url"
    )
    return [row["url"] for row in connection.execute(query, (newspaper, month))]


def overlap(connection: sqlite3.Connection, newspaper: str) -> tuple[int, int, int]:
    """Articles that the live site names, that web archives name, and that both do.

    Only addresses that gave an article count: a number that a sweep tried, or a picture that an index lists, is
    in neither sample.
    """
    query = (
        f"SELECT sum(n.live), sum(n.past), sum(n.live AND n.past) FROM {_ADDRESSES}"
        " WHERE a.newspaper = ? AND a.article_id IS NOT NULL"
    )
    row = connection.execute(query, (newspaper,)).fetchone()
    return (row[0] or 0, row[1] or 0, row[2] or 0)


def coverage(connection: sqlite3.Connection, newspaper: str) -> dict[str, dict[str, int]]:
    """Articles by month and section (`–` for none), the largest section of a month first."""
    query = (
        "SELECT substr(published_on, 1, 7) AS month, coalesce(section, '–') AS section, count(*) AS n"
        " FROM articles WHERE newspaper = ? AND published_on IS NOT NULL GROUP BY month, section"
        " ORDER BY month, n DESC, section"
    )
    found: dict[str, dict[str, int]] = {}
    for row in connection.execute(query, (newspaper,)):
        found.setdefault(row["month"], {})[row["section"]] = row["n"]
    return found
