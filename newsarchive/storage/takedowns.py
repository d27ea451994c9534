"""What a takedown does to the tables of `archive.db`: rows out, names redacted, and what is said in public of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from newsarchive.items import Capture, Reason
from newsarchive.storage import articles, index, redacting, revisions, writers
from newsarchive.storage.sealed import State

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from newsarchive.storage.sealed import Takedown
    from newsarchive.text.redaction import Names

_VERSION = "takedowns"
_UNFINISHED = "removal"
_LOCAL = frozenset({"id", "capture_id", "index_version"})
# Every column that names a capture and may do without.
_NAMING_CAPTURES = (
    ("articles", "capture_id"),
    ("revisions", "first_capture_id"),
    ("revisions", "last_capture_id"),
    ("mementos", "capture_id"),
    ("assets", "capture_id"),
    ("issues", "capture_id"),
)


def version(connection: sqlite3.Connection) -> str:
    """The version of the list that the tables stand by, "" where nothing was ever taken down."""
    row = connection.execute("SELECT value FROM newsarchive WHERE key = ?", (_VERSION,)).fetchone()
    return str(row[0]) if row else ""


def is_unfinished(connection: sqlite3.Connection) -> bool:
    """Whether bytes of what was taken down may still stand in the file."""
    row = connection.execute("SELECT 1 FROM newsarchive WHERE key = ?", (_UNFINISHED,)).fetchone()
    return row is not None


def set_unfinished(connection: sqlite3.Connection, *, unfinished: bool) -> None:
    """Note that rows went whose bytes have to follow, or that they have."""
    if unfinished:
        connection.execute("INSERT OR REPLACE INTO newsarchive VALUES (?, 'unfinished')", (_UNFINISHED,))
    else:
        connection.execute("DELETE FROM newsarchive WHERE key = ?", (_UNFINISHED,))


def say(
    connection: sqlite3.Connection,
    takedowns: Sequence[Takedown],
    keys: Mapping[int, Collection[str]],
    list_version: str,
) -> None:
    """Make the public tables say what the list says: counts without keys, and what each key answers."""
    connection.execute("DELETE FROM takedowns")
    connection.execute("DELETE FROM taken_down")
    for takedown in takedowns:
        said = (takedown.state, takedown.reason)
        connection.execute(
            "INSERT INTO takedowns (month, state, reason) VALUES (?, ?, ?)", (takedown.month, *said)
        )
        record = takedown.record if takedown.state is State.DELIST else None
        for key in [takedown.public_key] if takedown.public_key else keys[takedown.id]:
            connection.execute(
                "INSERT OR REPLACE INTO taken_down VALUES (?, ?, ?, ?, ?)",
                (key, *said, takedown.until, record),
            )
    connection.execute("INSERT OR REPLACE INTO newsarchive VALUES (?, ?)", (_VERSION, list_version))


def row_of(connection: sqlite3.Connection, article_id: int) -> dict[str, Any]:
    """The article's row."""
    return dict(connection.execute("SELECT * FROM articles WHERE id = ?", (article_id,)).fetchone())


