"""The WordPress REST API (`/wp-json/wp/v2/posts`, or `/?rest_route=/wp/v2/posts` where only that is open).

<https://developer.wordpress.org/rest-api/reference/posts/>
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from newsarchive.discovery import Listing
from newsarchive.discovery.sitemap import utc
from newsarchive.items import Found

if TYPE_CHECKING:
    from collections.abc import Mapping

PER_PAGE = 100
_QUERY = f"per_page={PER_PAGE}&orderby=modified&order=desc&_fields=id,link,date_gmt,modified_gmt"


def posts_url(host: str, page: int = 1, *, rest_route: bool = False) -> str:
    """The address of a page of posts, the latest modified first."""
    path = "?rest_route=/wp/v2/posts&" if rest_route else "wp-json/wp/v2/posts?"
    return f"https://{host}/{path}{_QUERY}&page={page}"


def read(body: bytes, headers: Mapping[str, str]) -> Listing:
    """Read one page of posts. `headers` by lower-case name; X-WP-Total is the number of posts there are."""
    try:
        posts = json.loads(body)
    except ValueError as error:
        return Listing(complete=False, reason=f"the REST API answered no JSON: {error}")
    if not isinstance(posts, list):
        code = posts.get("code") if isinstance(posts, dict) else type(posts).__name__
        return Listing(complete=False, reason=f"the REST API answered {code!r} instead of posts")
    found = tuple(
        Found(
            post["link"],
            _stamp(post, "modified_gmt") or _stamp(post, "date_gmt"),
            "rest",
            _stamp(post, "date_gmt"),
        )
        for post in posts
        if _is_post(post)
    )
    total = headers.get("x-wp-total", "")
    reason = None if len(found) == len(posts) else f"{len(posts) - len(found)} posts without a link"
    return Listing(
        found, total=int(total) if total.isdigit() else None, complete=reason is None, reason=reason
    )


def pages(headers: Mapping[str, str]) -> int:
    """How many pages the answer says there are (X-WP-TotalPages); 1 when it does not say."""
    count = headers.get("x-wp-totalpages", "")
    return int(count) if count.isdigit() else 1


def _is_post(post: Any) -> bool:  # noqa: ANN401 - a JSON value
    return isinstance(post, dict) and isinstance(post.get("link"), str)


def _stamp(post: dict[str, Any], name: str) -> str | None:
    stamp = post.get(name)
    return utc(f"{stamp}Z") if isinstance(stamp, str) else None
