"""The tables against each other: states and counts, articles and addresses, texts and their digests."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from newsarchive.evidence.findings import REBUILD, REINDEX, Finding
from newsarchive.storage import articles, bitmaps, index, index_check, related

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

_CRAWL = "scrapy crawl visits it again"
_FOREIGN = "another tool wrote it; " + REBUILD

# Each query gives (where, what) for what must not be.
_RULES: tuple[tuple[str, str], ...] = (
    (
        (
            "SELECT 'address ' || a.url, 'its state is article, but it leads to none' FROM addresses AS a"
            " LEFT JOIN articles AS r ON r.id = a.article_id WHERE a.state = 'article' AND r.id IS NULL"
        ),
        _CRAWL,
    ),
    (
        (
            "SELECT 'address ' || a.url, 'its state is refused, but no refusal says why' FROM addresses AS a"
            " WHERE a.state = 'refused' AND a.reason <> 'taken-down'"
            " AND NOT EXISTS (SELECT 1 FROM refusals AS r WHERE r.address_id = a.id)"
        ),
        _CRAWL,
    ),
    (
        (
            "SELECT 'address ' || a.url, 'its state is duplicate, but it is no other name of an address'"
            " FROM addresses AS a WHERE a.state = 'duplicate'"
            " AND NOT EXISTS (SELECT 1 FROM address_aliases AS s WHERE s.url = a.url)"
        ),
        _CRAWL,
    ),
    (
        (
            "SELECT 'article ' || r.key, 'it is ' || r.status || ', but its address is ' || a.state"
            " FROM articles AS r JOIN addresses AS a ON a.article_id = r.id AND a.url = r.url"
            " WHERE (a.state = 'gone') <> (r.status = 'gone') AND a.state IN ('article', 'gone')"
        ),
        _CRAWL,
    ),
    (
        (
            "SELECT 'article ' || r.key, 'it was seen on the site, but no address leads to it' FROM articles AS r"
            " WHERE r.status <> 'unknown' AND NOT EXISTS (SELECT 1 FROM addresses AS a WHERE a.article_id = r.id)"
        ),
        REBUILD,
    ),
    (
        (
            "SELECT 'article ' || r.key, 'its key is not in article_keys' FROM articles AS r"
            " WHERE NOT EXISTS (SELECT 1 FROM article_keys AS k WHERE k.key = r.key AND k.article_id = r.id)"
        ),
        _FOREIGN,
    ),
    (
        (
            "SELECT 'article ' || r.key, 'it has ' || count(v.id) || ' revisions, its row says ' || r.revision_count"
            " FROM articles AS r JOIN revisions AS v ON v.article_id = r.id AND v.complete AND v.superseded_by IS NULL"
            " GROUP BY r.id HAVING count(v.id) <> r.revision_count"
        ),
        _FOREIGN,
    ),
)


def check(connection: sqlite3.Connection, *, quick: bool) -> Iterator[Finding]:
    """Check the database by itself, in one state. `quick` leaves out the comparison of every index entry with its text.

    The connection must not be inside a transaction.
    """
    connection.execute("BEGIN")
    try:
        yield from _check(connection, quick=quick)
    finally:
        connection.rollback()


def _check(connection: sqlite3.Connection, *, quick: bool) -> Iterator[Finding]:
    yield from _check_file(connection, "quick_check" if quick else "integrity_check")
    yield from _check_states(connection)
    for query, remedy in _RULES:
        for where, what in connection.execute(query):
            yield Finding(where, what, remedy)
    yield from _check_texts(connection)
    yield from _check_index(connection, quick=quick)
    if not quick:
        yield from _check_related(connection)


def _check_file(connection: sqlite3.Connection, pragma: str) -> Iterator[Finding]:
    for (line,) in connection.execute(f"PRAGMA {pragma}"):
        if line != "ok":
            yield Finding("archive.db", str(line), REBUILD)
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield Finding(f"{table} row {row}", f"refers to a row of {parent} that is not there", _FOREIGN)


def _check_states(connection: sqlite3.Connection) -> Iterator[Finding]:
    states = connection.execute("SELECT state, count(*) FROM addresses GROUP BY state").fetchall()
    (addresses,) = connection.execute("SELECT count(*) FROM addresses").fetchone()
    if sum(count for _, count in states) != addresses:
        yield Finding("addresses", f"{addresses} addresses, but the states sum to another number", REBUILD)


def _check_texts(connection: sqlite3.Connection) -> Iterator[Finding]:
    query = "SELECT key, title, body, body_sha256, text_sha256 FROM articles ORDER BY id"
    for row in connection.execute(query):
        if not (isinstance(row["title"], str) and isinstance(row["body"], str)):
            yield Finding(f"article {row['key']}", "its headline or body is no text", _FOREIGN)
        elif hashlib.sha256(row["body"].encode()).hexdigest() != row["body_sha256"]:
            yield Finding(f"article {row['key']}", "its text is not the one that body_sha256 names", _FOREIGN)
        elif articles.text_sha256(row["title"], row["body"]) != row["text_sha256"]:
            yield Finding(f"article {row['key']}", "its text is not the one that text_sha256 names", _FOREIGN)


def _check_index(connection: sqlite3.Connection, *, quick: bool) -> Iterator[Finding]:
    stale = index.stale_count(connection)
    if stale:
        yield Finding("articles_fts", f"the index does not hold {stale} articles as they stand", REINDEX)
    if quick or stale:
        return
    for article_id in index_check.disagreeing(connection):
        row = connection.execute("SELECT key FROM articles WHERE id = ?", (article_id,)).fetchone()
        where = f"article {row['key']}" if row else f"row {article_id} of articles_fts"
        yield Finding(where, "the index holds other words than its text", REINDEX)
    for first_id in bitmaps.disagreeing(connection):
        where = f"row {first_id} of index_spans"
        yield Finding(where, "its bitmaps are not what the index holds", REINDEX)


def _check_related(connection: sqlite3.Connection) -> Iterator[Finding]:
    for article_id in related.disagreeing(connection):
        (key,) = connection.execute("SELECT key FROM articles WHERE id = ?", (article_id,)).fetchone()
        yield Finding(f"article {key}", "related_articles is not what its text says", REINDEX)
