"""Is every byte of the captures still what was written? For `scrapy verify`.

`warcio check` passes most torn files; here every gzip member is inflated to the exact end of the file, whose
checksum finds every changed bit, and what the record says of itself is compared with what it is.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from newsarchive.capture.bodies import Http, http
from newsarchive.capture.codings import decode
from newsarchive.capture.files import OPEN, closed, locked
from newsarchive.capture.reading import Damage, Record, walk
from newsarchive.exceptions import BodyError, CaptureDamagedError, NotACaptureError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    OnRecord = Callable[[str, Record], None]
    OnFile = Callable[[str], None]

_OURS = re.compile(r"[a-z0-9-]+-\d{14}-\d{5}-\d+\.warc\.gz")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
_DIGESTS = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512"})
# Answers are written in the order in which they are complete; a clock that is set back is further off.
_DISORDER = timedelta(minutes=10)


class Finding(StrEnum):
    """What can be wrong with a capture file."""

    DAMAGE = "damage"
    """Bytes that are no record."""
    BLOCK_DIGEST = "block-digest"
    """A record that is not what it was when its digest was taken."""
    PAYLOAD_DIGEST = "payload-digest"
    """A body that is not what it was when its digest was taken."""
    DATE = "date"
    """A WARC-Date that is none."""
    HTTP = "http"
    """A response record without a readable HTTP answer."""
    STRUCTURE = "structure"
    """A file of ours that we did not write so: no warcinfo, another's name, a request without its answer."""
    CLOCK = "clock"
    """A file of ours whose dates go back by more than ten minutes: the clock was set, no byte is wrong."""
    NOT_CLOSED = "not-closed"
    """A file that a killed writer left behind; the next crawl repairs it."""
    TORN = "torn"
    """Bytes that a repair put aside; no row refers to them."""


NOTES = frozenset({Finding.CLOCK, Finding.NOT_CLOSED, Finding.TORN})
"""Findings that cost nothing: every record stands."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at byte `offset` of `file`, a bare name. `url` is the record's, where there is one."""

    file: str
    offset: int
    finding: Finding
    detail: str
    url: str | None = None


def _nothing(_file: str, _record: Record) -> None:
    return None


def check_directory(
    directory: Path, on_record: OnRecord = _nothing, on_file: OnFile = lambda _: None
) -> Iterator[Problem]:
    """Check every WARC file of a directory, in the order of their names. Raises OSError.

    `on_record` is given every whole record with the name of its file (without `.open`), so that what else is
    to be compared costs no second reading. `on_file` is given that name before the file is opened. A writer may be at
    work meanwhile.
    """
    for path in _once(sorted(directory.iterdir())):
        if path.name.endswith((".warc.gz", ".warc")):
            on_file(path.name)
            yield from check_file(path, on_record)
        elif path.name.endswith(OPEN):
            if not locked(path):
                yield Problem(
                    path.name, 0, Finding.NOT_CLOSED, "its writer was killed; the next crawl repairs it"
                )
            if path.exists() or closed(path).exists():  # a repair leaves nothing of one without a record
                on_file(closed(path).name)
                yield from check_file(path, on_record)
        elif ".torn-" in path.name:
            detail = f"{path.stat().st_size} bytes put aside by a repair"
            yield Problem(path.name, 0, Finding.TORN, detail)


def _once(paths: Iterable[Path]) -> Iterable[Path]:
    """Each file once: one that is closed while it is listed may be there under both names."""
    return {closed(path): path for path in paths}.values()


def check_file(path: Path, on_record: OnRecord = _nothing) -> Iterator[Problem]:
    """Check every byte of a WARC file and all that its records say of themselves.

    A half record at the end of a file that is still open is no problem: its writer may be at it.
    Raises OSError.
    """
    damages = list[Damage]()
    name = closed(path).name
    order = _Order(name)
    # What is appended meanwhile makes no damage of a record that was half written when the file was opened.
    size = _size(path)
    try:
        for record in walk(path, damages.append):
            yield from _tell(path, size, damages)
            on_record(name, record)
            for finding, detail in (*_wrong(record), *order.wrong(record)):
                yield Problem(path.name, record.offset, finding, detail, record.url)
    except (CaptureDamagedError, NotACaptureError) as error:
        yield Problem(path.name, 0, Finding.DAMAGE, str(error))
    yield from _tell(path, size, damages)


