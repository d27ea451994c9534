"""RSS 2.0 feeds of WordPress. A feed lists the newest posts; it never is an article's text (it is cut)."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from newsarchive.discovery import Listing
from newsarchive.discovery.xml import elements
from newsarchive.items import Found


def read(body: bytes, url: str) -> Listing:
    """Read one page of a feed; `further` is the page before it in time (`?paged=N+1`) where it lists anything."""
    items, reason = elements(body.lstrip(), frozenset({"item"}))
    links = ((item.findtext("link") or "", item.findtext("pubDate")) for item in items)
    found = [Found(link.strip(), _utc(date), "feed", _utc(date)) for link, date in links if link.strip()]
    if not found and reason is None and b"<rss" not in body[:2048] and b"<feed" not in body[:2048]:
        reason = "this is no feed"
    return Listing(tuple(found), (_older(url),) if found else (), complete=reason is None, reason=reason)


def _older(url: str) -> str:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    query["paged"] = str(int(query.get("paged", "1")) + 1)
    return urlunsplit(parts._replace(query=urlencode(query)))


def _utc(stamp: str | None) -> str | None:
    """An RFC 822 date as UTC; None for what is none."""
    try:
        moment = parsedate_to_datetime((stamp or "").strip())
    except ValueError:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment.tzinfo else None
