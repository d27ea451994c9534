"""How the hits of a search are spread over time, sections and writers."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections import Counter, OrderedDict
from dataclasses import dataclass, field, replace
from itertools import compress, pairwise
from threading import Lock
from typing import TYPE_CHECKING, Final

from newsarchive import search
from newsarchive.publication.shelf import both, read_shelf

if TYPE_CHECKING:
    import sqlite3
    from array import array
    from collections.abc import Iterator

    from newsarchive.publication.shelf import Column, Shelf
    from newsarchive.search import Query, Sort

MOST: Final = 12
"""Sections and writers that are named."""

REMEMBERED: Final = 64
"""Spreads that are remembered: whoever turns a page or sorts anew asks for the same one."""

# looking each hit up beats walking over all articles where the hits are fewer than one in six
_SPARSE: Final = 6
# articles that are walked over in one step, so that the set of the hits among them stays small
_STEP: Final = 1 << 12
_OTHERS: Final = bytes.maketrans(b"\0\1", b"\1\0")
_MASKS: Final = bytes.maketrans(b"\1", b"\xff")
# so many names are looked for one by one in the bytes of a column
_FEW_NAMES: Final = 32
# a row for each id costs twice what a list of them in one text does; the text stays below the limit of a value
_IDS_IN_A_TEXT: Final = 50_000


@dataclass(frozen=True, slots=True)
class Spread:
    """How many articles, and how many by local day (YYYY-MM-DD) or month (YYYY-MM), by section and by writer.

    Sections and writers are the most frequent, those first.
    """

    articles: int
    dates: dict[str, int]
    sections: tuple[tuple[str, int], ...]
    writers: tuple[tuple[str, int], ...]


NOTHING: Final = Spread(0, {}, (), ())


@dataclass(slots=True)
class Spreads:
    """The spreads over one shelf that were asked for last."""

    shelf: Shelf
    _known: OrderedDict[tuple[object, ...], Spread] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def of(self, connection: sqlite3.Connection, query: Query, sort: Sort, digits: int) -> Spread:
        """The spread of the articles that a settled query finds in an order.

        digits: how many characters of a date are told apart, 7 for months, 10 for days.
        """
        key = (query, sort == "relevance", digits)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        spread = spread_of(self.shelf, found(connection, self.shelf, query, sort), digits)
        with self._lock:
            self._known[key] = spread
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return spread


def read_spreads(connection: sqlite3.Connection) -> Spreads:
    """A shelf of the whole archive, nothing counted yet."""
    return Spreads(read_shelf(connection))


def spread_of(shelf: Shelf, selected: bytes, digits: int) -> Spread:
    """Count the articles that are 1 in `selected`."""
    days = _days(shelf, selected, digits)
    return Spread(
        selected.count(1),
        _dates(shelf, days, digits),
        _most(shelf.sections, _names(shelf.sections, selected)),
        _most(shelf.writers, _names(shelf.writers, selected)),
    )


def found(connection: sqlite3.Connection, shelf: Shelf, query: Query, sort: Sort) -> bytes:
    """For each article on the shelf 1 where a settled query finds it, else 0."""
    within = shelf.selected(query.filters)
    if within.count(1) <= _IDS_IN_A_TEXT:
        sql, parameters = search.matching(query, sort=sort)
        (text,) = connection.execute(f"SELECT json_group_array(id) FROM ({sql})", parameters).fetchone()
        return selected(shelf.ids, json.loads(text))
    # what many articles are is known here; SQLite would list them anew for each text
    sql, parameters = search.matching(replace(query, filters=search.Filters()), sort=sort)
    sql = f"SELECT json_group_array(id) FROM ({sql}) WHERE id BETWEEN :first AND :last"
    hits = []
    for start in range(0, len(shelf.ids), _IDS_IN_A_TEXT):
        ids = shelf.ids[start : start + _IDS_IN_A_TEXT]
        if 1 in within[start : start + _IDS_IN_A_TEXT]:
            parameters |= {"first": ids[0], "last": ids[-1]}
            hits.append(selected(ids, json.loads(connection.execute(sql, parameters).fetchone()[0])))
        else:
            hits.append(bytes(len(ids)))
    return both(b"".join(hits), within)


def selected(ids: array[int], chosen: list[int]) -> bytes:
    """For each of the ids, which ascend, 1 where it is among those chosen, else 0."""
    chosen.sort()
    if len(chosen) * _SPARSE < len(ids):
        return _looked_up(ids, chosen)
    pieces = []
    for start in range(0, len(ids), _STEP):
        step = ids[start : start + _STEP]
        among = set(chosen[bisect_left(chosen, step[0]) : bisect_right(chosen, step[-1])])
        pieces.append(bytes(map(among.__contains__, step)))
    return b"".join(pieces)


def _looked_up(ids: array[int], chosen: list[int]) -> bytes:
    marks, low, end = bytearray(len(ids)), 0, len(ids)
    for number in chosen:
        low = bisect_left(ids, number, low)
        if low == end:
            break
        if ids[low] == number:
            marks[low] = 1
    return bytes(marks)


def _days(shelf: Shelf, selected: bytes, digits: int) -> Counter[int]:
    """The hits of each run of articles of one day or month, under its first day."""
    runs = shelf.months if digits == len("YYYY-MM") else shelf.runs
    days: Counter[int] = Counter()
    for start, end in pairwise([*runs, len(shelf.ids)]):
        days[shelf.days[start]] += selected.count(1, start, end)
    return days


def _names(column: Column, selected: bytes) -> Counter[int]:
    """The hits of each name; where most articles are hits, what is left of all without the others."""
    if len(column.names) <= _FEW_NAMES:
        chosen = both(column.codes.tobytes(), selected.translate(_MASKS))
        return +Counter({code: chosen.count(code) for code in range(1, len(column.names))})
    hits = selected.count(1)
    if hits * _SPARSE < len(selected):
        return Counter(map(column.codes.__getitem__, _positions(selected)))
    if hits * 2 <= len(selected):
        return Counter(compress(column.codes, selected))
    return column.articles - Counter(compress(column.codes, selected.translate(_OTHERS)))


def _positions(selected: bytes) -> Iterator[int]:
    at = selected.find(1)
    while at >= 0:
        yield at
        at = selected.find(1, at + 1)


def _dates(shelf: Shelf, days: Counter[int], digits: int) -> dict[str, int]:
    dates: dict[str, int] = {}
    del days[0]
    for day, number in days.items():
        if number:
            date = shelf.dates[day][:digits]
            dates[date] = dates.get(date, 0) + number
    return dates


def _most(column: Column, counts: Counter[int]) -> tuple[tuple[str, int], ...]:
    del counts[0]
    return tuple((column.names[code], number) for code, number in counts.most_common(MOST))
