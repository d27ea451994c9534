"""Nothing but the newspaper's own hosts and the named web archives is ever asked, and no more than allowed."""

from __future__ import annotations

import logging
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy.exceptions import NotConfigured
from scrapy.resolver import CachingHostnameResolver

from newsarchive.crawling.endpoints import WEB_ARCHIVE
from newsarchive.crawling.failures import Closed, Offsite
from newsarchive.middlewares.crawl import crawl_of, writes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.address import IPv4Address, IPv6Address
    from twisted.internet.interfaces import IAddress, IHostResolution

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


class GuardedResolver(CachingHostnameResolver):
    """Scrapy's resolver of IPv4 and IPv6, less the addresses of this machine and of private networks.

    A host that has several addresses is asked at the first that answers. Addresses that stand in a URL have passed
    `HostGuard`: they are a stand-in's (`-a site=`), as localhost is.
    """

    def resolveHostName(  # noqa: N802 - Twisted's names
        self,
        resolutionReceiver: Any,  # noqa: N803, ANN401 - mypy cannot read Twisted's interfaces
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        """Tell the receiver the public addresses of a name; none is told of a name that has no other."""
        receiver = resolutionReceiver
        if hostName != "localhost" and not _is_address(hostName):
            receiver = _PublicOnly(receiver, hostName)
        found: IHostResolution = super().resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )
        return found


class _PublicOnly:
    """An IResolutionReceiver that hands on the public addresses of a name."""

    def __init__(self, receiver: Any, name: str) -> None:  # noqa: ANN401 - mypy cannot read Twisted's interfaces
        self._name = name
        self._receiver = receiver
        self.resolutionBegan = receiver.resolutionBegan
        self.resolutionComplete = receiver.resolutionComplete

    def addressResolved(self, address: IPv4Address | IPv6Address) -> None:  # noqa: N802
        """Hand on a public address; say of any other that it is not asked."""
        if is_public(address.host):
            self._receiver.addressResolved(address)
        else:
            # Whoever asked for the name learns only that nothing was found.
            logger.warning("%s resolves to %s, which is not public; not asked", self._name, address.host)


def is_public(address: str) -> bool:
    """Whether an IP address is neither this machine's nor a private network's."""
    return ip_address(address).is_global


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
