"""The capture of every raw answer, and its strict decoding."""

from __future__ import annotations

from dataclasses import replace
from http.client import responses
from typing import TYPE_CHECKING, Self

from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Headers

from newsarchive.archive import now
from newsarchive.capture import Exchange, decode, payload_sha256
from newsarchive.crawling import webarchives
from newsarchive.crawling.endpoints import BROKE_OFF, COPY, MEMENTO, NO_COPY, WEB_ARCHIVE
from newsarchive.exceptions import BodyError, CaptureTooLargeError, IncompleteBodyError, NewsArchiveError
from newsarchive.middlewares.crawl import crawl_of, writes

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from newsarchive.middlewares.crawl import Crawl

# What plugins print behind a page's end fits in here.
_TAIL = 4096
_KEPT_AWAY = frozenset({401, 403, 451})


class CaptureAnswers:
    """Appends every answer to the WARC file as it came from the network, before anybody reads it.

    Stands next to the network, so that robots.txt, redirects, errors and undecoded bodies are all seen.
    """

    def __init__(self, spider: Crawl) -> None:
        self._spider = spider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Only where an archive is open."""
        if not writes(crawler):
            raise NotConfigured("no archive is open")
        return cls(crawl_of(crawler))

    def process_response(self, request: Request, response: Response) -> Response:
        """Capture, and hand on the decoded answer. A broken body is flagged `truncated`."""
        assert self._spider.archive is not None
        if MEMENTO in request.meta:
            return self._of_web_archive(request, response)
        body, truncated = _decoded(response)
        if WEB_ARCHIVE in request.meta and response.status in _KEPT_AWAY:
            self._keep_away(request, f"HTTP {response.status}")
        return self._captured(request, response, _exchange(request, response, truncated), body)

    def _keep_away(self, request: Request, detail: str) -> None:
        """Here and not in a callback, before which the next request may have gone out."""
        assert self._spider.history is not None
        self._spider.history.stop(request.meta[WEB_ARCHIVE], detail)

    def _of_web_archive(self, request: Request, response: Response) -> Response:
        """The newspaper's answer inside one of a web archive, under the newspaper's address and its own time.

        An answer that holds none is captured as it came.
        """
        memento, address = request.meta[MEMENTO]
        request.meta.pop(NO_COPY, None)  # of an answer before, when it was asked again
        answer = webarchives.Answer(
            url=response.url,
            status=response.status,
            headers={
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in _pairs(response.headers)
            },
            body=response.body,
        )
        copy = webarchives.read(answer, memento, _pairs(response.headers))
        _, cut = _decoded(response)
        if isinstance(copy, webarchives.NoCopy):
            if cut:
                copy = webarchives.NoCopy(webarchives.Trouble.BUSY, "the answer broke off")
            request.meta[NO_COPY] = copy
            if copy.trouble is webarchives.Trouble.KEPT_AWAY:
                self._keep_away(request, copy.detail)
            return self._captured(request, response, _exchange(request, response, cut), response.body)
        request.meta["dont_retry"] = True
        flags = [*response.flags, COPY, *([BROKE_OFF] if cut else [])]
        inside = response.replace(status=copy.status, headers=Headers(), body=copy.body, flags=flags)
        for name, value in copy.headers:
            inside.headers.appendlist(name, value)
        body, truncated = _decoded(inside)
        exchange = replace(
            _exchange(request, inside, copy.truncated or truncated),
            url=address,
            fetched_at=copy.captured_at,
            source_uri=request.url,
            obtained_at=now(),
            ip=None,
        )
        return self._captured(request, inside, exchange, body, memento.source)

    def _captured(
        self, request: Request, response: Response, exchange: Exchange, body: bytes, source: str = "live"
    ) -> Response:
        assert self._spider.archive is not None
        try:
            made = self._spider.archive.capture(exchange, payload_sha256=payload_sha256(body), source=source)
        except NewsArchiveError as error:
            self._spider.stop(error)
            raise IgnoreRequest(str(error)) from error
        request.meta["capture"] = made
        self._spider.archive.tally.of_web_archives += WEB_ARCHIVE in request.meta
        flags = [*response.flags, "truncated"] if exchange.truncated else response.flags
        headers = response.headers.copy()
        headers.pop(b"Content-Encoding", None)
        return response.replace(body=body, headers=headers, flags=flags)


def _exchange(request: Request, response: Response, truncated: str | None) -> Exchange:
    return Exchange(
        url=request.url,
        method=request.method,
        request_headers=_pairs(request.headers),
        request_body=request.body,
        status=response.status,
        reason=responses.get(response.status, ""),
        response_headers=_pairs(response.headers),
        body=response.body,
        protocol=response.protocol or "HTTP/1.1",
        ip=str(response.ip_address) if response.ip_address else None,
        fetched_at=now(),
        truncated=truncated,
    )


def _decoded(response: Response) -> tuple[bytes, str | None]:
    """The decoded body, and why it is not whole. Scrapy's own decoding takes what it can get for the whole."""
    cut = "disconnect" if "dataloss" in response.flags else None
    codings = [value.decode("latin-1") for value in response.headers.getlist("Content-Encoding")]
    if not codings:
        if "partial" in response.flags and not _has_end(response.body):
            cut = "disconnect"
        return response.body, cut
    try:
        # A coding has an end of its own, also where the answer has no length.
        return decode(response.body, codings, []), cut
    except IncompleteBodyError as error:
        return error.decoded, "disconnect"
    except (BodyError, CaptureTooLargeError):
        return response.body, "unspecified"


def _has_end(body: bytes) -> bool:
    """Whether a body whose length nobody said ends as its kind does: a cut may fall behind any tag of a page."""
    tail = body[-_TAIL:].lower().rstrip()
    if b"<html" in body[:_TAIL].lower():
        return b"</html" in tail
    return tail.endswith((b">", b"}", b"]"))


def _pairs(headers: Headers) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name, value) for name, values in headers.items() for value in values or ())
