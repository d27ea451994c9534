"""Which articles of a span have words, by its bitmaps (`newsarchive.storage.bitmaps`).

A span of articles is usable for a question when it has the bitmaps of all words that are looked for in them. What lies
between usable spans is a gap, where the index has to be asked.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from functools import reduce
from itertools import islice
from operator import and_, or_
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.text.packing import RowIds

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from newsarchive.search.filtering import Condition

LOWEST, HIGHEST = -(2**63), 2**63 - 1

Words = list[tuple[str, ...]]
"""Of each word the tokens of which an article has one."""


class Span(NamedTuple):
    """A usable span: the row ids it covers, and of each word the bitmaps of which an article's bit is set in one."""

    first_id: int
    last_id: int
    words: tuple[tuple[bytes, ...], ...]

    def having(self) -> int:
        """Return a bit for each article, set where it has all the words."""
        return having_all(self.words)


def has_bitmaps(conn: sqlite3.Connection) -> bool:
    """Say whether the archive has the tables of bitmaps."""
    found = conn.execute("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'index_bitmaps')")
    return bool(found.fetchone()[0])


def with_bitmaps(conn: sqlite3.Connection, wanted: Iterable[str]) -> set[str]:
    """Return which of the tokens have bitmaps anywhere."""
    rows = conn.execute(
        "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM index_bitmaps WHERE word = value)",
        (json.dumps(sorted(wanted)),),
    )
    return {row[0] for row in rows}


def usable_spans(
    conn: sqlite3.Connection, words: Words, condition: Condition, listed: list[int] | None = None
) -> list[Span]:
    """Return the spans within the condition's range that have bitmaps of all words, in their order.

    listed: row ids in their order, where only spans with one of them are wanted.
    """
    lowest, highest = condition.span or (LOWEST, HIGHEST)
    wanted = {token for word in words for token in word}
    rows = conn.execute("SELECT first_id, last_id FROM index_spans ORDER BY first_id").fetchall()
    spans = {
        first: last
        for first, last in rows
        if lowest <= first and last <= highest and (listed is None or within(first, last, listed))
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
        Span(first, last, tuple(tuple(bitmaps[token][first] for token in word) for word in words))
        for first, last in spans.items()
        if all(first in of_token for of_token in bitmaps.values())
    ]


def gaps_between(
    conn: sqlite3.Connection, spans: Iterable[Span], condition: Condition
) -> list[tuple[int, int]]:
    """Return the ranges of row ids within the condition's that are in no usable span and have articles."""
    lowest, highest = condition.span or (LOWEST, HIGHEST)
    beyond, gaps = lowest - 1, []
    for span in spans:
        if span.first_id > beyond + 1:
            gaps.append((beyond + 1, span.first_id - 1))
        beyond = span.last_id
    if beyond < highest:
        gaps.append((beyond + 1, highest))
    any_article = "SELECT EXISTS (SELECT 1 FROM articles_fts_docsize WHERE id BETWEEN ? AND ?)"
    return [gap for gap in gaps if conn.execute(any_article, gap).fetchone()[0]]


def among(conn: sqlite3.Connection, span: Span, listed: list[int]) -> list[int]:
    """Return which of the ids are of articles of the span that have the words."""
    ids = within(span.first_id, span.last_id, listed)
    if not ids:
        return []
    of_span = row_ids(conn, span.first_id)
    size = len(of_span.lows)
    having = span.having()
    if having.bit_count() < len(ids):
        wanted = set(ids)
        return [number for number in of_span.at(_places(having, size)) if number in wanted]
    bits, before = having.to_bytes((size + 7) // 8, "big"), -size % 8
    places = zip(ids, of_span.places(ids), strict=True)
    return [n for n, place in places if bits[(place + before) >> 3] & (0x80 >> ((place + before) & 7))]


def with_more(conn: sqlite3.Connection, span: Span, listed: list[list[int]]) -> Span:
    """Return the span with an article's bit set as well where it is listed for a word; words without a list come last.

    listed: row ids in their order for each of the first words.
    """
    of_span = [within(span.first_id, span.last_id, ids) for ids in listed]
    if not any(of_span):
        return span
    rows = row_ids(conn, span.first_id)
    words = list(span.words)
    for at, ids in enumerate(of_span):
        if ids:
            words[at] = (*words[at], _bitmap(rows.places(ids), len(rows.lows)))
    return span._replace(words=tuple(words))


def barring(conn: sqlite3.Connection, span: Span, number: int) -> Span:
    """Return the span with the last `number` of its words being what an article must not have."""
    if not number:
        return span
    (size,) = conn.execute("SELECT articles FROM index_spans WHERE first_id = ?", (span.first_id,)).fetchone()
    every = (1 << size) - 1
    lacking = (every ^ _any(word) for word in span.words[-number:])
    barred = ((bits.to_bytes((size + 7) // 8, "big"),) for bits in lacking)
    return span._replace(words=(*span.words[:-number], *barred))


def _bitmap(places: Iterable[int], size: int) -> bytes:
    """A bit for each of so many articles, set at the places."""
    bits = bytearray((size + 7) // 8)
    before = -size % 8
    for place in places:
        bits[(place + before) >> 3] |= 0x80 >> ((place + before) & 7)
    return bytes(bits)


def row_ids_having(conn: sqlite3.Connection, span: Span, wanted: slice, *, oldest_first: bool) -> list[int]:
    """Return the ids of some of the articles of the span that have the words, by date."""
    of_span = row_ids(conn, span.first_id)
    places = _places(span.having(), len(of_span.lows), oldest_first=oldest_first)
    return of_span.at(islice(places, wanted.start, wanted.stop))


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


def within(first_id: int, last_id: int, listed: list[int]) -> list[int]:
    """Return which of the ids, in their order, are in a range."""
    return listed[bisect_left(listed, first_id) : bisect_right(listed, last_id)]


def _flags(bits: int, size: int) -> str:
    """A 0 or 1 for each article."""
    return f"{bits:0{size}b}"


def row_ids(conn: sqlite3.Connection, first_id: int) -> RowIds:
    """Return the row ids of a span's articles, in their order."""
    (packed,) = conn.execute("SELECT ids FROM index_spans WHERE first_id = ?", (first_id,)).fetchone()
    return RowIds.unpacked(packed)


def bitmaps_of(conn: sqlite3.Connection, first_id: int, wanted: Iterable[str]) -> dict[str, bytes]:
    """Return the bitmaps that a span has of the tokens."""
    rows = conn.execute(
        "SELECT word, bits FROM json_each(?) JOIN index_bitmaps ON word = value AND first_id = ?",
        (json.dumps(sorted(wanted)), first_id),
    )
    return dict(rows.fetchall())


def having_all(words: Iterable[Iterable[bytes]]) -> int:
    """Return the bits of the articles that have one token of each word."""
    return reduce(and_, map(_any, words))


def _any(word: Iterable[bytes]) -> int:
    return reduce(or_, (int.from_bytes(bits, "big") for bits in word))
