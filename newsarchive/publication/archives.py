"""Which of the databases that Datasette serves is an archive of ours: the one with the marker table."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from newsarchive.storage.migrations import SCHEMA_VERSION

if TYPE_CHECKING:
    from datasette.app import Datasette
    from datasette.database import Database


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that is served.

    `database` is Datasette's name for it, `kind` is sample or live, `newspaper` the card's name and `title` the
    newspaper's own. `schema` is the number that its last migration left.
    """

    database: str
    path: Path
    kind: str
    newspaper: str
    title: str
    schema: int


_known: Final[WeakKeyDictionary[Datasette, dict[str, Archive | None]]] = WeakKeyDictionary()


def archive_of(datasette: Datasette, database: str | None = None) -> Archive | None:
    """The archive named `database`, or the first that this Datasette serves. None where there is none."""
    if database is not None:
        db = datasette.databases.get(database)
        return _look(datasette, db) if db is not None else None
    found = (_look(datasette, db) for db in datasette.databases.values())
    return next((archive for archive in found if archive is not None), None)


def only_archives(datasette: Datasette) -> bool:
    """Whether every database that is served is an archive, Datasette's internal ones aside."""
    served = [db for db in datasette.databases.values() if not db.is_memory]
    return bool(served) and all(_look(datasette, db) is not None for db in served)


def schema_problem(archive: Archive) -> str | None:
    """What to say of an archive whose tables are not those of this release; None where they are."""
    if archive.schema == SCHEMA_VERSION:
        return None
    what = f"{archive.path} has the tables of another release (schema {archive.schema}, this one's {SCHEMA_VERSION})"
    if archive.schema > SCHEMA_VERSION:
        return f"{what}: update newsarchive"
    return f"{what}: every writing command brings it up to date, such as scrapy reindex --check"


def _look(datasette: Datasette, db: Database) -> Archive | None:
    known = _known.setdefault(datasette, {})
    if db.name not in known:
        known[db.name] = (
            None
            if db.is_memory or not db.path
            else read_marker(db.name, Path(db.path), immutable=not db.is_mutable)
        )
    return known[db.name]


def read_marker(database: str, path: Path, *, immutable: bool = False) -> Archive | None:
    """Read the marker table of the file at `path`. None where the file is no archive of ours."""
    if not path.is_file():
        return None
    connection = sqlite3.connect(
        f"file:{_quoted(path)}?{'immutable=1' if immutable else 'mode=ro'}", uri=True
    )
    try:
        marks = dict(connection.execute("SELECT key, value FROM newsarchive").fetchall())
        (schema,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError:
        # another schema, an encrypted file, not a database at all: Datasette says what it is
        return None
    finally:
        connection.close()
    newspaper = marks.get("newspaper", "")
    title = marks.get("title") or newspaper
    return Archive(database, path, marks.get("kind", "live"), newspaper, title, schema)


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
