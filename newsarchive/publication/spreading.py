"""How the hits of a search are spread over time, sections and writers, counted in memory.

SQLite needs a look into the widest table for each hit, 30,000 hits take a tenth of a second. The few columns
that are counted fit into 20 bytes an article and are kept beside the database.
"""

from __future__ import annotations

import datetime as dt
from array import array
from bisect import bisect_left
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from itertools import compress
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

MOST: Final = 12
"""Sections and writers that are named."""

REMEMBERED: Final = 256
"""Spreads that are remembered: whoever turns a page or sorts anew asks for the same one."""

_COLUMNS: Final = "id, published_on, section, writer"
_ZERO: Final = dt.date(1900, 1, 1).toordinal()
# looking each hit up beats walking over all articles where the hits are fewer than one in six
_SPARSE: Final = 6


@dataclass(frozen=True, slots=True)
class Spread:
    """Articles by local day (YYYY-MM-DD) or month (YYYY-MM), by section and by writer, most frequent first."""

    dates: dict[str, int]
    sections: tuple[tuple[str, int], ...]
    writers: tuple[tuple[str, int], ...]


@dataclass(slots=True)
class Shelf:
    """Day, section and writer of every article, in the order of the ids.

    Days count from 1900, 0 is unknown; sections and writers are positions in their names, 0 is none.
    """

    ids: array[int] = field(default_factory=lambda: array("q"))
    days: array[int] = field(default_factory=lambda: array("I"))
    sections: array[int] = field(default_factory=lambda: array("I"))
    writers: array[int] = field(default_factory=lambda: array("I"))
    section_names: dict[str | None, int] = field(default_factory=lambda: {None: 0})
    writer_names: dict[str | None, int] = field(default_factory=lambda: {None: 0})
    _spreads: OrderedDict[tuple[object, ...], Spread] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def add(self, number: int, day: str | None, section: str | None, writer: str | None) -> None:
        """Put an article behind the others."""
        self.ids.append(number)
        self.days.append(_day_number(day))
        self.sections.append(self.section_names.setdefault(section, len(self.section_names)))
        self.writers.append(self.writer_names.setdefault(writer, len(self.writer_names)))

    def remembered(self, key: tuple[object, ...]) -> Spread | None:
        """The spread that was kept under this key."""
        with self._lock:
            if key in self._spreads:
                self._spreads.move_to_end(key)
            return self._spreads.get(key)

    def remember(self, key: tuple[object, ...], spread: Spread) -> None:
        """Keep a spread; the one not asked for the longest goes."""
        with self._lock:
            self._spreads[key] = spread
            if len(self._spreads) > REMEMBERED:
                self._spreads.popitem(last=False)

    def spread(self, hits: Sequence[int], digits: int) -> Spread:
        """Count the hits (ids in ascending order); days are cut to `digits` characters of their date."""
        days, sections, writers = self._chosen(hits)
        dates: Counter[str] = Counter()
        for day, number in Counter(days).items():
            if day:
                dates[_date(day)[:digits]] += number
        return Spread(dict(dates), _named(sections, self.section_names), _named(writers, self.writer_names))

    def _chosen(self, hits: Sequence[int]) -> tuple[Iterable[int], ...]:
        columns = (self.days, self.sections, self.writers)
        if len(hits) * _SPARSE > len(self.ids):
            wanted = set(hits)
            selected = bytes(map(wanted.__contains__, self.ids))
            return tuple(compress(column, selected) for column in columns)
        positions = self._positions(hits)
        return tuple([column[p] for p in positions] for column in columns)

    def _positions(self, hits: Sequence[int]) -> list[int]:
        found, low, ids, end = [], 0, self.ids, len(self.ids)
        for hit in hits:
            low = bisect_left(ids, hit, low)
            if low == end:
                break
            if ids[low] == hit:
                found.append(low)
        return found


def read_shelf(connection: sqlite3.Connection) -> Shelf:
    """Read the whole archive's days, sections and writers."""
    shelf = Shelf()
    for row in _plain(connection, f"SELECT {_COLUMNS} FROM articles ORDER BY id", {}):
        shelf.add(*row)
    return shelf


def spread_of(
    connection: sqlite3.Connection, shelf: Shelf, sql: str, parameters: dict[str, object], digits: int
) -> Spread:
    """The spread of the articles whose ids `sql` selects."""
    key = (sql, *sorted(parameters.items(), key=str), digits)
    spread = shelf.remembered(key)
    if spread is None:
        hits = array("q", (row[0] for row in _plain(connection, f"{sql} ORDER BY 1", parameters)))
        spread = shelf.spread(hits, digits)
        shelf.remember(key, spread)
    return spread


def _plain(connection: sqlite3.Connection, sql: str, parameters: dict[str, object]) -> sqlite3.Cursor:
    """Rows as plain tuples: a named row for each of 30,000 ids costs more than finding them."""
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(sql, parameters)


def _named(column: Iterable[int], names: dict[str | None, int]) -> tuple[tuple[str, int], ...]:
    listed = list(names)
    counts = Counter(column)
    counts.pop(0, None)
    return tuple((str(listed[position]), number) for position, number in counts.most_common(MOST))


def _day_number(day: str | None) -> int:
    if day is None:
        return 0
    try:
        return max(0, dt.date.fromisoformat(day).toordinal() - _ZERO)
    except ValueError:
        return 0


def _date(number: int) -> str:
    return dt.date.fromordinal(number + _ZERO).isoformat()
