"""The base spider: ledger → requests → responses → pages → Article or Refusal.

A newspaper is a subclass with a card and nothing else (`newsarchive/spiders/`). No selectors and no SQL here.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.exceptions import DontCloseSpider, IgnoreRequest

from newsarchive import arguments, visits
from newsarchive.archive import Visit, now
from newsarchive.discovery import Listing, addresses, feed, listing, plan, sitemap, wordpress
from newsarchive.exceptions import NewsArchiveError, SettingsError
from newsarchive.items import AddressState, Article, Capture, Reason, Refusal
from newsarchive.middlewares import Offsite
from newsarchive.storage import ledger, sources

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from newsarchive.archive import Archive
    from newsarchive.items import Newspaper

_BATCH = 64
_MAX_PARTS = 50
_OK = 200
_NOT_THERE = frozenset({400, 404, 410})
_NOT_MODIFIED = 304
_BLOCKING = frozenset({Reason.ROBOTS_DISALLOWED, Reason.ROBOTS_UNREACHABLE})


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

    def __init__(self, name: str | None = None, archive: Archive | None = None, **given: str) -> None:
        super().__init__(name)
        self.archive = archive
        self.arguments = arguments.parse(given)
        self.error: NewsArchiveError | None = None
        self.internal_errors = 0
        self.blocked = ""
        self._visits: dict[str, Visit] = {}
        self._asked: set[str] = set()
        self._begun = 0
        self._closing: asyncio.Future[None] | None = None

    @property
    def site(self) -> str | None:
        """The base URL that stands in for every host of the newspaper, None for the newspaper itself."""
        return self.arguments.site

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - Scrapy's signature
        """Listen for the moments at which a crawl needs more to do, or something of ours broke."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.visit_more, signals.spider_idle)
        crawler.signals.connect(spider.count_internal_error, signals.spider_error)
        crawler.signals.connect(spider.count_internal_error, signals.item_error)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Ask what is new. `visit_more` follows when the answers are in."""
        if self.archive is None:
            raise SettingsError(f"this spider keeps what it reads: run it as scrapy crawl {self.name}")
        known = sources.known(self.archive.connection, self.newspaper.name)
        for document in plan.starts(self.newspaper.hosts, self.newspaper.sources, known, now()):
            for request in self._document_requests([document]):
                yield request

    def visit_more(self) -> None:
        """Nothing is under way: commit the group, then take the next due addresses from the ledger."""
        if self.archive is None or self.error:
            return
        try:
            self.archive.flush()
        except NewsArchiveError as error:
            self.stop(error)
            return
        requests = list(self._due_requests())
        engine = self.crawler.engine
        if requests and engine is not None:
            for request in requests:
                engine.crawl(request)
            raise DontCloseSpider

    def stop(self, error: NewsArchiveError) -> None:
        """End the crawl because of something a person must mend; the exit code is the error's."""
        if self.error is None:
            self.error = error
            self.logger.error("%s", error)
            assert self.crawler.engine is not None
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="error"))

    def parse(
        self, response: Response, reading: _Reading | None = None
    ) -> Iterator[Article | Refusal | Request]:
        """Read an answer to an article's address."""
        url = reading.url if reading else addresses.normal(response.url) or response.url
        made = _captures(response)
        if response.status == _NOT_MODIFIED and reading and self.archive:
            self.archive.keep_unchanged(self._visits.pop(url), made[-1])
            return
        item = replace(self._read(response, url), captures=made[-1:])
        if reading and self.archive:
            visit = replace(self._visits[reading.url], validators=_validators(response))
            self._visits[reading.url] = visit
        if isinstance(item, Article):
            yield from self._with_parts(self._at_final_address(item, response), reading)
        elif reading and reading.parts:
            yield self._incomplete(reading, f"part {len(reading.parts) + 1} is no article: {item.reason}")
        else:
            yield item

    def failed(self, failure: Failure) -> Iterator[Refusal]:
        """No answer came: the address is tried again later."""
        reading: _Reading = failure.request.cb_kwargs["reading"]  # type: ignore[attr-defined]
        reason, detail = _failure_reason(failure)
        if reading.parts:
            yield self._incomplete(reading, f"part {len(reading.parts) + 1} did not come: {detail}")
        else:
            yield Refusal(url=reading.url, newspaper=self.newspaper.name, reason=reason, detail=detail)

    def finish_visit(self, item: Article | Refusal) -> Visit:
        """The visit that this result ends."""
        assert item.url is not None
        return self._visits.pop(item.url)

    def discovered(self, response: Response, document: plan.Document) -> Iterator[Request]:
        """Read a discovery document: its addresses go to the ledger, what it leads to is asked next."""
        assert self.archive is not None
        found, pages = self._listing(response, document)
        moment = now()
        articles = (
            replace(item, url=url)
            for item in found.found
            if (url := addresses.normal(item.url)) and addresses.may_be_article(url, self.newspaper.hosts)
        )
        source = replace(document.source, visited_at=moment, complete=found.complete)
        if document.kind == "rest" and found.total is not None:
            source = replace(source, total=found.total)
        try:
            self.archive.flush()
            with self.archive.transaction() as connection:
                source_id = sources.record(connection, self.newspaper.name, source, found.reason)
                unknown, unnamed = ledger.add(connection, self.newspaper.name, articles, source_id, moment)
                further = plan.further(document, found, unnamed, pages)
                cursor = further[0].url if further and document.kind != "sitemap" else None
                sources.record(connection, self.newspaper.name, replace(source, cursor=cursor), found.reason)
        except NewsArchiveError as error:
            self.stop(error)
            return
        self.archive.tally.found += unknown
        if found.reason:
            level = logging.INFO if response.status in _NOT_THERE else logging.WARNING
            self.logger.log(level, "%s: %s", document.url, found.reason)
        yield from self._document_requests(further)
        yield from self._document_requests(self._other_doors(response, document, found))

    def document_failed(self, failure: Failure) -> None:
        """A source did not answer: it is recorded and the others go on."""
        document: plan.Document = failure.request.cb_kwargs["document"]  # type: ignore[attr-defined]
        reason, detail = _failure_reason(failure)
        self.logger.warning("%s: %s", document.url, detail)
        if self.archive is None:
            return
        if reason in _BLOCKING:
            self.blocked = detail
        with self.archive.transaction() as connection:
            source = replace(document.source, cursor=document.url if document.depth else None, complete=False)
            sources.record(connection, self.newspaper.name, source, detail)

    def count_internal_error(self, response: Response | None, failure: Failure) -> None:
        """Something of ours broke: the address keeps its state, the run goes on, and its exit code says so."""
        self.internal_errors += 1
        reading = response.request.cb_kwargs.get("reading") if response and response.request else None
        if self.archive and reading:
            self._visits.pop(reading.url, None)
            self.archive.touch(reading.url)
        self.logger.error("internal error: %s", failure.getErrorMessage())

    def _due_requests(self) -> Iterator[Request]:
        assert self.archive is not None
        limit = _BATCH
        if self.arguments.limit is not None:
            limit = min(limit, self.arguments.limit - self._begun)
        due = ledger.due(
            self.archive.connection,
            self.newspaper.name,
            now=now(),
            run_started_at=self.archive.started_at,
            limit=limit,
            since=self.arguments.since,
            until=self.arguments.until,
        )
        for address in due:
            self._begun += 1
            self._visits[address.url] = Visit(address.url, now())
            yield self._visit_request(address.url, _Reading(address.url), _conditions(address))

    def _visit_request(self, url: str, reading: _Reading, headers: dict[str, str] | None = None) -> Request:
        return Request(
            url, headers=headers, callback=self.parse, errback=self.failed, cb_kwargs={"reading": reading}
        )

    def _document_requests(self, documents: Iterable[plan.Document]) -> Iterator[Request]:
        """Requests for discovery documents, each asked once a run whatever query it carries along."""
        for document in documents:
            asked = document.url.split("?", maxsplit=1)[0] if document.kind == "sitemap" else document.url
            if asked not in self._asked:
                self._asked.add(asked)
                yield Request(
                    document.url,
                    callback=self.discovered,
                    errback=self.document_failed,
                    cb_kwargs={"document": document},
                    priority=10 if document.kind == "rest" else 0,
                )

    def _listing(self, response: Response, document: plan.Document) -> tuple[Listing, int]:
        if response.status in _NOT_THERE and document.depth:
            return Listing(), 1  # behind the last page of a list
        if response.status != _OK:
            return Listing(complete=False, reason=f"HTTP {response.status}"), 1
        if document.kind == "rest":
            headers = {
                name.decode("latin-1").lower(): values[-1].decode("latin-1")
                for name, values in response.headers.items()
                if values
            }
            return wordpress.read(response.body, headers), wordpress.pages(headers)
        room = {"sitemap": sitemap, "feed": feed, "listing": listing}[document.kind]
        return room.read(response.body, response.url), 1

    def _other_doors(
        self, response: Response, document: plan.Document, found: Listing
    ) -> Iterator[plan.Document]:
        """What a document leads to besides its own next page."""
        assert self.archive is not None
        if document.kind == "rest" and not found.complete and not document.depth:
            other = plan.rest_route(document, urlsplit(document.url).hostname or "")
            if other:
                yield other
        if document.kind == "listing" and not document.depth and response.status == _OK:
            known = sources.known(self.archive.connection, self.newspaper.name)
            for url in listing.categories(response.body, response.url):
                walk = plan.category(url, known, self.archive.started_at)
                if walk:
                    yield walk

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
        with self.archive.reading(url):
            return visits.read(answer, self.newspaper)

    def _at_final_address(self, article: Article, response: Response) -> Article:
        """After a redirect to another article's address the article is that one's, and ours a second name."""
        final = addresses.normal(response.url)
        if not self.archive or not final or final == article.url or article.url not in self._visits:
            return article
        if not addresses.may_be_article(final, self.newspaper.hosts):
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

    def _incomplete(self, reading: _Reading, detail: str) -> Refusal:
        captures = tuple(capture for part in reading.parts for capture in part.captures)
        return Refusal(
            url=reading.parts[0].url,
            newspaper=self.newspaper.name,
            reason=Reason.INCOMPLETE,
            detail=detail,
            captures=captures,
        )


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


def _failure_reason(failure: Failure) -> tuple[Reason, str]:
    """Why no answer came, as a reason code and in words."""
    message = failure.getErrorMessage()
    error = failure.value
    if isinstance(error, Offsite):
        return Reason.OFFSITE, message
    if isinstance(error, IgnoreRequest):
        if "robots.txt" in message:
            return Reason.ROBOTS_DISALLOWED, message
        return Reason.REDIRECT_LOOP, message
    return Reason.NETWORK_ERROR, f"{type(error).__name__}: {message}"
