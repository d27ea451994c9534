"""The indexes of web archives, walked page by page into the ledger and the list of mementos."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from scrapy import Request

from newsarchive import visits
from newsarchive.archive import now
from newsarchive.crawling import webarchives
from newsarchive.crawling.endpoints import WEB_ARCHIVE
from newsarchive.crawling.failures import SourceStopped, reason_of
from newsarchive.discovery import CaptureIndex, addresses, commoncrawl, wayback
from newsarchive.exceptions import NewsArchiveError
from newsarchive.items import Found, Memento, Reason, Source
from newsarchive.storage import ledger, mementos, sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from newsarchive.archive import Archive
    from newsarchive.crawling.endpoints import Endpoints
    from newsarchive.crawling.history import History
    from newsarchive.newspaper import NewspaperSpider

_ASK_AGAIN_DAYS = 30
_OK = 200
_TOO_MANY = 429
# An index answers slowly, and in megabytes.
_INDEX_META = {"download_timeout": 300, "download_maxsize": 64 << 20}
_PAGES = ("text/html", "application/xhtml+xml", "text/plain")


@dataclass(frozen=True, slots=True)
class _Walk:
    """An index being walked. cursor: the page to ask next. last: digest of the page before."""

    source: Source
    host: str
    collection: str = ""
    cursor: str | None = None
    last: str = ""


class Indexes:
    """The indexes of one run, for its `history`."""

    def __init__(
        self, history: History, spider: NewspaperSpider, archive: Archive, endpoints: Endpoints
    ) -> None:
        self._history = history
        self._spider = spider
        self._archive = archive
        self._newspaper = spider.newspaper
        self._endpoints = endpoints

    def begin(self, names: Iterable[str]) -> Iterator[Request]:
        """Ask the indexes of these sources that have not been walked to their end, or not for a month."""
        known = sources.known(self._archive.connection, self._newspaper.name)
        if "wayback" in names:
            for host in self._newspaper.hosts:
                url = f"{self._endpoints.wayback}/cdx/search/cdx?url={host}/&matchType=prefix"
                yield from self._walk(known.get(url, Source(url, "wayback")), host)
        if "commoncrawl" in names:
            yield from self._collections()

    def indexed(self, response: Response, walk: _Walk) -> Iterator[Request]:
        """Enter a page of an index, and ask for the next one."""
        index = self._read(response, walk)
        digest = sha256(response.body).hexdigest()
        if index.cursor and (digest == walk.last or index.cursor == walk.cursor):
            index = replace(index, cursor=None, complete=False, reason="the same page came twice")
        try:
            self._enter(walk, index)
        except NewsArchiveError as error:
            self._spider.stop(error)
            return
        if index.reason:
            self._spider.logger.warning("%s: %s", walk.source.url, index.reason)
        if not index.complete:
            self._history.kept_away(walk.source.kind, index.reason or "")
            if response.status == _TOO_MANY:
                self._history.stop(walk.source.kind, "HTTP 429")
        elif self._spider.discovery:
            self._spider.discovery.answered = True
        if index.complete and index.cursor:
            yield self._index_request(replace(walk, cursor=index.cursor, last=digest))

    def not_indexed(self, failure: Failure) -> None:
        """An index did not answer: the walk goes on from its cursor in another run."""
        walk: _Walk = failure.request.cb_kwargs["walk"]  # type: ignore[attr-defined]
        if isinstance(failure.value, SourceStopped):
            return
        _, detail = reason_of(failure)
        try:
            self._enter(walk, CaptureIndex(complete=False, reason=detail))
        except NewsArchiveError as error:
            self._spider.stop(error)
        self._history.kept_away(walk.source.kind, detail)

    def listed(self, response: Response, walk: _Walk) -> Iterator[Request]:
        """Read Common Crawl's list of collections, and walk those that have not been walked."""
        try:
            names = commoncrawl.collections(response.body) if response.status == _OK else ()
        except (ValueError, TypeError):
            names = ()
        if not names:
            detail = f"{walk.source.url}: HTTP {response.status}, no list of collections"
            self._history.kept_away("commoncrawl", detail)
            return
        if self._spider.discovery:
            self._spider.discovery.answered = True
        yield from self._in_collections(names)

    def _walk(self, source: Source, host: str, collection: str = "") -> Iterator[Request]:
        """Begin or go on with an index, unless it was walked to its end of late (a collection: ever)."""
        finished = source.complete and source.visited_at is not None
        if finished and (
            collection
            or webarchives.age_in_days(source.visited_at or "", self._archive.started_at) < _ASK_AGAIN_DAYS
        ):
            return
        yield self._index_request(_Walk(source, host, collection, source.cursor))

    def _collections(self) -> Iterator[Request]:
        given = self._spider.settings.getlist("ARCHIVE_COMMONCRAWL_COLLECTIONS")
        if given:
            yield from self._in_collections(given)
            return
        url = f"{self._endpoints.index}/collinfo.json"
        walk = _Walk(Source(url, "commoncrawl"), "")
        yield request_to(
            url, "commoncrawl", self.listed, self.not_indexed, {"walk": walk}, meta=dict(_INDEX_META)
        )

    def _in_collections(self, names: Iterable[str]) -> Iterator[Request]:
        known = sources.known(self._archive.connection, self._newspaper.name)
        for name in names:
            for host in self._newspaper.hosts:
                url = f"{self._endpoints.index}/{name}-index?url={host}/&matchType=prefix"
                yield from self._walk(known.get(url, Source(url, "commoncrawl")), host, name)

    def _index_request(self, walk: _Walk) -> Request:
        if walk.source.kind == "wayback":
            limit = self._spider.settings.getint("ARCHIVE_WAYBACK_ROWS")
            url = wayback.query(self._endpoints.wayback, walk.host, limit=limit, resume_key=walk.cursor)
        else:
            url = commoncrawl.query(
                self._endpoints.index, walk.collection, walk.host, int(walk.cursor or "0")
            )
        return request_to(
            url, walk.source.kind, self.indexed, self.not_indexed, {"walk": walk}, meta=dict(_INDEX_META)
        )

    def _read(self, response: Response, walk: _Walk) -> CaptureIndex:
        if "truncated" in response.flags:
            return CaptureIndex(complete=False, reason="the answer broke off")
        if walk.source.kind == "commoncrawl":
            return commoncrawl.read(response.status, response.body, int(walk.cursor or "0"))
        if response.status != _OK:
            return CaptureIndex(complete=False, reason=f"HTTP {response.status}")
        return wayback.read(response.body)

    def _enter(self, walk: _Walk, index: CaptureIndex) -> None:
        moment = now()
        kind = walk.source.kind
        standing = (_standing(memento, self._newspaper.hosts) for memento in index.mementos)
        listed = [entry for entry in standing if entry and not self._archive.takedowns.covers(entry[1])]
        pages = {address for _, address, reason in listed if reason is None}
        source = replace(
            walk.source,
            cursor=index.cursor if index.complete else walk.cursor,
            visited_at=moment,
            complete=index.complete and index.cursor is None,
        )
        with self._archive.transaction() as connection:
            source_id = sources.record(connection, self._newspaper.name, source, index.reason)
            found = (Found(address, None, kind) for address in sorted(pages))
            unknown, _ = ledger.add(connection, self._newspaper.name, found, source_id, moment)
            entered, to_fetch = mementos.enter(connection, listed)
        self._archive.tally.found += unknown
        self._spider.logger.info(
            "%s: %d captures listed, %d of articles, %d new, %d of them to fetch",
            *(walk.source.url, len(index.mementos), len(listed), entered, to_fetch),
        )


def request_to(
    url: str,
    source: str,
    callback: Callable[..., Any],
    errback: Callable[..., Any],
    kwargs: dict[str, Any],
    *,
    meta: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> Request:
    """A request to the web archive `source`, and to nobody else."""
    marks = {WEB_ARCHIVE: source, "dont_redirect": True}
    return Request(
        url,
        callback=callback,
        errback=errback,
        cb_kwargs=kwargs,
        headers=headers,
        meta={**meta, **marks},
    )


def _standing(memento: Memento, hosts: tuple[str, ...]) -> tuple[Memento, str, Reason | None] | None:
    """The address that a memento is a capture of and why it is not fetched, None for what is no article's."""
    address = addresses.normal(memento.url)
    if address is None or not addresses.may_be_article(address, hosts):
        return None
    reason = None
    if memento.status not in {None, _OK}:
        reason = visits.reason_of_status(memento.status or 0)
    elif memento.media_type is not None and not memento.media_type.startswith(_PAGES):
        reason = Reason.NOT_HTML
    elif addresses.part(memento.url) > 1:
        reason = Reason.INCOMPLETE
    return memento, address, reason
