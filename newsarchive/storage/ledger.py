"""The ledger: one row and one state for every address ever heard of. It is the crawl's frontier."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from newsarchive.items import AddressState, Found, Reason

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

_STATES = {
    Reason.HTTP_GONE: AddressState.GONE,
    Reason.NOT_FOUND_PAGE: AddressState.GONE,
    Reason.REDIRECTED_HOME: AddressState.GONE,
    Reason.DUPLICATE_ADDRESS: AddressState.DUPLICATE,
    Reason.HTTP_FORBIDDEN: AddressState.BLOCKED,
    Reason.CHALLENGE_PAGE: AddressState.BLOCKED,
    Reason.BLOCK_PAGE: AddressState.BLOCKED,
    Reason.ROBOTS_DISALLOWED: AddressState.BLOCKED,
    Reason.ROBOTS_UNREACHABLE: AddressState.BLOCKED,
    Reason.HTTP_ERROR: AddressState.FAILED,
    Reason.NETWORK_ERROR: AddressState.FAILED,
    Reason.INCOMPLETE: AddressState.FAILED,
    Reason.REDIRECT_LOOP: AddressState.FAILED,
}

# A recent article is the one that is edited: visited again so long after it was published, then only by audit.
_REVISITS = (
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
    timedelta(days=30),
)
_FIRST_RETRY = timedelta(minutes=15)
_LONGEST_RETRY = timedelta(days=7)
_REFUSED_AGAIN_AFTER = timedelta(days=30)
_GONE_AGAIN_AFTER = timedelta(days=1)
# Keys of the table `newsarchive`: addresses without a row of which a reader died, and how often.
_SUSPECT = "suspect "


@dataclass(frozen=True, slots=True)
class Address:
    """A row of the ledger as a visit needs it."""

    id: int
    url: str
    state: AddressState
    tries: int
    etag: str | None
    last_modified: str | None


def state_for(reason: Reason) -> AddressState:
    """The state an address is in after a refusal with this reason."""
    return _STATES.get(reason, AddressState.REFUSED)


def add(
    connection: sqlite3.Connection, newspaper: str, found: Iterable[Found], source_id: int, now: str
) -> tuple[int, int]:
    """Enter addresses in normal form.

    Returns how many the ledger did not know, and how many this source had not named before. A newer `lastmod`
    of an article's address makes it due.
    """
    unknown = unnamed = 0
    for item in found:
        known = connection.execute(
            "SELECT id, lastmod, visited_at, state FROM addresses WHERE url = ?"
            " UNION ALL SELECT a.id, a.lastmod, a.visited_at, a.state FROM address_aliases AS s"
            " JOIN addresses AS a ON a.id = s.address_id WHERE s.url = ?",
            (item.url, item.url),
        ).fetchone()
        if known is None:
            address_id = _insert(connection, newspaper, item, now)
            unknown += 1
        else:
            address_id = known["id"]
            if item.lastmod and item.lastmod > (known["lastmod"] or ""):
                _hint(connection, known, item.lastmod, now)
        unnamed += _note_source(connection, address_id, source_id, now)
    return unknown, unnamed


def due(
    connection: sqlite3.Connection,
    newspaper: str,
    *,
    now: str,
    run_started_at: str,
    limit: int,
    since: str = "",
    until: str = "",
) -> Iterator[Address]:
    """Up to `limit` addresses to visit now: pending ones newest first, then those whose visit is due.

    An address visited since `run_started_at` is not given again in this run. `since` and `until` (days) leave
    out pending addresses whose last change or publication, where a source named it, lies outside.
    """
    columns = "id, url, state, tries, etag, last_modified"
    pending = (
        f"SELECT {columns} FROM addresses WHERE newspaper = ? AND state = 'pending'"
        " AND (visited_at IS NULL OR visited_at < ?)"
        " AND (? = '' OR coalesce(published, lastmod, ?) >= ?) AND (? = '' OR coalesce(published, '') < ?)"
        " ORDER BY recency DESC LIMIT ?"
    )
    window = (since, since, since, until, f"{until}T24")
    rows = connection.execute(pending, (newspaper, run_started_at, *window, limit)).fetchall()
    if len(rows) < limit:
        again = (
            f"SELECT {columns} FROM addresses WHERE newspaper = ? AND state <> 'pending' AND next_visit_at <= ?"
            " AND (visited_at IS NULL OR visited_at < ?) ORDER BY next_visit_at LIMIT ?"
        )
        rows += connection.execute(again, (newspaper, now, run_started_at, limit - len(rows))).fetchall()
    for row in rows:
        yield Address(
            row["id"], row["url"], AddressState(row["state"]), row["tries"], row["etag"], row["last_modified"]
        )


def audits(connection: sqlite3.Connection, newspaper: str, *, before: str, limit: int) -> list[Address]:
    """Articles that no schedule visits any more, the oldest check first, if it was before a moment."""
    rows = connection.execute(
        "SELECT id, url, state, tries FROM addresses WHERE newspaper = ? AND state = 'article'"
        " AND next_visit_at IS NULL AND visited_at < ? ORDER BY visited_at LIMIT ?",
        (newspaper, before, limit),
    )
    # Without validators: an audit sees for itself.
    return [Address(row["id"], row["url"], AddressState.ARTICLE, row["tries"], None, None) for row in rows]


def expect_missing(connection: sqlite3.Connection, source_url: str, since: str, now: str) -> int:
    """Articles that this source listed once but not since a moment are due; returns how many.

    For a source that has been walked to its end since then.
    """
    cursor = connection.execute(
        "UPDATE addresses SET next_visit_at = ? WHERE state = 'article' AND id IN (SELECT l.address_id"
        " FROM address_sources AS l JOIN sources AS s ON s.id = l.source_id WHERE s.url = ? AND l.seen_at < ?)",
        (now, source_url, since),
    )
    return cursor.rowcount


def gaps(connection: sqlite3.Connection, host: str, limit: int) -> list[int]:
    """Post numbers on `host` that nobody has named, between two that somebody has, the newest first."""
    ranges = connection.execute(
        "SELECT number + 1, following - 1 FROM (SELECT recency AS number,"
        " lead(recency) OVER (ORDER BY recency) AS following FROM addresses WHERE url GLOB ?)"
        " WHERE following > number + 1 ORDER BY number DESC",
        (f"https://{host}/archives/*",),
    )
    numbers: list[int] = []
    for first, last in ranges:
        numbers += range(last, max(first, last - (limit - len(numbers)) + 1) - 1, -1)
        if len(numbers) >= limit:
            break
    return numbers


def settle_article(
    connection: sqlite3.Connection,
    address_id: int,
    article_id: int,
    *,
    published_at: str | None,
    now: str,
    validators: tuple[str | None, str | None] = (None, None),
    payload_sha256: str | None = None,
) -> None:
    """The visit gave an article. `validators` are the answer's ETag and Last-Modified.

    A server that gives another body under the same ETag is not believed: its validators are not kept.
    """
    before = connection.execute(
        "SELECT etag, payload_sha256, found_at FROM addresses WHERE id = ?", (address_id,)
    ).fetchone()
    if before["etag"] and before["etag"] == validators[0] and before["payload_sha256"] != payload_sha256:
        validators = (None, None)
    connection.execute(
        "UPDATE addresses SET state = 'article', reason = NULL, article_id = ?, tries = 0, gone_since = NULL,"
        " visited_at = ?, next_visit_at = ?, etag = ?, last_modified = ?, payload_sha256 = ? WHERE id = ?"
        " AND coalesce(visited_at, '') <= ?",
        (
            article_id,
            now,
            next_visit(published_at, before["found_at"], now),
            *validators,
            payload_sha256,
            address_id,
            now,
        ),
    )


def settle_refusal(connection: sqlite3.Connection, address_id: int, reason: Reason, now: str) -> AddressState:
    """The visit gave no article. Returns the state the address is in now.

    What failed or was blocked is tried again after a growing pause. What is gone is looked at again after as
    long as it has been so, a day at least and 30 at most (1, 1, 2, 4, 8, 16, 30, 30 …): an hour in which every
    page was 404 costs a day. What is refused is after 30 days, for a reader may learn.
    """
    state = state_for(reason)
    row = connection.execute(
        "SELECT tries, gone_since, source, article_id FROM addresses WHERE id = ?", (address_id,)
    ).fetchone()
    retried = state in {AddressState.FAILED, AddressState.BLOCKED}
    tries = row["tries"] + 1 if retried else 0
    gone_since = (row["gone_since"] or now) if state is AddressState.GONE else None
    # Most numbers that only the sweep tries never were an article.
    is_guess = row["source"] == "sweep" and row["article_id"] is None
    if retried:
        pause = min(_FIRST_RETRY * 2 ** min(tries, 12), _LONGEST_RETRY)
    elif gone_since and not is_guess:
        pause = _pause_of_gone(gone_since, now)
    else:
        pause = _REFUSED_AGAIN_AFTER
    connection.execute(
        "UPDATE addresses SET state = ?, reason = ?, tries = ?, visited_at = ?, next_visit_at = ?, gone_since = ?,"
        " etag = NULL, last_modified = NULL, payload_sha256 = NULL WHERE id = ? AND coalesce(visited_at, '') <= ?",
        (state, reason, tries, now, _shifted(now, pause), gone_since, address_id, now),
    )
    return state


def knows(connection: sqlite3.Connection, url: str) -> bool:
    """Whether there is a row for an address."""
    return connection.execute("SELECT 1 FROM addresses WHERE url = ?", (url,)).fetchone() is not None


def ensure(connection: sqlite3.Connection, newspaper: str, url: str, now: str) -> int:
    """The id of an address, entered if the ledger does not know it."""
    row = connection.execute("SELECT id FROM addresses WHERE url = ?", (url,)).fetchone()
    return int(row["id"]) if row else _insert(connection, newspaper, Found(url, None, "redirect"), now)


def join(connection: sqlite3.Connection, newspaper: str, url: str, target: str, now: str) -> None:
    """The address `url` turned out to be another name of the article at `target`."""
    target_id = ensure(connection, newspaper, target, now)
    connection.execute("INSERT OR REPLACE INTO address_aliases VALUES (?, ?)", (url, target_id))
    connection.execute(
        "UPDATE addresses SET state = 'duplicate', reason = ?, tries = 0, visited_at = ?, next_visit_at = NULL"
        " WHERE url = ? AND coalesce(visited_at, '') <= ?",
        (Reason.DUPLICATE_ADDRESS, now, url, now),
    )


def leave_alone(connection: sqlite3.Connection, ids: Sequence[int], since: str, now: str) -> None:
    """Visits of these addresses that came to no end since a moment: the state stays, this run tries no more."""
    connection.executemany(
        "UPDATE addresses SET visited_at = ? WHERE id = ? AND coalesce(visited_at, '') < ?",
        ((now, address_id, since) for address_id in ids),
    )


def forget_validators(connection: sqlite3.Connection, url: str, now: str) -> None:
    """The server said 304 of a text that is not here: the next visit asks for all of it."""
    connection.execute(
        "UPDATE addresses SET etag = NULL, last_modified = NULL, visited_at = max(coalesce(visited_at, ''), ?)"
        " WHERE url = ?",
        (now, url),
    )


def record_reader_death(connection: sqlite3.Connection, url: str, *, may_be_named: bool = True) -> None:
    """A process ended while it read this address's page.

    An address without a row is remembered too, unless it may not be named.
    """
    cursor = connection.execute(
        "UPDATE addresses SET reader_deaths = reader_deaths + 1 WHERE url = ?", (url,)
    )
    if not cursor.rowcount and may_be_named:
        connection.execute(
            "INSERT OR REPLACE INTO newsarchive VALUES (?, ?)",
            (_SUSPECT + url, str(reader_deaths(connection, url) + 1)),
        )


def reader_deaths(connection: sqlite3.Connection, url: str) -> int:
    """How often a process ended while it read this address's page."""
    rows = connection.execute(
        "SELECT reader_deaths AS deaths FROM addresses WHERE url = ?"
        " UNION ALL SELECT value FROM newsarchive WHERE key = ?",
        (url, _SUSPECT + url),
    )
    return sum(int(row["deaths"]) for row in rows)