def manifest(directory: Path) -> Iterator[tuple[str, str]]:
    """Give the SHA-256 in hex and the name of every closed WARC file, in the order of names.

    Printed with two blanks between, it is what `sha256sum --check` reads.
    """
    for path in sorted(directory.iterdir()):
        if path.name.endswith((".warc.gz", ".warc")):
            with path.open("rb") as file:
                yield hashlib.file_digest(file, "sha256").hexdigest(), path.name


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return closed(path).stat().st_size


def _tell(path: Path, size: int, damages: list[Damage]) -> Iterator[Problem]:
    for damage in damages:
        is_tail = damage.offset + damage.length >= size
        if not (is_tail and path.name.endswith(OPEN)):
            yield Problem(path.name, damage.offset, Finding.DAMAGE, f"{damage.length} bytes: {damage.detail}")
    damages.clear()


class _Order:
    """What holds between the records of a file that we wrote."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._ours = _OURS.fullmatch(name) is not None
        self._last: Record | None = None
        self._latest: datetime | None = None

    def wrong(self, record: Record) -> Iterator[tuple[Finding, str]]:
        last, self._last = self._last, record
        if not self._ours:
            return
        if last is None and record.get("WARC-Filename") != self._name:
            yield Finding.STRUCTURE, "does not begin with a warcinfo record of this file"
        if last is not None and last.offset == record.offset:
            yield Finding.STRUCTURE, "two records in one gzip member"
        if record.kind == "request" and (
            last is None or record.get("WARC-Concurrent-To") != last.get("WARC-Record-ID")
        ):
            yield Finding.STRUCTURE, "a request that does not follow its answer"
        if record.kind not in {"warcinfo", "request"}:
            yield from self._clock(record)

    def _clock(self, record: Record) -> Iterator[tuple[Finding, str]]:
        written = _date(record.get("WARC-Creation-Date") or record.date)
        if written and self._latest and written < self._latest - _DISORDER:
            yield (
                Finding.CLOCK,
                f"written {written:%Y-%m-%dT%H:%M:%SZ}, after {self._latest:%Y-%m-%dT%H:%M:%SZ}",
            )
        if written and (not self._latest or written > self._latest):
            self._latest = written


def _wrong(record: Record) -> Iterator[tuple[Finding, str]]:
    if _date(record.date) is None:
        yield Finding.DATE, f"WARC-Date {record.date!r}"
    stated = record.get("WARC-Block-Digest")
    if stated and not _agrees(stated, record.block):
        yield Finding.BLOCK_DIGEST, f"not {stated}"
    if record.kind == "resource":
        yield from _wrong_payload(record, record.block, None)
    elif record.kind == "response" and (record.get("Content-Type") or "").startswith("application/http"):
        try:
            answer = http(record)
        except BodyError as error:
            yield Finding.HTTP, str(error)
        else:
            yield from _wrong_payload(record, answer.body, answer)


def _wrong_payload(record: Record, body: bytes, answer: Http | None) -> Iterator[tuple[Finding, str]]:
    stated = record.get("WARC-Payload-Digest")
    if stated and not _agrees(stated, body) and not (answer and _agrees_unchunked(stated, answer)):
        yield Finding.PAYLOAD_DIGEST, f"not {stated}"


def _agrees_unchunked(stated: str, answer: Http) -> bool:
    """Compare without chunks: some crawlers keep them and take the digest without."""
    try:
        return _agrees(stated, decode(answer.body, [], answer.all("Transfer-Encoding")))
    except BodyError:
        return False


def _agrees(stated: str, data: bytes) -> bool:
    """Whether a digest in hex or base 32 is that of the data. An algorithm we don't know proves nothing."""
    name, _, value = stated.partition(":")
    if name.lower() not in _DIGESTS:
        return False
    digest = hashlib.new(name.lower(), data, usedforsecurity=False).digest()
    return value.lower() == digest.hex() or value.upper().rstrip("=") == b32encode(digest).decode().rstrip(
        "="
    )


def _date(value: str | None) -> datetime | None:
    if value is None or not _DATE.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value[:19] + "+00:00")
    except ValueError:
        return None
