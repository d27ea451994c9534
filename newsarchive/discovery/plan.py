"""Which discovery documents to ask for: where a run starts, and where one document leads."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from newsarchive.discovery import wordpress
from newsarchive.items import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from newsarchive.discovery import Listing

# One source of a host says in each run what is new; the others are asked now and then, for each may list what
# that one hides.
_ASK_AGAIN = timedelta(days=1)
_WALK_AGAIN = timedelta(days=7)
_MAX_SITEMAP_DEPTH = 3
_PATIENCE = 10
MAX_SITEMAPS = 2000


@dataclass(frozen=True, slots=True)
class Document:
    """One discovery document to fetch, on the walk that starts at `source`.

    patience: how many pages that name nothing new the walk may pass. A walk that is taken up again has some:
    what was published meanwhile has moved what it had seen already behind the page at which it stopped.
    """

    source: Source
    url: str
    depth: int = 0
    patience: int = 0

    @property
    def kind(self) -> str:
        """The room that reads it."""
        return self.source.kind


def starts(
    hosts: Iterable[str], kinds: Iterable[str], known: Mapping[str, Source], now: str
) -> Iterator[Document]:
    """The documents a run begins with: every source that is due, and what is open of every unfinished walk."""
    usual = {source.url: source for host in hosts for source in _sources_of(host)}
    newest = {newest_first(host, known) for host in hosts}
    unfinished = {url: source for url, source in known.items() if source.cursor}
    for url in usual | unfinished | dict.fromkeys(newest):
        source = known.get(url) or usual[url]
        if source.kind in set(kinds) and (url in newest or is_due(source, now)):
            yield Document(source, url)
            for left in (source.cursor or "").split():
                yield Document(source, left, depth=1, patience=_PATIENCE)


def newest_first(host: str, known: Mapping[str, Source]) -> str:
    """The source that says in each run what is new.

    REST, by whichever door is open; where both are closed the feed, else the front page.
    """
    rest = wordpress.posts_url(host)
    doors = (rest, wordpress.posts_url(host, rest_route=True), f"https://{host}/feed", f"https://{host}/")
    return next((url for url in doors if url in known and known[url].complete), rest)


def is_due(source: Source, now: str) -> bool:
    """Never asked, not walked to its end, or asked long enough ago."""
    if source.visited_at is None or source.cursor:
        return True
    pause = _WALK_AGAIN if source.kind == "listing" else _ASK_AGAIN
    return datetime.fromisoformat(now) - datetime.fromisoformat(source.visited_at) >= pause


def left_out(document: Document, listing: Listing) -> str:
    """Why some of what a sitemap index leads to is not asked, or ""."""
    if document.kind != "sitemap" or not listing.further:
        return ""
    if document.depth >= _MAX_SITEMAP_DEPTH:
        return f"sitemaps are nested more than {_MAX_SITEMAP_DEPTH} deep"
    if len(listing.further) > MAX_SITEMAPS:
        return f"it names {len(listing.further)} sitemaps, of which the first {MAX_SITEMAPS} are asked"
    return ""


def further(document: Document, listing: Listing, unnamed: int, pages: int = 1) -> list[Document]:
    """Where a document leads. `unnamed`: how many addresses its source had not named before.

    Paged lists are walked on while they name something new, which an endless calendar does not for long.
    """
    if document.kind == "sitemap":
        if document.depth >= _MAX_SITEMAP_DEPTH:
            return []
        return [
            replace(document, url=url, depth=document.depth + 1) for url in listing.further[:MAX_SITEMAPS]
        ]
    if not unnamed:
        if not document.patience:
            return []
        document = replace(document, patience=document.patience - 1)
    if document.kind == "rest":
        page = int(document.url.rpartition("&page=")[2]) + 1
        return (
            [replace(document, url=_rest_page(document.source.url, page), depth=page - 1)]
            if page <= pages
            else []
        )
    return [replace(document, url=url, depth=document.depth + 1) for url in listing.further]


def moved_back(document: Document, fallen: int) -> list[Document]:
    """The pages of REST before this one that its list's end has moved to, since `fallen` posts were taken out."""
    if document.kind != "rest" or fallen <= 0:
        return []
    page = int(document.url.rpartition("&page=")[2])
    first = max(1, page - math.ceil(fallen / wordpress.PER_PAGE))
    return [
        replace(document, url=_rest_page(document.source.url, number), depth=number - 1)
        for number in range(first, page)
    ]


def census(host: str, known: Mapping[str, Source]) -> list[Document]:
    """The sitemaps that list all of a host's articles, to see which are listed no more."""
    working = [
        source
        for source in known.values()
        if source.kind == "sitemap" and source.complete and urlsplit(source.url).hostname == host
    ]
    usual = [source for source in _sources_of(host) if source.kind == "sitemap"]
    return [Document(source, source.url) for source in working or usual]


def sitemap(url: str, hosts: Iterable[str], known: Mapping[str, Source], now: str) -> Document | None:
    """The walk of a sitemap that robots.txt names, when it is the newspaper's, none of the usual ones, and due."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    if (
        parts.scheme not in {"http", "https"}
        or host not in hosts
        or parts.netloc not in {host, f"www.{host}"}
    ):
        return None
    address = urlunsplit(("https", host, parts.path, parts.query, ""))
    if any(source.url == address for source in _sources_of(host)):
        return None
    source = known.get(address, Source(address, "sitemap"))
    return Document(source, address) if is_due(source, now) else None


def category(url: str, known: Mapping[str, Source], now: str) -> Document | None:
    """The walk of a category archive that a page links, when it is due."""
    source = known.get(url, Source(url, "listing"))
    return Document(source, url) if is_due(source, now) else None


def rest_route(document: Document, host: str) -> Document | None:
    """The other door of the REST API, for a host whose `/wp-json/` is closed."""
    url = wordpress.posts_url(host, rest_route=True)
    return Document(Source(url, "rest"), url) if "/wp-json/" in document.source.url else None


def _sources_of(host: str) -> Iterator[Source]:
    yield Source(wordpress.posts_url(host), "rest")
    yield Source(f"https://{host}/wp-sitemap.xml", "sitemap")
    yield Source(f"https://{host}/sitemap_index.xml", "sitemap")
    yield Source(f"https://{host}/feed", "feed")
    yield Source(f"https://{host}/", "listing")


def _rest_page(first: str, page: int) -> str:
    return first.removesuffix("&page=1") + f"&page={page}"
