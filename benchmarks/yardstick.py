"""How slow the machine is at a moment, by what SQLite's own ranking takes there.

Shared machines differ by half from one another, and from themselves a second ago: with a time stands what it would be
at the speed of the machine on which its limit was set. It explains a time and is held against no limit.
"""

from __future__ import annotations

import sqlite3
import time
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

REFERENCE_US = 1.2
"""CPU microseconds that bm25 took for an article on that machine: two shared cores, SQLite 3.40.1, a million articles
in a table of FTS5 as it comes."""
_ARTICLES = 2_000
_WORD = "في"

T = TypeVar("T")


class Taken(NamedTuple):
    """CPU milliseconds: as they were, and at the reference speed."""

    raw: float
    at_reference: float


class Yardstick:
    """A table of FTS5 as it comes, in memory, of a few articles: less to read than a million, so never too kind."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Index the first texts that have the word."""
        self._conn = sqlite3.connect(":memory:")
        self._conn.execute("CREATE VIRTUAL TABLE stock USING fts5 (body)")
        having = (text for text in texts if f" {_WORD} " in text)
        self._conn.executemany(
            "INSERT INTO stock VALUES (?)", ((text,) for text in islice(having, _ARTICLES))
        )
        self._articles: int
        (self._articles,) = self._conn.execute("SELECT count(*) FROM stock").fetchone()
        assert self._articles == _ARTICLES, (
            f"{self._articles} articles have «{_WORD}», {_ARTICLES} are needed"
        )

    def microseconds(self) -> float:
        """Return what bm25 takes for an article now."""
        before = time.process_time()
        self._conn.execute(
            "SELECT rowid FROM stock WHERE stock MATCH ? ORDER BY rank LIMIT 20", (_WORD,)
        ).fetchall()
        return (time.process_time() - before) * 1e6 / self._articles

    def measured(self, do: Callable[[T], object], inputs: Iterable[T]) -> list[Taken]:
        """Do it once with each input; look at the speed before and after."""
        taken = []
        speed = self.microseconds()
        for one in inputs:
            before = time.process_time()
            do(one)
            raw = (time.process_time() - before) * 1e3
            speed, earlier = self.microseconds(), speed
            taken.append(Taken(raw, raw * REFERENCE_US / ((speed + earlier) / 2)))
        return taken
