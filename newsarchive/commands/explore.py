"""`scrapy explore NAME-or-URL`: what a site offers and what each reader makes of it. Writes nothing."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.commands import BaseRunSpiderCommand
from scrapy.exceptions import IgnoreRequest, UsageError
from scrapy.settings import SETTINGS_PRIORITIES

from newsarchive import cards
from newsarchive.commands.ending import ending
from newsarchive.crawling import arguments, exploring
from newsarchive.crawling.failures import NO_ANSWER
from newsarchive.discovery import addresses, sitemap, wordpress
from newsarchive.exceptions import SettingsError
from newsarchive.items import Newspaper
from newsarchive.pages import READERS

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator

    from scrapy.settings import BaseSettings

MOST_REQUESTS = 30
_ARTICLES = 3
_NOTHING_ANSWERED = 6
_ABOVE_PROJECT = SETTINGS_PRIORITIES["project"] + 1


class ExploringSpider(Spider):
    """Asks a site's usual doors one after the other, and three articles. `findings` holds what it prints."""

    name = "explore"
    is_guarded = True

    def __init__(self, newspaper: Newspaper, site: str | None = None, **given: Any) -> None:  # noqa: ANN401
        super().__init__(**given)
        self.newspaper = newspaper
        self.site = site
        self.archive = None
        self.asked = 0
        self.answered = 0

    def count(self) -> None:
        """One more request went out, a redirect's included."""
        self.asked += 1

    async def start(self) -> AsyncIterator[Any]:
        """Explore every host of the card while requests are left."""
        self.crawler.signals.connect(self.count, signals.request_reached_downloader)
        for host in self.newspaper.hosts:
            print(f"\n{host}")
            await self.explore(host)
        print(f"\n{self.asked} requests, at most {MOST_REQUESTS}")
        none: tuple[
            Request, ...
        ] = ()  # a generator is what Scrapy wants; all has been asked, one after the other
        for request in none:
            yield request

    async def explore(self, host: str) -> None:
        """Ask one host's doors and print what they are."""
        robots = await self.ask(f"https://{host}/robots.txt")
        home = await self.ask(f"https://{host}/")
        doors = await self.first_open(
            [wordpress.posts_url(host), wordpress.posts_url(host, rest_route=True)],
            lambda answer: wordpress.read(answer.body, answer.headers).complete and answer.works,
        )
        maps = await self.first_open([f"https://{host}{path}" for path in exploring.SITEMAPS], _lists)
        files = [await self.ask(url) for url in _post_sitemaps(maps)]
        feed = await self.ask(f"https://{host}/feed")
        older = await self.ask(f"https://{host}/feed?paged=2") if feed and feed.works else None
        for finding in (
            exploring.robots(robots) if robots else exploring.Finding("robots.txt", None, "no answer"),
            exploring.rest(doors),
            exploring.sitemaps(maps),
            exploring.feeds(feed, older),
        ):
            print(finding.line())
        listed = [answer for answer in (*doors, *maps, *files, feed, home) if answer]
        await self.look_at_articles(host, home, exploring.chosen(listed, (host,), _ARTICLES))

    async def look_at_articles(self, host: str, home: exploring.Answer | None, urls: list[str]) -> None:
        """Ask a few articles, print what the site says of itself and what each reader makes of each."""
        got = [answer for url in urls if (answer := await self.ask(url))]
        now = datetime.now(UTC)
        sample = next((answer for answer in got if answer.works), home)
        if sample:
            for finding in (
                exploring.theme(sample),
                exploring.plugin(sample),
                exploring.charset(sample),
                exploring.server(sample),
                exploring.masthead(sample, self.newspaper),
            ):
                print(finding.line())
        articles = [article for answer in got if (article := exploring.read(answer, self.newspaper, now))]
        print(exploring.shown_date(articles).line())
        if urls:
            last = next((a for a in articles if a.url == urls[-1]), None)
            print(exploring.oldest(last, urls[-1]).line())
        print(
            exploring.Finding(
                "years that are gone", None, f"a crawl tells: scrapy health after {host}"
            ).line()
        )
        for answer in got:
            print(f"{answer.url} HTTP {answer.status}")
            print("\n".join(exploring.readings(answer, self.newspaper, now)))

    async def first_open(self, urls: list[str], is_open: Any) -> list[exploring.Answer]:  # noqa: ANN401
        """The answers up to the first door that is open."""
        found = []
        for url in urls:
            answer = await self.ask(url)
            if answer:
                found.append(answer)
                if is_open(answer):
                    break
        return found

    async def ask(self, url: str) -> exploring.Answer | None:
        """One answer, None when there was none, or when the requests are used up."""
        if self.asked >= MOST_REQUESTS:
            print(f"{url} not asked: {MOST_REQUESTS} requests are enough for a first look")
            return None
        assert self.crawler.engine is not None
        try:
            response = await self.crawler.engine.download_async(Request(url))
        except (*NO_ANSWER, IgnoreRequest) as error:
            print(f"{url} no answer: {error}")
            return None
        self.answered += 1
        headers = {
            name.decode("latin-1").lower(): values[-1].decode("latin-1")
            for name, values in response.headers.items()
            if values
        }
        address = addresses.normal(response.url) if "/archives/" in response.url else None
        return exploring.Answer(address or response.url, response.status, headers, response.body)


