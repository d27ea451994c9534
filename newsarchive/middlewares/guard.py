"""Nothing but the newspaper's own hosts and the named web archives is ever asked, by name or by address."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.error import DNSLookupError

from newsarchive.endpoints import WEB_ARCHIVE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred

    from newsarchive.newspaper import NewspaperSpider


class Offsite(IgnoreRequest):
    """A request to somewhere that the newspaper's card does not name."""


class SourceStopped(IgnoreRequest):
    """A request to a web archive that is asked no more in this run."""


class HostGuard:
    """Lets requests out to the newspaper's hosts only, whatever page, sitemap or redirect named the address."""

    def __init__(self, spider: NewspaperSpider) -> None:
        self._spider = spider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Guard every spider that writes; what a developer types after `scrapy parse` is theirs to answer for."""
        spider: NewspaperSpider = crawler.spider  # type: ignore[assignment]
        if getattr(spider, "archive", None) is None and not getattr(spider, "is_guarded", False):
            raise NotConfigured("only what writes is guarded")
        return cls(spider)

    def process_request(self, request: Request) -> None:
        """Raise Offsite for another scheme, host or port than the newspaper's own.

        A request that `newsarchive.history` made goes to the web archive it was made for, or nowhere.
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


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver, but a name that leads to this machine or a private network is not resolved.

    Addresses that stand in a URL have passed `HostGuard`: they are a stand-in's (`-a site=`), as localhost is.
    """

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        """The address of a name; fails with DNSLookupError for an address that is not public."""
        found: Deferred[str] = super().getHostByName(name, timeout)
        if name == "localhost" or _is_address(name):
            return found
        return found.addCallback(_require_public, name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _require_public(address: Any, name: str) -> str:  # noqa: ANN401 - what Twisted hands on
    if not ip_address(address).is_global:
        raise DNSLookupError(f"{name} resolves to {address}, which is not public; not asked")
    return str(address)
