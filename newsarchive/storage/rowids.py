"""Row ids of articles that sort by publication, so that «newest first» is rowid order and needs no sort."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

# 4,096 ids a day leave two a minute and a reserve; day numbers from 1900 leave everything below to articles
# without a date. Small gaps keep the index small: FTS5 stores the difference to the row before.
_IDS_PER_DAY = 4096
_DAY_ZERO = date(1900, 1, 1).toordinal()
_FIRST_DATED = _IDS_PER_DAY * 365


def chronological(connection: sqlite3.Connection, published_at: str | None) -> int:
    """A free id for an article published then (ISO 8601, local); the next free one where it is taken."""
    wanted = _wanted(published_at) if published_at else None
    if wanted is None:
        highest = connection.execute("SELECT max(id) FROM articles WHERE id < ?", (_FIRST_DATED,)).fetchone()[
            0
        ]
        return int(highest or 0) + 1
    taken = connection.execute("SELECT 1 FROM articles WHERE id = ?", (wanted,)).fetchone()
    if taken is None:
        return wanted
    gap = connection.execute(
        "SELECT a.id + 1 FROM articles AS a WHERE a.id >= ?"
        " AND NOT EXISTS (SELECT 1 FROM articles AS b WHERE b.id = a.id + 1) ORDER BY a.id LIMIT 1",
        (wanted,),
    ).fetchone()
    return int(gap[0])


def is_astray(article_id: int, published_on: str | None) -> bool:
    """Whether a row id is not that of an article of this day (YYYY-MM-DD): another tool gave it, or the day changed."""
    if published_on is None:
        return article_id >= _FIRST_DATED
    try:
        day = date.fromisoformat(published_on)
    except ValueError:
        return True
    return str(day) != published_on or article_id // _IDS_PER_DAY != day.toordinal() - _DAY_ZERO


def _wanted(published_at: str) -> int:
    moment = datetime.fromisoformat(published_at)
    day = moment.date().toordinal() - _DAY_ZERO
    return day * _IDS_PER_DAY + (moment.hour * 60 + moment.minute) * 2
