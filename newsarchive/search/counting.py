"""How many articles are found.

Frequent words are counted by their bitmaps (`newsarchive.storage.bitmaps`), where a span of articles has those of all
words that are asked for; everything else is counted by FTS5.
"""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

from newsarchive.search.filtering import EVERYWHERE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from newsarchive.search.filtering import Condition

# Each gap between spans costs FTS5 a tenth of a millisecond to begin.
_MOST_GAPS = 16
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


def count(
    conn: sqlite3.Connection,
    match: str,
    condition: Condition = EVERYWHERE,
    words: Sequence[tuple[str, ...]] = (),
) -> int:
    """Return how many articles match an FTS5 expression and the condition.

    words: the same as the expression, where it asks for words only: of each the tokens of which an article has one.
    """
    if not words or condition.listed or not _has_bitmaps(conn):
        return _by_index(conn, match, condition)
    found, gaps = _by_bitmaps(conn, [*words, *((facet,) for facet in condition.facets)], condition)
    if len(gaps) > _MOST_GAPS:
        return _by_index(conn, match, condition)
    return found + sum(_by_index(conn, match, condition.within(*gap)) for gap in gaps)


def _has_bitmaps(conn: sqlite3.Connection) -> bool:
    found = conn.execute("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'index_bitmaps')")
    return bool(found.fetchone()[0])


def _by_index(conn: sqlite3.Connection, match: str, condition: Condition) -> int:
    # Counting what a subquery gives would cost a third more.
    sql = f"SELECT count(*) FROM articles_fts WHERE articles_fts MATCH :match{condition.rows}"
    parameters = {"match": condition.narrowing(match), **condition.parameters}
    return int(conn.execute(sql, parameters).fetchone()[0])


def _by_bitmaps(
    conn: sqlite3.Connection, words: Sequence[tuple[str, ...]], condition: Condition
) -> tuple[int, list[tuple[int, int]]]:
    """Count in the spans that have the bitmaps; return that with the ranges of row ids that remain."""
    lowest, highest = condition.span or (_LOWEST, _HIGHEST)
    found, beyond, gaps = 0, lowest - 1, []
    for first, last, bitmaps in _spans(conn, {token for word in words for token in word}):
        if first < lowest or last > highest:
            continue
        if first > beyond + 1:
            gaps.append((beyond + 1, first - 1))
        found += reduce(and_, (reduce(or_, map(bitmaps.__getitem__, word)) for word in words)).bit_count()
        beyond = last
    if beyond < highest:
        gaps.append((beyond + 1, highest))
    return found, gaps


def _spans(conn: sqlite3.Connection, tokens: Iterable[str]) -> Iterator[tuple[int, int, dict[str, int]]]:
    """Yield the first and the last row id of each span that has bitmaps of all the tokens, with these bitmaps."""
    wanted = sorted(tokens)
    rows = conn.execute(
        "SELECT first_id, last_id, word, bits FROM index_spans JOIN index_bitmaps USING (first_id)"
        f" WHERE word IN ({', '.join('?' * len(wanted))})",
        wanted,
    )
    spans: dict[tuple[int, int], dict[str, int]] = {}
    for first, last, word, bits in rows:
        spans.setdefault((first, last), {})[word] = int.from_bytes(bits, "big")
    for (first, last), bitmaps in sorted(spans.items(), key=lambda span: span[0]):
        if len(bitmaps) == len(wanted):
            yield first, last, bitmaps
