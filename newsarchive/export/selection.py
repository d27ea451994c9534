"""Which articles an export takes: days, section, writer, status, keys, the words of a search; none of them is all."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from newsarchive import search
from newsarchive.crawling import arguments
from newsarchive.exceptions import SettingsError

if TYPE_CHECKING:
    import sqlite3

_STATUSES = ("live", "gone", "unknown")
_CONDITIONS = {
    "since": "published_on >= :since",
    "until": "published_on <= :until",
    "writer": "writer = :writer",
    "status": "status = :status",
    "section": "id IN (SELECT l.article_id FROM article_sections AS l JOIN sections AS s ON s.id = l.section_id"
    " WHERE s.name = :section)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What an article has to be to be taken, all of it at once; empty fields ask nothing.

    since, until: days of publication (YYYY-MM-DD, the newspaper's), both included; articles without a day are left
    out then. section: any of the article's sections; writer: as signed; both as the archive spells them. status: live,
    gone or unknown. keys: present or former ones. query: words as a reader types them, every one of them.
    """

    since: str | None = None
    until: str | None = None
    section: str | None = None
    writer: str | None = None
    status: str | None = None
    keys: tuple[str, ...] = ()
    query: str | None = None

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.said())

    def said(self) -> dict[str, str | list[str]]:
        """What it asks, for the description of an export (JSON-ready)."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in given.items() if value
        }


def choose(connection: sqlite3.Connection, selection: Selection) -> int:
    """Put the ids of the articles into the temporary table `chosen (id)`; returns how many they are.

    The connection may be read-only. Raises SettingsError for what cannot be meant, and where nothing is chosen.
    """
    _check(selection)
    values = {name: getattr(selection, name) for name in _CONDITIONS if getattr(selection, name)}
    where = " AND ".join(["TRUE", *(_CONDITIONS[name] for name in values)])
    connection.execute("DROP TABLE IF EXISTS temp.chosen")
    connection.execute("CREATE TEMP TABLE chosen (id INTEGER PRIMARY KEY)")
    connection.execute(f"INSERT INTO temp.chosen SELECT id FROM articles WHERE {where}", values)
    if selection.keys:
        ids = ", ".join(str(_id_of(connection, key)) for key in selection.keys)
        connection.execute(f"DELETE FROM temp.chosen WHERE id NOT IN ({ids})")
    if selection.query:
        found, words = _matching(connection, selection.query)
        connection.execute(f"DELETE FROM temp.chosen WHERE id NOT IN ({found})", words)
    (count,) = connection.execute("SELECT count(*) FROM temp.chosen").fetchone()
    if selection and not count:
        asked = ", ".join(f"{name} {value}" for name, value in selection.said().items())
        raise SettingsError(f"no article is chosen: {asked}")
    return int(count)


def _check(selection: Selection) -> None:
    since, until = arguments.day(selection.since, "--since "), arguments.day(selection.until, "--until ")
    if since and until and since > until:
        raise SettingsError(f"--since {since} is after --until {until}; nothing lies between")
    if selection.status and selection.status not in _STATUSES:
        raise SettingsError(f"--status {selection.status} is none of {', '.join(_STATUSES)}")


def _matching(connection: sqlite3.Connection, text: str) -> tuple[str, dict[str, object]]:
    query = search.settled(connection, text)
    if not query:
        raise SettingsError(f"--query {text}: there is no word to look for")
    if query.loosened:
        raise SettingsError(f"--query {text}: no article has the phrase {', '.join(query.loosened)}")
    if query.left_out:
        raise SettingsError(
            f"--query has more words than are looked for; leave out {', '.join(query.left_out)}"
        )
    return search.matching(query, sort="newest")


def _id_of(connection: sqlite3.Connection, key: str) -> int:
    row = connection.execute("SELECT article_id FROM article_keys WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise SettingsError(f"there is no article {key}")
    return int(row["article_id"])
