"""The last strokes on an article, whoever read it: furniture at the edges, white space, invisible marks."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from newsarchive.items import Paragraph
from newsarchive.pages import amp, jannah, plaintext, sahifa
from newsarchive.text.boilerplate import inner
from newsarchive.text.whitespace import are_tidy, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsarchive.items import Article, Newspaper

# A text may carry another theme's lines: after a change of themes, or when it came as a record.
FURNITURE = jannah.FURNITURE | sahifa.FURNITURE | amp.FURNITURE | plaintext.FURNITURE


@lru_cache(maxsize=64)
def furniture_of(newspaper: Newspaper | None) -> frozenset[str]:
    """Return the whole lines that themes and the newspaper print around a text."""
    return FURNITURE.union(newspaper.masthead) if newspaper else FURNITURE


def clean(article: Article, newspaper: Newspaper | None) -> Article:
    """Return the article without furniture lines at the edges of its text, every text tidied.

    What a reader of ours returned comes back as it is.
    """
    paragraphs = article.paragraphs
    if not are_tidy(p.text for p in paragraphs):
        paragraphs = tuple(Paragraph(p.kind, text) for p in paragraphs if (text := tidy(p.text)))
    within = inner([p.text for p in paragraphs], furniture_of(newspaper))
    whole = within == slice(0, len(paragraphs))
    if whole and paragraphs is article.paragraphs and are_tidy(_lines(article)):
        return article
    cleaned = replace(
        article,
        title=tidy(article.title),
        paragraphs=paragraphs[within],
        sections=tuple(filter(None, map(tidy, article.sections))),
        tags=tuple(filter(None, map(tidy, article.tags))),
        subtitle=_tidy(article.subtitle),
        byline=_tidy(article.byline),
        writer=_tidy(article.writer),
        place=_tidy(article.place),
        agency=_tidy(article.agency),
    )
    return article if cleaned == article else cleaned


def _lines(article: Article) -> Iterator[str]:
    """Every text of an article but its paragraphs."""
    yield article.title
    yield from article.sections
    yield from article.tags
    for text in (article.subtitle, article.byline, article.writer, article.place, article.agency):
        if text is not None:
            yield text


def _tidy(text: str | None) -> str | None:
    return (tidy(text) or None) if text else None
