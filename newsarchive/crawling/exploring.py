"""What a site offers to a crawler, told from a few of its answers. Pure: bytes in, findings out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsarchive import pages
from newsarchive.discovery import addresses, documents, feed, sitemap, wordpress
from newsarchive.items import Article

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from newsarchive.items import Found, Newspaper

SITEMAPS = {"/wp-sitemap.xml": "core", "/sitemap_index.xml": "Yoast or RankMath", "/sitemap.xml": "another"}
_OK = 200
_THEMES = (("Jannah", b"/themes/jannah"), ("Sahifa", b"/themes/sahifa"), ("JNews", b"/themes/jnews"))
_MARKS_OF_THEMES = (("Jannah", b"tie-"), ("JNews", b"jeg_viewport"))
_PLUGINS = (
    ("Yoast SEO", b"yoast-schema-graph"),
    ("Yoast SEO", b"optimized with the Yoast"),
    ("RankMath", b"rank-math"),
    ("All in One SEO", b"aioseo"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as exploring needs it. headers: by lower-case name. body: decoded."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def works(self) -> bool:
        """Whether it is an answer with content."""
        return self.status == _OK and bool(self.body.strip())


@dataclass(frozen=True, slots=True)
class Finding:
    """An answer to one question, or None where it stays open. `said`: what stood there."""

    question: str
    answer: str | None
    said: str = ""

    def line(self) -> str:
        """One line for the screen."""
        said = f" ({self.said})" if self.said else ""
        return f"{self.question:22} {self.answer if self.answer is not None else 'still open'}{said}"


def robots(answer: Answer) -> Finding:
    """Whether robots.txt is one, and what it asks for."""
    if answer.status in {404, 410}:
        return Finding("robots.txt", "none: everything may be asked")
    text = answer.body.decode("utf-8", "replace")
    if answer.status != _OK or text.lstrip().startswith("<"):
        return Finding("robots.txt", None, f"HTTP {answer.status}, {len(answer.body)} bytes, no rules")
    wanted = [
        line.strip()
        for line in text.splitlines()
        if re.match(r"(?i)\s*(dis)?allow|crawl-delay|sitemap", line)
    ]
    return Finding("robots.txt", "; ".join(wanted) or "no rules")


def sitemaps(answers: Iterable[Answer]) -> Finding:
    """Which kind of sitemap there is, by the first that lists something."""
    tried = []
    for answer in answers:
        path = urlsplit(answer.url).path
        tried.append(f"{path} HTTP {answer.status}")
        found = sitemap.read(answer.body, answer.url)
        if answer.works and (found.found or found.further):
            kind = "RankMath" if b"rank-math" in answer.body.lower() else SITEMAPS.get(path, "another")
            kind = "Yoast" if b"yoast" in answer.body.lower() else kind
            return Finding("sitemap", kind, f"{path}: {len(found.further)} files, {len(found.found)} pages")
    return Finding("sitemap", "none" if tried else None, ", ".join(tried))


def rest(answers: Iterable[Answer]) -> Finding:
    """Whether one of the two doors of the REST interface is open, and how many posts it claims."""
    tried = []
    for answer in answers:
        found = wordpress.read(answer.body, answer.headers)
        door = "?rest_route=" if "rest_route" in answer.url else "/wp-json/"
        if answer.status == _OK and found.complete:
            return Finding("REST", f"open at {door}", f"{found.total} posts")
        tried.append(f"{door} HTTP {answer.status}")
    return Finding("REST", "closed" if tried else None, ", ".join(tried))


def feeds(first: Answer | None, second: Answer | None) -> Finding:
    """Whether the feed can be walked back."""
    if first is None or not first.works:
        return Finding("feed", None if first is None else "none", f"HTTP {first.status}" if first else "")
    names = {found.url for found in feed.read(first.body, first.url).found}
    older = (
        {found.url for found in feed.read(second.body, second.url).found}
        if second and second.works
        else set()
    )
    paged = "walks back by ?paged=" if older - names else "does not walk back"
    return Finding("feed", f"{len(names)} items, {paged}")


def theme(answer: Answer) -> Finding:
    """The theme, by its files and then by its class names; its version where it says it."""
    for names, why in ((_THEMES, "its files"), (_MARKS_OF_THEMES, "its class names")):
        for name, mark in names:
            if mark in answer.body:
                version = re.search(rb"themes/\w+/[^\"']+[?&]ver=([\d.]+)", answer.body)
                return Finding("theme", name + (f" {version[1].decode()}" if version else ""), f"by {why}")
    return Finding("theme", None)


def plugin(answer: Answer) -> Finding:
    """The plugin that writes the head of the pages."""
    found = next((name for name, mark in _PLUGINS if mark in answer.body), None)
    return Finding("SEO plugin", found or ("none known" if answer.works else None))


def charset(answer: Answer) -> Finding:
    """The encoding that header and page declare, and whether the bytes are UTF-8."""
    declared = answer.headers.get("content-type", "")
    meta = re.search(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", answer.body[:4096], re.IGNORECASE)
    try:
        answer.body.decode("utf-8")
        real = "UTF-8"
    except UnicodeDecodeError:
        real = "not UTF-8"
    return Finding("charset", real, f"header «{declared}», page «{meta[1].decode() if meta else ''}»")


def server(answer: Answer) -> Finding:
    """What stands before the site."""
    names = ("server", "via", "x-cache", "cf-ray", "x-litespeed-cache", "cf-mitigated")
    said = [f"{name}: {answer.headers[name]}" for name in names if name in answer.headers]
    return Finding("server and CDN", "; ".join(said) or None)


def masthead(answer: Answer, newspaper: Newspaper) -> Finding:
    """In which elements of a page the masthead stands as a whole line."""
    text = answer.body.decode("utf-8", "replace")
    found: dict[str, None] = {}
    for line in newspaper.masthead:
        for match in re.finditer(rf"<(\w+)([^<>]*)>\s*{re.escape(line)}\s*</", text):
            mark = re.search(r"(?:class|id)=[\"']([^\"']+)", match[2])
            found[f"{match[1]}.{mark[1].split()[0]}" if mark else match[1]] = None
    return Finding("masthead stands in", ", ".join(found) or None)


def oldest(article: Article | None, url: str) -> Finding:
    """What the oldest address that a source names leads to."""
    if article is None:
        return Finding("oldest page named", None, f"{url} is not read")
    return Finding("oldest page named", f"{article.reader}, {article.published_at or 'no date'}", url)


def shown_date(articles: Iterable[Article]) -> Finding:
    """Where the articles' dates were read."""
    origins = [str(article.published_from or "nowhere") for article in articles]
    return Finding("dates are read from", ", ".join(origins) or None)


