"""Which articles have the frequent words, a bit for each: to find those with several takes a millisecond a word.

FTS5 takes some 20 ns for every article that has a word, so the articles with three words that each stand in a third
of a million take 40 ms. A span is a run of articles by row id; each word that many articles of the archive have gets a
bitmap of it, the first article's bit the most significant. A bitmap holds what `articles_fts` holds: who writes there
forgets the span (`newsarchive.storage.index`), and `complete` makes it again. Where there is none the index is asked:
a missing bitmap costs time and nothing else.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.storage import index
from newsarchive.storage.connection import transaction
from newsarchive.text.arabic import asked, is_function_pair, only_exact, tokens
from newsarchive.text.facets import as_word, of_word
from newsarchive.text.packing import packed

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator

ROWS = 16_384
"""The most articles of a span; it has at least half as many."""
_SAMPLE = 512
# FTS5 lists the articles with a rarer word in some milliseconds at a million.
_FREQUENT = 0.02
_EXACT = [at for at, column in enumerate(index.COLUMNS) if column.endswith("_exact")]
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_SET = ord("1")


class _Span(NamedTuple):
    """The articles of the index whose row ids are from that of the first to `last_id`: the place of each in order."""

    places: dict[int, int]
    last_id: int

    @classmethod
    def of(cls, ids: Iterable[int], last_id: int) -> _Span:
        """The span of these articles, the earlier first."""
        return cls({article_id: place for place, article_id in enumerate(ids)}, last_id)

    @property
    def first_id(self) -> int:
        """The first article's row id."""
        return next(iter(self.places))


def complete(
    conn: sqlite3.Connection,
    *,
    rows: int = ROWS,
    most: int | None = None,
    progress: Callable[[int], object] = lambda _: None,
) -> int:
    """Make bitmaps of at most `rows` articles wherever there are none; return of how many articles.

    The connection must not be inside a transaction; each span is one of its own, after which `progress` is called
    with its number of articles. No span is begun after `most` articles. Fewer articles than half a span wait until
    there are more. Costs a tenth of what their index does.
    """
    if index.lacks_facets(conn):
        return 0
    drop_forgotten(conn)
    done = 0
    words: frozenset[str] = frozenset()
    for first, last in _gaps(conn):
        beyond = first - 1
        while (most is None or done < most) and (span := _next_span(conn, beyond, last, rows)):
            words = words or _frequent(conn)
            with transaction(conn):
                _write(conn, span, words)
            beyond = span.last_id
            done += len(span.places)
            progress(len(span.places))
    return done


def drop_forgotten(conn: sqlite3.Connection) -> None:
    """Leave nothing of spans, words and articles that are no more. The connection must not be inside a transaction."""
    with transaction(conn):
        conn.execute("DELETE FROM index_bitmaps WHERE first_id NOT IN (SELECT first_id FROM index_spans)")
        known = [row[0] for row in conn.execute("SELECT DISTINCT word FROM index_bitmaps")]
        gone = [(word,) for word in known if not _stands(conn, word)]
        conn.executemany("DELETE FROM index_bitmaps WHERE word = ?", gone)
        # Before an article that stands: the end of a span is no sign of one that was taken down.
        conn.execute(
            "UPDATE index_spans SET last_id = coalesce("
            "(SELECT min(id) - 1 FROM articles_fts_docsize WHERE id > index_spans.last_id),"
            " (SELECT max(id) FROM articles_fts_docsize WHERE id <= index_spans.last_id))"
        )


def disagreeing(conn: sqlite3.Connection) -> Iterator[int]:
    """Yield the first row ids of spans that do not hold what the index does. Costs as much as to make them."""
    spans = conn.execute("SELECT first_id, last_id, articles, ids FROM index_spans").fetchall()
    for first_id, last_id, articles, ids in spans:
        found = conn.execute(
            "SELECT id FROM articles_fts_docsize WHERE id BETWEEN ? AND ? ORDER BY id", (first_id, last_id)
        )
        span = _Span.of([row[0] for row in found], last_id)
        held = conn.execute("SELECT word, bits FROM index_bitmaps WHERE first_id = ?", (first_id,)).fetchall()
        is_of_others = (articles, ids) != (len(span.places), packed(span.places))
        if is_of_others or any(_bitmap(conn, word, span) != bits for word, bits in held):
            yield first_id


