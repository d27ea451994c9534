"""One saved page into the archive: its raw bytes first, then what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newsarchive.archive import Visit, now
from newsarchive.capture import payload_sha256
from newsarchive.discovery import addresses
from newsarchive.guarding import ReaderDiedError
from newsarchive.items import Article, Capture, Reason, Refusal
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
    try:
        item, newspaper = archive.guard.read(page.url or page.origin, reading.unfinished, page, cards, given)
    except ReaderDiedError as died:
        item, newspaper = Refusal(url=page.url, reason=Reason.KILLS_READER, detail=str(died)), given
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
    if page.record is not None and page.warc_file is not None and archive.owns(page.warc_file):
        made = rebuilding.capture_of(page.record, page, page.warc_file)
        visit = Visit(url, made.fetched_at) if url and made.source == "live" else None
        archive.refer(made)
    else:
        digest = payload_sha256(page.body)
        name = url or f"urn:sha256:{digest}"
        if archive.holds_payload(name, digest):
            archive.tally.unchanged += 1
            return
        visit = None
        made = _captured(archive, page, name)
    archive.keep(replace(item, captures=(made,)), visit)


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
    if page.record is not None and page.warc_file is not None and archive.owns(page.warc_file):
        return archive.refer(rebuilding.capture_of(page.record, page, page.warc_file)), None
    digest = payload_sha256(page.body)
    name = page.address or f"urn:sha256:{digest}"
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
