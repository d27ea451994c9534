"""What the sample newspaper answers: paper and request → response. No network here."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from newsarchive.sample import documents, rest
from newsarchive.sample.exchange import Request, Response, compressed, conditional, redirect, validated
from newsarchive.sample.listings import category_page, home_page, in_category
from newsarchive.sample.markup import TEMPLATES
from newsarchive.sample.others import Other, not_found
from newsarchive.sample.pictures import logo, png, printed_page
from newsarchive.sample.sites import NEWSPAPER, Site
from newsarchive.sample.stories import SampleArticle

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsarchive.sample.paper import Paper

_XML = "application/xml; charset=UTF-8"
_RSS = "application/rss+xml; charset=UTF-8"
_JSON = "application/json; charset=UTF-8"
_picture = lru_cache(maxsize=64)(png)


def answer(paper: Paper, request: Request) -> Response:
    """The answer to a request, as WordPress behind a cache gives it."""
    if request.method not in {"GET", "HEAD"}:
        return Response(405, b"", headers=(("Allow", "GET, HEAD"),))
    for give in (_by_query, _document, _rest, _file, _feed, _listing, _page):
        response = give(paper, request)
        if response is not None:
            return compressed(request, conditional(request, response))
    return compressed(request, _missing(paper, request.site))


def _missing(paper: Paper, site: Site) -> Response:
    return Response(404, not_found(site, paper.of_site(site)))


def _by_query(paper: Paper, request: Request) -> Response | None:
    if request.path != "/":
        return None
    if "rest_route" in request.query:
        return _rest_answer(paper, request, request.query["rest_route"])
    if "p" in request.query:
        posts = {str(post.post_id): post for post in paper.posts(request.site)}
        post = posts.get(request.query["p"])
        return redirect(post.address) if post else _missing(paper, request.site)
    return validated(
        Response(body=home_page(paper, request.site)),
        max(article.modified for article in paper.articles),
    )


def _document(paper: Paper, request: Request) -> Response | None:
    site = request.site
    if request.path == "/robots.txt":
        return Response(body=documents.robots(site), content_type="text/plain; charset=utf-8")
    if not request.path.endswith(".xml"):
        return None
    maker = documents.core_sitemaps if site is NEWSPAPER else documents.yoast_sitemaps
    body = maker(site, paper.posts(site)).get(request.path)
    return None if body is None else Response(body=body, content_type=_XML)


def _rest(paper: Paper, request: Request) -> Response | None:
    if request.path != "/wp-json" and not request.path.startswith("/wp-json/"):
        return None
    return _rest_answer(paper, request, request.path.removeprefix("/wp-json"))


def _rest_answer(paper: Paper, request: Request, route: str) -> Response:
    site, everything = request.site, paper.posts(request.site)
    if route in {"", "/"}:
        answered = rest.root(site)
    elif route == "/wp/v2/posts":
        answered = rest.posts(everything, request.query)
    elif route == "/wp/v2/categories":
        answered = rest.categories(site)
    elif match := re.fullmatch(r"/wp/v2/posts/(\d+)", route):
        answered = rest.post(everything, int(match[1]))
    else:
        answered = rest.unknown_route()
    return Response(answered.status, answered.body, _JSON, answered.headers)


def _file(_paper: Paper, request: Request) -> Response | None:
    path = request.path
    if path == "/wp-content/uploads/logo.svg":
        return Response(body=logo(request.site.title), content_type="image/svg+xml")
    if re.fullmatch(r"/wp-content/uploads/(\d{4}/\d{2}/)?[\w-]+\.png", path):
        return Response(body=_picture(path.rpartition("/")[2]), content_type="image/png")
    if re.fullmatch(r"/wp-content/uploads/\d{4}/\d{2}/[\w-]+\.pdf", path):
        return Response(body=printed_page(path.rpartition("/")[2]), content_type="application/pdf")
    if path.endswith(("/style.min.css", "/style.css")):
        return Response(body=(TEMPLATES / "style.css").read_bytes(), content_type="text/css")
    return None


def _feed(paper: Paper, request: Request) -> Response | None:
    site, path = request.site, request.path.rstrip("/")
    page = int(request.query["paged"]) if request.query.get("paged", "").isdecimal() else 1
    if path == "/comments/feed":
        return Response(body=documents.comments_feed(site), content_type=_RSS)
    if path == "/feed":
        posts = sorted(paper.posts(site), key=lambda post: post.published, reverse=True)
        body = documents.feed(site, posts, page, site.title)
    elif slug := _category_slug(site, path.removesuffix("/feed")) if path.endswith("/feed") else None:
        body = documents.feed(site, in_category(paper, site, slug), page, site.category(slug).name)
    else:
        return None
    return None if body is None else Response(body=body, content_type=_RSS)


def _category_slug(site: Site, path: str) -> str | None:
    return next((c.slug for c in site.categories if site.category_path(c.slug) == path), None)


def _listing(paper: Paper, request: Request) -> Response | None:
    match = re.fullmatch(r"(.*?)(?:/page/(\d+))?/?", request.path)
    slug = _category_slug(request.site, match[1]) if match else None
    if match is None or slug is None:
        return None
    body = category_page(paper, request.site, slug, int(match[2] or 1))
    return None if body is None else Response(body=body)


def _page(paper: Paper, request: Request) -> Response | None:
    path = quote(unquote(request.path))
    post = _post_at(paper, request.site, path.rstrip("/"))
    if post:
        if path.endswith("/"):
            return redirect(post.address)
        body = post.render(paper.of_site(post.site)) if isinstance(post, Other) else paper.render(post)
        return validated(Response(body=body), post.modified)
    parent, _, rest_of_path = path.rpartition("/")
    post = _post_at(paper, request.site, parent)
    if not isinstance(post, SampleArticle):
        return None
    return _variant(paper, post, rest_of_path)


def _variant(paper: Paper, article: SampleArticle, name: str) -> Response | None:
    makers: dict[str, Callable[[], bytes]] = {
        str(part): lambda part=part: paper.render(article, part)  # type: ignore[misc]
        for part in range(2, len(article.parts) + 1)
    }
    if "amp" in article.dress.options:
        makers["amp"] = lambda: paper.render_amp(article)
    return validated(Response(body=makers[name]()), article.modified) if name in makers else None


def _post_at(paper: Paper, site: Site, path: str) -> SampleArticle | Other | None:
    address = f"https://{site.host}{path}"
    others = {other.address: other for other in paper.others}
    return paper.by_address.get(address) or others.get(address)
