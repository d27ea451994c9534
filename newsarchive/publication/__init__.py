"""The published archive: a Datasette plugin that acts only where a database is an archive of ours.

Hooks only; the rooms behind them are `routes` (addresses), `tables` and `cells` (Datasette's own pages),
`downloads` (files), `connections` (reading), `words` (both languages).
"""

# ruff: noqa: PLC0415 - Datasette loads its plugins while its own modules are half imported, so rooms that need
# them are imported when a hook is called.

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

from pluggy import HookimplMarker

from newsarchive.publication import cells
from newsarchive.publication.archives import archive_of, schema_problem
from newsarchive.text.arabic import remember_at_most

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable

    from datasette.app import Datasette
    from datasette.utils.asgi import Request, Response
    from markupsafe import Markup

    from newsarchive.publication.headers import App

# the texts of a few hundred pages; the server is to stay small however long it runs
_SPELLINGS = 25_000

# what `datasette.hookimpl` is, with its types
hookimpl = HookimplMarker("datasette")


@hookimpl
def startup(datasette: Datasette) -> None:
    """Settings that an archive needs, where the operator left Datasette's defaults; the memory of a server.

    Raises click's ClickException, one line for who started it, where the tables are those of another release.
    """
    from click import ClickException

    from newsarchive.publication import defaults

    found = [archive for name in datasette.databases if (archive := archive_of(datasette, name)) is not None]
    for problem in filter(None, map(schema_problem, found)):
        raise ClickException(problem)
    defaults.settle(datasette)
    if found:
        remember_at_most(_SPELLINGS)
        # what is loaded by now stays: each search of it for garbage would cost some page 20 ms
        gc.freeze()


@hookimpl(trylast=True)
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Datasette) -> None:
    """Guards and the Arabic functions; last, because `escape_fts` replaces Datasette's own."""
    from newsarchive.publication import connections, functions

    if archive_of(datasette, database) is not None:
        connections.guard(conn)
        functions.register(conn)


@hookimpl
def get_metadata(datasette: Datasette) -> dict[str, Any]:
    """Titles, order, facets and hidden tables."""
    from newsarchive.publication import metadata

    return metadata.metadata(datasette)


@hookimpl
def canned_queries(datasette: Datasette, database: str) -> dict[str, dict[str, Any]]:
    """The questions that researchers ask most."""
    from newsarchive.publication import ready

    return {} if archive_of(datasette, database) is None else ready.queries()


@hookimpl
def register_routes(datasette: Datasette) -> list[tuple[str, Callable[..., Any]]]:
    """The site's own addresses."""
    from newsarchive.publication.routes import routes

    archive = archive_of(datasette)
    return [] if archive is None else routes(datasette, archive)


@hookimpl
def extra_template_vars(
    datasette: Datasette, database: str | None, request: Request | None
) -> dict[str, Any]:
    """`site` for every template of an archive, None for those of other databases."""
    from newsarchive.publication.site import Site

    archive = None if database is None else archive_of(datasette, database)
    return {"site": None if archive is None else Site(datasette, archive, request)}


@hookimpl
def render_cell(
    row: sqlite3.Row, value: object, column: str, table: str | None, database: str, datasette: Datasette
) -> Markup | None:
    """Cells of an archive's tables and queries."""
    archive = archive_of(datasette, database)
    if archive is None:
        return None
    # of several archives that are served the first has the pages
    leads = archive == archive_of(datasette)
    articles = f"{str(datasette.setting('base_url')).rstrip('/')}/article/" if leads else None
    return cells.cell(articles, row, value, column, table)


@hookimpl
def handle_exception(
    datasette: Datasette, request: Request, exception: Exception
) -> Callable[[], Awaitable[Response | None]] | None:
    """Errors of the archive's pages, in the reader's language."""
    from newsarchive.publication import headers, responding

    archive = archive_of(datasette)
    if archive is None or not headers.is_ours(request.path, archive, datasette):
        return None

    async def inner() -> Response | None:
        return await responding.explain_error(datasette, request, exception)

    return inner


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    """Security headers on the archive's pages."""
    from newsarchive.publication import headers

    archive = archive_of(datasette)
    if archive is None:
        return lambda app: app
    return lambda app: headers.wrap(app, archive, datasette)
