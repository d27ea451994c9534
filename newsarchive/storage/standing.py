"""Whether an article still stands on the newspaper's site, told from its captures in any order of arrival."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.items import AddressState
from newsarchive.storage import articles

if TYPE_CHECKING:
    import sqlite3


def seen(connection: sqlite3.Connection, address_id: int, article_id: int, seen_at: str) -> None:
    """The article was seen on the site at `seen_at` (UTC); its address has been settled with that visit."""
    connection.execute(
        "UPDATE addresses SET article_id = ? WHERE id = ? AND article_id IS NULL", (article_id, address_id)
    )
    row = _address(connection, address_id)
    if row["state"] == AddressState.GONE and (row["visited_at"] or "") > seen_at:
        _gone_since(connection, row)
    else:
        articles.set_status(connection, article_id, "live", seen_at)


def missed(connection: sqlite3.Connection, address_id: int) -> None:
    """The site said that this address is gone; the address has been settled with that visit."""
    row = _address(connection, address_id)
    if row["state"] == AddressState.GONE:
        _gone_since(connection, row)


def copied(connection: sqlite3.Connection, address_id: int, article_id: int) -> None:
    """A web archive's copy gave the article of this address; what the site says of it stands as it is.

    An address that was never visited has an article now, and stays due, for nobody knows whether it is live.
    """
    connection.execute(
        "UPDATE addresses SET article_id = ?, state = iif(state = 'pending', 'article', state)"
        " WHERE id = ? AND article_id IS NULL",
        (article_id, address_id),
    )
    missed(connection, address_id)


def _address(connection: sqlite3.Connection, address_id: int) -> sqlite3.Row:
    row: sqlite3.Row = connection.execute("SELECT * FROM addresses WHERE id = ?", (address_id,)).fetchone()
    return row


def _gone_since(connection: sqlite3.Connection, address: sqlite3.Row) -> None:
    """Gone since the first answer that said so after the last one with the article."""
    (last_seen,) = connection.execute(
        "SELECT max(fetched_at) FROM captures WHERE article_id = ? AND source = 'live' AND outcome IS NOT 'image'",
        (address["article_id"],),
    ).fetchone()
    (since,) = connection.execute(
        "SELECT min(fetched_at) FROM captures WHERE url = ? AND outcome LIKE 'gone:%' AND fetched_at > ?",
        (address["url"], last_seen or ""),
    ).fetchone()
    moment = since or address["gone_since"]
    connection.execute("UPDATE addresses SET gone_since = ? WHERE id = ?", (moment, address["id"]))
    if address["article_id"] is not None:
        connection.execute(
            "UPDATE articles SET status = 'gone', gone_since = ? WHERE id = ?",
            (moment, address["article_id"]),
        )
