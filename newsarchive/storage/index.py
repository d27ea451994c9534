"""The search index beside the articles: what changed is analysed again in the writer's own transaction.

`index_stale` holds, for every row that triggers saw change, what the index still has of it. The index keeps no
text, so a row's words are taken out by analysing that text once more; a row analysed by another version of the
analyser (`articles.index_version`) waits for `rebuild`.

A rebuild fills `articles_fts_next`, batch after batch, each its own transaction, while `articles_fts`
serves. How far it came stands in `newsarchive` under the key `reindex`; the rows up to there belong to the
next index.
"""

from __future__ import annotations

import json
from itertools import compress
from typing import TYPE_CHECKING, Any, NamedTuple

from newsarchive.storage import schema
from newsarchive.storage.rowids import is_astray
from newsarchive.text.arabic import ANALYSER_VERSION, analyse
from newsarchive.text.facets import ASTRAY, EVERY, facet

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

_BATCH = 500
COLUMNS = (
    "body_exact",
    "body_stem",
    "body_skeleton",
    "title_exact",
    "title_stem",
    "title_skeleton",
    "facets",
)
"""The columns of `articles_fts` in the order of `analysed`."""
SOURCES = "title, subtitle, byline, body, section, writer, published_on"
"""The columns of `articles` in the order in which `analysed` takes them."""
_SERVING, _NEXT = "articles_fts", "articles_fts_next"
_STATE = "reindex"


class _Source(NamedTuple):
    """What is indexed of a row of `articles`, in the order of `SOURCES`."""

    title: str
    subtitle: str | None
    byline: str | None
    body: str
    section: str | None
    writer: str | None
    published_on: str | None

    @classmethod
    def of_row(cls, columns: Iterable[object]) -> _Source | None:
        """What is indexed of these columns, None where there is no row; another tool may have stored numbers."""
        title, subtitle, byline, body, *facets = (value if value is None else str(value) for value in columns)
        return None if title is None else cls(title, subtitle, byline, body or "", *facets)


class _Change(NamedTuple):
    article_id: int
    old: _Source | None
    new: _Source | None


class _Rebuild(NamedTuple):
    """A rebuild under way: every row up to `last_id` is in the next index.

    `mixed` says that the serving index holds words of another analyser.
    """

    version: int
    last_id: int
    mixed: bool


def refresh(conn: sqlite3.Connection, article_id: int | None = None) -> int:
    """Bring stale rows (or the one given) up to date inside the caller's transaction; return how many.

    Rows that another version of the analyser indexed stay stale: only `rebuild` can take their words out.
    """
    rebuild_state, done = _rebuild_under_way(conn), 0
    after, last = (-(2**63), 2**63 - 1) if article_id is None else (article_id - 1, article_id)
    while changes := _stale(conn, after, last):
        _apply(conn, changes, rebuild_state)
        done += len(changes)
        after = changes[-1].article_id
    return done


def stale_count(conn: sqlite3.Connection) -> int:
    """Return how many rows the index does not hold as they stand, or holds by another analyser."""
    (changed,) = conn.execute("SELECT count(*) FROM index_stale").fetchone()
    return int(changed) + outdated_count(conn)


def outdated_count(conn: sqlite3.Connection) -> int:
    """Return how many of the stale rows nobody changed: another version of the analyser indexed them."""
    (other,) = conn.execute(f"SELECT count(*) FROM articles WHERE {_OTHER}", _VERSION).fetchone()
    return int(other)


def needs_rebuild(conn: sqlite3.Connection) -> bool:
    """Say whether `refresh` cannot mend everything: another analyser's rows, or an unfinished rebuild."""
    (other,) = conn.execute(
        f"SELECT EXISTS (SELECT 1 FROM articles WHERE {_OTHER})"
        " OR EXISTS (SELECT 1 FROM index_stale WHERE title IS NOT NULL AND index_version IS NOT :version)",
        _VERSION,
    ).fetchone()
    return bool(other) or _rebuild_under_way(conn) is not None


