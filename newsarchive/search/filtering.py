"""What narrows a question besides its words: section, writer and dates as conditions on the index."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.text.facets import ASTRAY, EVERY, facet

if TYPE_CHECKING:
    import sqlite3

    from newsarchive.search.query import Filters

# So many articles whose row ids say nothing of their days are looked at; of more the dates are looked up.
_MOST_ASTRAY = 1_000


class Condition(NamedTuple):
    """Conditions on the rows of `articles_fts`: an FTS5 expression, SQL that begins with AND, its parameters.

    `every` is an expression for all articles that the facets let through, where the index knows them. `lists` says that
    the SQL makes a list of all that the filters let through.
    """

    facets: str = ""
    rows: str = ""
    every: str = ""
    parameters: dict[str, object] = {}  # noqa: RUF012 - never changed
    lists: bool = False

    def narrowing(self, match: str) -> str:
        """Return an FTS5 expression that finds no more than the facets let through."""
        return f"({match}) AND {self.facets}" if self.facets else match


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
    return Condition(rows=f" AND +rowid IN ({sql})", parameters=parameters, lists=True)


def of_archive(conn: sqlite3.Connection, filters: Filters) -> Condition:
    """Return the cheapest condition of the filters in this archive: as words of its index and a span of its rows."""
    if not _knows_facets(conn):
        return of_index(filters)
    names = {"section": filters.section, "writer": filters.writer}
    tokens = [f'"{facet(column, name)}"' for column, name in names.items() if name]
    dates = replace(filters, section=None, writer=None)
    span = _rowid_span(conn, dates) if dates else EVERYWHERE
    facets = f"(facets : ({' AND '.join(tokens)}))" if tokens else ""
    return span._replace(facets=facets, every=f"(facets : ({' AND '.join([EVERY, *tokens])}))")


def _knows_facets(conn: sqlite3.Connection) -> bool:
    """Say whether the index has the facets of every article as they stand.

    An older release's index has none; of stale rows it has the former. What changed while the triggers were gone,
    with a table that another tool made anew, has no version afterwards. Two versions are those of a rebuild under
    way: what changes behind it changes in the next index only.
    """
    (knows,) = conn.execute(
        "SELECT EXISTS (SELECT 1 FROM pragma_table_info('articles_fts') WHERE name = 'facets')"
        " AND EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'articles_updated')"
        " AND NOT EXISTS (SELECT 1 FROM index_stale)"
        " AND NOT EXISTS (SELECT 1 FROM articles WHERE index_version IS NULL)"
        " AND (SELECT min(index_version) FROM articles) IS (SELECT max(index_version) FROM articles)"
    ).fetchone()
    return bool(knows)


def _rowid_span(conn: sqlite3.Connection, dates: Filters) -> Condition:
    """Return the rows from the first to the last article of some days, if no article of another day lies between.

    Ids are chronological as the archive gives them; the index knows the articles whose are not.
    """
    rows = conn.execute(
        "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? LIMIT ?",
        (f"facets : {ASTRAY}", _MOST_ASTRAY + 1),
    )
    astray = [row[0] for row in rows]
    if len(astray) > _MOST_ASTRAY:
        return of_index(dates)
    sql, parameters = listed(dates)
    among = {**parameters, "astray": json.dumps(astray)}
    within = f"{sql} AND id NOT IN (SELECT value FROM json_each(:astray)) ORDER BY published_on"
    first = conn.execute(f"{within}, id LIMIT 1", among).fetchone()
    if first is None:
        return of_index(dates)
    last = conn.execute(f"{within} DESC, id DESC LIMIT 1", among).fetchone()
    span = {"first": first[0], "last": last[0]}
    (others,) = conn.execute(
        "SELECT count(*) FROM json_each(:astray) AS astray"
        f" WHERE (value IN ({sql} AND id = value)) IS NOT (value BETWEEN :first AND :last)",
        {**among, **span},
    ).fetchone()
    return (
        of_index(dates) if others else Condition(rows=" AND rowid BETWEEN :first AND :last", parameters=span)
    )
