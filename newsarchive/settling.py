"""What a visit's result does to the tables: article or refusal, the address's state, the counts of the run."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from newsarchive.crawling.webarchives import COPIES
from newsarchive.items import AddressState, Article, Capture, Reason, Refusal
from newsarchive.storage import (
    articles,
    captures,
    confirmations,
    joining,
    ledger,
    mementos,
    refusals,
    standing,
)
from newsarchive.storage import takedowns as tables

if TYPE_CHECKING:
    import sqlite3

    from newsarchive.items import Newspaper
    from newsarchive.removal.takedowns import Arrival, Takedowns
    from newsarchive.storage import runs

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Visit:
    """What the ledger needs of a visit besides its result.

    url: the normal address. seen_at: UTC, what counts where no answer was captured. validators: the answer's
    ETag and Last-Modified. memento: the row of `mementos` that was fetched, where it was one; later_mementos:
    those of the later parts of a paged article.
    """

    url: str
    seen_at: str
    validators: tuple[str | None, str | None] = (None, None)
    memento: int | None = None
    later_mementos: tuple[int, ...] = ()


def write(
    connection: sqlite3.Connection,
    newspaper: Newspaper,
    tally: runs.Tally,
    item: Article | Refusal,
    visit: Visit | None,
    now: str,
    takedowns: Takedowns,
) -> None:
    """Write a result inside the caller's transaction, or what the list of takedowns leaves of it.

    A visit's time is that of its last answer, so that a rebuild from the captures tells the same time; `now`
    (UTC) counts where there is neither visit nor answer.
    """
    arrival = takedowns.arrived(item, visit.url if visit else None)
    if arrival is not None:
        _write_taken_down(connection, newspaper, tally, item, visit, now, takedowns, arrival)
        return
    if item.captures and item.captures[0].source in COPIES:
        _write_copy(connection, newspaper, tally, item, visit)
        return
    if visit and item.captures:
        visit = replace(visit, seen_at=item.captures[-1].fetched_at)
    if isinstance(item, Article):
        _write_article(connection, newspaper, tally, item, visit)
    else:
        _write_refusal(connection, newspaper, tally, item, visit, now)


def join(
    connection: sqlite3.Connection,
    newspaper: str,
    url: str,
    target: str,
    now: str,
    takedowns: Takedowns,
) -> None:
    """Write that the address `url` leads to the article at `target`, unless that may not be said.

    What leads to a sealed address is sealed with it. Where a closed address leads to, another article may stand.
    """
    at_target, at_url = takedowns.at(target), takedowns.at(url)
    if at_target is not None:
        takedowns.close(at_target, url)
    elif at_url is not None and not takedowns.is_closed(url):
        takedowns.close(at_url, target)
    closed = [address for address in (url, target) if takedowns.is_closed(address)]
    for address in closed:
        _close_address(connection, newspaper, address, now, takedowns)
    if not closed:
        ledger.join(connection, newspaper, url, target, now)


def _close_address(
    connection: sqlite3.Connection, newspaper: str, url: str, now: str, takedowns: Takedowns
) -> None:
    """The ledger knows the address by a name that tells nothing, and will not visit it.

    Where it knew it by its own name, bytes of that may stand in the file.
    """
    tombstone = takedowns.tombstone(url)
    if tombstone == url or not ledger.knows(connection, url):
        ledger.ensure(connection, newspaper, tombstone, now)
    else:
        tables.set_unfinished(connection, unfinished=True)
    tables.close_address(connection, url, tombstone)


def _write_taken_down(
    connection: sqlite3.Connection,
    newspaper: Newspaper,
    tally: runs.Tally,
    item: Article | Refusal,
    visit: Visit | None,
    now: str,
    takedowns: Takedowns,
    arrival: Arrival,
) -> None:
    """Write what the list leaves of a result: a redacted text, or that its address is closed."""
    own = (captures.id_of(connection, made) for made in item.captures)
    tables.take_out_captures(connection, [number for number in own if number is not None])
    if visit is not None:
        for memento in (visit.memento, *visit.later_mementos):
            mementos.drop(connection, memento)
        if not arrival.is_followed:
            _close_address(connection, newspaper.name, visit.url, visit.seen_at, takedowns)
    if arrival.item is None:
        logger.info("%s %s", Reason.TAKEN_DOWN, arrival.takedown.key)
        tally.count_reason(Reason.TAKEN_DOWN)
        tally.refused += 1
        return
    kept = arrival.item
    followed = visit if arrival.is_followed else None
    if kept.captures and kept.captures[0].source in COPIES:
        _write_copy(connection, newspaper, tally, kept, None, arrival.public_key)
        return
    if followed and kept.captures:
        # A server's validators and the digest of its bytes would let somebody try names.
        followed = replace(followed, seen_at=kept.captures[-1].fetched_at, validators=(None, None))
    if isinstance(kept, Article):
        _write_article(connection, newspaper, tally, kept, followed, arrival.public_key)
    elif followed is not None:
        _write_refusal(connection, newspaper, tally, kept, followed, now)


def unchanged(
    connection: sqlite3.Connection, newspaper: Newspaper, tally: runs.Tally, visit: Visit, made: Capture
) -> None:
    """Write that the server said 304: the text stands as it was. One that is not known yet is confirmed later."""
    row = connection.execute(
        "SELECT r.id, r.published_at, a.payload_sha256, a.etag, a.last_modified FROM addresses AS a"
        " JOIN articles AS r ON r.id = a.article_id WHERE a.url = ?",
        (visit.url,),
    ).fetchone()
    if row is None:  # the text is in a file that has not been taken in, or another tool deleted it
        ledger.forget_validators(connection, visit.url, made.fetched_at)
        return
    captures.set_outcome(connection, made, "unchanged")
    articles.show_best(connection, row["id"])
    visit = replace(visit, seen_at=made.fetched_at, validators=(row["etag"], row["last_modified"]))
    address_id = ledger.ensure(connection, newspaper.name, visit.url, visit.seen_at)
    _settle(connection, address_id, visit, row["id"], row["published_at"], row["payload_sha256"])
    standing.seen(connection, address_id, row["id"], made.fetched_at)
    tally.unchanged += 1


def _write_copy(
    connection: sqlite3.Connection,
    newspaper: Newspaper,
    tally: runs.Tally,
    item: Article | Refusal,
    visit: Visit | None,
    key: str | None = None,
) -> None:
    """A web archive's copy: it is no visit of the address, whose state is what the newspaper said last."""
    made = item.captures[0]
    reason = None
    if isinstance(item, Article):
        saved = joining.join(
            connection, articles.save(connection, item, principal_host=newspaper.hosts[0], key=key)
        )
        for capture_id in captures.ids_of_copies(connection, made):
            refusals.clear(connection, address_id=None, capture_id=capture_id)
        logger.info("%s %s, as it stood on %s", saved.outcome, saved.key, made.fetched_at)
        setattr(tally, saved.outcome, getattr(tally, saved.outcome) + 1)
        if item.url is not None:
            address_id = ledger.ensure(connection, newspaper.name, item.url, made.fetched_at)
            standing.copied(connection, address_id, saved.article_id)
    else:
        reason = item.reason
        tally.count_reason(reason)
        tally.refused += 1
        logger.info("%s %s, as it stood on %s: %s", reason, item.url, made.fetched_at, item.detail)
        refusals.save(connection, item, address_id=None, now=made.fetched_at)
    if visit and visit.memento is not None:
        fetched = zip((visit.memento, *visit.later_mementos), item.captures, strict=False)
        for memento, made in fetched:
            mementos.settle(connection, memento, reason, captures.id_of(connection, made))


