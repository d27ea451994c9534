"""One spelling for every way a word is written: the first step of indexing and of asking.

Folding is for the search index and for comparing words; no stored text is folded.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Isolated and medial forms of the harakat: their compatibility decomposition begins with a space or a
# tatweel, which would split the word.
_PRESENTED_MARKS = range(0xFE70, 0xFE80)
_INVISIBLE = (
    0x00AD,  # soft hyphen
    0x061C,  # Arabic letter mark
    0x0640,  # tatweel
    0x180E,
    *range(0x200B, 0x2010),  # zero-width space, joiners, directional marks
    *range(0x202A, 0x202F),  # directional embeddings
    *range(0x2060, 0x2070),  # word joiner, isolates
    0xFEFF,  # byte order mark
)
_MARKS = tuple(
    code
    for block in (
        (0x0300, 0x0370),
        (0x0610, 0x061B),
        (0x064B, 0x0660),
        (0x0670, 0x0671),
        (0x06D6, 0x06EE),
        (0x08CA, 0x0900),
    )
    for code in range(*block)
    if unicodedata.category(chr(code)) in {"Mn", "Me", "Cf", "Lm"}
)
_LETTERS = {
    "ٱ": "ا",
    "ى": "ي",
    "ی": "ي",
    "ې": "ي",
    "ۍ": "ي",
    "ے": "ي",
    "ک": "ك",
    "ڪ": "ك",
    "گ": "ك",
    "ة": "ه",
    "ہ": "ه",
    "ھ": "ه",
    "ە": "ه",
    "ۃ": "ه",
    "پ": "ب",
    "چ": "ج",
    "ژ": "ز",
    "ڤ": "ف",
    "ۋ": "و",
}
_FOLDED = {
    **dict.fromkeys(map(chr, (*_INVISIBLE, *_MARKS)), ""),
    **_LETTERS,
    **{chr(zero + digit): str(digit) for zero in (0x0660, 0x06F0) for digit in range(10)},
}
# Most letters stay as they are: finding the others is four times as fast as `str.translate`, which asks for each.
_CHANGING = re.compile(f"[{''.join(map(re.escape, _FOLDED))}]")
_PRESENTED = re.compile(f"[{''.join(map(chr, _PRESENTED_MARKS))}]")
_ATTACHED = "".join(map(re.escape, map(chr, (*_INVISIBLE, *_MARKS, *_PRESENTED_MARKS))))
_RUN = re.compile(rf"[^\W_]+(?:[{_ATTACHED}]+[^\W_]*)*")
_WORD = re.compile(r"[^\W\d_]+|\d+")


def fold(text: str) -> str:
    """Return `text` with every spelling variant of a word made one; punctuation and spaces stay.

    Compatibility forms are decomposed; harakat, tatweel, bidi marks, joiners and soft hyphens go; hamza
    seats become their bare letter, alef maqsura ya, ta marbuta ha, Persian letters their Arabic ones,
    Arabic and Persian digits ASCII; Latin letters lose case and accents.
    """
    decomposed = unicodedata.normalize("NFKD", _PRESENTED.sub("", text))
    return _CHANGING.sub(_plain, decomposed).lower()


def _plain(letter: re.Match[str]) -> str:
    return _FOLDED[letter[0]]


def runs(text: str) -> Iterator[re.Match[str]]:
    """Yield each unbroken run of letters, digits and the marks attached to them, as it stands in `text`."""
    return _RUN.finditer(text)


def raw_runs(text: str) -> list[str]:
    """Return what `runs` yields, as strings."""
    return _RUN.findall(text)


def words(text: str) -> list[str]:
    """Return the folded words of a run or a text: letters and digits part («17مليون» is two words, ﷺ is four)."""
    return _WORD.findall(fold(text))
