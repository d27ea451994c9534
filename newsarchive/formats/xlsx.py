"""Rows as a spreadsheet (Office Open XML, ECMA-376) that is sent while it is written: no file, no held rows.

The same rows of the same archive are the same bytes: every time in the file is that of the archive's last run.
"""

from __future__ import annotations

import itertools
import zipfile
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from newsarchive.formats import workbook
from newsarchive.formats.kinds import Kind, verbatim_name
from newsarchive.formats.rows import Format
from newsarchive.formats.sheet_cells import (
    encode,
    letters,
    moment_cell,
    pieces,
    plain,
    text_cell,
    value_cell,
)
from newsarchive.formats.sinks import Sink

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from newsarchive.formats.kinds import Column
    from newsarchive.formats.rows import Encoder, Outline, Row

SHEET_ROWS: Final = 1_048_576
# The zip entry of a sheet stays below 2 GiB, beyond which Excel finds fault with the form that its size needs.
_SHEET_BYTES: Final = 2_000_000_000
_WIDEST: Final = 60


@dataclass(slots=True)
class _Plan:
    """Where a column of the result stands in the sheet: its first cell, from 0, and what stands over its cells."""

    column: Column
    first: int
    titles: list[str]


@dataclass(frozen=True, slots=True)
class Xlsx(Format):
    """A workbook that reads from right to left. `sheet_rows`: how many rows a sheet has, the header counted."""

    sheet_rows: int = SHEET_ROWS
    content_type: str = f"{workbook.MEDIA_TYPE}.sheet"
    extension: str = "xlsx"
    typed: bool = True
    cells: bool = True

    def encoder(self, outline: Outline) -> Encoder:
        """The encoder of one file."""
        return XlsxEncoder(outline, self.sheet_rows)


