"""Arabic as it is searched: one analysis for indexing and for asking.

A text gives three strings of space-separated tokens. `exact` has its folded words in their order. `stem` has
what a word's base and stem add to that, `skeleton` what its skeleton adds: a token that the word already has
is not repeated, so a stem is looked for in `exact` and `stem`, a skeleton in all three. Function words and
other scripts have their exact form only; two function words in a row are one token more of `skeleton`, because
a phrase of two words that most texts have is dear to look for.
"""

from __future__ import annotations

from itertools import pairwise, starmap
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.text.arabic.folding import (
    LETTERS,
    UNKNOWN_LETTER,
    WITHOUT_OCTET,
    fold,
    folded_octets,
    raw_runs,
    runs,
    spaced,
    spaced_octets,
    words,
)
from newsarchive.text.arabic.lexicon import AS_PRINTED, FUNCTION_WORDS, PAIRS
from newsarchive.text.arabic.stemming import FAMILY_STEMS, LEFT_OUT, base, skeleton, stem

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ANALYSER_VERSION",
    "LEFT_OUT",
    "LETTERS",
    "PAIR_STEMS",
    "UNKNOWN_LETTER",
    "WITHOUT_OCTET",
    "Analysis",
    "Form",
    "always_has_stem",
    "analyse",
    "asked",
    "exact",
    "fold",
    "folded_octets",
    "forms",
    "function_pair",
    "is_function_pair",
    "keys",
    "letters",
    "only_exact",
    "pair",
    "raw_runs",
    "remember_at_most",
    "runs",
    "spaced",
    "spaced_octets",
    "tokens",
    "words",
]

# Stands in every indexed row: raise it whenever the tokens of any text change.
ANALYSER_VERSION = 3
# Distinct spellings remembered, half a kilobyte each; a million articles have a few million, most of which stand
# once.
_REMEMBERED = 300_000
# A letter that folding leaves in no word.
_TATWEEL = "\u0640"
_ONLY_EXACT = f"exact{_TATWEEL}"


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
    """A spelling: its words, the tokens that they put into the three columns, and its key."""

    forms: tuple[Form, ...]
    exact: str
    stem: str
    skeleton: str
    key: str


class _Spellings(dict[str, _Entry]):
    """What is known of each spelling met; of the next when it is met. Forgets all when it has grown too big."""

    most = _REMEMBERED

    def __missing__(self, run: str) -> _Entry:
        if len(self) >= self.most:
            self.clear()
        entry = self[run] = _new_entry(run)
        return entry


_known = _Spellings()


def remember_at_most(spellings: int) -> None:
    """Remember no more spellings than that in this process, where it reads little and has memory for less."""
    _known.most = spellings


def forms(run: str) -> tuple[Form, ...]:
    """Return the words of one run of letters (see `runs`), usually one."""
    return _known[run].forms


def exact(text: str) -> str:
    """Return the folded words of a text in their order, one space between them."""
    return " ".join([_known[run].exact for run in raw_runs(text)])


def letters(word: Form) -> list[str]:
    """Return letters of which any run sharing a token with this word has some, in this order, once folded.

    Between them the run has `LEFT_OUT` only: stems and skeletons are what is left of words, except where the lexicon
    names them.
    """
    possible = {token for token in word if token}
    possible |= {form for token in possible for form in _NAMED_FORMS.get(token, ())}
    return [one for one in possible if not any(_within(other, one) for other in possible - {one})]


def _within(few: str, many: str) -> bool:
    """Say whether the letters of one stand in the other in their order, with no others between than may be left out."""
    starts = (at for at, letter in enumerate(many) if letter == few[0])
    return any(_stands_at(start, few, many) for start in starts)


def _stands_at(start: int, few: str, many: str) -> bool:
    at = start
    for letter in few:
        found = many.find(letter, at)
        if found < 0 or many[at:found].strip(LEFT_OUT):
            return False
        at = found + 1
    return True


def asked(run: str) -> tuple[Form, ...]:
    """Return the words that one run of letters asks for.

    Where what is left of a word is a function word (المن, بعدها), it has its exact form only in its place: nearly every
    text has that.
    """
    return tuple(
        Form(form.exact, *(form.exact if token in FUNCTION_WORDS else token for token in form[1:]))
        for form in forms(run)
    )


