"""The chain that every article takes: strip boilerplate, validate, store. Each class calls one room.

Crawling hands items to it through Scrapy; `scrapy ingest` and `scrapy readpage` call the same classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.exceptions import NotConfigured

from newsarchive import pages, validation
from newsarchive.archive import Archive, Visit
from newsarchive.exceptions import NewsArchiveError
from newsarchive.items import Article, Newspaper, Refusal

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from newsarchive.newspaper import NewspaperSpider


class StripBoilerplate:
    """Takes the theme's and the newspaper's own lines off the edges of an article."""

    def __init__(self, newspaper: Newspaper | None) -> None:
        self._newspaper = newspaper

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """For the spider's newspaper."""
        return cls(_spider(crawler).newspaper)

    def process_item(self, item: Article | Refusal) -> Article | Refusal:
        """An article without furniture; a refusal as it is."""
        return pages.clean(item, self._newspaper) if isinstance(item, Article) else item


class Validate:
    """Refuses an article whose text cannot be trusted, with the reason."""

    def __init__(self, newspaper: Newspaper | None) -> None:
        self._newspaper = newspaper

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """For the spider's newspaper."""
        return cls(_spider(crawler).newspaper)

    def process_item(self, item: Article | Refusal) -> Article | Refusal:
        """The article, or the refusal that the rules of `newsarchive.validation` make of it."""
        return validation.judge(item, self._newspaper) if isinstance(item, Article) else item


class Store:
    """Hands the result of a visit to the archive; a crawl that cannot write any more stops."""

    def __init__(self, archive: Archive, spider: NewspaperSpider | None = None) -> None:
        self._archive = archive
        self._spider = spider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """For the archive that the command opened; without one (`scrapy parse`) nothing is stored."""
        spider = _spider(crawler)
        if spider.archive is None:
            raise NotConfigured("no archive is open")
        return cls(spider.archive, spider)

    def process_item(self, item: Article | Refusal) -> Article | Refusal:
        """The item, once it has joined the archive's group."""
        visit = self._spider.finish_visit(item) if self._spider else None
        try:
            self._archive.keep(item, visit)
        except NewsArchiveError as error:
            if self._spider is None:
                raise
            self._spider.stop(error)
        return item


def chain(newspaper: Newspaper | None) -> tuple[StripBoilerplate, Validate]:
    """The steps between reading and storing, for commands without a crawler."""
    return StripBoilerplate(newspaper), Validate(newspaper)


def _spider(crawler: Crawler) -> NewspaperSpider:
    spider: NewspaperSpider = crawler.spider  # type: ignore[assignment]
    return spider


__all__ = ["Store", "StripBoilerplate", "Validate", "Visit", "chain"]
