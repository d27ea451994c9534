"""Articles and their revisions. What a row says depends on the captures it came from, never on their order.

A revision is a distinct text (headline and body) of an article. The article's row shows the text that was
seen last among the complete ones; every other field takes the value of the newest reading that has one.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from newsarchive.storage import (
    captions,
    captures,
    confirmations,
    index,
    names,
    related,
    revisions,
    rowids,
    writers,
)
from newsarchive.storage.revisions import paragraphs_of, text_sha256

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from newsarchive.items import Article

__all__ = [
    "Saved",
    "article_key",
    "insert_revision",
    "paragraphs_of",
    "record_revision",
    "save",
    "set_status",
    "show_best",
    "text_sha256",
]


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a reading: the article's row and whether it was new, changed or unchanged."""

    article_id: int
    key: str
    outcome: str


def article_key(newspaper: str | None, principal_host: str | None, url: str | None, body_sha256: str) -> str:
    """The permanent key: a pure function of newspaper, host and normal address.

    `/archives/N` on the newspaper's principal host gives NEWSPAPER-N; any other address its host's first
    label and 12 hex digits of the address's SHA-256; a page without address 12 of its body's.
    """
    if url is None:
        return f"{newspaper or 'page'}-x{body_sha256[:12]}"
    parts = urlsplit(url)
    number = re.fullmatch(r"/archives/(\d{1,12})", parts.path)
    if number and parts.hostname == principal_host:
        return f"{newspaper}-{number[1]}"
    label = (parts.hostname or "page").split(".")[0]
    return f"{label}-{hashlib.sha256(url.encode()).hexdigest()[:12]}"


def save(
    connection: sqlite3.Connection, article: Article, *, principal_host: str | None, key: str | None = None
) -> Saved:
    """Put one reading into the archive inside the caller's transaction, with its index.

    `article.captures` are rows of `captures` already, unless it is redacted. `key` replaces the one that its
    address or its text would give. The same reading again changes nothing but the times it was seen.
    """
    body_sha256 = hashlib.sha256(article.body.encode()).hexdigest()
    text = text_sha256(article.title, article.body)
    key = key or article_key(article.newspaper, principal_host, article.url, body_sha256)
    known = _find(connection, key, article, text)
    if known is None:
        article_id = _insert(connection, key, article, body_sha256, text)
    else:
        article_id = known["id"]
        _adopt(connection, known, key, article.url)
        article = captions.told_apart(connection, article_id, article, text_sha256)
        text = text_sha256(article.title, article.body)
    outcome = "new" if known is None else _outcome(connection, article_id, article, text)
    _link_captures(connection, article_id, article, outcome)
    record_revision(connection, article_id, article)
    show_best(connection, article_id)
    row = connection.execute("SELECT key FROM articles WHERE id = ?", (article_id,)).fetchone()
    return Saved(article_id, row["key"], outcome)


def set_status(connection: sqlite3.Connection, article_id: int, status: str, seen_at: str) -> None:
    """`status` live or gone as seen on the newspaper's site at `seen_at`; gone keeps its first moment."""
    connection.execute(
        "UPDATE articles SET status = ?, gone_since = CASE ? WHEN 'gone' THEN coalesce(gone_since, ?) END"
        " WHERE id = ?",
        (status, status, seen_at, article_id),
    )


def _find(connection: sqlite3.Connection, key: str, article: Article, text: str) -> sqlite3.Row | None:
    """The row this reading belongs to: by key, and for a page without address by its very text."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT a.id, a.key, a.url FROM articles AS a JOIN article_keys AS k ON k.article_id = a.id"
        " WHERE k.key = ?",
        (key,),
    ).fetchone()
    if row is None:
        addressless = "" if article.url is None else " AND a.url IS NULL"
        # CROSS JOIN keeps SQLite from reading every article without an address first.
        row = connection.execute(
            "SELECT a.id, a.key, a.url FROM revisions AS r CROSS JOIN articles AS a ON a.id = r.article_id"
            f" WHERE r.text_sha256 = ? AND a.newspaper IS ?{addressless} ORDER BY a.key LIMIT 1",
            (text, article.newspaper),
        ).fetchone()
    return row


def _insert(connection: sqlite3.Connection, key: str, article: Article, body_sha256: str, text: str) -> int:
    article_id = rowids.chronological(connection, article.published_at)
    connection.execute(
        "INSERT INTO articles (id, key, newspaper, url, title, body, body_sha256, text_sha256)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (article_id, key, article.newspaper, article.url, article.title, article.body, body_sha256, text),
    )
    # Another tool may have deleted the article that the key led to.
    connection.execute("INSERT OR REPLACE INTO article_keys VALUES (?, ?)", (key, article_id))
    return article_id


def _adopt(connection: sqlite3.Connection, known: sqlite3.Row, key: str, url: str | None) -> None:
    """A reading with another key joined this row: both keys lead to it, and an address beats none."""
    connection.execute("INSERT OR IGNORE INTO article_keys VALUES (?, ?)", (key, known["id"]))
    if known["url"] is None and url is not None:
        connection.execute("UPDATE articles SET key = ?, url = ? WHERE id = ?", (key, url, known["id"]))


def _outcome(connection: sqlite3.Connection, article_id: int, article: Article, text: str) -> str:
    known = connection.execute(
        "SELECT 1 FROM revisions WHERE article_id = ? AND text_sha256 = ?", (article_id, text)
    ).fetchone()
    cut = any(capture.truncated for capture in article.captures)
    return "unchanged" if known or cut else "changed"


def record_revision(connection: sqlite3.Connection, article_id: int, article: Article) -> None:
    """Enter the reading's text, or widen the time in which a known text was seen."""
    text = text_sha256(article.title, article.body)
    row = connection.execute(
        "SELECT * FROM revisions WHERE article_id = ? AND text_sha256 = ?", (article_id, text)
    ).fetchone()
    known = _in_full(connection, row) if row else None
    values = revisions.with_reading(known, article, text, _capture_id(connection, article))
    insert_revision(connection, {**values, "article_id": article_id})


