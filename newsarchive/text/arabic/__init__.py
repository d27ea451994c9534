"""Arabic as it is searched: one analysis for indexing and for asking.

Every text gives three strings of space-separated tokens: the folded words in their order, their stems and
their skeletons (function words only among the first). Other scripts pass through folded.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from newsarchive.text.arabic.folding import fold, raw_runs, runs, words
from newsarchive.text.arabic.lexicon import FUNCTION_WORDS, PAIRS
from newsarchive.text.arabic.stemming import skeleton, stem

__all__ = ["ANALYSER_VERSION", "Analysis", "Form", "analyse", "fold", "forms", "pair", "raw_runs", "runs"]

# Part of every indexed row: raise it whenever the tokens of any text change.
ANALYSER_VERSION = 1
# Distinct spellings remembered; a million articles have a few million, of which most stand once.
_REMEMBERED = 400_000


class Form(NamedTuple):
    """One word as the index knows it; `stem` and `skeleton` are empty for function words."""

    exact: str
    stem: str
    skeleton: str


class Analysis(NamedTuple):
    """Space-separated tokens for the columns of `articles_fts`."""

    exact: str
    stem: str
    skeleton: str


_known: dict[str, tuple[Form, ...]] = {}


def forms(run: str) -> tuple[Form, ...]:
    """Return the words of one run of letters (see `runs`), usually one."""
    found = _known.get(run)
    if found is None:
        if len(_known) >= _REMEMBERED:
            _known.clear()
        found = _known[run] = tuple(_form(word) for word in words(run))
    return found


def analyse(text: str) -> Analysis:
    """Return the tokens of a text, ready for the index."""
    found = [form for run in raw_runs(text) for form in forms(run)]
    exact = [form.exact for form in found]
    aliases = [PAIRS[pair] for pair in pairwise(exact) if pair in PAIRS]
    return Analysis(
        " ".join(exact),
        " ".join([form.stem for form in found if form.stem] + aliases),
        " ".join([form.skeleton for form in found if form.skeleton] + aliases),
    )


def pair(first: str, second: str) -> str | None:
    """Return the stem that two runs following one another stand for together («كانون الثاني»), if any."""
    return PAIRS.get((fold(first), fold(second)))


def _form(word: str) -> Form:
    if word in FUNCTION_WORDS:
        return Form(word, "", "")
    stemmed = stem(word)
    return Form(word, stemmed, skeleton(stemmed))
