"""Bases, stems and skeletons of folded Arabic words: what two forms of one word have in common.

A base is the word without proclitics (و ف ب ل ك س and the article); a stem is the base without endings; a
skeleton is the stem without its long vowels and without the letters that derived patterns put before the
root: it joins broken plurals with their singulars and verbs with their nouns. All are keys for searching,
not linguistics: they need only be equal for words that readers hold to be the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsarchive.text.arabic.lexicon import (
    FAMILIES,
    NAMES,
    RADICAL_AL,
    RADICAL_AL_STARTS,
    RADICAL_ROOTS,
    RADICAL_STARTS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

# The shortest stem: below three letters Arabic words are no longer told apart.
_LEAST = 3
_ENDINGS = (
    *("هما", "كما", "هم", "هن", "ها", "كم", "نا", "ات", "ان", "ون", "ين", "تا", "وا", "يه"),
    *("ه", "ي", "ا", "ت", "و", "ء"),
)
_ENDINGS_BY_LETTER = {
    letter: tuple(ending for ending in _ENDINGS if ending[-1] == letter)
    for letter in {e[-1] for e in _ENDINGS}
}
_ARABIC = re.compile("[ء-ي]+")
_VOWELS = re.compile("[اويء]")
# Letters that patterns put before the root (مفعول، تفعيل، انفعال، يفعل، نفعل).
_AUGMENTS = "متينا"
# The t of the eighth form after the first letter of the root, and what it is assimilated to.
_INFIXES = "تطد"
LEFT_OUT = f"اويء{_INFIXES}"
"""Letters that a skeleton leaves out between those that it has."""


def base(word: str) -> str:
    """Return a folded word without its proclitics; what is not Arabic stays as it is."""
    if len(word) < _LEAST or word in FAMILIES or not _ARABIC.fullmatch(word):
        return word
    if word[0] in "وف" and len(word) > _LEAST and not _radical(word):
        return _without_preposition(word[1:])
    return _without_preposition(word)


def stem(word: str) -> str:
    """Return a base without its endings, or the stem of the family that it belongs to."""
    if not _ARABIC.fullmatch(word):
        return word
    for end in _ends(word):
        if end <= _LONGEST_FORM and (found := FAMILY_STEMS.get(word[:end])):
            return found
    return word[:end]


def skeleton(stemmed: str) -> str:
    """Return the consonants of a stem that the patterns of its root share, at least three letters.

    That of a name is the name: it has no root that other words share.
    """
    if len(stemmed) <= _LEAST or stemmed in _NAMED or not _ARABIC.fullmatch(stemmed):
        return stemmed
    core = stemmed[0] + _VOWELS.sub("", stemmed[1:])
    if stemmed[0] in "مت" and stemmed[1] == "و" and len(core) == _LEAST:
        return "و" + core[1:]
    start = 0
    while len(core) - start > _LEAST and core[start] in _AUGMENTS:
        start += 1
        if core.startswith("ست", start) and len(core) - start > _LEAST + 1:
            start += 2
    core, augmented = core[start:], start > 0
    if augmented and len(core) == _LEAST + 1 and core[1] in _INFIXES:
        core = core[0] + core[2:]
    return core if len(core) >= _LEAST else stemmed


def _ends(word: str) -> Iterator[int]:
    """Where the word ends with all its endings, and with one less each time.

    A run of letters may be of any length: cut off one by one, its endings would take the square of that.
    """
    end: int | None = len(word)
    while end is not None:
        yield end
        end = _less_one_ending(word, end)


def _less_one_ending(word: str, end: int) -> int | None:
    for ending in _ENDINGS_BY_LETTER.get(word[end - 1], ()):
        if end - len(ending) >= _LEAST and word.endswith(ending, 0, end):
            return end - len(ending)
    return None


def _without_preposition(word: str) -> str:
    if word.startswith("ال"):
        return _without_article(word)
    if len(word) <= _LEAST or word[0] not in "بلكس":
        return word
    rest = word[1:]
    if word[0] == "س":
        return rest if rest[0] in "يتنا" and len(rest) > _LEAST and not _radical(word) else word
    if word[0] != "ل" and rest.startswith("ال") and len(rest) > _LEAST + 1:
        return word if word.startswith(RADICAL_STARTS) else _without_article(rest)
    if word.startswith("لل") and len(word) > _LEAST + 1:
        return rest if rest.startswith(RADICAL_STARTS) else word[2:]
    return word if _radical(word) else rest


def _without_article(word: str) -> str:
    if word in FAMILIES or len(word) <= _LEAST or word.startswith(RADICAL_AL_STARTS):
        return word
    return word if _bare(word) in _BARE_AL else word[2:]


def _radical(word: str) -> bool:
    """Say whether the first letter of `word` belongs to its root."""
    if word in FAMILIES or word.startswith(RADICAL_STARTS):
        return True
    if word[1] == word[0]:
        return False
    bare = _bare(word)
    # A long word with alef in the second place is a preposition before افعال, انفعال, استفعال.
    if bare[1] == "ا" and len(bare) > _LEAST + 1:
        return False
    return bare[0] + _VOWELS.sub("", bare[1:]) in RADICAL_ROOTS


def _bare(word: str) -> str:
    *_, end = _ends(word)
    return word[:end]


def _family_stems() -> dict[str, str]:
    """Every form that ends the way down the endings for a family → the stem of its first word."""
    # A name that loses its last distinct letters with its endings (سوريا, wall) is its own stem.
    shared = {first: _bare(first) if len(_bare(first)) > _LEAST else first for first in FAMILIES.values()}
    bare = {_bare(name): shared[first] for name, first in FAMILIES.items() if len(_bare(name)) > _LEAST}
    with_t = {name[:-1] + "ت": shared[first] for name, first in FAMILIES.items() if name.endswith("ه")}
    return bare | with_t | {name: shared[first] for name, first in FAMILIES.items()}


FAMILY_STEMS = _family_stems()
_NAMED = frozenset(FAMILY_STEMS[name] for name in NAMES)
_LONGEST_FORM = max(map(len, FAMILY_STEMS))
_BARE_AL = frozenset(map(_bare, RADICAL_AL))