def suspects(connection: sqlite3.Connection) -> list[str]:
    """The addresses without a row of which a reader died."""
    rows = connection.execute("SELECT key FROM newsarchive WHERE key GLOB ? ORDER BY key", (f"{_SUSPECT}*",))
    return [row["key"].removeprefix(_SUSPECT) for row in rows]


def forget_suspects(connection: sqlite3.Connection, urls: Iterable[str]) -> None:
    """Remember of these addresses without a row no more that a reader died."""
    connection.executemany("DELETE FROM newsarchive WHERE key = ?", ((_SUSPECT + url,) for url in urls))


def counts(connection: sqlite3.Connection, newspaper: str) -> dict[AddressState, int]:
    """How many addresses are in each state."""
    rows = connection.execute(
        "SELECT state, count(*) FROM addresses WHERE newspaper = ? GROUP BY state", (newspaper,)
    )
    found = dict(rows.fetchall())
    return {state: found.get(str(state), 0) for state in AddressState}


def next_visit(published_at: str | None, found_at: str, now: str) -> str | None:
    """When an article is visited again (UTC), None when only the rotation of audits will.

    The pauses count from the publication; an article without a date, or with one to come, is as old as the
    ledger's knowledge of it.
    """
    visited, since = datetime.fromisoformat(now), datetime.fromisoformat(found_at)
    if published_at:
        published = datetime.fromisoformat(published_at)
        since = min(since, published if published.tzinfo else published.replace(tzinfo=UTC))
    upcoming = (since + pause for pause in _REVISITS)
    return next((utc_text(moment) for moment in upcoming if moment > visited), None)


