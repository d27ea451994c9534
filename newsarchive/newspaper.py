"""The base spider: ledger → requests → responses → pages → Article or Refusal.

A newspaper is a subclass with a card and nothing else (`newsarchive/spiders/`). No selectors and no SQL here.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.exceptions import DontCloseSpider

from newsarchive import visits
from newsarchive.archive import Visit, now
from newsarchive.crawling import arguments
from newsarchive.crawling.assets import Assets
from newsarchive.crawling.discoverer import Discoverer
from newsarchive.crawling.failures import Closed, reason_of
from newsarchive.crawling.frontier import Frontier
from newsarchive.crawling.history import History
from newsarchive.crawling.webarchives import COPIES
from newsarchive.discovery import addresses
from newsarchive.exceptions import NewsArchiveError, SettingsError
from newsarchive.items import AddressState, Article, Capture, Reason, Refusal
from newsarchive.pages import robots

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from newsarchive.archive import Archive
    from newsarchive.items import Newspaper
    from newsarchive.storage import ledger

_MAX_PARTS = 50
_MAX_TURNED_AWAY = 5
_NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class _Reading:
    """A visit under way: the normal address, and the parts of a paged article read so far."""

    url: str
    parts: tuple[Article, ...] = ()


class NewspaperSpider(Spider):
    """Crawls one newspaper into the archive that `scrapy crawl` opened for it.

    Without an archive (`scrapy parse`, `scrapy shell`) it reads pages and writes nothing.
    """

    newspaper: ClassVar[Newspaper]
    frontier: Frontier

    def __init__(self, name: str | None = None, archive: Archive | None = None, **given: str) -> None:
        super().__init__(name)
        self.archive = archive
        self.arguments = arguments.parse(given)
        self.error: NewsArchiveError | None = None
        self.internal_errors = 0
        self.blocked = ""
        self.discovery: Discoverer | None = None
        self.history: History | None = None
        self.assets: Assets | None = None
        self._visits: dict[str, Visit] = {}
        self._retried: set[str] = set()
        self._turned_away: Counter[str] = Counter()
        self._closing: asyncio.Future[None] | None = None

    @property
    def site(self) -> str | None:
        """The base URL that stands in for every host of the newspaper, None for the newspaper itself."""
        return self.arguments.site

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - Scrapy's signature
        """Listen for the moments at which a crawl needs more to do, or something of ours broke."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        if spider.archive is not None:
            spider.frontier = Frontier.from_settings(crawler.settings, spider.archive, spider.arguments)
        crawler.signals.connect(spider.visit_more, signals.spider_idle)
        crawler.signals.connect(spider.count_internal_error, signals.spider_error)
        crawler.signals.connect(spider.count_internal_error, signals.item_error)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Ask what is new. `visit_more` follows when the answers are in."""
        if self.archive is None:
            raise SettingsError(f"this spider keeps what it reads: run it as scrapy crawl {self.name}")
        with self._counting_errors():
            asked = self._first_requests(self.archive)
        for request in asked:
            yield request

    def _first_requests(self, archive: Archive) -> list[Request]:
        self.discovery = discovery = Discoverer(self, archive)
        try:
            self.history = History(self, archive)
            self.assets = Assets(self, archive)
            asked = list(self.history.begin())
            if self.frontier.closed():
                return asked
            if "sweep" in self.arguments.source:
                discovery.sweep(self.settings.getint("ARCHIVE_SWEEP_PER_RUN"))
            return [*asked, *(discovery.begin() if "live" in self.arguments.source else ())]
        except NewsArchiveError as error:
            self.stop(error)
            return []

    def visit_more(self) -> None:
        """Nothing is under way: commit the group, then take the next addresses."""
        if self.archive is None or self.error or self.blocked:
            return
        with self._counting_errors():
            more = self._next_requests(self.archive)
        assert self.crawler.engine is not None
        for request in more:
            self.crawler.engine.crawl(request)
        if more:
            raise DontCloseSpider

    def _next_requests(self, archive: Archive) -> list[Request]:
        try:
            archive.flush()
            proves_nothing = self.discovery and self.discovery.proves_nothing
            is_due = {"live", "sweep"} & set(self.arguments.source) and not proves_nothing
            taken = self.frontier.take() if is_due else []
            copies = [] if taken or self.history is None else self.history.take(self._limit_left())
            file = None if taken or copies or self.assets is None else self.assets.take()
        except NewsArchiveError as error:
            self.stop(error)
            return []
        self._visits = {address.url: Visit(address.url, now()) for address in taken}
        self._retried = {address.url for address in taken if address.tries}
        visits_of_pages = (
            self._visit_request(address.url, _Reading(address.url), _conditions(address)) for address in taken
        )
        return [*copies, *([file] if file else []), *visits_of_pages]

    @contextmanager
    def _counting_errors(self) -> Iterator[None]:
        """Count what Scrapy only logs, before it goes on as if nothing were."""
        try:
            yield
        except BaseException:
            self.internal_errors += 1
            raise

    def _limit_left(self) -> int | None:
        limit = self.arguments.limit
        return None if limit is None else limit - self.frontier.taken

    def stop(self, error: NewsArchiveError) -> None:
        """End the crawl because of something a person must mend; the exit code is the error's."""
        if self.error is None:
            self.error = error
            self.logger.error("%s", error)
            self._close("error")

    def _close(self, reason: str) -> None:
        assert self.crawler.engine is not None
        self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=reason))

    def parse(
        self, response: Response, reading: _Reading | None = None
    ) -> Iterator[Article | Refusal | Request]:
        """Read an answer to an article's address."""
        url = reading.url if reading else addresses.normal(response.url) or response.url
        made = _captures(response)
        if response.status == _NOT_MODIFIED and reading and self.archive:
            self.archive.keep_unchanged(self._taken(url), made[-1])
            return
        item = replace(self._read(response, url), captures=made[-1:])
        if reading and self.archive:
            # That one part stands unchanged says nothing of the others, so a paged article is asked without.
            is_paged = bool(reading.parts or (isinstance(item, Article) and item.next_page))
            validators = (None, None) if is_paged else _validators(response)
            self._visits[reading.url] = replace(self._taken(reading.url), validators=validators)
        if isinstance(item, Article):
            self._note_wishes(response, url)
            is_part = bool(reading and reading.parts)
            found = item if is_part else self._at_final_address(item, response)
            yield from self._with_parts(found, reading)
        elif reading and reading.parts:
            detail = f"part {len(reading.parts) + 1} is no article: {item.reason}"
            yield self._incomplete(reading, detail, made[-1:])
        else:
            yield item

    def _note_wishes(self, response: Response, url: str) -> None:
        """Count what an article asks of robots. It is kept all the same: what stood there is to be proved."""
        headers = [value.decode("latin-1") for value in response.headers.getlist("X-Robots-Tag")]
        for wish in sorted(robots.wishes(response.body, headers)):
            self.logger.info("%s asks for %s; kept", url, wish)
            if self.archive:
                self.archive.tally.count_wish(wish)

    def failed(self, failure: Failure) -> Iterator[Refusal]:
        """No answer came: the address is tried again later."""
        reading: _Reading = failure.request.cb_kwargs["reading"]  # type: ignore[attr-defined]
        if isinstance(failure.value, Closed):
            return
        reason, detail = reason_of(failure)
        if reason is Reason.ROBOTS_UNREACHABLE and self.discovery:
            self.discovery.kept_away[_host(reading.url)] = detail
        elif reading.parts:
            yield self._incomplete(reading, f"part {len(reading.parts) + 1} did not come: {detail}")
        else:
            yield Refusal(url=reading.url, newspaper=self.newspaper.name, reason=reason, detail=detail)

    def finish_visit(self, item: Article | Refusal) -> Visit:
        """The visit that this result ends. A host that turns us away time after time ends the run."""
        if self.history and item.captures and item.captures[0].source in COPIES:
            return self.history.finish(item)
        assert item.url is not None
        host = _host(item.url)
        if not visits.turned_away(item):
            self._turned_away[host] = 0
        elif item.url not in self._retried:  # what failed before says nothing of the host
            self._turned_away[host] += 1
        if self._turned_away[host] >= _MAX_TURNED_AWAY and isinstance(item, Refusal) and not self.blocked:
            self.blocked = (
                f"{host} turned us away {_MAX_TURNED_AWAY} times in a row ({item.reason}: {item.detail})"
            )
            self._close("blocked")
        return self._taken(item.url)

    def _taken(self, url: str) -> Visit:
        """The visit of this address, under way no more.

        Two addresses may lead to one article in the same moment: the first to end takes the visit.
        """
        return self._visits.pop(url, None) or Visit(url, now())

    def count_internal_error(self, failure: Failure) -> None:
        """Something of ours broke: the address keeps its state, the run goes on, and its exit code says so."""
        self.internal_errors += 1
        self.logger.error("internal error: %s", failure.getErrorMessage())

    def _visit_request(self, url: str, reading: _Reading, headers: dict[str, str] | None = None) -> Request:
        return Request(
            url, headers=headers, callback=self.parse, errback=self.failed, cb_kwargs={"reading": reading}
        )

    def _read(self, response: Response, url: str) -> Article | Refusal:
        captured_at = datetime.now(UTC)
        answer = visits.Answer(
            url=url,
            final_url=addresses.normal(response.url) or response.url,
            status=response.status,
            body=response.body,
            content_type=(response.headers.get("Content-Type") or b"").decode("latin-1") or None,
            captured_at=captured_at,
            truncated=bool({"dataloss", "truncated"} & set(response.flags)),
            challenged=response.headers.get("cf-mitigated") == b"challenge",
        )
        if self.archive is None:
            return visits.read(answer, self.newspaper)
        return self.archive.guard.read_answer(answer, self.newspaper)

    def _at_final_address(self, article: Article, response: Response) -> Article:
        """After a redirect to another article's address the article is that one's, and ours a second name."""
        final = addresses.normal(response.url)
        if not self.archive or not final or final == article.url or article.url not in self._visits:
            return article
        if not addresses.may_be_listed(final, self.newspaper.hosts):
            return article
        visit = self._visits.pop(article.url)
        self._visits[final] = replace(visit, url=final)
        self.archive.join(article.url, final)
        return replace(article, url=final)

    def _with_parts(
        self, article: Article, reading: _Reading | None
    ) -> Iterator[Article | Refusal | Request]:
        """The article itself, or the request for its next part."""
        assert article.url is not None
        parts = (*(reading.parts if reading else ()), article)
        following = article.next_page
        if following is None or self.archive is None or following in {part.next_page for part in parts[:-1]}:
            yield visits.joined(parts) if len(parts) > 1 else article
        elif len(parts) == _MAX_PARTS:
            yield self._incomplete(_Reading(article.url, parts), f"more than {_MAX_PARTS} parts")
        else:
            yield self._visit_request(following, _Reading(parts[0].url or article.url, parts))

    def _incomplete(self, reading: _Reading, detail: str, more: tuple[Capture, ...] = ()) -> Refusal:
        captures = (*(capture for part in reading.parts for capture in part.captures), *more)
        return Refusal(
            url=reading.parts[0].url,
            newspaper=self.newspaper.name,
            reason=Reason.INCOMPLETE,
            detail=detail,
            captures=captures,
        )


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _captures(response: Response) -> tuple[Capture, ...]:
    """The capture of this answer, none when nothing is being written."""
    capture = response.meta.get("capture")
    return (capture,) if capture else ()


def _conditions(address: ledger.Address) -> dict[str, str]:
    """Headers that let the server say that nothing changed (RFC 9110, 13.1)."""
    if address.state != AddressState.ARTICLE:
        return {}
    named = {"If-None-Match": address.etag, "If-Modified-Since": address.last_modified}
    return {name: value for name, value in named.items() if value}


def _validators(response: Response) -> tuple[str | None, str | None]:
    etag, modified = (response.headers.get(name) for name in ("ETag", "Last-Modified"))
    return (etag.decode("latin-1") if etag else None, modified.decode("latin-1") if modified else None)
