"""One saved page into the archive: its raw bytes first, then what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newsarchive.archive import Visit, now
from newsarchive.capture import payload_sha256
from newsarchive.discovery import addresses
from newsarchive.items import AddressState, Article, Capture, Reason, Refusal
from newsarchive.offline import reading, rebuilding, saved
from newsarchive.offline.parts import Part, Parts, Whole
from newsarchive.storage import captures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsarchive.archive import Archive
    from newsarchive.items import Newspaper

_OF_ARTICLES = frozenset({"new", "changed", "unchanged"})


def ingest(
    archive: Archive,
    page: saved.SavedPage,
    given: Newspaper | None,
    cards: Sequence[Newspaper],
    parts: Parts | None = None,
) -> None:
    """Read a page through the same rooms as a crawl and add it to the archive's group.

    A record that stands in the capture directory is referred to; anything else is first written there as a
    `resource` record. What is there already, byte for byte under the same address, is left alone. One part of
    a paged article joins `parts`, where it waits for the others until `ingest_rest`; alone it is refused.
    """
    if page.content_type != saved.JSON_LINE and not saved.is_html(page):
        return
    if _ended_its_readers(archive, page):
        archive.tally.unchanged += 1
        return
    item, newspaper = archive.guard.read_page(page, cards, given)
    if item is None:
        return
    number = addresses.part(page.address) if page.address else 1
    if number > 1 or (isinstance(item, Article) and item.next_page):
        _take_part(
            archive,
            page,
            Part(item=item, number=number, captured_at=saved.moment(page), newspaper=newspaper),
            parts,
        )
        return
    item = reading.finish(item, newspaper)
    url = item.url or page.url
    made = _own_capture(archive, page)
    if made is not None:
        visit = Visit(url, made.fetched_at) if url and made.source == "live" else None
        archive.refer(made)
    else:
        name = url or page.name
        if archive.holds_payload(name, payload_sha256(page.body)):
            archive.tally.unchanged += 1
            return
        visit = None
        made = _captured(archive, page, name)
    archive.keep(replace(item, captures=(made,)), visit)


def _ended_its_readers(archive: Archive, page: saved.SavedPage) -> bool:
    """Whether this very page was refused because nobody survives reading it."""
    own = _own_capture(archive, page)
    if own is not None:
        outcome = captures.outcome_of(archive.connection, own)
    else:
        known = captures.known(archive.connection, page.name, payload_sha256(page.body))
        outcome = known[1] if known else None
    return outcome == f"{AddressState.REFUSED}: {Reason.KILLS_READER}"


def _own_capture(archive: Archive, page: saved.SavedPage) -> Capture | None:
    """What a page's record is, where it stands in the capture directory."""
    if page.record is None or page.warc_file is None or not archive.owns(page.warc_file):
        return None
    return rebuilding.capture_of(page.record, page, page.warc_file)


def ingest_rest(archive: Archive, parts: Parts) -> None:
    """Refuse what never became a whole article."""
    for whole in parts.rest():
        _keep(archive, whole)


def _take_part(archive: Archive, page: saved.SavedPage, part: Part, parts: Parts | None) -> None:
    """Capture a part at once, and keep its article when it is whole."""
    made, outcome = _captured_part(archive, page)
    part = replace(part, item=replace(part.item, captures=(made,)), outcome=outcome)
    waiting = Parts() if parts is None else parts
    whole = waiting.take(part)
    if whole:
        _keep(archive, whole)
    if parts is None:
        ingest_rest(archive, waiting)


def _captured_part(archive: Archive, page: saved.SavedPage) -> tuple[Capture, str | None]:
    """The capture of a part under its own address, and what became of it in an earlier run."""
    if (own := _own_capture(archive, page)) is not None:
        return archive.refer(own), None
    digest = payload_sha256(page.body)
    name = page.address or page.name
    if known := captures.known(archive.connection, name, digest):
        return known
    return _captured(archive, page, name), None


def _captured(archive: Archive, page: saved.SavedPage, name: str) -> Capture:
    """The page as a `resource` record; what a WARC field cannot hold of its Content-Type becomes a blank."""
    kind = "".join(c if c.isascii() and c.isprintable() else " " for c in page.content_type or "text/html")
    return archive.capture_resource(name, page.captured_at or now(), kind, page.body)


def _keep(archive: Archive, whole: Whole) -> None:
    """Keep what the parts come to, unless the same parts came to the same before."""
    outcomes = {part.outcome for part in whole.parts}
    is_article = isinstance(whole.item, Article)
    if None not in outcomes and (outcomes <= _OF_ARTICLES or not is_article):
        archive.tally.unchanged += 1
        return
    made = whole.item.captures
    item: Article | Refusal = reading.finish(whole.item, whole.parts[0].newspaper)
    first = made[0]
    visit = Visit(item.url, first.fetched_at) if item.url and first.source == "live" else None
    archive.keep(replace(item, captures=made), visit)
