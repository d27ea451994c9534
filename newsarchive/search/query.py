"""A reader's words → what is asked: words, exact phrases, exclusions, beginnings of words, filters.

`docs/searching.md` describes the language. Every string is a query: what is not an operator is words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

from newsarchive.text.arabic import Form, asked, fold, pair, raw_runs

# The most words that one question ranks by; `Query.left_out` names the rest.
MOST_WORDS = 64
# The most phrases, beginnings, title words and exclusions together; `Query.left_out` names the rest.
MOST_PARTS = 16
# A page reads its question several times, for its order, its answer and what was perhaps meant.
_REMEMBERED = 32
# Quotation marks in a query with more other words than this are those of a pasted headline.
MOST_WORDS_BESIDE_PHRASE = 2
# The shortest beginning that `word*` looks up, the article (ال، وال) not counted: shorter ones are most of the
# vocabulary.
_SHORTEST_BEGINNING = 4
_ARTICLE = re.compile("^و?ال")
# What is printed before a word and is none of its own letters: conjunctions, prepositions, the article.
_PARTICLES = ("", "و", "ف", "ب", "ل", "ك", "ال", "وال", "فال", "بال", "كال", "لل", "وب", "ول", "وبال", "ولل")

_FIELDS = {
    fold(name): key
    for key, names in {
        "section": ("section", "قسم", "القسم"),
        "writer": ("writer", "author", "كاتب", "الكاتب"),
        "since": ("since", "after", "منذ", "بعد"),
        "until": ("until", "before", "حتى", "قبل"),
        "title": ("title", "عنوان", "العنوان"),
    }.items()
    for name in names
}
# Of these an article can have another one; days and titles have no opposite.
_BARRED = {"section", "writer"}
_PIECE = re.compile(
    r"""
      (?:(?<=\s)|^) (?P<sign>[+-])? (?P<field>[^\W\d_]+) : (?: "(?P<quoted>[^"]*)" | (?P<value>[^\s"]+) )
    | (?:(?:(?<=\s)|^) (?P<mark>[+-]) )? "(?P<phrase>[^"]*)"
    | (?:(?<=\s)|^) - (?P<excluded>[^\s"]+)
    | (?P<word>[^\s"]+)
    """,
    re.VERBOSE,
)
# What SQLite cannot be given as text.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Filters:
    """What an article must be besides its words. Dates are YYYY, YYYY-MM or YYYY-MM-DD, both included.

    barred: sections and writers whose articles are not wanted, each as ("section" or "writer", name).
    """

    section: str | None = None
    writer: str | None = None
    since: str | None = None
    until: str | None = None
    barred: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is narrowed."""
        return any((self.section, self.writer, self.since, self.until, self.barred))

    def narrowed(self, given: Filters) -> Filters:
        """Return these filters with those that are `given` in their place."""
        return Filters(
            given.section or self.section,
            given.writer or self.writer,
            given.since or self.since,
            given.until or self.until,
            self.barred,
        )


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it was understood.

    words: what is ranked by, in order, function words too. aliases: what two words mean together.
    title: words that must stand in the title. phrases: folded words that must follow one another.
    beginnings: folded beginnings of words, which must occur. excluded: words, as tuples of one, and phrases
    that must not occur. left_out: words and parts beyond the most that are looked for. loosened: phrases that no
    article has and whose words are looked for instead.
    """

    words: tuple[Form, ...] = ()
    aliases: tuple[Form, ...] = ()
    title: tuple[Form, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    beginnings: tuple[str, ...] = ()
    excluded: tuple[tuple[Form, ...], ...] = ()
    filters: Filters = field(default_factory=Filters)
    left_out: tuple[str, ...] = ()
    loosened: tuple[str, ...] = ()

    @property
    def content(self) -> tuple[Form, ...]:
        """The words without function words, unless there are no others."""
        return tuple(word for word in self.words if word.stem) or self.words

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.words or self.title or self.phrases or self.beginnings)


def printed_beginnings(beginning: str) -> tuple[str, ...]:
    """How printed words begin that `word*` stands for: so, and behind a particle, unless it has the article."""
    return (beginning,) if _ARTICLE.match(beginning) else tuple(f"{p}{beginning}" for p in _PARTICLES)


@dataclass(slots=True)
class _Reading:
    """The pieces read so far: `plain` texts in their order, with whether they stood in quotation marks."""

    query: Query = field(default_factory=Query)
    plain: list[tuple[str, bool]] = field(default_factory=list)

    parts: int = 0

    def add(self, **pieces: tuple[Any, ...]) -> None:
        """Append to the tuples of the query what there is room for."""
        for name, added in pieces.items():
            room = MOST_PARTS - self.parts
            taken, over = added[:room], tuple(map(_as_text, added[room:]))
            self.parts += len(taken)
            more: dict[str, Any] = {
                name: (*getattr(self.query, name), *taken),
                "left_out": (*self.query.left_out, *over),
            }
            self.query = replace(self.query, **more)

    def bar(self, column: str, name: str) -> None:
        """Take a section or a writer whose articles are not wanted, where there is room."""
        query = self.query
        if self.parts < MOST_PARTS:
            self.parts += 1
            barred = (*query.filters.barred, (column, name))
            self.query = replace(query, filters=replace(query.filters, barred=barred))
        else:
            self.query = replace(query, left_out=(*query.left_out, name))


@lru_cache(maxsize=_REMEMBERED)
def parse(text: str, *, phrases: bool = True) -> Query:
    """Return what `text` asks for; never raises. A query without words is false.

    Without `phrases`, what stands in quotation marks without a sign is words.
    """
    reading = _Reading()
    for piece in _PIECE.finditer(_UNSTORABLE.sub(" ", text)):
        _read(reading, piece.groupdict())
    beside = [word for plain, quoted in reading.plain if not quoted for word in _forms(plain) if word.stem]
    if phrases and len(set(beside)) <= MOST_WORDS_BESIDE_PHRASE:
        _require(reading)
    runs = [run for plain, _ in reading.plain for run in raw_runs(plain)]
    words = tuple(dict.fromkeys(form for run in runs for form in asked(run)))
    return replace(
        reading.query,
        words=words[:MOST_WORDS],
        aliases=tuple(dict.fromkeys(filter(None, (pair(*two) for two in pairwise(runs))))),
        left_out=(*reading.query.left_out, *map(_as_text, words[MOST_WORDS:])),
    )


def _require(reading: _Reading) -> None:
    reading.add(phrases=tuple(_exact(text) for text, quoted in reading.plain if quoted and _exact(text)))
    reading.plain = [(text, quoted) for text, quoted in reading.plain if not quoted]


def _read(reading: _Reading, found: dict[str, str | None]) -> None:
    if (name := found["field"]) is not None:
        value = found["quoted"] or found["value"] or ""
        if not _read_field(reading, _FIELDS.get(fold(name)), value, found["sign"]):
            reading.plain.append((f"{name} {value}", False))
    elif (phrase := found["phrase"]) is not None:
        _read_phrase(reading, phrase, found["mark"])
    elif (excluded := found["excluded"]) is not None:
        reading.add(excluded=tuple((form,) for form in _forms(excluded)))
    else:
        _read_word(reading, found["word"] or "")


def _read_phrase(reading: _Reading, phrase: str, mark: str | None) -> None:
    if mark == "-" and _forms(phrase):
        reading.add(excluded=(_forms(phrase),))
    elif mark == "+" and _forms(phrase):
        reading.add(phrases=(_exact(phrase),))
    else:
        reading.plain.append((phrase, True))


def _read_word(reading: _Reading, word: str) -> None:
    beginning = _exact(word)
    if (
        word.endswith("*")
        and len(beginning) == 1
        and len(_ARTICLE.sub("", beginning[0])) >= _SHORTEST_BEGINNING
    ):
        reading.add(beginnings=beginning)
    else:
        reading.plain.append((word, False))


def _read_field(reading: _Reading, key: str | None, value: str, sign: str | None) -> bool:
    """Take a filter into the query; False when it is none, and so its text is words."""
    if key is None or not _forms(value):
        return False
    if sign == "-":
        if key in _BARRED:
            reading.bar(key, value)
        return key in _BARRED
    if key == "title":
        reading.add(title=_forms(value))
        return True
    if key in {"since", "until"}:
        value = fold(value)
        if not _DATE.fullmatch(value):
            return False
    filters: dict[str, Any] = {key: value}
    reading.query = replace(reading.query, filters=replace(reading.query.filters, **filters))
    return True


def _forms(text: str) -> tuple[Form, ...]:
    return tuple(form for run in raw_runs(text) for form in asked(run))


def _exact(text: str) -> tuple[str, ...]:
    return tuple(form.exact for form in _forms(text))


def _as_text(part: str | Form | tuple[Any, ...]) -> str:
    if isinstance(part, Form):
        return part.exact
    return part if isinstance(part, str) else " ".join(map(_as_text, part))