def tokens(word: Form) -> tuple[str, ...]:
    """Return the tokens of which a text has one, in whatever column, if it has the word in any form.

    That of a function word, which has its exact form only, says so (see `only_exact`).
    """
    if word.exact in FUNCTION_WORDS:
        return (f"{_ONLY_EXACT}{word.exact}",)
    # A base or stem that is itself a word with another skeleton (وكاس, كاس) votes for that word too.
    others = [token for token in word[:3] if token and keys([token]) != [word.skeleton]]
    return tuple(dict.fromkeys([*filter(None, [word.skeleton]), *others]))


def always_has_stem(word: Form) -> bool:
    """Say whether what this analyser makes of a text with the word as written has the word's stem too."""
    usual = word.exact not in _PRINTED_OTHERWISE and word.stem == stem(base(word.exact))
    return bool(word.stem) and (usual or word.stem == word.exact)


def only_exact(token: str) -> str | None:
    """Return the folded word that a text has in its exact form only, None for a token that counts in any column."""
    return token.removeprefix(_ONLY_EXACT) if token.startswith(_ONLY_EXACT) else None


def keys(spellings: Iterable[str]) -> list[str]:
    """Return for each run what all forms of its word have in common; the empty string where that is not one."""
    return [_known[run].key for run in spellings]


def pair(first: str, second: str) -> Form | None:
    """Return what two runs following one another stand for together («كانون الثاني»), if anything."""
    return _PAIRS.get((_known[first].exact, _known[second].exact))


def function_pair(first: str, second: str) -> str | None:
    """Return the token of two folded words that follow one another, where both are function words."""
    return f"{first}{_TATWEEL}{second}" if first in FUNCTION_WORDS and second in FUNCTION_WORDS else None


def is_function_pair(token: str) -> bool:
    """Say whether a token is that of two function words; it stands in the skeletons alone."""
    return _TATWEEL in token and only_exact(token) is None


def analyse(text: str) -> Analysis:
    """Return the tokens of a text, ready for the index."""
    entries = [_known[run] for run in raw_runs(text)]
    folded = [entry.exact for entry in entries]
    aliases = [_PAIRS[two] for two in pairwise(folded) if two[0] in _PAIR_FIRSTS and two in _PAIRS]
    exact = " ".join(folded)
    skeletons = [entry.skeleton for entry in entries if entry.skeleton]
    skeletons += [alias.skeleton for alias in aliases]
    skeletons += filter(None, starmap(function_pair, pairwise(exact.split())))
    return Analysis(
        exact,
        " ".join([entry.stem for entry in entries if entry.stem] + [alias.stem for alias in aliases]),
        " ".join(skeletons),
    )


def _new_entry(run: str) -> _Entry:
    folded = words(run)
    of_word = {word: _form(word, run) for word in set(folded)}
    found = tuple(of_word[word] for word in folded)
    return _Entry(
        found,
        " ".join(form.exact for form in found),
        " ".join(token for form in found for token in _added(form)),
        " ".join(form.skeleton for form in found if form.skeleton not in {*form[:3], ""}),
        found[0].skeleton or found[0].exact if len(found) == 1 and run not in AS_PRINTED else "",
    )


def _added(form: Form) -> list[str]:
    return [token for token in dict.fromkeys(form[1:3]) if token and token != form.exact]


def _form(word: str, run: str) -> Form:
    if word in FUNCTION_WORDS:
        return Form(word, "", "", "")
    plain = base(word)
    stemmed = AS_PRINTED.get(run) or stem(plain)
    return Form(word, plain, stemmed, skeleton(stemmed))


def _named_forms() -> dict[str, set[str]]:
    """Tokens that the lexicon names → the folded words that have them without having their letters."""
    named: dict[str, set[str]] = {}
    for form, stemmed in (*FAMILY_STEMS.items(), *((fold(run), name) for run, name in AS_PRINTED.items())):
        for token in (stemmed, skeleton(stemmed)):
            named.setdefault(token, set()).add(form)
    return named


_NAMED_FORMS = _named_forms()
_PRINTED_OTHERWISE = frozenset(word for run in AS_PRINTED for word in words(run))
_PAIRS = {words: Form("", "", stem(name), skeleton(stem(name))) for words, name in PAIRS.items()}
_PAIR_FIRSTS = frozenset(first for first, _ in _PAIRS)
PAIR_STEMS = frozenset(meant.stem for meant in _PAIRS.values())
"""The stems of what two words can stand for together (see `pair`)."""
