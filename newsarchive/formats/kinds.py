"""What the values of a statement's columns are, found by looking at every row before the first one is written.

SQLite types values, not columns, so a declared type promises nothing. One pass of plain SQL counts what is there,
in the snapshot that the rows are read from afterwards; no row is held.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from newsarchive.formats.sheet_cells import LONGEST, pieces, plain

if TYPE_CHECKING:
    from collections.abc import Sequence


class Kind(StrEnum):
    """What every value of a column is, NULL aside.

    DAY is YYYY-MM-DD, INSTANT an ISO 8601 time to the second with Z or an offset, or a bare day where the hour is
    not known; LIST a JSON array of texts; PARAGRAPHS a JSON array of {"kind", "text"}. What is none of these, and
    every mixture but whole numbers with fractions, is TEXT.
    """

    TEXT = "text"
    INTEGER = "integer"
    REAL = "real"
    BLOB = "blob"
    DAY = "day"
    INSTANT = "instant"
    LIST = "list"
    PARAGRAPHS = "paragraphs"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a result. `verbatim`: an instant that has to be kept as text too, for its offset or its bare days.

    `widest` is the length of its longest text in bytes of UTF-8, 0 where nobody looked. `long` texts do not fit
    into one cell of a spreadsheet; the longest takes `cells`.
    """

    name: str
    kind: Kind = Kind.TEXT
    verbatim: bool = False
    widest: int = 0
    cells: int = 1
    long: int = 0


# What the archive's own columns are where a result holds only NULL, so that two files of one query by two years
# have one schema. `published_at` and `modified_at` are the newspaper's, with its offset.
_EMPTY: Final = {
    "published_on": Kind.DAY,
    "gone_since": Kind.INSTANT,
    "tags": Kind.LIST,
    "sections": Kind.LIST,
    "paragraphs": Kind.PARAGRAPHS,
} | dict.fromkeys(("post_id", "word_count", "revision_count", "capture_id", "status_code"), Kind.INTEGER)
_WITH_OFFSET: Final = frozenset({"published_at", "modified_at"})

_DAY: Final = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
_CLOCK: Final = "T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]"
# a double holds whole numbers up to here
_EXACT: Final = 2**53
# Without a modifier SQLite gives back 2015-02-29 as it came. Python has no year 0, and the
# first hours of year 1 are in year 0 elsewhere.
# A class for each value, in an order in which the kinds are intervals: least and greatest class of a column decide.
_LARGE, _WHOLE, _REAL, _BARE_DAY, _OFFSET, _UTC, _LIST, _PARAGRAPHS, _BLOB, _TEXT = range(10)
_CLASS: Final = f"""CASE typeof({{c}}) WHEN 'null' THEN NULL
    WHEN 'integer' THEN CASE WHEN {{c}} BETWEEN {-_EXACT} AND {_EXACT} THEN {_WHOLE} ELSE {_LARGE} END
    WHEN 'real' THEN {_REAL} WHEN 'blob' THEN {_BLOB}
    ELSE CASE WHEN {{c}} GLOB '{_DAY}*' AND {{c}} >= '0002'
            AND date(substr({{c}}, 1, 10), '+0 days') = substr({{c}}, 1, 10) THEN CASE
            WHEN {{c}} GLOB '{_DAY}' THEN {_BARE_DAY}
            WHEN substr({{c}}, 12, 2) > '23' OR julianday({{c}}) IS NULL THEN {_TEXT}
            WHEN {{c}} GLOB '{_DAY}{_CLOCK}Z' THEN {_UTC}
            WHEN {{c}} GLOB '{_DAY}{_CLOCK}[-+][0-9][0-9]:[0-9][0-9]' THEN {_OFFSET} ELSE {_TEXT} END
        WHEN {{c}} GLOB '[[]*]' AND json_valid({{c}}) THEN {{lists}} ELSE {_TEXT} END END"""
_IS_LIST: Final = f"""CASE WHEN EXISTS (SELECT 1 FROM json_each({{c}}) WHERE type <> 'text')
    THEN {_TEXT} ELSE {_LIST} END"""
_IS_PARAGRAPHS: Final = f"""CASE WHEN EXISTS (SELECT 1 FROM json_each({{c}}) WHERE type <> 'object'
    OR json_type(value, '$.kind') IS NOT 'text' OR json_type(value, '$.text') IS NOT 'text')
    THEN {_TEXT} ELSE {_PARAGRAPHS} END"""
_KINDS: Final = (
    (_LARGE, _WHOLE, Kind.INTEGER),
    (_WHOLE, _REAL, Kind.REAL),
    (_BARE_DAY, _BARE_DAY, Kind.DAY),
    (_BARE_DAY, _UTC, Kind.INSTANT),
    (_LIST, _LIST, Kind.LIST),
    (_PARAGRAPHS, _PARAGRAPHS, Kind.PARAGRAPHS),
    (_BLOB, _BLOB, Kind.BLOB),
)
# a statement with more columns is looked at in several passes: SQLite gives at most 2,000 at once
_AT_ONCE: Final = 150
_SQL_LENGTH: Final = 1_000_000


