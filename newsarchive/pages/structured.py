"""What a page says of itself to machines: JSON-LD, OpenGraph and their like.

Nothing is believed that contradicts the headline: pages rebuilt by a cache or a theme carry the home page's
head, and a graph may describe the site instead of the article.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from newsarchive.text.whitespace import tidy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsarchive.pages.html import Page

ARTICLE_TYPES = frozenset(
    (
        "Article",
        "NewsArticle",
        "BlogPosting",
        "ReportageNewsArticle",
        "OpinionNewsArticle",
        "AnalysisNewsArticle",
    )
)
# Raw line breaks inside strings occur and do not matter.
_JSON = json.JSONDecoder(strict=False)
_NOT_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Claims:
    """What the structured data that agrees with the headline says. Dates are as written, strongest first."""

    found: bool = False
    published: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: str | None = None
    body: str = ""


# A headline stands in the head, in the body and several times in the structured data.
@lru_cache(maxsize=64)
def letters(text: str) -> str:
    """Return the letters and digits of a text only, for comparing what two places print."""
    return _NOT_LETTERS.sub("", html.unescape(text)).lower()


def claims(page: Page, title: str) -> Claims:
    """Return what the JSON-LD of the page says of the article with this headline."""
    wanted = letters(title)
    nodes = [node for node in _nodes(page) if _is_of(node, wanted)]
    articles = [node for node in nodes if _types(node) & ARTICLE_TYPES]
    if not nodes or not wanted:
        return Claims()
    by_trust = articles + [node for node in nodes if node not in articles]
    return Claims(
        found=bool(articles),
        published=_texts(by_trust, "datePublished"),
        modified=_texts(by_trust, "dateModified"),
        sections=next(filter(None, (_list(node.get("articleSection")) for node in articles)), ()),
        tags=next(filter(None, (_list(node.get("keywords")) for node in articles)), ()),
        image=next(filter(None, (_image(node.get("image")) for node in articles)), None),
        body=next(filter(None, (_text(node.get("articleBody")) for node in articles)), ""),
    )


def describes(page: Page, title: str) -> bool:
    """Whether the head of the page (OpenGraph, else its title) is about the article with this headline."""
    wanted = letters(title)
    heads = page.metas.get("og:title") or [page.head_title]
    return bool(wanted) and any(wanted in letters(head) for head in heads)


def _nodes(page: Page) -> Iterator[dict[str, Any]]:
    """The JSON-LD objects of the page, the theme's own first: it stands beside the article."""
    scripts = page.css('script[type="application/ld+json"]')
    for script in sorted(scripts, key=lambda script: script.attributes.get("id") != "tie-schema-json"):
        text = script.text()
        if '"datePublished"' not in text and '"headline"' not in text:
            continue
        try:
            data = _JSON.decode(text)
        except (ValueError, RecursionError):  # no JSON, a number of thousands of digits, thousands of levels
            continue
        for top in data if isinstance(data, list) else [data]:
            if isinstance(top, dict):
                graph = top.get("@graph")
                yield from (n for n in (graph if isinstance(graph, list) else [top]) if isinstance(n, dict))


def _types(node: dict[str, Any]) -> set[str]:
    kinds = node.get("@type")
    return {kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)}


def _is_of(node: dict[str, Any], wanted: str) -> bool:
    """Whether a node is about the article: its headline or name says the same, or its page's name holds it.

    RankMath appends the site's name to the headline and leaves the name plain.
    """
    if _types(node) & ARTICLE_TYPES:
        return wanted in {letters(_text(node.get("headline"))), letters(_text(node.get("name")))}
    return "WebPage" in _types(node) and wanted in letters(_text(node.get("name")))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(nodes: list[dict[str, Any]], name: str) -> tuple[str, ...]:
    return tuple(text for node in nodes if (text := tidy(_text(node.get(name)))))


def _list(value: object) -> tuple[str, ...]:
    """Names, given as a list or joined by commas."""
    parts = value if isinstance(value, list) else _text(value).split(",")
    return tuple(text for part in parts if (text := tidy(html.unescape(_text(part)))))


def _image(value: object) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("url")
    return _text(value) or None
