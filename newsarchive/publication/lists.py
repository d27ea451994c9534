"""Pages that list: days, one day's paper, sections, writers."""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from newsarchive.publication import overview, stories
from newsarchive.publication.responding import View
from newsarchive.publication.spreading import read_spreads
from newsarchive.text.arabic import fold

if TYPE_CHECKING:
    import sqlite3

    from datasette.app import Datasette
    from datasette.utils.asgi import Request, Response

    from newsarchive.publication.shelf import Named, Shelf

MOST_OF_A_DAY: Final = 300
WRITERS_ON_A_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Writer:
    """A person: the name, its spellings as signed with the articles of each, and when they wrote first and last."""

    name: str
    spellings: tuple[Named, ...]

    @property
    def articles(self) -> int:
        """Articles in all spellings."""
        return sum(spelling.articles for spelling in self.spellings)

    @property
    def first(self) -> str | None:
        """The local day of the first dated article."""
        return min((spelling.first for spelling in self.spellings if spelling.first), default=None)

    @property
    def last(self) -> str | None:
        """The local day of the last dated article."""
        return max((spelling.last for spelling in self.spellings if spelling.last), default=None)


@dataclass(frozen=True, slots=True)
class Day:
    """One day's paper: its articles under their sections, and the nearest days before and after."""

    day: str
    count: int
    groups: list[tuple[str | None, list[dict[str, Any]]]]
    before: str | None
    after: str | None


async def days_page(datasette: Datasette, request: Request) -> Response:
    """`/days?year=YYYY`: a calendar of the year with the articles of each day."""
    view = View(datasette, request)
    held = await view.readers.keep("overview", overview.read_overview)
    years = sorted({month[:4] for month in held.months})
    if not years:
        return await view.page("days", years=[], year=None, months=[])
    asked = view.arg("year")
    year = asked if asked in years else years[-1]
    counts = await view.readers.read(overview.read_days, f"{year}-01-01", f"{year}-12-31")
    months = [(month, _weeks(int(year), month, counts)) for month in range(1, 13)]
    return await view.page("days", years=years, year=year, months=months, total=sum(counts.values()))


async def day_page(datasette: Datasette, request: Request) -> Response:
    """`/day/YYYY-MM-DD`: what the newspaper published that day."""
    view = View(datasette, request)
    day = request.url_vars["day"]
    try:
        dt.date.fromisoformat(day)
    except ValueError:
        return await view.not_found("day.wrong", day=day)
    found = await view.readers.read(_day, day)
    return await view.page("day", day=found, shown=MOST_OF_A_DAY)


async def sections_page(datasette: Datasette, request: Request) -> Response:
    """`/sections`."""
    view = View(datasette, request)
    articles = (await view.readers.keep("spreads", read_spreads)).shelf
    sections = await view.readers.keep("sections", lambda _: articles.named(articles.sections))
    return await view.page("sections", sections=sections)


async def writers_page(datasette: Datasette, request: Request) -> Response:
    """`/writers?name=…`: who signed, and since when until when."""
    view = View(datasette, request)
    articles = (await view.readers.keep("spreads", read_spreads)).shelf
    everyone = await view.readers.keep("writers", lambda connection: _writers(connection, articles))
    wanted = view.arg("name")
    part = fold(wanted) if wanted else ""
    chosen = [writer for writer in everyone if _is_named(writer, part)] if part else everyone
    page = view.number("page", 1, 10_000)
    first = (page - 1) * WRITERS_ON_A_PAGE
    more = len(chosen) > first + WRITERS_ON_A_PAGE
    return await view.page(
        "writers",
        writers=chosen[first : first + WRITERS_ON_A_PAGE],
        count=len(chosen),
        wanted=wanted,
        previous_page=view.site.url("/writers", name=wanted, page=page - 1) if page > 1 else None,
        next_page=view.site.url("/writers", name=wanted, page=page + 1) if more else None,
    )


def _weeks(year: int, month: int, counts: dict[str, int]) -> list[list[tuple[int, str, int]]]:
    """The weeks of a month, Saturday first as in Syria: (day or 0, its date, its articles)."""
    weeks = calendar.Calendar(firstweekday=calendar.SATURDAY).monthdayscalendar(year, month)
    return [
        [(day, f"{year}-{month:02}-{day:02}", counts.get(f"{year}-{month:02}-{day:02}", 0)) for day in week]
        for week in weeks
    ]


def _day(connection: sqlite3.Connection, day: str) -> Day:
    (count,) = connection.execute("SELECT count(*) FROM articles WHERE published_on = ?", (day,)).fetchone()
    rows = connection.execute(
        f"SELECT {stories.BRIEF} FROM articles WHERE published_on = ? "
        "ORDER BY section IS NULL, section, id LIMIT ?",
        (day, MOST_OF_A_DAY),
    ).fetchall()
    groups = itertools.groupby(stories.briefs(rows), key=lambda row: row["section"])
    (before,) = connection.execute(
        "SELECT max(published_on) FROM articles WHERE published_on < ?", (day,)
    ).fetchone()
    (after,) = connection.execute(
        "SELECT min(published_on) FROM articles WHERE published_on > ?", (day,)
    ).fetchone()
    return Day(day, count, [(section, list(group)) for section, group in groups], before, after)


def _writers(connection: sqlite3.Connection, articles: Shelf) -> list[Writer]:
    """Every writer, the most prolific first; spellings are joined as `writer_spellings` says."""
    rows = connection.execute(
        "SELECT s.spelling, w.name FROM writer_spellings AS s JOIN writers AS w ON w.id = s.writer_id"
    )
    joined = dict(iter(rows))
    persons: dict[str, list[Named]] = {}
    for spelling in articles.named(articles.writers):
        persons.setdefault(joined.get(spelling.name, spelling.name), []).append(spelling)
    writers = [Writer(name, tuple(spellings)) for name, spellings in persons.items()]
    return sorted(writers, key=lambda writer: (-writer.articles, writer.name))


def _is_named(writer: Writer, part: str) -> bool:
    return any(
        part in fold(name) for name in (writer.name, *(spelling.name for spelling in writer.spellings))
    )