def revisions_of(connection: sqlite3.Connection, article: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Its revisions, oldest first, each with its text in full."""
    rows = connection.execute(
        "SELECT * FROM revisions WHERE article_id = ? ORDER BY first_seen_at, id", (article["id"],)
    )
    text = {"body": article["body"], "paragraphs": article["paragraphs"]}
    return [dict(row) | (text if row["body"] is None else {}) for row in rows]


def keys_of(connection: sqlite3.Connection, article_id: int) -> list[str]:
    """Every key that leads to it."""
    rows = connection.execute("SELECT key FROM article_keys WHERE article_id = ? ORDER BY key", (article_id,))
    return [row["key"] for row in rows]


def addresses_of(connection: sqlite3.Connection, article_id: int) -> list[str]:
    """Every address that leads to it, second names too."""
    rows = connection.execute(
        "SELECT url FROM articles WHERE id = :id AND url IS NOT NULL"
        " UNION SELECT url FROM addresses WHERE article_id = :id"
        " UNION SELECT s.url FROM address_aliases AS s JOIN addresses AS a ON a.id = s.address_id"
        " WHERE a.article_id = :id ORDER BY 1",
        {"id": article_id},
    )
    return [row["url"] for row in rows]


def captures_of(
    connection: sqlite3.Connection, article_id: int, beginnings: Iterable[str], belongs: Callable[[str], bool]
) -> dict[int, Capture]:
    """Its raw answers by row: those that its texts came from, and every other that `belongs` to its addresses.

    beginnings: how the addresses of the latter begin.
    """
    rows = connection.execute(
        "SELECT * FROM captures WHERE article_id = ? AND outcome IS NOT 'image'", (article_id,)
    ).fetchall()
    for beginning in beginnings:
        rows += connection.execute(
            "SELECT * FROM captures WHERE url >= ? AND url < ?", (beginning, f"{beginning}\U0010ffff")
        ).fetchall()
    return {
        row["id"]: capture_of(row) for row in rows if row["article_id"] == article_id or belongs(row["url"])
    }


def images_of(connection: sqlite3.Connection, article_id: int) -> dict[int, Capture]:
    """Captures of pictures that no other article shows; the others are linked to one that does."""
    alone: dict[int, Capture] = {}
    for asset in connection.execute("SELECT * FROM assets WHERE article_id = ?", (article_id,)).fetchall():
        other = connection.execute(
            "SELECT id FROM articles WHERE image_url = ? AND id <> ? ORDER BY id LIMIT 1",
            (asset["url"], article_id),
        ).fetchone()
        mine = "SELECT * FROM captures WHERE article_id = ? AND outcome = 'image' AND url = ?"
        rows = connection.execute(mine, (article_id, asset["url"])).fetchall()
        if other is None:
            alone |= {row["id"]: capture_of(row) for row in rows}
            connection.execute("DELETE FROM assets WHERE id = ?", (asset["id"],))
            continue
        connection.execute("UPDATE assets SET article_id = ? WHERE id = ?", (other["id"], asset["id"]))
        connection.executemany(
            "UPDATE captures SET article_id = ? WHERE id = ?", [(other["id"], row["id"]) for row in rows]
        )
    return alone


def page_record(connection: sqlite3.Connection, article_id: int) -> str:
    """JSON of what its page shows, for an article that is in no list but can be read by its key."""
    article = row_of(connection, article_id)
    seen = (
        "title",
        "subtitle",
        "byline",
        "body",
        "paragraphs",
        "first_seen_at",
        "last_seen_at",
        "text_sha256",
    )
    record: dict[str, Any] = {name: value for name, value in article.items() if name not in _LOCAL}
    for kind in ("section", "tag"):
        record[f"{kind}s"] = _names(connection, kind, article_id)
    record["revisions"] = [
        {name: row[name] for name in seen} | {"current": row["text_sha256"] == article["text_sha256"]}
        for row in revisions_of(connection, article)
        if row["superseded_by"] is None
    ]
    return json.dumps(record, ensure_ascii=False)


def take_out(connection: sqlite3.Connection, article_id: int) -> None:
    """Delete the article's row and all that hangs on it, but for captures and addresses."""
    writer = row_of(connection, article_id)["writer"]
    for table in ("article_sections", "article_tags", "revisions", "article_keys"):
        connection.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))
    for table in ("captures", "addresses", "assets"):
        connection.execute(f"UPDATE {table} SET article_id = NULL WHERE article_id = ?", (article_id,))
    connection.execute("DELETE FROM articles WHERE id = ?", (article_id,))
    index.refresh(connection, article_id)
    writers.follow(connection, writer, None)
    _drop_unused_names(connection)


def take_out_captures(connection: sqlite3.Connection, capture_ids: Iterable[int]) -> None:
    """Delete rows of captures, and whatever was refused of them."""
    for number in capture_ids:
        for table, column in _NAMING_CAPTURES:
            connection.execute(f"UPDATE {table} SET {column} = NULL WHERE {column} = ?", (number,))
        connection.execute("DELETE FROM refusals WHERE capture_id = ?", (number,))
        connection.execute("DELETE FROM issues WHERE page_capture_id = ?", (number,))
        connection.execute("DELETE FROM captures WHERE id = ?", (number,))


def take_out_mementos(connection: sqlite3.Connection, belongs: Callable[[str], bool]) -> None:
    """Delete the copies in web archives that belong to what is taken down: their digests would confirm a guess."""
    rows = connection.execute(
        "SELECT m.id, coalesce(a.url, m.url) AS url FROM mementos AS m LEFT JOIN addresses AS a ON a.id = m.address_id"
    )
    gone = [(row["id"],) for row in rows if belongs(row["url"])]
    connection.executemany("DELETE FROM mementos WHERE id = ?", gone)


def close_address(connection: sqlite3.Connection, url: str, tombstone: str) -> None:
    """The ledger visits this address no more, and calls it `tombstone` from now on."""
    rows = connection.execute(
        "SELECT id, url FROM addresses WHERE url IN (?, ?)", (url, tombstone)
    ).fetchall()
    for row in rows:
        connection.execute("DELETE FROM address_aliases WHERE address_id = ?", (row["id"],))
        connection.execute("DELETE FROM mementos WHERE address_id = ?", (row["id"],))
        connection.execute("DELETE FROM refusals WHERE address_id = ?", (row["id"],))
    connection.execute("DELETE FROM address_aliases WHERE url = ?", (url,))
    connection.execute("DELETE FROM refusals WHERE url = ?", (url,))
    for row in rows:
        if len(rows) > 1 and row["url"] == url:
            connection.execute("DELETE FROM address_sources WHERE address_id = ?", (row["id"],))
            connection.execute("DELETE FROM addresses WHERE id = ?", (row["id"],))
            continue
        connection.execute(
            "UPDATE addresses SET url = ?, state = 'refused', reason = ?, lastmod = NULL, published = NULL, tries = 0,"
            " next_visit_at = NULL, gone_since = NULL, etag = NULL, last_modified = NULL, payload_sha256 = NULL,"
            " article_id = NULL WHERE id = ?",
            (tombstone, Reason.TAKEN_DOWN, row["id"]),
        )


