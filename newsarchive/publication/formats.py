"""Rows as bytes: CSV (RFC 4180), JSON Lines and JSON, UTF-8."""

from __future__ import annotations

import base64
import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Row = Sequence[object]

BOM: Final = b"\xef\xbb\xbf"
# A spreadsheet takes a cell that begins so for a formula: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


class Format:
    """How rows become bytes: what stands before them, each batch of them, what stands behind them."""

    content_type: str
    extension: str

    def head(self, columns: Sequence[str]) -> bytes:  # noqa: ARG002 - for those that print the names
        """What comes before the first row."""
        return b""

    def rows(self, columns: Sequence[str], rows: Iterable[Row], *, first: bool) -> bytes:
        """A batch of rows; `first` is the one that follows the head."""
        raise NotImplementedError

    def tail(self) -> bytes:
        """What comes after the last row."""
        return b""


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

    def head(self, columns: Sequence[str]) -> bytes:
        """The byte order mark and the names of the columns."""
        names = self.rows(columns, [columns], first=True) if self.header else b""
        return (BOM if self.bom else b"") + names

    def rows(self, columns: Sequence[str], rows: Iterable[Row], *, first: bool) -> bytes:  # noqa: ARG002 - as Format
        """Lines of cells."""
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        if self.safe:
            writer.writerows([_harmless(_plain(value)) for value in row] for row in rows)
        else:
            writer.writerows([_plain(value) for value in row] for row in rows)
        return buffer.getvalue().encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class JsonLines(Format):
    """One JSON object a line."""

    content_type: str = "application/x-ndjson; charset=utf-8"
    extension: str = "jsonl"

    def rows(self, columns: Sequence[str], rows: Iterable[Row], *, first: bool) -> bytes:  # noqa: ARG002 - as Format
        """A line for each row."""
        return "".join(f"{line}\n" for line in _objects(columns, rows)).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class JsonArray(Format):
    """One JSON array of objects, as Datasette's `_shape=array` but with every row."""

    content_type: str = "application/json; charset=utf-8"
    extension: str = "json"

    def head(self, columns: Sequence[str]) -> bytes:  # noqa: ARG002 - as Format
        """The opening bracket."""
        return b"["

    def rows(self, columns: Sequence[str], rows: Iterable[Row], *, first: bool) -> bytes:
        """Objects with commas between them."""
        content = ",\n".join(_objects(columns, rows))
        return (content if first else f",\n{content}").encode("utf-8", "replace")

    def tail(self) -> bytes:
        """The closing bracket: an array without it is not complete."""
        return b"]"


def _objects(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """A JSON object for each row; a blob is {"$base64": true, "encoded": …} as in Datasette's own."""
    names = _distinct(columns)
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


def _distinct(columns: Sequence[str]) -> list[str]:
    """Names for the keys of an object: a second column of one name becomes `name_2`."""
    names: list[str] = []
    for column in columns:
        name, number = column, 1
        while name in names:
            number += 1
            name = f"{column}_{number}"
        names.append(name)
    return names
