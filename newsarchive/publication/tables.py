"""Datasette's table pages of the archive: which columns they show and how a cell looks."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from datasette.views.table import TableView
from markupsafe import Markup, escape

from newsarchive.publication.metadata import BRIEF_COLUMNS
from newsarchive.publication.stories import safe_link

if TYPE_CHECKING:
    import sqlite3

    from datasette.app import Datasette
    from datasette.utils.asgi import Request

CELL: Final = 160
"""Letters of a long text that a cell shows."""

_SNIPPET: Final = 2_000
_MARKS: Final = {"<mark>": Markup("<mark>"), "</mark>": Markup("</mark>")}
_LINKED: Final = {"url", "image_url"}


class ArticlesTable(TableView):  # type: ignore[misc]
    """The HTML page of `articles`: a line per article, unless `?_col=` or `?_nocol=` asks for columns."""

    async def columns_to_select(
        self, table_columns: list[str], pks: list[str], request: Request
    ) -> list[str]:
        """The brief columns, in the order of the page."""
        if "_col" in request.args or "_nocol" in request.args:
            columns: list[str] = await super().columns_to_select(table_columns, pks, request)
            return columns
        return [*pks, "key", *(name for name in BRIEF_COLUMNS if name in table_columns)]


def cell(
    datasette: Datasette, row: sqlite3.Row | dict[str, object], value: object, column: str, table: str | None
) -> Markup | None:
    """How a cell of the archive looks; None leaves it to Datasette.

    Headlines and keys lead to the article, long texts are cut, addresses are links only if they are http or https.
    """
    if not isinstance(value, str) or not value:
        return None
    if column in ("title", "key") and table in ("articles", None):
        key = _value(row, "key")
        if key:
            base = str(datasette.setting("base_url")).rstrip("/")
            return _link(f"{base}/article/{quote(key, safe='')}", value)
    if column == "snippet":
        return _marked(value)
    if column in _LINKED or value.startswith(("http://", "https://")):
        link = safe_link(value) if len(value.split()) == 1 else None
        return _link(link, value, ltr=True) if link else _text(value)
    return _text(value)


def _value(row: sqlite3.Row | dict[str, object], name: str) -> str | None:
    value = row[name] if name in row.keys() else None  # noqa: SIM118 - sqlite3.Row iterates over values
    return value if isinstance(value, str) else None


def _text(value: str) -> Markup:
    short = value if len(value) <= CELL else value[:CELL].rsplit(" ", 1)[0] + "…"
    return Markup("<bdi>{}</bdi>").format(short)


def _marked(value: str) -> Markup:
    """A text with `<mark>` and nothing else of HTML: what a statement calls a snippet may be anything."""
    pieces = re.split(r"(</?mark>)", value[:_SNIPPET])
    safe = (_MARKS.get(piece) or escape(html.unescape(piece)) for piece in pieces)
    return Markup("<bdi>{}</bdi>").format(Markup("").join(safe))


def _link(href: str, value: str, *, ltr: bool = False) -> Markup:
    short = value if len(value) <= CELL else value[:CELL] + "…"
    attributes = Markup(' dir="ltr" class="ltr" rel="noopener nofollow"') if ltr else Markup("")
    return Markup('<a href="{}"{}><bdi>{}</bdi></a>').format(href, attributes, short)
