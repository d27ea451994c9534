"""One writer at a time, and what it was reading when it died."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from newsarchive.exceptions import ArchiveBusyError, ArchiveNotWritableError

if TYPE_CHECKING:
    from collections.abc import Iterator


class WriterLock:
    """The file `NAME.lock` beside the archive, locked while a writing command runs.

    Beside the file itself, wherever a link to it stands: whoever comes by either name meets the same lock.

    The kernel lets go of it when the process ends, however it ends. While a page is read the file holds the
    page's address, so that the next writer learns at which page the process ended.
    """

    def __init__(self, archive: Path) -> None:
        # realpath, for Path.resolve raises for links that lead to each other; opening them says so.
        self._path = Path(f"{os.path.realpath(archive)}.lock")
        try:
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise ArchiveNotWritableError(f"{self._path} cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._fd)
            raise ArchiveBusyError(f"another command is writing to {archive}; this one did nothing") from None

    def left_reading(self) -> str | None:
        """The address that the last writer was reading when it ended, None when it ended in order."""
        return os.pread(self._fd, os.fstat(self._fd).st_size, 0).decode(errors="replace") or None

    @contextmanager
    def reading(self, address: str) -> Iterator[None]:
        """Note the address for as long as its page is read, where the disk has room."""
        # A full disk ends a run where what was read is written; that nobody noted this page harms nothing.
        with suppress(OSError):
            os.pwrite(self._fd, address.encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(self._fd, 0)

    def clear(self) -> None:
        """Forget what was being read."""
        os.ftruncate(self._fd, 0)

    def release(self) -> None:
        """Let the next writer in."""
        os.close(self._fd)