def survey(
    connection: sqlite3.Connection,
    sql: str,
    parameters: dict[str, Any],
    names: Sequence[str],
    *,
    cells: bool = False,
) -> list[Column]:
    """The columns of the statement, in its order, under `names`, of which a second one of a name becomes `name_2`.

    `cells`: count the cells of a spreadsheet that texts take. Raises sqlite3.Error.
    """
    # The reader's statement has run within its limit; ours around it is longer.
    connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, _SQL_LENGTH)
    columns: list[Column] = []
    for start in range(0, len(names), _AT_ONCE):
        part = range(start, min(start + _AT_ONCE, len(names)))
        found = connection.execute(_survey(sql, names, part), parameters).fetchone()
        columns += [_column(names[n], *found[3 * i : 3 * i + 3]) for i, n in enumerate(part)]
    if cells:
        columns = _with_cells(connection, sql, parameters, columns)
    return _named(columns)


def verbatim_name(name: str) -> str:
    """The column that keeps the text of an instant."""
    return f"{name}_text"


def distinct(columns: Sequence[str]) -> list[str]:
    """Names of which none is there twice: a second column of one name becomes `name_2`."""
    names: list[str] = []
    for column in columns:
        name, number = column, 1
        while name in names:
            number += 1
            name = f"{column}_{number}"
        names.append(name)
    return names


def _named(columns: list[Column]) -> list[Column]:
    """With names of which none is there twice; a text that the statement itself keeps beside an instant is enough."""
    names = distinct([column.name for column in columns])
    return [
        replace(column, name=name, verbatim=column.verbatim and verbatim_name(name) not in names)
        for column, name in zip(columns, names, strict=True)
    ]


def _with_cells(
    connection: sqlite3.Connection, sql: str, parameters: dict[str, Any], columns: Sequence[Column]
) -> list[Column]:
    """The columns with the cells that their longest text takes in a spreadsheet. Raises sqlite3.Error."""
    suspects = [n for n, column in enumerate(columns) if column.widest * 4 // 3 > LONGEST]
    cells, long = dict.fromkeys(suspects, 1), dict.fromkeys(suspects, 0)
    if suspects:
        chosen = ", ".join(f"c{number}" for number in suspects)
        wide = " OR ".join(f"length(CAST(c{number} AS BLOB)) * 4 / 3 > {LONGEST}" for number in suspects)
        statement = f"{_renamed(sql, len(columns))} SELECT {chosen} FROM t WHERE {wide}"
        for row in connection.execute(statement, parameters):
            for number, value in zip(suspects, row, strict=True):
                taken = 1 if value is None else sum(1 for _ in pieces(plain(value)))
                cells[number] = max(cells[number], taken)
                long[number] += taken > 1
    return [
        replace(column, cells=cells.get(number, 1), long=long.get(number, 0))
        for number, column in enumerate(columns)
    ]


def _renamed(sql: str, count: int) -> str:
    """The beginning of a statement in which the result is the table `t` with columns c0, c1 and so on."""
    return f"WITH t({', '.join(f'c{number}' for number in range(count))}) AS (\n{sql}\n)"


def _survey(sql: str, names: Sequence[str], part: range) -> str:
    """Least and greatest class and greatest width of each column; the limit has SQLite classify a value once."""
    classes = (
        f"{_class(number, names[number])} AS k{number}, length(CAST(c{number} AS BLOB)) AS w{number}"
        for number in part
    )
    asked = (f"min(k{number}), max(k{number}), max(w{number})" for number in part)
    return f"{_renamed(sql, len(names))} SELECT {', '.join(asked)} FROM (SELECT {', '.join(classes)} FROM t LIMIT -1)"


def _class(number: int, name: str) -> str:
    column = f"c{number}"
    lists = (_IS_PARAGRAPHS if name == "paragraphs" else _IS_LIST).format(c=column)
    return _CLASS.format(c=column, lists=lists)


def _column(name: str, least: int | None, greatest: int | None, widest: int | None) -> Column:
    if least is None or greatest is None:
        kind = _EMPTY.get(name, Kind.INSTANT if name.endswith("_at") else Kind.TEXT)
    else:
        kind = _kind(least, greatest)
    if kind is Kind.DAY and name in _WITH_OFFSET:
        kind = Kind.INSTANT
    other = least is not None and least < _UTC
    return Column(name, kind, kind is Kind.INSTANT and (other or name in _WITH_OFFSET), widest or 0)


def _kind(least: int, greatest: int) -> Kind:
    for first, last, kind in _KINDS:
        if first <= least and greatest <= last:
            return kind
    return Kind.TEXT