@dataclass(slots=True)
class XlsxEncoder:
    """One workbook: sheets of rows, then one about them."""

    outline: Outline
    sheet_rows: int = SHEET_ROWS
    _sink: Sink = field(default_factory=Sink)
    _zip: zipfile.ZipFile = field(init=False)
    _sheet: IO[bytes] | None = None
    _plans: list[_Plan] = field(init=False)
    _moment: str = field(init=False)
    _sheets: int = 0
    _row: int = 0
    _bytes: int = 0
    _replaced: int = 0

    def __post_init__(self) -> None:
        """Begin the archive."""
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED)
        self._plans = list(_planned(self.outline.columns))
        self._moment = max(self.outline.ended_at or workbook.EARLIEST, workbook.EARLIEST)

    def head(self) -> bytes:
        """The parts that do not depend on the rows, and the beginning of the first sheet."""
        self._part("[Content_Types].xml", workbook.CONTENT_TYPES)
        self._part("_rels/.rels", workbook.RELATIONS)
        self._part("docProps/core.xml", workbook.properties(self.outline.title, self._moment))
        self._part("xl/styles.xml", workbook.STYLES)
        self._begin_sheet()
        return self._sink.taken()

    def rows(self, rows: Iterable[Row]) -> bytes:
        """Rows of the sheet, or of the next where it is full."""
        lines: list[str] = []
        for row in rows:
            if self._row >= self.sheet_rows or self._bytes >= _SHEET_BYTES:
                self._write("".join(lines))
                lines = []
                self._end_sheet()
                self._begin_sheet()
            self._row += 1
            lines.append(self._line(row))
        self._write("".join(lines))
        return self._sink.taken()

    def tail(self) -> bytes:
        """The sheet about the file, the workbook that names the sheets, the directory of the archive."""
        self._end_sheet()
        names = list(itertools.islice(_names(self.outline.words["rows"]), self._sheets))
        self._write_about()
        self._part("xl/workbook.xml", workbook.workbook([*names, self.outline.words["about"]]))
        self._part("xl/_rels/workbook.xml.rels", workbook.workbook_relations(self._sheets))
        self._zip.close()
        return self._sink.taken()

    def _line(self, row: Row) -> str:
        number = self._row
        cells = [f'<row r="{number}" ht="15" customHeight="1">']
        for plan, value in zip(self._plans, row, strict=True):
            if value is None:
                continue
            reference = f"{letters(plan.first)}{number}"
            kind = plan.column.kind
            if kind is Kind.DAY or kind is Kind.INSTANT:
                cells.append(moment_cell(reference, str(value), workbook.DAY_STYLE, workbook.INSTANT_STYLE))
                if plan.column.verbatim:
                    cells.append(text_cell(f"{letters(plan.first + 1)}{number}", str(value)))
            elif plan.column.cells > 1:
                cells += _continued(plan, number, plain(value))
            elif isinstance(value, str):
                cells.append(text_cell(reference, value))
            else:
                cells.append(value_cell(reference, value))
        cells.append("</row>")
        return "".join(cells)

    def _begin_sheet(self) -> None:
        self._sheets += 1
        self._sheet = self._zip.open(self._place(f"xl/worksheets/sheet{self._sheets}.xml"), "w")
        self._row, self._bytes = 1, 0
        titles = [title for plan in self._plans for title in plan.titles]
        header = "".join(
            f'<c r="{letters(n)}1" s="{workbook.HEADER_STYLE}" t="inlineStr"><is><t>{escape(t)}</t></is></c>'
            for n, t in enumerate(titles)
        )
        columns = "".join(map(_columns, self._plans))
        selected = ' tabSelected="1"' if self._sheets == 1 else ""
        self._write(
            f'{workbook.XML}<worksheet xmlns="{workbook.MAIN}">'
            f'<sheetViews><sheetView rightToLeft="1"{selected} workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="15" customHeight="1"/><cols>{columns}</cols>'
            f'<sheetData><row r="1">{header}</row>'
        )

    def _end_sheet(self) -> None:
        assert self._sheet is not None
        last = f"{letters(max(0, sum(len(plan.titles) for plan in self._plans) - 1))}{self._row}"
        self._write(
            f'</sheetData><ignoredErrors><ignoredError sqref="A1:{last}" numberStoredAsText="1"/></ignoredErrors>'
            "</worksheet>"
        )
        self._sheet.close()

    def _write_about(self) -> None:
        self._sheets += 1
        said = [*self.outline.about]
        if self._replaced:
            said.append((self.outline.words["replaced"], str(self._replaced)))
        lines = [
            f'<row r="{number}">{text_cell(f"A{number}", name)}{text_cell(f"B{number}", part)}</row>'
            for number, (name, part) in enumerate(
                ((name, part) for name, value in said for part in pieces(value)), start=1
            )
        ]
        content, _ = encode(
            f'{workbook.XML}<worksheet xmlns="{workbook.MAIN}">'
            '<sheetViews><sheetView rightToLeft="1" workbookViewId="0"/></sheetViews>'
            '<cols><col min="1" max="1" width="24" customWidth="1"/>'
            '<col min="2" max="2" width="90" customWidth="1"/></cols>'
            f"<sheetData>{''.join(lines)}</sheetData></worksheet>"
        )
        with self._zip.open(self._place(f"xl/worksheets/sheet{self._sheets}.xml"), "w") as sheet:
            sheet.write(content)

    def _write(self, xml: str) -> None:
        assert self._sheet is not None
        content, replaced = encode(xml)
        self._sheet.write(content)
        self._bytes += len(content)
        self._replaced += replaced

    def _part(self, name: str, content: str) -> None:
        self._zip.writestr(self._place(name), encode(content)[0])

    def _place(self, name: str) -> zipfile.ZipInfo:
        return workbook.entry(name, self._moment)


def _planned(columns: Sequence[Column]) -> Iterator[_Plan]:
    first = 0
    for column in columns:
        titles = [column.name, *(f"{column.name} ({number})" for number in range(2, column.cells + 1))]
        if column.verbatim:
            titles.append(verbatim_name(column.name))
        yield _Plan(column, first, titles)
        first += len(titles)


def _continued(plan: _Plan, number: int, text: str) -> Iterator[str]:
    """The cells of a long text. Raises ValueError where it is longer than any that was counted."""
    parts = list(pieces(text))
    if len(parts) > plan.column.cells:
        raise ValueError(
            f"{plan.column.name}: a text longer than the {plan.column.cells} cells counted for it"
        )
    for offset, part in enumerate(parts):
        yield text_cell(f"{letters(plan.first + offset)}{number}", part)


def _columns(plan: _Plan) -> str:
    last = plan.first + len(plan.titles)
    return f'<col min="{plan.first + 1}" max="{last}" width="{_width(plan)}" customWidth="1"/>'


def _width(plan: _Plan) -> int:
    """In letters: what the longest text needs, within reason. Arabic takes two bytes a letter."""
    match plan.column.kind:
        case Kind.DAY:
            needed = 11
        case Kind.INSTANT:
            needed = 20
        case _:
            needed = plan.column.widest * 2 // 3
    return max(8, len(plan.column.name) + 2, min(_WIDEST, needed))


def _names(name: str) -> Iterator[str]:
    yield name
    for number in itertools.count(2):
        yield f"{name} {number}"
