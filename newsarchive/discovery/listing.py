"""HTML pages that list articles: the front page, category archives with their sliders."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from newsarchive.discovery import Listing
from newsarchive.items import Found

_LIMIT = 4 << 20


def read(body: bytes, url: str) -> Listing:
    """Every link of the page, articles or not, and the next page of the list.

    Sliders link with an overlay that has no text (`a.all-over-thumb-link`), and what they show is left out
    of the list below them, so all links count. The ledger knows which are articles.
    """
    if len(body) > _LIMIT:
        return Listing(complete=False, reason=f"the page has {len(body)} bytes, more than {_LIMIT}")
    tree = LexborHTMLParser(body.decode("utf-8", "replace"))
    links = dict.fromkeys(
        urljoin(url, href)
        for anchor in tree.css("a[href]")
        if (href := (anchor.attributes.get("href") or "").strip())
        and not href.startswith(("#", "javascript:"))
    )
    further = _next_page(tree, url)
    found = tuple(Found(link, None, "listing") for link in links)
    return Listing(found, (further,) if further else ())


def categories(body: bytes, url: str) -> tuple[str, ...]:
    """The category archives that a page links, without their page numbers."""
    tree = LexborHTMLParser(body.decode("utf-8", "replace"))
    links = (urljoin(url, anchor.attributes.get("href") or "") for anchor in tree.css("a[href*='category/']"))
    host = urlsplit(url).hostname
    whole = (re.sub(r"/page/\d+/?$", "", link.split("?")[0].split("#")[0]).rstrip("/") for link in links)
    return tuple(dict.fromkeys(link for link in whole if urlsplit(link).hostname == host))


def _next_page(tree: LexborHTMLParser, url: str) -> str | None:
    """The next page by any of the theme's pagers: link rel=next, numbers, «الصفحة التالية», load-more button."""
    link = tree.css_first("link[rel=next]") or tree.css_first(
        ".pages-nav .the-next-page a[href], .pages-nav .last-page a[href], .pages-nav a.next[href]"
    )
    href = link.attributes.get("href") if link else None
    if href:
        return urljoin(url, href)
    button = tree.css_first("#load-more-archives[data-url][data-max]")
    if button is None:
        return None
    page = re.search(r"/page/(\d+)", url)
    current = int(page[1]) if page else 1
    last = button.attributes.get("data-max") or ""
    pattern = button.attributes.get("data-url") or ""
    if not last.isdigit() or current >= int(last) or "99999" not in pattern:
        return None
    return urljoin(url, pattern.replace("99999", str(current + 1)))
