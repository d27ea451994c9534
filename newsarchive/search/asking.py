"""One question → ranked hits. The ranking is SQLite's bm25 over the weighted columns of the index."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from newsarchive.search import expressions, filtering, ranking, rarity, spans
from newsarchive.search.query import NO_FILTERS, Filters, Query, parse
from newsarchive.search.snippets import Marker
from newsarchive.text.arabic import exact

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

Sort = Literal["relevance", "newest", "oldest"]
# Each word more costs as much again where all are frequent; the rarest ten tell any text from all others.
MOST_SOUGHT = 10
# More characters of what is typed above a table are not read.
_LONGEST_TABLE_QUERY = 2_000
_SHUT_OUT = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH :excluded"


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
    revision_count: int
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
    return answer(conn, settled(conn, text, given), sort=sort, size=size, page=page)


def settled(conn: sqlite3.Connection, text: str, given: Filters = NO_FILTERS) -> Query:
    """Return what `text` asks of this archive; `given` filters go before those in the text.

    Section and writer stand in the spelling of the archive. Of more than `MOST_SOUGHT` content words the rarest
    are looked for. Where no article has a phrase beside which words stand, its words are looked for instead, and
    `Query.loosened` names it.
    """
    query = _narrowed(conn, parse(text), given)
    if query.phrases and query.words and not _has_phrases(conn, query):
        loosened = tuple(" ".join(phrase) for phrase in query.phrases)
        query = replace(_narrowed(conn, parse(text, phrases=False), given), loosened=loosened)
    return _shortened(conn, query)


def answer(
    conn: sqlite3.Connection,
    query: Query,
    *,
    sort: Sort = "relevance",
    size: int = 20,
    page: int = 1,
    count: int | None = None,
) -> Hits:
    """Return the `page`-th `size` articles of a settled query; `count` is how many it finds, where that is known."""
    if not query:
        return Hits(0, "all", (), query)
    before = (page - 1) * size
    with spans.one_state(conn):
        condition = filtering.of_archive(conn, query.filters)
        ranked: ranking.Ranked = "all"
        if sort == "relevance":
            if count is None:
                count = _count(conn, query, condition)
            best, ranked = ranking.by_relevance(conn, query, condition, found=count, limit=before + size)
            ids = best[before:]
        else:
            count, ids = ranking.by_date(
                conn,
                query,
                condition,
                oldest_first=sort == "oldest",
                page=slice(before, before + size),
                found=count,
            )
        return Hits(count, ranked, _hits(conn, ids, Marker(query)), query)


def best(conn: sqlite3.Connection, query: Query) -> list[int]:
    """Return the ids of all articles that a settled query ranks, the best first."""
    with spans.one_state(conn):
        condition = filtering.of_archive(conn, query.filters)
        count = _count(conn, query, condition)
        return ranking.by_relevance(conn, query, condition, found=count, limit=count)[0]


def _count(conn: sqlite3.Connection, query: Query, condition: filtering.Condition) -> int:
    return spans.count(conn, expressions.matching(query), condition, expressions.any_word(query))


def _has_phrases(conn: sqlite3.Connection, query: Query) -> bool:
    sql, parameters = matching(replace(query, words=(), aliases=()), sort="newest")
    return conn.execute(f"{sql} LIMIT 1", parameters).fetchone() is not None


def _shortened(conn: sqlite3.Connection, query: Query) -> Query:
    if len(query.content) <= MOST_SOUGHT:
        return query
    with spans.one_state(conn):
        by_rarity = rarity.rarest_first(conn, query.content, rarity.COMPARED)
    sought = {word for word, _ in by_rarity[:MOST_SOUGHT]}
    left_out = tuple(word for word in query.content if word not in sought)
    return replace(
        query,
        words=tuple(word for word in query.words if word not in left_out),
        left_out=(*(word.exact for word in left_out), *query.left_out),
    )


def _narrowed(conn: sqlite3.Connection, query: Query, given: Filters) -> Query:
    """Put the filters into the query, section and writer in the spelling of the archive.

    A name that no article has as typed stands for the one that is equal when folded, or for the only one that
    has all its words.
    """
    filters = query.filters.narrowed(given)
    section = filters.section and _stored(conn, "section", filters.section)
    writer = filters.writer and _stored(conn, "writer", filters.writer)
    barred = dict.fromkeys((column, _stored(conn, column, name)) for column, name in filters.barred)
    return replace(query, filters=replace(filters, section=section, writer=writer, barred=tuple(barred)))


def _stored(conn: sqlite3.Connection, column: str, name: str) -> str:
    if conn.execute(f"SELECT 1 FROM articles WHERE {column} = ? LIMIT 1", (name,)).fetchone():
        return name
    # Steps from name to name through the index; DISTINCT would read all of it.
    rows = conn.execute(
        f"WITH RECURSIVE names (name) AS (SELECT min({column}) FROM articles UNION ALL"
        f" SELECT (SELECT min({column}) FROM articles WHERE {column} > name) FROM names WHERE name IS NOT NULL)"
        " SELECT name FROM names WHERE name IS NOT NULL"
    )
    # another tool may have stored bytes that are no text
    names = [row[0] for row in rows if isinstance(row[0], str)]
    equal = [known for known in names if exact(known) == exact(name)]
    having = [known for known in names if set(exact(name).split()) <= set(exact(known).split())]
    if equal:
        return str(equal[0])
    return str(having[0]) if len(having) == 1 else name


def matching(query: Query, *, sort: Sort = "relevance") -> tuple[str, dict[str, object]]:
    """Return a query of the ids of all articles found, with its named parameters, for facets and exports.

    By relevance these are the articles with any of the words, by date those with every one.
    """
    condition = filtering.of_index(query.filters)
    sql = f"SELECT rowid AS id FROM articles_fts WHERE articles_fts MATCH :match{condition.rows}"
    match = expressions.matching(query) if sort == "relevance" else expressions.every(query)
    return sql, {"match": match, **condition.parameters}


def listing(query: Query) -> tuple[str, dict[str, object]]:
    """Return a query of the ids of all articles that filters and exclusions let through, whatever their words."""
    sql, parameters = filtering.listed(query.filters)
    if not query.excluded:
        return sql, parameters
    return f"{sql} AND id NOT IN ({_SHUT_OUT})", {**parameters, "excluded": expressions.excluded(query)}


def table_match(text: str) -> str:
    """Return an FTS5 expression for filtering a table: every word, as written or by its stem."""
    return expressions.strict(parse(text[:_LONGEST_TABLE_QUERY]))


def table_count(conn: sqlite3.Connection, text: str) -> int:
    """Return how many articles `table_match` finds."""
    found = "articles_fts WHERE articles_fts MATCH ?"
    (is_stale,) = conn.execute(
        "SELECT EXISTS (SELECT 1 FROM index_stale) OR EXISTS (SELECT 1 FROM newsarchive WHERE key = 'reindex')"
    ).fetchone()
    # what is deleted is in the index until that is refreshed, or, while it is rebuilt, until the next one serves
    sql = f"articles WHERE id IN (SELECT rowid FROM {found})" if is_stale else found
    (count,) = conn.execute(f"SELECT count(*) FROM {sql}", (table_match(text),)).fetchone()
    return int(count)


def snippet(text: str, query: str) -> str:
    """Return up to two fragments of `text` as safe HTML, the words of `query` marked."""
    return Marker(parse(query)).snippet(text)


def _hits(conn: sqlite3.Connection, ids: list[int], marker: Marker) -> tuple[Hit, ...]:
    rows = conn.execute(
        "SELECT id, key, url, title, section, writer, published_on, status, revision_count, subtitle, byline, body"
        f" FROM articles WHERE id IN ({', '.join('?' * len(ids))})",
        ids,
    )
    by_id = {row[0]: row for row in rows}
    return tuple(_page([by_id[number] for number in ids if number in by_id], marker))


def _page(rows: list[tuple[Any, ...]], marker: Marker) -> Iterator[Hit]:
    decoded = [tuple(map(_decoded, row)) if bytes in map(type, row) else row for row in rows]
    texts = [
        (title, [str(text) for text in (body, subtitle, byline, title) if text])
        for _, _, _, title, _, _, _, _, _, subtitle, byline, body in decoded
    ]
    for row, (title_html, snippet_html) in zip(decoded, marker.page(texts), strict=True):
        number, key, url, title, section, writer, published_on, status, revisions, *_ = row
        yield Hit(
            number,
            key,
            url,
            title,
            title_html,
            section,
            writer,
            published_on,
            status,
            revisions,
            snippet_html,
        )


def _decoded(value: Any) -> Any:  # noqa: ANN401 - a column's value
    """A column's value; bytes, which another tool stored, as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
