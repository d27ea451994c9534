"""The codings of HTTP bodies undone: gzip, deflate, Brotli, Zstandard, chunks.

Strict where Scrapy is lenient: a coding that ends too early is an IncompleteBodyError, not a shorter page.
"""

from __future__ import annotations

import re
import sys
import zlib
from struct import unpack
from typing import TYPE_CHECKING, Protocol

import brotli  # type: ignore[import-untyped]
from isal import isal_zlib

from newsarchive.capture.members import LIMIT, MAGIC
from newsarchive.exceptions import BodyError, CaptureTooLargeError, IncompleteBodyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Longer than one sign: a Brotli stream may begin with a blank and "<".
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|!--|html|head|\?xml|rss|feed|urlset|sitemapindex)", re.IGNORECASE
)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r\n")
# Small, because what a broken feed would have given is lost, and because a hostile one grows a lot.
_FEED = 1 << 10
_PIECE = 1 << 20
_GZIP = 31
_GZIP_LEAST = 18
_MAX_CODINGS = 4


def decode(
    body: bytes, content_encodings: list[str], transfer_encodings: list[str], limit: int = LIMIT
) -> bytes:
    """Undo the codings of a body, the last applied first. The lists are the headers' values as they came.

    A body that its header calls coded but that begins like HTML or XML is taken as it is: servers mislabel,
    and Common Crawl's older files hold decoded bodies under the original header.
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
    if coding == "gzip" and (quick := _quick_gunzip(body, limit)) is not None:
        return quick
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


def _quick_gunzip(body: bytes, limit: int) -> bytes | None:
    """Inflate a body of one member in a third of the time that zlib takes, or leave it to the strict way.

    Size and checksum, which end a member, are compared here: what disagrees in the least is not for a quick way.
    """
    if len(body) < _GZIP_LEAST:
        return None
    checksum, size = unpack("<II", body[-8:])
    if size > limit:
        return None
    unpacker = isal_zlib.decompressobj(_GZIP)
    try:
        decoded = unpacker.decompress(body, size + 1)
    except isal_zlib.error:  # type: ignore[misc]  # its stub forgets the base class
        return None
    is_whole = unpacker.eof and not unpacker.unused_data and len(decoded) == size
    return decoded if is_whole and isal_zlib.crc32(decoded) == checksum else None


def _gunzip(body: bytes) -> Iterator[bytes]:
    """Give every member of a gzip body (RFC 1952, 2.2)."""
    return _frames(body, b"\x1f\x8b", lambda: zlib.decompressobj(_GZIP))


def _inflate(body: bytes) -> Iterator[bytes]:
    """Give deflate in the zlib format (RFC 9110, 8.4.1.2), or bare, as some servers send it."""
    try:
        zlib.decompressobj().decompress(body[:_FEED], 1)
    except zlib.error:
        return _frames(body, None, lambda: zlib.decompressobj(-15))
    return _frames(body, None, zlib.decompressobj)


def _unbrotli(body: bytes) -> Iterator[bytes]:
    unpacker = brotli.Decompressor()
    for start in range(0, len(body), _FEED):
        yield unpacker.process(body[start : start + _FEED], output_buffer_limit=_PIECE)
        while not unpacker.can_accept_more_data():
            yield unpacker.process(b"", output_buffer_limit=_PIECE)
    if not unpacker.is_finished():
        raise EOFError


def _unzstd(body: bytes) -> Iterator[bytes]:
    """Give every frame of a Zstandard body (RFC 8878, 3.1)."""
    return _frames(body, b"\x28\xb5\x2f\xfd", zstd.ZstdDecompressor)


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def _frames(body: bytes, magic: bytes | None, start: Callable[[], _Unpacker]) -> Iterator[bytes]:
    """Unpack frame after frame while they begin with `magic`. Other bytes behind them are padding."""
    position = 0
    while position == 0 or (magic and body.startswith(magic, position)):
        unpacker = start()
        while not unpacker.eof:
            feed = body[position : position + _FEED]
            if not feed:
                raise EOFError
            yield unpacker.decompress(feed)
            position += len(feed) - len(unpacker.unused_data)


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
