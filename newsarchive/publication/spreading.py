"""How the hits of a search are spread over time, sections and writers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import chain, compress, repeat
from operator import itemgetter
from threading import Lock
from typing import TYPE_CHECKING, Final

from newsarchive.publication.shelf import TOGETHER, read_shelf
from newsarchive.search import flags

if TYPE_CHECKING:
    import sqlite3
    from array import array
    from collections.abc import Iterator

    from newsarchive.publication.shelf import Column, Labels, Shelf
    from newsarchive.search import Query, Sort

MOST: Final = 12
"""Sections and writers that are named."""

REMEMBERED: Final = 64
"""Spreads that are remembered: whoever turns a page or sorts anew asks for the same one."""

# taking the few out beats walking over all articles where the hits are fewer than one in twelve
_SPARSE: Final = 12
_NOT_ON_THE_SHELF: Final = -1


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
        spread = _spread(connection, self.shelf, query, sort, digits)
        with self._lock:
            self._known[key] = spread
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return spread


def read_spreads(connection: sqlite3.Connection) -> Spreads:
    """A shelf of the whole archive, nothing counted yet."""
    return Spreads(read_shelf(connection))


def _spread(connection: sqlite3.Connection, shelf: Shelf, query: Query, sort: Sort, digits: int) -> Spread:
    if shelf.labels.by_id:
        return spread_of_ids(shelf, flags.found_ids(connection, query, sort), digits)
    found = flags.found(connection, query, sort, shelf.ids)
    return spread_of(
        shelf, flags.both(found, shelf.selected(query.filters)) if query.filters else found, digits
    )


def spread_of(shelf: Shelf, selected: bytes, digits: int) -> Spread:
    """Count the articles that are 1 in `selected`."""
    days = _days_of_selected(shelf, selected, digits)
    return _counted(shelf, selected.count(1), days, _labels_of_selected(shelf.labels, selected), digits)


def spread_of_ids(shelf: Shelf, ids: list[int], digits: int) -> Spread:
    """Count the articles with these ids, which ascend, on a shelf of few; what is not on it is left out."""
    looked_up, at = [], 0
    for number, by_id in enumerate(shelf.labels.by_id, 1):
        beyond = shelf.ids[number * TOGETHER : number * TOGETHER + 1]
        end = bisect_left(ids, beyond[0], at) if beyond else len(ids)
        looked_up.append(map(by_id.get, ids[at:end], repeat(_NOT_ON_THE_SHELF)))
        at = end
    labels = Counter(chain.from_iterable(looked_up))
    if labels.pop(_NOT_ON_THE_SHELF, 0):
        ids = [number for number in ids if any(number in by_id for by_id in shelf.labels.by_id)]
    return _counted(shelf, len(ids), _days_of_ids(shelf, ids, digits), labels, digits)


def _runs(shelf: Shelf, digits: int) -> array[int]:
    return shelf.months if digits == len("YYYY-MM") else shelf.runs


def _days_of_selected(shelf: Shelf, selected: bytes, digits: int) -> Counter[int]:
    """The hits of each run of articles of one day or month, under a day of it."""
    runs, days = _runs(shelf, digits), Counter[int]()
    at = selected.find(1)
    while at >= 0:
        run = bisect_right(runs, at)
        end = runs[run] if run < len(runs) else len(selected)
        days[shelf.days[at]] += selected.count(1, at, end)
        at = selected.find(1, end)
    return days


def _days_of_ids(shelf: Shelf, ids: list[int], digits: int) -> Counter[int]:
    """`_days_of_selected` for ids that ascend and stand on the shelf."""
    runs = _runs(shelf, digits)
    first_ids = shelf.month_ids if runs is shelf.months else shelf.run_ids
    days, at = Counter[int](), 0
    while at < len(ids):
        run = bisect_right(first_ids, ids[at])
        end = bisect_left(ids, first_ids[run], at) if run < len(first_ids) else len(ids)
        days[shelf.days[runs[run - 1]]] += end - at
        at = end
    return days


def _labels_of_selected(labels: Labels, selected: bytes) -> Counter[int]:
    """The hits of each label; where most articles are hits, what is left of all without the others."""
    hits = selected.count(1)
    if hits * _SPARSE < len(selected):
        return Counter(map(labels.codes.__getitem__, _positions(selected)))
    if hits * 2 <= len(selected):
        return Counter(compress(labels.codes, selected))
    return labels.articles - Counter(compress(labels.codes, flags.opposite(selected)))


def _positions(selected: bytes) -> Iterator[int]:
    at = selected.find(1)
    while at >= 0:
        yield at
        at = selected.find(1, at + 1)


def by_name(shelf: Shelf, selected: bytes | None) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """The articles of each section and of each writer among those that are 1 in `selected`; of all without it."""
    labels = shelf.labels.articles if selected is None else _labels_of_selected(shelf.labels, selected)
    sections, writers = _by_code(shelf, labels)
    return _named(shelf.sections, sections), _named(shelf.writers, writers)


def _by_code(shelf: Shelf, labels: Counter[int]) -> tuple[list[int], list[int]]:
    sections, writers = [0] * len(shelf.sections.names), [0] * len(shelf.writers.names)
    pairs = map(shelf.labels.pairs.__getitem__, labels)
    for (section, writer), number in zip(pairs, labels.values(), strict=True):
        sections[section] += number
        writers[writer] += number
    return sections, writers


def _named(column: Column, articles: list[int]) -> list[tuple[str, int]]:
    return [(column.names[code], articles[code]) for code in range(1, len(articles)) if articles[code]]


def _counted(shelf: Shelf, articles: int, days: Counter[int], labels: Counter[int], digits: int) -> Spread:
    sections, writers = _by_code(shelf, labels)
    return Spread(
        articles, _dates(shelf, days, digits), _most(shelf.sections, sections), _most(shelf.writers, writers)
    )


def _dates(shelf: Shelf, days: Counter[int], digits: int) -> dict[str, int]:
    dates: dict[str, int] = {}
    for day, number in days.items():
        if day in shelf.dates:
            date = shelf.dates[day][:digits]
            dates[date] = dates.get(date, 0) + number
    return dates


def _most(column: Column, articles: list[int]) -> tuple[tuple[str, int], ...]:
    """The names with the most articles; of equals those that come first in the alphabet."""
    # another tool may have stored bytes, which name nobody
    named = (one for one in _named(column, articles) if isinstance(one[0], str))
    return tuple(nlargest(MOST, named, key=itemgetter(1)))
