"""Nothing but the newspaper's own hosts and the named web archives is ever asked, and no more than allowed."""

from __future__ import annotations

import logging
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy.exceptions import NotConfigured
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.error import DNSLookupError

from newsarchive.crawling.endpoints import WEB_ARCHIVE
from newsarchive.crawling.failures import Closed, Offsite
from newsarchive.middlewares.crawl import crawl_of, writes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred

    from newsarchive.middlewares.crawl import Crawl


logger = logging.getLogger(__name__)


class HostGuard:
    """Lets requests out to the newspaper's hosts only, whatever page, sitemap or redirect named the address."""

    def __init__(self, spider: Crawl) -> None:
        self._spider = spider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Guard every spider that writes; what a developer types after `scrapy parse` is theirs to answer for."""
        if not writes(crawler) and not getattr(crawler.spider, "is_guarded", False):
            raise NotConfigured("only what writes is guarded")
        return cls(crawl_of(crawler))

    def process_request(self, request: Request) -> None:
        """Raise Offsite for another scheme, host or port than the newspaper's own.

        A request that `newsarchive.crawling.history` made goes to the web archive it was made for, or nowhere.
        """
        source = request.meta.get(WEB_ARCHIVE)
        if source is not None:
            assert self._spider.history is not None
            try:
                self._spider.history.require(source, request.url)
            except ValueError as error:
                raise Offsite(str(error)) from error
            return
        parts = urlsplit(request.url)
        host = (parts.hostname or "").removeprefix("www.")
        if (
            parts.scheme not in {"http", "https"}
            or host not in self._spider.newspaper.hosts
            or parts.port not in {None, 80, 443}
            or parts.username is not None
        ):
            raise Offsite(f"{request.url} is not the newspaper's; not asked")


class BudgetGuard:
    """Lets no request out to the newspaper when the day's requests are spent or its hours are over.

    Whatever is asked counts: discovery, retries and redirects too. Only robots.txt may still be asked, for a
    request that was let through before.
    """

    def __init__(self, spider: Crawl) -> None:
        self._spider = spider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Only where an archive is open, which counts what was asked."""
        if not writes(crawler):
            raise NotConfigured("no archive is open")
        return cls(crawl_of(crawler))

    def process_request(self, request: Request) -> None:
        """Raise Closed for what must wait for another hour or day."""
        exempt = WEB_ARCHIVE in request.meta or request.meta.get("robots")
        if not exempt and self._spider.frontier.closed():
            raise Closed(self._spider.frontier.paused)


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver, but a name that leads to this machine or a private network is not resolved.

    Addresses that stand in a URL have passed `HostGuard`: they are a stand-in's (`-a site=`), as localhost is.
    """

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        """The address of a name; fails with DNSLookupError for an address that is not public."""
        found: Deferred[str] = super().getHostByName(name, timeout)
        if name == "localhost" or _is_address(name):
            return found
        return found.addCallback(require_public, name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def require_public(address: Any, name: str) -> str:  # noqa: ANN401 - what Twisted hands on
    """The address itself; raises DNSLookupError where it is this machine's or a private network's."""
    if not ip_address(address).is_global:
        trouble = f"{name} resolves to {address}, which is not public; not asked"
        logger.warning(trouble)  # Twisted drops the words of the exception
        raise DNSLookupError(trouble)
    return str(address)
