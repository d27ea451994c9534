"""What an answer of a web archive means: a copy of the newspaper's page, or why there is none. Pure.

The Wayback Machine says what it captured in headers (RFC 7089): without `Memento-Datetime` an answer is its
own and no content, whatever its status. Common Crawl gives a stretch of a WARC file, one record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from newsarchive import capture
from newsarchive.discovery import addresses, commoncrawl
from newsarchive.exceptions import BodyError, CaptureError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from newsarchive.items import Memento

COPIES = frozenset({"wayback", "commoncrawl"})
"""Values of `captures.source` that are a web archive's copy of a page of the newspaper."""

_REDIRECTS = range(300, 400)
_PARTIAL, _NOT_FOUND, _NO_RANGE, _TOO_MANY = 206, 404, 416, 429
_SERVER_ERRORS = range(500, 600)
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came from the archive: header names in lower case, `body` undecoded."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Copy:
    """The newspaper's answer inside.

    status, headers and body (undecoded) are the newspaper's; captured_at is when the archive got them, UTC.
    truncated: None, or why the body is not whole, as WARC-Truncated says it.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    captured_at: str
    truncated: str | None = None


class Trouble(StrEnum):
    """Why there is no copy.

    elsewhere: the archive has it at another time or spelling. absent: it has none. busy: not now.
    kept-away: the archive does not want to be asked.
    """

    ELSEWHERE = "elsewhere"
    ABSENT = "absent"
    BUSY = "busy"
    KEPT_AWAY = "kept-away"


@dataclass(frozen=True, slots=True)
class NoCopy:
    """Why there is no copy, in words; `target` is (timestamp, address) of what stands elsewhere."""

    trouble: Trouble
    detail: str
    target: tuple[str, str] | None = None


def page_url(base: str, memento: Memento) -> str:
    """Where the Wayback Machine gives the page as it was captured, without its own banner and links."""
    return f"{base}/web/{memento.timestamp}id_/{memento.url}"


def read(answer: Answer, memento: Memento, headers: Sequence[tuple[bytes, bytes]]) -> Copy | NoCopy:
    """What the answer to a request for a memento gives. `headers` are the answer's as they came."""
    if memento.source == "commoncrawl":
        return _read_range(answer, memento)
    return _read_replay(answer, tuple(headers))


def _read_replay(answer: Answer, headers: tuple[tuple[bytes, bytes], ...]) -> Copy | NoCopy:
    captured_at = _moment(answer.headers.get("memento-datetime"))
    if answer.status in _REDIRECTS:
        return _elsewhere(answer)
    if captured_at is not None:
        return Copy(answer.status, headers, answer.body, captured_at)
    if answer.status == _NOT_FOUND:
        return NoCopy(Trouble.ABSENT, "HTTP 404 without Memento-Datetime")
    if answer.status == _TOO_MANY or answer.status in _SERVER_ERRORS:
        return NoCopy(Trouble.BUSY, f"HTTP {answer.status} without Memento-Datetime")
    said = answer.headers.get("x-archive-wayback-runtime-error", "")
    return NoCopy(Trouble.KEPT_AWAY, f"HTTP {answer.status} without Memento-Datetime {said}".strip())


def _elsewhere(answer: Answer) -> NoCopy:
    """A redirect: the archive's own to another time, or a captured one, whose Location it rewrites."""
    location = urljoin(answer.url, answer.headers.get("location", ""))
    match = re.search(r"/web/(\d{14})(?:id_)?/(.+)", location)
    said = answer.headers.get("x-archive-redirect-reason") or f"HTTP {answer.status} to {location}"
    if match is None:
        return NoCopy(Trouble.ABSENT, said)
    return NoCopy(Trouble.ELSEWHERE, said, (match[1], match[2]))


def _read_range(answer: Answer, memento: Memento) -> Copy | NoCopy:
    if answer.status in {_NOT_FOUND, _NO_RANGE}:
        return NoCopy(Trouble.ABSENT, f"HTTP {answer.status}")
    if answer.status == _TOO_MANY or answer.status in _SERVER_ERRORS:
        return NoCopy(Trouble.BUSY, f"HTTP {answer.status}")
    if answer.status != _PARTIAL:
        return NoCopy(Trouble.KEPT_AWAY, f"HTTP {answer.status} to a request for a range of bytes")
    try:
        record = capture.read_bytes(answer.body)
        inside = capture.http(record)
    except (CaptureError, BodyError) as error:
        return NoCopy(Trouble.ABSENT, f"the stretch of bytes is no capture: {error}")
    if addresses.normal(record.url or "") != addresses.normal(memento.url) or record.kind != "response":
        return NoCopy(Trouble.ABSENT, f"the stretch of bytes is a {record.kind} record of {record.url}")
    captured_at = (record.date or "")[:19] + "Z"
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", captured_at):
        return NoCopy(Trouble.ABSENT, f"the record's date is {record.date!r}")
    return Copy(
        inside.status,
        _as_decoded(inside),
        inside.body,
        captured_at,
        _truncation(record.get("WARC-Truncated")),
    )


def _as_decoded(answer: capture.Http) -> tuple[tuple[bytes, bytes], ...]:
    """The headers, where Common Crawl undid a coding without saying so (until 2018) as it says it since."""
    coded = answer.body.startswith(_GZIP_MAGIC)
    return tuple(
        (b"X-Crawler-" + name, value)
        if (name.lower() == b"content-encoding" and not coded) or name.lower() == b"transfer-encoding"
        else (name, value)
        for name, value in answer.headers
    )


def _truncation(said: str | None) -> str | None:
    return said if said in {None, "length", "time", "disconnect"} else "unspecified"


def _moment(value: str | None) -> str | None:
    """An HTTP date as UTC in the form of the tables, None for none."""
    try:
        moment = parsedate_to_datetime(value or "")
    except ValueError:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment.tzinfo else None


def range_header(memento: Memento) -> str:
    """The Range header that asks for a record of Common Crawl. Raises ValueError."""
    _, offset, length = commoncrawl.place(memento.location or "")
    return f"bytes={offset}-{offset + length - 1}"


def age_in_days(moment: str, now: str) -> float:
    """Days between two times of the tables."""
    return (datetime.fromisoformat(now) - datetime.fromisoformat(moment)).total_seconds() / 86400
