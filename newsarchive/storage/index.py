"""The search index beside the articles: what changed is analysed again in the writer's own transaction.

`index_stale` holds, for every row that triggers saw change, the text that the index still has of it. The
index keeps no text, so a row's words are taken out by analysing that text once more; a row analysed by
another version of the analyser (`articles.index_version`) waits for `rebuild`.

A rebuild fills `articles_fts_next`, batch after batch, each its own transaction, while `articles_fts`
serves. How far it came stands in `newsarchive` under the key `reindex`; the rows up to there belong to the
next index.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.text.arabic import ANALYSER_VERSION, analyse

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

_BATCH = 500
COLUMNS = "body_exact, body_stem, body_skeleton, title_exact, title_stem, title_skeleton"
"""The columns of `articles_fts` in the order of `analysed`."""
_SERVING, _NEXT = "articles_fts", "articles_fts_next"
_STATE = "reindex"


class _Texts(NamedTuple):
    title: str
    subtitle: str | None
    byline: str | None
    body: str


class _Change(NamedTuple):
    article_id: int
    old: _Texts | None
    new: _Texts | None


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
    (other,) = conn.execute(f"SELECT count(*) FROM articles WHERE {_OTHER}", _VERSION).fetchone()
    return int(changed) + int(other)


def needs_rebuild(conn: sqlite3.Connection) -> bool:
    """Say whether `refresh` cannot mend everything: another analyser's rows, or an unfinished rebuild."""
    (other,) = conn.execute(
        f"SELECT EXISTS (SELECT 1 FROM articles WHERE {_OTHER})"
        " OR EXISTS (SELECT 1 FROM index_stale WHERE title IS NOT NULL AND index_version IS NOT :version)",
        _VERSION,
    ).fetchone()
    return bool(other) or _rebuild_under_way(conn) is not None


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
_OTHER = (
    "(index_version < :version OR index_version > :version OR index_version IS NULL)"
    " AND id NOT IN (SELECT article_id FROM index_stale)"
)


def _stale(conn: sqlite3.Connection, after: int, last: int) -> list[_Change]:
    rows = conn.execute(
        "SELECT s.article_id, s.title, s.subtitle, s.byline, s.body, a.title, a.subtitle, a.byline, a.body"
        " FROM index_stale s LEFT JOIN articles a ON a.id = s.article_id"
        " WHERE s.article_id > :after AND s.article_id <= :last"
        " AND (s.title IS NULL OR s.index_version = :version) ORDER BY s.article_id LIMIT :batch",
        {"after": after, "last": last, "batch": _BATCH, **_VERSION},
    )
    return [_Change(row[0], _texts(row[1:5]), _texts(row[5:9])) for row in rows]


def _texts(columns: tuple[str | None, ...]) -> _Texts | None:
    title, subtitle, byline, body = columns
    return None if title is None else _Texts(str(title), subtitle, byline, str(body))


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
    conn.executemany(
        f"INSERT INTO {table} ({table}, rowid, {COLUMNS}) VALUES ('delete', ?, ?, ?, ?, ?, ?, ?)",
        ((change.article_id, *_columns(change.old)) for change in changes if change.old),
    )
    conn.executemany(
        f"INSERT INTO {table} (rowid, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((change.article_id, *_columns(change.new)) for change in changes if change.new),
    )


def analysed(title: str, subtitle: str | None, byline: str | None, body: str) -> tuple[str, ...]:
    """Return what the index holds of an article: its words by column, in the order of `COLUMNS`."""
    return _columns(_Texts(title, subtitle, byline, body))


def _columns(texts: _Texts) -> tuple[str, ...]:
    title = analyse(f"{texts.title}\n{texts.subtitle or ''}")
    body = analyse(f"{texts.byline or ''}\n{texts.body}")
    return (*body, *title)


def _rebuild_under_way(conn: sqlite3.Connection) -> _Rebuild | None:
    """Return the unfinished rebuild by this analyser; one by another is worth nothing now."""
    row = conn.execute("SELECT value FROM newsarchive WHERE key = ?", (_STATE,)).fetchone()
    state = _Rebuild(**json.loads(row[0])) if row else None
    return state if state and state.version == ANALYSER_VERSION else None


def _begin(conn: sqlite3.Connection) -> _Rebuild:
    (sql,) = conn.execute("SELECT sql FROM sqlite_master WHERE name = ?", (_SERVING,)).fetchone()
    conn.execute(f"DROP TABLE IF EXISTS {_NEXT}")
    conn.execute(sql.replace(_SERVING, _NEXT, 1))
    refresh(conn)
    return _Rebuild(ANALYSER_VERSION, -(2**63), needs_rebuild(conn))


def _index_batch(conn: sqlite3.Connection, state: _Rebuild) -> int:
    """Index the next rows into the next index. What was stale among them is so no more."""
    refresh(conn)
    rows = conn.execute(
        "SELECT id, title, subtitle, byline, body FROM articles WHERE id > ? ORDER BY id LIMIT ?",
        (state.last_id, _BATCH),
    ).fetchall()
    last_id = rows[-1][0] if len(rows) == _BATCH else 2**63 - 1
    _write(conn, _NEXT, (_Change(row[0], None, _texts(row[1:])) for row in rows))
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
    conn.execute(f"DROP TABLE {_SERVING}")
    conn.execute(f"ALTER TABLE {_NEXT} RENAME TO {_SERVING}")
    conn.execute("DELETE FROM newsarchive WHERE key = ?", (_STATE,))
