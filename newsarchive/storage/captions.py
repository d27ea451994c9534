"""Readings that cannot tell captions from the text: a page that reached us as lines, a theme without figures.

A caption is no part of the body, so such a reading would look like an edit. It is none where it holds letter
for letter what another reading of the article prints in body and captions together: then the reading that
tells the captions says what the text is, whichever of the two came first.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from newsarchive.items import Paragraph, ParagraphKind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from newsarchive.items import Article

    Digest = Callable[[str, str], str]


def told_apart(connection: sqlite3.Connection, article_id: int, article: Article, digest: Digest) -> Article:
    """Return the reading as it is to be entered, in the caller's transaction.

    It comes back with the known text's paragraphs where those tell its captions apart. Where it is the one that
    tells them, the revision that could not takes its form. `digest` is the one of title and body that decides
    on edits.
    """
    text, printed = digest(article.title, article.body), _printed(article.title, article.paragraphs, digest)
    rows = connection.execute(
        "SELECT r.id, r.text_sha256, r.title, r.reader, r.reader_version,"
        " coalesce(r.paragraphs, CASE WHEN r.body IS NULL THEN a.paragraphs END) AS paragraphs"
        " FROM revisions AS r JOIN articles AS a ON a.id = r.article_id WHERE r.article_id = ?",
        (article_id,),
    ).fetchall()
    if any(row["text_sha256"] == text for row in rows):
        return article
    for row in rows:
        known = _paragraphs(row["paragraphs"])
        if known and _printed(row["title"], known, digest) == text:
            return replace(
                article,
                title=row["title"],
                paragraphs=known,
                reader=row["reader"],
                reader_version=row["reader_version"],
            )
        if row["text_sha256"] == printed:
            _reform(connection, article_id, row, article, text)
            return article
    return article


def _printed(title: str, paragraphs: Sequence[Paragraph], digest: Digest) -> str:
    """The digest of all that is printed, captions in their places."""
    return digest(title, "\n".join(paragraph.text for paragraph in paragraphs))


def _paragraphs(stored: str | None) -> tuple[Paragraph, ...]:
    """The paragraphs of a revision that tells captions, nothing for one that has none."""
    listed = json.loads(stored) if stored else []
    told = tuple(Paragraph(ParagraphKind(p["kind"]), p["text"]) for p in listed)
    return told if any(p.kind is ParagraphKind.CAPTION for p in told) else ()


def _reform(
    connection: sqlite3.Connection, article_id: int, row: sqlite3.Row, article: Article, text: str
) -> None:
    """The revision takes the form of a reading that tells more; when it was seen stays."""
    listed = json.dumps(
        [{"kind": str(p.kind), "text": p.text} for p in article.paragraphs], ensure_ascii=False
    )
    connection.execute(
        "UPDATE revisions SET text_sha256 = ?, title = ?, body = ?, paragraphs = ?, reader = ?, reader_version = ?"
        " WHERE id = ?",
        (text, article.title, article.body, listed, article.reader, article.reader_version, row["id"]),
    )
    connection.execute(
        "UPDATE articles SET text_sha256 = ? WHERE id = ? AND text_sha256 = ?",
        (text, article_id, row["text_sha256"]),
    )
