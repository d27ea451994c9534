"""One question → ranked hits. The ranking is SQLite's bm25 over the weighted columns of the index."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from newsarchive.search import expressions, ranking
from newsarchive.search.query import Filters, Query, parse
from newsarchive.search.ranking import Condition
from newsarchive.search.snippets import Marker
from newsarchive.text.arabic import exact

if TYPE_CHECKING:
    import sqlite3

Sort = Literal["relevance", "newest", "oldest"]


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found. `title_html` and `snippet` are safe HTML, matching words in `<mark>`."""

    id: int
    key: str
    url: str | None
    title: str
    title_html: str
    section: str | None
    writer: str | None
    published_on: str | None
    status: str
    snippet: str


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of the answer. `count` is all articles found; `ranked` says whether all of them were ranked."""

    count: int
    ranked: ranking.Ranked
    hits: tuple[Hit, ...]
    parsed: Query


def ask(  # noqa: PLR0913 - each is a filter of the page that asks
    conn: sqlite3.Connection,
    text: str,
    *,
    sort: Sort = "relevance",
    section: str | None = None,
    writer: str | None = None,
    since: str | None = None,
    until: str | None = None,
    size: int = 20,
    page: int = 1,
) -> Hits:
    """Return the `page`-th `size` articles that `text` finds; arguments narrow like the filters in the text.

    No text raises; one without words finds nothing. Where no article has a phrase beside which words stand,
    its words are looked for instead: `parsed` says what was asked in the end. Dates are YYYY, YYYY-MM or
    YYYY-MM-DD, both included.
    """
    named = {"section": section, "writer": writer, "since": since, "until": until}
    given = {name: value for name, value in named.items() if value}
    query = _narrowed(conn, parse(text), given)
    count = _count(conn, query, sort)
    if not count and query.phrases and query.words:
        query = _narrowed(conn, parse(text, phrases=False), given)
        count = _count(conn, query, sort)
    if not count:
        return Hits(0, "all", (), query)
    ids, ranked = _page(conn, query, sort, count, page * size)
    return Hits(count, ranked, _hits(conn, ids[(page - 1) * size :], Marker(query)), query)


def resolve(conn: sqlite3.Connection, query: Query) -> Query:
    """Return the query with the section and writer that it means in the spelling of the archive.

    A name that no article has as typed stands for the one that is equal when folded, or for the only one that
    has all its words.
    """
    filters = query.filters
    section = filters.section and _stored(conn, "section", filters.section)
    writer = filters.writer and _stored(conn, "writer", filters.writer)
    return replace(query, filters=replace(filters, section=section, writer=writer))


def _stored(conn: sqlite3.Connection, column: str, name: str) -> str:
    if conn.execute(f"SELECT 1 FROM articles WHERE {column} = ? LIMIT 1", (name,)).fetchone():
        return name
    # Steps from name to name through the index; DISTINCT would read all of it.
    rows = conn.execute(
        f"WITH RECURSIVE names (name) AS (SELECT min({column}) FROM articles UNION ALL"
        f" SELECT (SELECT min({column}) FROM articles WHERE {column} > name) FROM names WHERE name IS NOT NULL)"
        " SELECT name FROM names WHERE name IS NOT NULL"
    )
    names = [row[0] for row in rows]
    equal = [known for known in names if exact(known) == exact(name)]
    having = [known for known in names if set(exact(name).split()) <= set(exact(known).split())]
    if equal:
        return str(equal[0])
    return str(having[0]) if len(having) == 1 else name


def _narrowed(conn: sqlite3.Connection, query: Query, given: dict[str, str]) -> Query:
    return resolve(conn, replace(query, filters=replace(query.filters, **given)))


def _count(conn: sqlite3.Connection, query: Query, sort: Sort) -> int:
    if not query:
        return 0
    sql, parameters = matching(query, sort=sort)
    return int(conn.execute(f"SELECT count(*) FROM ({sql})", parameters).fetchone()[0])


def matching(
    parsed: Query, filters: Filters | None = None, *, sort: Sort = "relevance"
) -> tuple[str, dict[str, object]]:
    """Return a query of the ids of all articles found, with its named parameters, for facets and exports.

    By relevance these are the articles with any of the words, by date those with every one.
    """
    condition = _condition(filters or parsed.filters)
    match = expressions.matching(parsed) if sort == "relevance" else expressions.every(parsed)
    sql = f"SELECT rowid AS id FROM articles_fts WHERE articles_fts MATCH :match{condition.sql}"
    return sql, {"match": match, **condition.parameters}


def table_match(text: str) -> str:
    """Return an FTS5 expression for filtering a table: every word, as written or by its stem."""
    return expressions.strict(parse(text))


def snippet(text: str, query: str) -> str:
    """Return up to two fragments of `text` as safe HTML, the words of `query` marked."""
    return Marker(parse(query)).snippet(text)


def _condition(filters: Filters) -> Condition:
    parts = {
        "section": (filters.section, "section = :section"),
        "writer": (filters.writer, "writer = :writer"),
        "since": (filters.since, "published_on >= :since"),
        # The letter sorts after every digit and hyphen: a year or month includes its last day.
        "until": (filters.until and filters.until + "~", "published_on <= :until"),
    }
    chosen = {name: part for name, part in parts.items() if part[0]}
    if not chosen:
        return Condition("", {})
    where = " AND ".join(condition for _, condition in chosen.values())
    # The sign keeps SQLite from looking up the words once for every article of the filter.
    return Condition(
        f" AND +rowid IN (SELECT id FROM articles WHERE {where})",
        {name: value for name, (value, _) in chosen.items()},
    )


def _page(
    conn: sqlite3.Connection, query: Query, sort: Sort, count: int, limit: int
) -> tuple[list[int], ranking.Ranked]:
    condition = _condition(query.filters)
    if sort == "relevance":
        return ranking.by_relevance(conn, query, condition, count=count, limit=limit)
    return ranking.by_date(conn, query, condition, newest=sort == "newest", limit=limit), "all"


def _hits(conn: sqlite3.Connection, ids: list[int], marker: Marker) -> tuple[Hit, ...]:
    rows = conn.execute(
        "SELECT id, key, url, title, section, writer, published_on, status, subtitle, byline, body"
        f" FROM articles WHERE id IN ({', '.join('?' * len(ids))})",
        ids,
    )
    by_id = {row[0]: row for row in rows}
    return tuple(_hit(by_id[number], marker) for number in ids if number in by_id)


def _hit(row: tuple[Any, ...], marker: Marker) -> Hit:
    number, key, url, title, section, writer, published_on, status, subtitle, byline, body = row
    texts = (str(text) for text in (body, subtitle, byline, title) if text)
    return Hit(
        number,
        key,
        url,
        title,
        marker.marked(title),
        section,
        writer,
        published_on,
        status,
        marker.snippet(*texts),
    )
