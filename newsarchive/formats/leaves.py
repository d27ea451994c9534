"""The columns of a Parquet file as bytes: levels and values of the leaves of its schema.

https://parquet.apache.org/docs/file-format/ — a leaf is a column of plain values; a list of structs has one for each
field. The definition level of a value says whether it, or the list it would be in, is there at all; the repetition
level whether it goes on a list.
"""

from __future__ import annotations

import itertools
import json
import sys
from array import array
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from newsarchive.formats import thrift
from newsarchive.formats.kinds import Kind
from newsarchive.formats.sheet_cells import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Levels = list[tuple[int, int]]
    """Runs: a level and how often it stands."""

INT32, INT64, DOUBLE, BYTE_ARRAY = 1, 2, 5, 6
_REQUIRED, _OPTIONAL, _REPEATED = 0, 1, 2
_UTF8, _LIST_TYPE, _DATE, _TIMESTAMP_MILLIS = 0, 3, 6, 9
_STRING: Final = thrift.struct({1: thrift.struct({})})
_LIST: Final = thrift.struct({3: thrift.struct({})})
_DAY: Final = thrift.struct({6: thrift.struct({})})
_MILLIS: Final = thrift.struct({1: thrift.struct({})})
_UTC: Final = thrift.struct({8: thrift.struct({1: thrift.boolean(True), 2: _MILLIS})})  # noqa: FBT003
_EPOCH: Final = date(1970, 1, 1).toordinal()
# type, converted type (what old readers know) and logical type of a flat column
_TYPES: Final[dict[Kind, tuple[int, int | None, thrift.Value | None]]] = {
    Kind.TEXT: (BYTE_ARRAY, _UTF8, _STRING),
    Kind.INTEGER: (INT64, None, None),
    Kind.REAL: (DOUBLE, None, None),
    Kind.BLOB: (BYTE_ARRAY, None, None),
    Kind.DAY: (INT32, _DATE, _DAY),
    Kind.INSTANT: (INT64, _TIMESTAMP_MILLIS, _UTC),
}


@dataclass(slots=True)
class Leaf:
    """A column of values, filled batch by batch, emptied into a page."""

    path: tuple[str, ...]
    type: int
    highest: int = 1
    repeated: bool = False
    definitions: Levels = field(default_factory=list)
    repetitions: Levels = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    count: int = 0

    def add(
        self, definitions: Iterable[int], values: Iterable[bytes], repetitions: Iterable[int] = ()
    ) -> int:
        """Take in a batch; returns the bytes of its values."""
        before = len(self.parts)
        self.parts += values
        self.count += _run_on(self.definitions, definitions)
        _run_on(self.repetitions, repetitions)
        return sum(map(len, itertools.islice(self.parts, before, None)))

    def page(self) -> tuple[bytes, int]:
        """Levels and values of all that was taken in, and how many there are."""
        repetitions = _levels(self.repetitions, 1) if self.repeated else b""
        content = b"".join([repetitions, _levels(self.definitions, self.highest), *self.parts])
        count = self.count
        self.definitions.clear()
        self.repetitions.clear()
        self.parts.clear()
        self.count = 0
        return content, count


def schema_of(name: str, kind: Kind) -> tuple[list[thrift.Value], list[Leaf]]:
    """The elements of the schema for a column, depth first, and its leaves."""
    if kind is Kind.LIST:
        element = _element("element", _REQUIRED, BYTE_ARRAY, _UTF8, _STRING)
        return [*_list_of(name), element], [_list_leaf(name, "element")]
    if kind is Kind.PARAGRAPHS:
        fields = [_element(part, _REQUIRED, BYTE_ARRAY, _UTF8, _STRING) for part in ("kind", "text")]
        leaves = [_list_leaf(name, "element", part) for part in ("kind", "text")]
        return [*_list_of(name), _group("element", _REQUIRED, len(fields)), *fields], leaves
    stored, converted, logical = _TYPES[kind]
    return [_element(name, _OPTIONAL, stored, converted, logical)], [Leaf((name,), stored)]


