"""A name taken out of a text in every spelling that the search index makes one.

The letters are compared as they are folded, wherever white space or a hyphen parts them («عبد الله», «عبدالله»,
`عبد-الله`), with a conjunction and a preposition before them. Stored text is folded nowhere else; here only to find
what must go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from newsarchive.text.arabic import forms, raw_runs, runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MARK = "[حُجب]"
"""What is printed in place of a name."""

# و ف, then ب ل ك س, each or none: what Arabic writes as one word with the next.
_PROCLITICS = tuple(first + second for first in ("", "و", "ف") for second in ("", "ب", "ل", "ك", "س"))
_MARK_LETTERS = "".join(form.exact for run in raw_runs(MARK) for form in forms(run))
_PARAGRAPH = "\n\n"


class _Token(NamedTuple):
    """A folded word, and the run of letters in the text that it is part of."""

    word: str
    start: int
    end: int


class _Found(NamedTuple):
    name: int
    proclitic: str
    start: int
    end: int


def letters(name: str) -> str:
    """Return the folded letters of a name without anything between them."""
    return "".join(form.exact for run in raw_runs(name) for form in forms(run))


class Names:
    """Names to take out of texts. Raises ValueError for one without letters, or of the letters of `MARK`."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(dict.fromkeys(name.strip() for name in names))
        self._forms: dict[str, tuple[int, str]] = {}
        for number, name in enumerate(self.names):
            plain = letters(name)
            if not plain or plain == _MARK_LETTERS:
                raise ValueError(f"«{name}» is no name that can be looked for")
            self._forms.update({form: (number, proclitic) for form, proclitic in _forms(plain)})
        self._longest = max(map(len, self._forms), default=0)

    def redacted(self, text: str) -> str:
        """The text with `MARK` in place of each name; what is written together with it stays before it."""
        pieces, position = list[str](), 0
        for found in self._found(text):
            pieces += [text[position : found.start], found.proclitic, MARK]
            position = found.end
        return "".join(pieces) + text[position:] if pieces else text

    def stand_in(self, text: str) -> bool:
        """Whether any of the names stands in the text."""
        return next(self._found(text), None) is not None

    def counts(self, text: str) -> dict[str, int]:
        """How often each name stands in the text."""
        found = [self.names[match.name] for match in self._found(text)]
        return {name: found.count(name) for name in self.names}

    def _found(self, text: str) -> Iterator[_Found]:
        tokens = [
            _Token(form.exact, run.start(), run.end()) for run in runs(text) for form in forms(run.group())
        ]
        number = 0
        while number < len(tokens):
            match = self._at(text, tokens, number)
            if match is None:
                number += 1
                continue
            last, found = match
            yield found
            number = last + 1

    def _at(self, text: str, tokens: list[_Token], first: int) -> tuple[int, _Found] | None:
        """The longest name that begins with the token, and the number of its last token."""
        joined, best = "", None
        for last in range(first, len(tokens)):
            if last > first and _PARAGRAPH in text[tokens[last - 1].end : tokens[last].start]:
                break
            joined += tokens[last].word
            if len(joined) > self._longest:
                break
            number, proclitic = self._forms.get(joined, (None, ""))
            # A conjunction that stands apart is a word of its own; the name begins behind it.
            if number is not None and not (proclitic and proclitic.startswith(tokens[first].word)):
                best = last, _Found(number, proclitic, tokens[first].start, tokens[last].end)
        return best


def _forms(plain: str) -> Iterator[tuple[str, str]]:
    """What a name may be written as, each with what stands before the name in it."""
    for proclitic in _PROCLITICS:
        yield proclitic + plain, proclitic
        if plain.startswith("ال") and proclitic.endswith("ل"):
            yield proclitic + plain[1:], proclitic  # العلي with ل is للعلي
