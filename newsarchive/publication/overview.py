"""What the archive holds as a whole: counts by month, section and state. Read once, kept until it changes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

THIN: Final = 0.25
"""A month with fewer articles than this share of the median month counts as a gap in the coverage."""


@dataclass(frozen=True, slots=True)
class SectionCount:
    """A section and how many articles stand in it."""

    name: str
    articles: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A run of months (YYYY-MM, both included) of which the archive holds `articles`, nothing or little."""

    first: str
    last: str
    months: int
    articles: int


@dataclass(frozen=True, slots=True)
class Overview:
    """`months` maps YYYY-MM to articles; `first` and `last` are local days, None in an undated archive."""

    articles: int
    undated: int
    first: str | None
    last: str | None
    months: dict[str, int]
    sections: tuple[SectionCount, ...]
    gone: int
    changed: int
    thin_below: float

    def is_gap(self, month: str) -> bool:
        """Whether a month (YYYY-MM) is missing from the archive or thin in it."""
        held = self.months.get(month, 0)
        return held == 0 or held < self.thin_below

    def gaps(self, since: str, until: str) -> list[Gap]:
        """The gaps between two months (YYYY-MM), both included, in their order."""
        found = []
        for is_gap, run in itertools.groupby(_months(since, until), self.is_gap):
            if is_gap:
                months = list(run)
                held = sum(self.months.get(month, 0) for month in months)
                found.append(Gap(months[0], months[-1], len(months), held))
        return found


def read_overview(connection: sqlite3.Connection) -> Overview:
    """Count the whole archive from its indexes."""
    months: dict[str, int] = {}
    for day, number in read_days(connection, "", "~").items():
        months[day[:7]] = months.get(day[:7], 0) + number
    first, last = connection.execute("SELECT min(published_on), max(published_on) FROM articles").fetchone()
    total = _one(connection, "SELECT count(*) FROM articles")
    return Overview(
        articles=total,
        undated=total - sum(months.values()),
        first=first,
        last=last,
        months=months,
        sections=read_sections(connection),
        gone=_one(connection, "SELECT count(*) FROM articles WHERE status = 'gone'"),
        changed=_one(connection, "SELECT count(*) FROM articles WHERE changed_at IS NOT NULL"),
        thin_below=THIN * median(months.values()) if months else 0.0,
    )


def read_sections(connection: sqlite3.Connection) -> tuple[SectionCount, ...]:
    """Every section with its articles, the largest first."""
    rows = connection.execute(
        "SELECT section, count(*) FROM articles WHERE section IS NOT NULL GROUP BY section ORDER BY 2 DESC, 1"
    )
    return tuple(SectionCount(name, number) for name, number in rows)


def read_days(connection: sqlite3.Connection, since: str, until: str) -> dict[str, int]:
    """Articles of each day between two local days, both included."""
    rows = connection.execute(
        "SELECT published_on, count(*) FROM articles WHERE published_on BETWEEN ? AND ? GROUP BY 1 ORDER BY 1",
        (since, until),
    )
    return {row[0]: row[1] for row in rows}


def _months(since: str, until: str) -> Iterator[str]:
    first, last = (int(month[:4]) * 12 + int(month[5:7]) - 1 for month in (since, until))
    return (f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, last + 1))


def _one(connection: sqlite3.Connection, sql: str) -> int:
    number: int = connection.execute(sql).fetchone()[0]
    return number
