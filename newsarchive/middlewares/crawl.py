"""What the downloader's middlewares need of a spider that writes: nothing here knows the spider itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from newsarchive.archive import Archive
    from newsarchive.exceptions import NewsArchiveError
    from newsarchive.items import Newspaper


class WebArchives(Protocol):
    """The web archives of a run, as `newsarchive.crawling.history` keeps them."""

    def require(self, source: str, url: str) -> None:
        """Raise SourceStopped for an archive that is asked no more, ValueError for what is no archive's."""

    def stop(self, source: str, detail: str) -> None:
        """Ask a source no more in this run."""


class Frontier(Protocol):
    """What a run may still ask. `paused` says why nothing."""

    paused: str

    def closed(self) -> bool:
        """Whether nothing may be asked now."""


class Crawl(Protocol):
    """A spider under way. Without an archive it writes nothing (`scrapy explore`, `scrapy parse`)."""

    newspaper: Newspaper
    archive: Archive | None
    history: WebArchives | None
    frontier: Frontier

    def stop(self, error: NewsArchiveError) -> None:
        """End the crawl because of something a person must mend."""


def crawl_of(crawler: Crawler) -> Crawl:
    """The spider of a crawler, which Scrapy types as any spider."""
    spider: Crawl = crawler.spider  # type: ignore[assignment]
    return spider


def writes(crawler: Crawler) -> bool:
    """Whether an archive is open for the spider."""
    return getattr(crawler.spider, "archive", None) is not None