def _stands(conn: sqlite3.Connection, word: str) -> bool:
    found = conn.execute("SELECT 1 FROM articles_fts WHERE articles_fts MATCH ? LIMIT 1", (_match(word),))
    return found.fetchone() is not None


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
        return _Span.of(ids, ids[-1] if last == _HIGHEST else last)
    size = rows if len(ids) == rows + half else len(ids) // 2
    return _Span.of(ids[:size], ids[size] - 1)


def _frequent(conn: sqlite3.Connection) -> frozenset[str]:
    """What many articles have, by a sample of all, and what has bitmaps already.

    Tokens of words, of two function words that follow one another, and facets.
    """
    (total,) = conn.execute("SELECT count(*) FROM articles_fts_docsize").fetchone()
    rows = conn.execute(
        f"SELECT id, {index.SOURCES} FROM articles WHERE id IN"
        " (SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM articles_fts_docsize)"
        " WHERE place % ? = 0)",
        (max(1, total // _SAMPLE),),
    ).fetchall()
    articles: Counter[str] = Counter()
    words: set[str] = set()
    for row in rows:
        *columns, facets = index.analysed_row(row)
        articles.update({token for column in columns for token in column.split()})
        articles.update(map(as_word, facets.split()))
        words.update(*(columns[at].split() for at in _EXACT))
    frequent = {token for token, count in articles.items() if count >= _FREQUENT * len(rows)}
    sought = [tokens(form) for word in words for form in asked(word) if not _is_latin(word)]
    besides_words = (token for token in frequent if of_word(token) or is_function_pair(token))
    known = (row[0] for row in conn.execute("SELECT DISTINCT word FROM index_bitmaps"))
    return frozenset(
        chain(
            known,
            besides_words,
            *(of_form for of_form in sought if not frequent.isdisjoint(map(_word_of, of_form))),
        )
    )


def _word_of(token: str) -> str:
    return only_exact(token) or token


def _is_latin(word: str) -> bool:
    """Whether a word is not looked for in all columns, because a facet may have the same letters."""
    return word.isascii() and not word.isdecimal()


def _write(conn: sqlite3.Connection, span: _Span, words: Iterable[str]) -> None:
    ids = packed(span.places)
    span_row = (span.first_id, span.last_id, len(span.places), ids)
    conn.execute("INSERT INTO index_spans VALUES (?, ?, ?, ?)", span_row)
    conn.executemany(
        "INSERT INTO index_bitmaps VALUES (?, ?, ?)",
        ((word, span.first_id, _bitmap(conn, word, span)) for word in words),
    )


def _bitmap(conn: sqlite3.Connection, word: str, span: _Span) -> bytes:
    (found,) = conn.execute(
        # A row for each id would cost four times what a list of them in one text does.
        "SELECT json_group_array(rowid) FROM articles_fts WHERE articles_fts MATCH ? AND rowid BETWEEN ? AND ?",
        (_match(word), span.first_id, span.last_id),
    ).fetchone()
    bits = bytearray(b"0" * len(span.places))
    for place in map(span.places.__getitem__, json.loads(found)):
        bits[place] = _SET
    return int(bits, 2).to_bytes((len(bits) + 7) // 8, "big")


def _match(word: str) -> str:
    """The FTS5 expression for the articles that have a word in any column, a function word as it stands, or a facet."""
    if facet := of_word(word):
        return f'facets : "{facet}"'
    if function_word := only_exact(word):
        return f'{{title_exact body_exact}} : "{function_word}"'
    return f'"{word}"'
