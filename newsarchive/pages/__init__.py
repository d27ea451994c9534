"""What does a page say? Bytes → Article | Refusal, by pure functions: no network, no Scrapy, no database.

A layout is a module with `NAME`, `VERSION`, `FURNITURE`, `recognises(page)` and `read(page)`; a newspaper's
card names the ones it ever used, newest first. Adding one: write the module, enter it in `READERS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from newsarchive.items import Article, Refusal
from newsarchive.pages import amp, jannah, plaintext, sahifa, wordpress
from newsarchive.pages.blocks import read_body
from newsarchive.pages.cleaning import clean
from newsarchive.pages.html import Page, UnreadableError, open_page
from newsarchive.text.boilerplate import inner
from newsarchive.text.whitespace import tidy

if TYPE_CHECKING:
    from datetime import datetime

    from newsarchive.items import Newspaper

__all__ = ["READERS", "carries_masthead", "clean", "read"]


class Reader(Protocol):
    """A layout's module."""

    @property
    def NAME(self) -> str:  # noqa: N802
        """What cards call it, and articles name as their reader."""

    @property
    def VERSION(self) -> int:  # noqa: N802
        """Raised whenever it reads a page differently."""

    @property
    def FURNITURE(self) -> frozenset[str]:  # noqa: N802
        """The whole lines that the theme prints around a text."""

    def recognises(self, page: Page) -> bool:
        """Whether the page has this layout."""

    def read(self, page: Page) -> Article:
        """Return the article of a recognised page. Raises UnreadableError with the reason why it is none."""


READERS: dict[str, Reader] = {module.NAME: module for module in (jannah, amp, sahifa, plaintext)}
_EDGE_LINES = 12


def read(
    body: bytes,
    url: str | None,
    content_type: str | None,
    captured_at: datetime | None,
    newspaper: Newspaper | None,
) -> Article | Refusal:
    """Return what an answer says: an article, or why it is none.

    body: the decoded payload. url: the normal address, copied as it is. content_type: the HTTP header's value.
    captured_at: aware, when the bytes were obtained; later publication dates are disbelieved.
    newspaper: the card; None tries every reader and knows no masthead, no house names and no time zone.
    Raises KeyError when the card names a reader that does not exist.
    """
    try:
        page = open_page(body, url, content_type, captured_at, newspaper)
        for name in newspaper.readers if newspaper else READERS:
            if READERS[name].recognises(page):
                return READERS[name].read(page)
        raise wordpress.judge_unrecognised(page)
    except UnreadableError as error:
        return Refusal(
            url=url,
            reason=error.reason,
            detail=error.detail,
            newspaper=newspaper.name if newspaper else None,
            links=error.links,
            title=error.title,
            published_at=error.published_at,
        )


def carries_masthead(body: bytes, content_type: str | None, newspaper: Newspaper) -> bool:
    """Whether a page without address is this newspaper's: a masthead line stands whole at its edge.

    In a text the edge is what furniture and masthead make of its ends; in a marked-up page it is the first
    and last lines, and the site name in its head.
    """
    try:
        page = open_page(body, None, content_type)
    except UnreadableError:
        return False
    masthead = frozenset(newspaper.masthead)
    if page.tree is None:
        lines = [tidy(line) for line in page.text.splitlines()]
        within = inner(lines, plaintext.FURNITURE | masthead)
        return not masthead.isdisjoint(lines[: within.start] + lines[within.stop :])
    if not masthead.isdisjoint(page.metas.get("og:site_name", ())):
        return True
    lines = [p.text for p in read_body(page.tree.body).paragraphs] if page.tree.body else []
    return not masthead.isdisjoint(lines[:_EDGE_LINES] + lines[-_EDGE_LINES:])
