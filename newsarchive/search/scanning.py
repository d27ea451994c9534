"""Where in a text a word can stand: what is scanned for letters need not be taken apart into words and analysed."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from newsarchive.text.arabic import fold, folded_octets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Between two letters of one word: no word is so long, and a text without spaces takes no longer than its length.
_FURTHEST = 64
# Letters that are looked for: more tell no more, and a pattern of two thousand takes a third of a second to make.
_ENOUGH = 16
_REMEMBERED = 256


def finders(asked: Iterable[str]) -> tuple[re.Pattern[bytes], ...] | None:
    """Return what finds folded letters, the first of them, in this order, among `folded_octets`: to the next space.

    None where something has other letters.
    """
    patterns = [_finder(letters) for letters in dict.fromkeys(letters[:_ENOUGH] for letters in asked)]
    found = tuple(pattern for pattern in patterns if pattern)
    return found if len(found) == len(patterns) else None


def stretches(text: str, patterns: tuple[re.Pattern[bytes], ...] | None) -> Iterator[tuple[int, str]]:
    """Yield the stretches without white space, and where each begins, in which one of the `patterns` finds something.

    All of the text is one stretch where it may have letters that have no octets.
    """
    octets = None if patterns is None else folded_octets(text)
    if patterns is None or octets is None:
        yield 0, text
        return
    spans = {
        octets.rfind(b" ", 0, found.start()) + 1: found.end()
        for pattern in patterns
        for found in pattern.finditer(octets)
    }
    for start in sorted(spans):
        yield start, text[start : spans[start]]


@lru_cache(maxsize=_REMEMBERED)
def _finder(letters: str) -> re.Pattern[bytes] | None:
    octets = folded_octets(letters)
    if not octets or not letters.isalnum() or fold(letters) != letters:
        return None
    first, *others = (re.escape(octets[at : at + 1]) for at in range(len(octets)))
    between = b"[^ %%b]{0,%d}+%%b" % _FURTHEST
    return re.compile(first + b"".join(between % (letter, letter) for letter in others) + b"[^ ]*+")
