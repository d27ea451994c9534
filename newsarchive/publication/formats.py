"""Rows as bytes: CSV (RFC 4180) and JSON Lines, UTF-8."""

from __future__ import annotations

import base64
import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Row = Sequence[object]

BOM: Final = b"\xef\xbb\xbf"
# A spreadsheet takes a cell that begins so for a formula: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


class Format(Protocol):
    """How rows become bytes: what stands before them, and each batch of them."""

    @property
    def content_type(self) -> str:
        """The media type."""
        ...

    @property
    def extension(self) -> str:
        """The end of the file's name."""
        ...

    def head(self, columns: Sequence[str]) -> bytes:
        """What comes before the first row."""
        ...

    def rows(self, columns: Sequence[str], rows: Iterable[Row]) -> bytes:
        """A batch of rows."""
        ...


@dataclass(frozen=True, slots=True)
class Csv:
    """Comma-separated values.

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
        names = self.rows(columns, [columns]) if self.header else b""
        return (BOM if self.bom else b"") + names

    def rows(self, columns: Sequence[str], rows: Iterable[Row]) -> bytes:  # noqa: ARG002 - the protocol's
        """Rows ending in CR LF."""
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        if self.safe:
            writer.writerows([_harmless(_plain(value)) for value in row] for row in rows)
        else:
            writer.writerows([_plain(value) for value in row] for row in rows)
        return buffer.getvalue().encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class JsonLines:
    """One JSON object a line."""

    content_type: str = "application/x-ndjson; charset=utf-8"
    extension: str = "jsonl"

    def head(self, columns: Sequence[str]) -> bytes:  # noqa: ARG002 - the protocol's
        """Nothing stands before the first object."""
        return b""

    def rows(self, columns: Sequence[str], rows: Iterable[Row]) -> bytes:
        """A line for each row; a blob is {"$base64": true, "encoded": …} as in Datasette's JSON."""
        names = _distinct(columns)
        lines = (
            json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=_blob) + "\n"
            for row in rows
        )
        return "".join(lines).encode("utf-8", "replace")


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
