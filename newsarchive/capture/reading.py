"""WARC records read back: one by its position, or a whole file, ours or anybody's.

WARC/1.0 and 1.1, compressed record by record or not at all, and WACZ files, which are ZIP archives of them.
What others wrote is read strictly: a record that contradicts itself is damage, never half a record.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from struct import unpack
from typing import TYPE_CHECKING, BinaryIO

from newsarchive.capture.files import closed
from newsarchive.capture.members import LIMIT, MAGIC, Source, find_record, unpack_member, walk_members
from newsarchive.exceptions import CaptureDamagedError, CaptureError, CaptureTooLargeError, NotACaptureError

if TYPE_CHECKING:
    from pathlib import Path

_HEAD_LIMIT = 1 << 16
_END = b"\r\n\r\n"
_VERSION = re.compile(r"WARC/(\d\.\d+)")
_MAX_DIGITS = 18
_LOCAL = 30


@dataclass(frozen=True)
class Record:
    """One record.

    `version` is such as `1.1`; `headers` are its named fields as they stand; `block` is all that follows
    them. `offset` and `length` are bytes of the file, compressed where it is.
    """

    version: str
    headers: tuple[tuple[str, str], ...]
    block: bytes
    offset: int
    length: int

    @cached_property
    def _fields(self) -> dict[str, str]:
        return {name.lower(): value for name, value in reversed(self.headers)}

    def get(self, name: str) -> str | None:
        """Return the first named field of this name in any case."""
        return self._fields.get(name.lower())

    @property
    def kind(self) -> str:
        """WARC-Type: response, revisit, request, resource, metadata, warcinfo, conversion …."""
        return self._fields["warc-type"]

    @property
    def url(self) -> str | None:
        """WARC-Target-URI, without the angle brackets that WARC/1.0 asked for."""
        value = self.get("WARC-Target-URI")
        return value.removeprefix("<").removesuffix(">") if value else None

    @property
    def date(self) -> str | None:
        """WARC-Date: UTC, ISO 8601 with a `Z`, seconds or finer."""
        return self.get("WARC-Date")


@dataclass(frozen=True, slots=True)
class Damage:
    """`length` bytes of a file from `offset` that are no record, and why."""

    offset: int
    length: int
    detail: str


OnDamage = Callable[[Damage], None]


def read_at(path: Path, offset: int, length: int, limit: int = LIMIT) -> Record:
    """Read the record that stands exactly there.

    Raises CaptureDamagedError, CaptureTooLargeError, OSError.
    """
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return read_from(fd, path.name, offset, length, limit)
    finally:
        os.close(fd)


def read_from(fd: int, name: str, offset: int, length: int, limit: int = LIMIT) -> Record:
    """Read the record that stands exactly there in an open file; `name` is for what goes wrong.

    Raises as `read_at` does.
    """
    raw = os.pread(fd, length, offset)
    try:
        if len(raw) < length:
            raise CaptureDamagedError(f"the file ends {length - len(raw)} bytes too early")
        data = unpack_member(raw, limit) if raw.startswith(MAGIC) else raw
        record, end = parse_record(data, 0, offset, length)
        if end != len(data):
            raise CaptureDamagedError("more than one record")
    except CaptureError as error:
        raise type(error)(f"{name} at byte {offset}: {error}") from error
    return record


def read_bytes(raw: bytes, limit: int = LIMIT) -> Record:
    """Read the one record that these bytes are: a gzip member, as a stretch of somebody's WARC file.

    Raises CaptureDamagedError, CaptureTooLargeError.
    """
    data = unpack_member(raw, limit)
    record, end = parse_record(data, 0, 0, len(raw))
    if end != len(data):
        raise CaptureDamagedError("more than one record")
    return record


def walk(path: Path, on_damage: OnDamage | None = None, limit: int = LIMIT) -> Iterator[Record]:
    """Read every record of a .warc or .warc.gz in order.

    `on_damage` is told every stretch that is no record, and the walk goes on behind it; without it the first
    one is raised as CaptureDamagedError or CaptureTooLargeError. Raises NotACaptureError, OSError.
    """
    with _opened(path) as file:
        yield from _walk_source(Source(file.fileno(), 0, _size(file.fileno())), path.name, on_damage, limit)


def _opened(path: Path) -> BinaryIO:
    """The file, under its final name where its writer closed it since it was listed."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        return closed(path).open("rb")


