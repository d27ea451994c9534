"""One article for its page: its text in blocks, what it was read from, its versions and its neighbours."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import sqlite3

PARAGRAPH_KINDS: Final = ("prose", "subhead", "list", "quote", "caption")
EXCERPT: Final = 220

BRIEF: Final = (
    "key, title, section, writer, published_on, status, revision_count, substr(lead, 1, 400) AS lead"
)
"""The columns a line about an article needs."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph as stored: its kind and its text."""

    kind: str
    text: str


def read_article(connection: sqlite3.Connection, key: str) -> dict[str, Any] | None:
    """The article with this key and everything its page shows. None where no article has the key.

    Its `body` is None where another tool wrote something else than text there.
    """
    row = connection.execute("SELECT * FROM articles WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    article = _of_row(row)
    article["body"] = _readable(article["body"])
    number = article["id"]
    article["blocks"] = blocks(paragraphs(article["body"], article["paragraphs"]))
    article["sections"] = _sections(connection, number) or [name for name in (article["section"],) if name]
    article["tags"] = _names(
        connection,
        "SELECT t.name FROM article_tags AS a JOIN tags AS t ON t.id = a.tag_id "
        "WHERE a.article_id = ? ORDER BY a.position",
        number,
    )
    article["revisions"] = read_revisions(connection, article)
    article["captures"] = _captures(connection, number)
    article["previous"], article["next"] = _neighbours(connection, article)
    article["related"] = _related(connection, number)
    article["link"] = safe_link(article["url"])
    return article


def read_taken_down(connection: sqlite3.Connection, key: str) -> dict[str, Any] | None:
    """What is taken down under this key: state, reason, until, and `article` where its page may still be read."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'taken_down'").fetchone() is None:
        return None  # an archive of an older release
    row = connection.execute("SELECT * FROM taken_down WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    return {**dict(row), "article": _delisted(row["record"]) if row["record"] else None}


def _delisted(record: str) -> dict[str, Any]:
    """The page of an article that is in no list, as it stood: nothing leads from it to others or to captures."""
    article: dict[str, Any] = json.loads(record)
    return article | {
        "blocks": blocks(paragraphs(article["body"], article["paragraphs"])),
        "captures": [],
        "capture_id": None,
        "previous": None,
        "next": None,
        "link": safe_link(article["url"]),
    }


def current_key(connection: sqlite3.Connection, key: str) -> str | None:
    """The key that replaced an older one, None where `key` was never one of ours."""
    row = connection.execute(
        "SELECT a.key FROM article_keys AS k JOIN articles AS a ON a.id = k.article_id WHERE k.key = ?",
        (key,),
    ).fetchone()
    return None if row is None else row[0]


def paragraphs(body: str | None, stored: str | None) -> list[Paragraph]:
    """The paragraphs of a text: as stored, or its body split at blank lines where all of it is prose.

    None of a body that is not readable, whatever is stored of the text before it.
    """
    if body is None:
        return []
    if stored is None:
        return [Paragraph("prose", text) for text in body.split("\n\n") if text.strip()]
    return [Paragraph(item["kind"], item["text"]) for item in json.loads(stored)]


def blocks(given: list[Paragraph]) -> list[tuple[str, list[str]]]:
    """Neighbours of one kind together, so that list items make one list."""
    return [
        (kind, [paragraph.text for paragraph in group])
        for kind, group in itertools.groupby(given, key=lambda paragraph: paragraph.kind)
    ]


def read_revisions(connection: sqlite3.Connection, article: dict[str, Any]) -> list[dict[str, Any]]:
    """Every distinct text, oldest first; the current one carries the article's own body."""
    rows = connection.execute(
        "SELECT id, text_sha256, first_seen_at, last_seen_at, complete, title, subtitle, byline, body, paragraphs "
        "FROM revisions WHERE article_id = ? AND superseded_by IS NULL ORDER BY first_seen_at, id",
        (article["id"],),
    )
    revisions = [_of_row(row) for row in rows]
    for revision in revisions:
        revision["current"] = revision["body"] is None
        revision["body"] = _readable(revision["body"])
        if revision["current"]:
            revision["body"], revision["paragraphs"] = article["body"], article["paragraphs"]
    return revisions


def _of_row(row: sqlite3.Row) -> dict[str, Any]:
    """The columns of a row; bytes that another tool wrote are read as text, but for the body, which is evidence."""
    return {
        name: value.decode("utf-8", "replace") if isinstance(value, bytes) and name != "body" else value
        for name, value in dict(row).items()
    }


def _readable(body: object) -> str | None:
    return body if isinstance(body, str) else None


def excerpt(text: str | None) -> str | None:
    """The beginning of a text, cut between words, None for none."""
    if not text or len(text) <= EXCERPT:
        return text or None
    return text[:EXCERPT].rsplit(" ", 1)[0] + "…"


def briefs(rows: list[sqlite3.Row]) -> list[dict[str, Any]]:
    """Rows of `BRIEF` with an excerpt of the lead."""
    return [{**dict(row), "excerpt": excerpt(row["lead"])} for row in rows]


def safe_link(url: str | None) -> str | None:
    """The address if a reader may be sent there: http or https with a host. None otherwise."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def _sections(connection: sqlite3.Connection, number: int) -> list[str]:
    return _names(
        connection,
        "SELECT s.name FROM article_sections AS a JOIN sections AS s ON s.id = a.section_id "
        "WHERE a.article_id = ? ORDER BY a.position",
        number,
    )


def _names(connection: sqlite3.Connection, sql: str, number: int) -> list[str]:
    return [row[0] for row in connection.execute(sql, (number,))]


def _captures(connection: sqlite3.Connection, number: int) -> list[dict[str, Any]]:
    rows = connection.execute(
        "SELECT * FROM captures WHERE article_id = ? ORDER BY fetched_at DESC, id DESC",
        (number,),
    )
    return [dict(row) for row in rows]


def _related(connection: sqlite3.Connection, number: int) -> list[dict[str, Any]]:
    """Articles that share text with this one, the one that shares most first."""
    rows = connection.execute(
        "SELECT a.key, a.title, a.published_on, r.shared_sentences FROM related_articles AS r"
        " JOIN articles AS a ON a.id = r.related_id WHERE r.article_id = ?"
        " ORDER BY r.shared_sentences DESC, a.key",
        (number,),
    )
    return [dict(row) for row in rows]


def _neighbours(
    connection: sqlite3.Connection, article: dict[str, Any]
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    day, number = article["published_on"], article["id"]
    if day is None:
        return None, None
    before = connection.execute(
        "SELECT key, title FROM articles WHERE published_on = ? AND id < ? ORDER BY id DESC LIMIT 1",
        (day, number),
    ).fetchone()
    after = connection.execute(
        "SELECT key, title FROM articles WHERE published_on = ? AND id > ? ORDER BY id LIMIT 1", (day, number)
    ).fetchone()
    return (None if before is None else dict(before)), (None if after is None else dict(after))
