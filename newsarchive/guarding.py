"""Pages are read so that one that ends its process ends one run, not every run.

Nothing tells a reader that dies from a process that is killed from outside at that moment, so a death alone
refuses nothing: it makes its page suspect. A suspect page is read in a process of its own, and what ends that one
twice is the page.
"""

from __future__ import annotations

import os
import resource
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from newsarchive import visits
from newsarchive.items import Article, Reason, Refusal
from newsarchive.offline import reading, workers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from newsarchive.items import Newspaper
    from newsarchive.offline.saved import SavedPage
    from newsarchive.storage.lock import WriterLock

Result = TypeVar("Result")
_CPU_SECONDS = 60
_OOM_SCORE = Path("/proc/self/oom_score_adj")


class ReaderDiedError(Exception):
    """Reading a page ended every process that did it."""

    def __init__(self) -> None:
        super().__init__(f"ends the process that reads it, or keeps it busy for {_CPU_SECONDS} s")


class Guard:
    """Reads pages for one writing command; `is_suspect` says whether a process ended while it read an address."""

    def __init__(self, lock: WriterLock, is_suspect: Callable[[str], bool]) -> None:
        self._lock = lock
        self._is_suspect = is_suspect

    def read(self, address: str, read: Callable[..., Result], *args: Any) -> Result:  # noqa: ANN401 - whatever `read` takes
        """What a module's function gives for these picklable arguments. Raises ReaderDiedError."""
        if not self._is_suspect(address):
            with self._lock.reading(address):
                return read(*args)
        (result,) = workers.run(_read_apart, iter([[(read, args)]]), processes=1)
        if isinstance(result, workers.Died):
            raise ReaderDiedError
        return result

    def read_answer(self, answer: visits.Answer, newspaper: Newspaper) -> Article | Refusal:
        """What an answer says; a refusal with `kills-reader` where nobody survives reading it."""
        try:
            return self.read(answer.url, visits.read, answer, newspaper)
        except ReaderDiedError as died:
            return Refusal(
                url=answer.url, newspaper=newspaper.name, reason=Reason.KILLS_READER, detail=str(died)
            )

    def read_page(
        self, page: SavedPage, cards: Sequence[Newspaper], given: Newspaper | None = None
    ) -> tuple[Article | Refusal | None, Newspaper | None]:
        """What `reading.unfinished` gives; a refusal with `kills-reader` where nobody survives reading it."""
        # Nothing reads the record, which holds the body once more.
        page = replace(page, record=None)
        try:
            return self.read(page.name, reading.unfinished, page, cards, given)
        except ReaderDiedError as died:
            newspaper = given or (reading.newspaper_at(page.url, cards) if page.url else None)
            name = newspaper.name if newspaper else None
            return Refusal(
                url=page.url, newspaper=name, reason=Reason.KILLS_READER, detail=str(died)
            ), newspaper


def _read_apart(calls: Sequence[tuple[Callable[..., Result], tuple[Any, ...]]]) -> list[Result]:
    """In the process of its own: it is the first to go when memory runs out, and does not go on for ever."""
    if os.access(_OOM_SCORE, os.W_OK):
        _OOM_SCORE.write_text("1000")
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    allowed = _CPU_SECONDS if hard == resource.RLIM_INFINITY else min(_CPU_SECONDS, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))
    return [read(*args) for read, args in calls]
