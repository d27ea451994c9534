"""A request to the sample server, and what is answered: plain values that hooks may read and make."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from newsarchive.sample.sites import NEWSPAPER, SITES, Site

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Request:
    """A request as it came.

    `target` is the path with the query, percent-encoded as sent; `headers` have
    lower-case names; `at` is Unix time in seconds.
    """

    method: str
    host: str
    target: str
    headers: Mapping[str, str]
    at: float

    @property
    def path(self) -> str:
        """The path, percent-encoded as sent."""
        return self.target.partition("?")[0]

    @cached_property
    def query(self) -> dict[str, str]:
        """The query's values; of a repeated name the last."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def site(self) -> Site:
        """The site that the Host header names; the newspaper for any other host."""
        return SITES.get(self.host.partition(":")[0].lower().removeprefix("www."), NEWSPAPER)


@dataclass(frozen=True)
class Response:
    """An answer.

    For faults: `delay` waits that many seconds before it, `cut_after` closes the connection after
    that many bytes of the body, a Content-Length among `headers` is sent as it stands, and `without_length` sends
    none: the end of the connection is the end of the body.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = "text/html; charset=UTF-8"
    headers: tuple[tuple[str, str], ...] = field(default=())
    delay: float = 0.0
    cut_after: int | None = None
    without_length: bool = False

    def has(self, name: str) -> bool:
        """Whether a header of that name (in any case) stands among `headers`."""
        return any(present.lower() == name.lower() for present, _ in self.headers)


def redirect(address: str) -> Response:
    """A permanent redirect."""
    return Response(301, b"", headers=(("Location", address), ("X-Redirect-By", "WordPress")))


def validated(response: Response, modified: datetime) -> Response:
    """The answer with ETag and Last-Modified."""
    tag = f'"{hashlib.sha256(response.body).hexdigest()[:20]}"'
    stamp = format_datetime(modified.astimezone(UTC), usegmt=True)
    return replace(response, headers=(*response.headers, ("ETag", tag), ("Last-Modified", stamp)))


def conditional(request: Request, response: Response) -> Response:
    """304 without a body if the request shows that the client has this answer already."""
    present = {name.lower(): value for name, value in response.headers}
    if response.status != 200 or "etag" not in present:  # noqa: PLR2004
        return response
    if "if-none-match" in request.headers:
        tags = {tag.strip().removeprefix("W/") for tag in request.headers["if-none-match"].split(",")}
        known = present["etag"] in tags
    else:
        known = request.headers.get("if-modified-since") == present["last-modified"]
    return replace(response, status=304, body=b"") if known else response


def compressed(request: Request, response: Response) -> Response:
    """The answer in gzip where the client accepts it and there is something to gain."""
    worth_it = len(response.body) > 512 and response.content_type.startswith(("text/", "application/"))  # noqa: PLR2004
    accepted = "gzip" in request.headers.get("accept-encoding", "")
    if not (worth_it and accepted) or response.has("Content-Encoding"):
        return response
    headers = (*response.headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
    return replace(response, body=gzip.compress(response.body, mtime=0), headers=headers)
