"""Gzip members, one for each WARC record: made here, and found again in whole or damaged files.

A WARC file may be compressed record by record (ISO 28500:2017, annex D), which lets a reader start at the
offset of any record.
"""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from struct import pack
from typing import TYPE_CHECKING

from newsarchive.exceptions import CaptureDamagedError, CaptureTooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"\x1f\x8b\x08"
LIMIT = 128 << 20
"""Bytes of one inflated member that we hold in memory; an answer is at most a tenth of it."""

_GZIP = 31
_RAW = -15
_HEADER = MAGIC + b"\x00\x00\x00\x00\x00\x00\xff"
_STORED = 0xFFFF
_FEED = 1 << 16
_FALSE_STARTS = 1000


@dataclass(frozen=True, slots=True)
class Source:
    """A range of an open file: bytes `start` up to `end` of the descriptor `fd`."""

    fd: int
    start: int
    end: int

    def read(self, offset: int, size: int) -> bytes:
        """Read at most `size` bytes from `offset`, none after the end."""
        return os.pread(self.fd, max(0, min(size, self.end - offset)), offset)


@dataclass(frozen=True, slots=True)
class Member:
    """`length` bytes of a file from `offset`: a gzip member, or bytes that are none (`damage` says why).

    `data` is what it holds inflated; None for a damaged one and for one above the limit.
    """

    offset: int
    length: int
    data: bytes | None
    damage: str | None = None


def pack_member(head: bytes, body: bytes, *, compressed: bool) -> bytes:
    """Make one gzip member that holds `head` and `body`, which is not empty.

    A `compressed` body is put in as it is: deflating it again costs twenty times as much and saves nothing.
    """
    if not compressed:
        # Level 6 would make a page a tenth smaller for three times the time.
        packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
        return packer.compress(head) + packer.compress(body) + packer.flush()
    packer = zlib.compressobj(6, zlib.DEFLATED, _RAW)
    parts = [_HEADER, packer.compress(head), packer.flush(zlib.Z_SYNC_FLUSH)]
    for start in range(0, len(body), _STORED):
        block = body[start : start + _STORED]
        is_last = start + _STORED >= len(body)
        parts += [pack("<BHH", is_last, len(block), len(block) ^ _STORED), block]
    parts.append(pack("<II", zlib.crc32(body, zlib.crc32(head)), (len(head) + len(body)) & 0xFFFFFFFF))
    return b"".join(parts)


def unpack_member(member: bytes, limit: int = LIMIT) -> bytes:
    """Return what one whole member holds. Raises CaptureDamagedError, CaptureTooLargeError."""
    unpacker = zlib.decompressobj(_GZIP)
    try:
        data = unpacker.decompress(member, limit)
    except zlib.error as error:
        raise CaptureDamagedError(str(error)) from error
    if unpacker.unconsumed_tail:
        raise CaptureTooLargeError(f"a record of more than {limit} bytes")
    if not unpacker.eof:
        raise CaptureDamagedError("ends inside a record")
    if unpacker.unused_data:
        raise CaptureDamagedError(f"{len(unpacker.unused_data)} bytes after the record's end")
    return data


def walk_members(source: Source, limit: int = LIMIT) -> Iterator[Member]:
    """Give every member to the exact end, and every stretch between them that is none.

    After damage the walk goes on at the next whole member that begins like a WARC record. Raises
    CaptureDamagedError where a damaged file has more false beginnings than chance explains.
    """
    offset = source.start
    while offset < source.end:
        member = _member_at(source, offset, limit)
        if member.damage is not None:
            following = find_record(source, offset + 1, limit)
            member = Member(offset, following - offset, None, member.damage)
        yield member
        offset += member.length


def _member_at(source: Source, offset: int, limit: int) -> Member:
    unpacker = zlib.decompressobj(_GZIP)
    position, size, parts = offset, 0, list[bytes]()
    while not unpacker.eof:
        feed = source.read(position, _FEED)
        if not feed:
            return Member(offset, position - offset, None, "ends inside a record")
        try:
            part = unpacker.decompress(feed)
        except zlib.error as error:
            return Member(offset, position - offset, None, str(error))
        size += len(part)
        if size <= limit:
            parts.append(part)
        else:
            parts.clear()
        position += len(feed) - len(unpacker.unused_data)
    return Member(offset, position - offset, b"".join(parts) if size <= limit else None)


def find_record(source: Source, offset: int, limit: int) -> int:
    """Return where the next whole member with a WARC record begins, the source's end where there is none.

    Raises CaptureDamagedError where there are more false beginnings than chance explains.
    """
    false_starts = 0
    for start in _magics(source, offset):
        if not _begins_record(source, start):
            continue
        if _member_at(source, start, limit).damage is None:
            return start
        false_starts += 1
        if false_starts > _FALSE_STARTS:
            raise CaptureDamagedError(f"more than {_FALSE_STARTS} broken records after byte {offset - 1}")
    return source.end


def _magics(source: Source, offset: int) -> Iterator[int]:
    overlap = len(MAGIC) - 1
    while chunk := source.read(offset, _FEED):
        found = chunk.find(MAGIC)
        while found >= 0:
            yield offset + found
            found = chunk.find(MAGIC, found + 1)
        if len(chunk) <= overlap:
            return
        offset += len(chunk) - overlap


def _begins_record(source: Source, offset: int) -> bool:
    try:
        return zlib.decompressobj(_GZIP).decompress(source.read(offset, _FEED), 5) == b"WARC/"
    except zlib.error:
        return False
