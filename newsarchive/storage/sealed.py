"""The sealed store: which articles are taken down, what stood in their rows, and where their raw answers are.

A database of its own beside the archive, readable by its owner alone. The site never opens it.
"""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from newsarchive.exceptions import SealedStoreError
from newsarchive.items import Capture
from newsarchive.storage.connection import transaction, translated_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_SCHEMA = """
CREATE TABLE sealed (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE takedowns (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('remove', 'redact', 'delist', 'embargo', 'lifted')),
    reason TEXT NOT NULL,
    month TEXT NOT NULL,
    until TEXT,
    names TEXT NOT NULL DEFAULT '[]',
    public_key TEXT,
    record TEXT,
    decided INTEGER NOT NULL
);
CREATE TABLE marks (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    takedown_id INTEGER NOT NULL REFERENCES takedowns (id),
    PRIMARY KEY (kind, value)
) WITHOUT ROWID;
CREATE TABLE addresses (
    url TEXT PRIMARY KEY,
    takedown_id INTEGER NOT NULL REFERENCES takedowns (id),
    tombstone TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE rows (
    id INTEGER PRIMARY KEY,
    takedown_id INTEGER NOT NULL REFERENCES takedowns (id),
    name TEXT NOT NULL,
    row TEXT NOT NULL
);
CREATE TABLE captures (
    url TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    status INTEGER,
    source TEXT NOT NULL,
    warc_file TEXT NOT NULL,
    warc_offset INTEGER NOT NULL,
    warc_length INTEGER NOT NULL,
    payload_sha256 TEXT NOT NULL,
    content_type TEXT,
    truncated INTEGER NOT NULL,
    takedown_id INTEGER NOT NULL REFERENCES takedowns (id),
    PRIMARY KEY (warc_file, warc_offset)
);
"""


class State(StrEnum):
    """What is done with an article. LIFTED: nothing any more, its rows are on their way back."""

    REMOVE = "remove"
    REDACT = "redact"
    DELIST = "delist"
    EMBARGO = "embargo"
    LIFTED = "lifted"


class Version(NamedTuple):
    """Which sealed store (a UUID), and how often its list has changed."""

    store: str
    changes: int

    def __str__(self) -> str:
        """As it is written into the archive and the capture directory."""
        return f"{self.store} {self.changes}"


@dataclass(frozen=True, slots=True)
class Takedown:
    """One decision. month: YYYY-MM (UTC). until: the day an embargo ends. names: what is redacted.

    key: the article's, as it was named. public_key: the key in its place where the own one would confirm a guess.
    record: JSON of the article's page as it stood. decided: the number of the list's change that it came with.
    """

    id: int
    key: str
    state: State
    reason: str
    month: str
    until: str | None = None
    names: tuple[str, ...] = ()
    public_key: str | None = None
    record: str | None = None
    decided: int = 0


