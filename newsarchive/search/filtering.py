"""What narrows a question besides its words: section, writer and dates as conditions on the index."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.text.arabic import ANALYSER_VERSION
from newsarchive.text.facets import ASTRAY, facet

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from newsarchive.search.query import Filters

# So many articles whose row ids say nothing of their days are looked at; of more the dates are looked up.
_MOST_ASTRAY = 1_000
_NOWHERE = 1, 0


class Condition(NamedTuple):
    """Conditions on the rows of `articles_fts`: tokens of its facets, a range of row ids, or SQL with its parameters.

    Of the facets the rows have all `facets` and none that is `barred`. `listed` is SQL for a list of all that the
    filters let through.
    """

    facets: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    span: tuple[int, int] | None = None
    listed: str = ""
    given: dict[str, object] = {}  # noqa: RUF012 - never changed

    @property
    def rows(self) -> str:
        """The rows as SQL that begins with AND."""
        between = " AND rowid BETWEEN :first AND :last" if self.span else ""
        # The sign keeps SQLite from looking up the words once for every article of the filter.
        return between + (f" AND +rowid IN ({self.listed})" if self.listed else "")

    @property
    def parameters(self) -> dict[str, object]:
        """The named parameters of `rows`."""
        return {**self.given, **dict(zip(("first", "last"), self.span or (), strict=False))}

    def narrowing(self, match: str) -> str:
        """Return an FTS5 expression that finds no more than facets let through; all with `facets` for an empty one."""
        parts = (f"({match})" if match else "", _with_facets(self.facets, "AND") if self.facets else "")
        found = " AND ".join(filter(None, parts))
        return f"({found}) NOT {_with_facets(self.barred, 'OR')}" if self.barred else found

    def within(self, first: int, last: int) -> Condition:
        """Return the condition for the rows of a range as well."""
        if self.span:
            first, last = max(first, self.span[0]), min(last, self.span[1])
        return self._replace(span=(first, last))


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
    for number, (column, name) in enumerate(filters.barred):
        conditions[f"barred{number}"] = f"{column} IS NOT :barred{number}"
        given[f"barred{number}"] = name
    parameters: dict[str, object] = {name: value for name, value in given.items() if value}
    where = " AND ".join(conditions[name] for name in parameters) or "TRUE"
    return f"SELECT id FROM articles WHERE {where}", parameters


def of_index(filters: Filters) -> Condition:
    """Return the condition of the filters in any archive."""
    if not filters:
        return EVERYWHERE
    sql, parameters = listed(filters)
    return Condition(listed=sql, given=parameters)


def of_archive(conn: sqlite3.Connection, filters: Filters) -> Condition:
    """Return the cheapest condition of the filters in this archive: as words of its index and a span of its rows."""
    if not _knows_facets(conn):
        return of_index(filters)
    names = {"section": filters.section, "writer": filters.writer}
    tokens = tuple(facet(column, name) for column, name in names.items() if name)
    barred = tuple(facet(column, name) for column, name in filters.barred)
    dates = replace(filters, section=None, writer=None, barred=())
    span = _rowid_span(conn, dates) if dates else EVERYWHERE
    return span._replace(facets=tokens, barred=barred)


def _with_facets(tokens: Iterable[str], joined: str) -> str:
    """Return the FTS5 expression for the articles that have these facets, AND or OR between them."""
    quoted = f" {joined} ".join(f'"{token}"' for token in tokens)
    return f"(facets : ({quoted}))"


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


def is_whole(conn: sqlite3.Connection) -> bool:
    """Say whether all that the index holds is what this analyser made of it.

    What waits to be indexed, or is indexed anew, is taken for another's.
    """
    (is_anothers,) = conn.execute(
        "SELECT EXISTS (SELECT 1 FROM articles WHERE index_version < :version OR index_version > :version"
        " OR index_version IS NULL)"
        " OR EXISTS (SELECT 1 FROM index_stale WHERE index_version IS NOT :version)"
        " OR EXISTS (SELECT 1 FROM newsarchive WHERE key = 'reindex')",
        {"version": ANALYSER_VERSION},
    ).fetchone()
    return not is_anothers


def _rowid_span(conn: sqlite3.Connection, dates: Filters) -> Condition:
    """Return the rows from the first to the last article of some days, if no article of another day lies between.

    Ids are chronological as the archive gives them; the index knows the articles whose are not. Of days without an
    article that is no row.
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
    last = conn.execute(f"{within} DESC, id DESC LIMIT 1", among).fetchone()
    span = (first[0], last[0]) if first and last else _NOWHERE
    (others,) = conn.execute(
        "SELECT count(*) FROM json_each(:astray) AS astray"
        f" WHERE (value IN ({sql} AND id = value)) IS NOT (value BETWEEN :first AND :last)",
        {**among, "first": span[0], "last": span[1]},
    ).fetchone()
    return of_index(dates) if others else Condition(span=span)