def open_address(connection: sqlite3.Connection, url: str, tombstone: str, now: str) -> None:
    """The ledger visits this address again, under its own name."""
    connection.execute(
        "UPDATE OR IGNORE addresses SET url = ?, state = 'pending', reason = NULL, visited_at = NULL, next_visit_at = ?"
        " WHERE url IN (?, ?) AND article_id IS NULL",
        (url, now, url, tombstone),
    )


def forget_validators(connection: sqlite3.Connection, url: str) -> None:
    """What a server said of a page's bytes, and their digest: somebody could try names against it."""
    connection.execute("UPDATE addresses SET etag = NULL, payload_sha256 = NULL WHERE url = ?", (url,))


def redact(connection: sqlite3.Connection, article_id: int, names: Names, *, public_key: str | None) -> bool:
    """Take names out of the article's row and revisions; a `public_key` replaces its keys and its address.

    Without an address nobody looks whether it still stands on the site. False where that had been done before.
    """
    article = row_of(connection, article_id)
    rows = revisions_of(connection, article)
    changed = [(row, redacting.revision(row, names)) for row in rows]
    if all(row == made for row, made in changed) and public_key in (None, article["key"]):
        return False
    redacted: dict[tuple[str, bool], dict[str, Any]] = {}
    for _, made in changed:
        place = made["text_sha256"], made["superseded_by"] is None
        known = redacted.get(place)
        redacted[place] = made if known is None else revisions.merged(known, made) | {
            "article_id": article_id, "superseded_by": made["superseded_by"],
        }  # fmt: skip
    shown = {text for text, is_current in redacted if is_current}
    connection.execute("DELETE FROM revisions WHERE article_id = ?", (article_id,))
    for (text, is_current), made in redacted.items():
        if is_current or text not in shown:
            articles.insert_revision(connection, made)
    articles.show_best(connection, article_id)
    if public_key:
        connection.execute(
            "UPDATE articles SET key = ?, url = NULL, status = 'unknown', gone_since = NULL WHERE id = ?",
            (public_key, article_id),
        )
        connection.execute("DELETE FROM article_keys WHERE article_id = ?", (article_id,))
        connection.execute("INSERT INTO article_keys VALUES (?, ?)", (public_key, article_id))
    _drop_unused_names(connection)
    return True


def drop_keys(connection: sqlite3.Connection, article_id: int, keys: Iterable[str]) -> None:
    """Take away second keys; the one that is shown stays."""
    connection.executemany(
        "DELETE FROM article_keys WHERE key = ? AND key NOT IN (SELECT key FROM articles WHERE id = ?)",
        [(key, article_id) for key in keys],
    )


def scrub_runs(connection: sqlite3.Connection, quotes: Callable[[str], bool]) -> None:
    """Take out what a run was given or said (such as the name of a file) where it `quotes` what is taken down."""
    for row in connection.execute("SELECT id, arguments, verdict, details FROM runs").fetchall():
        for column in ("arguments", "verdict", "details"):
            if row[column] and quotes(row[column]):
                connection.execute(f"UPDATE runs SET {column} = NULL WHERE id = ?", (row["id"],))


def captures_by_mark(connection: sqlite3.Connection, *, withheld: bool) -> Iterator[sqlite3.Row]:
    """Every capture that is withheld, or every one that is not."""
    yield from connection.execute("SELECT * FROM captures WHERE withheld = ? ORDER BY id", (int(withheld),))


def has_captures(connection: sqlite3.Connection) -> bool:
    """Whether there is any raw answer."""
    return connection.execute("SELECT 1 FROM captures LIMIT 1").fetchone() is not None


def withhold(connection: sqlite3.Connection, capture_ids: Iterable[int], *, withheld: bool = True) -> None:
    """Mark captures that quote what is taken down, or no longer do."""
    connection.executemany(
        "UPDATE captures SET withheld = ? WHERE id = ?", [(int(withheld), number) for number in capture_ids]
    )


def capture_of(row: sqlite3.Row) -> Capture:
    """The raw answer that a row of `captures` tells of."""
    values = {name: row[name] for name in Capture.__dataclass_fields__}
    return Capture(**values | {"truncated": bool(row["truncated"])})


def _names(connection: sqlite3.Connection, kind: str, article_id: int) -> list[str]:
    rows = connection.execute(
        f"SELECT n.name FROM article_{kind}s AS l JOIN {kind}s AS n ON n.id = l.{kind}_id"
        " WHERE l.article_id = ? ORDER BY l.position",
        (article_id,),
    )
    return [row[0] for row in rows]


def _drop_unused_names(connection: sqlite3.Connection) -> None:
    """A tag may be a person's name; one that no article has any more goes."""
    for kind in ("section", "tag"):
        connection.execute(
            f"DELETE FROM {kind}s WHERE NOT EXISTS (SELECT 1 FROM article_{kind}s WHERE {kind}_id = {kind}s.id)"
        )
