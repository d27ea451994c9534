"""One clock for each host: Crawl-delay between requests, and Retry-After for all of them."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Self

from scrapy.utils.httpobj import urlparse_cached

from newsarchive.crawling.endpoints import COPY, WEB_ARCHIVE

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

logger = logging.getLogger(__name__)

_BUSY = frozenset({429, 503})
_MAX_ASKED_AGAIN = 3
_LOOK_AGAIN_SECONDS = 0.05
# Longer than any download lasts: a request whose end nobody told holds nothing up for ever.
_PATIENCE_SECONDS = 300.0


class Pauses:
    """Holds requests back until their host may be asked again.

    A host that answers 429 or 503 is left alone as a whole, for as long as Retry-After says (RFC 9110, 10.2.3)
    or ARCHIVE_PAUSE seconds, doubled each time; then the same request goes out again, three times at most. When
    a request's waits would sum to more than ARCHIVE_LONGEST_PAUSE it is given up: the answer stands, and the
    ledger tries again in another run.
    """

    def __init__(self, pause: float, longest: float) -> None:
        self._pause = pause
        self._longest = longest
        self._not_before: dict[str, float] = {}
        self._intervals: dict[str, float] = {}
        self._under_way: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the pauses from the settings."""
        settings = crawler.settings
        return cls(settings.getfloat("ARCHIVE_PAUSE"), settings.getfloat("ARCHIVE_LONGEST_PAUSE"))

    def keep_interval(self, host: str, seconds: float) -> None:
        """Leave at least so many seconds between two requests to a host, as its robots.txt or terms ask."""
        self._intervals[host] = min(seconds, self._longest)

    async def process_request(self, request: Request) -> None:
        """Wait for the host's next moment. A host with an interval answers one request before the next goes."""
        host = _host(request)
        while (wait := self._wait(host)) > 0:  # noqa: ASYNC110 - another may take the moment waited for
            await asyncio.sleep(wait)
        if host in self._intervals:
            self._under_way[host] = time.monotonic()

    def process_exception(self, request: Request, exception: Exception) -> None:  # noqa: ARG002 - Scrapy's
        """The host did not answer; the interval counts from now."""
        self._answered(_host(request))

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """After 429 or 503 leave the host alone, then ask again; robots.txt's own 5xx is for `Robots`."""
        self._answered(_host(request))
        asked, waited = request.meta.get("asked_again", 0), request.meta.get("waited", 0.0)
        if response.status not in _BUSY or COPY in response.flags:
            return response
        if request.meta.get("robots") and response.status != 429:  # noqa: PLR2004
            return response
        wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        wait = self._pause * 2**asked if wait is None else wait
        host = _host(request)
        if waited + wait > self._longest or asked >= _MAX_ASKED_AGAIN:
            logger.warning("%s answered %d; given up after %.0f s", request.url, response.status, waited)
            return response
        logger.warning("%s answered %d; leaving it alone for %.0f s", host, response.status, wait)
        self._not_before[host] = max(self._not_before.get(host, 0.0), time.monotonic() + wait)
        meta = {**request.meta, "asked_again": asked + 1, "waited": waited + wait}
        return request.replace(meta=meta, dont_filter=True)

    def _wait(self, host: str) -> float:
        """Seconds until the host may be asked, 0 when it may."""
        now = time.monotonic()
        begun = self._under_way.get(host)
        if begun is not None and now - begun < _PATIENCE_SECONDS:
            return _LOOK_AGAIN_SECONDS
        return self._not_before.get(host, 0.0) - now

    def _answered(self, host: str) -> None:
        if host in self._intervals:
            self._under_way.pop(host, None)
            self._not_before[host] = max(
                self._not_before.get(host, 0.0), time.monotonic() + self._intervals[host]
            )


def retry_after(value: bytes | None, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, in either form; None for none or nonsense."""
    text = (value or b"").decode("latin-1").strip()
    if text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - now).total_seconds())


def _host(request: Request) -> str:
    parts = urlparse_cached(request)
    # A web archive's service is told from another's by its port too; the newspaper's hosts have none.
    return parts.netloc if WEB_ARCHIVE in request.meta else (parts.hostname or "").removeprefix("www.")