def recency(url: str, lastmod: str | None) -> int:
    """A number that is higher for newer addresses: the post number, else the day of `lastmod`."""
    number = re.search(r"/archives/(\d{1,12})$", url)
    if number:
        return int(number[1])
    day = re.match(r"(\d{4})-(\d\d)-(\d\d)", lastmod or "")
    return int("".join(day.groups())) // 100 if day else 0


def utc_text(moment: datetime) -> str:
    """ISO 8601 in UTC with second precision and a Z: the form of every time in the tables."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _note_source(connection: sqlite3.Connection, address_id: int, source_id: int, now: str) -> int:
    """Note that the source lists the address now; returns 1 when it never did before."""
    row = (address_id, source_id)
    cursor = connection.execute("INSERT OR IGNORE INTO address_sources VALUES (?, ?, ?)", (*row, now))
    if not cursor.rowcount:
        connection.execute(
            "UPDATE address_sources SET seen_at = ? WHERE address_id = ? AND source_id = ?", (now, *row)
        )
    return cursor.rowcount


def _insert(connection: sqlite3.Connection, newspaper: str, item: Found, now: str) -> int:
    cursor = connection.execute(
        "INSERT INTO addresses (url, newspaper, source, lastmod, published, recency, found_at, next_visit_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            item.url,
            newspaper,
            item.source,
            item.lastmod,
            item.published,
            recency(item.url, item.lastmod),
            now,
            now,
        ),
    )
    return int(cursor.lastrowid or 0)


def _hint(connection: sqlite3.Connection, known: sqlite3.Row, lastmod: str, now: str) -> None:
    """A source says that the address changed: since it said so last, or since the last visit."""
    changed = lastmod > min(known["lastmod"] or "9999", known["visited_at"] or "9999")
    if changed and known["state"] == AddressState.ARTICLE:
        connection.execute("UPDATE addresses SET next_visit_at = ? WHERE id = ?", (now, known["id"]))
    connection.execute("UPDATE addresses SET lastmod = ? WHERE id = ?", (lastmod, known["id"]))


def _pause_of_gone(since: str, now: str) -> timedelta:
    gone_for = datetime.fromisoformat(now) - datetime.fromisoformat(since)
    return min(max(gone_for, _GONE_AGAIN_AFTER), _REFUSED_AGAIN_AFTER)


def _shifted(now: str, pause: timedelta) -> str:
    return utc_text(datetime.fromisoformat(now) + pause)


def take_up_again(connection: sqlite3.Connection, reason: str | None) -> int:
    """Make refused addresses (of one reason, or all) pending, but for those taken down; returns how many."""
    cursor = connection.execute(
        "UPDATE addresses SET state = 'pending', reason = NULL, reader_deaths = 0, visited_at = NULL"
        " WHERE state = 'refused' AND (? IS NULL OR reason = ?) AND reason <> ?",
        (reason, reason, Reason.TAKEN_DOWN),
    )
    return cursor.rowcount
