"""Old addresses join the article that the newspaper moved to a new one.

The newspaper's ASP.NET site printed an article at an `.aspx` address; `/archives/N` on the same host is the
same article where a headline and the day of publication agree. Headlines are compared without white space,
invisible marks and nothing else. Where more than one article agrees, or the day is unknown, the old address
stands alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsarchive.storage import articles, index
from newsarchive.storage.articles import Saved

if TYPE_CHECKING:
    import sqlite3

_MOVED = ("captures", "addresses", "article_keys")


def is_old(url: str | None) -> bool:
    """Whether this normal address is one of the newspaper's site before WordPress."""
    return url is not None and urlsplit(url).path.lower().endswith(".aspx")


def join(connection: sqlite3.Connection, saved: Saved) -> Saved:
    """Join the article just saved with the one at its old or new address, inside the caller's transaction.

    Returns what was saved under the key that it has now.
    """
    row = connection.execute("SELECT id, url FROM articles WHERE id = ?", (saved.article_id,)).fetchone()
    partners = _partners(connection, saved.article_id, row["url"])
    if is_old(row["url"]):
        if len(partners) != 1:
            return saved
        kept_id, old_ids = partners[0], [saved.article_id]
    else:
        kept_id = saved.article_id
        old_ids = [
            old
            for old in partners
            if is_old(_url(connection, old))
            and _partners(connection, old, _url(connection, old)) == [kept_id]
        ]
    for old_id in old_ids:
        _absorb(connection, kept_id, old_id)
    if not old_ids:
        return saved
    (key,) = connection.execute("SELECT key FROM articles WHERE id = ?", (kept_id,)).fetchone()
    return Saved(
        kept_id, key, "unchanged" if is_old(row["url"]) and saved.outcome == "new" else saved.outcome
    )


def _partners(connection: sqlite3.Connection, article_id: int, url: str | None) -> list[int]:
    """Articles of the same host, of the other kind of address, that agree in headline and day."""
    if url is None:
        return []
    host = urlsplit(url).hostname
    row = connection.execute(
        "SELECT newspaper, published_on FROM articles WHERE id = ?", (article_id,)
    ).fetchone()
    if row["published_on"] is None:
        return []
    others = connection.execute(
        "SELECT id, url FROM articles WHERE published_on = ? AND newspaper IS ? AND id <> ?"
        " AND (url LIKE '%.aspx%') = ?"
        " ORDER BY key",
        (row["published_on"], row["newspaper"], article_id, not is_old(url)),
    ).fetchall()
    headlines = _headlines(connection, article_id) if others else set()
    return [
        other["id"]
        for other in others
        if urlsplit(other["url"]).hostname == host
        and is_old(other["url"]) != is_old(url)
        and (is_old(other["url"]) or re.search(r"/archives/\d+$", other["url"]))
        and headlines & _headlines(connection, other["id"])
    ]


def _headlines(connection: sqlite3.Connection, article_id: int) -> set[str]:
    rows = connection.execute("SELECT title FROM revisions WHERE article_id = ?", (article_id,))
    return {articles.text_sha256(row["title"], "") for row in rows}


def _url(connection: sqlite3.Connection, article_id: int) -> str | None:
    row = connection.execute("SELECT url FROM articles WHERE id = ?", (article_id,)).fetchone()
    return str(row["url"]) if row["url"] is not None else None


def _absorb(connection: sqlite3.Connection, kept_id: int, old_id: int) -> None:
    """All that is known of the old address's article becomes the kept one's."""
    # Its text stands in its row; it has to be with its revision before the row goes.
    connection.execute(
        "UPDATE revisions SET body = (SELECT body FROM articles WHERE id = :old),"
        " paragraphs = (SELECT paragraphs FROM articles WHERE id = :old)"
        " WHERE article_id = :old AND body IS NULL",
        {"old": old_id},
    )
    for row in connection.execute("SELECT * FROM revisions WHERE article_id = ?", (old_id,)).fetchall():
        articles.merge_revision(connection, kept_id, row)
    connection.execute("UPDATE articles SET capture_id = NULL WHERE id = ?", (old_id,))
    for table in _MOVED:
        connection.execute(f"UPDATE {table} SET article_id = ? WHERE article_id = ?", (kept_id, old_id))
    for table in ("article_sections", "article_tags", "revisions"):
        connection.execute(f"DELETE FROM {table} WHERE article_id = ?", (old_id,))
    connection.execute(
        "UPDATE articles SET status = o.status, gone_since = o.gone_since FROM articles AS o"
        " WHERE articles.id = ? AND articles.status = 'unknown' AND o.id = ?",
        (kept_id, old_id),
    )
    connection.execute("DELETE FROM articles WHERE id = ?", (old_id,))
    index.refresh(connection, old_id)
    articles.show_best(connection, kept_id)
