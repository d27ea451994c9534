"""Deleted words leave the file: index segments merged, free pages dropped, the write-ahead log emptied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.storage import bitmaps, index

if TYPE_CHECKING:
    import sqlite3

_CHECKPOINT_PATIENCE_MS = 5_000


def overwrite_what_is_deleted(connection: sqlite3.Connection) -> None:
    """From now on this connection overwrites what it deletes (`PRAGMA secure_delete`)."""
    connection.execute("PRAGMA secure_delete = ON")


def purge(connection: sqlite3.Connection) -> bool:
    """Leave no byte of what was deleted in the database and its log; False where a reader keeps it from that.

    The connection must not be inside a transaction. Costs about as much as copying the file. FTS5 keeps a deleted
    word until the segment that has it is merged (<https://sqlite.org/fts5.html#the_optimize_command>).
    """
    if index.needs_rebuild(connection):
        index.rebuild(connection)  # words of another analyser cannot be taken out one by one
    index.drop_unfinished(connection)
    bitmaps.drop_forgotten(connection)
    connection.execute("INSERT INTO articles_fts (articles_fts) VALUES ('optimize')")
    _forget_samples(connection)
    connection.execute("VACUUM")
    return checkpoint(connection)


def checkpoint(connection: sqlite3.Connection) -> bool:
    """Bring everything into the database and empty the log; False where a reader keeps an older state."""
    (patience,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_PATIENCE_MS}")
    try:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {patience}")
    return not busy


def _forget_samples(connection: sqlite3.Connection) -> None:
    """ANALYZE of another tool may keep values of indexed columns (<https://sqlite.org/fileformat.html#stat4tab>)."""
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE name IN ('sqlite_stat3', 'sqlite_stat4')"
    ).fetchall()
    for (name,) in rows:
        connection.execute(f"DELETE FROM {name}")
