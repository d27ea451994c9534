"""A selection of articles: for each of their ids, which ascend, a byte that is 1 or 0."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

from newsarchive.search import bits, expressions, filtering, ranking, spans
from newsarchive.search.query import NO_FILTERS

if TYPE_CHECKING:
    import sqlite3
    from array import array

    from newsarchive.search.asking import Sort
    from newsarchive.search.query import Query

# articles that are looked at in one step, so that the set of the chosen among them stays small
_STEP = 1 << 12
# looking each one up beats walking over all where they are fewer than one in twelve
_SPARSE = 12
_OTHERS = bytes.maketrans(b"\0\1", b"\1\0")
_OF_BITS = bytes.maketrans(b"01", b"\0\1")


def found(conn: sqlite3.Connection, query: Query, sort: Sort, ids: array[int]) -> bytes:
    """Return which of the articles a settled query finds.

    By relevance these are the articles with any of the words, by date those with every one. The filters narrow
    as far as the index knows them; what is found has to be narrowed by them once more.
    """
    with spans.one_state(conn):
        condition = filtering.of_archive(conn, query.filters)
        if condition.listed:
            # SQLite would list what the filters let through anew for each statement
            query, condition = replace(query, filters=NO_FILTERS), filtering.EVERYWHERE
        having = _by_bitmaps(conn, replace(query, excluded=()), sort, condition, ids)
        if having is None:
            return chosen(ids, spans.all_ids(conn, _match(conn, query, sort), condition))
        if not query.excluded or 1 not in having:
            return having
        shut_out = expressions.excluded(query, is_whole=filtering.is_whole(conn))
        match = f"({_match(conn, replace(query, excluded=()), sort)}) AND ({shut_out})"
        return without(having, chosen(ids, spans.all_ids(conn, match, condition)))


def matching(conn: sqlite3.Connection, match: str, ids: array[int]) -> bytes:
    """Return which of the articles an FTS5 expression finds."""
    with spans.one_state(conn):
        return chosen(ids, spans.all_ids(conn, match, filtering.EVERYWHERE))


def found_ids(conn: sqlite3.Connection, query: Query, sort: Sort) -> list[int]:
    """Return the ids of all articles that a settled query finds, in their order."""
    with spans.one_state(conn):
        return spans.all_ids(conn, _match(conn, query, sort), filtering.of_archive(conn, query.filters))


def shut_out(conn: sqlite3.Connection, query: Query, ids: array[int]) -> bytes:
    """Return which of the articles the exclusions of a question shut out."""
    return matching(conn, expressions.excluded(query), ids)


def both(one: bytes, other: bytes) -> bytes:
    """What is 1 in two selections of the same articles. A number as long as they are is the fastest way."""
    return (int.from_bytes(one, "little") & int.from_bytes(other, "little")).to_bytes(len(one), "little")


def without(one: bytes, other: bytes) -> bytes:
    """What is 1 in a selection and not in another of the same articles."""
    return both(one, opposite(other))


def opposite(selection: bytes) -> bytes:
    """1 for what is 0 in a selection."""
    return selection.translate(_OTHERS)


def chosen(ids: array[int], listed: list[int]) -> bytes:
    """For each of the ids 1 where it is among those listed, which ascend too."""
    steps = (ids[start : start + _STEP] for start in range(0, len(ids), _STEP))
    return b"".join(_chosen(step, bits.within(step[0], step[-1], listed)) for step in steps)


def _chosen(ids: array[int], listed: list[int]) -> bytes:
    if len(listed) * _SPARSE > len(ids):
        return bytes(map(set(listed).__contains__, ids))
    marks, low = bytearray(len(ids)), 0
    for number in listed:
        low = bisect_left(ids, number, low)
        marks[low] = ids[low] == number
    return bytes(marks)


def _match(conn: sqlite3.Connection, query: Query, sort: Sort) -> str:
    return expressions.matching(query) if sort == "relevance" else ranking.every(conn, query)


def _by_bitmaps(
    conn: sqlite3.Connection, query: Query, sort: Sort, condition: filtering.Condition, ids: array[int]
) -> bytes | None:
    words = expressions.any_word(query) if sort == "relevance" else expressions.every_word(query)
    having = spans.with_words(conn, words, condition, however_many=True)
    if having is None:
        return None
    marks = bytearray(len(ids))
    for _, part in having.parts:
        first, last = (part[0], part[-1]) if isinstance(part, list) else (part.first_id, part.last_id)
        start, end = bisect_left(ids, first), bisect_right(ids, last)
        marks[start:end] = _of_part(conn, part, ids[start:end])
    return bytes(marks)


def _of_part(conn: sqlite3.Connection, part: list[int] | bits.Span, ids: array[int]) -> bytes:
    if isinstance(part, list):
        return chosen(ids, part)
    row_ids = bits.row_ids(conn, part.first_id)
    if row_ids.are(ids):
        return f"{part.having():0{len(ids)}b}".encode().translate(_OF_BITS)
    return chosen(ids, bits.row_ids_having(conn, part, slice(0, len(row_ids.lows)), oldest_first=True))
