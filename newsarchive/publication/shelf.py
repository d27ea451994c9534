"""Day, section and writer of every article, in memory: what is counted on every page stands beside the database.

SQLite needs a look into the widest table for each article counted. The few columns fit into 20 bytes an article
and are read from the indexes, never from the table.
"""

from __future__ import annotations

import datetime as dt
from array import array
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from heapq import merge
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Final

from newsarchive.search import flags

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from newsarchive.search import Filters

FEW: Final = 80_000
"""Of so many articles each is looked up by its id: the hundred bytes that this takes are too much for a million."""

TOGETHER: Final = 1_600
"""So many are mapped together: a map of all is so large that each look into it waits for the memory."""

_UNREADABLE: Final = 1 << 31
"""No day has so high a number: those from here on stand for what another tool stored as a date and is none."""


@dataclass(frozen=True, slots=True)
class Named:
    """A section or a writer: how many articles, and the local days of the first and the last."""

    name: str
    articles: int
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """A section or a writer for each article, as the position of its name in `names`; 0 is none.

    `articles` says how many articles have each.
    """

    codes: array[int]
    names: tuple[str, ...]
    articles: Counter[int]

    def code(self, name: str) -> int:
        """The position of a name, -1 for one that no article has."""
        return self.names.index(name) if name in self.names[1:] else -1

    def selected(self, name: str) -> bytes:
        """For each article 1 where it has the name, else 0."""
        code = self.code(name)
        if self.codes.typecode == "B":
            return self.codes.tobytes().translate(bytes(map(code.__eq__, range(256))))
        return bytes(map(code.__eq__, self.codes))