def _lists(answer: exploring.Answer) -> bool:
    found = sitemap.read(answer.body, answer.url)
    return answer.works and bool(found.found or found.further)


def _post_sitemaps(answers: list[exploring.Answer]) -> list[str]:
    """The first and the last file that an index of sitemaps names."""
    named = [url for answer in answers for url in sitemap.read(answer.body, answer.url).further]
    return list(dict.fromkeys([*named[:1], *named[-1:]]))


class Command(BaseRunSpiderCommand):
    """The explore verb."""

    requires_project = True

    def syntax(self) -> str:
        """For the usage line."""
        return "NAME-or-URL [-a site=URL]"

    def short_desc(self) -> str:
        """For the list of verbs."""
        return "See what a site offers and what each reader makes of it; writes nothing"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Warnings only, unless -L says otherwise: what is found is printed."""
        assert self.settings is not None
        self.settings.set("LOG_LEVEL", "WARNING", priority=_ABOVE_PROJECT)
        super().process_options(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Explore; exit 6 when nothing answered."""
        if len(args) != 1:
            raise UsageError(
                "name a newspaper or an address: scrapy explore https://alwatan.sy", print_help=False
            )
        assert self.settings is not None
        assert self.crawler_process is not None
        logging.getLogger("scrapy.utils.log").setLevel(logging.WARNING)
        with ending(self):
            newspaper = card(self.settings, args[0])
            site = arguments.parse(opts.spargs).site
            crawler = self.crawler_process.create_crawler(ExploringSpider)
            self.crawler_process.crawl(crawler, newspaper=newspaper, site=site)
            self.crawler_process.start()
            spider = crawler.spider
            assert isinstance(spider, ExploringSpider)
            self.exitcode = 0 if spider.answered else _NOTHING_ANSWERED


def card(settings: BaseSettings, name: str) -> Newspaper:
    """The card of that name, or a blank one for an address. Raises SettingsError."""
    if "/" not in name and "." not in name:
        return cards.spider(settings, name).newspaper
    parts = urlsplit(name if "//" in name else f"https://{name}")
    host = (parts.hostname or "").removeprefix("www.")
    if parts.scheme not in {"http", "https"} or not host:
        raise SettingsError(f"{name} is neither a newspaper nor a web address")
    known = next((card for card in cards.known(settings) if host in card.hosts), None)
    return known or Newspaper(name=host, title=host, hosts=(host,), timezone="UTC", readers=tuple(READERS))
