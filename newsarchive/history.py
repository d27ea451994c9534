"""Web archives as sources: their indexes into the ledger, then their copies of what the live site lacks.

Everything goes through the crawl's own ledger, captures, pipelines and pauses. Nothing here asks the newspaper.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsarchive import visits, webarchives
from newsarchive.archive import Visit
from newsarchive.discovery import addresses, commoncrawl
from newsarchive.endpoints import BROKE_OFF, MEMENTO, NO_COPY, Endpoints
from newsarchive.failures import SourceStopped, reason_of
from newsarchive.indexes import Indexes, request_to
from newsarchive.items import Article, Memento, Reason, Refusal
from newsarchive.middlewares import Pauses
from newsarchive.storage import mementos
from newsarchive.webarchives import COPIES, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Request
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from newsarchive.archive import Archive
    from newsarchive.newspaper import NewspaperSpider
    from newsarchive.storage.mementos import Wanted

_BATCH = 64
_MAX_HOPS = 3
_MAX_TROUBLE = 5
_TOO_MANY = 429


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
        yield from Indexes(self, self._spider, self._archive, self._endpoints).begin(self._sources)

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
        return request_to(
            url, memento.source, self.fetched, self.not_fetched, kwargs, meta=meta, headers=headers
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
        self.kept_away(source, detail)
        if source not in self.stopped:
            self.stopped[source] = detail
            self._spider.logger.warning("%s is asked no more in this run: %s", source, detail)

    def kept_away(self, source: str, detail: str) -> None:
        """Something kept us from a source, or from a part of it."""
        if self._spider.discovery:
            self._spider.discovery.kept_away[source] = f"{source}: {detail}"
