"""Tables `assets` and `issues`: files that pages name, whether they are kept, and which printed issue they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from newsarchive.items import AssetState, Reason
from newsarchive.storage import captures
from newsarchive.storage.ledger import utc_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from newsarchive.items import Capture

_FIRST_RETRY = timedelta(minutes=15)
_LONGEST_RETRY = timedelta(days=7)
_REFUSED_AGAIN_AFTER = timedelta(days=30)
_WHOLE = "status = 200 AND NOT truncated AND source = 'live'"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file to fetch. kind: issue or image. tries: failed ones since the last success."""

    id: int
    url: str
    kind: str
    article_id: int | None
    tries: int


@dataclass(frozen=True, slots=True)
class Issue:
    """A page of the newspaper that links the PDF files of a printed issue.

    url: the page's normal address. page_capture_id: the answer that named the files. published_on: local day,
    YYYY-MM-DD. number: as printed in the title. pdfs: absolute addresses in the page's order.
    """

    url: str
    page_capture_id: int
    title: str | None
    published_on: str | None
    number: int | None
    pdfs: tuple[str, ...]


def enter_images(connection: sqlite3.Connection, newspaper: str, *, captured_only: bool = False) -> None:
    """Enter the pictures that articles name and nobody has entered; captured_only: those that a capture holds."""
    captured = (
        f" AND EXISTS (SELECT 1 FROM captures WHERE url = image_url AND {_WHOLE})" if captured_only else ""
    )
    connection.execute(
        "INSERT OR IGNORE INTO assets (url, newspaper, kind, address, article_id, published_on)"
        " SELECT image_url, newspaper, 'image', url, id, published_on FROM articles"
        " WHERE newspaper = ? AND image_url IS NOT NULL AND url IS NOT NULL"
        f" AND NOT EXISTS (SELECT 1 FROM assets WHERE assets.url = image_url){captured} ORDER BY id",
        (newspaper,),
    )


def unread_issue_pages(connection: sqlite3.Connection, newspaper: str) -> list[sqlite3.Row]:
    """Refused issue pages whose present capture has not been read for its files, with the place of its record."""
    return connection.execute(
        "SELECT r.url, r.capture_id, c.fetched_at, c.warc_file, c.warc_offset, c.warc_length"
        " FROM refusals AS r JOIN captures AS c ON c.id = r.capture_id"
        " WHERE r.newspaper = ? AND r.reason = ? AND r.url IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM issues AS i WHERE i.url = r.url AND i.page_capture_id = r.capture_id) ORDER BY r.id",
        (newspaper, Reason.ISSUE_PAGE),
    ).fetchall()


def enter_issue(connection: sqlite3.Connection, newspaper: str, issue: Issue) -> None:
    """Enter an issue's files. One that the page names no more keeps its row; a kept file keeps its capture."""
    for part, pdf in enumerate(issue.pdfs, 1):
        connection.execute(
            "INSERT INTO issues (url, published_on, number, title, pdf_url, part, page_capture_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (url, pdf_url) DO UPDATE SET"
            " published_on = excluded.published_on, number = excluded.number, title = excluded.title,"
            " part = excluded.part, page_capture_id = excluded.page_capture_id",
            (issue.url, issue.published_on, issue.number, issue.title, pdf, part, issue.page_capture_id),
        )
        connection.execute(
            "INSERT OR IGNORE INTO assets (url, newspaper, kind, address, published_on)"
            " VALUES (?, ?, 'issue', ?, ?)",
            (pdf, newspaper, issue.url, issue.published_on),
        )
        _show_kept(connection, pdf)


def take(
    connection: sqlite3.Connection,
    newspaper: str,
    kinds: Sequence[str],
    *,
    run_id: int,
    now: str,
    bound: int,
    window: tuple[str, str] = ("", ""),
) -> Asset | None:
    """The newest file that is due, noted as asked by this run, which is not given it again.

    A file that was too large is given where more than the bytes that stopped it are allowed now (`bound`).
    `window` leaves out what is known to be published before its first day or after its second, "" for no bound.
    """
    since, until = window
    row = connection.execute(
        "SELECT id, url, kind, article_id, tries FROM assets"
        " WHERE state IN ('pending', 'failed', 'refused', 'too-large')"
        f" AND newspaper = ? AND kind IN ({', '.join('?' * len(kinds))}) AND run_id IS NOT ?"
        " AND (next_try_at IS NULL OR next_try_at <= ?) AND (state <> 'too-large' OR bytes < ?)"
        " AND (? = '' OR coalesce(published_on, ?) >= ?) AND (? = '' OR coalesce(published_on, '') <= ?)"
        " ORDER BY published_on DESC, id DESC LIMIT 1",
        (newspaper, *kinds, run_id, now, bound, since, since, since, until, until),
    ).fetchone()
    if row is None:
        return None
    connection.execute("UPDATE assets SET run_id = ? WHERE id = ?", (run_id, row["id"]))
    return Asset(**row)


