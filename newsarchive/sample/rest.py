"""The REST interface of WordPress as far as a crawler uses it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any

from newsarchive.sample.body import printed, signed
from newsarchive.sample.documents import lower_case
from newsarchive.sample.heads import excerpt
from newsarchive.sample.markup import text
from newsarchive.sample.sites import DAMASCUS, Site
from newsarchive.sample.stories import SampleArticle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsarchive.sample.listings import Post

_MOST = 100
_ORDERS = {
    "date": lambda post: (post.published, post.post_id),
    "id": lambda post: post.post_id,
    "modified": lambda post: (post.modified, post.post_id),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON answer: HTTP status, data and additional headers."""

    status: int
    data: Any
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def body(self) -> bytes:
        """The data as WordPress serialises it."""
        return json.dumps(self.data, separators=(",", ":")).replace("/", "\\/").encode()


def _error(code: str, message: str, status: int) -> Answer:
    return Answer(status, {"code": code, "message": message, "data": {"status": status}})


def root(site: Site) -> Answer:
    """What `/wp-json/` says of the site."""
    routes = {
        route: {"namespace": "wp/v2", "methods": ["GET"]} for route in ("/wp/v2/posts", "/wp/v2/categories")
    }
    data = {
        "name": site.title,
        "description": site.motto,
        "url": site.home.rstrip("/"),
        "home": site.home.rstrip("/"),
        "gmt_offset": "3",
        "timezone_string": "Asia/Damascus",
        "namespaces": ["oembed/1.0", "wp/v2"],
        "routes": routes,
    }
    return Answer(200, data)


def categories(site: Site) -> Answer:
    """The categories of the site."""
    ids = {category.slug: category.term_id for category in site.categories}
    data = [
        {
            "id": c.term_id,
            "name": c.name,
            "slug": c.slug,
            "taxonomy": "category",
            "parent": ids[c.parent] if c.parent else 0,
            "link": f"https://{site.host}{site.category_path(c.slug)}",
        }
        for c in site.categories
    ]
    return Answer(200, data)


def _naive(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).replace(tzinfo=None).isoformat()


def _record(post: Post) -> dict[str, Any]:
    story = post if isinstance(post, SampleArticle) else None
    slugs = story.categories if story else ((post.category,) if isinstance(post.category, str) else ())  # type: ignore[union-attr]
    paragraphs = signed(story, list(printed(story.blocks, story)), first=True, last=True) if story else []
    return {
        "id": post.post_id,
        "date": _naive(post.published, DAMASCUS),
        "date_gmt": _naive(post.published, UTC),
        "guid": {"rendered": f"{post.site.home}?p={post.post_id}"},
        "modified": _naive(post.modified, DAMASCUS),
        "modified_gmt": _naive(post.modified, UTC),
        "slug": lower_case(post.address.rsplit("/", 1)[1]),
        "status": "publish",
        "type": "post",
        "link": post.address,
        "title": {"rendered": text(post.title)},
        "content": {"rendered": "\n".join(paragraphs), "protected": False},
        "excerpt": {"rendered": f"<p>{text(excerpt(story))}</p>" if story else "", "protected": False},
        "author": 2,
        "featured_media": post.post_id + 1,
        "categories": [post.site.category(slug).term_id for slug in slugs],
        "tags": [],
    }


def _instant(value: str) -> datetime:
    """A time of a query: the site's own unless it carries an offset."""
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=DAMASCUS)


def _selected(posts: tuple[Post, ...], query: Mapping[str, str]) -> list[Post]:
    chosen: list[Post] = list(posts)
    if "after" in query:
        chosen = [post for post in chosen if post.published > _instant(query["after"])]
    if "before" in query:
        chosen = [post for post in chosen if post.published < _instant(query["before"])]
    if "modified_after" in query:
        chosen = [post for post in chosen if post.modified > _instant(query["modified_after"])]
    if "modified_before" in query:
        chosen = [post for post in chosen if post.modified < _instant(query["modified_before"])]
    if "slug" in query:
        chosen = [post for post in chosen if post.address.rsplit("/", 1)[1] == query["slug"]]
    key = _ORDERS[query.get("orderby", "date")]
    return sorted(chosen, key=key, reverse=query.get("order", "desc") == "desc")


def _invalid(name: str) -> Answer:
    return _error("rest_invalid_param", f"المعلمة (أو المعلمات) غير صالحة: {name}", 400)


def _checked(query: Mapping[str, str]) -> Answer | tuple[int, int]:
    if query.get("orderby", "date") not in _ORDERS:
        return _invalid("orderby")
    size, page = query.get("per_page", "10"), query.get("page", "1")
    if not size.isdecimal() or not 1 <= int(size) <= _MOST:
        return _invalid("per_page")
    if not page.isdecimal() or int(page) < 1:
        return _invalid("page")
    return int(size), int(page)


def posts(everything: tuple[Post, ...], query: Mapping[str, str]) -> Answer:
    """A page of `/wp/v2/posts`. Refuses with 400 a page beyond the end and a parameter that cannot be."""
    checked = _checked(query)
    if isinstance(checked, Answer):
        return checked
    size, page = checked
    try:
        chosen = _selected(everything, query)
    except ValueError:
        return _invalid("after, before")
    start, pages = (page - 1) * size, -(-len(chosen) // size)
    start += int(query.get("offset", "0"))
    if page > 1 and page > pages:
        message = "رقم الصفحة المطلوبة أكبر من عدد الصفحات المتاح."
        return _error("rest_post_invalid_page_number", message, 400)
    records = [_fields(_record(post), query) for post in chosen[start : start + size]]
    return Answer(200, records, (("X-WP-Total", str(len(chosen))), ("X-WP-TotalPages", str(pages))))


def _fields(record: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
    if "_fields" not in query:
        return record
    wanted = {name.strip().split(".")[0] for name in query["_fields"].split(",")}
    return {name: value for name, value in record.items() if name in wanted}


def post(everything: tuple[Post, ...], post_id: int) -> Answer:
    """One post by its id."""
    for candidate in everything:
        if candidate.post_id == post_id:
            return Answer(200, _record(candidate))
    return _error("rest_post_invalid_id", "معرّف المقالة غير صالح.", 404)


def unknown_route() -> Answer:
    """The answer to any other route."""
    return _error("rest_no_route", "لم يتم العثور على مسار يتوافق مع العنوان وأسلوب الطلب.", 404)
