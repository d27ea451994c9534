"""Which articles have the frequent words, a bit for each: to count them takes microseconds a word.

FTS5 takes some 20 ns for every article that has a word, so the articles with three words that each stand in a third
of a million take 40 ms to count. A span is a run of articles by row id; the words that many of its articles have get
a bitmap each, the first article's bit the most significant. A bitmap holds what `articles_fts` holds: who writes there
forgets the span (`newsarchive.storage.index`), and `complete` makes it again. Where there is none the index is asked:
a missing bitmap costs time and nothing else.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.storage import index
from newsarchive.storage.connection import transaction
from newsarchive.text.arabic import keys

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

ROWS = 4_096
"""The most articles of a span; it has at least half as many."""
_SAMPLE = 256
# Rarer words are counted in a millisecond or two without.
_FREQUENT = 0.1
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


class _Span(NamedTuple):
    """The articles of the index whose row ids are from that of the first to `last_id`."""

    ids: Sequence[int]
    last_id: int


def complete(
    conn: sqlite3.Connection, *, rows: int = ROWS, progress: Callable[[int], object] = lambda _: None
) -> int:
    """Make bitmaps of at most `rows` articles wherever there are none; return of how many articles.

    The connection must not be inside a transaction; each span is one of its own, after which `progress` is called
    with its number of articles. Fewer articles than half a span wait until there are more.
    """
    if index.lacks_facets(conn):
        return 0
    drop_forgotten(conn)
    done = 0
    words: frozenset[str] = frozenset()
    for first, last in _gaps(conn):
        beyond = first - 1
        while span := _next_span(conn, beyond, last, rows):
            words = words or _frequent(conn)
            with transaction(conn):
                _write(conn, span, words)
            beyond = span.last_id
            done += len(span.ids)
            progress(len(span.ids))
    return done


def drop_forgotten(conn: sqlite3.Connection) -> None:
    """Delete the bitmaps of spans that are no more. The connection must not be inside a transaction."""
    with transaction(conn):
        conn.execute("DELETE FROM index_bitmaps WHERE first_id NOT IN (SELECT first_id FROM index_spans)")


def _gaps(conn: sqlite3.Connection) -> list[tuple[int, int]]:
    """The ranges of row ids before, between and after the spans."""
    spans = conn.execute("SELECT first_id, last_id FROM index_spans ORDER BY first_id").fetchall()
    firsts = [_LOWEST + 1, *(last + 1 for _, last in spans)]
    lasts = [*(first - 1 for first, _ in spans), _HIGHEST]
    return [(first, last) for first, last in zip(firsts, lasts, strict=True) if first <= last]


def _next_span(conn: sqlite3.Connection, beyond: int, last: int, rows: int) -> _Span | None:
    """The next span of a gap, None where there are too few articles. It leaves no gap before the next span."""
    half = rows // 2
    found = conn.execute(
        "SELECT id FROM articles_fts_docsize WHERE id > ? AND id <= ? ORDER BY id LIMIT ?",
        (beyond, last, rows + half),
    )
    ids = [row[0] for row in found]
    if len(ids) < half:
        return None
    if len(ids) <= rows:
        # What is newer than all articles comes behind the span.
        return _Span(ids, ids[-1] if last == _HIGHEST else last)
    size = rows if len(ids) == rows + half else len(ids) // 2
    return _Span(ids[:size], ids[size] - 1)


def _frequent(conn: sqlite3.Connection) -> frozenset[str]:
    """Tokens that many articles have, by a sample of all, and those that have bitmaps already."""
    (total,) = conn.execute("SELECT count(*) FROM articles_fts_docsize").fetchone()
    every = max(1, total // _SAMPLE)
    rows = conn.execute(
        f"SELECT id, {index.SOURCES} FROM articles WHERE id IN"
        " (SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM articles_fts_docsize)"
        " WHERE place % ? = 0)",
        (every,),
    ).fetchall()
    articles: Counter[str] = Counter()
    for row in rows:
        *words, facets = index.analysed(*row)
        articles.update({word for column in words for word in column.split() if _is_of_words(word)})
        articles.update(facets.split())
    frequent = (
        token
        for token, count in articles.items()
        # A word in any form is looked for by its skeleton, seldom by another form.
        if count >= _FREQUENT * len(rows) and (not _is_of_words(token) or keys([token]) == [token])
    )
    known = conn.execute("SELECT DISTINCT word FROM index_bitmaps")
    return frozenset(frequent).union(row[0] for row in known)


def _write(conn: sqlite3.Connection, span: _Span, words: Iterable[str]) -> None:
    first_id = span.ids[0]
    places = {article_id: place for place, article_id in enumerate(span.ids)}
    conn.execute("INSERT INTO index_spans VALUES (?, ?)", (first_id, span.last_id))
    conn.executemany(
        "INSERT INTO index_bitmaps VALUES (?, ?, ?)",
        ((word, first_id, _bitmap(conn, word, span, places)) for word in words),
    )


def _is_of_words(token: str) -> bool:
    """Whether a token is looked for in all columns: of Latin letters are the facets and words like them."""
    return not token.isascii() or token.isdecimal()


def _bitmap(conn: sqlite3.Connection, token: str, span: _Span, places: dict[int, int]) -> bytes:
    match = f'"{token}"' if _is_of_words(token) else f'facets : "{token}"'
    (found,) = conn.execute(
        # A row for each id would cost four times what a list of them in one text does.
        "SELECT json_group_array(rowid) FROM articles_fts WHERE articles_fts MATCH ? AND rowid BETWEEN ? AND ?",
        (match, span.ids[0], span.last_id),
    ).fetchone()
    bits = bytearray(b"0" * len(places))
    for article_id in json.loads(found):
        bits[places[article_id]] = ord("1")
    return int(bits, 2).to_bytes((len(places) + 7) // 8, "big")
