"""The one normal form of an address, and whether it can be an article's."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, unquote_to_bytes, urlsplit

_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_SAFE = "/-._~!$&'()*+,;=:@"
# WordPress's own forms of permalinks: https://wordpress.org/documentation/article/customize-permalinks/
_YEAR = "(?:19|20)[0-9]{2}"
_DATED = rf"/{_YEAR}/[0-9]{{2}}(?:/[0-9]{{2}})?/(?![0-9]{{1,2}}(?:/|$))[^/]+"
_WITHOUT_REWRITING = "/index.php"
_PART = re.compile(
    rf"(?P<post>(?:{re.escape(_WITHOUT_REWRITING)})?(?:/archives/[0-9]+|{_DATED}|/(?!{_YEAR}/)[^/]+))"
    r"/(?P<part>[0-9]{1,2})"
)
# Below these a number is a post or a page of a list.
_NO_POSTS = frozenset(["", "/archives", "/page"])
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{2,5})$")
_OF_PAGES = frozenset(["asp", "aspx", "htm", "html", "jsp", "php", "shtml"])
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
    `?p=N`, `/archives/N/amp` and the parts `/archives/N/2` of a paged article become `/archives/N`, and so with
    the other forms of permalinks. An ASP.NET page keeps its query, which alone tells it from others.
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
    if found := _part_of_post(path):
        return max(1, int(found["part"]))
    number = parse_qs(parts.query).get("page", [""])[0]
    return max(1, int(number)) if re.fullmatch(r"[0-9]{1,2}", number) else 1


def may_be_article(url: str, hosts: tuple[str, ...]) -> bool:
    """Whether this normal address can be an article's on one of these hosts, by its form alone.

    The forms are WordPress's `/archives/N`, `/slug`, `/YYYY/MM/slug` and `/YYYY/MM/DD/slug`, each also below
    `/index.php`, and pages of ASP.NET; archives by date, categories, tags, authors and pages of lists are none.
    """
    parts = urlsplit(url)
    if parts.hostname not in hosts:
        return False
    path = parts.path.removeprefix(_WITHOUT_REWRITING)
    if re.fullmatch(r"/archives/\d{1,12}", path) or path.lower().endswith(".aspx"):
        return True
    slug = path.rpartition("/")[2]
    return (
        bool(re.fullmatch(rf"{_DATED}|/(?!{_YEAR}$)[^/]+", path))
        and slug not in _NOT_ARTICLES
        and not _EXTENSION.search(slug)
        and not slug.startswith("wp-")
    )


def may_be_listed(url: str, hosts: tuple[str, ...]) -> bool:
    """Whether this normal address can be an article's where the newspaper itself says that it is one.

    Any page below the front page of one of these hosts, whatever its form; no file, nothing of WordPress's own.
    """
    parts = urlsplit(url)
    path = parts.path.removeprefix(_WITHOUT_REWRITING)
    extension = _EXTENSION.search(path)
    return (
        parts.hostname in hosts
        and bool(path)
        and not path.startswith("/wp-")
        and (extension is None or extension[1].lower() in _OF_PAGES)
    )


def _whole_article(path: str) -> str:
    """Without the AMP and part suffixes of a post's permalink."""
    path = re.sub(r"/amp$", "", path)
    found = _part_of_post(path)
    return found["post"] if found else path


def _part_of_post(path: str) -> re.Match[str] | None:
    found = _PART.fullmatch(path)
    return found if found and found["post"].removeprefix(_WITHOUT_REWRITING) not in _NO_POSTS else None
