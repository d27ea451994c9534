"""One saved page into the archive: its raw bytes first, then what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newsarchive import reading, rebuilding, saved
from newsarchive.archive import Visit, now
from newsarchive.capture import payload_sha256

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsarchive.archive import Archive
    from newsarchive.items import Newspaper


def ingest(
    archive: Archive, page: saved.SavedPage, given: Newspaper | None, cards: Sequence[Newspaper]
) -> None:
    """Read a page through the same rooms as a crawl and add it to the archive's group.

    A record that stands in the capture directory is referred to; anything else is first written there as a
    `resource` record. What is there already, byte for byte under the same address, is left alone.
    """
    if page.content_type != saved.JSON_LINE and not saved.is_html(page):
        return
    with archive.reading(page.url or page.origin):
        item = reading.read(page, cards, given)
    if item is None:
        return
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
        made = archive.capture_resource(
            name, page.captured_at or now(), page.content_type or "text/html", page.body
        )
    archive.keep(replace(item, captures=(made,)), visit)
