"""How a question was read: the forms of each word, what they found, and what was perhaps meant."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Literal

from newsarchive.search import expressions
from newsarchive.search.filtering import EVERYWHERE
from newsarchive.search.query import Query, parse
from newsarchive.search.snippets import Marker
from newsarchive.search.spans import count, one_state
from newsarchive.text.arabic import Form, forms, runs, tokens

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Container, Iterator

# How many of the newest articles with a word are read for the forms in which it is printed.
_READ = 30
MOST_EXPLAINED = 16
_MOST_PRINTED = 12
# Suggestions are counted up to here, and on only where several are more frequent.
_MOST_COUNTED = 1_000
_LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهويء"
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_MOST_MISSING = 4
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


Kind = Literal["phrase", "beginning", "title", "excluded"]


@dataclass(frozen=True, slots=True)
class PartRead:
    """A part of a question that is no word to rank by: as it is looked for, and how many articles have it."""

    kind: Kind
    text: str
    articles: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a question was read: its words, its other parts, the FTS5 expression that finds articles.

    Counts are of the whole archive, without the filters of the question. not_explained: words beyond
    `MOST_EXPLAINED`, which are looked for all the same.
    """

    query: Query
    words: tuple[WordRead, ...]
    parts: tuple[PartRead, ...]
    not_explained: tuple[str, ...]
    match: str


def explain(conn: sqlite3.Connection, query: Query) -> Explanation:
    """Return how a question was read and what each of its words and parts brought."""
    with one_state(conn):
        return Explanation(
            query,
            words=tuple(_read(conn, word) for word in query.words[:MOST_EXPLAINED]),
            parts=tuple(
                PartRead(kind, text, _count(conn, match))
                for kind, text, match in islice(_parts(query), MOST_EXPLAINED)
            ),
            not_explained=tuple(word.exact for word in query.words[MOST_EXPLAINED:]),
            match=expressions.matching(query),
        )


def suggest(conn: sqlite3.Connection, text: str) -> str | None:
    """Return `text` with words that find nothing replaced by near ones that do, or None.

    Near is one letter more, less, other, or two exchanged; of several the most frequent. The first
    `_MOST_MISSING` such words are tried.
    """
    query = parse(text)
    looked_for = {*(word.exact for word in (*query.words, *query.title)), *chain(*query.phrases)}
    missing = [run for run in runs(text) if _is_missing(conn, run.group(), looked_for)][:_MOST_MISSING]
    pieces, at = [], 0
    for run in missing:
        better = _nearest(conn, forms(run.group())[0].exact)
        pieces += [text[at : run.start()], better or run.group()]
        at = run.end()
    suggested = "".join([*pieces, text[at:]])
    return suggested if suggested != text else None


def _is_missing(conn: sqlite3.Connection, run: str, looked_for: Container[str]) -> bool:
    """Say whether a run is one word that is looked for and finds nothing."""
    words = forms(run)
    if len(words) != 1 or not words[0].stem or words[0].exact not in looked_for:
        return False
    return not _count(conn, expressions.one(words[0]), 1)


def _parts(query: Query) -> Iterator[tuple[Kind, str, str]]:
    for phrase in query.phrases:
        yield "phrase", " ".join(phrase), expressions.matching(Query(phrases=(phrase,)))
    for beginning in query.beginnings:
        yield "beginning", beginning, expressions.matching(Query(beginnings=(beginning,)))
    for word in query.title:
        yield "title", word.exact, expressions.matching(Query(title=(word,)))
    for words in query.excluded:
        yield "excluded", " ".join(word.exact for word in words), expressions.without(words)


def _read(conn: sqlite3.Connection, word: Form) -> WordRead:
    matches = expressions.word_matches(word)
    written = _count(conn, matches["exact"])
    stems = _count(conn, f"({matches['exact']}) OR ({matches['stem']})") if "stem" in matches else written
    anywhere = expressions.one(word), EVERYWHERE, [tokens(word)]
    skeletons = count(conn, *anywhere) if "skeleton" in matches else stems
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
        # another tool may have stored bytes that are no text
        "SELECT CAST(title || ' ' || coalesce(subtitle, '') || ' ' || coalesce(byline, '') || ' ' || body AS BLOB)"
        " FROM articles"
        " WHERE id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH :match ORDER BY rowid DESC LIMIT :read)",
        {"match": expressions.one(word), "read": _READ},
    )
    marker = Marker(Query(words=(word,)))
    texts = (text.decode("utf-8", "replace") for (text,) in rows)
    found = Counter(text[start:end] for text in texts for start, end, _, _ in marker.words(text))
    return tuple(form for form, _ in found.most_common(_MOST_PRINTED))


def _nearest(conn: sqlite3.Connection, word: str) -> str | None:
    if len(word) > _LONGEST:
        return None
    counts = {near: _count(conn, expressions.written(near), _MOST_COUNTED) for near in set(_edits(word))}
    frequent = {
        near: _count(conn, expressions.written(near)) for near, n in counts.items() if n == _MOST_COUNTED
    }
    best = max(sorted(frequent or counts), key=(frequent or counts).__getitem__, default=None)
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


def _count(conn: sqlite3.Connection, match: str, most: int = -1) -> int:
    (count,) = conn.execute(
        "SELECT count(*) FROM (SELECT 1 FROM articles_fts WHERE articles_fts MATCH ? LIMIT ?)",
        (match, most),
    ).fetchone()
    return int(count)