def lacks_facets(conn: sqlite3.Connection) -> bool:
    """Say whether the index is of a release before facets and not rebuilt since."""
    return "facets" not in _held_columns(conn, _SERVING)


def rebuild(conn: sqlite3.Connection, progress: Callable[[int], object] = lambda _: None) -> int:
    """Index every article anew; return how many rows this call indexed. Resumes where it was interrupted.

    The connection must not be inside a transaction; each batch is one of its own. `progress` is called with
    the number of rows of each batch. The old index answers until the last commit, which swaps the two.
    Raises sqlite3.OperationalError when another program keeps the database locked.
    """
    done, finished = 0, False
    while not finished:
        conn.execute("BEGIN IMMEDIATE")
        with conn:
            indexed = _index_batch(conn, _rebuild_under_way(conn) or _begin(conn))
            finished = indexed < _BATCH
            if finished:
                _swap(conn)
        done += indexed
        progress(indexed)
    return done


def drop_unfinished(conn: sqlite3.Connection) -> None:
    """Drop what a rebuild by another analyser left behind; one by this analyser goes on."""
    if _rebuild_under_way(conn) is None:
        conn.execute(f"DROP TABLE IF EXISTS {_NEXT}")
        conn.execute("DELETE FROM newsarchive WHERE key = ?", (_STATE,))


_VERSION = {"version": ANALYSER_VERSION}
_STALE_SOURCES, _PRESENT_SOURCES = (
    ", ".join(f"{table}.{name}" for name in _Source._fields) for table in "sa"
)
_FORGET_BITMAPS = (
    "DELETE FROM index_spans WHERE last_id >= :id"
    " AND first_id = (SELECT max(first_id) FROM index_spans WHERE first_id <= :id)"
)
_OTHER = (
    "(index_version < :version OR index_version > :version OR index_version IS NULL)"
    " AND id NOT IN (SELECT article_id FROM index_stale)"
)


def _stale(conn: sqlite3.Connection, after: int, last: int) -> list[_Change]:
    rows = conn.execute(
        f"SELECT s.article_id, {_STALE_SOURCES}, {_PRESENT_SOURCES}"
        " FROM index_stale s LEFT JOIN articles a ON a.id = s.article_id"
        " WHERE s.article_id > :after AND s.article_id <= :last"
        " AND (s.title IS NULL OR s.index_version = :version) ORDER BY s.article_id LIMIT :batch",
        {"after": after, "last": last, "batch": _BATCH, **_VERSION},
    )
    width = len(_Source._fields)
    return [
        _Change(row[0], _Source.of_row(row[1 : 1 + width]), _Source.of_row(row[1 + width :])) for row in rows
    ]


def _apply(conn: sqlite3.Connection, changes: list[_Change], state: _Rebuild | None) -> None:
    last_id = state.last_id if state else -(2**63)
    built = [change for change in changes if state and change.article_id <= last_id]
    if built:
        _write(conn, _NEXT, built)
    # What a mixed index holds of a rebuilt row cannot be taken out; it goes with that index.
    serving = [c for c in changes if c.article_id > last_id or not (state and state.mixed) or c.old is None]
    _write(conn, _SERVING, serving)
    conn.executemany(
        "UPDATE articles SET index_version = :version WHERE id = :id AND index_version IS NOT :version",
        [{"id": change.article_id, **_VERSION} for change in changes],
    )
    conn.executemany("DELETE FROM index_stale WHERE article_id = ?", [(c.article_id,) for c in changes])