def chosen(answers: Iterable[Answer], hosts: tuple[str, ...], count: int) -> list[str]:
    """Addresses of articles to look at: the newest, one in the middle and the oldest that the answers name."""
    named: dict[str, tuple[int, str]] = {}
    for answer in answers:
        for found in _named(answer):
            url = addresses.normal(found.url)
            if url and documents.may_hold_article(url, answer.url, hosts):
                number = re.search(r"/archives/(\d+)$", url)
                stamp = found.published or found.lastmod or ""
                named[url] = max(named.get(url, (0, "")), (int(number[1]) if number else 0, stamp))
    known = sorted(named, key=lambda url: named[url], reverse=True)
    if len(known) <= count:
        return known
    return [known[round(n * (len(known) - 1) / (count - 1))] for n in range(count)]


def _named(answer: Answer) -> tuple[Found, ...]:
    if not answer.works:
        return ()
    return documents.found_in(answer.url, answer.body)


def readings(answer: Answer, newspaper: Newspaper, at: datetime) -> list[str]:
    """What each reader makes of a page, a line each."""
    found = []
    for reader in pages.READERS:
        card = replace(newspaper, readers=(reader,))
        result = pages.read(answer.body, answer.url, answer.headers.get("content-type"), at, card)
        if isinstance(result, Article):
            kept = pages.clean(result, card)
            found.append(
                f"  {reader:10} article: «{kept.title[:50]}», {len(kept.paragraphs)} paragraphs,"
                f" byline {kept.byline or '–'}, section {kept.section or '–'}, {kept.published_at or 'no date'}"
            )
        else:
            found.append(f"  {reader:10} refused: {result.reason}, {result.detail}")
    return found


def read(answer: Answer, newspaper: Newspaper, at: datetime) -> Article | None:
    """The article of a page by the card's own readers, None where they refuse it."""
    result = pages.read(answer.body, answer.url, answer.headers.get("content-type"), at, newspaper)
    return result if isinstance(result, Article) else None
