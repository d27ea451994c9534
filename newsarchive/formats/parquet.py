"""Rows as Apache Parquet: typed columns, lists, zstd, in row groups that are sent as soon as they are full.

https://github.com/apache/parquet-format — one page for each column of a row group, plain encoding. No statistics
and no dictionaries: zstd does without them. Nothing in the file depends on when it is made.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from newsarchive import __version__
from newsarchive.formats import leaves, thrift
from newsarchive.formats.kinds import Kind, verbatim_name
from newsarchive.formats.rows import Format

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsarchive.formats.leaves import Leaf
    from newsarchive.formats.rows import Encoder, Outline, Row

GROUP_BYTES: Final = 4_000_000
"""A row group is sent when its values have so many bytes: a download holds a few times as much in memory."""

_MAGIC: Final = b"PAR1"
_ZSTD, _PLAIN, _RLE, _DATA_PAGE, _VERSION = 6, 0, 3, 0, 2
_CREATED_BY: Final = f"newsarchive version {__version__} (build 0)"


@dataclass(frozen=True, slots=True)
class Parquet(Format):
    """Apache Parquet.

    An instant is UTC in milliseconds; a bare day among instants is NULL there, its text stands beside it. Where a
    column `paragraphs` is NULL beside a `body`, all of it is prose (docs/fields.md), and is given as paragraphs.
    """

    content_type: str = "application/vnd.apache.parquet"
    extension: str = "parquet"
    typed: bool = True

    def encoder(self, outline: Outline) -> Encoder:
        """The encoder of one file."""
        return ParquetEncoder(outline)


@dataclass(slots=True)
class _Field:
    """A column of the file with its leaves, and which cells of a row it is made of."""

    kind: Kind
    source: int
    leaves: list[Leaf]


@dataclass(slots=True)
class ParquetEncoder:
    """One file. A value that its column's kind does not allow raises ValueError or TypeError."""

    outline: Outline
    group_bytes: int = GROUP_BYTES
    _schema: list[thrift.Value] = field(default_factory=list)
    _fields: list[_Field] = field(default_factory=list)
    _groups: list[thrift.Value] = field(default_factory=list)
    _place: int = 0
    _rows: int = 0
    _bytes: int = 0

    def __post_init__(self) -> None:
        """Lay out the columns."""
        for source, column in enumerate(self.outline.columns):
            self._lay_out(column.name, column.kind, source)
            if column.verbatim:
                self._lay_out(verbatim_name(column.name), Kind.TEXT, source)
        root = thrift.struct({4: thrift.binary("rows"), 5: thrift.i32(len(self._fields))})
        self._schema.insert(0, root)

    def head(self) -> bytes:
        """The mark of the format."""
        self._place = len(_MAGIC)
        return _MAGIC

    def rows(self, rows: Sequence[Row]) -> bytes:
        """A row group where enough rows have come together for one, else nothing."""
        columns = list(zip(*rows, strict=True))
        names = self.outline.names
        for part in self._fields:
            cells: Sequence[object] = columns[part.source]
            if part.kind is Kind.INSTANT:
                cells = leaves.bare_days_left_out(cells)
            elif part.kind is Kind.PARAGRAPHS and "body" in names:
                cells = list(_with_prose(cells, columns[names.index("body")]))
            self._bytes += leaves.fill(part.kind, part.leaves, cells)
        self._rows += len(rows)
        return self._group() if self._bytes >= self.group_bytes else b""

    def tail(self) -> bytes:
        """The last row group and the footer with schema and places, without which no program opens the file."""
        last = self._group() if self._rows else b""
        about = [
            thrift.struct({1: thrift.binary(name), 2: thrift.binary(value)})
            for name, value in self.outline.about
        ]
        fields = {
            1: thrift.i32(_VERSION),
            2: thrift.sequence(self._schema),
            3: thrift.i64(self.outline.count),
            4: thrift.sequence(self._groups) if self._groups else thrift.NO_STRUCTS,
            5: thrift.sequence(about) if about else thrift.NO_STRUCTS,
            6: thrift.binary(_CREATED_BY),
        }
        _, footer = thrift.struct(fields)
        return last + footer + len(footer).to_bytes(4, "little") + _MAGIC

    def _lay_out(self, name: str, kind: Kind, source: int) -> None:
        elements, of_column = leaves.schema_of(name, kind)
        self._schema += elements
        self._fields.append(_Field(kind, source, of_column))

    def _group(self) -> bytes:
        """The bytes of a row group; its places are kept for the footer."""
        parts: list[bytes] = []
        chunks: list[thrift.Value] = []
        begin, whole = self._place, 0
        for leaf in (leaf for part in self._fields for leaf in part.leaves):
            page, raw, count = _page(leaf)
            meta = {
                1: thrift.i32(leaf.type),
                2: thrift.sequence([thrift.i32(_PLAIN), thrift.i32(_RLE)]),
                3: thrift.sequence([thrift.binary(name) for name in leaf.path]),
                4: thrift.i32(_ZSTD),
                5: thrift.i64(count),
                6: thrift.i64(raw),
                7: thrift.i64(len(page)),
                9: thrift.i64(self._place),
            }
            chunks.append(thrift.struct({2: thrift.i64(self._place), 3: thrift.struct(meta)}))
            parts.append(page)
            self._place += len(page)
            whole += raw
        group = {
            1: thrift.sequence(chunks),
            2: thrift.i64(whole),
            3: thrift.i64(self._rows),
            5: thrift.i64(begin),
            6: thrift.i64(self._place - begin),
        }
        self._groups.append(thrift.struct(group))
        self._rows = self._bytes = 0
        return b"".join(parts)


def _page(leaf: Leaf) -> tuple[bytes, int, int]:
    """A page with its header, its size before compression (the header counted), its number of values."""
    content, count = leaf.page()
    packed = zstd.compress(content)
    values = {1: thrift.i32(count), 2: thrift.i32(_PLAIN), 3: thrift.i32(_RLE), 4: thrift.i32(_RLE)}
    fields = {
        1: thrift.i32(_DATA_PAGE),
        2: thrift.i32(len(content)),
        3: thrift.i32(len(packed)),
        5: thrift.struct(values),
    }
    _, header = thrift.struct(fields)
    return header + packed, len(header) + len(content), count


def _with_prose(cells: Sequence[object], bodies: Sequence[object]) -> Iterator[object]:
    for cell, body in zip(cells, bodies, strict=True):
        if cell is None and isinstance(body, str):
            yield [{"kind": "prose", "text": text} for text in body.split("\n\n") if text]
        else:
            yield cell
