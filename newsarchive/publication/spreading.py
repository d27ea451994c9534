"""How the hits of a search are spread over time, sections and writers."""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from itertools import compress, pairwise
from threading import Lock
from typing import TYPE_CHECKING, Final

from newsarchive.publication.shelf import read_shelf

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from newsarchive.publication.shelf import Column, Shelf

MOST: Final = 12
"""Sections and writers that are named."""

REMEMBERED: Final = 64
"""Spreads that are remembered: whoever turns a page or sorts anew asks for the same one."""

# looking each hit up beats walking over all articles where the hits are fewer than one in six
_SPARSE: Final = 6
_OTHERS: Final = bytes.maketrans(b"\0\1", b"\1\0")
# articles that are walked over in one step, so that the set of the hits among them stays small
_STEP: Final = 1 << 14
# a row for each id costs twice what a list of them in one text does; the text stays below the limit of a value
_IDS_IN_A_TEXT: Final = 50_000


@dataclass(frozen=True, slots=True)
class Spread:
    """Articles by local day (YYYY-MM-DD) or month (YYYY-MM), by section and by writer, most frequent first."""

    dates: dict[str, int]
    sections: tuple[tuple[str, int], ...]
    writers: tuple[tuple[str, int], ...]


NOTHING: Final = Spread({}, (), ())


@dataclass(slots=True)
class Spreads:
    """The spreads over one shelf that were asked for last."""

    shelf: Shelf
    _known: OrderedDict[tuple[object, ...], Spread] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def of(
        self, connection: sqlite3.Connection, sql: str, parameters: dict[str, object], digits: int
    ) -> Spread:
        """The spread of the articles whose ids `sql`, a search of the index, selects as `id`.

        digits: how many characters of a date are told apart, 7 for months, 10 for days.
        """
        key = (sql, *sorted(parameters.items(), key=str), digits)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        spread = spread_of(self.shelf, hit_ids(connection, sql, parameters), digits)
        with self._lock:
            self._known[key] = spread
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return spread


def read_spreads(connection: sqlite3.Connection) -> Spreads:
    """A shelf of the whole archive, nothing counted yet."""
    return Spreads(read_shelf(connection))


def spread_of(shelf: Shelf, hits: Sequence[int], digits: int) -> Spread:
    """Count the hits, ids in ascending order."""
    if len(hits) * _SPARSE < len(shelf.ids):
        positions = _positions(shelf.ids, hits)
        days, sections, writers = (
            Counter(map(codes.__getitem__, positions))
            for codes in (shelf.days, shelf.sections.codes, shelf.writers.codes)
        )
    else:
        days = _days(shelf, hits)
        sections, writers = _names(shelf, hits)
    return Spread(_dates(shelf, days, digits), _most(shelf.sections, sections), _most(shelf.writers, writers))


def hit_ids(connection: sqlite3.Connection, sql: str, parameters: dict[str, object]) -> array[int]:
    """The ids that `sql` selects as `id`, ascending."""
    ids = array("q")
    batch = (
        f"SELECT json_group_array(id) FROM (SELECT id FROM ({sql}) WHERE id > :after ORDER BY id "
        f"LIMIT {_IDS_IN_A_TEXT:d})"
    )
    after = -1
    while True:
        (text,) = connection.execute(batch, {**parameters, "after": after}).fetchone()
        found = json.loads(text)
        ids.extend(found)
        if len(found) < _IDS_IN_A_TEXT:
            return ids
        after = found[-1]


def _days(shelf: Shelf, hits: Sequence[int]) -> Counter[int]:
    """The hits of each day: those between the first article of a run of one day and the first of the next."""
    if len(shelf.runs) * _SPARSE > len(shelf.ids):
        return Counter(map(shelf.days.__getitem__, _positions(shelf.ids, hits)))
    days: Counter[int] = Counter()
    low = 0
    for start, end in pairwise([*shelf.runs, len(shelf.ids)]):
        high = bisect_left(hits, shelf.ids[end], low) if end < len(shelf.ids) else len(hits)
        days[shelf.days[start]] += high - low
        low = high
    return days


def _names(shelf: Shelf, hits: Sequence[int]) -> tuple[Counter[int], Counter[int]]:
    """The hits of each section and writer; where most articles are hits, what is left of all without the others."""
    columns = (shelf.sections, shelf.writers)
    most = len(hits) * 2 > len(shelf.ids)
    counts: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
    for start in range(0, len(shelf.ids), _STEP):
        ids = shelf.ids[start : start + _STEP]
        among = set(hits[bisect_left(hits, ids[0]) : bisect_right(hits, ids[-1])])
        selected = bytes(map(among.__contains__, ids))
        chosen = selected.translate(_OTHERS) if most else selected
        for counter, column in zip(counts, columns, strict=True):
            counter.update(compress(column.codes[start : start + _STEP], chosen))
    if not most:
        return counts
    sections, writers = (column.articles - counter for column, counter in zip(columns, counts, strict=True))
    return sections, writers


def _positions(ids: array[int], hits: Sequence[int]) -> list[int]:
    found, low, end = [], 0, len(ids)
    for hit in hits:
        low = bisect_left(ids, hit, low)
        if low == end:
            break
        if ids[low] == hit:
            found.append(low)
    return found


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