class Sealed:
    """The open store. Every write is on the disk when its method returns."""

    def __init__(self, path: Path, kind: str | None = None) -> None:
        """Open `path`; with `kind` (live or sample) make it where it is not there.

        Raises SealedStoreError, and what `translated_errors` raises.
        """
        self.path = path
        if not path.exists():
            if kind is None:
                raise SealedStoreError(f"the sealed list {path} is not there")
            os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        with translated_errors(path):
            self.connection = sqlite3.connect(path, timeout=30, isolation_level=None)
            self.connection.row_factory = sqlite3.Row
            # One file, to be copied as one; EXTRA syncs its directory too, which a rollback journal needs.
            self.connection.execute("PRAGMA synchronous = EXTRA")
            self.connection.execute("PRAGMA foreign_keys = ON")
            self._prepare(kind)

    def _prepare(self, kind: str | None) -> None:
        (tables,) = self.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not tables and kind is not None:
            with transaction(self.connection):
                for statement in filter(str.strip, _SCHEMA.split(";")):
                    self.connection.execute(statement)
                marks = {"store": str(uuid.uuid4()), "changes": "0", "kind": kind}
                self.connection.executemany("INSERT INTO sealed VALUES (?, ?)", marks.items())
        names = {row[0] for row in self.connection.execute("SELECT name FROM sqlite_master")}
        if "sealed" not in names:
            raise SealedStoreError(
                f"{self.path} is no sealed list of ours; name it with -s ARCHIVE_SEALED_DB=…"
            )

    @property
    def kind(self) -> str:
        """Whose articles are taken down: live or sample."""
        return self._mark("kind")

    @property
    def version(self) -> Version:
        """Which list this is."""
        return Version(self._mark("store"), int(self._mark("changes")))

    def takedowns(self) -> list[Takedown]:
        """Every decision, the oldest first."""
        rows = self.connection.execute("SELECT * FROM takedowns ORDER BY id")
        return [
            Takedown(**{**dict(row), "state": State(row["state"]), "names": tuple(json.loads(row["names"]))})
            for row in rows
        ]

    def marks(self) -> dict[tuple[str, str], int]:
        """(kind, value) of everything that an article is known by, and its takedown."""
        rows = self.connection.execute("SELECT kind, value, takedown_id FROM marks")
        return {(row["kind"], row["value"]): row["takedown_id"] for row in rows}

    def addresses(self) -> dict[str, tuple[int, str]]:
        """Every address whose answers are sealed: its takedown, and what the ledger calls it."""
        rows = self.connection.execute("SELECT url, takedown_id, tombstone FROM addresses")
        return {row["url"]: (row["takedown_id"], row["tombstone"]) for row in rows}

    def rows(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """What stood in the rows of one table, with the takedowns."""
        for row in self.connection.execute("SELECT takedown_id, row FROM rows WHERE name = ?", (name,)):
            yield row["takedown_id"], json.loads(row["row"])

    def captures(self, takedown_id: int) -> list[Capture]:
        """The raw answers of a takedown, in the order of writing."""
        names = ", ".join(Capture.__dataclass_fields__)
        rows = self.connection.execute(
            f"SELECT {names} FROM captures WHERE takedown_id = ? ORDER BY warc_file, warc_offset",
            (takedown_id,),
        )
        return [Capture(**{**dict(row), "truncated": bool(row["truncated"])}) for row in rows]

    def holds(self, url: str, payload_sha256: str) -> bool:
        """Whether this very body is among the raw answers of an address."""
        query = "SELECT 1 FROM captures WHERE url = ? AND payload_sha256 = ?"
        return self.connection.execute(query, (url, payload_sha256)).fetchone() is not None

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One change of the list: all of it or nothing, and counted."""
        with translated_errors(self.path), transaction(self.connection):
            yield
            self.connection.execute("UPDATE sealed SET value = value + 1 WHERE key = 'changes'")

    def decide(self, takedown: Takedown) -> int:
        """Enter a decision, or put it in the place of the one with its id; returns the id (0 asks for a new one).

        Inside `changing`.
        """
        values = asdict(takedown) | {
            "id": takedown.id or None,
            "decided": self.version.changes + 1,
            "names": json.dumps(takedown.names, ensure_ascii=False),
        }
        assignments = ", ".join(f"{name} = excluded.{name}" for name in values if name != "id")
        row = self.connection.execute(
            f"INSERT INTO takedowns ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})"
            f" ON CONFLICT (id) DO UPDATE SET {assignments} RETURNING id",
            tuple(values.values()),
        ).fetchone()
        return int(row["id"])

    def add_marks(self, takedown_id: int, marks: Iterable[tuple[str, str]]) -> None:
        """What the article is known by besides."""
        self.connection.executemany(
            "INSERT OR IGNORE INTO marks VALUES (?, ?, ?)", [(*mark, takedown_id) for mark in marks]
        )

    def add_addresses(self, takedown_id: int, tombstones: Mapping[str, str]) -> None:
        """Addresses whose answers are sealed from now on, each with its name in the ledger."""
        with self._at_once():
            self.connection.executemany(
                "INSERT OR IGNORE INTO addresses VALUES (?, ?, ?)",
                [(url, takedown_id, tombstone) for url, tombstone in tombstones.items()],
            )

    def add_rows(self, takedown_id: int, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Rows as they stand in the archive, (table, row)."""
        self.connection.executemany(
            "INSERT INTO rows (takedown_id, name, row) VALUES (?, ?, ?)",
            [(takedown_id, name, json.dumps(dict(row), ensure_ascii=False)) for name, row in rows],
        )

    def add_captures(self, takedown_id: int, made: Iterable[Capture]) -> None:
        """Raw answers that have no row in the archive any more, or never had one."""
        with self._at_once():
            for capture in made:
                values = asdict(capture) | {"takedown_id": takedown_id}
                self.connection.execute(
                    f"INSERT OR IGNORE INTO captures ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
                    tuple(values.values()),
                )

    def forget(self, takedown_id: int) -> None:
        """A lifted takedown whose rows are back."""
        for table in ("marks", "addresses", "rows", "captures"):
            self.connection.execute(f"DELETE FROM {table} WHERE takedown_id = ?", (takedown_id,))
        self.connection.execute("DELETE FROM takedowns WHERE id = ?", (takedown_id,))

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """One transaction, the caller's where there is one."""
        if self.connection.in_transaction:
            yield
        else:
            with translated_errors(self.path), transaction(self.connection):
                yield

    def close(self) -> None:
        """Close the database."""
        self.connection.close()

    def _mark(self, key: str) -> str:
        row = self.connection.execute("SELECT value FROM sealed WHERE key = ?", (key,)).fetchone()
        return str(row["value"])
