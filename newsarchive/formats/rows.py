"""Rows as bytes: CSV (RFC 4180), JSON Lines and JSON, UTF-8."""

from __future__ import annotations

import base64
import csv
import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from newsarchive.formats.kinds import distinct

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from newsarchive.formats.kinds import Column

    Row = Sequence[object]

BOM: Final = b"\xef\xbb\xbf"
# A spreadsheet takes a cell that begins so for a formula: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Outline:
    """What is known of a file before its first row.

    `ended_at` is the end of the archive's last run (ISO 8601, UTC), None where none has ended. `about` are names
    with values that a file may say of itself, `words` the names of its sheets.
    """

    columns: Sequence[Column]
    count: int
    title: str = ""
    ended_at: str | None = None
    about: Sequence[tuple[str, str]] = ()
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]


class Encoder(Protocol):
    """One file in the making: its head, batches of its rows, its tail, each asked for in this order."""

    def head(self) -> bytes:
        """What comes before the first row."""

    def rows(self, rows: Sequence[Row]) -> bytes:
        """A batch of rows, or as much of them as is ready to be sent."""

    def tail(self) -> bytes:
        """What comes after the last row."""


class Format:
    """How rows become bytes. `typed`: the values of all rows decide on the columns; `cells`: so do their lengths."""

    content_type: str
    extension: str
    typed: bool = False
    cells: bool = False

    def encoder(self, outline: Outline) -> Encoder:
        """The encoder of one file."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Csv(Format):
    """Comma-separated values, lines ending in CR LF.

    `bom` begins the file with a byte order mark, without which Excel reads Arabic as Latin. `safe` puts an
    apostrophe before cells that a spreadsheet would run as formulas. `header` prints the names of the columns.
    """

    bom: bool = False
    safe: bool = False
    header: bool = True
    content_type: str = "text/csv; charset=utf-8"
    extension: str = "csv"

    def encoder(self, outline: Outline) -> Encoder:
        """The encoder of one file."""
        return _CsvEncoder(self, outline.names)


@dataclass(frozen=True, slots=True)
class _CsvEncoder:
    form: Csv
    names: list[str]

    def head(self) -> bytes:
        names = self.rows([self.names]) if self.form.header else b""
        return (BOM if self.form.bom else b"") + names

    def rows(self, rows: Iterable[Row]) -> bytes:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        if self.form.safe:
            writer.writerows([_harmless(_plain(value)) for value in row] for row in rows)
        else:
            writer.writerows([_plain(value) for value in row] for row in rows)
        return buffer.getvalue().encode("utf-8", "replace")

    def tail(self) -> bytes:
        return b""


@dataclass(frozen=True, slots=True)
class JsonLines(Format):
    """One JSON object a line."""

    content_type: str = "application/x-ndjson; charset=utf-8"
    extension: str = "jsonl"

    def encoder(self, outline: Outline) -> Encoder:
        """The encoder of one file."""
        return _JsonEncoder(distinct(outline.names), ("", "\n", "\n"))


@dataclass(frozen=True, slots=True)
class JsonArray(Format):
    """One JSON array of objects, as Datasette's `_shape=array` but with every row."""

    content_type: str = "application/json; charset=utf-8"
    extension: str = "json"

    def encoder(self, outline: Outline) -> Encoder:
        """The encoder of one file."""
        return _JsonEncoder(distinct(outline.names), ("[", ",\n", "]"))


@dataclass(slots=True)
class _JsonEncoder:
    """Objects, with marks before the first, between two, and behind the last: without it they are not complete."""

    names: list[str]
    marks: tuple[str, str, str]
    begun: bool = False

    def head(self) -> bytes:
        return self.marks[0].encode()

    def rows(self, rows: Iterable[Row]) -> bytes:
        content = self.marks[1].join(_objects(self.names, rows))
        begun, self.begun = self.begun, True
        return f"{self.marks[1] if begun else ''}{content}".encode("utf-8", "replace")

    def tail(self) -> bytes:
        return self.marks[2].encode() if self.begun or self.marks[0] else b""


def _objects(names: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """A JSON object for each row; a blob is {"$base64": true, "encoded": …} as in Datasette's own."""
    for row in rows:
        yield json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=_blob)


def _plain(value: object) -> object:
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _blob(value: object) -> object:
    if isinstance(value, bytes):
        return {"$base64": True, "encoded": base64.b64encode(value).decode("ascii")}
    raise TypeError(f"no JSON for {type(value).__name__}")
