"""A reader's words → what is asked: words, exact phrases, exclusions, beginnings of words, filters.

`docs/searching.md` describes the language. Every string is a query: what is not an operator is words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from newsarchive.text.arabic import Form, analyse, fold, forms, runs

# The most words that one question ranks by; `Query.left_out` names the rest.
MOST_WORDS = 64
# The shortest beginning that `word*` looks up: shorter ones are most of the vocabulary.
_SHORTEST_BEGINNING = 3

_FIELDS = {
    name: key
    for key, names in {
        "section": "section قسم القسم",
        "writer": "writer author كاتب الكاتب",
        "since": "since after from منذ بعد",
        "until": "until before to حتى قبل",
        "title": "title عنوان العنوان",
    }.items()
    for name in map(fold, names.split())
}
_PIECE = re.compile(
    r"""
      (?:(?<=\s)|^) (?P<minus>-)? (?: (?P<field>[^\W\d_]+) : (?: "(?P<quoted>[^"]*)" | (?P<value>[^\s"]+) )
                                    | "(?P<phrase>[^"]*)" )
    | (?:(?<=\s)|^) - (?P<excluded>[^\s"]+)
    | "(?P<inner>[^"]*)"
    | (?P<word>[^\s"]+)
    """,
    re.VERBOSE,
)
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Filters:
    """What an article must be besides its words. Dates are YYYY, YYYY-MM or YYYY-MM-DD, both included."""

    section: str | None = None
    writer: str | None = None
    since: str | None = None
    until: str | None = None

    def __bool__(self) -> bool:
        """Whether anything is narrowed."""
        return any((self.section, self.writer, self.since, self.until))


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it was understood.

    words: what is ranked by, function words too. title: words that must stand in the title. phrases: folded
    words that must follow one another. beginnings: folded beginnings of words. excluded: words, as tuples of
    one, and phrases that must not stand in the article. left_out: words beyond `MOST_WORDS`.
    """

    words: tuple[Form, ...] = ()
    aliases: tuple[str, ...] = ()
    title: tuple[Form, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    beginnings: tuple[str, ...] = ()
    excluded: tuple[tuple[Form, ...], ...] = ()
    filters: Filters = field(default_factory=Filters)
    left_out: tuple[str, ...] = ()

    @property
    def content(self) -> tuple[Form, ...]:
        """The words without function words, unless there are no others."""
        return tuple(word for word in self.words if word.stem) or self.words

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.words or self.title or self.phrases or self.beginnings)


def parse(text: str) -> Query:
    """Return what `text` asks for; never raises. A query without words is false."""
    query = Query()
    plain: list[str] = []
    for piece in _PIECE.finditer(text.replace("\0", " ")):
        query = _read(query, piece, plain)
    words = dict.fromkeys(form for text in plain for form in _forms(text))
    kept = tuple(words)[:MOST_WORDS]
    aliases = set(analyse(" ".join(plain)).stem.split()) - {word.stem for word in words}
    left_out = tuple(word.exact for word in tuple(words)[MOST_WORDS:])
    return replace(query, words=kept, aliases=tuple(sorted(aliases)), left_out=left_out)


def _read(query: Query, piece: re.Match[str], plain: list[str]) -> Query:
    found = piece.groupdict()
    if found["field"] is not None:
        return _read_field(query, found, plain)
    if found["excluded"] is not None:
        return replace(query, excluded=(*query.excluded, *((form,) for form in _forms(found["excluded"]))))
    phrase = found["phrase"] if found["phrase"] is not None else found["inner"]
    if phrase is None:
        return _read_word(query, found["word"], plain)
    words = _forms(phrase)
    if not words:
        return query
    if found["minus"]:
        return replace(query, excluded=(*query.excluded, words))
    return replace(query, phrases=(*query.phrases, tuple(word.exact for word in words)))


def _read_word(query: Query, word: str, plain: list[str]) -> Query:
    beginning = "".join(form.exact for form in _forms(word)) if word.endswith("*") else ""
    if len(beginning) >= _SHORTEST_BEGINNING and len(_forms(word)) == 1:
        return replace(query, beginnings=(*query.beginnings, beginning))
    plain.append(word)
    return query


def _read_field(query: Query, found: dict[str, str | None], plain: list[str]) -> Query:
    name, value = str(found["field"]), found["quoted"] or found["value"] or ""
    key = _FIELDS.get(fold(name))
    words = _forms(value)
    if key is None or not words or found["minus"]:
        plain.append(f"{name} {value}")
        return query
    if key == "title":
        return replace(query, title=(*query.title, *words))
    if key in {"since", "until"}:
        date = _DATE.fullmatch(fold(value))
        if date is None:
            plain.append(f"{name} {value}")
            return query
        value = date.group()
    return replace(query, filters=replace(query.filters, **{key: value}))


def _forms(text: str) -> tuple[Form, ...]:
    return tuple(form for run in runs(text) for form in forms(run.group()))
