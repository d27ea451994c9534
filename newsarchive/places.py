"""The places of an archive on the disk: whether they can be written, and moved out of the way."""

from __future__ import annotations

import errno
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from newsarchive.exceptions import ArchiveNotWritableError, OutOfSpaceError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says where a disk is full, or a quota or a limit of file size is reached."""
UNFINISHED = ".unfinished"
"""The folder that an export is written in. One that was killed leaves it; the next one begins it anew."""


@contextmanager
def translated_space(directory: Path) -> Iterator[None]:
    """Turn what the system says of a directory into OutOfSpaceError or ArchiveNotWritableError."""
    try:
        with room_for(directory):
            yield
    except OSError as error:
        raise ArchiveNotWritableError(f"{directory} cannot be written: {error}") from error


@contextmanager
def room_for(target: Path) -> Iterator[None]:
    """Turn a full disk alone into OutOfSpaceError: a write that fails does not say what it was writing."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_SPACE:
            raise OutOfSpaceError(f"no space left to write {target}") from error
        raise


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A name to write a file under; it becomes `target` at the end, and nothing is left of it where writing fails.

    Raises OutOfSpaceError, OSError.
    """
    new = target.with_name(f"{target.name}.new")
    try:
        with room_for(target):
            yield new
            new.replace(target)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A folder to write in; what stands in it goes to `target` (made if absent) at the end, or nothing of it.

    It is inside `target`, which may be a disk of its own. Raises OutOfSpaceError, OSError.
    """
    made = target / UNFINISHED
    try:
        with room_for(target):
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir(parents=True)
            yield made
            for path in sorted(made.iterdir()):
                path.replace(target / path.name)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def require_directory(directory: Path, *, create: bool = False) -> None:
    """Raise ArchiveNotWritableError where there is no such directory; `create` makes it first."""
    if create:
        directory.mkdir(parents=True, exist_ok=True)
    if not directory.is_dir():
        raise ArchiveNotWritableError(f"the directory {directory} does not exist")


def require_archive(path: Path) -> None:
    """Raise SettingsError where there is no such archive."""
    if not path.exists():
        raise SettingsError(f"{path} does not exist; make it with scrapy crawl or scrapy demo")


def move_aside(path: Path, *others: Path | None) -> Path:
    """Give the sample's archive, and what belongs to it, names of their own; returns the archive's."""
    target = _free(path.with_name(f"{path.stem}.sample{path.suffix}"))
    # While somebody reads the sample, its newest commits stand in the WAL still.
    for name in ("", "-wal", "-shm"):
        part = path.with_name(path.name + name)
        if part.exists():
            part.rename(target.with_name(target.name + name))
    for other in others:
        if other is not None and other.exists():
            other.rename(_free(other.with_name(f"{other.stem}.sample{other.suffix}")))
    return target


def _free(path: Path) -> Path:
    """The path itself, or with the first number that is free."""
    candidates = (path.with_name(f"{path.stem}-{n}{path.suffix}") for n in range(2, 10_000))
    return path if not path.exists() else next(c for c in candidates if not c.exists())
