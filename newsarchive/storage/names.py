"""Names that many articles share: sections and tags, each kept once and linked in printed order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence


def link(connection: sqlite3.Connection, kind: str, article_id: int, wanted: Sequence[str]) -> None:
    """Make `article_sections` or `article_tags` (`kind` section or tag) say exactly `wanted` for an article."""
    linked = [
        row["name"]
        for row in connection.execute(
            f"SELECT n.name FROM article_{kind}s AS l JOIN {kind}s AS n ON n.id = l.{kind}_id"
            " WHERE l.article_id = ? ORDER BY l.position",
            (article_id,),
        )
    ]
    if linked == list(wanted):
        return
    connection.execute(f"DELETE FROM article_{kind}s WHERE article_id = ?", (article_id,))
    for position, name in enumerate(wanted):
        connection.execute(f"INSERT OR IGNORE INTO {kind}s (name) VALUES (?)", (name,))
        connection.execute(
            f"INSERT OR IGNORE INTO article_{kind}s SELECT ?, id, ? FROM {kind}s WHERE name = ?",
            (article_id, position, name),
        )
