"""`-a site=`: another server answers for the newspaper's hosts, under the newspaper's own addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.exceptions import DownloadFailedError
from scrapy.utils.httpobj import urlparse_cached

from newsarchive.crawling.endpoints import WEB_ARCHIVE

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response


# A status has three digits (RFC 9110, 15); Twisted takes any number, and no WARC reader such a record.
_STATUSES = range(100, 1000)


class StandInDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's own handler, but the bytes come from the spider's `site` where one is given.

    Everything above sees the newspaper's addresses; the Host header says which of its hosts is meant.
    """

    async def download_request(self, request: Request) -> Response:
        """The answer of the stand-in, or of the newspaper itself. Raises DownloadFailedError for what is none."""
        response = await self._answer(request)
        if response.status not in _STATUSES:
            raise DownloadFailedError(f"{response.status} is no status of HTTP")
        return response

    async def _answer(self, request: Request) -> Response:
        site = getattr(self._crawler.spider, "site", None)
        if site is None or WEB_ARCHIVE in request.meta or request.url.startswith(f"{site}/"):
            return await super().download_request(request)
        base, asked = urlsplit(site), urlparse_cached(request)
        url = urlunsplit((base.scheme, base.netloc, asked.path, asked.query, ""))
        sent = request.replace(url=url, headers={**request.headers, b"Host": asked.netloc})
        sent.meta.update(request.meta)
        response = await super().download_request(sent)
        return response.replace(url=request.url)
