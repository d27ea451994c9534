"""How a question was read: the forms of each word, what they found, and what was perhaps meant."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsarchive.search import expressions
from newsarchive.search.query import Query, parse
from newsarchive.search.snippets import Marker
from newsarchive.text.arabic import Form, forms, raw_runs

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

# How many of the newest articles with a word are read for the forms in which it is printed.
_READ = 30
_MOST_PRINTED = 12
# A suggestion is as frequent as its articles, counted up to here.
_MOST_COUNTED = 1_000
_LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهويء"
_LATIN = "abcdefghijklmnopqrstuvwxyz"
# Edits of longer words are too many to try and too rarely one mistake.
_LONGEST = 20


@dataclass(frozen=True, slots=True)
class WordRead:
    """How one word was read and what it brought.

    written, by_stem, by_skeleton: articles that have the word as written (in any spelling), those that have
    only its stem, and those that have only its skeleton. printed: forms in which the newest of these articles
    print it, most frequent first. A function word finds articles only where the question has no other.
    """

    word: str
    function: bool
    base: str
    stem: str
    skeleton: str
    written: int
    by_stem: int
    by_skeleton: int
    printed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a question was read: its words one by one, all the rest, the FTS5 expression that finds articles."""

    query: Query
    words: tuple[WordRead, ...]
    match: str


def explain(conn: sqlite3.Connection, text: str) -> Explanation:
    """Return how `text` was read. Counts are of the whole archive, without the filters of the question."""
    query = parse(text)
    return Explanation(query, tuple(_read(conn, word) for word in query.words), expressions.matching(query))


def suggest(conn: sqlite3.Connection, text: str) -> str | None:
    """Return `text` with words that find nothing replaced by near ones that do, or None.

    Near is one letter more, less, other, or two exchanged; of several the most frequent.
    """
    replaced = text
    for run in dict.fromkeys(raw_runs(text)):
        missing = [word for word in forms(run) if word.stem and not _count(conn, expressions.one(word), 1)]
        better = _nearest(conn, missing[0].exact) if len(missing) == len(forms(run)) == 1 else None
        if better:
            replaced = replaced.replace(run, better)
    return replaced if replaced != text else None


def _read(conn: sqlite3.Connection, word: Form) -> WordRead:
    matches = expressions.word_matches(word)
    written = _count(conn, matches["exact"])
    stems = _count(conn, f"({matches['exact']}) OR ({matches['stem']})") if "stem" in matches else written
    skeletons = _count(conn, expressions.one(word)) if "skeleton" in matches else stems
    return WordRead(
        word=word.exact,
        function=not word.stem,
        base=word.base,
        stem=word.stem,
        skeleton=word.skeleton,
        written=written,
        by_stem=stems - written,
        by_skeleton=max(0, skeletons - stems),
        printed=_printed(conn, word),
    )


def _printed(conn: sqlite3.Connection, word: Form) -> tuple[str, ...]:
    rows = conn.execute(
        "SELECT title || ' ' || coalesce(subtitle, '') || ' ' || coalesce(byline, '') || ' ' || body FROM articles"
        " WHERE id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH :match ORDER BY rowid DESC LIMIT :read)",
        {"match": expressions.one(word), "read": _READ},
    )
    marker = Marker(Query(words=(word,)))
    found = Counter(text[place.start : place.end] for (text,) in rows for place in marker.words(text))
    return tuple(form for form, _ in found.most_common(_MOST_PRINTED))


def _nearest(conn: sqlite3.Connection, word: str) -> str | None:
    if len(word) > _LONGEST:
        return None
    counts = {near: _count(conn, expressions.written(near), _MOST_COUNTED) for near in set(_edits(word))}
    best = max(sorted(counts), key=counts.__getitem__, default=None)
    return best if best and counts[best] else None


def _edits(word: str) -> Iterator[str]:
    letters = _LATIN if word.isascii() else _LETTERS
    for at in range(len(word) + 1):
        left, right = word[:at], word[at:]
        if right:
            yield left + right[1:]
            yield from (left + letter + right[1:] for letter in letters)
        if len(right) > 1:
            yield left + right[1] + right[0] + right[2:]
        yield from (left + letter + right for letter in letters)


def _count(conn: sqlite3.Connection, match: str, most: int | None = None) -> int:
    (count,) = conn.execute(
        "SELECT count(*) FROM (SELECT 1 FROM articles_fts WHERE articles_fts MATCH ? LIMIT ?)",
        (match, -1 if most is None else most),
    ).fetchone()
    return int(count)
