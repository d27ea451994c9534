"""One spelling for every way a word is written: the first step of indexing and of asking.

Folding is for the search index and for comparing words; no stored text is folded.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
_CHANGING = re.compile(f"[{''.join(map(re.escape, _FOLDED))}]")
_PRESENTED = re.compile(f"[{''.join(map(chr, _PRESENTED_MARKS))}]")
_ATTACHED = "".join(map(re.escape, map(chr, (*_INVISIBLE, *_MARKS, *_PRESENTED_MARKS))))
_RUN = re.compile(rf"[^\W_]+(?:[{_ATTACHED}]+[^\W_]*)*")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_DIGITS = re.compile(rb"[0-9]+")

# The characters of nearly all Arabic news, an octet for each: what has no other is folded by one table, in a sixth of
# the time. The codec requires NUL to be the first; it stands for what the table does not tell.
_REPERTOIRE = "".join(
    (
        *map(chr, range(0x80)),
        *map(chr, (*range(0x0621, 0x063B), *range(0x0640, 0x0653), 0x0670, 0x0671)),
        *map(chr, (*range(0x0660, 0x066D), *range(0x06F0, 0x06FA))),
        "،؛؟پچژڤکگیھہە«»‹›“”‘’„–—…•·×°éèêàâçîïôöü",
        *map(chr, (0x00A0, 0x00AD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0xFEFF)),
    )
)
_CHARACTERS = frozenset(_REPERTOIRE)
_DECODED = _REPERTOIRE.ljust(0x100, "\ufffe")
_ENCODED = codecs.charmap_build(_DECODED)
_ELLIPSIS = "…"
# To replace so many characters one by one takes less time than to look each of the text up.
_FEW = 50
UNKNOWN_LETTER = b"\x01"
"""Stands for letters of which `folded_octets` knows nothing."""
WITHOUT_OCTET = b"?"
"""Stands for a letter or digit of which `spaced_octets` knows nothing."""


def fold(text: str) -> str:
    """Return `text` with every spelling variant of a word made one; punctuation and spaces stay.

    Compatibility forms are decomposed; harakat, tatweel, bidi marks, joiners and soft hyphens go; hamza
    seats become their bare letter, alef maqsura ya, ta marbuta ha, Persian letters their Arabic ones,
    Arabic and Persian digits ASCII; Latin letters lose case and accents.
    """
    folded = _fold_by_octets(text)
    return _folded(text) if folded is None else _printed(folded)


def folded_octets(text: str) -> bytes:
    """Return an octet for each character of a text: of a letter or digit that of the folded one.

    White space is a space, except where it has no octet. What is folded to several letters or digits (ﷺ) is
    `UNKNOWN_LETTER`, any other character without an octet a question mark.
    """
    found = _octets_with(_scanned_as, text)
    if found is None:
        strange = set(text) - _CHARACTERS
        found = _octets(text.translate({ord(character): _scanned_as(character) for character in strange}))
        assert found is not None, "what stands for characters without an octet has one"
    return found.translate(_SCANNED_OCTETS)


def _octets_with(stands_for: Callable[[str], str], text: str) -> bytes | None:
    """The octets of a text and of what stands for characters without one; None where these are many or it has none."""
    found = _octets(text)
    if found is not None:
        return found
    strange = set(text) - _CHARACTERS
    if len(strange) > _FEW:
        return None
    for character in strange:
        text = text.replace(character, stands_for(character))
    return _octets(text)


def _scanned_as(character: str) -> str:
    folded = _folded(character)
    known = [letter for letter in folded if letter.isalnum() and letter in _CHARACTERS]
    return "?" if not known else folded if len(folded) == 1 else _printed(UNKNOWN_LETTER)


def _octets(text: str) -> bytes | None:
    """An octet for each character, None where there is a character without one."""
    try:
        return codecs.charmap_encode(text, "strict", _ENCODED)[0]
    except UnicodeEncodeError:
        return None


def spaced(text: str) -> str:
    """Return the folded words of a text, a space before each and after the last."""
    return " ".join(["", *words(text), ""])


def spaced_octets(text: str) -> bytes:
    """Return an octet for each character of `spaced(text)`; `WITHOUT_OCTET` where it has none."""
    found = _octets_with(_words_of, text)
    if found is None:
        return codecs.charmap_encode(spaced(text), "replace", _ENCODED)[0]
    alone = found.translate(_SPACED_OCTETS, _DROPPED)
    kinds = alone.translate(_KINDS)
    if b"a0" in kinds or b"0a" in kinds:
        alone = _DIGITS.sub(rb" \g<0> ", alone)
    alone = b" %b " % alone
    while b"  " in alone:
        alone = alone.replace(b"  ", b" ")
    return alone


def _words_of(character: str) -> str:
    return "".join(letter if letter.isalnum() else " " for letter in _folded(character))


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", _PRESENTED.sub("", text))
    return _CHANGING.sub(lambda letter: _FOLDED[letter[0]], decomposed).lower()


def _fold_by_octets(text: str) -> bytes | None:
    """The octets of the folded text; None where a character has none."""
    found = _octets(text.replace(_ELLIPSIS, "...") if _ELLIPSIS in text else text)
    folded = None if found is None else found.translate(_FOLDED_OCTETS, _DROPPED)
    return None if folded is None or b"\0" in folded else folded


def _printed(found: bytes) -> str:
    return codecs.charmap_decode(found, "strict", _DECODED)[0]


def _octet_of_folded(character: str) -> int:
    """The octet of what a character is folded to; NUL where that is not one character that has an octet."""
    found = _octets(_folded(character))
    return found[0] if found and len(found) == 1 else 0


_FOLDED_OCTETS = bytes(map(_octet_of_folded, _DECODED))
_SCANNED_OCTETS = bytes(
    ord(" ") if character.isspace() else octet
    for character, octet in zip(_DECODED, _FOLDED_OCTETS, strict=True)
)
_DROPPED = bytes(octet for octet, character in enumerate(_REPERTOIRE) if not _folded(character))
LETTERS = bytes(sorted({octet for octet in _FOLDED_OCTETS if _DECODED[octet].isalpha()}))
"""The octets of folded letters."""
_SPACED_OCTETS = bytes(octet if _DECODED[octet].isalnum() else ord(" ") for octet in _FOLDED_OCTETS)
# Two octets side by side are found faster than what a pattern looks for.
_KINDS = bytes(
    octet if octet == ord(" ") else ord("0" if octet in b"0123456789" else "a") for octet in range(0x100)
)


def runs(text: str) -> Iterator[re.Match[str]]:
    """Yield each unbroken run of letters, digits and the marks attached to them, as it stands in `text`."""
    return _RUN.finditer(text)


def raw_runs(text: str) -> list[str]:
    """Return what `runs` yields, as strings."""
    return _RUN.findall(text)


def words(text: str) -> list[str]:
    """Return the folded words of a run or a text: letters and digits part («17مليون» is two words, ﷺ is four)."""
    return _WORD.findall(fold(text))
