"""One question → ranked hits. The ranking is SQLite's bm25 over the weighted columns of the index."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from newsarchive.search import expressions
from newsarchive.search.query import Filters, Query, parse
from newsarchive.search.snippets import Marker

if TYPE_CHECKING:
    import sqlite3

Sort = Literal["relevance", "newest", "oldest"]
# Weights of title_exact, title_stem, title_skeleton, body_exact, body_stem, body_skeleton. Equal forms keep
# the word as typed first: it matches in all three.
_WEIGHTS = (3.0, 3.0, 3.0, 1.0, 1.0, 1.0)


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
    ranked: Literal["all", "bounded"]
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

    No text raises; one without words finds nothing. Dates are YYYY, YYYY-MM or YYYY-MM-DD, both included.
    """
    query = parse(text)
    given = {"section": section, "writer": writer, "since": since, "until": until}
    query = replace(query, filters=replace(query.filters, **{k: v for k, v in given.items() if v}))
    if not query:
        return Hits(0, "all", (), query)
    sql, parameters = matching(query)
    (count,) = conn.execute(f"SELECT count(*) FROM ({sql})", parameters).fetchone()
    ids = _ranked_ids(conn, query, sort, size, (page - 1) * size)
    return Hits(count, "all", _hits(conn, ids, Marker(query)), query)


def matching(parsed: Query, filters: Filters | None = None) -> tuple[str, dict[str, object]]:
    """Return a query of the ids of all articles found, with its named parameters, for facets and exports."""
    condition, parameters = _conditions(filters or parsed.filters)
    sql = f"SELECT rowid AS id FROM articles_fts WHERE articles_fts MATCH :match{condition}"
    return sql, {"match": expressions.ranked(parsed) if parsed else expressions.NOTHING, **parameters}


def table_match(text: str) -> str:
    """Return an FTS5 expression for filtering a table: every word, as written or by its stem."""
    return expressions.strict(parse(text))


def snippet(text: str, query: str) -> str:
    """Return up to two fragments of `text` as safe HTML, the words of `query` marked."""
    return Marker(parse(query)).snippet(text)


def _conditions(filters: Filters) -> tuple[str, dict[str, object]]:
    parts = {
        "section": (filters.section, "section = :section"),
        "writer": (filters.writer, "writer = :writer"),
        "since": (filters.since, "published_on >= :since"),
        # The letter sorts after every digit and hyphen: a year or month includes its last day.
        "until": (filters.until and filters.until + "~", "published_on <= :until"),
    }
    chosen = {name: part for name, part in parts.items() if part[0]}
    if not chosen:
        return "", {}
    where = " AND ".join(condition for _, condition in chosen.values())
    return f" AND +rowid IN (SELECT id FROM articles WHERE {where})", {k: v for k, (v, _) in chosen.items()}


def _ranked_ids(conn: sqlite3.Connection, query: Query, sort: Sort, size: int, offset: int) -> list[int]:
    sql, parameters = matching(query)
    order = {
        "relevance": f"bm25(articles_fts, {', '.join(map(str, _WEIGHTS))})",
        "newest": "rowid DESC",
        "oldest": "rowid",
    }[sort]
    rows = conn.execute(
        f"{sql} ORDER BY {order} LIMIT :size OFFSET :offset", {**parameters, "size": size, "offset": offset}
    )
    return [row[0] for row in rows]


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
