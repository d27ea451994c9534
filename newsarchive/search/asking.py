"""One question → ranked hits. The ranking is SQLite's bm25 over the weighted columns of the index."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from newsarchive.search import expressions, ranking
from newsarchive.search.query import NO_FILTERS, Filters, Query, parse
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

    No text raises; one without words finds nothing. `parsed` is what was asked in the end (see `settled`).
    Dates are YYYY, YYYY-MM or YYYY-MM-DD, both included.
    """
    given = Filters(section, writer, since, until)
    return answer(conn, settled(conn, text, given, sort=sort), sort=sort, size=size, page=page)


def settled(
    conn: sqlite3.Connection, text: str, given: Filters = NO_FILTERS, *, sort: Sort = "relevance"
) -> Query:
    """Return what `text` asks of this archive; `given` filters go before those in the text.

    Section and writer stand in the spelling of the archive. Where no article has a phrase beside which words
    stand, its words are looked for instead.
    """
    query = _narrowed(conn, parse(text), given)
    if query.phrases and query.words and not _count(conn, query, sort, most=1):
        return _narrowed(conn, parse(text, phrases=False), given)
    return query


def answer(
    conn: sqlite3.Connection, query: Query, *, sort: Sort = "relevance", size: int = 20, page: int = 1
) -> Hits:
    """Return the `page`-th `size` articles of a settled query."""
    count = _count(conn, query, sort)
    if not count:
        return Hits(0, "all", (), query)
    ids, ranked = _page(conn, query, sort, count, page * size)
    return Hits(count, ranked, _hits(conn, ids[(page - 1) * size :], Marker(query)), query)


def _narrowed(conn: sqlite3.Connection, query: Query, given: Filters) -> Query:
    """Put the filters into the query, section and writer in the spelling of the archive.

    A name that no article has as typed stands for the one that is equal when folded, or for the only one that
    has all its words.
    """
    filters = query.filters.narrowed(given)
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


def _count(conn: sqlite3.Connection, query: Query, sort: Sort, most: int = -1) -> int:
    if not query:
        return 0
    sql, parameters = matching(query, sort=sort)
    return int(conn.execute(f"SELECT count(*) FROM ({sql} LIMIT {most:d})", parameters).fetchone()[0])


def matching(query: Query, *, sort: Sort = "relevance") -> tuple[str, dict[str, object]]:
    """Return a query of the ids of all articles found, with its named parameters, for facets and exports.

    By relevance these are the articles with any of the words, by date those with every one.
    """
    condition = _condition(query.filters)
    match = expressions.matching(query) if sort == "relevance" else expressions.every(query)
    sql = f"SELECT rowid AS id FROM articles_fts WHERE articles_fts MATCH :match{condition.sql}"
    return sql, {"match": match, **condition.parameters}


def listing(filters: Filters) -> tuple[str, dict[str, object]]:
    """Return a query of the ids of all articles that the filters let through, whatever their words."""
    return f"SELECT id FROM articles{_where(filters)}", _filter_parameters(filters)


def table_match(text: str) -> str:
    """Return an FTS5 expression for filtering a table: every word, as written or by its stem."""
    return expressions.strict(parse(text))


def snippet(text: str, query: str) -> str:
    """Return up to two fragments of `text` as safe HTML, the words of `query` marked."""
    return Marker(parse(query)).snippet(text)


def _condition(filters: Filters) -> Condition:
    where = _where(filters)
    # The sign keeps SQLite from looking up the words once for every article of the filter.
    sql = f" AND +rowid IN (SELECT id FROM articles{where})" if where else ""
    return Condition(sql, _filter_parameters(filters))


def _where(filters: Filters) -> str:
    conditions = {
        "section": "section = :section",
        "writer": "writer = :writer",
        "since": "published_on >= :since",
        "until": "published_on <= :until",
    }
    chosen = " AND ".join(conditions[name] for name in _filter_parameters(filters))
    return f" WHERE {chosen}" if chosen else ""


def _filter_parameters(filters: Filters) -> dict[str, object]:
    given = {
        "section": filters.section,
        "writer": filters.writer,
        "since": filters.since,
        # The letter sorts after every digit and hyphen: a year or month includes its last day.
        "until": filters.until and filters.until + "~",
    }
    return {name: value for name, value in given.items() if value}


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
