"""Articles found by the bitmaps of frequent words (`newsarchive.search.bits`), and by FTS5 where there are none.

All of it has to be read in `one_state` of the archive.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING

from newsarchive.search import bits, expressions
from newsarchive.search.filtering import EVERYWHERE, is_whole
from newsarchive.text.facets import as_word

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from newsarchive.search.filtering import Condition
    from newsarchive.search.query import Query

# Each gap costs FTS5 a tenth of a millisecond to begin.
_MOST_GAPS = 16
# So many ids for each frequent word are held against its bitmap in the time that FTS5 takes for the word. All of them
# are one text, which the site's connections allow a megabyte.
_LISTED_A_WORD, _MOST_LISTED = 5_000, 45_000
# As much of such a text is used where all are listed, in as many texts as they need.
_TEXT_BYTES = 900_000


@dataclass(frozen=True, slots=True)
class Found:
    """All articles found in one state of the archive.

    `parts` are in the order of row ids: how many each has, and their ids or their span.
    """

    conn: sqlite3.Connection
    parts: tuple[tuple[int, list[int] | bits.Span], ...]

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
                    ids += bits.row_ids_having(self.conn, part, of_part, oldest_first=oldest_first)
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
    if not words or condition.listed or not bits.has_bitmaps(conn):
        return _counted(conn, match, condition)
    if condition.barred:
        having = with_words(conn, words, condition)
        return _counted(conn, match, condition) if having is None else having.count
    known = bits.with_bitmaps(conn, chain.from_iterable(words))
    rare = [token for word in words for token in word if token not in known]
    frequent = [tuple(token for token in word if token in known) for word in words]
    listed: list[int] | None = []
    if rare:
        # articles with rare words add to those with others only where one word is enough
        is_enough = len(words) == 1 and frequent[0]
        listed = listed_ids(conn, expressions.any_of(rare), condition, _MOST_LISTED) if is_enough else None
    if listed is None:
        return _counted(conn, match, condition)
    spans = bits.usable_spans(
        conn, [*frequent, *((as_word(facet),) for facet in condition.facets)], condition
    )
    gaps = bits.gaps_between(conn, spans, condition)
    if len(gaps) > _MOST_GAPS:
        return _counted(conn, match, condition)
    found = sum(span.having().bit_count() + _besides(conn, span, listed) for span in spans)
    return found + sum(_counted(conn, match, condition.within(*gap)) for gap in gaps)


def _besides(conn: sqlite3.Connection, span: bits.Span, listed: list[int]) -> int:
    """How many of the ids are of articles of the span that do not have the words."""
    return len(bits.within(span.first_id, span.last_id, listed)) - len(bits.among(conn, span, listed))


def count_of_all(conn: sqlite3.Connection) -> int:
    """Return how many articles the index has."""
    rows = (
        conn.execute("SELECT first_id, last_id, articles FROM index_spans ORDER BY first_id").fetchall()
        if bits.has_bitmaps(conn)
        else []
    )
    gaps = bits.gaps_between(conn, [bits.Span(first, last, ()) for first, last, _ in rows], EVERYWHERE)
    between = "SELECT count(*) FROM articles_fts_docsize WHERE id BETWEEN ? AND ?"
    sizes = [size for _, _, size in rows] + [conn.execute(between, gap).fetchone()[0] for gap in gaps]
    return sum(sizes)


def with_every_word(conn: sqlite3.Connection, query: Query, condition: Condition) -> Found | None:
    """Return the articles with every word of a question of words only; None where bitmaps do not help."""
    return with_words(conn, expressions.every_word(query), condition)


def with_words(
    conn: sqlite3.Connection,
    words: Sequence[tuple[str, ...]],
    condition: Condition,
    *,
    however_many: bool = False,
) -> Found | None:
    """Return the articles that have of every word one of its tokens; None where bitmaps do not help.

    They do not where words without bitmaps have many articles, unless these are wanted `however_many` they are.
    """
    if condition.listed or not words or not bits.has_bitmaps(conn):
        return None
    barred = [(as_word(facet),) for facet in condition.barred]
    wanted = {*chain.from_iterable((*words, *barred)), *map(as_word, condition.facets)}
    known = bits.with_bitmaps(conn, wanted)
    facets = [facet for facet in condition.facets if as_word(facet) in known]
    others = condition._replace(facets=tuple(facet for facet in condition.facets if facet not in facets))
    a_word, together = (None, None) if however_many else (_LISTED_A_WORD, _MOST_LISTED)
    besides = _listed_besides(conn, words, known, condition, a_word)
    frequent = [word for word in words if word in besides or known.issuperset(word)]
    rare = [word for word in words if word not in frequent]
    if not frequent or not known.issuperset(chain.from_iterable(barred)):
        return None
    sought = [tuple(token for token in word if token in known) for word in frequent]
    sought += ((as_word(facet),) for facet in facets)
    most = together and min(_LISTED_A_WORD * len(sought), together)
    is_listed = bool(rare or others.facets)
    listed = listed_ids(conn, expressions.every_of(rare), others, most) if is_listed else None
    if is_listed and listed is None:
        return None
    more = [besides.get(word, []) for word in frequent]
    usable = bits.usable_spans(conn, [*sought, *barred], condition, listed)
    spans = [bits.barring(conn, bits.with_more(conn, span, more), len(barred)) for span in usable]
    between = _listed_between(conn, expressions.every_of(words), condition, spans, listed, together)
    if between is None:
        return None
    if listed is None:
        parts = [*between, *((span.first_id, span.having().bit_count(), span) for span in spans)]
    else:
        having = ((span.first_id, bits.among(conn, span, listed)) for span in spans)
        parts = [*between, *((first, len(ids), ids) for first, ids in having)]
    return Found(conn, tuple((size, part) for _, size, part in sorted(parts, key=itemgetter(0)) if size))


def _listed_besides(
    conn: sqlite3.Connection,
    words: Iterable[tuple[str, ...]],
    known: set[str],
    condition: Condition,
    most: int | None,
) -> dict[tuple[str, ...], list[int]]:
    """The ids of the articles that have what has no bitmaps of a word that has some, where these are few."""
    listed = {}
    for word in words:
        rare = [token for token in word if token not in known]
        if rare and len(rare) < len(word):
            ids = listed_ids(conn, expressions.any_of(rare), condition._replace(facets=()), most)
            if ids is not None:
                listed[word] = ids
    return listed


def count_without(conn: sqlite3.Connection, query: Query, condition: Condition) -> int | None:
    """Return how many articles have every word of a question of words and exclusions, and nothing that is excluded.

    None where bitmaps do not help.
    """
    words = replace(query, excluded=())
    having = with_every_word(conn, words, condition) if query.excluded else None
    if having is None:
        return None
    excluded = expressions.excluded(query, is_whole=is_whole(conn))
    shut_out = f"({expressions.every(words)}) AND ({excluded})"
    return having.count - _counted(conn, shut_out, condition)


@contextmanager
def one_state(conn: sqlite3.Connection) -> Iterator[None]:
    """Everything within is read in one state of the archive."""
    conn.execute("SAVEPOINT one_state")
    try:
        yield
    finally:
        conn.execute("RELEASE one_state")


def _listed_between(
    conn: sqlite3.Connection,
    match: str,
    condition: Condition,
    spans: Iterable[bits.Span],
    listed: list[int] | None,
    most: int | None,
) -> list[tuple[int, int, list[int] | bits.Span]] | None:
    """The first row id of each gap, how many FTS5 finds there, and their ids; None where they are too many.

    listed: where only some of these can be found, in their order.
    """
    gaps = bits.gaps_between(conn, spans, condition)
    if listed is not None:
        gaps = [(ids[0], ids[-1]) for gap in gaps if (ids := bits.within(*gap, listed))]
    # to list all that FTS5 finds costs far more than to begin in each gap
    if most is not None and len(gaps) > _MOST_GAPS:
        return None
    found: list[tuple[int, int, list[int] | bits.Span]] = []
    for gap in gaps:
        in_gap = listed_ids(conn, match, condition.within(*gap), most)
        if in_gap is None:
            return None
        found.append((gap[0], len(in_gap), in_gap))
    return found


def _counted(conn: sqlite3.Connection, match: str, condition: Condition) -> int:
    # Counting what a subquery gives would cost a third more.
    sql = f"SELECT count(*) FROM articles_fts WHERE articles_fts MATCH :match{condition.rows}"
    parameters = {"match": condition.narrowing(match), **condition.parameters}
    return int(conn.execute(sql, parameters).fetchone()[0])


def listed_ids(
    conn: sqlite3.Connection, match: str, condition: Condition, most: int | None
) -> list[int] | None:
    """Return the ids of what FTS5 finds, the oldest first; None where they are more than `most`.

    So many must fit into one text of SQLite's; without it all are listed.
    """
    if most is None:
        return all_ids(conn, match, condition)
    ids = first_ids(conn, match, condition, most + 1)
    return ids if len(ids) <= most else None


def all_ids(conn: sqlite3.Connection, match: str, condition: Condition) -> list[int]:
    """Return the ids of what FTS5 finds, however many, the oldest first."""
    first, last = (f"(SELECT {end}(id) FROM articles_fts_docsize)" for end in ("min", "max"))
    extremes = conn.execute(f"SELECT {first}, {last}").fetchone()
    most = _TEXT_BYTES // (1 + max(map(len, map(str, extremes))))
    ids: list[int] = []
    while len(more := first_ids(conn, match, condition, most + 1)) > most:
        condition = condition.within(more.pop(), bits.HIGHEST)
        ids += more
    return ids + more


def first_ids(conn: sqlite3.Connection, match: str, condition: Condition, most: int) -> list[int]:
    """Return the ids of the oldest `most` articles that FTS5 finds, in their order."""
    found = f"SELECT rowid FROM articles_fts WHERE articles_fts MATCH :match{condition.rows}"
    # A row for each id would cost four times what a list of them in one text does.
    sql = f"SELECT json_group_array(rowid) FROM ({found} ORDER BY rowid LIMIT {most:d})"
    parameters = {"match": condition.narrowing(match), **condition.parameters}
    ids: list[int] = json.loads(conn.execute(sql, parameters).fetchone()[0])
    return ids
