"""Opening `archive.db` so that a committed row survives kill -9 and power cuts."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlite_utils import Database

from newsarchive.exceptions import (
    ArchiveLockedError,
    ArchiveMismatchError,
    ArchiveNotWritableError,
    OutOfSpaceError,
)
from newsarchive.storage.migrations import SCHEMA_VERSION, TRIGGERS, migrations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUSY_TIMEOUT_SECONDS = 30.0
# What SQLite makes of EDQUOT and EFBIG; only ENOSPC becomes SQLITE_FULL.
_WRITE_FAILED = {sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}


def connect_for_writing(path: Path, *, busy_timeout: float = BUSY_TIMEOUT_SECONDS) -> sqlite3.Connection:
    """Open `path` (made if absent) with its schema up to date.

    WAL lets Datasette read meanwhile; synchronous=FULL is what keeps a commit through a power cut
    (<https://sqlite.org/pragma.html#pragma_synchronous>). Raises `ArchiveNotWritableError`,
    `ArchiveLockedError`, `OutOfSpaceError` or `ArchiveMismatchError`.
    """
    with translated_errors(path):
        connection = sqlite3.connect(path, timeout=busy_timeout, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        _refuse_other_schemas(connection, path)
        migrations.apply(Database(connection))
        _restore_triggers(connection)
    return connection


def connect_for_reading(path: Path) -> sqlite3.Connection:
    """Open `path` read-only. Raises `ArchiveMismatchError` when it is no archive of ours or an older one."""
    with translated_errors(path):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        connection.row_factory = sqlite3.Row
        if not _has_table(connection, "newsarchive"):
            raise ArchiveMismatchError(f"{path} is not a news archive: it has no table “newsarchive”")
        if connection.execute("PRAGMA user_version").fetchone()[0] < SCHEMA_VERSION:
            raise ArchiveMismatchError(
                f"{path} was written by an older release; scrapy reindex --check brings it up to date"
            )
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the block or nothing of it. The write lock is taken at once, so no read grows stale in it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's conditions that a user can act on into ours, each naming `path`."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = error.sqlite_errorcode & 0xFF
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise ArchiveLockedError(
                f"another program kept {path} locked; nothing is lost, try again"
            ) from error
        if code == sqlite3.SQLITE_FULL:
            raise OutOfSpaceError(f"no space left to write {path}") from error
        if error.sqlite_errorcode in _WRITE_FAILED:
            raise OutOfSpaceError(
                f"no space left to write {path}: a quota or a limit of file size is reached, or the disk fails"
            ) from error
        if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
            raise ArchiveNotWritableError(f"{path} cannot be opened for this: {error}") from error
        raise
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
            raise ArchiveMismatchError(
                f"{path} is damaged or no SQLite database ({error});"
                " put it aside and rebuild it: scrapy ingest captures/"
            ) from error
        raise


def _restore_triggers(connection: sqlite3.Connection) -> None:
    """Make the triggers that went with a table which another tool made anew (`sqlite-utils transform`).

    What was written meanwhile is in no index, so every row waits for `scrapy reindex`.
    """
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    present = {row[0] for row in connection.execute(query)}
    if present >= TRIGGERS:
        return
    blank = sqlite3.connect(":memory:")
    migrations.apply(Database(blank))
    with transaction(connection):
        for name, sql in blank.execute(query):
            if name not in present:
                connection.execute(sql)
        connection.execute("UPDATE articles SET index_version = NULL")
    blank.close()


def _has_table(connection: sqlite3.Connection, name: str) -> bool:
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.execute(query, (name,)).fetchone() is not None


def _refuse_other_schemas(connection: sqlite3.Connection, path: Path) -> None:
    """Never write into a database that something else made, or that a newer release of ours changed."""
    query = (
        "SELECT count(*) FROM sqlite_master WHERE type = 'table'"
        " AND name NOT IN ('_sqlite_migrations', 'sqlite_sequence')"
    )
    if connection.execute(query).fetchone()[0] and not _has_table(connection, "newsarchive"):
        raise ArchiveMismatchError(
            f"{path} is a database of something else; name another with -s ARCHIVE_DB=…"
        )
    schema = connection.execute("PRAGMA user_version").fetchone()[0]
    if schema > SCHEMA_VERSION:
        raise ArchiveMismatchError(
            f"{path} was written by a newer release (schema {schema}, known {SCHEMA_VERSION}); update this one"
        )
