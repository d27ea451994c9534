"""Stems and skeletons of folded Arabic words: what two forms of one word have in common.

A stem is the word without its proclitics and endings. A skeleton is the stem without its long vowels and the
letters that the derived patterns put before the root; it joins broken plurals and verbs with their nouns.
Both are search keys, not linguistics: they need only be the same for words that readers hold to be the same.
"""

from __future__ import annotations

import re

from newsarchive.text.arabic.lexicon import LEXICON, RADICAL_AL, RADICAL_ROOTS, RADICAL_STARTS

# The shortest stem: below three letters Arabic words stop being told apart.
_LEAST = 3
_SUFFIXES = (
    "هما",
    "كما",
    "هم",
    "هن",
    "ها",
    "كم",
    "نا",
    "ات",
    "ان",
    "ون",
    "ين",
    "تا",
    "وا",
    "يه",
    "ه",
    "ي",
    "ا",
    "ت",
    "و",
    "ء",
)
_ARABIC = re.compile(r"[ء-ي]+")
_VOWELS = re.compile("[اويء]")
_DERIVED = "متينا"


def stem(word: str) -> str:
    """Return the stem of a folded word; what is not written in Arabic letters is its own stem."""
    if len(word) < _LEAST or not _ARABIC.fullmatch(word):
        return LEXICON.get(word, word)
    if word in LEXICON:
        return LEXICON[word]
    return _without_endings(_without_proclitics(word))


def skeleton(stemmed: str) -> str:
    """Return the consonants of a stem that the patterns of its root share, at least three letters."""
    if len(stemmed) <= _LEAST or not _ARABIC.fullmatch(stemmed):
        return stemmed
    core = stemmed[0] + _VOWELS.sub("", stemmed[1:])
    augmented = False
    while len(core) > _LEAST and core[0] in _DERIVED:
        if core.startswith("ست") and len(core) < _LEAST + 2:
            break
        core, augmented = core[1:], True
        if core.startswith("ست") and len(core) >= _LEAST + 2:
            core = core[2:]
    if augmented and len(core) == _LEAST + 1 and core[1] in "تطد":
        core = core[0] + core[2:]
    return core if len(core) >= _LEAST else stemmed


def _without_endings(word: str) -> str:
    while word not in LEXICON:
        shorter = _less_one_ending(word)
        if shorter is None:
            return word
        word = shorter
    return LEXICON[word]


def _less_one_ending(word: str) -> str | None:
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _LEAST:
            return word[: -len(suffix)]
    return None


def _without_proclitics(word: str) -> str:
    if word[0] in "وف" and len(word) > _LEAST and not _radical(word):
        rest = word[1:]
        return LEXICON[rest] if rest in LEXICON else _without_preposition(rest)
    return _without_preposition(word)


def _without_preposition(word: str) -> str:
    if word.startswith("ال"):
        return _without_article(word)
    if len(word) <= _LEAST or word[0] not in "بلكس" or _radical(word):
        return word
    rest = word[1:]
    if word[0] == "س":
        return rest if rest[0] in "يتنا" and len(rest) > _LEAST else word
    if rest.startswith("ال"):
        return _without_article(rest)
    if word.startswith("لل") and len(word) > _LEAST + 1 and not _radical(rest):
        return word[2:]
    return rest


def _without_article(word: str) -> str:
    if word.startswith(RADICAL_AL) or len(word) < _LEAST + 1:
        return word
    return word[2:]


def _radical(word: str) -> bool:
    if word in LEXICON or word.startswith(RADICAL_STARTS):
        return True
    ending = _without_endings(word)
    return ending[0] + _VOWELS.sub("", ending[1:]) in RADICAL_ROOTS
