"""Web archives as sources: their indexes into the ledger, then their copies of what the live site lacks.

Everything goes through the crawl's own ledger, captures, pipelines and pauses. Nothing here asks the newspaper.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsarchive import visits
from newsarchive.archive import Visit
from newsarchive.crawling import webarchives
from newsarchive.crawling.endpoints import BROKE_OFF, MEMENTO, NO_COPY, Endpoints
from newsarchive.crawling.failures import SourceStopped, reason_of
from newsarchive.crawling.indexes import Indexes, request_to
from newsarchive.crawling.webarchives import COPIES, Trouble
from newsarchive.discovery import addresses, commoncrawl
from newsarchive.items import Article, Capture, Memento, Reason, Refusal
from newsarchive.middlewares import Pauses
from newsarchive.offline.parts import LONGEST_VISIT
from newsarchive.storage import mementos

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
_MAX_PARTS = 50
_MAX_TROUBLE = 5
_TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class _Reading:
    """A copy under way: the memento that was wanted, and what was read of it so far, each part with its memento."""

    wanted: Wanted
    parts: tuple[Article, ...] = ()
    mementos: tuple[Wanted, ...] = ()

    @property
    def current(self) -> Wanted:
        """The memento that is asked for now: the first part's own, or a later part's."""
        return self.mementos[-1]

    @property
    def number(self) -> int:
        """Which part of the article that is, counted from 1."""
        return len(self.mementos)

    def going_on(self, article: Article, following: Wanted) -> _Reading:
        """The same with one part read and the next one asked for."""
        return replace(self, parts=(*self.parts, article), mementos=(*self.mementos, following))


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
                return [self._page_request(_Reading(w, (), (w,)), w.memento, 0) for w in taken]
        return []

    def finish(self, item: Article | Refusal) -> Visit:
        """The visit that this copy ends."""
        made = item.captures[0]
        visit = self._under_way.pop((made.warc_file, made.warc_offset))
        if visit.memento is not None:
            self._asked.discard(visit.memento)
        return visit

    def fetched(
        self, response: Response, reading: _Reading, hops: int
    ) -> Iterator[Article | Refusal | Request]:
        """Read a copy, or find out why there is none."""
        wanted = reading.wanted
        no_copy: webarchives.NoCopy | None = response.meta.get(NO_COPY)
        if no_copy is not None:
            yield from self._without_copy(reading, no_copy, hops, response.status)
            return
        self._trouble[wanted.memento.source] = 0
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
        item = replace(self._archive.guard.read_answer(answer, self._newspaper), captures=(made,))
        if reading.parts and _apart(reading.parts[0].captures[0].fetched_at, made.fetched_at) > LONGEST_VISIT:
            yield self._incomplete(reading, f"part {reading.number} is not there")
            yield self._of_another_day(reading, made)
        elif isinstance(item, Article):
            yield self._with_parts(reading, item)
        elif reading.parts:
            yield self._incomplete(reading, f"part {reading.number} is no article: {item.reason}", (made,))
        else:
            yield self._read(reading, item)

    def _with_parts(self, reading: _Reading, article: Article) -> Article | Refusal | Request:
        """The article itself, or the request for the copy of its next part that was made nearest to the first."""
        parts = (*reading.parts, article)
        following = article.next_page
        if following is None or following in {part.next_page for part in parts[:-1]}:
            return self._read(reading, visits.joined(parts) if len(parts) > 1 else article)
        number, first = addresses.part(following), parts[0].captures[0].fetched_at
        if number == reading.number + 1 <= _MAX_PARTS and (
            part := self._copy_of_part(reading, number, first)
        ):
            return self._page_request(reading.going_on(article, part), part.memento, 0)
        return self._incomplete(replace(reading, parts=parts), f"part {number} is not there")

    def _copy_of_part(self, reading: _Reading, number: int, moment: str) -> Wanted | None:
        """The copy of a part, in the same archive, that was made nearest to `moment` (UTC), and within a day."""
        listed = mementos.parts(self._archive.connection, reading.wanted.id)
        near = [
            (distance, part.memento.timestamp, part)
            for part in listed
            if addresses.part(part.memento.url) == number
            and (distance := _apart(_moment(part.memento.timestamp), moment)) <= LONGEST_VISIT
        ]
        return min(near, key=lambda found: found[:2])[2] if near else None

    def _read(self, reading: _Reading, item: Article | Refusal) -> Article | Refusal:
        """The item, and note what its storing ends."""
        made = item.captures[0]
        later = tuple(part.id for part in reading.mementos[1:]) if isinstance(item, Article) else ()
        self._under_way[made.warc_file, made.warc_offset] = Visit(
            reading.wanted.address, made.fetched_at, memento=reading.wanted.id, later_mementos=later
        )
        return item

    def _incomplete(self, reading: _Reading, detail: str, more: tuple[Capture, ...] = ()) -> Refusal:
        made = (*(capture for part in reading.parts for capture in part.captures), *more)
        refusal = Refusal(
            url=reading.wanted.address,
            newspaper=self._newspaper.name,
            reason=Reason.INCOMPLETE,
            detail=detail,
            captures=made,
        )
        self._read(reading, refusal)
        return refusal

    def _of_another_day(self, reading: _Reading, made: Capture) -> Refusal:
        """A part to whose copy the archive led on instead; its memento may still serve another first part."""
        self._under_way[made.warc_file, made.warc_offset] = Visit(reading.wanted.address, made.fetched_at)
        return Refusal(
            url=reading.wanted.address,
            newspaper=self._newspaper.name,
            reason=Reason.INCOMPLETE,
            detail=f"part {reading.number} alone, without the first",
            captures=(made,),
        )

    def not_fetched(self, failure: Failure) -> None:
        """No answer came; a stopped source's memento stays pending."""
        reading: _Reading = failure.request.cb_kwargs["reading"]  # type: ignore[attr-defined]
        if isinstance(failure.value, SourceStopped):
            self._asked.discard(reading.wanted.id)
            return
        reason, detail = reason_of(failure)
        self._fail(reading.wanted, reason, detail)
        self._count_trouble(reading.wanted.memento.source, detail)

    def _page_request(self, reading: _Reading, memento: Memento, hops: int) -> Request:
        headers = {}
        if memento.source == "wayback":
            url = webarchives.page_url(self._endpoints.wayback, memento)
        else:
            file, _, _ = commoncrawl.place(memento.location or "")
            url = f"{self._endpoints.data}/{file}"
            headers = {"Range": webarchives.range_header(memento)}
        address = reading.wanted.address
        if reading.number > 1:
            address = f"{address}/{reading.number}"
        return request_to(
            url, memento.source, self.fetched, self.not_fetched, {"reading": reading, "hops": hops},
            meta={MEMENTO: (memento, address)}, headers=headers,
        )  # fmt: skip

    def _without_copy(
        self, reading: _Reading, no_copy: webarchives.NoCopy, hops: int, status: int
    ) -> Iterator[Refusal | Request]:
        wanted, source = reading.wanted, reading.wanted.memento.source
        if no_copy.trouble is Trouble.BUSY:
            self._fail(wanted, Reason.HTTP_ERROR, no_copy.detail)
            self._count_trouble(source, no_copy.detail, stop=status == _TOO_MANY)
            return
        if no_copy.trouble is Trouble.KEPT_AWAY:
            self._fail(wanted, Reason.HTTP_FORBIDDEN, no_copy.detail)
            return
        self._trouble[source] = 0
        if no_copy.target is None:
            yield from self._refuse(reading, Reason.HTTP_GONE, no_copy.detail)
            return
        timestamp, url = no_copy.target
        is_same = addresses.normal(url) == wanted.address and addresses.part(url) == reading.number
        if is_same and hops < _MAX_HOPS:
            yield self._page_request(reading, Memento(url, timestamp, source), hops + 1)
        elif urlsplit(url).path in {"", "/"}:
            yield from self._refuse(reading, Reason.REDIRECTED_HOME, no_copy.detail)
        else:
            reason = Reason.REDIRECT_LOOP if hops >= _MAX_HOPS else Reason.HTTP_ERROR
            yield from self._refuse(reading, reason, no_copy.detail)

    def _refuse(self, reading: _Reading, reason: Reason, detail: str) -> Iterator[Refusal]:
        """The archive holds no page here: no article, or none that is whole."""
        current = reading.current
        self._spider.logger.info(
            "%s %s of %s: %s", reason, current.memento.url, current.memento.timestamp, detail
        )
        self._archive.add(lambda connection: mementos.settle(connection, current.id, reason, None))
        if reading.parts:
            yield self._incomplete(reading, f"part {reading.number} is not there")
        else:
            self._asked.discard(current.id)

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


def _moment(timestamp: str) -> str:
    """A memento's YYYYMMDDhhmmss as the tables print it."""
    date, time = timestamp[:8], timestamp[8:14]
    return f"{date[:4]}-{date[4:6]}-{date[6:]}T{time[:2]}:{time[2:4]}:{time[4:]}Z"


def _apart(one: str, other: str) -> timedelta:
    """Between two times of the tables."""
    return abs(datetime.fromisoformat(one) - datetime.fromisoformat(other))
