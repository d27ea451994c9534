"""The capture directory: WARC files that grow by whole exchanges, and what a kill leaves of them.

A file that is being written is called `….warc.gz.open` and locked by its writer; closing takes `.open` off.
Rows hold the name without it, `locate` finds the file under either. Names come from our own counter only.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from newsarchive.capture.members import Source, walk_members
from newsarchive.capture.records import warcinfo
from newsarchive.exceptions import CaptureDamagedError, CaptureMissingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

OPEN = ".open"
_PREFIX = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}")


@dataclass(frozen=True, slots=True)
class Position:
    """Where a record stands: `length` bytes from `offset` of `file`, a bare name without `.open`."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Repair:
    """What was found of a file that was not closed.

    `torn` bytes after its last whole record were moved into `torn_file`; `kept` bytes are left under its
    final name, 0 meaning that there was no record in it and it is gone.
    """

    file: str
    kept: int
    torn: int
    torn_file: str | None


class CaptureFiles:
    """Appends records to `directory`, one writer an instance, several processes beside each other.

    prefix: the newspaper's name. max_bytes: a file is closed before it would grow above this, unless one
    exchange is larger. fields: what warcinfo says of the crawl, such as `software`.
    Every method raises OSError as the system gives it (ENOSPC among them); a failed append leaves no bytes.
    """

    def __init__(
        self,
        directory: Path,
        prefix: str,
        max_bytes: int = 1_000_000_000,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        self._directory = directory
        self._prefix = _valid(prefix)
        self._max_bytes = max_bytes
        self._fields = dict(fields or {})
        self._serial = 0
        self._fd: int | None = None
        self._name = ""
        self._size = 0
        self._records = 0

    def __enter__(self) -> Self:
        """Return the writer; leaving closes its file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def append(self, members: Sequence[bytes]) -> tuple[Position, ...]:
        """Write the members of one exchange in one piece. They are on the disk after `sync`."""
        size = sum(map(len, members))
        if self._records and self._size + size > self._max_bytes:
            self.close()
        if self._fd is None:
            self._create()
        offset, positions = self._size, list[Position]()
        for member in members:
            positions.append(Position(self._name, offset, len(member)))
            offset += len(member)
        self._write(b"".join(members))
        self._records += len(members)
        return tuple(positions)

    def sync(self) -> None:
        """Return when everything appended is on the disk.

        After an OSError nothing since the last sync counts: the system may have dropped it, and a second try
        would not tell.
        """
        if self._fd is not None:
            try:
                os.fdatasync(self._fd)
            except OSError:
                self._abandon()
                raise

    def close(self) -> None:
        """Sync the current file and give it its final name. The next append starts another."""
        if self._fd is None:
            return
        self.sync()
        path = self._directory / self._name
        path.with_name(self._name + OPEN).rename(path)
        _sync_directory(self._directory)
        self._abandon()

    def _create(self) -> None:
        now = datetime.now(UTC)
        self._directory.mkdir(parents=True, exist_ok=True)
        while True:
            name = f"{self._prefix}-{now:%Y%m%d%H%M%S}-{self._serial:05d}-{os.getpid()}.warc.gz"
            self._serial += 1
            fd = _create_locked(self._directory, name)
            if fd is not None:
                break
        self._fd, self._name, self._size, self._records = fd, name, 0, 0
        self._write(warcinfo(name, f"{now:%Y-%m-%dT%H:%M:%SZ}", self._fields))
        _sync_directory(self._directory)

    def _write(self, data: bytes) -> None:
        """One write, or as many as the system makes of it; all of it or nothing."""
        assert self._fd is not None
        written = 0
        try:
            while written < len(data):
                written += os.write(self._fd, data[written:] if written else data)
        except BaseException:
            self._take_back()
            raise
        self._size += written

    def _take_back(self) -> None:
        assert self._fd is not None
        try:
            os.ftruncate(self._fd, self._size)
        except OSError:
            # The torn bytes stay in the .open file; the next repair cuts them off.
            self._abandon()
        else:
            if self._size == 0:
                self._directory.joinpath(self._name + OPEN).unlink()
                self._abandon()

    def _abandon(self) -> None:
        """Let go of the file: as it is, it belongs to `repair`."""
        if self._fd is not None:
            fd, self._fd = self._fd, None
            os.close(fd)


def is_own(name: str, prefix: str) -> bool:
    """Whether a closed file of this name is of the making of a writer with this prefix."""
    return re.fullmatch(rf"{re.escape(prefix)}-\d{{14}}-\d{{5}}-\d+\.warc\.gz", name) is not None


def closed(path: Path) -> Path:
    """Where a file stands once its writer has closed it."""
    return path.with_name(path.name.removesuffix(OPEN))


def locate(directory: Path, file: str) -> Path:
    """Find a capture file by the name that rows hold. Raises CaptureMissingError."""
    if not _NAME.fullmatch(file):
        raise CaptureMissingError(f"not the name of a capture file: {file!r}")
    path = directory / file
    # Twice the final name: the writer may close the file between the two looks.
    for candidate in (path, path.with_name(file + OPEN), path):
        if candidate.is_file():
            return candidate
    raise CaptureMissingError(f"{file} is not in {directory}")


def locked(path: Path) -> bool:
    """Tell whether a living process writes this open file."""
    fd = _lock(path)
    if fd is not None:
        os.close(fd)
    return fd is None


def repair(directory: Path, prefix: str) -> list[Repair]:
    """Close every file of `prefix` that a killed writer left open, cut behind its last whole record.

    What is cut off is kept beside it as `NAME.torn-OFFSET`. Damage further up stays where it is, with the
    whole records behind it: `newsarchive.capture.checking` reports it. Files that a living process writes are
    left alone. Killed itself, it does the same again. Raises OSError.
    """
    found = sorted(directory.glob(f"{_valid(prefix)}-*.warc.gz{OPEN}"))
    return [done for path in found if (done := _repair(path)) is not None]


def _repair(path: Path) -> Repair | None:
    fd = _lock(path)
    if fd is None:
        return None
    try:
        return _repair_locked(path, fd)
    finally:
        os.close(fd)


def _repair_locked(path: Path, fd: int) -> Repair:
    size = os.fstat(fd).st_size
    kept = _end_of_whole(Source(fd, 0, size))
    final = path.with_name(path.name.removesuffix(OPEN))
    torn_file = None
    if kept < size:
        torn_file = f"{final.name}.torn-{kept}"
        with path.open("rb") as whole, path.with_name(torn_file).open("wb") as torn:
            whole.seek(kept)
            shutil.copyfileobj(whole, torn)
            torn.flush()
            os.fsync(torn.fileno())
        _sync_directory(path.parent)
        os.ftruncate(fd, kept)
    os.fsync(fd)
    if kept:
        path.rename(final)
    else:
        path.unlink()
    _sync_directory(path.parent)
    return Repair(final.name, kept, size - kept, torn_file)


def _end_of_whole(source: Source) -> int:
    end = source.start
    try:
        for member in walk_members(source):
            if member.damage is None:
                end = member.offset + member.length
    except CaptureDamagedError:
        # So many broken records in a row are no torn end: nothing is cut off.
        return source.end
    return end


def _valid(prefix: str) -> str:
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"not a prefix of file names: {prefix!r}")
    return prefix


def _create_locked(directory: Path, name: str) -> int | None:
    """Create a file under the lock, None where the name is taken or a repair was quicker."""
    path = directory / (name + OPEN)
    if (directory / name).exists():
        return None
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
    except FileExistsError:
        return None
    return _lock(path)


def _lock(path: Path) -> int | None:
    """Open the file with its lock, None where another process does or it is gone."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with suppress(BlockingIOError, FileNotFoundError):
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.stat().st_ino == os.fstat(fd).st_ino:
            return fd
    os.close(fd)
    return None


def _sync_directory(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