def fill(kind: Kind, leaves: Sequence[Leaf], cells: Sequence[Any]) -> int:
    """Put a batch of a column's values into its leaves; returns their bytes.

    Raises ValueError or TypeError for a value that the kind does not allow.
    """
    if kind is Kind.LIST:
        return _fill_lists(leaves, cells, lambda item: (item,))
    if kind is Kind.PARAGRAPHS:
        return _fill_lists(leaves, cells, lambda item: (item["kind"], item["text"]))
    known = [cell for cell in cells if cell is not None]
    definitions = [1] * len(cells) if len(known) == len(cells) else [int(cell is not None) for cell in cells]
    return leaves[0].add(definitions, _VALUES[kind](known))


def bare_days_left_out(cells: Iterable[Any]) -> list[Any]:
    """Of a bare day the hour is not known, so among instants it is none."""
    return [None if cell is None or len(cell) == len("YYYY-MM-DD") else cell for cell in cells]


def _fill_lists(
    leaves: Sequence[Leaf], cells: Sequence[Any], fields: Callable[[Any], tuple[str, ...]]
) -> int:
    definitions: list[int] = []
    repetitions: list[int] = []
    items: list[tuple[str, ...]] = []
    for cell in cells:
        found = [] if cell is None else json.loads(cell) if isinstance(cell, str) else cell
        items += map(fields, found)
        definitions += [2] * len(found) or [int(cell is not None)]
        repetitions += [0] + [1] * (len(found) - 1)
    columns = zip(*items, strict=True) if items else [()] * len(leaves)
    return sum(
        leaf.add(definitions, _texts(values), repetitions)
        for leaf, values in zip(leaves, columns, strict=True)
    )


def _texts(values: Iterable[Any]) -> Iterator[bytes]:
    for value in values:
        content = plain(value).encode("utf-8", "replace")
        yield len(content).to_bytes(4, "little")
        yield content


def _blobs(values: Iterable[bytes]) -> Iterator[bytes]:
    for value in values:
        yield len(value).to_bytes(4, "little")
        yield value


def _numbers(code: str, values: Iterable[Any]) -> list[bytes]:
    numbers = array(code, values)
    if sys.byteorder == "big":
        numbers.byteswap()
    return [numbers.tobytes()]


@lru_cache(maxsize=20_000)
def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - _EPOCH


def _milliseconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1000


_VALUES: Final[dict[Kind, Callable[[Sequence[Any]], Iterable[bytes]]]] = {
    Kind.TEXT: _texts,
    Kind.BLOB: _blobs,
    Kind.INTEGER: lambda values: _numbers("q", values),
    Kind.REAL: lambda values: _numbers("d", values),
    Kind.DAY: lambda values: _numbers("i", map(_day, values)),
    Kind.INSTANT: lambda values: _numbers("q", map(_milliseconds, values)),
}


def _run_on(runs: Levels, levels: Iterable[int]) -> int:
    """Lengthen the runs by more levels; returns how many."""
    total = 0
    for level, group in itertools.groupby(levels):
        count = sum(1 for _ in group)
        total += count
        if runs and runs[-1][0] == level:
            runs[-1] = (level, runs[-1][1] + count)
        else:
            runs.append((level, count))
    return total


def _levels(runs: Levels, highest: int) -> bytes:
    """Run-length encoding behind its length; a level takes a byte."""
    assert highest < 256  # noqa: PLR2004 - one byte
    content = b"".join(thrift.varint(count << 1) + bytes([level]) for level, count in runs)
    return len(content).to_bytes(4, "little") + content


def _list_leaf(*path: str) -> Leaf:
    name, *rest = path
    return Leaf((name, "list", *rest), BYTE_ARRAY, highest=2, repeated=True)


def _list_of(name: str) -> list[thrift.Value]:
    outer = {
        3: thrift.i32(_OPTIONAL),
        4: thrift.binary(name),
        5: thrift.i32(1),
        6: thrift.i32(_LIST_TYPE),
        10: _LIST,
    }
    return [thrift.struct(outer), _group("list", _REPEATED, 1)]


def _group(name: str, repetition: int, children: int) -> thrift.Value:
    return thrift.struct({3: thrift.i32(repetition), 4: thrift.binary(name), 5: thrift.i32(children)})


def _element(
    name: str, repetition: int, stored: int, converted: int | None, logical: thrift.Value | None
) -> thrift.Value:
    fields = {1: thrift.i32(stored), 3: thrift.i32(repetition), 4: thrift.binary(name)}
    if converted is not None:
        fields[6] = thrift.i32(converted)
    if logical is not None:
        fields[10] = logical
    return thrift.struct(fields)
