"""What the index holds of an article besides its words: tokens of a column of their own.

They are of Latin letters and digits: an Arabic word is never one of them, a Latin one can be.
"""

from __future__ import annotations

EVERY = "every"
"""Stands at every article. No question needs it: it stays while the analyser does, for SQLite takes an article out of
the index by the very tokens that were put in."""

ASTRAY = "astray"
"""Stands at articles whose row id is not that of their day, so that a span of days is no span of rows for them."""


def facet(column: str, value: str) -> str:
    """Return the token of an article's value in a column: equal values have equal tokens, others never."""
    return column + value.encode("utf-8", "surrogatepass").hex()


_MARK = "facet:"


def as_word(token: str) -> str:
    """Return what stands for a facet among words: no word has these characters."""
    return _MARK + token


def of_word(word: str) -> str | None:
    """Return the facet that something among words stands for, None for a word."""
    return word.removeprefix(_MARK) if word.startswith(_MARK) else None
