"""Sitemaps, feeds and robots.txt of the two sites."""

from __future__ import annotations

from datetime import UTC
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING

from newsarchive.sample.heads import AUTHOR, excerpt
from newsarchive.sample.markup import text, utc
from newsarchive.sample.sites import NEWSPAPER, Site
from newsarchive.sample.stories import SampleArticle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsarchive.sample.listings import Post

CORE_SITEMAP_SIZE = 60
YOAST_SITEMAP_SIZE = 20
FEED_SIZE = 10
_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_SCHEMA = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def lower_case(address: str) -> str:
    """The address in the lower-case percent-encoding that WordPress stores slugs in."""
    return "".join(
        f"%{part[:2].lower()}{part[2:]}" if n else part for n, part in enumerate(address.split("%"))
    )


def robots(site: Site) -> bytes:
    """What WordPress answers when no robots.txt stands on the disk."""
    sitemap = "wp-sitemap.xml" if site is NEWSPAPER else "sitemap_index.xml"
    return (
        f"User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n\nSitemap: {site.home}{sitemap}\n"
    ).encode()


def _entries(rows: Iterable[tuple[str, str | None]], kind: str) -> str:
    return "".join(
        f"<{kind}><loc>{escape(loc)}</loc>{f'<lastmod>{lastmod}</lastmod>' if lastmod else ''}</{kind}>"
        for loc, lastmod in rows
    )


def _urlset(rows: Iterable[tuple[str, str | None]]) -> bytes:
    return f"{_XML}\n<urlset {_SCHEMA}>{_entries(rows, 'url')}</urlset>".encode()


def _index(rows: Iterable[tuple[str, str | None]]) -> bytes:
    return f"{_XML}\n<sitemapindex {_SCHEMA}>{_entries(rows, 'sitemap')}</sitemapindex>".encode()


def _slices(posts: tuple[Post, ...], size: int) -> list[tuple[Post, ...]]:
    return [posts[start : start + size] for start in range(0, len(posts), size)]


def core_sitemaps(site: Site, posts: tuple[Post, ...]) -> dict[str, bytes]:
    """The sitemaps of WordPress itself by path: an index without dates, posts by id ascending."""
    documents = {}
    for number, chunk in enumerate(_slices(posts, CORE_SITEMAP_SIZE), 1):
        rows = [(post.address, utc(post.modified)) for post in chunk]
        documents[f"/wp-sitemap-posts-post-{number}.xml"] = _urlset(rows)
    documents["/wp-sitemap-posts-page-1.xml"] = _urlset(
        [(f"{site.home}contact", "2015-02-01T10:00:00+00:00")]
    )
    categories = [(f"https://{site.host}{site.category_path(c.slug)}", None) for c in site.categories]
    documents["/wp-sitemap-taxonomies-category-1.xml"] = _urlset(categories)
    documents["/wp-sitemap-users-1.xml"] = _urlset([(f"{site.home}archives/author/editor", None)])
    index = _index((f"https://{site.host}{path}", None) for path in documents)
    return {"/wp-sitemap.xml": index, **documents}


def yoast_sitemaps(site: Site, posts: tuple[Post, ...]) -> dict[str, bytes]:
    """The sitemaps of Yoast by path: an index with dates, the home page first, lower-case encoding.

    Without posts there are none.
    """
    if not posts:
        return {}
    documents, dates = {}, {}
    for number, chunk in enumerate(_slices(posts, YOAST_SITEMAP_SIZE), 1):
        path = f"/post-sitemap{number if number > 1 else ''}.xml"
        dates[path] = max(utc(post.modified) for post in chunk)
        rows: list[tuple[str, str | None]] = [(site.home, dates[path])] if number == 1 else []
        documents[path] = _urlset(
            [*rows, *((lower_case(post.address), utc(post.modified)) for post in chunk)]
        )
    last = max(dates.values())
    categories = [(f"https://{site.host}{site.category_path(c.slug)}", last) for c in site.categories]
    documents["/category-sitemap.xml"] = _urlset(categories)
    documents["/author-sitemap.xml"] = _urlset([(f"{site.home}author/editor", last)])
    index = _index((f"https://{site.host}{path}", dates.get(path, last)) for path in documents)
    return {"/sitemap_index.xml": index, **documents}


def _feed_item(post: Post, site: Site) -> str:
    sections = [site.category(s).name for s in _categories(post)]
    terms = [*sections, *(post.tags if isinstance(post, SampleArticle) else ())]
    summary = excerpt(post) if isinstance(post, SampleArticle) else ""
    tail = (
        f'The post <a href="{post.address}">{text(post.title)}</a> appeared first on <a '
        f'href="{site.home}">{site.title}</a>.'
    )
    return (
        f"<item><title>{escape(post.title)}</title><link>{post.address}</link>"
        f"<dc:creator><![CDATA[{AUTHOR}]]></dc:creator>"
        f"<pubDate>{format_datetime(post.published.astimezone(UTC))}</pubDate>"
        + "".join(f"<category><![CDATA[{term}]]></category>" for term in terms)
        + f'<guid isPermaLink="false">{site.home}?p={post.post_id}</guid>'
        f"<description><![CDATA[<p>{text(summary)}</p>\n<p>{tail}</p>\n]]></description></item>"
    )


def _categories(post: Post) -> tuple[str, ...]:
    if isinstance(post, SampleArticle):
        return post.categories
    return (post.category,) if post.category else ()


def feed(site: Site, posts: list[Post], page: int, title: str) -> bytes | None:
    """One page of an RSS feed of summaries, newest first; None beyond its end."""
    chunk = posts[(page - 1) * FEED_SIZE : page * FEED_SIZE]
    if not chunk:
        return None
    built = format_datetime(max(post.modified for post in posts).astimezone(UTC))
    items = "".join(_feed_item(post, site) for post in chunk)
    return (
        f'{_XML}<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>'
        f'<title>{title}</title><atom:link href="{site.home}feed" rel="self" type="application/rss+xml" />'
        f"<link>{site.home}</link><description>Latest News</description><lastBuildDate>{built}</lastBuildDate>"
        "<language>ar</language><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>"
        f"<generator>https://wordpress.org/?v=6.8.2</generator>{items}</channel></rss>"
    ).encode()


def comments_feed(site: Site) -> bytes:
    """The feed of comments, which has none."""
    return (
        f'{_XML}<rss version="2.0"><channel><title>تعليقات لموقع {site.title}</title><link>{site.home}</link>'
        "<description></description></channel></rss>"
    ).encode()
