"""Figures about the archive as it stands, for verdicts and health."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


def article_count(connection: sqlite3.Connection) -> int:
    """How many articles there are."""
    return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])


def published_span(connection: sqlite3.Connection) -> tuple[str | None, str | None]:
    """The first and the last day on which an article was published (local days)."""
    row = connection.execute("SELECT min(published_on), max(published_on) FROM articles").fetchone()
    return row[0], row[1]


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
