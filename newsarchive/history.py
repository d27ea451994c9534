"""Web archives as sources: their indexes into the ledger, then their copies of what the live site lacks.

Everything goes through the crawl's own ledger, captures, pipelines and pauses. Nothing here asks the newspaper.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request

from newsarchive import visits, webarchives
from newsarchive.archive import Visit, now
from newsarchive.discovery import CaptureIndex, addresses, commoncrawl, wayback
from newsarchive.endpoints import BROKE_OFF, MEMENTO, NO_COPY, WEB_ARCHIVE, Endpoints
from newsarchive.exceptions import NewsArchiveError
from newsarchive.failures import reason_of
from newsarchive.items import Article, Found, Memento, Reason, Refusal, Source
from newsarchive.middlewares import Pauses, SourceStopped
from newsarchive.storage import ledger, mementos, sources
from newsarchive.webarchives import COPIES, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from newsarchive.archive import Archive
    from newsarchive.newspaper import NewspaperSpider
    from newsarchive.storage.mementos import Wanted

_BATCH = 64
_ASK_AGAIN_DAYS = 30
_MAX_HOPS = 3
_MAX_TROUBLE = 5
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


class History:
    """The web archives of one run. `stopped` says why one is asked no more, by source."""

    def __init__(self, spider: NewspaperSpider, archive: Archive) -> None:
        self._spider = spider
        self._archive = archive
        self._newspaper = spider.newspaper
        self._endpoints = Endpoints.from_settings(
            spider.settings, spider.arguments.source, stands_in=spider.site is not None
        )
        self._per_address = max(1, spider.settings.getint("ARCHIVE_MEMENTOS_PER_ADDRESS"))
        self._sources = tuple(name for name in spider.arguments.source if name in COPIES)
        self._asked: set[int] = set()
        self._under_way: dict[tuple[str, int], Visit] = {}
        self._trouble: Counter[str] = Counter()
        self.taken = 0
        self.stopped: dict[str, str] = {}

    def require(self, source: str, url: str) -> None:
        """Raise SourceStopped for an archive that is asked no more, ValueError for what is no archive's."""
        if source in self.stopped:
            raise SourceStopped(self.stopped[source])
        if not self._endpoints.allow(source, url):
            raise ValueError(f"{url} is no web archive's; not asked")

    def begin(self) -> Iterator[Request]:
        """Ask the indexes that have not been walked to their end, or not for a month."""
        if not self._sources:
            return
        pauses = self._spider.crawler.get_downloader_middleware(Pauses)
        if pauses is not None:
            for netloc, seconds in self._endpoints.delays().items():
                pauses.keep_interval(netloc, seconds)
        with self._archive.transaction() as connection:
            for name in self._sources:
                mementos.take_up_again(connection, name)
        known = sources.known(self._archive.connection, self._newspaper.name)
        if "wayback" in self._sources:
            for host in self._newspaper.hosts:
                url = f"{self._endpoints.wayback}/cdx/search/cdx?url={host}/&matchType=prefix"
                yield from self._walk(known.get(url, Source(url, "wayback")), host)
        if "commoncrawl" in self._sources:
            yield from self._collections()

    def take(self, limit: int | None) -> list[Request]:
        """Requests for the next mementos, none when there are no more. `limit`: of this run, None for none."""
        batch = _BATCH if limit is None else min(_BATCH, limit - self.taken)
        arguments = self._spider.arguments
        for name in self._sources:
            if name in self.stopped or batch <= 0:
                continue
            taken = mementos.wanted(
                self._archive.connection,
                self._newspaper.name,
                name,
                limit=batch,
                per_address=self._per_address,
                visited_only="live" in arguments.source,
                window=(arguments.since, arguments.until),
                leave_out=self._asked,
            )
            if taken:
                self.taken += len(taken)
                self._asked.update(wanted.id for wanted in taken)
                return [self._page_request(wanted, wanted.memento, 0) for wanted in taken]
        return []

    def finish(self, item: Article | Refusal) -> Visit:
        """The visit that this copy ends."""
        made = item.captures[0]
        visit = self._under_way.pop((made.warc_file, made.warc_offset))
        assert visit.memento is not None
        self._asked.discard(visit.memento)
        return visit

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
            self._kept_away(walk.source.kind, index.reason or "")
            if response.status == _TOO_MANY:
                self.stop(walk.source.kind, "HTTP 429")
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
        self._kept_away(walk.source.kind, detail)

    def listed(self, response: Response, walk: _Walk) -> Iterator[Request]:
        """Read Common Crawl's list of collections, and walk those that have not been walked."""
        try:
            names = commoncrawl.collections(response.body) if response.status == _OK else ()
        except (ValueError, TypeError):
            names = ()
        if not names:
            detail = f"{walk.source.url}: HTTP {response.status}, no list of collections"
            self._kept_away("commoncrawl", detail)
            return
        if self._spider.discovery:
            self._spider.discovery.answered = True
        yield from self._in_collections(names)

    def fetched(self, response: Response, wanted: Wanted, hops: int) -> Iterator[Article | Refusal | Request]:
        """Read a copy, or find out why there is none."""
        source = wanted.memento.source
        no_copy: webarchives.NoCopy | None = response.meta.get(NO_COPY)
        if no_copy is not None:
            yield from self._without_copy(wanted, no_copy, hops, response.status)
            return
        self._trouble[source] = 0
        made = response.meta["capture"]
        if BROKE_OFF in response.flags:
            self._fail(wanted, Reason.INCOMPLETE, f"{response.url} broke off")
            return
        answer = visits.Answer(
            url=wanted.address,
            final_url=wanted.address,
            status=response.status,
            body=response.body,
            content_type=made.content_type,
            captured_at=datetime.fromisoformat(made.fetched_at),
            truncated=made.truncated,
        )
        with self._archive.reading(wanted.address):
            item = visits.alone(visits.read(answer, self._newspaper))
        self._under_way[made.warc_file, made.warc_offset] = Visit(
            wanted.address, made.fetched_at, memento=wanted.id
        )
        yield replace(item, captures=(made,))

    def not_fetched(self, failure: Failure) -> None:
        """No answer came; a stopped source's memento stays pending."""
        wanted: Wanted = failure.request.cb_kwargs["wanted"]  # type: ignore[attr-defined]
        if isinstance(failure.value, SourceStopped):
            self._asked.discard(wanted.id)
            return
        reason, detail = reason_of(failure)
        self._fail(wanted, reason, detail)
        self._count_trouble(wanted.memento.source, detail)

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
        yield self._request(
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
        return self._request(
            url, walk.source.kind, self.indexed, self.not_indexed, {"walk": walk}, meta=dict(_INDEX_META)
        )

    def _page_request(self, wanted: Wanted, memento: Memento, hops: int) -> Request:
        headers = {}
        if memento.source == "wayback":
            url = webarchives.page_url(self._endpoints.wayback, memento)
        else:
            file, _, _ = commoncrawl.place(memento.location or "")
            url = f"{self._endpoints.data}/{file}"
            headers = {"Range": webarchives.range_header(memento)}
        meta = {MEMENTO: (memento, wanted.address)}
        kwargs = {"wanted": wanted, "hops": hops}
        return self._request(
            url, memento.source, self.fetched, self.not_fetched, kwargs, meta=meta, headers=headers
        )

    def _request(
        self,
        url: str,
        source: str,
        callback: Callable[..., Any],
        errback: Callable[..., Any],
        kwargs: dict[str, Any],
        *,
        meta: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> Request:
        marks = {WEB_ARCHIVE: source, "dont_redirect": True}
        return Request(
            url,
            callback=callback,
            errback=errback,
            cb_kwargs=kwargs,
            headers=headers,
            meta={**meta, **marks},
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
        listed = [entry for memento in index.mementos if (entry := _standing(memento, self._newspaper.hosts))]
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

    def _without_copy(
        self, wanted: Wanted, no_copy: webarchives.NoCopy, hops: int, status: int
    ) -> Iterator[Request]:
        source = wanted.memento.source
        if no_copy.trouble is Trouble.BUSY:
            self._fail(wanted, Reason.HTTP_ERROR, no_copy.detail)
            self._count_trouble(source, no_copy.detail, stop=status == _TOO_MANY)
            return
        if no_copy.trouble is Trouble.KEPT_AWAY:
            self._fail(wanted, Reason.HTTP_FORBIDDEN, no_copy.detail)
            return
        self._trouble[source] = 0
        if no_copy.target is None:
            self._refuse(wanted, Reason.HTTP_GONE, no_copy.detail)
            return
        timestamp, url = no_copy.target
        if addresses.normal(url) == wanted.address and hops < _MAX_HOPS:
            yield self._page_request(wanted, Memento(url, timestamp, source), hops + 1)
        elif urlsplit(url).path in {"", "/"}:
            self._refuse(wanted, Reason.REDIRECTED_HOME, no_copy.detail)
        else:
            self._refuse(
                wanted, Reason.REDIRECT_LOOP if hops >= _MAX_HOPS else Reason.HTTP_ERROR, no_copy.detail
            )

    def _refuse(self, wanted: Wanted, reason: Reason, detail: str) -> None:
        """The archive holds no page here."""
        self._spider.logger.info("%s %s of %s: %s", reason, wanted.address, wanted.memento.timestamp, detail)
        self._asked.discard(wanted.id)
        self._archive.add(lambda connection: mementos.settle(connection, wanted.id, reason, None))

    def _fail(self, wanted: Wanted, reason: Reason, detail: str) -> None:
        self._spider.logger.warning("%s %s: %s", reason, wanted.address, detail)
        self._asked.discard(wanted.id)
        tally = self._archive.tally
        tally.failed += 1
        tally.count_reason(reason)
        self._archive.add(lambda connection: mementos.fail(connection, wanted.id, reason))

    def _count_trouble(self, source: str, detail: str, *, stop: bool = False) -> None:
        self._trouble[source] += 1
        if stop or self._trouble[source] >= _MAX_TROUBLE:
            self.stop(source, detail)

    def stop(self, source: str, detail: str) -> None:
        """Ask a source no more in this run."""
        self._kept_away(source, detail)
        if source not in self.stopped:
            self.stopped[source] = detail
            self._spider.logger.warning("%s is asked no more in this run: %s", source, detail)

    def _kept_away(self, source: str, detail: str) -> None:
        """Something kept us from a source, or from a part of it."""
        if self._spider.discovery:
            self._spider.discovery.kept_away[source] = f"{source}: {detail}"


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
