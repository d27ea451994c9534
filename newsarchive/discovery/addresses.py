"""The one normal form of an address, and whether it can be an article's."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, unquote_to_bytes, urlsplit

_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_SAFE = "/-._~!$&'()*+,;=:@"
_PART = re.compile(r"(?P<post>/archives/[0-9]+|/[^/]+)/(?P<part>[0-9]{1,2})")
# Below these a number is a post or a page of a list.
_NO_POSTS = frozenset(["/archives", "/page"])
_NOT_ARTICLES = frozenset(
    [
        "about",
        "author",
        "authors",
        "category",
        "comments",
        "contact",
        "contact-us",
        "embed",
        "feed",
        "page",
        "privacy-policy",
        "rss",
        "search",
        "sitemap",
        "tag",
        "wp-admin",
        "wp-content",
        "wp-includes",
        "wp-json",
        "wp-login.php",
        "xmlrpc.php",
    ]
)


def normal(url: str) -> str | None:
    """The normal form, under which the ledger knows an address; None when it is no web address.

    https, bare host (no www, no port), upper-case percent-encoding, no final slash, query or fragment;
    `?p=N`, `/archives/N/amp` and the parts `/archives/N/2` of a paged article become `/archives/N`. An
    ASP.NET page keeps its query, which alone tells it from others.
    """
    try:
        parts = urlsplit(url.strip())
        # RFC 3490 gives a name in Arabic letters its ASCII form.
        host = (parts.hostname or "").encode("idna").decode().removeprefix("www.")
        port = parts.port
    except ValueError:
        return None
    if (
        parts.scheme not in {"http", "https"}
        or not _HOST.fullmatch(host)
        or parts.username
        or port not in {None, 80, 443}
    ):
        return None
    path = re.sub(r"/{2,}", "/", quote(unquote_to_bytes(parts.path), safe=_SAFE)).rstrip("/")
    number = parse_qs(parts.query).get("p", [""])[0]
    if not path and re.fullmatch(r"[0-9]{1,12}", number):
        path = f"/archives/{number}"
    if path.lower().endswith(".aspx"):
        return f"https://{host}{path}?{parts.query}" if parts.query else f"https://{host}{path}"
    return f"https://{host}{_whole_article(path)}"


def part(url: str) -> int:
    """Which part of a paged article an address names, counted from 1; any other address is part 1.

    WordPress writes a part as `/archives/N/2`, or with plain links as `?p=N&page=2`.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return 1
    path = re.sub(r"/amp$", "", re.sub(r"/{2,}", "/", parts.path).rstrip("/"))
    found = _PART.fullmatch(path)
    if found and found["post"] not in _NO_POSTS:
        return max(1, int(found["part"]))
    number = parse_qs(parts.query).get("page", [""])[0]
    return max(1, int(number)) if re.fullmatch(r"[0-9]{1,2}", number) else 1


def may_be_article(url: str, hosts: tuple[str, ...]) -> bool:
    """Can this normal address be an article's on one of these hosts? Permalinks are /archives/N or /slug."""
    parts = urlsplit(url)
    if parts.hostname not in hosts:
        return False
    if re.fullmatch(r"/archives/\d{1,12}", parts.path) or parts.path.lower().endswith(".aspx"):
        return True
    segments = parts.path.strip("/").split("/")
    return (
        len(segments) == 1
        and bool(segments[0])
        and segments[0] not in _NOT_ARTICLES
        and not re.search(r"\.[A-Za-z0-9]{2,5}$", segments[0])
        and not segments[0].startswith("wp-")
    )


def _whole_article(path: str) -> str:
    """Without the AMP and part suffixes of a post's permalink."""
    path = re.sub(r"/amp$", "", path)
    found = _PART.fullmatch(path)
    return found["post"] if found and found["post"] not in _NO_POSTS else path
