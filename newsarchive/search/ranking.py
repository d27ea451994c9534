"""In which order the articles found are shown.

By relevance: SQLite's bm25 over the weighted columns, each word voting by four forms of itself; then the best
are ordered again by how much of the letters of the question they share (`newsarchive.search.resemblance`).

bm25 costs a microsecond for every row that matches, so what it reads is bounded. Where more than `BOUND`
articles match one word or a phrase, the newest `BOUND` are ranked. Where more than `RAREST` match one of several
words, those with the rarest are, as many words as match `RAREST` articles together, or the newest `RAREST`
with the rarest one; articles with every word come first, the newest `_WITH_EVERY` of them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from newsarchive.search import expressions
from newsarchive.search.resemblance import resemblances

if TYPE_CHECKING:
    import sqlite3

    from newsarchive.search.query import Query
    from newsarchive.text.arabic import Form

BOUND = 20_000
RAREST = 10_000
_WITH_EVERY = 500
# How many of the best are ordered again.
_RECONSIDERED = 50
# body_exact, body_stem, body_skeleton, title_exact, title_stem, title_skeleton. The forms of a word weigh the
# same: the word as written matches by all of them and stays before its relatives.
_WEIGHTS = (1.0, 1.0, 1.0, 3.0, 3.0, 3.0)
_RELEVANCE = f"bm25(articles_fts, {', '.join(map(str, _WEIGHTS))})"

Ranked = Literal["all", "bounded"]


class Condition(NamedTuple):
    """What narrows the rows of `articles_fts` besides the words: SQL that begins with AND, its parameters."""

    sql: str
    parameters: dict[str, object]


@dataclass(frozen=True, slots=True)
class _Scope:
    """What bm25 reads: an expression, the oldest row, and the rows that come first whatever their score."""

    match: str
    oldest: int | None = None
    first: tuple[int, ...] = ()


class _Candidate(NamedTuple):
    article_id: int
    first: bool
    score: float


def by_date(
    conn: sqlite3.Connection, query: Query, condition: Condition, *, newest: bool, limit: int
) -> list[int]:
    """Return the first `limit` articles that have every word, by date: row ids are chronological."""
    order = "DESC" if newest else "ASC"
    return _ids(conn, expressions.every(query), condition, f"ORDER BY rowid {order} LIMIT {limit:d}")


def by_relevance(
    conn: sqlite3.Connection, query: Query, condition: Condition, *, count: int, limit: int
) -> tuple[list[int], Ranked]:
    """Return the best `limit` of the `count` articles found, and whether all of them were ranked."""
    bound = RAREST if _of_words(query) else BOUND
    scope = _Scope(expressions.ranked(query)) if count <= bound else _bounded(conn, query, condition)
    candidates = _scored(conn, scope, condition, max(limit, _RECONSIDERED))
    best = _reconsidered(conn, query, candidates[:_RECONSIDERED])
    ids = [candidate.article_id for candidate in [*best, *candidates[_RECONSIDERED:]]]
    return ids[:limit], "all" if count <= bound else "bounded"


def _of_words(query: Query) -> bool:
    """Say whether several words are asked for and nothing else is required."""
    return len(query.content) > 1 and not (query.phrases or query.beginnings or query.title)


def _bounded(conn: sqlite3.Connection, query: Query, condition: Condition) -> _Scope:
    if not _of_words(query):
        match = expressions.matching(query)
        return _Scope(expressions.ranked(query), _oldest(conn, match, condition, BOUND))
    newest = f"ORDER BY rowid DESC LIMIT {_WITH_EVERY:d}"
    with_every = tuple(_ids(conn, expressions.every(query), condition, newest))
    if rarest := _rarest(conn, query.content, condition):
        return _Scope(expressions.ranked_among(query, rarest), None, with_every)
    oldest = {word: _oldest(conn, expressions.one(word), condition, RAREST) or 0 for word in query.content}
    # The earlier its newest rows begin, the rarer a word.
    word = min(query.content, key=oldest.__getitem__)
    return _Scope(expressions.ranked_among(query, [word]), oldest[word], with_every)


def _rarest(conn: sqlite3.Connection, words: tuple[Form, ...], condition: Condition) -> list[Form]:
    """Return the rarest of the words that together match no more rows than are ranked."""
    counts = {word: _count(conn, expressions.one(word), condition, RAREST + 1) for word in words}
    chosen, rows = [], 0
    for word in sorted(words, key=counts.__getitem__):
        rows += counts[word]
        if rows > RAREST:
            break
        chosen.append(word)
    return chosen


def _count(conn: sqlite3.Connection, match: str, condition: Condition, most: int) -> int:
    (count,) = conn.execute(
        "SELECT count(*) FROM (SELECT 1 FROM articles_fts"
        f" WHERE articles_fts MATCH :match {condition.sql} LIMIT {most:d})",
        {"match": match, **condition.parameters},
    ).fetchone()
    return int(count)


def _oldest(conn: sqlite3.Connection, match: str, condition: Condition, rows: int) -> int | None:
    """Return the oldest of the newest `rows`; None when there are fewer."""
    ids = _ids(conn, match, condition, f"ORDER BY rowid DESC LIMIT 1 OFFSET {rows - 1:d}")
    return ids[0] if ids else None


def _ids(conn: sqlite3.Connection, match: str, condition: Condition, rest: str) -> list[int]:
    rows = conn.execute(
        f"SELECT rowid FROM articles_fts WHERE articles_fts MATCH :match {condition.sql} {rest}",
        {"match": match, **condition.parameters},
    )
    return [row[0] for row in rows]


def _scored(conn: sqlite3.Connection, scope: _Scope, condition: Condition, limit: int) -> list[_Candidate]:
    first = "rowid IN (SELECT value FROM json_each(:first))" if scope.first else "FALSE"
    within = f" AND (rowid >= :oldest OR {first})" if scope.oldest is not None else ""
    sql = (
        f"SELECT rowid, {first} AS first, -{_RELEVANCE} AS score FROM articles_fts"
        f" WHERE articles_fts MATCH :match{within}{condition.sql} ORDER BY first DESC, score DESC LIMIT :limit"
    )
    parameters = {
        "oldest": scope.oldest,
        "first": json.dumps(scope.first),
        "limit": limit,
        **condition.parameters,
    }
    return [_Candidate(*row) for row in conn.execute(sql, {"match": scope.match, **parameters})]


def _reconsidered(conn: sqlite3.Connection, query: Query, candidates: list[_Candidate]) -> list[_Candidate]:
    ids = [candidate.article_id for candidate in candidates]
    rows = conn.execute(
        "SELECT id, title || ' ' || coalesce(subtitle, '') || ' ' || body FROM articles"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(ids),),
    )
    texts = dict(rows.fetchall())
    more = resemblances(query.words, [texts.get(number, "") for number in ids])
    again = [c._replace(score=c.score + added) for c, added in zip(candidates, more, strict=True)]
    return sorted(again, key=lambda candidate: (candidate.first, candidate.score), reverse=True)
