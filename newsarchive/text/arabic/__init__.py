"""Arabic as it is searched: one analysis for indexing and for asking.

A text gives three strings of space-separated tokens. `exact` has its folded words in their order. `stem` has
what a word's base and stem add to that, `skeleton` what its skeleton adds: a token that the word already has
is not repeated, so a stem is looked for in `exact` and `stem`, a skeleton in all three. Function words and
other scripts have their exact form only.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from newsarchive.text.arabic.folding import fold, raw_runs, runs, words
from newsarchive.text.arabic.lexicon import AS_PRINTED, FUNCTION_WORDS, PAIRS
from newsarchive.text.arabic.stemming import base, skeleton, stem

__all__ = ["ANALYSER_VERSION", "Analysis", "Form", "analyse", "fold", "forms", "pair", "raw_runs", "runs"]

# Stands in every indexed row: raise it whenever the tokens of any text change.
ANALYSER_VERSION = 1
# Distinct spellings remembered; a million articles have a few million, of which most stand once.
_REMEMBERED = 300_000


class Form(NamedTuple):
    """One word as the index knows it; all but `exact` are empty for function words."""

    exact: str
    base: str
    stem: str
    skeleton: str


class Analysis(NamedTuple):
    """Space-separated tokens for the columns of `articles_fts`."""

    exact: str
    stem: str
    skeleton: str


class _Entry(NamedTuple):
    """A spelling: its words, and the tokens that they put into the three columns."""

    forms: tuple[Form, ...]
    exact: str
    stem: str
    skeleton: str


_known: dict[str, _Entry] = {}


def forms(run: str) -> tuple[Form, ...]:
    """Return the words of one run of letters (see `runs`), usually one."""
    return _entry(run).forms


def pair(first: str, second: str) -> str | None:
    """Return the stem that two runs following one another stand for together («كانون الثاني»), if any."""
    return PAIRS.get((_entry(first).exact, _entry(second).exact))


def analyse(text: str) -> Analysis:
    """Return the tokens of a text, ready for the index."""
    entries = [_entry(run) for run in raw_runs(text)]
    exact = [entry.exact for entry in entries]
    aliases = [PAIRS[words] for words in pairwise(exact) if words in PAIRS]
    return Analysis(
        " ".join(exact),
        " ".join([entry.stem for entry in entries if entry.stem] + aliases),
        " ".join([entry.skeleton for entry in entries if entry.skeleton]),
    )


def _entry(run: str) -> _Entry:
    entry = _known.get(run)
    if entry is None:
        if len(_known) >= _REMEMBERED:
            _known.clear()
        entry = _known[run] = _new_entry(run)
    return entry


def _new_entry(run: str) -> _Entry:
    found = tuple(_form(word, run) for word in words(run))
    return _Entry(
        found,
        " ".join(form.exact for form in found),
        " ".join(token for form in found for token in _added(form)),
        " ".join(form.skeleton for form in found if form.skeleton not in {*form[:3], ""}),
    )


def _added(form: Form) -> list[str]:
    return [token for token in dict.fromkeys(form[1:3]) if token and token != form.exact]


def _form(word: str, run: str) -> Form:
    if word in FUNCTION_WORDS:
        return Form(word, "", "", "")
    plain = base(word)
    stemmed = AS_PRINTED.get(run) or stem(plain)
    return Form(word, plain, stemmed, skeleton(stemmed))