def known_capture(connection: sqlite3.Connection, url: str) -> sqlite3.Row | None:
    """The newest whole answer that is captured already under a file's address: that of a rebuilt archive."""
    row: sqlite3.Row | None = connection.execute(
        f"SELECT * FROM captures WHERE url = ? AND {_WHOLE} ORDER BY id DESC LIMIT 1", (url,)
    ).fetchone()
    return row


def untried(connection: sqlite3.Connection, newspaper: str) -> list[Asset]:
    """Files that were entered and never asked for."""
    rows = connection.execute(
        "SELECT id, url, kind, article_id, tries FROM assets WHERE state = 'pending' AND newspaper = ? ORDER BY id",
        (newspaper,),
    )
    return [Asset(**row) for row in rows]


def keep(connection: sqlite3.Connection, asset: Asset, capture_id: int | None, size: int) -> None:
    """The file is captured; `size` is the bytes of its body."""
    connection.execute(
        "UPDATE assets SET state = 'kept', reason = NULL, tries = 0, next_try_at = NULL, capture_id = ?, bytes = ?"
        " WHERE id = ?",
        (capture_id, size, asset.id),
    )
    connection.execute(
        "UPDATE captures SET outcome = ?, article_id = coalesce(article_id, ?) WHERE id = ?",
        (asset.kind, asset.article_id, capture_id),
    )
    if asset.kind == "issue":
        _show_kept(connection, asset.url)


def too_large(connection: sqlite3.Connection, asset: Asset, bound: int) -> None:
    """The file has more than `bound` bytes."""
    connection.execute(
        "UPDATE assets SET state = ?, reason = ?, tries = 0, next_try_at = NULL, bytes = ? WHERE id = ?",
        (AssetState.TOO_LARGE, Reason.TOO_LARGE, bound, asset.id),
    )


def settle(
    connection: sqlite3.Connection,
    asset: Asset,
    state: AssetState,
    reason: Reason,
    now: str,
    capture: Capture | None = None,
) -> None:
    """The file did not come. What failed is tried again after a growing pause, what was refused in a month."""
    tries = asset.tries + 1 if state is AssetState.FAILED else 0
    again: str | None = None
    if state in {AssetState.FAILED, AssetState.REFUSED}:
        retry = min(_FIRST_RETRY * 2 ** min(tries, 12), _LONGEST_RETRY)
        pause = retry if state is AssetState.FAILED else _REFUSED_AGAIN_AFTER
        again = utc_text(datetime.fromisoformat(now) + pause)
    connection.execute(
        "UPDATE assets SET state = ?, reason = ?, tries = ?, next_try_at = ? WHERE id = ?",
        (state, reason, tries, again, asset.id),
    )
    if capture is not None:
        captures.set_outcome(connection, capture, f"{state}: {reason}")


def left(connection: sqlite3.Connection, newspaper: str, kinds: Sequence[str]) -> int:
    """How many files of these kinds are still to come."""
    query = (
        "SELECT count(*) FROM assets WHERE state IN ('pending', 'failed') AND newspaper = ?"
        f" AND kind IN ({', '.join('?' * len(kinds))})"
    )
    return int(connection.execute(query, (newspaper, *kinds)).fetchone()[0])


def _show_kept(connection: sqlite3.Connection, pdf: str) -> None:
    """Write the file's capture and digest into the rows of the issues that it belongs to."""
    connection.execute(
        "UPDATE issues SET capture_id = c.id, sha256 = c.payload_sha256 FROM assets AS a"
        " JOIN captures AS c ON c.id = a.capture_id WHERE a.url = issues.pdf_url AND issues.pdf_url = ?",
        (pdf,),
    )
