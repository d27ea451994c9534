"""The first page: what this is, a search box, how complete it is, what is newest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from newsarchive.publication import charts, overview, stories
from newsarchive.publication.responding import View

if TYPE_CHECKING:
    import sqlite3

    from datasette.app import Datasette
    from datasette.utils.asgi import Request, Response

NEWEST: Final = 12
_EXAMPLES: Final = 4


@dataclass(frozen=True, slots=True)
class Home:
    """What the first page shows. `examples` are words worth searching: the commonest tags or sections."""

    held: overview.Overview
    newest: list[dict[str, Any]]
    examples: tuple[str, ...]


async def home_page(datasette: Datasette, request: Request) -> Response:
    """`/`."""
    view = View(datasette, request)
    home = Home(
        held=await view.readers.keep("overview", overview.read_overview),
        newest=await view.readers.read(_newest),
        examples=await view.readers.keep("examples", _examples),
    )
    return await view.page("home", home=home, chart=whole_chart(view, home.held))


def whole_chart(view: View, held: overview.Overview) -> charts.Chart | None:
    """The timeline of everything that is held, each year leading to its days."""
    if held.first is None or held.last is None:
        return None
    span = charts.Span(f"{held.first[:4]}-01-01", f"{held.last[:4]}-12-31")
    span = charts.Span(held.first, held.last) if span.level != "years" else span

    def link(since: str, until: str) -> str:
        return view.site.url("/search", **{"from": since, "until": until})

    return charts.draw(view.site, held, charts.Span(span.since, span.until), held.months, held.months, link)


def _newest(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    rows = connection.execute(
        f"SELECT {stories.BRIEF} FROM articles ORDER BY id DESC LIMIT ?", (NEWEST,)
    ).fetchall()
    return stories.briefs(rows)


def _examples(connection: sqlite3.Connection) -> tuple[str, ...]:
    rows = connection.execute(
        "SELECT t.name FROM article_tags AS a JOIN tags AS t ON t.id = a.tag_id "
        "GROUP BY a.tag_id ORDER BY count(*) DESC, t.name LIMIT ?",
        (_EXAMPLES,),
    )
    return tuple(row[0] for row in rows)
