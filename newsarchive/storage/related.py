"""Articles that share text: a front page's short form and the inside page's long one, or two cuts of one report.

Two articles are related when their texts have at least two different sentences of eight words or more in common,
word for word, and were published at most three days apart. Headlines say nothing: two columns of one name are not
related. Both tables say what the articles say and no more, in whatever order these came. What the rule costs and how
precise it is: `docs/decisions/0018-related-articles.md`.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING

from newsarchive.text.sentences import sentences

if TYPE_CHECKING:
    import sqlite3

# By day first: the sentences of one week stand together, however many years there are.
TABLES = """
CREATE TABLE article_sentences (
    day INTEGER NOT NULL,
    digest INTEGER NOT NULL,
    article_id INTEGER NOT NULL REFERENCES articles (id),
    PRIMARY KEY (day, digest, article_id)
) WITHOUT ROWID;
CREATE INDEX article_sentences_article ON article_sentences (article_id);

CREATE TABLE related_articles (
    article_id INTEGER NOT NULL REFERENCES articles (id),
    related_id INTEGER NOT NULL REFERENCES articles (id),
    shared_sentences INTEGER NOT NULL,
    PRIMARY KEY (article_id, related_id)
) WITHOUT ROWID;
CREATE INDEX related_articles_related ON related_articles (related_id);

CREATE TRIGGER articles_unrelated AFTER DELETE ON articles BEGIN
    DELETE FROM article_sentences WHERE article_id = old.id;
    DELETE FROM related_articles WHERE article_id = old.id;
    DELETE FROM related_articles WHERE related_id = old.id;
END;
"""
"""What migration m005 makes; a later change of it is another migration."""

DAYS_APART = 3
LEAST_SHARED = 2
LEAST_WORDS = 8

_COLUMNS = (
    ("article_sentences", "article_id"),
    ("related_articles", "article_id"),
    ("related_articles", "related_id"),
)
_DAYS = ", ".join(f"own.day + {n}" for n in range(-DAYS_APART, DAYS_APART + 1))
_RELATIONS = (
    "SELECT own.article_id, s.article_id AS related_id, count(*) AS shared FROM article_sentences AS own"
    f" JOIN article_sentences AS s ON s.day IN ({_DAYS}) AND s.digest = own.digest"
    " WHERE s.article_id <> own.article_id AND {} GROUP BY own.article_id, s.article_id"
    f" HAVING shared >= {LEAST_SHARED}"
)


def follow(connection: sqlite3.Connection, article_id: int) -> None:
    """The article's text or day is new: relate it to the others, in the caller's transaction."""
    _forget(connection, article_id)
    published_on, body = connection.execute(
        "SELECT published_on, body FROM articles WHERE id = ?", (article_id,)
    ).fetchone()
    connection.executemany(
        "INSERT INTO article_sentences (day, digest, article_id) VALUES (?, ?, ?)",
        [(*entry, article_id) for entry in sorted(_entries(published_on, body))],
    )
    connection.execute(
        f"WITH found AS ({_RELATIONS.format('own.article_id = ?')}) INSERT INTO related_articles"
        " SELECT * FROM found UNION ALL SELECT related_id, article_id, shared FROM found",
        (article_id,),
    )


def rebuild(connection: sqlite3.Connection) -> None:
    """Make both tables anew from `articles`, inside the caller's transaction."""
    connection.execute("DELETE FROM related_articles")
    connection.execute("DELETE FROM article_sentences")
    for (article_id,) in connection.execute("SELECT id FROM articles ORDER BY id").fetchall():
        follow(connection, article_id)


def drop_strays(connection: sqlite3.Connection) -> None:
    """Forget what belongs to articles that are no more, inside the caller's transaction."""
    for table, column in _COLUMNS:
        connection.execute(f"DELETE FROM {table} WHERE {column} NOT IN (SELECT id FROM articles)")


def disagreeing(connection: sqlite3.Connection) -> list[int]:
    """Ids of articles whose sentences or relations are not what the texts say; the connection may be read-only."""
    found = set[int]()
    for article_id, published_on, body in connection.execute("SELECT id, published_on, body FROM articles"):
        held = connection.execute(
            "SELECT day, digest FROM article_sentences WHERE article_id = ?", (article_id,)
        )
        if {tuple(entry) for entry in held} != _entries(published_on, body):
            found.add(article_id)
    due = _RELATIONS.format("TRUE")
    query = (
        f"SELECT article_id FROM (SELECT * FROM ({due}) EXCEPT SELECT * FROM related_articles)"
        f" UNION SELECT article_id FROM (SELECT * FROM related_articles EXCEPT SELECT * FROM ({due}))"
    )
    return sorted(found.union(article_id for (article_id,) in connection.execute(query)))


def _forget(connection: sqlite3.Connection, article_id: int) -> None:
    for table, column in _COLUMNS:
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (article_id,))


def _entries(published_on: str | None, body: object) -> set[tuple[int, int]]:
    """(day, digest) of each sentence that is long enough to be one article's own; none without a day of the calendar.

    What another tool wrote as bytes has none. A digest is 64 bits of BLAKE2b: among the sentences of a million
    articles in one week, chance makes no two alike.
    """
    try:
        day = date.fromisoformat(published_on or "").toordinal()
    except ValueError:  # another tool wrote it
        return set()
    if not isinstance(body, str):
        return set()
    return {
        (day, int.from_bytes(hashlib.blake2b(words.encode(), digest_size=8).digest(), signed=True))
        for words in sentences(body)
        if words.count(" ") >= LEAST_WORDS - 1
    }