def merge_revision(connection: sqlite3.Connection, article_id: int, other: sqlite3.Row) -> None:
    """Give an article a revision of another row that joins it, as if its readings had been this one's.

    `other` is a whole row of `revisions` with its body; the caller takes it away and then shows the best.
    """
    row = connection.execute(
        "SELECT * FROM revisions WHERE article_id = ? AND text_sha256 = ?", (article_id, other["text_sha256"])
    ).fetchone()
    if row is None:
        connection.execute("UPDATE revisions SET article_id = ? WHERE id = ?", (article_id, other["id"]))
        return
    values = revisions.merged(_in_full(connection, row), _in_full(connection, other))
    insert_revision(connection, {**values, "article_id": article_id})


def _in_full(connection: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
    """The revision's row as its readings gave it.

    The text of the current one stands in the article's row; the time of its last capture may have been widened.
    """
    full = dict(row)
    if row["body"] is None:
        current = connection.execute(
            "SELECT body, paragraphs FROM articles WHERE id = ?", (row["article_id"],)
        ).fetchone()
        full |= {"body": current["body"], "paragraphs": current["paragraphs"]}
    last = connection.execute(
        "SELECT fetched_at FROM captures WHERE id = ?", (row["last_capture_id"],)
    ).fetchone()
    return full | ({"last_seen_at": last["fetched_at"]} if last else {})


def insert_revision(connection: sqlite3.Connection, values: Mapping[str, Any]) -> None:
    """Write a row of `revisions`, in place of the one with its id or its text."""
    names_, marks = ", ".join(values), ", ".join("?" * len(values))
    connection.execute(
        f"INSERT OR REPLACE INTO revisions ({names_}) VALUES ({marks})", tuple(values.values())
    )


def show_best(connection: sqlite3.Connection, article_id: int) -> None:
    """Write the article's row from its revisions, and its index; its captures are linked to it already."""
    confirmations.widen(connection, article_id)
    rows = connection.execute(
        "SELECT * FROM revisions WHERE article_id = ? AND superseded_by IS NULL", (article_id,)
    ).fetchall()
    current = connection.execute(
        "SELECT text_sha256, body, paragraphs, writer, published_on FROM articles WHERE id = ?", (article_id,)
    ).fetchone()
    full = [dict(row) for row in rows]
    for row in full:
        if row["body"] is None:
            row |= {"body": current["body"], "paragraphs": current["paragraphs"]}
    values, sections, tags = revisions.shown(full)
    # A row is touched only where it changes, so that an unchanged article costs no index work.
    if current["text_sha256"] != values["text_sha256"]:
        _keep_former_text(connection, article_id, current)
    assignments = ", ".join(f"{name} = ?" for name in values)
    changed = " OR ".join(f"{name} IS NOT ?" for name in values)
    connection.execute(
        f"UPDATE articles SET {assignments} WHERE id = ? AND ({changed})",
        (*values.values(), article_id, *values.values()),
    )
    connection.execute(
        "UPDATE revisions SET body = NULL, paragraphs = NULL WHERE article_id = ? AND text_sha256 = ?",
        (article_id, values["text_sha256"]),
    )
    names.link(connection, "section", article_id, sections)
    names.link(connection, "tag", article_id, tags)
    writers.follow(connection, current["writer"], values["writer"])
    # A row that is new has no day yet.
    if any(current[name] != values[name] for name in ("body", "published_on")):
        related.follow(connection, article_id)
    index.refresh(connection, article_id)


def _keep_former_text(connection: sqlite3.Connection, article_id: int, current: sqlite3.Row) -> None:
    """The text that stood in the article's row moves to its revision."""
    connection.execute(
        "UPDATE revisions SET body = ?, paragraphs = ? WHERE article_id = ? AND text_sha256 = ? AND body IS NULL",
        (current["body"], current["paragraphs"], article_id, current["text_sha256"]),
    )


def _capture_id(connection: sqlite3.Connection, article: Article) -> int | None:
    if not article.captures:
        return None
    return captures.id_of(connection, article.captures[0])


def _link_captures(connection: sqlite3.Connection, article_id: int, article: Article, outcome: str) -> None:
    for part, capture in enumerate(article.captures, start=1):
        connection.execute(
            "UPDATE captures SET article_id = ?, part = ?, outcome = ? WHERE warc_file = ? AND warc_offset = ?",
            (article_id, part, outcome, capture.warc_file, capture.warc_offset),
        )
