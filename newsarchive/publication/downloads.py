"""Files of any size, complete or failed, never cut: counted and read in one snapshot, sent batch by batch.

The number of rows stands in `X-Row-Count` before the first byte. Whatever goes wrong afterwards, the answer is not
ended but broken off, so that the reader's program reports a failed transfer.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote

from datasette.views.base import DatasetteError

from newsarchive.formats.kinds import Column, distinct, survey
from newsarchive.formats.rows import Outline
from newsarchive.publication.connections import within

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from datasette.utils.asgi import Request

    from newsarchive.formats.rows import Format
    from newsarchive.publication.connections import Readers
    from newsarchive.publication.headers import Send

T = TypeVar("T")

AT_ONCE: Final = 8
"""Downloads that run side by side; one more is told to come back."""

BATCH_ROWS: Final = 40
"""Rows made in one go. Pages wait meanwhile, for what turns rows into text keeps the interpreter to itself."""

PATIENCE_SECONDS: Final = 0.05
"""How long a batch of a file waits for pages, so that a busy site slows its files but does not stop them."""

REST: Final = 2
"""Times as long as a batch took does a file rest after it while pages are read."""

GLANCE_SECONDS: Final = 0.001
SEND_BYTES: Final = 1 << 16
SEND_SECONDS: Final = 120.0
"""A reader who takes nothing for this long has gone."""

FREE_SQL_SECONDS: Final = 60.0
"""What a stranger's SQL may take to read, the time that the reader's line takes not counted."""

OWN_SQL_SECONDS: Final = 3600.0

_pool: Final = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="newsarchive-file")
_EXPLAIN: Final = re.compile(r"\s*explain\b", re.IGNORECASE)


class TransferFailedError(Exception):
    """A file could not be finished. Raised by `Download.asgi_send`; the connection is broken off."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a file is to hold: a statement with its parameters, and what to call it.

    `described` goes into the sidecar. `seconds` is the time that reading may take. `labels` adds the labels of
    foreign keys to a batch of rows.
    """

    sql: str
    parameters: dict[str, Any]
    name: str
    described: dict[str, Any]
    seconds: float = OWN_SQL_SECONDS
    labels: Callable[[sqlite3.Connection, Sequence[str], list[Any]], tuple[list[str], list[Any]]] | None = (
        None
    )

    @property
    def counting(self) -> str:
        """The statement that counts the rows."""
        return f"SELECT count(*) FROM (\n{self.sql}\n)"


@dataclass(slots=True)
class _Reading:
    """A connection inside its snapshot, with what is left of the time."""

    connection: sqlite3.Connection
    selection: Selection
    file_format: Format
    left: float
    cursor: sqlite3.Cursor = field(init=False)
    outline: Outline = field(init=False)

    def begin(self) -> None:
        connection, selection = self.connection, self.selection
        connection.row_factory = None
        connection.execute("BEGIN")
        count = self._timed(self._counted)
        self.cursor = self._timed(lambda: connection.execute(selection.sql, selection.parameters))
        columns = self._timed(self._columns)
        if selection.labels is not None:
            known = {column.name: column for column in columns}
            names, _ = selection.labels(connection, [column.name for column in columns], [])
            columns = [known.get(name, Column(name)) for name in names]
        ended_at = connection.execute("SELECT max(ended_at) FROM runs").fetchone()[0]
        self.outline = Outline(columns, count, ended_at=ended_at)

    def batch(self) -> list[Any]:
        rows: list[Any] = self._timed(lambda: self.cursor.fetchmany(BATCH_ROWS))
        if rows and self.selection.labels is not None:
            names = [column[0] for column in self.cursor.description]
            _, rows = self.selection.labels(self.connection, names, rows)
        return rows

    def _columns(self) -> list[Column]:
        names = [column[0] for column in self.cursor.description]
        if not self.file_format.typed:
            return [Column(name) for name in names]
        if _EXPLAIN.match(self.selection.sql):
            return [Column(name) for name in distinct(names)]
        return survey(
            self.connection,
            self.selection.sql,
            self.selection.parameters,
            names,
            cells=self.file_format.cells,
        )

    def _counted(self) -> int:
        if _EXPLAIN.match(self.selection.sql):
            return sum(1 for _ in self.connection.execute(self.selection.sql, self.selection.parameters))
        count: int = self.connection.execute(self.selection.counting, self.selection.parameters).fetchone()[0]
        return count

    def _timed(self, step: Callable[[], T]) -> T:
        began = time.perf_counter()
        with within(self.connection, self.left):
            result = step()
        self.left = max(0.001, self.left - (time.perf_counter() - began))
        return result


class Download:
    """A file on its way. Made by `open_download`, sent by Datasette like any other response."""

    def __init__(
        self,
        readers: Readers,
        request: Request,
        reading: _Reading,
        outline: Outline,
        done: Callable[[], None],
    ) -> None:
        self._readers = readers
        self._took = 0.0
        self._request = request
        self._reading = reading
        self._outline = outline
        self._encoder = reading.file_format.encoder(outline)
        self._done = done

    async def asgi_send(self, send: Send) -> None:
        """Send the whole file. Raises TransferFailedError when that is not possible."""
        gone = asyncio.create_task(_wait_for_departure(self._request))
        try:
            await self._send_all(send, gone)
        except (sqlite3.Error, TimeoutError, ValueError, TypeError) as error:
            # the last two are an encoder's: a value that its column's kind does not allow
            raise TransferFailedError(str(error)) from error
        finally:
            gone.cancel()
            await _in_pool(self._reading.connection.close)
            self._done()

    async def _send_all(self, send: Send, gone: asyncio.Task[None]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self._headers()})
        if self._request.method == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        await _send(send, await _in_pool(self._encoder.head))
        sent = 0
        while not gone.done():
            number, content = await _in_pool(self._next)
            if not number:
                break
            await _send(send, content)
            sent += number
        if sent != self._outline.count:
            raise TransferFailedError(f"{sent} of {self._outline.count} rows sent")
        await _send(send, await _in_pool(self._encoder.tail))
        await send({"type": "http.response.body", "body": b""})

    def _next(self) -> tuple[int, bytes]:
        self._give_way()
        began = time.monotonic()
        rows = self._reading.batch()
        content = self._encoder.rows(rows) if rows else b""
        self._took = time.monotonic() - began
        return len(rows), content

    def _give_way(self) -> None:
        """Let pages go first, for a while: Python runs one thread at a time.

        While the site is in use a file works a third of the time, and no batch begins while a page is being read.
        """
        if self._readers.in_use:
            time.sleep(min(REST * self._took, PATIENCE_SECONDS))
        patience = time.monotonic() + PATIENCE_SECONDS
        while self._readers.reading and time.monotonic() < patience:
            time.sleep(GLANCE_SECONDS)

    def _headers(self) -> list[tuple[bytes, bytes]]:
        form = self._reading.file_format
        name = f"{self._reading.selection.name}-{time.strftime('%Y-%m-%d', time.gmtime())}.{form.extension}"
        headers = {
            "content-type": form.content_type,
            "content-disposition": disposition(name),
            "x-row-count": str(self._outline.count),
            "cache-control": "no-store",
        }
        return [(key.encode(), value.encode()) for key, value in headers.items()]


async def open_download(
    readers: Readers,
    request: Request,
    selection: Selection,
    file_format: Format,
    describe: Callable[[Outline], Outline],
) -> Download | None:
    """Count and begin to read. None where too many downloads are running.

    `describe` adds what the file is to say of itself.

    Raises DatasetteError for SQL that cannot be run, sqlite3.OperationalError («interrupted») where counting
    takes too long.
    """
    slots = _slots.setdefault(id(asyncio.get_running_loop()), asyncio.Semaphore(AT_ONCE))
    if slots.locked():
        return None
    await slots.acquire()
    connection: sqlite3.Connection | None = None
    try:
        connection = await _in_pool(readers.open)
        reading = _Reading(connection, selection, file_format, selection.seconds)
        await _in_pool(reading.begin)
    except BaseException as error:
        if connection is not None:
            await _in_pool(connection.close)
        slots.release()
        if isinstance(error, sqlite3.Error):
            raise _explained(error) from error
        raise
    return Download(readers, request, reading, describe(reading.outline), slots.release)


async def outline_of(readers: Readers, selection: Selection, file_format: Format) -> Outline:
    """The columns and the number of rows that the file would have now. Raises what `open_download` raises."""

    def count() -> Outline:
        connection = readers.open()
        try:
            reading = _Reading(connection, selection, file_format, selection.seconds)
            reading.begin()
        finally:
            connection.close()
        return reading.outline

    try:
        return await _in_pool(count)
    except sqlite3.Error as error:
        raise _explained(error) from error


def disposition(name: str) -> str:
    """A Content-Disposition with the name in Unicode (RFC 6266), and an ASCII form for old programs."""
    ascii_name = re.sub(r"-{2,}", "-", re.sub(r"[^A-Za-z0-9._-]", "-", name))
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"


def file_name(*parts: str | None) -> str:
    """Words for the name of a file: letters, digits and hyphens, 80 at most."""
    words = [re.sub(r"[^\w]+", "-", part).strip("-_") for part in parts if part]
    return "-".join(word for word in words if word)[:80].rstrip("-")


_slots: Final[dict[int, asyncio.Semaphore]] = {}


def _explained(error: sqlite3.Error) -> DatasetteError:
    slow = "interrupted" in str(error)
    return DatasetteError(str(error), title="SQL Interrupted" if slow else "Invalid SQL", status=400)


async def _send(send: Send, content: bytes) -> None:
    """Hand over no more than the server's buffer holds before it waits for the reader."""
    for start in range(0, len(content), SEND_BYTES):
        part = content[start : start + SEND_BYTES]
        message = {"type": "http.response.body", "body": part, "more_body": True}
        await asyncio.wait_for(send(message), SEND_SECONDS)


async def _in_pool(step: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_pool, step)


async def _wait_for_departure(request: Request) -> None:
    """End when the client has gone: the server keeps accepting what nobody will read."""
    with suppress(asyncio.CancelledError):
        while True:
            message = await request.receive()
            if message["type"] == "http.disconnect":
                return
