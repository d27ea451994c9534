"""Whether the search index holds the words of the articles, all of them and no others.

A contentless FTS5 index keeps no text, so its own integrity-check compares it with nothing. Here every article
is analysed once more into an index beside it, and the two are compared word by word in their vocabularies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.storage import index, schema

if TYPE_CHECKING:
    import sqlite3

_BATCH = 500
# A sum over a column's words and their places: other words, or the same in another order, give another one. Facets
# can differ in the middle alone: the writer's, which is the last in the alphabet, and the section's before it are held
# against each other whole.
_SUMS = (
    "SELECT doc, col, count(*), max(CASE col WHEN 'facets' THEN term END),"
    " max(CASE WHEN col = 'facets' AND term < 'writer' THEN term END),"
    " sum((offset + 1) * (unicode(term) + 31 * unicode(substr(term, -1))"
    " + 1009 * length(term) + 7919 * coalesce(unicode(substr(term, 2, 1)), 0)"
    " + 104729 * coalesce(unicode(substr(term, 3, 1)), 0))) FROM {} GROUP BY doc, col"
)


def disagreeing(conn: sqlite3.Connection) -> list[int]:
    """Return the ids of rows whose words the index holds wrongly; the connection may be read-only.

    Costs about as much as a rebuild, in time and in temporary space, which the connection holds until its transaction
    is rolled back or another call begins. Whoever lets others write meanwhile calls it inside a transaction: texts and
    index are read one after the other.
    """
    # Not at the end: to drop tables takes space too, and fails first where there is little.
    for name in ("expected_words", "held_words", "expected_fts"):
        conn.execute(f"DROP TABLE IF EXISTS temp.{name}")
    schema.create_index(conn, "temp.expected_fts")
    _fill(conn)
    conn.execute("CREATE VIRTUAL TABLE temp.expected_words USING fts5vocab(temp, expected_fts, instance)")
    conn.execute("CREATE VIRTUAL TABLE temp.held_words USING fts5vocab(main, articles_fts, instance)")
    expected, held = _SUMS.format("temp.expected_words"), _SUMS.format("temp.held_words")
    query = (
        f"SELECT DISTINCT doc FROM (SELECT * FROM ({expected} EXCEPT {held})"
        f" UNION ALL SELECT * FROM ({held} EXCEPT {expected})) ORDER BY doc"
    )
    return [row[0] for row in conn.execute(query)]


def _fill(conn: sqlite3.Connection) -> None:
    last_id = -(2**63)
    while rows := conn.execute(
        f"SELECT id, {index.SOURCES} FROM articles WHERE id > ? ORDER BY id LIMIT ?",
        (last_id, _BATCH),
    ).fetchall():
        conn.executemany(
            f"INSERT INTO temp.expected_fts (rowid, {', '.join(index.COLUMNS)}) VALUES (?{', ?' * len(index.COLUMNS)})",
            [(row[0], *index.analysed_row(row)) for row in rows],
        )
        last_id = rows[-1][0]
