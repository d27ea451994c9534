"""AMP twins as the official AMP plug-in prints them in its reader mode (`/archives/N/amp`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.pages.theme import Theme, read_post

if TYPE_CHECKING:
    from newsarchive.items import Article
    from newsarchive.pages.html import Page

NAME = "amp"
VERSION = 1
FURNITURE = frozenset(
    ("Exit mobile version", "View non-AMP version", "عرض النسخة غير AMP", "العودة إلى الأعلى")
)

_THEME = Theme(
    name=NAME,
    version=VERSION,
    furniture=FURNITURE,
    root="article.amp-wp-article",
    title="h1.amp-wp-title",
    body=(".amp-wp-article-content",),
    categories=".amp-wp-tax-category a",
    date=".amp-wp-posted-on",
    tags=".amp-wp-tax-tag a",
    image=".amp-wp-article-featured-image amp-img, .amp-wp-article-featured-image img",
)


def recognises(page: Page) -> bool:
    """Whether the page has the plug-in's article."""
    return page.first("article.amp-wp-article") is not None


def read(page: Page) -> Article:
    """Return the article of a recognised page. Raises UnreadableError with the reason why it is none."""
    return read_post(page, _THEME)
