"""Where in a text a word can stand: what is scanned for letters need not be taken apart into words and analysed."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from newsarchive.text.arabic import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LETTERS = re.compile("[a-z0-9ء-ي]")
_SPACE = re.compile(r"\s")
_ARABIC = re.compile("[ء-ي]")
# What Arabic texts print for other letters; a pattern of few characters is made ten times as fast as one of many.
_COMMON = {"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ؤ": "و", "ئ": "ي"}
_BLOCKS = (range(0x21, 0x250), range(0x600, 0x900), range(0x1E00, 0x1F00))
# What folds to such letters outside the blocks: ligatures, presentation forms, symbols made of letters.
_ELSEWHERE = (
    "\u02b0-\u02e3\u1d2c-\u1dbb\u2070-\u20a8\u2100-\u2189\u2460-\u24ea\u2c7c\u2c7d\u3250-\u33ff\ua7f2-\ua7f4"
    "\ufb00-\ufb06\ufb50-\ufdfc\ufe80-\uff5a"
    "\U000107a5\U0001d400-\U0001d7ff\U0001ee00-\U0001eebb\U0001f100-\U0001f190\U0001fbf0-\U0001fbf9"
)
# Between two letters of one word: no word is so long, and a text without spaces takes no longer than its length.
_FURTHEST = 64
# Letters that are looked for: more tell no more, and a pattern of two thousand takes a third of a second to make.
_ENOUGH = 16
_REMEMBERED = 256


def finders(asked: Iterable[str]) -> tuple[re.Pattern[str], ...] | None:
    """Return what finds folded letters, the first of them, in this order and printed in any way.

    None where something has other letters.
    """
    patterns = [_finder(letters) for letters in dict.fromkeys(letters[:_ENOUGH] for letters in asked)]
    found = tuple(pattern for pattern in patterns if pattern)
    return found if len(found) == len(patterns) else None


def stretches(text: str, patterns: tuple[re.Pattern[str], ...] | None) -> Iterator[tuple[int, str]]:
    """Yield the stretches without white space, and where each begins, in which one of the `patterns` finds something.

    All of the text is one stretch where a letter may be printed in more ways than they know.
    """
    if patterns is None or _unusual().search(text):
        yield 0, text
        return
    spans: dict[int, int] = {}
    plain = _plain(text)
    for pattern in patterns:
        end = 0
        while found := pattern.search(plain, end):
            start = start_of_stretch(text, found.start())
            end = spans[start] = spans.get(start) or end_of_stretch(text, found.end())
    for start in sorted(spans):
        yield start, text[start : spans[start]]


def start_of_stretch(text: str, at: int) -> int:
    """Return where what stands at a place of the text begins."""
    while at > 0 and not text[at - 1].isspace():
        at -= 1
    return at


def end_of_stretch(text: str, at: int) -> int:
    """Return where what stands before a place of the text ends."""
    space = _SPACE.search(text, at)
    return space.start() if space else len(text)


def _plain(text: str) -> str:
    for printed, letter in _COMMON.items():
        text = text.replace(printed, letter)
    return text


@lru_cache(maxsize=_REMEMBERED)
def _finder(letters: str) -> re.Pattern[str] | None:
    known = _printed()
    if not letters or any(letter not in known for letter in letters):
        return None
    first, *others = (known[letter] for letter in letters)
    return re.compile(
        f"[{first}]" + "".join(f"[^\\s{letter}]{{0,{_FURTHEST}}}[{letter}]" for letter in others)
    )


@cache
def _unusual() -> re.Pattern[str]:
    """What is printed for letters that `_printed` does not know, and for several at once."""
    unknown = (chr(code) for block in _BLOCKS for code in block if _is_unknown(chr(code)))
    return re.compile(f"[{_ELSEWHERE}{''.join(unknown)}]")


def _is_unknown(character: str) -> bool:
    letters = fold(character)
    if not _LETTERS.search(letters) or character in _COMMON:
        return False
    return character not in _printed().get(letters, "")


@cache
def _printed() -> dict[str, str]:
    """For each letter and digit all characters that fold to it; of Arabic letters the common ones (see `_plain`)."""
    printed: dict[str, str] = {}
    for code in (code for block in _BLOCKS for code in block):
        letter = fold(chr(code))
        if _ARABIC.fullmatch(letter):
            printed[letter] = letter
        elif _LETTERS.fullmatch(letter):
            printed[letter] = printed.get(letter, "") + chr(code)
    return printed
