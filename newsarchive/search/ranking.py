"""In which order the articles found are shown.

By relevance: SQLite's bm25 over the weighted columns, each word voting by four forms of itself; then the best
are ordered again by how much of the letters of the question they share (`newsarchive.search.resemblance`).

bm25 costs a microsecond for every row that matches, so what it reads is bounded. Where more than `BOUND`
articles match one word or a phrase, the newest `BOUND` are ranked. Where more than `RAREST` match one of several
words, those with the rarest are, as many words as match `RAREST` articles together; where these are too few for
the page, the newest `RAREST` with the next rarest word follow them, and so on. Articles with every word come
first, the newest `_WITH_EVERY` of them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, NamedTuple

from newsarchive.search import bits, expressions, filtering, rarity, spans
from newsarchive.search.resemblance import resemblances

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from newsarchive.search.filtering import Condition
    from newsarchive.search.query import Query
    from newsarchive.text.arabic import Form

BOUND = 20_000
RAREST = 5_000
_WITH_EVERY = 500
# Of one word that more articles have, equal votes count once: the page is full of the form as typed in any case, and
# each vote costs another reading of all of them.
_FREQUENT = 3_000
# Of fewer words one AND is as fast, and articles with all of them are many.
_MANY_WORDS = 4
# Each statement looks for all words anew. Articles with all of many words, or with a phrase, are usually few: so many
# are listed at once, rather than counted and then listed.
_FEW_WITH_EVERY = 15_000
# Of what many articles have, a page is among so many; to list all would cost more than to count them.
_NEAR = 5_000
# How many of the best are ordered again.
_RECONSIDERED = 50
# body_exact, body_stem, body_skeleton, title_exact, title_stem, title_skeleton, facets. The forms of a word weigh
# the same: the word as written matches by all of them and stays before its relatives.
_WEIGHTS = (1.0, 1.0, 1.0, 3.0, 3.0, 3.0, 0.0)
_RELEVANCE = f"bm25(articles_fts, {', '.join(map(str, _WEIGHTS))})"

Ranked = Literal["all", "bounded"]


@dataclass(frozen=True, slots=True)
class _Scope:
    """What bm25 reads: an expression, the oldest row, and the rows that come first whatever their score."""

    match: str
    oldest: int | None = None
    first: tuple[int, ...] = ()


class _Candidate(NamedTuple):
    """turn: 0 for an article with every word, else the scope that found it; the earlier comes first."""

    article_id: int
    turn: int
    score: float


def by_date(
    conn: sqlite3.Connection,
    query: Query,
    condition: Condition,
    *,
    oldest_first: bool,
    page: slice,
    found: int | None,
) -> tuple[int, list[int]]:
    """Return how many articles have every word (`found`, where that is known) and the ids of a page of them."""
    if having := spans.with_every_word(conn, query, condition):
        return having.count, having.page(page, oldest_first=oldest_first)
    match = every(conn, query)
    direction = "ASC" if oldest_first else "DESC"
    if found is None and (query.phrases or len(query.content) >= _MANY_WORDS):
        # FTS5 skips what it need not look at when it goes forward
        first = spans.first_ids(conn, match, condition, _FEW_WITH_EVERY + 1)
        if len(first) <= _FEW_WITH_EVERY:
            return len(first), (first if oldest_first else first[::-1])[page]
        more, ids = _counted_and_listed(
            conn, match, condition.within(first.pop(), bits.HIGHEST), oldest_first=False
        )
        found = len(first) + more
        ids = first if oldest_first else ids
        if len(ids) >= page.stop:
            return found, ids[page]
    elif found is None and query.beginnings:
        found, ids = _counted_and_listed(conn, match, condition, oldest_first=oldest_first)
        if len(ids) >= min(page.stop, found):
            return found, ids[page]
    elif found is None:
        found = spans.count_without(conn, query, condition)
    size = page.stop - page.start
    ids = _ids(conn, match, condition, f"ORDER BY rowid {direction} LIMIT {size:d} OFFSET {page.start:d}")
    if found is None:
        is_end = len(ids) < size and (ids or not page.start)
        found = page.start + len(ids) if is_end else spans.count(conn, match, condition)
    return found, ids


def by_relevance(
    conn: sqlite3.Connection, query: Query, condition: Condition, *, found: int, limit: int
) -> tuple[list[int], Ranked]:
    """Return the best `limit` of the articles that were found, and whether all of them were ranked."""
    if not found:
        return [], "all"
    wanted = max(limit, _RECONSIDERED)
    is_bounded = found > (RAREST if _of_words(query) else BOUND)
    candidates: dict[int, _Candidate] = {}
    once = len(query.content) == 1 and found > _FREQUENT
    whole = _Scope(expressions.ranked(query, once=once))
    for turn, scope in enumerate(_scopes(conn, query, condition) if is_bounded else [whole], 1):
        for candidate in _scored(conn, scope, condition, wanted, turn):
            candidates.setdefault(candidate.article_id, candidate)
        if len(candidates) >= wanted:
            break
    in_order = list(candidates.values())
    if len(query.words) > 1:
        in_order[:_RECONSIDERED] = _reconsidered(conn, query, in_order[:_RECONSIDERED])
    ids = [candidate.article_id for candidate in in_order]
    return ids[:limit], "bounded" if is_bounded else "all"


def _of_words(query: Query) -> bool:
    """Say whether several words are asked for and nothing else is required."""
    return len(query.content) > 1 and not (query.phrases or query.beginnings or query.title)


def _scopes(conn: sqlite3.Connection, query: Query, condition: Condition) -> Iterator[_Scope]:
    """Yield what is ranked one after the other, until there are enough articles."""
    if not _of_words(query):
        match = expressions.matching(query)
        yield _Scope(expressions.ranked(query, once=True), _oldest(conn, match, condition, BOUND))
        return
    newest = f"ORDER BY rowid DESC LIMIT {_WITH_EVERY:d}"
    by_rarity = rarity.rarest_first(conn, query.content, RAREST)
    having = spans.with_every_word(conn, query, condition)
    with_every = (
        having.page(slice(0, _WITH_EVERY), oldest_first=False)
        if having
        else _ids(conn, _every(conn, query, by_rarity), condition, newest)
    )
    rows = accumulate(of_word.articles for _, of_word in by_rarity)
    rarest = [word for (word, _), together in zip(by_rarity, rows, strict=True) if together <= RAREST]
    voting = rarity.telling(conn, by_rarity)
    if rarest:
        yield _Scope(expressions.ranked_among(query, rarest, voting), None, tuple(with_every))
    for word, _ in by_rarity[len(rarest) :]:
        oldest = _oldest(conn, expressions.having(query, word), condition, RAREST)
        yield _Scope(
            expressions.ranked_among(query, [word], voting), oldest, () if rarest else tuple(with_every)
        )


def every(conn: sqlite3.Connection, query: Query) -> str:
    """Return the cheapest expression for the articles that have every word."""
    is_many = len(query.content) >= _MANY_WORDS
    by_rarity = rarity.rarest_first(conn, query.content, rarity.ORDERED) if is_many else []
    return _every(conn, query, by_rarity)


def _every(conn: sqlite3.Connection, query: Query, by_rarity: list[tuple[Form, rarity.Rarity]]) -> str:
    in_order = [word for word, _ in by_rarity]
    in_order = in_order if len(in_order) >= _MANY_WORDS else []
    return expressions.every(query, in_order, is_whole=bool(query.phrases) and filtering.is_whole(conn))


def _oldest(conn: sqlite3.Connection, match: str, condition: Condition, rows: int) -> int | None:
    """Return the oldest of the newest `rows`; None when there are fewer."""
    ids = _ids(conn, match, condition, f"ORDER BY rowid DESC LIMIT 1 OFFSET {rows - 1:d}")
    return ids[0] if ids else None


def _ids(conn: sqlite3.Connection, match: str, condition: Condition, rest: str) -> list[int]:
    rows = conn.execute(
        f"SELECT rowid FROM articles_fts WHERE articles_fts MATCH :match{condition.rows} {rest}",
        _parameters(match, condition),
    )
    return [row[0] for row in rows]


def _counted_and_listed(
    conn: sqlite3.Connection, match: str, condition: Condition, *, oldest_first: bool
) -> tuple[int, list[int]]:
    """Return how many match, and the first ids by date: those among the first `_NEAR` articles of the range.

    With the beginning of a word, finding what begins so is most of the work, and each statement does it anew.
    """
    first, last = condition.span or (-(2**63), 2**63 - 1)
    direction, near = ("ASC", "<=") if oldest_first else ("DESC", ">=")
    bound = conn.execute(
        f"SELECT id FROM articles_fts_docsize WHERE id BETWEEN ? AND ? ORDER BY id {direction} LIMIT 1 OFFSET ?",
        (first, last, _NEAR),
    ).fetchone()
    sql = (
        f"SELECT count(*), json_group_array(rowid) FILTER (WHERE rowid {near} :bound) FROM articles_fts"
        f" WHERE articles_fts MATCH :match{condition.rows}"
    )
    beyond = bound[0] if bound else (last if oldest_first else first)
    found, text = conn.execute(sql, {**_parameters(match, condition), "bound": beyond}).fetchone()
    ids = sorted(json.loads(text), reverse=not oldest_first)
    return found, ids


def _parameters(match: str, condition: Condition) -> dict[str, object]:
    return {"match": condition.narrowing(match), **condition.parameters}


def _scored(
    conn: sqlite3.Connection, scope: _Scope, condition: Condition, limit: int, turn: int
) -> list[_Candidate]:
    first = "rowid IN (SELECT value FROM json_each(:among))" if scope.first else "FALSE"
    order = "turn, score DESC" if scope.first else "score DESC"
    within = ""
    if scope.oldest is not None:
        # FTS5 skips what lies before one bound; of two joined by OR it would look at every row
        within = f" AND rowid >= :lowest AND (rowid >= :oldest OR {first})"
    sql = (
        f"SELECT rowid, iif({first}, 0, :turn) AS turn, -{_RELEVANCE} AS score FROM articles_fts"
        f" WHERE articles_fts MATCH :match{within}{condition.rows} ORDER BY {order} LIMIT :limit"
    )
    parameters = {
        **_parameters(scope.match, condition),
        "oldest": scope.oldest,
        "lowest": min((scope.oldest or 0, *scope.first)),
        "among": json.dumps(scope.first),
        "limit": limit,
        "turn": turn,
    }
    return [_Candidate(*row) for row in conn.execute(sql, parameters)]


def _reconsidered(conn: sqlite3.Connection, query: Query, candidates: list[_Candidate]) -> list[_Candidate]:
    ids = [candidate.article_id for candidate in candidates]
    rows = conn.execute(
        # another tool may have stored bytes that are no text
        "SELECT id, CAST(title || ' ' || coalesce(subtitle, '') || ' ' || body AS BLOB) FROM articles"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(ids),),
    )
    texts = {number: text.decode("utf-8", "replace") for number, text in rows}
    more = resemblances(query.words, [texts.get(number, "") for number in ids])
    again = [c._replace(score=c.score + added) for c, added in zip(candidates, more, strict=True)]
    return sorted(again, key=lambda candidate: (candidate.turn, -candidate.score))