def walk_wacz(
    path: Path, on_damage: OnDamage | None = None, limit: int = LIMIT
) -> Iterator[tuple[str, Record]]:
    """Read every record of the WARC files of a WACZ, with the name of the file inside it.

    Offsets are those of the WACZ file itself, so that `read_at` finds the record there. Raises as `walk`
    does, and NotACaptureError for a ZIP whose WARC files are compressed once more, which WACZ forbids.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise NotACaptureError(f"{path.name} is no WACZ: {error}") from error
    with archive, path.open("rb") as file:
        for entry in archive.infolist():
            if entry.filename.startswith("archive/") and entry.filename.endswith((".warc", ".warc.gz")):
                source = _stored(file.fileno(), entry, path.name)
                for record in _walk_source(source, f"{path.name}/{entry.filename}", on_damage, limit):
                    yield entry.filename, record


def parse_record(data: bytes, start: int, offset: int, length: int) -> tuple[Record, int]:
    """Return the record at `start` of `data` and where it ends. Raises CaptureDamagedError."""
    version, headers, block_start, size = parse_head(data, start)
    block_end = block_start + size
    if data[block_end : block_end + 4] != _END:
        raise CaptureDamagedError(f"Content-Length {size} does not end at the record's end")
    return Record(version, headers, data[block_start:block_end], offset, length), block_end + 4


def parse_head(data: bytes, start: int = 0) -> tuple[str, tuple[tuple[str, str], ...], int, int]:
    """Return version, named fields, where the block begins in `data`, and its Content-Length.

    Raises CaptureDamagedError.
    """
    end = data.find(_END, start, start + _HEAD_LIMIT)
    if end < 0:
        raise CaptureDamagedError(f"no end of the record's header within {_HEAD_LIMIT} bytes")
    try:
        lines = data[start:end].decode().split("\r\n")
    except UnicodeDecodeError as error:
        raise CaptureDamagedError("the record's header is not UTF-8") from error
    match = _VERSION.fullmatch(lines[0])
    if not match:
        raise CaptureDamagedError(f"does not begin like a WARC record: {lines[0][:40]!r}")
    headers = _fields(lines[1:])
    sizes = [value for name, value in headers if name.lower() == "content-length"]
    if len(sizes) != 1 or not sizes[0].isascii() or not sizes[0].isdigit() or len(sizes[0]) > _MAX_DIGITS:
        raise CaptureDamagedError(f"Content-Length {', '.join(sizes)[:40] or 'is missing'}")
    if not any(name.lower() == "warc-type" for name, _ in headers):
        raise CaptureDamagedError("WARC-Type is missing")
    return match[1], headers, end + 4, int(sizes[0])


def _fields(lines: list[str]) -> tuple[tuple[str, str], ...]:
    fields = list[tuple[str, str]]()
    for line in lines:
        if line[:1] in {" ", "\t"} and fields:
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise CaptureDamagedError(f"no named field: {line[:40]!r}")
        fields.append((name, value.strip()))
    return tuple(fields)


def _walk_source(source: Source, name: str, on_damage: OnDamage | None, limit: int) -> Iterator[Record]:
    def tell(error: CaptureError, offset: int, length: int) -> None:
        if on_damage is None:
            raise type(error)(f"{name} at byte {offset}: {error}") from error
        on_damage(Damage(offset, length, str(error)))

    magic = source.read(source.start, 5)
    if magic == b"WARC/":
        yield from _walk_plain(source, limit, tell)
    elif magic.startswith(MAGIC) or find_record(source, source.start, limit) < source.end:
        yield from _walk_compressed(source, limit, tell)
    elif magic:
        raise NotACaptureError(f"{name} is no WARC file")


Tell = Callable[[CaptureError, int, int], None]


def _walk_compressed(source: Source, limit: int, tell: Tell) -> Iterator[Record]:
    for member in walk_members(source, limit):
        if member.damage is not None:
            tell(CaptureDamagedError(member.damage), member.offset, member.length)
            continue
        if member.data is None:
            detail = f"more than {limit} bytes in one gzip member; if it holds many records, gunzip the file"
            tell(CaptureTooLargeError(detail), member.offset, member.length)
            continue
        start = 0
        while start < len(member.data):
            try:
                record, start = parse_record(member.data, start, member.offset, member.length)
            except CaptureDamagedError as error:
                tell(error, member.offset, member.length)
                break
            yield record


def _walk_plain(source: Source, limit: int, tell: Tell) -> Iterator[Record]:
    offset = source.start
    while offset < source.end:
        try:
            _, _, block_start, size = parse_head(source.read(offset, _HEAD_LIMIT))
        except CaptureDamagedError as error:
            # Without a length nothing says where the next record begins.
            tell(error, offset, source.end - offset)
            return
        length = block_start + size + len(_END)
        if length > limit:
            tell(CaptureTooLargeError(f"a record of {length} bytes"), offset, length)
        else:
            try:
                yield parse_record(source.read(offset, length), 0, offset, length)[0]
            except CaptureDamagedError as error:
                tell(error, offset, source.end - offset)
                return
        offset += length


def _stored(fd: int, entry: zipfile.ZipInfo, name: str) -> Source:
    """Return where an uncompressed entry of a ZIP stands.

    The local header repeats name and extra field in lengths of its own (APPNOTE 4.3.7).
    """
    if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
        raise NotACaptureError(f"{name}: {entry.filename} is compressed or encrypted; unzip it first")
    local = os.pread(fd, _LOCAL, entry.header_offset)
    if len(local) < _LOCAL or not local.startswith(b"PK\x03\x04"):
        raise NotACaptureError(f"{name}: {entry.filename} is not where the ZIP directory says")
    name_length, extra_length = unpack("<HH", local[26:30])
    start = entry.header_offset + _LOCAL + name_length + extra_length
    end = start + entry.file_size
    if end > _size(fd):
        raise NotACaptureError(f"{name}: {entry.filename} is longer than the file")
    return Source(fd, start, end)


def _size(fd: int) -> int:
    return os.fstat(fd).st_size
