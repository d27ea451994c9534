"""Reading the archive for pages: connections with guards, a pool of their own, one snapshot a page.

Datasette's pool is shared with everybody's SQL; a page that waited there would wait for a stranger's join.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
import weakref
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from datasette.app import Datasette

    from newsarchive.publication.archives import Archive

P = ParamSpec("P")
T = TypeVar("T")

PAGE_THREADS: Final = 3
REMEMBERED: Final = 32
"""Answers that are remembered until something is committed."""

IN_USE_SECONDS: Final = 0.5
PATIENCE_SECONDS: Final = 0.2
"""What takes longer to make again is not waited for by a reader who can have the old."""

PAGE_SECONDS: Final = 5.0
"""A page's reading ends after this; the reader is told that the archive is busy."""

RESULT_BYTES: Final = 64_000_000
"""What one statement may hand over: 1,000 rows of the longest value would be a gigabyte."""

# https://www.sqlite.org/limits.html; the longest article body known is under 300,000 bytes
LIMITS: Final = {
    sqlite3.SQLITE_LIMIT_LENGTH: 1_000_000,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 20_000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
}


class ResultTooLargeError(sqlite3.OperationalError):
    """A statement's rows are larger than `RESULT_BYTES`. Datasette reports it as an error in the SQL."""


def guard(connection: sqlite3.Connection) -> None:
    """Set the limits that keep one stranger's SQL from taking the machine's memory."""
    for category, value in LIMITS.items():
        connection.setlimit(category, value)
    connection.row_factory = _Weigher()


class _Weigher:
    """A row factory that weighs the rows of each cursor."""

    def __init__(self) -> None:
        self._cursor: weakref.ref[sqlite3.Cursor] | None = None
        self._bytes = 0

    def __call__(self, cursor: sqlite3.Cursor, row: tuple[object, ...]) -> sqlite3.Row:
        if self._cursor is None or self._cursor() is not cursor:
            self._cursor = weakref.ref(cursor)
            self._bytes = 0
        for value in row:
            if isinstance(value, (str, bytes)):
                self._bytes += len(value)
        if self._bytes > RESULT_BYTES:
            raise ResultTooLargeError(f"the result is larger than {RESULT_BYTES // 1_000_000} MB")
        return sqlite3.Row(cursor, row)


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """One state of the archive for all statements inside, whatever is written meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.rollback()


@contextmanager
def within(connection: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Interrupt (sqlite3.OperationalError) what takes longer than `seconds`."""
    deadline = time.perf_counter() + seconds
    connection.set_progress_handler(lambda: time.perf_counter() >= deadline, 5_000)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


