"""From a page's context to a response: rendering, caching headers, errors that help."""

from __future__ import annotations

import json
import logging
import sqlite3
from typing import TYPE_CHECKING, Final

from datasette.utils.asgi import Base400, Response
from datasette.views.base import DatasetteError

from newsarchive.publication.archives import archive_of
from newsarchive.publication.connections import Readers, readers_of
from newsarchive.publication.site import Site

if TYPE_CHECKING:
    from datasette.app import Datasette
    from datasette.utils.asgi import Request

logger = logging.getLogger(__name__)

JSON_TYPE: Final = "application/json; charset=utf-8"


class View:
    """What a page function needs: the site's words and addresses, the pool that reads, the request."""

    def __init__(self, datasette: Datasette, request: Request) -> None:
        archive = archive_of(datasette)
        assert archive is not None, "routes are registered only where an archive is served"
        self.datasette = datasette
        self.request = request
        # Datasette reads the address anew whenever it is asked for them
        self._arguments = request.args
        self.archive = archive
        self.site = Site(datasette, archive, request)
        self.readers: Readers = readers_of(datasette, archive)

    def arg(self, name: str) -> str | None:
        """A parameter of the address, None where it is missing or blank."""
        value: str | None = self._arguments.get(name)
        return value.strip() or None if value is not None else None

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number from 1 to `most`; what cannot be read as one is the default."""
        return whole_number(self.arg(name), most) or default

    async def page(self, template: str, *, status: int = 200, **context: object) -> Response:
        """Render `newsarchive/<template>.html`."""
        body = await self.datasette.render_template(
            f"newsarchive/{template}.html", self.site.context(**context), self.request, view_name=template
        )
        return Response.html(body, status=status, headers=self.caching(status))

    def json(self, value: object, *, status: int = 200) -> Response:
        """A JSON answer in UTF-8, readable from other origins if Datasette runs with --cors."""
        headers = self.caching(status)
        if self.datasette.cors:
            headers["Access-Control-Allow-Origin"] = "*"
        body = json.dumps(value, ensure_ascii=False, default=str)
        return Response(body, status, headers, content_type=JSON_TYPE)

    def text(self, body: str, content_type: str, *, filename: str | None = None) -> Response:
        """A text file of ours."""
        headers = self.caching(200)
        if filename:
            headers["Content-Disposition"] = f'attachment; filename="{filename}"'
        return Response(body, 200, headers, content_type=f"{content_type}; charset=utf-8")

    def caching(self, status: int) -> dict[str, str]:
        """Cache-Control from Datasette's own setting; an error is never kept."""
        ttl = int(self.datasette.setting("default_cache_ttl"))
        return {"Cache-Control": f"max-age={ttl}" if status == 200 and ttl else "no-cache"}  # noqa: PLR2004

    async def not_found(self, what: str, **values: object) -> Response:
        """The page for an address that leads nowhere, with a search box on it."""
        return await self.problem(404, self.site.t(what, **values))

    async def problem(self, status: int, message: str, detail: str | None = None) -> Response:
        """An error page, or its JSON where the address ends in .json."""
        if self.request.path.endswith(".json"):
            title = self.site.known("error", str(status))
            return self.json({"ok": False, "error": message, "status": status, "title": title}, status=status)
        return await self.page("error", status=status, code=status, message=message, detail=detail)


def whole_number(text: str | None, most: int) -> int | None:
    """The number that ASCII digits write, `most` where it is greater; None for anything else.

    Python refuses to read more than 4,300 digits, and the address of a request has room for many more.
    """
    if text is None or not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    return most if len(digits) > len(str(most)) else min(int(digits), most)


async def explain_error(datasette: Datasette, request: Request, exception: Exception) -> Response | None:
    """An error in the archive's pages as a page of ours. None leaves it to Datasette."""
    view = View(datasette, request)
    if isinstance(exception, Base400):
        detail = str(exception.args[0]) if exception.args else None
        return await view.problem(exception.status, view.site.known("error", str(exception.status)), detail)
    if isinstance(exception, DatasetteError):
        slow = exception.title == "SQL Interrupted"
        message = view.site.t("error.slow_sql" if slow else "error.sql")
        return await view.problem(exception.status, message, None if slow else str(exception.message))
    if isinstance(exception, sqlite3.OperationalError) and "interrupted" in str(exception):
        return await view.problem(503, view.site.t("error.slow"))
    logger.error("%s failed", request.path, exc_info=exception)
    return await view.problem(500, view.site.t("error.500"))
