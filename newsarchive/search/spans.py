"""Articles found by the bitmaps of frequent words (`newsarchive.storage.bitmaps`), and by FTS5 where there are none.

A span of articles is usable for a question when it has the bitmaps of all words that are looked for in them. What lies
between usable spans is a gap, and FTS5 is asked there. All of it has to be read in `one_state` of the archive.
"""

from __future__ import annotations

import json
import sys
from array import array
from bisect import bisect_left, bisect_right
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from itertools import chain, islice
from operator import and_, itemgetter, or_
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.search import expressions
from newsarchive.search.filtering import EVERYWHERE
from newsarchive.text.arabic import tokens
from newsarchive.text.facets import as_word

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from newsarchive.search.filtering import Condition
    from newsarchive.search.query import Query
    from newsarchive.text.arabic import Form

# Each gap costs FTS5 a tenth of a millisecond to begin.
_MOST_GAPS = 16
# So many ids for each frequent word are held against its bitmap in the time that FTS5 takes for the word. All of them
# are one text, which the site's connections allow a megabyte.
_LISTED_A_WORD, _MOST_LISTED = 5_000, 30_000
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1

Words = list[tuple[str, ...]]
"""Of each word the tokens of which an article has one."""


class _Span(NamedTuple):
    """A usable span: the row ids it covers, and of each word the bitmaps of which an article's bit is set in one."""

    first_id: int
    last_id: int
    words: tuple[tuple[bytes, ...], ...]

    def having(self) -> int:
        """Return a bit for each article, set where it has all the words."""
        return _having(self.words)

    def with_all(self, places: list[int], size: int) -> list[int]:
        """Return which of the places among `size` are of articles that have all the words."""
        before = -size % 8
        for word in self.words:
            bits = word[0] if len(word) == 1 else _any(word).to_bytes((size + 7) // 8, "big")
            places = [p for p in places if bits[(p + before) >> 3] & (0x80 >> ((p + before) & 7))]
        return places


@dataclass(frozen=True, slots=True)
class Found:
    """All articles found in one state of the archive.

    `parts` are in the order of row ids: how many each has, and their ids or their span.
    """

    conn: sqlite3.Connection
    parts: tuple[tuple[int, list[int] | _Span], ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(size for size, _ in self.parts)

    def page(self, wanted: slice, *, oldest_first: bool) -> list[int]:
        """Return the ids of a page by date."""
        ids: list[int] = []
        beyond = 0
        for size, part in self.parts if oldest_first else reversed(self.parts):
            if beyond + size > wanted.start and beyond < wanted.stop:
                of_part = slice(max(0, wanted.start - beyond), wanted.stop - beyond)
                if isinstance(part, list):
                    ids += (part if oldest_first else part[::-1])[of_part]
                else:
                    ids += _ids_having(self.conn, part, of_part, oldest_first=oldest_first)
            beyond += size
        return ids


def count(
    conn: sqlite3.Connection,
    match: str,
    condition: Condition = EVERYWHERE,
    words: Sequence[tuple[str, ...]] = (),
) -> int:
    """Return how many articles match an FTS5 expression and the condition.

    words: what the expression asks for, where it asks for words only, in the form of `Words`.
    """
    if words and not condition.listed and _has_bitmaps(conn):
        spans = _usable(conn, [*words, *((as_word(facet),) for facet in condition.facets)], condition)
        gaps = _gaps(conn, spans, condition)
        if len(gaps) <= _MOST_GAPS:
            found = sum(span.having().bit_count() for span in spans)
            return found + sum(_counted(conn, match, condition.within(*gap)) for gap in gaps)
    return _counted(conn, match, condition)


def with_every_word(conn: sqlite3.Connection, query: Query, condition: Condition) -> Found | None:
    """Return the articles with every word of a question of words only; None where bitmaps do not help."""
    if condition.listed or not expressions.every_word(query) or not _has_bitmaps(conn):
        return None
    sought = {token for word in query.content for token in tokens(word)}
    known = _known(conn, sought.union(map(as_word, condition.facets)))
    frequent = [word for word in query.content if known.issuperset(tokens(word))]
    rare = [word for word in query.content if word not in frequent]
    facets = [facet for facet in condition.facets if as_word(facet) in known]
    others = condition._replace(facets=tuple(facet for facet in condition.facets if facet not in facets))
    if not frequent:
        return None
    words = [*map(tokens, frequent), *((as_word(facet),) for facet in facets)]
    most = min(_LISTED_A_WORD * len(words), _MOST_LISTED)
    is_listed = bool(rare or others.facets)
    listed = _listed(conn, expressions.every_of(rare), others, most) if is_listed else None
    if is_listed and listed is None:
        return None
    spans = _usable(conn, words, condition, listed)
    between = _listed_between(conn, expressions.every_of(query.content), condition, spans, listed)
    if between is None:
        return None
    if listed is None:
        parts = [*between, *((span.first_id, span.having().bit_count(), span) for span in spans)]
    else:
        having = ((span.first_id, _among(conn, span, listed)) for span in spans)
        parts = [*between, *((first, len(ids), ids) for first, ids in having)]
    return Found(conn, tuple((size, part) for _, size, part in sorted(parts, key=itemgetter(0)) if size))


def oldest_of_newest(conn: sqlite3.Connection, words: Iterable[Form], most: int) -> dict[Form, int]:
    """Return of each word the oldest of the newest `most` articles that have it, where bitmaps tell."""
    sought = {word: tokens(word) for word in words}
    if not _has_bitmaps(conn) or not (known := _known(conn, chain.from_iterable(sought.values()))):
        return {}
    newest = _newest_spans(conn)
    places = {
        word: place
        for word, of_word in sought.items()
        if known.issuperset(of_word) and (place := _place_of_newest(conn, newest, of_word, most))
    }
    ids = {first: _ids(conn, first) for first in {first for first, _ in places.values()}}
    return {word: ids[first][-bits] for word, (first, bits) in places.items()}


def _newest_spans(conn: sqlite3.Connection) -> list[int]:
    """The first row ids of spans behind which no article is in none, the newest first."""
    any_article = "SELECT EXISTS (SELECT 1 FROM articles_fts_docsize WHERE id > ? AND id <= ?)"
    newest: list[int] = []
    beyond = _HIGHEST
    for first, last in conn.execute(
        "SELECT first_id, last_id FROM index_spans ORDER BY first_id DESC"
    ).fetchall():
        if last < beyond and conn.execute(any_article, (last, beyond)).fetchone()[0]:
            break
        newest.append(first)
        beyond = first - 1
    return newest


def _place_of_newest(
    conn: sqlite3.Connection, newest: Iterable[int], word: tuple[str, ...], most: int
) -> tuple[int, int] | None:
    """The span of the oldest of the newest `most` articles with a word, and its place counted from the end."""
    marks = ", ".join("?" * len(word))
    for first in newest:
        rows = conn.execute(
            f"SELECT bits FROM index_bitmaps WHERE first_id = ? AND word IN ({marks})", (first, *word)
        )
        bitmaps = [row[0] for row in rows]
        if len(bitmaps) < len(word):
            return None
        having = _having([bitmaps])
        count = having.bit_count()
        if count >= most:
            return first, _bits_with(having, most)
        most -= count
    return None


def _bits_with(bits: int, most: int) -> int:
    """How many of the least significant bits hold so many that are set."""
    few, many = most, bits.bit_length()
    while few < many:
        half = (few + many) // 2
        if (bits & ((1 << half) - 1)).bit_count() < most:
            few = half + 1
        else:
            many = half
    return few


@contextmanager
def one_state(conn: sqlite3.Connection) -> Iterator[None]:
    """Everything within is read in one state of the archive."""
    conn.execute("SAVEPOINT one_state")
    try:
        yield
    finally:
        conn.execute("RELEASE one_state")


def _has_bitmaps(conn: sqlite3.Connection) -> bool:
    found = conn.execute("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'index_bitmaps')")
    return bool(found.fetchone()[0])


def _known(conn: sqlite3.Connection, wanted: Iterable[str]) -> set[str]:
    """Which of the tokens have bitmaps anywhere."""
    rows = conn.execute(
        "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM index_bitmaps WHERE word = value)",
        (json.dumps(sorted(wanted)),),
    )
    return {row[0] for row in rows}


def _usable(
    conn: sqlite3.Connection, words: Words, condition: Condition, listed: list[int] | None = None
) -> list[_Span]:
    """The spans within the condition's range that have bitmaps of all words, in their order.

    listed: row ids in their order, where only spans with one of them are wanted.
    """
    lowest, highest = condition.span or (_LOWEST, _HIGHEST)
    wanted = {token for word in words for token in word}
    rows = conn.execute("SELECT first_id, last_id FROM index_spans ORDER BY first_id").fetchall()
    spans = {
        first: last
        for first, last in rows
        if lowest <= first and last <= highest and (listed is None or _within(first, last, listed))
    }
    bitmaps = {
        token: dict(
            conn.execute(
                "SELECT first_id, bits FROM index_bitmaps WHERE word = ? AND first_id BETWEEN ? AND ?",
                (token, min(spans), max(spans)),
            ).fetchall()
        )
        for token in wanted
        if spans
    }
    return [
        _Span(first, last, tuple(tuple(bitmaps[token][first] for token in word) for word in words))
        for first, last in spans.items()
        if all(first in of_token for of_token in bitmaps.values())
    ]


def _having(words: Iterable[Iterable[bytes]]) -> int:
    """The bits of the articles that have one token of each word."""
    return reduce(and_, map(_any, words))


def _any(word: Iterable[bytes]) -> int:
    return reduce(or_, (int.from_bytes(bits, "big") for bits in word))


def _gaps(conn: sqlite3.Connection, spans: Iterable[_Span], condition: Condition) -> list[tuple[int, int]]:
    """The ranges of row ids within the condition's that are in no usable span and have articles."""
    lowest, highest = condition.span or (_LOWEST, _HIGHEST)
    beyond, gaps = lowest - 1, []
    for span in spans:
        if span.first_id > beyond + 1:
            gaps.append((beyond + 1, span.first_id - 1))
        beyond = span.last_id
    if beyond < highest:
        gaps.append((beyond + 1, highest))
    any_article = "SELECT EXISTS (SELECT 1 FROM articles_fts_docsize WHERE id BETWEEN ? AND ?)"
    return [gap for gap in gaps if conn.execute(any_article, gap).fetchone()[0]]


def _listed_between(
    conn: sqlite3.Connection,
    match: str,
    condition: Condition,
    spans: Iterable[_Span],
    listed: list[int] | None,
) -> list[tuple[int, int, list[int] | _Span]] | None:
    """The first row id of each gap, how many FTS5 finds there, and their ids; None where they are too many.

    listed: where only some of these can be found, in their order.
    """
    gaps = _gaps(conn, spans, condition)
    if listed is not None:
        gaps = [(ids[0], ids[-1]) for gap in gaps if (ids := _within(*gap, listed))]
    if len(gaps) > _MOST_GAPS:
        return None
    found: list[tuple[int, int, list[int] | _Span]] = []
    for gap in gaps:
        in_gap = _listed(conn, match, condition.within(*gap), _MOST_LISTED)
        if in_gap is None:
            return None
        found.append((gap[0], len(in_gap), in_gap))
    return found


def _counted(conn: sqlite3.Connection, match: str, condition: Condition) -> int:
    # Counting what a subquery gives would cost a third more.
    sql = f"SELECT count(*) FROM articles_fts WHERE articles_fts MATCH :match{condition.rows}"
    parameters = {"match": condition.narrowing(match), **condition.parameters}
    return int(conn.execute(sql, parameters).fetchone()[0])


def _listed(conn: sqlite3.Connection, match: str, condition: Condition, most: int) -> list[int] | None:
    """The ids of what FTS5 finds, the oldest first; None where they are too many."""
    found = f"SELECT rowid FROM articles_fts WHERE articles_fts MATCH :match{condition.rows}"
    # A row for each id would cost four times what a list of them in one text does.
    sql = f"SELECT json_group_array(rowid) FROM ({found} ORDER BY rowid LIMIT {most + 1:d})"
    parameters = {"match": condition.narrowing(match), **condition.parameters}
    ids: list[int] = json.loads(conn.execute(sql, parameters).fetchone()[0])
    return ids if len(ids) <= most else None


def _among(conn: sqlite3.Connection, span: _Span, listed: list[int]) -> list[int]:
    """Which of the ids are of articles of the span that have the words."""
    ids = _within(span.first_id, span.last_id, listed)
    if not ids:
        return []
    of_span = _ids(conn, span.first_id)
    places = span.with_all([bisect_left(of_span, number) for number in ids], len(of_span))
    return [of_span[place] for place in places]


def _ids_having(conn: sqlite3.Connection, span: _Span, wanted: slice, *, oldest_first: bool) -> list[int]:
    """The ids of some of the articles of the span that have the words, by date."""
    of_span = _ids(conn, span.first_id)
    places = _places(span.having(), len(of_span), oldest_first=oldest_first)
    return [of_span[place] for place in islice(places, wanted.start, wanted.stop)]


def _places(bits: int, size: int, *, oldest_first: bool = True) -> Iterator[int]:
    """Where the bits are set: the first of so many is the most significant."""
    flags = _flags(bits, size)
    find, step = (
        (flags.find, 1) if oldest_first else (lambda sought, end: flags.rfind(sought, 0, end + 1), -1)
    )
    place = find("1", 0 if oldest_first else size)
    while place >= 0:
        yield place
        place = find("1", place + step)


def _within(first_id: int, last_id: int, listed: list[int]) -> list[int]:
    return listed[bisect_left(listed, first_id) : bisect_right(listed, last_id)]


def _flags(bits: int, size: int) -> str:
    """A 0 or 1 for each article."""
    return f"{bits:0{size}b}"


def _ids(conn: sqlite3.Connection, first_id: int) -> Sequence[int]:
    """The row ids of a span's articles, in their order."""
    (packed,) = conn.execute("SELECT ids FROM index_spans WHERE first_id = ?", (first_id,)).fetchone()
    if sys.byteorder == "little":
        return memoryview(packed).cast("q")
    numbers = array("q", packed)
    numbers.byteswap()
    return numbers
