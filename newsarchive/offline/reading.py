"""From a saved page to an article or a refusal: choosing the card, then the same chain as a crawl. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsarchive import pages, validation, visits
from newsarchive.items import Article, Refusal
from newsarchive.offline import saved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsarchive.items import Newspaper


def read(
    page: saved.SavedPage, cards: Sequence[Newspaper], given: Newspaper | None = None
) -> Article | Refusal | None:
    """What the page says, cleaned and judged; None for a line of JSON that tells of a refusal.

    The card is the `given` one, else the one of the page's host, else the one whose masthead stands at the
    edge of a page without address.
    """
    item, newspaper = unfinished(page, cards, given)
    return item if item is None else finish(item, newspaper)


def unfinished(
    page: saved.SavedPage, cards: Sequence[Newspaper], given: Newspaper | None = None
) -> tuple[Article | Refusal | None, Newspaper | None]:
    """What the page says before cleaning and judgement, and whose it is: a part of an article is no whole one."""
    if page.content_type == saved.JSON_LINE:
        return _read_line(page, cards, given)
    newspaper = given or _newspaper_of(page, cards)
    return read_page(page, newspaper), newspaper


def finish(item: Article | Refusal, newspaper: Newspaper | None) -> Article | Refusal:
    """The steps after reading: furniture off the edges, then the rules."""
    if isinstance(item, Refusal):
        return item
    return validation.judge(pages.clean(item, newspaper), newspaper)


def _newspaper_of(page: saved.SavedPage, cards: Sequence[Newspaper]) -> Newspaper | None:
    if page.url is not None:
        return newspaper_at(page.url, cards)
    return next((card for card in cards if pages.carries_masthead(page.body, page.content_type, card)), None)


def newspaper_at(url: str, cards: Sequence[Newspaper]) -> Newspaper | None:
    """The newspaper to whose hosts an address belongs."""
    host = urlsplit(url).hostname
    return next((card for card in cards if host in card.hosts), None)


def _read_line(
    page: saved.SavedPage, cards: Sequence[Newspaper], given: Newspaper | None
) -> tuple[Article | Refusal | None, Newspaper | None]:
    """The article of a line; a newspaper that it names counts only where no address tells."""
    item = saved.article_of_line(page)
    if not isinstance(item, Article):
        return item, None
    named = {card.name: card for card in cards}.get(item.newspaper or "") if item.url is None else None
    newspaper = given or named or (newspaper_at(item.url, cards) if item.url else None)
    return replace(item, newspaper=newspaper.name if newspaper else None), newspaper


def read_page(page: saved.SavedPage, newspaper: Newspaper | None) -> Article | Refusal:
    """What the page of a newspaper says, before it is cleaned and judged."""
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
