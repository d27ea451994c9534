"""What an article wears: the theme and version of its page, the maker of its head, and its peculiarities."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from newsarchive.items import PublishedFrom


class Theme(StrEnum):
    """The themes of TieLabs that Arabic newspapers wore."""

    JANNAH5 = "jannah5"
    JANNAH7 = "jannah7"
    SAHIFA = "sahifa"
    JARIDA = "jarida"


class Head(StrEnum):
    """Who wrote the page's metadata: a search-engine plugin, or the theme alone."""

    YOAST = "yoast"
    RANKMATH = "rankmath"
    THEME = "theme"


OPTIONS = {
    "adblock": "the popup for readers with an ad blocker",
    "amp": "the article has an AMP twin",
    "bar-br": "byline and first paragraph in one p, a br between them",
    "bar-strong": "the byline in bold",
    "bar-tight": "no space after the byline's bar, one at its end",
    "blank-tail": "an empty paragraph closes the body",
    "control-characters": "raw control characters and entities in the JSON-LD",
    "divs": "paragraphs are div elements",
    "home-og": "title, og: tags, canonical and body class are the home page's",
    "indented": "lines broken inside paragraphs",
    "junk": "advertising, table of contents, related posts and short link inside the body",
    "layout2": "the featured image stands before the headline",
    "no-cats": "the labels of the categories are switched off",
    "relative": "the visible date is relative («منذ ساعتين»)",
    "visible-only": "no machine-readable date",
}


@dataclass(frozen=True, slots=True)
class Dress:
    """What an article wears. `options` are keys of `OPTIONS`."""

    theme: Theme
    head: Head
    options: frozenset[str] = frozenset()

    @classmethod
    def named(cls, words: str) -> Dress:
        """A dress from its words, as `jannah7 yoast junk relative`. Raises ValueError for an unknown word."""
        theme, head, *options = words.split()
        if unknown := set(options) - OPTIONS.keys():
            raise ValueError(f"unknown options of a dress: {', '.join(sorted(unknown))}")
        return cls(Theme(theme), Head(head), frozenset(options))

    def __str__(self) -> str:
        """Give the words that `named` reads."""
        return " ".join((self.theme, self.head, *sorted(self.options)))

    @property
    def dated_from(self) -> PublishedFrom:
        """Where the strongest statement of the publication date stands."""
        if "visible-only" in self.options:
            return PublishedFrom.VISIBLE
        return PublishedFrom.META if self.theme is Theme.JARIDA else PublishedFrom.JSON_LD