def _write_article(
    connection: sqlite3.Connection,
    newspaper: Newspaper,
    tally: runs.Tally,
    article: Article,
    visit: Visit | None,
    key: str | None = None,
) -> None:
    saved = joining.join(
        connection, articles.save(connection, article, principal_host=newspaper.hosts[0], key=key)
    )
    first = article.captures[0]
    address_id = ledger.ensure(connection, newspaper.name, visit.url, visit.seen_at) if visit else None
    overtaken = visit is not None and address_id is not None and _is_older(connection, address_id, visit)
    for made in article.captures:
        capture_id = captures.id_of(connection, made)
        refusals.clear(connection, address_id=None if overtaken else address_id, capture_id=capture_id)
    logger.info("%s %s", saved.outcome, saved.key)
    setattr(tally, saved.outcome, getattr(tally, saved.outcome) + 1)
    if visit and address_id is not None:
        first_id = captures.id_of(connection, first)
        payload = first.payload_sha256 if first_id is not None else None
        confirmed_at = confirmations.last_of(connection, first_id) if first_id is not None else None
        for moment in (visit.seen_at, confirmed_at):
            if moment is None:
                continue
            visit = replace(visit, seen_at=moment)
            _settle(connection, address_id, visit, saved.article_id, article.published_at, payload)
            if first.source == "live":
                standing.seen(connection, address_id, saved.article_id, moment)


def _settle(
    connection: sqlite3.Connection,
    address_id: int,
    visit: Visit,
    article_id: int,
    published_at: str | None,
    payload_sha256: str | None,
) -> None:
    ledger.settle_article(
        connection,
        address_id,
        article_id,
        published_at=published_at,
        now=visit.seen_at,
        validators=visit.validators,
        payload_sha256=payload_sha256,
    )


def _write_refusal(
    connection: sqlite3.Connection,
    newspaper: Newspaper,
    tally: runs.Tally,
    refusal: Refusal,
    visit: Visit | None,
    now: str,
) -> None:
    tally.count_reason(refusal.reason)
    logger.info("%s %s: %s", refusal.reason, refusal.url, refusal.detail)
    state = ledger.state_for(refusal.reason)
    if visit is None:
        refusals.save(connection, refusal, address_id=None, now=now)
    else:
        _settle_refusal(connection, newspaper, refusal, visit, state)
    if state is AddressState.GONE:
        tally.gone += 1
    elif state in {AddressState.FAILED, AddressState.BLOCKED} and refusal.reason != Reason.ROBOTS_DISALLOWED:
        tally.failed += 1
    else:
        tally.refused += 1


def _settle_refusal(
    connection: sqlite3.Connection,
    newspaper: Newspaper,
    refusal: Refusal,
    visit: Visit,
    state: AddressState,
) -> None:
    address_id = ledger.ensure(connection, newspaper.name, visit.url, visit.seen_at)
    if _is_older(connection, address_id, visit):
        for made in refusal.captures:
            captures.set_outcome(connection, made, f"{state}: {refusal.reason}")
    elif state is AddressState.REFUSED:
        refusals.save(connection, refusal, address_id=address_id, now=visit.seen_at)
    else:
        refusals.clear(connection, address_id=address_id, capture_id=None)
        for made in refusal.captures:
            captures.set_outcome(connection, made, f"{state}: {refusal.reason}")
    ledger.settle_refusal(connection, address_id, refusal.reason, visit.seen_at)
    if state is AddressState.GONE:
        standing.missed(connection, address_id)


def _is_older(connection: sqlite3.Connection, address_id: int, visit: Visit) -> bool:
    """Whether a later visit of the address is known: what was refused before it says nothing any more."""
    row = connection.execute("SELECT visited_at FROM addresses WHERE id = ?", (address_id,)).fetchone()
    return (row["visited_at"] or "") > visit.seen_at