class Readers:
    """The pool that reads for pages, and the cache of what costs more than a page may."""

    def __init__(self, datasette: Datasette, archive: Archive) -> None:
        self.datasette = datasette
        self.archive = archive
        self._files = (str(archive.path), f"{archive.path}-wal")
        self._pool = ThreadPoolExecutor(PAGE_THREADS, thread_name_prefix="newsarchive-page")
        self._local = threading.local()
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}
        self._making: dict[str, threading.Lock] = {}
        # touched only between two awaits, on the server's own thread
        self._remembered: OrderedDict[Hashable, tuple[tuple[int, ...], Any]] = OrderedDict()
        self._reading = 0
        self._read_at = 0.0

    @property
    def reading(self) -> bool:
        """Whether a page is being read now: what can wait for a moment should."""
        return self._reading > 0

    @property
    def in_use(self) -> bool:
        """Whether somebody has read a page in the last moments."""
        return time.monotonic() - self._read_at < IN_USE_SECONDS

    def open(self) -> sqlite3.Connection:
        """A new read-only connection with the functions and guards of every connection of this archive."""
        connection: sqlite3.Connection = self.datasette.databases[self.archive.database].connect()
        self.datasette._prepare_connection(connection, self.archive.database)  # noqa: SLF001 - no public name
        return connection

    async def read(
        self, fn: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `fn(connection, …)` in the pool, inside one snapshot and the time a page has."""

        def call() -> T:
            connection = self._connection()
            with snapshot(connection), within(connection, PAGE_SECONDS):
                self._local.state = self._unchanged_while(
                    lambda: connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
                )
                return fn(connection, *args, **kwargs)

        self._reading += 1
        self._read_at = time.monotonic()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, call)
        finally:
            self._reading -= 1

    async def remember(
        self,
        key: Hashable,
        fn: Callable[Concatenate[sqlite3.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """`read`, or what it returned for the same key in the same state of the archive: readers go back and reload."""
        state = self.state()
        if key in self._remembered and self._remembered[key][0] == state:
            self._remembered.move_to_end(key)
            return self._remembered[key][1]  # type: ignore[no-any-return]
        value = await self.read(fn, *args, **kwargs)
        self._remembered[key] = state, value
        if len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)
        return value

    async def keep(self, name: str, fn: Callable[[sqlite3.Connection], T]) -> T:
        """`kept`, made in the pool where it has to be made."""
        kept = self._kept.get(name)
        if kept is not None and self._is_good(kept):
            return kept.value  # type: ignore[return-value]
        return await asyncio.get_running_loop().run_in_executor(self._pool, self.kept, name, fn)

    def kept(self, name: str, fn: Callable[[sqlite3.Connection], T]) -> T:
        """What `fn(connection)` made of the archive's present state; no page's time ends it.

        After a change it is made again, by one reader while the others get what there was, on a thread of its own where
        that takes long, and never for more than a fiftieth of the time: a crawl that commits every second would
        otherwise cost each reader a scan.
        """
        kept = self._kept.get(name)
        if kept is not None and self._is_good(kept):
            return kept.value  # type: ignore[return-value]
        with self._lock:
            making = self._making.setdefault(name, threading.Lock())
        if not making.acquire(blocking=kept is None):
            assert kept is not None
            return kept.value  # type: ignore[return-value]
        if kept is not None and kept.seconds > PATIENCE_SECONDS:
            threading.Thread(target=self._remake, args=(name, fn, making), daemon=True).start()
            return kept.value  # type: ignore[return-value]
        return self._remake(name, fn, making)

    def is_current(self, name: str) -> bool:
        """Whether what is `kept` under a name was made of the state that this thread's `read` sees."""
        kept = self._kept.get(name)
        return kept is not None and kept.state is not None and kept.state == self._local.state

    def _remake(self, name: str, fn: Callable[[sqlite3.Connection], T], making: threading.Lock) -> T:
        try:
            kept = self._kept.get(name)
            if kept is None or not self._is_good(kept):
                kept = self._kept[name] = self._make(fn)
            return kept.value  # type: ignore[return-value]
        finally:
            making.release()

    def _is_good(self, kept: _Kept) -> bool:
        return time.monotonic() < kept.good_until or kept.state == self.state()

    def _make(self, fn: Callable[[sqlite3.Connection], object]) -> _Kept:
        began, made = time.monotonic(), []
        with closing(self.open()) as connection:
            state = self._unchanged_while(lambda: made.append(fn(connection)))
        now = time.monotonic()
        return _Kept(state, now - began, now + 50 * (now - began), made[0])

    def _unchanged_while(self, read: Callable[[], object]) -> tuple[int, ...] | None:
        """Read something; return the state in which that was, None where something was committed meanwhile."""
        before = self.state()
        read()
        return before if before == self.state() else None

    def state(self) -> tuple[int, ...]:
        """A mark that changes whenever something is committed: times and sizes of the file and its WAL."""
        marks: list[int] = []
        for path in self._files:
            try:
                stat = os.stat(path)  # noqa: PTH116 - asked several times a page
            except FileNotFoundError:
                continue
            if stat.st_size:  # a reader makes an empty WAL
                marks += (stat.st_mtime_ns, stat.st_size)
        return tuple(marks)

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self.open()
        return connection


class _Kept:
    __slots__ = ("good_until", "seconds", "state", "value")

    def __init__(
        self, state: tuple[int, ...] | None, seconds: float, good_until: float, value: object
    ) -> None:
        self.state = state
        self.seconds = seconds
        self.good_until = good_until
        self.value = value


_readers: Final[weakref.WeakKeyDictionary[Datasette, dict[str, Readers]]] = weakref.WeakKeyDictionary()


def readers_of(datasette: Datasette, archive: Archive) -> Readers:
    """The one pool of this archive in this server."""
    pools = _readers.setdefault(datasette, {})
    if archive.database not in pools:
        pools[archive.database] = Readers(datasette, archive)
    return pools[archive.database]
