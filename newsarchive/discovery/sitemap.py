"""XML sitemaps and their indexes (<https://www.sitemaps.org/protocol.html>) of WordPress, Yoast and RankMath."""

from __future__ import annotations

import re
import zlib
from datetime import UTC, datetime

from newsarchive.discovery import Listing
from newsarchive.discovery.xml import elements, local_name
from newsarchive.items import Found

_LIMIT = 64 << 20
_MANY = 10
# Sitemaps of these kinds list no articles.
_OTHER_KINDS = re.compile(r"(?:taxonomies|categor|tag|author|users|page)[\w-]*\.xml", re.IGNORECASE)


def read(body: bytes, url: str) -> Listing:
    """Read one sitemap or sitemap index, gzipped or not. What stands whole before a break is kept.

    An index that names itself, under whatever query, names nothing new.
    """
    text, whole = _inflated(body)
    rows, reason = _rows(text)
    own = url.split("?", maxsplit=1)[0]
    pages = [(loc, lastmod) for tag, loc, lastmod in rows if tag == "url"]
    # A stamp that all pages share is the document's and tells no page from another.
    shared = len(pages) >= _MANY and len({lastmod for _, lastmod in pages}) == 1
    found = tuple(Found(loc, None if shared else utc(lastmod), "sitemap") for loc, lastmod in pages)
    further = tuple(
        loc
        for tag, loc, _ in rows
        if tag == "sitemap"
        and loc.split("?", maxsplit=1)[0] != own
        and not _OTHER_KINDS.search(loc.rsplit("/", 1)[-1])
    )
    if not whole:
        reason = "the gzip stream ends too early"
    if reason is None and not rows and not re.search(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b", text):
        reason = "this is no sitemap"
    return Listing(found, further, complete=reason is None, reason=reason)


def utc(stamp: str | None) -> str | None:
    """A time stamp of a source as UTC with a Z, or the bare day; None for what is neither."""
    match = re.match(
        r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?([.]\d+)?(Z|[+-]\d\d:?\d\d)?)?", (stamp or "").strip()
    )
    if not match:
        return None
    try:
        moment = datetime.fromisoformat(match[0])
    except ValueError:
        return None
    if match[1] is None or moment.tzinfo is None:
        return moment.date().isoformat()
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _inflated(body: bytes) -> tuple[bytes, bool]:
    if not body.startswith(b"\x1f\x8b"):
        return body, True
    stream = zlib.decompressobj(31)
    try:
        text = stream.decompress(body, _LIMIT)
    except zlib.error:
        return b"", False
    return text, stream.eof


def _rows(text: bytes) -> tuple[list[tuple[str, str, str | None]], str | None]:
    """(url or sitemap, loc, lastmod) of every element that ended, and what broke the document."""
    rows = []
    whole, reason = elements(text, frozenset({"url", "sitemap"}))
    for element in whole:
        values = {local_name(child): (child.text or "").strip() for child in element}
        if values.get("loc"):
            rows.append((local_name(element), values["loc"], values.get("lastmod")))
    return rows, reason
