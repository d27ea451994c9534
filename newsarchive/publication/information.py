"""Pages that explain: about, data, SQL by examples, the interface for machines."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from newsarchive.publication import overview, ready, words
from newsarchive.publication.feeds import robots, sitemap_index, sitemap_of
from newsarchive.publication.responding import View

if TYPE_CHECKING:
    import sqlite3

    from datasette.app import Datasette
    from datasette.utils.asgi import Request, Response


async def about_page(datasette: Datasette, request: Request) -> Response:
    """`/about`: how the archive was made, rights, corrections, removal."""
    view = View(datasette, request)
    contact = os.environ.get("ARCHIVE_CONTACT", "")
    mail = contact if re.fullmatch(r"[^@\s:/?]+@[^@\s:/?]+", contact) else None
    removals = await view.readers.read(_removals)
    return await view.page("about", contact=contact or None, mail=mail, removals=removals)


async def data_page(datasette: Datasette, request: Request) -> Response:
    """`/data`: ready queries, tables, files."""
    view = View(datasette, request)
    held = await view.readers.keep("overview", overview.read_overview)
    return await view.page("data", cards=ready.cards(_language(view)), held=held)


async def sql_page(datasette: Datasette, request: Request) -> Response:
    """`/sql`: SQL on this archive by ten examples."""
    view = View(datasette, request)
    return await view.page("sql", lessons=ready.lessons(_language(view)))


async def api_page(datasette: Datasette, request: Request) -> Response:
    """`/api`: the addresses for machines."""
    view = View(datasette, request)
    return await view.page("api", example=view.site.absolute("/search.json?q=%D8%AF%D9%85%D8%B4%D9%82"))


async def robots_txt(datasette: Datasette, request: Request) -> Response:
    """`/robots.txt`."""
    view = View(datasette, request)
    return view.text(robots(view.site), "text/plain")


async def sitemap_xml(datasette: Datasette, request: Request) -> Response:
    """`/sitemap.xml`: a sitemap for each month."""
    view = View(datasette, request)
    held = await view.readers.keep("overview", overview.read_overview)
    return view.text(sitemap_index(view.site, held), "application/xml")


async def month_sitemap(datasette: Datasette, request: Request) -> Response:
    """`/sitemap-YYYY-MM.xml` and `/sitemap-undated.xml`."""
    view = View(datasette, request)
    rows = await view.readers.read(_of_month, request.url_vars["month"])
    return view.text(sitemap_of(view.site, rows), "application/xml")


def _removals(connection: sqlite3.Connection) -> list[tuple[str, str, str, int]]:
    """The public log: month, state, class of the reason, articles."""
    rows = connection.execute(
        "SELECT month, state, reason, count(*) FROM takedowns GROUP BY month, state, reason ORDER BY month DESC, 2, 3"
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _of_month(connection: sqlite3.Connection, month: str) -> list[tuple[str, str | None]]:
    if month == "undated":
        rows = connection.execute(
            "SELECT key, changed_at FROM articles WHERE published_on IS NULL ORDER BY id LIMIT 50000"
        )
    else:
        rows = connection.execute(
            "SELECT key, changed_at FROM articles WHERE published_on BETWEEN ? AND ? ORDER BY id LIMIT 50000",
            (f"{month}-01", f"{month}-31"),
        )
    return [(row[0], row[1]) for row in rows]


def _language(view: View) -> int:
    return words.LANGUAGES.index(view.site.lang)