def _write(conn: sqlite3.Connection, table: str, changes: Iterable[_Change]) -> None:
    changes = [change for change in changes if change.old != change.new]
    if table == _SERVING:
        conn.executemany(_FORGET_BITMAPS, [{"id": change.article_id} for change in changes])
    held = _held_columns(conn, table)
    # an index of an earlier release has fewer columns until it is rebuilt
    is_held = [name in held for name in COLUMNS]
    names, marks = ", ".join(compress(COLUMNS, is_held)), ", ?" * sum(is_held)

    def columns(change: _Change, source: _Source) -> tuple[object, ...]:
        return (change.article_id, *compress(analysed(change.article_id, *source), is_held))

    conn.executemany(
        f"INSERT INTO {table} ({table}, rowid, {names}) VALUES ('delete', ?{marks})",
        (columns(change, change.old) for change in changes if change.old),
    )
    conn.executemany(
        f"INSERT INTO {table} (rowid, {names}) VALUES (?{marks})",
        (columns(change, change.new) for change in changes if change.new),
    )


def _held_columns(conn: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in conn.execute(f"PRAGMA table_info({table})")}


def analysed(
    article_id: int,
    title: str,
    subtitle: str | None,
    byline: str | None,
    body: str,
    section: str | None,
    writer: str | None,
    published_on: str | None,
) -> tuple[str, ...]:
    """Return what the index holds of an article: its words and its facets by column, in the order of `COLUMNS`."""
    named = {"section": section, "writer": writer}
    facets = [EVERY, *(facet(column, name) for column, name in named.items() if name)]
    if is_astray(article_id, published_on):
        facets.append(ASTRAY)
    return (
        *analyse(f"{byline or ''}\n{body}"),
        *analyse(f"{title}\n{subtitle or ''}"),
        " ".join(facets),
    )


def analysed_row(row: Sequence[Any]) -> tuple[str, ...]:
    """Return what the index holds of a row of `id` and `SOURCES`; another tool may have stored numbers."""
    article_id, *columns = row
    source = _Source.of_row(columns)
    assert source is not None, "articles.title is never NULL"
    return analysed(article_id, *source)


def _rebuild_under_way(conn: sqlite3.Connection) -> _Rebuild | None:
    """Return the unfinished rebuild by this analyser; one by another is worth nothing now."""
    row = conn.execute("SELECT value FROM newsarchive WHERE key = ?", (_STATE,)).fetchone()
    state = _Rebuild(**json.loads(row[0])) if row else None
    return state if state and state.version == ANALYSER_VERSION else None


def _begin(conn: sqlite3.Connection) -> _Rebuild:
    conn.execute(f"DROP TABLE IF EXISTS {_NEXT}")
    schema.create_index(conn, _NEXT)
    refresh(conn)
    return _Rebuild(ANALYSER_VERSION, -(2**63), needs_rebuild(conn))


def _index_batch(conn: sqlite3.Connection, state: _Rebuild) -> int:
    """Index the next rows into the next index. What was stale among them is so no more."""
    refresh(conn)
    rows = conn.execute(
        f"SELECT id, {SOURCES} FROM articles WHERE id > ? ORDER BY id LIMIT ?",
        (state.last_id, _BATCH),
    ).fetchall()
    last_id = rows[-1][0] if len(rows) == _BATCH else 2**63 - 1
    _write(conn, _NEXT, (_Change(row[0], None, _Source.of_row(row[1:])) for row in rows))
    conn.execute(
        "UPDATE articles SET index_version = :version"
        " WHERE id > :after AND id <= :last AND index_version IS NOT :version",
        {"after": state.last_id, "last": last_id, **_VERSION},
    )
    conn.execute("DELETE FROM index_stale WHERE article_id > ? AND article_id <= ?", (state.last_id, last_id))
    state = state._replace(last_id=last_id)
    conn.execute("INSERT OR REPLACE INTO newsarchive VALUES (?, ?)", (_STATE, json.dumps(state._asdict())))
    return len(rows)


def _swap(conn: sqlite3.Connection) -> None:
    conn.execute("DELETE FROM index_spans")
    conn.execute("DELETE FROM index_bitmaps")
    conn.execute(f"DROP TABLE {_SERVING}")
    conn.execute(f"ALTER TABLE {_NEXT} RENAME TO {_SERVING}")
    conn.execute("DELETE FROM newsarchive WHERE key = ?", (_STATE,))
