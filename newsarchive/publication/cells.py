"""How a cell of the archive's tables and queries looks. Pages have hundreds of them, so each is made in one step."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from markupsafe import Markup, escape

from newsarchive.publication.stories import safe_link

if TYPE_CHECKING:
    import sqlite3

LETTERS: Final = 160
"""Letters of a long text that a cell shows."""

_SNIPPET: Final = 2_000
_MARKS: Final = ("<mark>", "</mark>")
_LINKED: Final = {"url", "image_url"}


def cell(
    articles: str | None, row: sqlite3.Row | dict[str, object], value: object, column: str, table: str | None
) -> Markup | None:
    """How a cell of the archive looks; None leaves it to Datasette.

    articles: the address below which the articles have their pages, None where they have none.

    Headlines and keys lead to the article, long texts are cut, addresses are links only if they are http or https.
    """
    if not isinstance(value, str) or not value:
        return None
    if articles is not None and column in ("title", "key") and table in ("articles", None):
        key = _value(row, "key")
        if key:
            return _link(f"{articles}{quote(key, safe='')}", value)
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
    short = value if len(value) <= LETTERS else value[:LETTERS].rsplit(" ", 1)[0] + "…"
    return _isolated(escape(short))


def _marked(value: str) -> Markup:
    """A text with `<mark>` and nothing else of HTML: what a statement calls a snippet may be anything."""
    pieces = re.split(r"(</?mark>)", value[:_SNIPPET])
    safe = (piece if piece in _MARKS else escape(html.unescape(piece)) for piece in pieces)
    return _isolated("".join(safe))


def _link(href: str, value: str, *, ltr: bool = False) -> Markup:
    short = value if len(value) <= LETTERS else value[:LETTERS] + "…"
    attributes = ' dir="ltr" class="ltr" rel="noopener nofollow"' if ltr else ""
    return Markup(f'<a href="{escape(href)}"{attributes}>{_isolated(escape(short))}</a>')  # noqa: S704 - escaped here


def _isolated(safe: str) -> Markup:
    return Markup(f"<bdi>{safe}</bdi>")  # noqa: S704 - escaped by the callers
