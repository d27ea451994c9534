"""What reading every capture again needs of the tables, and what it changes in them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from newsarchive.storage import articles, captures

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from newsarchive.items import Article

# What reading again needs of a capture: its place in its visit, and a `Capture`'s fields. The first row with the
# same body under the same address stands for a revisit record, which has none.
_CAPTURES = (
    "SELECT c.id, c.article_id, c.part, c.url, c.fetched_at, c.status, c.source, c.warc_file, c.warc_offset,"
    " c.warc_length, c.payload_sha256, c.content_type, c.truncated,"
    " f.warc_file AS body_file, f.warc_offset AS body_offset, f.warc_length AS body_length"
    " FROM captures AS c JOIN captures AS f ON f.id = (SELECT min(id) FROM captures"
    " WHERE payload_sha256 = c.payload_sha256 AND url = c.url AND status IS c.status)"
)
_ASKED = "(SELECT value FROM json_each(?))"
_STEP = 1000

Row = dict[str, Any]


def count(connection: sqlite3.Connection) -> int:
    """How many articles and refusals can be read again."""
    (number,) = connection.execute(
        f"SELECT (SELECT count(*) FROM articles WHERE {captures.NOT_SEALED})"
        " + (SELECT count(*) FROM refusals WHERE capture_id IS NOT NULL)"
    ).fetchone()
    return int(number)


def article_ids(connection: sqlite3.Connection) -> Iterator[int]:
    """The id of every article whose captures have rows, ascending. No read transaction is held open between them."""
    return _ids(connection, f"articles WHERE id > ? AND {captures.NOT_SEALED}")


def refusal_ids(connection: sqlite3.Connection) -> Iterator[int]:
    """The id of every refusal that has a capture, ascending."""
    return _ids(connection, "refusals WHERE id > ? AND capture_id IS NOT NULL")


def articles_of(connection: sqlite3.Connection, ids: Sequence[int]) -> Iterator[tuple[Row, list[Row]]]:
    """Row, with `sections` and `tags`, and captures that its texts came from, of each article that is there."""
    asked = json.dumps(ids)
    made: dict[int, list[Row]] = {}
    for row in connection.execute(
        f"{_CAPTURES} WHERE c.article_id IN {_ASKED} AND c.status IS NOT 304 AND c.outcome IS NOT 'image'"
        " ORDER BY c.id",
        (asked,),
    ):
        made.setdefault(row["article_id"], []).append(dict(row))
    sections, tags = (_names(connection, kind, asked) for kind in ("section", "tag"))
    for row in connection.execute(f"SELECT * FROM articles WHERE id IN {_ASKED} ORDER BY id", (asked,)):
        article_id = row["id"]
        named = {"sections": sections.get(article_id, []), "tags": tags.get(article_id, [])}
        yield dict(row) | named, made.get(article_id, [])


def refusals_of(connection: sqlite3.Connection, ids: Sequence[int]) -> Iterator[tuple[Row, list[Row]]]:
    """Row and capture of each refusal that stands."""
    query = f"SELECT * FROM refusals WHERE id IN {_ASKED} AND capture_id IS NOT NULL ORDER BY id"
    for row in connection.execute(query, (json.dumps(ids),)).fetchall():
        made = connection.execute(f"{_CAPTURES} WHERE c.id = ?", (row["capture_id"],))
        yield dict(row), [dict(capture) for capture in made]


def name_of(connection: sqlite3.Connection, kind: str, row_id: int) -> str:
    """What people call an article (its key) or a refusal (its address)."""
    query = (
        "SELECT key FROM articles WHERE id = ?"
        if kind == "article"
        else "SELECT url FROM refusals WHERE id = ?"
    )
    row = connection.execute(query, (row_id,)).fetchone()
    return str(row[0]) if row and row[0] else f"{kind} {row_id}"


def replace(
    connection: sqlite3.Connection, article_id: int, found: Sequence[Article], superseded_by: str
) -> None:
    """Make an article's row say what its captures say now, inside the caller's transaction.

    A text that no capture gives any more is kept as a revision of the reader that made it.
    """
    former = [
        dict(row)
        for row in connection.execute(
            "SELECT * FROM revisions WHERE article_id = ?", (article_id,)
        ).fetchall()
    ]
    current = connection.execute(
        "SELECT body, paragraphs FROM articles WHERE id = ?", (article_id,)
    ).fetchone()
    connection.execute("DELETE FROM revisions WHERE article_id = ?", (article_id,))
    for article in found:
        articles.record_revision(connection, article_id, article)
    articles.show_best(connection, article_id)
    known = {
        row[0]
        for row in connection.execute("SELECT text_sha256 FROM revisions WHERE article_id = ?", (article_id,))
    }
    for row in former:
        if row["text_sha256"] in known:
            continue
        if row["body"] is None:
            row |= {"body": current["body"], "paragraphs": current["paragraphs"]}
        articles.insert_revision(connection, row | {"superseded_by": row["superseded_by"] or superseded_by})


def _ids(connection: sqlite3.Connection, source: str) -> Iterator[int]:
    last = -1
    while rows := connection.execute(
        f"SELECT id FROM {source} ORDER BY id LIMIT {_STEP}", (last,)
    ).fetchall():
        yield from (row[0] for row in rows)
        last = rows[-1][0]


def _names(connection: sqlite3.Connection, kind: str, asked: str) -> dict[int, list[str]]:
    """The sections or tags of the articles that are asked for."""
    found: dict[int, list[str]] = {}
    for article_id, name in connection.execute(
        f"SELECT l.article_id, n.name FROM article_{kind}s AS l JOIN {kind}s AS n ON n.id = l.{kind}_id"
        f" WHERE l.article_id IN {_ASKED} ORDER BY l.article_id, l.position",
        (asked,),
    ):
        found.setdefault(article_id, []).append(name)
    return found
