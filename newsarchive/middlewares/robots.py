"""robots.txt as RFC 9309 says, stricter in two cases: 429 waits, and an HTML page counts as unreachable.

Scrapy's own middleware allows everything when robots.txt answers 5xx, 429 or HTML, or does not answer.
"""

from __future__ import annotations

import asyncio
import codecs
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from protego import Protego
from scrapy import Request
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from newsarchive.crawling.endpoints import WEB_ARCHIVE
from newsarchive.crawling.failures import NO_ANSWER, RobotsDisallowed, RobotsUnreachable
from newsarchive.middlewares.pauses import Pauses

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

# RFC 9309: at least 500 KiB are parsed (2.5); a copy is used for no more than 24 hours (2.4).
_MAX_BYTES = 500 << 10
_MAX_AGE_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class _Rules:
    """`parser` None: no rules. `trouble`: why robots.txt could not be read, or ""."""

    parser: Protego | None
    trouble: str
    read_at: float


class Robots:
    """Asks for each host's robots.txt before anything else there, and keeps to it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._rules: dict[str, asyncio.Task[_Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Unless ROBOTSTXT_OBEY is off."""
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured("ROBOTSTXT_OBEY is off")
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raise RobotsDisallowed or RobotsUnreachable for what must not be asked."""
        # The terms that a web archive publishes for its services are kept to instead (docs/history.md).
        if request.meta.get("robots") or WEB_ARCHIVE in request.meta:
            return
        rules = await self._rules_for(request)
        if rules.trouble:
            raise RobotsUnreachable(rules.trouble)
        agent = self._crawler.settings["USER_AGENT"]
        if rules.parser is not None and not rules.parser.can_fetch(request.url, agent):
            raise RobotsDisallowed(f"robots.txt asks not to fetch {request.url}")

    def sitemaps(self, host: str) -> tuple[str, ...]:
        """The sitemaps that a host's robots.txt names, as printed, if it has been read."""
        tasks = [self._rules.get(netloc) for netloc in (host, f"www.{host}")]
        parsers = [task.result().parser for task in tasks if task is not None and task.done()]
        return tuple(dict.fromkeys(url for parser in parsers if parser for url in parser.sitemaps))

    async def _rules_for(self, request: Request) -> _Rules:
        parts = urlparse_cached(request)
        task = self._rules.get(parts.netloc)
        if task is None or (task.done() and time.monotonic() - task.result().read_at > _MAX_AGE_SECONDS):
            url = f"{parts.scheme}://{parts.netloc}/robots.txt"
            task = asyncio.ensure_future(self._fetch(url, parts.hostname or ""))
            self._rules[parts.netloc] = task
        return await task

    async def _fetch(self, url: str, host: str) -> _Rules:
        assert self._crawler.engine is not None
        asked = Request(url, callback=NO_CALLBACK, meta={"robots": True}, priority=1000)
        try:
            response = await self._crawler.engine.download_async(asked)
        except (*NO_ANSWER, IgnoreRequest) as error:
            return _Rules(None, f"{url} did not answer: {type(error).__name__}: {error}", time.monotonic())
        trouble = trouble_with(response)
        if trouble:
            return _Rules(None, f"{url} {trouble}", time.monotonic())
        if response.status != 200:  # noqa: PLR2004
            return _Rules(None, "", time.monotonic())  # 4xx: there are no rules (RFC 9309, 2.3.1.3)
        parser = Protego.parse(text_of(response.body))
        self._keep_delay(host.removeprefix("www."), parser)
        return _Rules(parser, "", time.monotonic())

    def _keep_delay(self, host: str, parser: Protego) -> None:
        delay = parser.crawl_delay(self._crawler.settings["USER_AGENT"])
        pauses = self._crawler.get_downloader_middleware(Pauses)
        if delay and pauses is not None:
            logger.info("%s asks for %s s between requests", host, delay)
            pauses.keep_interval(host, float(delay))


def text_of(body: bytes) -> str:
    """The text of a robots.txt as far as it is read: UTF-8 (RFC 9309, 2.3), or UTF-16 where a mark says so."""
    coding = "utf-16" if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    return body[:_MAX_BYTES].decode(coding, "ignore")


def trouble_with(response: Response) -> str:
    """Why this answer is no robots.txt that one could keep to, or "" when it is one or says there is none."""
    if response.status == 429 or response.status >= 500:  # noqa: PLR2004 - status codes
        return f"answered {response.status}"
    if "truncated" in response.flags:
        return "broke off"
    html = b"html" in (response.headers.get("Content-Type") or b"").lower()
    if response.status == 200 and (html or response.body.lstrip()[:1] == b"<"):  # noqa: PLR2004
        return "answered an HTML page"
    return ""
