"""Sahifa and Jarida by TieLabs, the themes before Jannah."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.pages.theme import Theme, read_post

if TYPE_CHECKING:
    from newsarchive.items import Article
    from newsarchive.pages.html import Page

NAME = "sahifa"
VERSION = 1
FURNITURE = frozenset(
    ("مقالات مشابهة", "اقرأ أيضاً", "شارك هذا الموضوع:", "شاركها", "إلى الأعلى", "أكمل القراءة »", "الوسوم")
)

_ROOT = "article.post-listing, #the-post.post-listing"
_THEME = Theme(
    name=NAME,
    version=VERSION,
    furniture=FURNITURE,
    root=_ROOT,
    title="h1.entry-title, h1.post-title",
    body=("div.entry",),
    crumbs="#crumbs a",
    categories=".post-cats a",
    date="p.post-meta .tie-date",
    tags_beside=".post-tag a",
    image=".single-post-thumb img",
    pages=".page-link",
)


def recognises(page: Page) -> bool:
    """Whether the page has the theme's post."""
    found = page.css(_ROOT)
    return bool(found) and bool(found[0].css_first(".post-inner, div.entry"))


def read(page: Page) -> Article:
    """Return the article of a recognised page. Raises UnreadableError with the reason why it is none."""
    return read_post(page, _THEME)
