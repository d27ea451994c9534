"""The last strokes on an article, whoever read it: furniture at the edges, white space, invisible marks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newsarchive.items import Paragraph
from newsarchive.pages import amp, jannah, plaintext, sahifa
from newsarchive.text.boilerplate import inner
from newsarchive.text.whitespace import tidy

if TYPE_CHECKING:
    from newsarchive.items import Article, Newspaper

# A text may carry another theme's lines: after a change of themes, or when it came as a record.
FURNITURE = jannah.FURNITURE | sahifa.FURNITURE | amp.FURNITURE | plaintext.FURNITURE


def furniture_of(newspaper: Newspaper | None) -> frozenset[str]:
    """Return the whole lines that themes and the newspaper print around a text."""
    return FURNITURE.union(newspaper.masthead) if newspaper else FURNITURE


def clean(article: Article, newspaper: Newspaper | None) -> Article:
    """Return the article without furniture lines at the edges of its text, every text tidied.

    What a reader of ours returned comes back as it is.
    """
    paragraphs = [Paragraph(p.kind, text) for p in article.paragraphs if (text := tidy(p.text))]
    within = inner([p.text for p in paragraphs], furniture_of(newspaper))
    cleaned = replace(
        article,
        title=tidy(article.title),
        paragraphs=tuple(paragraphs[within]),
        sections=tuple(filter(None, map(tidy, article.sections))),
        tags=tuple(filter(None, map(tidy, article.tags))),
        subtitle=_tidy(article.subtitle),
        byline=_tidy(article.byline),
        writer=_tidy(article.writer),
        place=_tidy(article.place),
        agency=_tidy(article.agency),
    )
    return article if cleaned == article else cleaned


def _tidy(text: str | None) -> str | None:
    return (tidy(text) or None) if text else None
