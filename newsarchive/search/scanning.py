"""Where in a text a word can stand: what is scanned for letters need not be taken apart into words and analysed."""

from __future__ import annotations

import re
from bisect import bisect
from functools import lru_cache
from typing import TYPE_CHECKING

from newsarchive.text.arabic import LEFT_OUT, LETTERS, UNKNOWN_LETTER, fold, folded_octets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# Between two letters of one word: no word is so long, and a text without spaces takes no longer than its length.
_FURTHEST = 64
# Letters that are looked for: more tell no more, and a pattern of two thousand takes a third of a second to make.
_ENOUGH = 16
_REMEMBERED = 256
# What stands for a character that folding drops: as one that has an octet, or as one that has none.
_DROPPED = rb"[\0?]*"
_LEFT_OUT = b"\0?" + folded_octets(LEFT_OUT)
_LETTER = b"[%b]" % LETTERS
_REST = b"[^ ]*+"
_UNKNOWN = re.compile(UNKNOWN_LETTER + _REST)


def finders(
    forms: Iterable[str], words: Iterable[str], beginnings: Iterable[str]
) -> tuple[re.Pattern[bytes], ...] | None:
    """Return what finds folded letters among `folded_octets`, to the next space; None where some have no octet.

    Of `forms` the letters are found in this order, between them what stems leave out, the first of them; of
    `beginnings` with no other between them; `words` stand alone.
    """
    patterns = [
        *map(_form_finder, dict.fromkeys(letters[:_ENOUGH] for letters in forms)),
        *map(_word_finder, dict.fromkeys(words)),
        *map(_beginning_finder, dict.fromkeys(beginnings)),
    ]
    found = tuple(pattern for pattern in patterns if pattern)
    return (*found, _UNKNOWN) if len(found) == len(patterns) else None


def stretches(
    texts: Sequence[str], patterns: tuple[re.Pattern[bytes], ...] | None
) -> Iterator[list[tuple[int, str]]]:
    """Yield of each text the stretches without white space in which one of the `patterns` finds something, in order.

    Each is where it begins, and its characters. Without patterns all of a text is one stretch.
    """
    if patterns is None:
        yield from ([(0, text)] for text in texts)
        return
    # all texts at once: to begin with a short one takes longer than to look through it
    octets = b" ".join(map(folded_octets, texts))
    spans = {
        octets.rfind(b" ", 0, found.start()) + 1: found.end()
        for pattern in patterns
        for found in pattern.finditer(octets)
    }
    in_order = sorted(spans)
    first = before = 0
    for text in texts:
        end = bisect(in_order, before + len(text), first)
        yield [
            (start - before, text[start - before : spans[start] - before]) for start in in_order[first:end]
        ]
        first, before = end, before + len(text) + 1


@lru_cache(maxsize=_REMEMBERED)
def _form_finder(letters: str) -> re.Pattern[bytes] | None:
    if (octets := _octets(letters)) is None:
        return None
    first, *others = octets
    between = b"[%%b]{0,%d}+%%b" % _FURTHEST
    # with one way to match only, no run takes longer than its length
    rest = (between % (_LEFT_OUT.replace(letter, b""), letter) for letter in others)
    return re.compile(b"".join([first, *rest, _REST]))


@lru_cache(maxsize=_REMEMBERED)
def _word_finder(word: str) -> re.Pattern[bytes] | None:
    if (octets := _octets(word)) is None:
        return None
    first, *others = octets
    beside = b"[0-9]" if word.isdigit() else _LETTER
    # looked at where the first letter is found: what begins with a letter is found faster
    alone = b"(?<!%b%b)" % (beside, first)
    return re.compile(_DROPPED.join([first + alone, *others]) + b"(?!%b)" % beside + _REST)


@lru_cache(maxsize=_REMEMBERED)
def _beginning_finder(letters: str) -> re.Pattern[bytes] | None:
    octets = _octets(letters)
    return None if octets is None else re.compile(_DROPPED.join(octets) + _REST)


def _octets(letters: str) -> list[bytes] | None:
    """The octets of folded letters, None where one has none."""
    octets = folded_octets(letters)
    if (
        not octets
        or not letters.isalnum()
        or fold(letters) != letters
        or UNKNOWN_LETTER in octets
        or b"?" in octets
    ):
        return None
    return [re.escape(octets[at : at + 1]) for at in range(len(octets))]
