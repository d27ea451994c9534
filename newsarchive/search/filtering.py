"""What narrows a question besides its words: section, writer and dates as SQL conditions on the index."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3

    from newsarchive.search.query import Filters

# A filter that lets more articles through is not listed in advance where that can be helped.
_MANY = 20_000


class Condition(NamedTuple):
    """Conditions on the rows of `articles_fts`: SQL that begins with AND, and its parameters.

    `listing` makes a list of what the filters let through and is for reading all matches; `probing` looks each
    match up and is for the first few of many.
    """

    listing: str = ""
    probing: str = ""
    parameters: dict[str, object] = {}  # noqa: RUF012 - never changed


EVERYWHERE = Condition()


def listed(filters: Filters) -> tuple[str, dict[str, object]]:
    """Return a query of the ids of all articles that the filters let through."""
    conditions = {
        "section": "section = :section",
        "writer": "writer = :writer",
        "since": "published_on >= :since",
        "until": "published_on <= :until",
    }
    given = {
        "section": filters.section,
        "writer": filters.writer,
        "since": filters.since,
        # The letter sorts after every digit and hyphen: a year or month includes its last day.
        "until": filters.until and filters.until + "~",
    }
    parameters: dict[str, object] = {name: value for name, value in given.items() if value}
    where = " AND ".join(conditions[name] for name in parameters) or "TRUE"
    return f"SELECT id FROM articles WHERE {where}", parameters


def of_index(filters: Filters) -> Condition:
    """Return the condition of the filters in any archive."""
    if not filters:
        return EVERYWHERE
    sql, parameters = listed(filters)
    # The sign keeps SQLite from looking up the words once for every article of the filter.
    listing = f" AND +rowid IN ({sql})"
    return Condition(listing, listing, parameters)


def of_archive(conn: sqlite3.Connection, filters: Filters) -> Condition:
    """Return the cheapest condition of the filters in this archive."""
    span = _rowid_span(conn, filters)
    named = replace(filters, since=None, until=None) if span else filters
    condition = of_index(named)
    if named and not (named.since or named.until) and _lets_many_through(conn, named):
        sql, _ = listed(named)
        condition = condition._replace(probing=f" AND EXISTS ({sql} AND id = articles_fts.rowid)")
    if not span:
        return condition
    within = " AND rowid BETWEEN :first AND :last"
    return Condition(
        within + condition.listing,
        within + condition.probing,
        {**condition.parameters, "first": span[0], "last": span[1]},
    )


def _rowid_span(conn: sqlite3.Connection, filters: Filters) -> tuple[int, int] | None:
    """Return the first and last row id of many articles between two dates, if no other's lies between.

    Ids are chronological as the archive gives them, but another tool may have given some.
    """
    dates = replace(filters, section=None, writer=None)
    if not dates or not _lets_many_through(conn, dates):
        return None
    sql, parameters = listed(dates)
    first, last, dated, stale = conn.execute(
        f"SELECT min(id), max(id), count(*), EXISTS (SELECT 1 FROM index_stale) FROM ({sql})", parameters
    ).fetchone()
    # The narrow table of the index has a row for each article, unless some wait to be indexed.
    (between,) = conn.execute(
        "SELECT count(*) FROM articles_fts_docsize WHERE id BETWEEN ? AND ?", (first, last)
    ).fetchone()
    return (first, last) if between == dated and not stale else None


def _lets_many_through(conn: sqlite3.Connection, filters: Filters) -> bool:
    sql, parameters = listed(filters)
    return conn.execute(f"{sql} LIMIT 1 OFFSET {_MANY:d}", parameters).fetchone() is not None
