"""Tables `writers` and `writer_spellings`: the spellings of one writer's name, joined by stated rules.

They say what `articles.writer` says and no more, in whatever order the articles came: a spelling that no article
has any longer is gone. `articles.writer` itself stays as printed. The rules: `newsarchive.text.names`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.text.names import SEPARATOR, joining_rule, name_key, shown_name

if TYPE_CHECKING:
    import sqlite3


def follow(connection: sqlite3.Connection, before: str | None, after: str | None) -> None:
    """An article's `writer` was `before` and is `after` now, in the caller's transaction."""
    former, present = _spellings(before), _spellings(after)
    for spelling in sorted(present - former):
        _enter(connection, spelling)
    for spelling in sorted(former - present):
        _leave(connection, spelling)


def rebuild(connection: sqlite3.Connection) -> None:
    """Make both tables anew from `articles`, inside the caller's transaction."""
    connection.execute("DELETE FROM writer_spellings")
    connection.execute("DELETE FROM writers")
    rows = connection.execute("SELECT DISTINCT writer FROM articles WHERE writer IS NOT NULL ORDER BY writer")
    for row in rows.fetchall():
        follow(connection, None, row["writer"])


def _spellings(writer: str | None) -> set[str]:
    return set(writer.split(SEPARATOR)) if writer else set()


def _enter(connection: sqlite3.Connection, spelling: str) -> None:
    known = connection.execute("SELECT 1 FROM writer_spellings WHERE spelling = ?", (spelling,)).fetchone()
    key = name_key(spelling)
    if known or not key:
        return
    connection.execute(
        "INSERT OR IGNORE INTO writers (name, key) VALUES (?, ?)", (shown_name([spelling]), key)
    )
    row = connection.execute("SELECT id FROM writers WHERE key = ?", (key,)).fetchone()
    connection.execute("INSERT INTO writer_spellings VALUES (?, ?, '')", (spelling, row["id"]))
    _name(connection, row["id"])


def _leave(connection: sqlite3.Connection, spelling: str) -> None:
    listed = f"%{SEPARATOR}%"
    still_used = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM articles WHERE writer = :name) OR EXISTS (SELECT 1 FROM articles"
        " WHERE writer LIKE :listed AND instr(:sep || writer || :sep, :sep || :name || :sep))",
        {"name": spelling, "listed": listed, "sep": SEPARATOR},
    ).fetchone()[0]
    row = connection.execute(
        "SELECT writer_id FROM writer_spellings WHERE spelling = ?", (spelling,)
    ).fetchone()
    if still_used or row is None:
        return
    connection.execute("DELETE FROM writer_spellings WHERE spelling = ?", (spelling,))
    _name(connection, row["writer_id"])


def _name(connection: sqlite3.Connection, writer_id: int) -> None:
    """Name a writer, and the rule of every spelling, by what spellings there are."""
    rows = connection.execute(
        "SELECT spelling FROM writer_spellings WHERE writer_id = ?", (writer_id,)
    ).fetchall()
    if not rows:
        connection.execute("DELETE FROM writers WHERE id = ?", (writer_id,))
        return
    name = shown_name(row["spelling"] for row in rows)
    connection.execute("UPDATE writers SET name = ? WHERE id = ?", (name, writer_id))
    connection.executemany(
        "UPDATE writer_spellings SET rule = ? WHERE spelling = ?",
        [(joining_rule(row["spelling"], name), row["spelling"]) for row in rows],
    )
