"""What reading every capture again needs of the tables, and what it changes in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsarchive.storage import articles, index

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from newsarchive.items import Article

# The first row with the same body under the same address stands for a revisit record, which has none.
_CAPTURES = (
    "SELECT c.*, f.warc_file AS body_file, f.warc_offset AS body_offset, f.warc_length AS body_length"
    " FROM captures AS c JOIN captures AS f ON f.id = (SELECT min(id) FROM captures"
    " WHERE payload_sha256 = c.payload_sha256 AND url = c.url AND status IS c.status)"
)


def of_articles(connection: sqlite3.Connection) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Every article's row, with `sections` and `tags`, and the captures that its texts came from, by id."""
    for row in connection.execute("SELECT * FROM articles ORDER BY id").fetchall():
        article_id = row["id"]
        captures = connection.execute(
            f"{_CAPTURES} WHERE c.article_id = ? AND c.status IS NOT 304 AND c.outcome IS NOT 'image' ORDER BY c.id",
            (article_id,),
        )
        named = {kind: _names(connection, kind, article_id) for kind in ("section", "tag")}
        yield (
            dict(row) | {"sections": named["section"], "tags": named["tag"]},
            [dict(capture) for capture in captures],
        )


def of_refusals(connection: sqlite3.Connection) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Every refusal that stands, with its capture."""
    query = "SELECT * FROM refusals WHERE capture_id IS NOT NULL ORDER BY id"
    for row in connection.execute(query).fetchall():
        captures = connection.execute(f"{_CAPTURES} WHERE c.id = ?", (row["capture_id"],))
        yield dict(row), [dict(capture) for capture in captures]


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
    index.refresh(connection, article_id)


def _names(connection: sqlite3.Connection, kind: str, article_id: int) -> list[str]:
    rows = connection.execute(
        f"SELECT n.name FROM article_{kind}s AS l JOIN {kind}s AS n ON n.id = l.{kind}_id"
        " WHERE l.article_id = ? ORDER BY l.position",
        (article_id,),
    )
    return [row[0] for row in rows]
