"""From a record to the bytes of the page: the HTTP answer taken apart, its codings undone.

Strict where Scrapy is lenient: a coding that ends too early is an IncompleteBodyError, not a shorter page.
"""

from __future__ import annotations

import re
import sys
import zlib
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import brotli  # type: ignore[import-untyped]

from newsarchive.capture.members import LIMIT, MAGIC
from newsarchive.exceptions import BodyError, CaptureTooLargeError, IncompleteBodyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsarchive.capture.reading import Record

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? +(\d{3})(?: +(.*))?")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
# Longer than one sign: a Brotli stream may begin with a blank and "<".
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|!--|html|head|\?xml|rss|feed|urlset|sitemapindex)", re.IGNORECASE
)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r\n")
# Small, because what a broken feed would have given is lost.
_FEED = 1 << 12
_MAX_CODINGS = 4


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


def payload(record: Record, limit: int = LIMIT) -> bytes:
    """Return the page: the decoded body of an HTTP answer, or all that a resource record holds.

    Raises BodyError, IncompleteBodyError, CaptureTooLargeError. A revisit record has none: the caller reads
    the record that WARC-Refers-To-Target-URI and -Date name.
    """
    if record.kind == "revisit":
        raise BodyError("the body of a revisit record is in the record that it refers to")
    if record.kind != "response" or not (record.get("Content-Type") or "").startswith("application/http"):
        return record.block
    answer = http(record)
    return decode(answer.body, answer.all("Content-Encoding"), answer.all("Transfer-Encoding"), limit)


def payload_sha256(body: bytes) -> str:
    """Return the hex digest of a decoded body, as rows hold it."""
    return sha256(body).hexdigest()


def decode(body: bytes, content_encodings: list[str], transfer_encodings: list[str], limit: int = LIMIT) -> bytes:
    """Undo the codings of a body, the last applied first. The lists are the headers' values as they came.

    A body that its header calls coded but that begins like HTML or XML is taken as it is: servers mislabel, and
    Common Crawl's older files hold decoded bodies under the original header.
    Raises BodyError, IncompleteBodyError, CaptureTooLargeError.
    """
    if "chunked" in _codings(transfer_encodings):
        body = _unchunked(body)
    codings = _codings(content_encodings)
    if len(codings) > _MAX_CODINGS:
        raise BodyError(f"{len(codings)} content codings")
    for coding in reversed(codings):
        body = _undo(coding, body, limit)
    return body


def _codings(values: list[str]) -> list[str]:
    names = (name.strip().lower() for value in values for name in value.split(","))
    return [name.removeprefix("x-") for name in names if name and name != "identity"]


def _undo(coding: str, body: bytes, limit: int) -> bytes:
    if not body or _MARKUP.match(body):
        return body
    decoder = _DECODERS.get(coding)
    if decoder is None:
        raise BodyError(f"unknown content coding {coding[:40]!r}")
    decoded, size = list[bytes](), 0
    try:
        for part in decoder(body):
            decoded.append(part)
            size += len(part)
            if size > limit:
                raise CaptureTooLargeError(f"a body of more than {limit} bytes")
    except EOFError as error:
        raise IncompleteBodyError(f"the {coding} coding ends too early", b"".join(decoded)) from error
    except (zlib.error, brotli.error, zstd.ZstdError) as error:
        if not size and not body.startswith(MAGIC):
            raise BodyError(f"no {coding} coding: {error}") from error
        raise IncompleteBodyError(f"the {coding} coding is broken: {error}", b"".join(decoded)) from error
    return b"".join(decoded)


def _feeds(body: bytes) -> Iterator[bytes]:
    return (body[start : start + _FEED] for start in range(0, len(body), _FEED))


def _gunzip(body: bytes) -> Iterator[bytes]:
    """Every member of a gzip body (RFC 1952, 2.2). Zeros or other bytes behind the last are padding."""
    rest = body
    while rest.startswith(b"\x1f\x8b") or rest is body:
        unpacker = zlib.decompressobj(31)
        position = 0
        while not unpacker.eof:
            if position >= len(rest):
                raise EOFError
            yield unpacker.decompress(rest[position : position + _FEED])
            position += _FEED
        rest = rest[min(position, len(rest)) - len(unpacker.unused_data) :]


def _inflate(body: bytes) -> Iterator[bytes]:
    """Deflate in the zlib format (RFC 9110, 8.4.1.2), or bare, as some servers send it."""
    unpacker = zlib.decompressobj()
    try:
        unpacker.decompress(body[:_FEED], 1)
    except zlib.error:
        unpacker = zlib.decompressobj(-15)
    else:
        unpacker = zlib.decompressobj()
    for feed in _feeds(body):
        yield unpacker.decompress(feed)
    if not unpacker.eof:
        raise EOFError


def _unbrotli(body: bytes) -> Iterator[bytes]:
    unpacker = brotli.Decompressor()
    for feed in _feeds(body):
        yield unpacker.process(feed)
    if not unpacker.is_finished():
        raise EOFError


def _unzstd(body: bytes) -> Iterator[bytes]:
    unpacker = zstd.ZstdDecompressor()
    for feed in _feeds(body):
        yield unpacker.decompress(feed)
    if not unpacker.eof:
        raise EOFError


_DECODERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gunzip,
    "deflate": _inflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}


def _unchunked(body: bytes) -> bytes:
    """Take out the chunk lines (RFC 9112, 7.1).

    A body without them had them taken out already by whoever kept the header.
    """
    parts, position = list[bytes](), 0
    while match := _CHUNK.match(body, position):
        size = int(match[1], 16)
        if size == 0:
            return b"".join(parts)
        end = match.end() + size
        parts.append(body[match.end() : end])
        if end + 2 > len(body):
            raise IncompleteBodyError("the chunked coding ends too early", b"".join(parts))
        if body[end : end + 2] != b"\r\n":
            return body
        position = end + 2
    if parts and position == len(body):
        raise IncompleteBodyError("the chunked coding ends too early", b"".join(parts))
    return body
