"""stub until the search branch lands"""

from __future__ import annotations

import sqlite3


def refresh(connection: sqlite3.Connection, article_id: int | None = None) -> None:
    connection.execute("DELETE FROM index_stale")
