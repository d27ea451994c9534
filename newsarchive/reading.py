"""From a saved page to an article or a refusal: choosing the card, then the same chain as a crawl. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsarchive import pages, saved, validation, visits
from newsarchive.items import Article, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsarchive.items import Newspaper


def newspaper_of(page: saved.SavedPage, cards: Iterable[Newspaper]) -> Newspaper | None:
    """The card this page belongs to: by host, and without an address by the masthead at its edge."""
    if page.url is not None:
        host = urlsplit(page.url).hostname
        return next((card for card in cards if host in card.hosts), None)
    return next((card for card in cards if pages.carries_masthead(page.body, page.content_type, card)), None)


def read(page: saved.SavedPage, newspaper: Newspaper | None) -> Article | Refusal | None:
    """What the page says, cleaned and judged; None for a line of JSON that tells of a refusal."""
    item: Article | Refusal | None
    if page.content_type == saved.JSON_LINE:
        item = saved.article_of_line(page)
        if isinstance(item, Article) and newspaper:
            item = replace(item, newspaper=newspaper.name)
    else:
        item = _read_page(page, newspaper)
    return item if item is None else finish(item, newspaper)


def finish(item: Article | Refusal, newspaper: Newspaper | None) -> Article | Refusal:
    """The steps after reading: furniture off the edges, then the rules."""
    if isinstance(item, Refusal):
        return item
    return validation.judge(pages.clean(item, newspaper), newspaper)


def _read_page(page: saved.SavedPage, newspaper: Newspaper | None) -> Article | Refusal:
    captured_at = saved.moment(page)
    if page.status is None or newspaper is None or page.url is None:
        return pages.read(page.body, page.url, page.content_type, captured_at, newspaper)
    answer = visits.Answer(
        url=page.url,
        final_url=page.url,
        status=page.status,
        body=page.body,
        content_type=page.content_type,
        captured_at=captured_at,
        truncated=page.truncated,
    )
    return visits.read(answer, newspaper)
