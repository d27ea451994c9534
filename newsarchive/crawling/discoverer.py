"""Walks the sources of a newspaper: requests for discovery documents, their addresses into the ledger."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from scrapy import Request

from newsarchive import visits
from newsarchive.archive import now
from newsarchive.crawling.failures import Closed, reason_of
from newsarchive.discovery import Listing, addresses, documents, feed, listing, plan, sitemap, wordpress
from newsarchive.exceptions import NewsArchiveError
from newsarchive.guarding import ReaderDiedError
from newsarchive.items import AddressState, Found, Reason, Refusal, Source
from newsarchive.middlewares import Robots
from newsarchive.storage import figures, ledger, sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from newsarchive.archive import Archive
    from newsarchive.newspaper import NewspaperSpider

Result = TypeVar("Result")
_OK = 200
_TOO_MANY = 429
_SERVER_ERROR = 500
_NOT_THERE = frozenset({400, 404, 410})
_ROOMS = {"sitemap": sitemap, "feed": feed, "listing": listing}
_DEADLY = Listing(complete=False, reason=Reason.KILLS_READER)


class Discoverer:
    """The discovery of one run.

    answered: some source gave something. answering: hosts of which one did. reached: hosts that said anything.
    kept_away: what kept us from a host, from a source of it, or from a web archive, by name. disallowed: what
    robots.txt asks not to fetch, or "". emptied: a source that named articles once and lists none any more, or "".
    listed: how many articles the sources list. not_taken: how many addresses a source other than an HTML page lists
    that can be no article's, and the first of them.
    """

    def __init__(self, spider: NewspaperSpider, archive: Archive) -> None:
        self._spider = spider
        self._archive = archive
        self._newspaper = spider.newspaper
        self._asked: set[str] = set()
        self._open_documents: Counter[str] = Counter()
        self._left_open: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._named: Counter[str] = Counter()
        self._totals: dict[str, int] = {}
        self._asked_again: set[str] = set()
        self._broken: dict[str, str] = {}
        self._robots_seen: set[str] = set()
        self.answered = False
        self.reached: set[str] = set()
        self.answering: set[str] = set()
        self.kept_away: dict[str, str] = {}
        self.disallowed = ""
        self.emptied = ""
        self.listed = 0
        self.not_taken: dict[str, tuple[int, str]] = {}
        self._unsteady = False

    @property
    def away(self) -> dict[str, str]:
        """Hosts and web archives that could not be asked at all, and why; one closed door is not the host."""
        return {name: why for name, why in self.kept_away.items() if name not in self.answering}

    @property
    def blocked(self) -> str:
        """What kept us away from every source, or from the principal host, or ""."""
        if self._newspaper.hosts[0] in self.away:
            return self.away[self._newspaper.hosts[0]]
        return "" if self.answered else next(iter(self.kept_away.values()), self.disallowed)

    @property
    def unanswered(self) -> str:
        """That no source answered though nothing kept us away, and it may be over soon; or ""."""
        return self._no_source() if self._unsteady else ""

    @property
    def nothing_listed(self) -> str:
        """That no source lists an article where some did or should, or ""."""
        if self.emptied and not self.listed:
            return f"{self.emptied.partition('?')[0]} lists no article any more"
        return "" if self._unsteady else self._no_source()

    @property
    def proves_nothing(self) -> str:
        """That the whole site has lost what it held, so that what it says of single articles is not asked for; or "".

        A database that is gone for a day, a moved site or a parked domain would make every article «gone».
        """
        if not (what := self.nothing_listed) or not figures.has_live_articles(self._archive.connection):
            return ""
        return f"{what}; what it says of single articles proves nothing, so that none was asked for"

    def _no_source(self) -> str:
        if not self._broken or self.answered or self.blocked:
            return ""
        return "no source answered: " + "; ".join(dict.fromkeys(self._broken.values()))

    def begin(self) -> Iterator[Request]:
        """The documents this run starts from."""
        known = sources.known(self._archive.connection, self._newspaper.name)
        starts = list(
            plan.starts(self._newspaper.hosts, self._newspaper.sources, known, self._archive.started_at)
        )
        # All of them before the first is answered: an answer writes down what is still open of its walk.
        self._leave_open(starts)
        yield from self._requests(starts)

    def sweep(self, count: int) -> None:
        """Enter post numbers of the principal host that no source names, to be visited like any address."""
        host = self._newspaper.hosts[0]
        moment = now()
        with self._archive.transaction() as connection:
            source = Source(f"https://{host}/archives/", "sweep", visited_at=moment)
            source_id = sources.record(connection, self._newspaper.name, source, None)
            numbers = ledger.gaps(connection, host, count)
            found = (Found(f"https://{host}/archives/{number}", None, "sweep") for number in numbers)
            visible = self._archive.takedowns.visible(found)
            unknown, _ = ledger.add(connection, self._newspaper.name, visible, source_id, moment)
        self._archive.tally.found += unknown

    def discovered(self, response: Response, document: plan.Document) -> Iterator[Request]:
        """Read a document: its addresses go to the ledger, what it leads to is asked next."""
        found, pages = self._read(response, document)
        host = urlsplit(document.url).hostname or ""
        self.reached.add(host)
        if found.complete:
            self.answered = True
            self.answering.add(host)
        try:
            self._archive.flush()
            doors = list(self._other_doors(response, document, found))
            answered = response.status != _TOO_MANY and response.status < _SERVER_ERROR
            self._unsteady = self._unsteady or not answered
            further, lacking = self._enter(document, found, pages, doors, answered=answered)
        except NewsArchiveError as error:
            self._spider.stop(error)
            return
        if found.reason:
            level = logging.INFO if response.status in _NOT_THERE else logging.WARNING
            self._spider.logger.log(level, "%s: %s", document.url, found.reason)
        yield from self._requests(further)
        yield from self._requests(doors)
        if lacking:
            host = urlsplit(document.url).hostname or ""
            known = sources.known(self._archive.connection, self._newspaper.name)
            yield from self._requests(plan.census(host, known))
        self._close(document)

    def failed(self, failure: Failure) -> None:
        """A source did not answer: it is recorded and the others go on."""
        document: plan.Document = failure.request.cb_kwargs["document"]  # type: ignore[attr-defined]
        if isinstance(failure.value, Closed):
            return
        reason, detail = reason_of(failure)
        self._spider.logger.warning("%s: %s", document.url, detail)
        self._unsteady = self._unsteady or reason is Reason.NETWORK_ERROR
        if reason is Reason.ROBOTS_UNREACHABLE:
            self.kept_away[urlsplit(document.url).hostname or ""] = detail
        elif reason is Reason.ROBOTS_DISALLOWED:
            self.disallowed = detail
        self._broken.setdefault(document.source.url, detail)
        source = replace(document.source, cursor=self._cursor(document.source), complete=False)
        try:
            with self._archive.transaction() as connection:
                sources.record(connection, self._newspaper.name, source, detail)
        except NewsArchiveError as error:
            self._spider.stop(error)
        self._close(document)

    def _enter(
        self,
        document: plan.Document,
        found: Listing,
        pages: int,
        doors: Sequence[plan.Document],
        *,
        answered: bool,
    ) -> tuple[list[plan.Document], bool]:
        """Write what a document lists; returns where it leads, and whether its total says that posts vanished.

        With it is written what is still open of the walk, and that the `doors` are to be walked: whatever ends
        the process, the next run goes on there. A server that was busy did not answer.
        """
        moment = now()
        reason = found.reason or plan.left_out(document, found)
        if reason:
            self._broken.setdefault(document.source.url, reason)
        trouble = self._broken.get(document.source.url)
        source = replace(
            document.source,
            visited_at=moment,
            complete=trouble is None,
            total=found.total if found.total is not None else document.source.total,
        )
        listed = list(self._articles(document, found.found))
        self.listed += len(listed)
        with self._archive.transaction() as connection:
            source_id = sources.record(connection, self._newspaper.name, source, trouble)
            if not (listed or found.further or reason or document.depth) and sources.named(
                connection, source_id
            ):
                self.emptied = document.source.url
            unknown, unnamed = ledger.add(connection, self._newspaper.name, listed, source_id, moment)
            again = self._moved_back(document, found)
            further = plan.further(document, found, unnamed, pages)
            if answered:
                self._left_open[source.url].pop(document.url, None)
            self._leave_open([*again, *further, *doors])
            cursor = self._cursor(source)
            sources.record(connection, self._newspaper.name, replace(source, cursor=cursor), trouble)
            for door in doors:
                opened = replace(door.source, cursor=self._cursor(door.source))
                sources.record(connection, self._newspaper.name, opened, None)
        self._archive.tally.found += unknown
        self._named[source.url] += unnamed
        before = document.source.total
        vanished = (
            before is not None and found.total is not None and found.total < before + self._named[source.url]
        )
        return [*again, *further], vanished and not further

    def _moved_back(self, document: plan.Document, found: Listing) -> list[plan.Document]:
        """Pages to ask once again, because posts were taken out of the list since the page before this one."""
        if found.total is None:
            return []
        before = self._totals.get(document.source.url, document.source.total)
        self._totals[document.source.url] = found.total
        if before is None or not document.depth:
            return []
        pages = plan.moved_back(document, before - found.total)
        again = {_identity(page): page for page in pages if _identity(page) not in self._asked_again}
        self._asked_again.update(again)
        self._asked.difference_update(again)
        return list(again.values())

    def _articles(self, document: plan.Document, found: Iterable[Found]) -> Iterator[Found]:
        """What can be an article of the newspaper, in normal form, and may be named."""
        for item in found:
            url = addresses.normal(item.url)
            if self._archive.takedowns.is_closed(url or item.url):
                continue
            if url and documents.may_hold_article(url, document.url, self._newspaper.hosts):
                yield replace(item, url=url)
            elif document.kind != "listing" and not _is_front_page(item.url):
                count, example = self.not_taken.get(document.source.url, (0, item.url))
                self.not_taken[document.source.url] = (count + 1, example)

    def _requests(self, documents: Iterable[plan.Document]) -> Iterator[Request]:
        """Requests for documents, each asked once a run; a sitemap once whatever query it carries along."""
        for document in documents:
            if _identity(document) not in self._asked:
                self._asked.add(_identity(document))
                self._open_documents[document.source.url] += 1
                yield Request(
                    document.url,
                    callback=self.discovered,
                    errback=self.failed,
                    cb_kwargs={"document": document},
                    priority=10 if document.kind == "rest" else 0,
                )

    def _leave_open(self, documents: Iterable[plan.Document]) -> None:
        """These are to be asked; until they are answered, their walks are unfinished."""
        for document in documents:
            if _identity(document) not in self._asked:
                self._left_open[document.source.url][document.url] = None

    def _cursor(self, source: Source) -> str | None:
        """The open documents of a walk, a line each; None when it is finished."""
        return "\n".join(self._left_open[source.url]) or None

    def _other_doors(
        self, response: Response, document: plan.Document, found: Listing
    ) -> Iterator[plan.Document]:
        """What a document leads to besides its own next page."""
        yield from self._sitemaps_of_robots(urlsplit(document.url).hostname or "")
        if document.kind == "rest" and not found.complete and not document.depth:
            other = plan.rest_route(document, urlsplit(document.url).hostname or "")
            if other:
                yield other
        if document.kind == "listing" and not document.depth and response.status == _OK:
            known = sources.known(self._archive.connection, self._newspaper.name)
            for url in self._guarded(response, listing.categories, response.body, response.url) or ():
                walk = plan.category(url, known, self._archive.started_at)
                if walk:
                    yield walk

    def _sitemaps_of_robots(self, host: str) -> Iterator[plan.Document]:
        """Once a run and host, the sitemaps that stand in its robots.txt."""
        robots = self._spider.crawler.get_downloader_middleware(Robots)
        if robots is None or host in self._robots_seen or "sitemap" not in self._newspaper.sources:
            return
        self._robots_seen.add(host)
        known = sources.known(self._archive.connection, self._newspaper.name)
        for url in robots.sitemaps(host):
            walk = plan.sitemap(url, self._newspaper.hosts, known, self._archive.started_at)
            if walk:
                yield walk

    def _close(self, document: plan.Document) -> None:
        """A document is done. When a sitemap is walked to its end, what it lists no more is looked at."""
        url = document.source.url
        self._open_documents[url] -= 1
        if document.kind == "sitemap" and not self._open_documents[url] and url not in self._broken:
            try:
                with self._archive.transaction() as connection:
                    missing = ledger.expect_missing(connection, url, self._archive.started_at, now())
            except NewsArchiveError as error:
                self._spider.stop(error)
                return
            if missing:
                self._spider.logger.info("%s: %d articles are listed no more", url, missing)

    def _read(self, response: Response, document: plan.Document) -> tuple[Listing, int]:
        """What the document lists, and how many pages its source says there are."""
        if response.status in _NOT_THERE and document.depth:
            return Listing(), 1  # behind the last page of a list
        refused = self._turned_away(response)
        if refused:
            self.kept_away[urlsplit(document.url).hostname or ""] = f"{document.url}: {refused}"
            return Listing(complete=False, reason=refused), 1
        if response.status != _OK:
            return Listing(complete=False, reason=f"HTTP {response.status}"), 1
        if "truncated" in response.flags:
            return Listing(complete=False, reason="the answer broke off"), 1
        if document.kind == "rest":
            headers = {
                name.decode("latin-1").lower(): values[-1].decode("latin-1")
                for name, values in response.headers.items()
                if values
            }
            found = self._guarded(response, wordpress.read, response.body, headers)
            return found or _DEADLY, wordpress.pages(headers)
        read = _ROOMS[document.kind].read
        return self._guarded(response, read, response.body, response.url) or _DEADLY, 1

    def _guarded(self, response: Response, read: Callable[..., Result], *args: Any) -> Result | None:  # noqa: ANN401
        """What a module's function reads in a document; None where nobody survives reading it."""
        try:
            return self._archive.guard.read(response.url, read, *args)
        except ReaderDiedError as died:
            self._spider.logger.warning("%s %s", response.url, died)
            return None

    def _turned_away(self, response: Response) -> str:
        """What a page says instead of the document that was asked for: a challenge or a block, or ""."""
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        if "html" not in content_type:
            return ""
        answer = visits.Answer(
            url=response.url,
            final_url=response.url,
            status=response.status,
            body=response.body,
            content_type=content_type,
            captured_at=datetime.now(UTC),
            challenged=response.headers.get("cf-mitigated") == b"challenge",
        )
        item = self._archive.guard.read_answer(answer, self._newspaper)
        turned_away = isinstance(item, Refusal) and ledger.state_for(item.reason) is AddressState.BLOCKED
        return f"{item.reason}: {item.detail}" if isinstance(item, Refusal) and turned_away else ""


def _identity(document: plan.Document) -> str:
    """What is asked once a run: a sitemap counts as the same under whatever query."""
    return document.url.split("?", maxsplit=1)[0] if document.kind == "sitemap" else document.url


def _is_front_page(url: str) -> bool:
    parts = urlsplit(url)
    return not (parts.path.strip("/") or parts.query)