@dataclass(frozen=True, slots=True)
class Labels:
    """Section and writer together for each article, as the position in `pairs` of their codes.

    `articles` says how many articles have each. `by_id` maps the ids of each `TOGETHER` to
    their labels where articles are few, else it is empty.
    """

    codes: array[int]
    pairs: tuple[tuple[int, int], ...]
    articles: Counter[int]
    by_id: tuple[dict[int, int], ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Every article in the order of the ids; `days` are numbers, 0 is unknown, `dates` are their local days.

    `unreadable` are the texts of numbers that are no days: SQL compares them with a filter's dates like any other.
    `months` and `runs` are the positions at which another month or day begins, `month_ids` and `run_ids` the ids there.
    """

    ids: array[int]
    days: array[int]
    months: array[int]
    month_ids: array[int]
    runs: array[int]
    run_ids: array[int]
    dates: dict[int, str]
    unreadable: dict[int, str]
    sections: Column
    writers: Column
    labels: Labels

    def selected(self, filters: Filters) -> bytes:
        """For each article 1 where section, writer and dates let it through, else 0."""
        chosen = b"\1" * len(self.ids)
        for condition in self._conditions(filters):
            chosen = flags.both(chosen, condition)
        return chosen

    def named(self, column: Column) -> list[Named]:
        """The names of a column, the most frequent first."""
        first = [0] * len(column.names)
        last = [0] * len(column.names)
        for code, day in zip(column.codes, self.days, strict=True):
            if day in self.dates:
                if day < first[code] or not first[code]:
                    first[code] = day
                last[code] = max(last[code], day)
        found = [
            Named(name, column.articles[code], self.dates.get(first[code]), self.dates.get(last[code]))
            for code, name in enumerate(column.names)
            # another tool may have stored bytes, which name nobody
            if code and isinstance(name, str)
        ]
        return sorted(found, key=lambda one: (-one.articles, one.name))

    def _conditions(self, filters: Filters) -> Iterable[bytes]:
        if filters.section:
            yield self.sections.selected(filters.section)
        if filters.writer:
            yield self.writers.selected(filters.writer)
        for name, column in (("section", self.sections), ("writer", self.writers)):
            for barred in (barred for of_column, barred in filters.barred if of_column == name):
                yield flags.opposite(column.selected(barred))
        if filters.since or filters.until:
            # as in SQL: the letter sorts after every digit and hyphen, a year or month includes its last day
            since, until = filters.since or "", (filters.until or "") + "~"
            known = chain(self.dates.items(), self.unreadable.items())
            days = {day for day, date in known if since <= date <= until}
            runs = pairwise([*self.runs, len(self.ids)])
            yield b"".join(
                (b"\1" if self.days[start] in days else b"\0") * (end - start) for start, end in runs
            )


def read_shelf(connection: sqlite3.Connection) -> Shelf:
    """Read the whole archive's days, sections and writers."""
    ids, days, dates, unreadable = _read_days(connection)
    runs = array("I", (at for at, day in enumerate(days) if not at or day != days[at - 1]))
    months = array(
        "I",
        (
            at
            for at, (before, day) in zip(runs, pairwise([-1, *(days[at] for at in runs)]), strict=True)
            if before < 0 or dates.get(before, "")[:7] != dates.get(day, "")[:7]
        ),
    )
    sections, writers = (_read_column(connection, name, ids) for name in ("section", "writer"))
    return Shelf(
        ids,
        days,
        months,
        _picked(ids, months),
        runs,
        _picked(ids, runs),
        dates,
        unreadable,
        sections,
        writers,
        _label(ids, sections, writers),
    )


def _picked(ids: array[int], positions: array[int]) -> array[int]:
    return array("q", map(ids.__getitem__, positions))


def _label(ids: array[int], sections: Column, writers: Column) -> Labels:
    known: dict[tuple[int, int], int] = {}
    labels = array(
        "I", (known.setdefault(pair, len(known)) for pair in zip(sections.codes, writers.codes, strict=True))
    )
    # one number for all articles of a label: as many as there are articles would take as much as the rest
    numbers = list(range(len(known)))
    starts = range(0, len(ids) if len(ids) <= FEW else 0, TOGETHER)
    by_id = tuple(
        dict(zip(ids[at : at + TOGETHER], map(numbers.__getitem__, labels[at : at + TOGETHER]), strict=True))
        for at in starts
    )
    return Labels(_narrow(labels, len(known)), tuple(known), Counter(labels), by_id)


def _read_days(
    connection: sqlite3.Connection,
) -> tuple[array[int], array[int], dict[int, str], dict[int, str]]:
    """The ids in ascending order, the day of each, the date of each day, and what is no date.

    The index has the ids in the order of the days, which is nearly their own (`storage.rowids`); those that
    stray from it are put into their places afterwards.
    """
    ids, days, dates, unreadable = array("q"), array("I"), dict[int, str](), dict[int, str]()
    strays: list[tuple[int, int]] = []
    before, day, last = None, 0, -1
    for number, date in _plain(connection, "SELECT id, published_on FROM articles ORDER BY published_on, id"):
        if date != before:
            before, day = date, _day_number(date)
            if day:
                dates[day] = date
            elif isinstance(date, str):
                day = _UNREADABLE + len(unreadable)
                unreadable[day] = date
        if number < last:
            strays.append((number, day))
            continue
        ids.append(number)
        days.append(day)
        last = number
    if strays:
        ids, days = _in_order(ids, days, strays)
    return ids, days, dates, unreadable


def _in_order(
    ids: array[int], days: array[int], strays: list[tuple[int, int]]
) -> tuple[array[int], array[int]]:
    ordered_ids, ordered_days = array("q"), array("I")
    for number, day in merge(zip(ids, days, strict=True), sorted(strays)):
        ordered_ids.append(number)
        ordered_days.append(day)
    return ordered_ids, ordered_days


def _read_column(connection: sqlite3.Connection, name: str, ids: array[int]) -> Column:
    """A column from its index, in which each value has its ids in ascending order."""
    codes, names = array("I", [0]) * len(ids), [""]
    before, low, end = None, 0, len(ids)
    sql = f"SELECT id, {name} FROM articles WHERE {name} IS NOT NULL ORDER BY {name}, id"
    for number, value in _plain(connection, sql):
        if value != before:
            before, low = value, 0
            names.append(value)
        low = bisect_left(ids, number, low)
        if low < end and ids[low] == number:
            codes[low] = len(names) - 1
    return Column(_narrow(codes, len(names)), tuple(names), Counter(codes))


def _narrow(codes: array[int], most: int) -> array[int]:
    kind = next(kind for kind, limit in (("B", 2**8), ("H", 2**16), ("I", 2**32)) if most <= limit)
    return array(kind, codes)


def _plain(connection: sqlite3.Connection, sql: str) -> sqlite3.Cursor:
    """Rows as plain tuples: a named row for each article costs more than finding it."""
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(sql)


def _day_number(date: object) -> int:
    """The number of a local day (YYYY-MM-DD), 0 for anything else."""
    try:
        day = dt.date.fromisoformat(str(date))
    except ValueError:
        return 0
    return day.toordinal() if str(day) == date else 0
