"""Answers that say «not modified» (HTTP 304): each confirms the text that was read at its address before it.

Nothing is added up as they come: how long a text stood is told from the rows of `captures`, so that they may come in
any order, and before the text that they confirm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

# The answers u that confirm the reading c: after it, and with no other reading of its address between the two.
_CONFIRMING = (
    "u.url = c.url AND u.status = 304 AND u.source = 'live' AND u.fetched_at > c.fetched_at AND NOT EXISTS ("
    "SELECT 1 FROM captures AS n WHERE n.url = c.url AND n.source = 'live' AND n.status IS NOT 304"
    " AND n.article_id IS NOT NULL AND n.fetched_at > c.fetched_at AND n.fetched_at < u.fetched_at)"
)


def widen(connection: sqlite3.Connection, article_id: int) -> None:
    """Let each text of an article have been seen from its first reading to what confirmed its last one."""
    connection.execute(
        "UPDATE revisions SET last_seen_at = (SELECT max(c.fetched_at, coalesce(max(u.fetched_at), ''))"
        f" FROM captures AS c LEFT JOIN captures AS u ON {_CONFIRMING} WHERE c.id = revisions.last_capture_id)"
        " WHERE article_id = ? AND last_capture_id IN (SELECT id FROM captures WHERE source = 'live')",
        (article_id,),
    )


def last_of(connection: sqlite3.Connection, capture_id: int) -> str | None:
    """The last answer (UTC) that confirmed this reading, None for none; it and those before it are settled now."""
    (moment,) = connection.execute(
        f"SELECT max(u.fetched_at) FROM captures AS c JOIN captures AS u ON {_CONFIRMING} WHERE c.id = ?",
        (capture_id,),
    ).fetchone()
    connection.execute(
        "UPDATE captures SET outcome = 'unchanged' WHERE url = (SELECT url FROM captures WHERE id = ?)"
        " AND status = 304 AND outcome IS NULL AND fetched_at <= ?",
        (capture_id, moment or ""),
    )
    return moment if moment is None else str(moment)
