"""From a record to the bytes of the page: the HTTP answer taken apart, its codings undone."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from newsarchive.capture.codings import decode
from newsarchive.capture.members import LIMIT
from newsarchive.exceptions import BodyError, CaptureTooLargeError, IncompleteBodyError

if TYPE_CHECKING:
    from newsarchive.capture.reading import Record

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? +(\d{3})(?: +(.*))?")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")


@dataclass(frozen=True, slots=True)
class Http:
    """An HTTP answer as captured. `body` is undecoded."""

    status: int
    reason: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def get(self, name: str) -> str | None:
        """Return the first header of this name in any case."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[str]:
        """Return every header of this name in any case, in order, decoded as Latin-1."""
        wanted = name.lower().encode("ascii")
        return [value.decode("latin-1") for key, value in self.headers if key.lower() == wanted]


def http(record: Record) -> Http:
    """Take apart the HTTP answer of a response record, or of a revisit record, whose body is elsewhere.

    Raises BodyError for a record that holds none.
    """
    if not (record.get("Content-Type") or "").lower().startswith("application/http"):
        raise BodyError(f"a {record.kind} record of type {record.get('Content-Type')} holds no HTTP answer")
    end = _HEAD_END.search(record.block)
    head, body = (record.block[: end.start()], record.block[end.end() :]) if end else (record.block, b"")
    line, *lines = _FOLD.sub(b" ", head).replace(b"\r\n", b"\n").split(b"\n")
    match = _STATUS.fullmatch(line)
    if not match:
        raise BodyError(f"no HTTP status line: {line[:40]!r}")
    pairs = (line.partition(b":") for line in lines if line)
    headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
    return Http(int(match[1]), (match[2] or b"").decode("latin-1"), headers, body)


def payload(record: Record, limit: int = LIMIT, answer: Http | None = None) -> bytes:
    """Return the page: the decoded body of an HTTP answer, or all that a resource record holds.

    `answer` is what `http` gives, where the caller has that already. Raises BodyError, IncompleteBodyError,
    CaptureTooLargeError. A revisit record has none: the caller reads the record that WARC-Refers-To-Target-URI
    and -Date name.
    """
    if record.kind == "revisit":
        raise BodyError("the body of a revisit record is in the record that it refers to")
    if record.kind != "response" or not (record.get("Content-Type") or "").startswith("application/http"):
        return record.block
    answer = answer or http(record)
    return decode(answer.body, answer.all("Content-Encoding"), answer.all("Transfer-Encoding"), limit)


def payload_as_read(record: Record, limit: int = LIMIT, answer: Http | None = None) -> tuple[bytes, bool]:
    """Return what a crawl takes for the page, and whether it is the whole of it. `answer` as in `payload`.

    Of a coding that ends too early, what came before its end; of one that cannot be undone, the coded body.
    """
    truncated = record.get("WARC-Truncated") is not None
    try:
        return payload(record, limit, answer), not truncated
    except IncompleteBodyError as error:
        return error.decoded, False
    except (BodyError, CaptureTooLargeError):
        return (answer or http(record)).body, False


def made_whole(revisit: Record, original: Record) -> Record:
    """Return the response that a revisit record stands for: its own header with the original's body.

    Raises BodyError where the original is no response with the payload digest that the revisit names.
    """
    stated = revisit.get("WARC-Payload-Digest")
    if original.kind != "response" or stated is None or original.get("WARC-Payload-Digest") != stated:
        raise BodyError(f"a revisit refers to a {original.kind} record with another body than {stated}")
    headers = tuple(
        (name, "response" if name.lower() == "warc-type" else value) for name, value in revisit.headers
    )
    return replace(revisit, headers=headers, block=revisit.block + http(original).body)


def payload_sha256(body: bytes) -> str:
    """Return the hex digest of a decoded body, as rows hold it."""
    return sha256(body).hexdigest()
