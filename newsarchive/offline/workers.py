"""Work spread over processes so that none of it is lost or done twice when a process is killed.

`multiprocessing.Pool` hangs and `ProcessPoolExecutor` breaks when a worker is killed. Here every worker has its
own pipe, so that it is known what a dead one was at: that goes to another worker, and what ends two of them in
a row is taken apart until the one piece that does it stands alone.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import sys
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from types import ModuleType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Piece = TypeVar("Piece")
Result = TypeVar("Result")
_DEATHS = 2
# <malloc.h> of glibc
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


@dataclass(frozen=True, slots=True)
class Died(Generic[Piece]):
    """A piece of work that ended every process that tried it."""

    piece: Piece


@dataclass(slots=True)
class _Batch(Generic[Piece]):
    pieces: Sequence[Piece]
    deaths: int = 0


def run(
    work: Callable[[Sequence[Piece]], Sequence[Result]],
    batches: Iterator[Sequence[Piece]],
    processes: int,
) -> Iterator[Result | Died[Piece]]:
    """Do the work of every batch in that many processes; results come in any order.

    `work` and what it takes and gives must be picklable, and not of the main module. An exception in it ends the
    run here.
    """
    context = multiprocessing.get_context("spawn")
    again: deque[_Batch[Piece]] = deque()
    busy: dict[Connection, tuple[Any, _Batch[Piece]]] = {}
    idle: list[tuple[Connection, Any]] = []

    def occupy() -> None:
        while len(busy) < processes and (batch := _next(again, batches)):
            connection, process = idle.pop() if idle else _started(context, work)
            busy[connection] = (process, batch)
            _send(connection, batch)

    try:
        occupy()
        while busy:
            for ready in wait(list(busy)):
                assert isinstance(ready, Connection)
                process, batch = busy.pop(ready)
                results: Iterable[Result | Died[Piece]]
                try:
                    results = ready.recv()
                except (EOFError, OSError):
                    process.join()
                    results = list(_after_death(batch, again))
                else:
                    idle.append((ready, process))
                    if isinstance(results, BaseException):
                        raise results
                # Before the caller, who may take his time with the results, has them.
                occupy()
                yield from results
    finally:
        for connection, process in [*idle, *((c, p) for c, (p, _) in busy.items())]:
            connection.close()
            process.terminate()
            process.join()


def _next(again: deque[_Batch[Piece]], batches: Iterator[Sequence[Piece]]) -> _Batch[Piece] | None:
    if again:
        return again.popleft()
    pieces = next(batches, None)
    return None if pieces is None else _Batch(pieces)


def _send(connection: Connection, batch: _Batch[Piece]) -> None:
    try:
        connection.send(batch.pieces)
    except BrokenPipeError:
        # It died idle; reading from it says so, and the batch goes to another.
        return


def _after_death(batch: _Batch[Piece], again: deque[_Batch[Piece]]) -> Iterator[Died[Piece]]:
    batch.deaths += 1
    if batch.deaths < _DEATHS:
        again.append(batch)
    elif len(batch.pieces) == 1:
        yield Died(batch.pieces[0])
    else:
        middle = len(batch.pieces) // 2
        again.extend([_Batch(batch.pieces[:middle]), _Batch(batch.pieces[middle:])])


def _started(context: Any, work: Callable[[Any], Any]) -> tuple[Connection, Any]:  # noqa: ANN401 - a spawn context
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, work), daemon=True)
    # A new process would import the main module again: all of Scrapy, where that is its command.
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        process.start()
    finally:
        sys.modules["__main__"] = main
    theirs.close()
    return ours, process


def keep_freed_memory() -> None:
    """Have glibc keep what is freed (up to 64 MB) for the next page instead of giving it back and asking again.

    That costs a page's tree a hundred page faults. Other C libraries have no such setting.
    """
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(_M_TRIM_THRESHOLD, 64 << 20)
        mallopt(_M_MMAP_THRESHOLD, 32 << 20)  # the most that it takes


def _serve(connection: Connection, work: Callable[[Any], Any]) -> None:
    """What a worker does until its pipe is closed."""
    keep_freed_memory()
    while True:
        try:
            pieces = connection.recv()
        except EOFError:
            return
        try:
            result = work(pieces)
        except BaseException as error:
            connection.send(error)
            raise
        try:
            connection.send(result)
        except BrokenPipeError:
            # Whoever asked for it was killed.
            return
