"""What a discovery document is, by its own address, where nobody remembers why it was asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from newsarchive.discovery import addresses, feed, listing, sitemap, wordpress

if TYPE_CHECKING:
    from newsarchive.items import Found

_POSTS = "/wp/v2/posts"
# Of WordPress itself, of Yoast, RankMath and All in One SEO, and of the plugin «XML Sitemap Generator».
_POST_SITEMAP = re.compile(
    r"(?:wp-sitemap-posts-post-\d+|(?:post|news)-sitemap\d*|sitemap-pt-post[\w-]*)\.xml(?:\.gz)?"
)


def found_in(url: str, body: bytes) -> tuple[Found, ...]:
    """What the document at this address lists."""
    path = urlsplit(url).path
    if _is_rest(url):
        return wordpress.read(body, {}).found
    if "sitemap" in path:
        return sitemap.read(body, url).found
    if "feed" in path:
        return feed.read(body, url).found
    return listing.read(body, url).found


def lists_only_articles(url: str) -> bool:
    """Whether all that the document at this address lists are articles: REST's posts, the feed, a sitemap of posts."""
    path = urlsplit(url).path.rstrip("/")
    return _is_rest(url) or path == "/feed" or bool(_POST_SITEMAP.fullmatch(path.rpartition("/")[2]))


def may_hold_article(url: str, document: str, hosts: tuple[str, ...]) -> bool:
    """Whether this normal address, named by the document at another, can be an article's on one of these hosts."""
    named = lists_only_articles(document) and addresses.may_be_listed(url, hosts)
    return named or addresses.may_be_article(url, hosts)


def _is_rest(url: str) -> bool:
    parts = urlsplit(url)
    route = parse_qs(parts.query).get("rest_route", [""])[0] if "rest_route" in parts.query else parts.path
    return route.rstrip("/").endswith(_POSTS)
