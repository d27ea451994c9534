"""Work spread over processes so that none of it is lost or done twice when a process is killed.

`multiprocessing.Pool` hangs and `ProcessPoolExecutor` breaks when a worker is killed. Here every worker has its
own pipe, so that it is known what a dead one was at: that goes to another worker, and what ends two of them in
a row is taken apart until the one piece that does it stands alone.
"""

from __future__ import annotations

import atexit
import ctypes
import multiprocessing
import signal
import sys
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import resource_tracker
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
    children: list[Any] = []
    # An exception that nobody catches keeps this generator to the interpreter's end, where multiprocessing
    # would wait for children that wait for us. What is registered last is called first.
    end = partial(_end, children)
    atexit.register(end)

    def occupy() -> None:
        while len(busy) < processes and (batch := _next(again, batches)):
            connection, process = idle.pop() if idle else _started(context, work, children)
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
        end()
        atexit.unregister(end)
        for connection in [*busy, *(connection for connection, _ in idle)]:
            connection.close()


def _end(children: Iterable[Any]) -> None:
    """End them at once, whatever they are at. SIGTERM they do not take: `_signals_held`."""
    started = [child for child in children if child.pid is not None]
    for child in started:
        child.kill()
    for child in started:
        child.join()


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


def _started(
    context: Any,  # noqa: ANN401 - a spawn context
    work: Callable[[Any], Any],
    children: list[Any],
) -> tuple[Connection, Any]:
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, work), daemon=True)
    # Before it starts: an exception in between must not lose it.
    children.append(process)
    # A new process would import the main module again: all of Scrapy, where that is its command.
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        with _signals_held():
            process.start()
    finally:
        sys.modules["__main__"] = main
    theirs.close()
    return ours, process


@contextmanager
def _signals_held() -> Iterator[None]:
    """What is started here never takes SIGINT and SIGTERM: a child inherits what is blocked.

    A terminal and systemd send them to the children too. Those would look like workers that a page ended, from
    their first instant on; the parent alone decides what they end.
    """
    # It would unblock both when the first child is started.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
