"""One class for each condition a user can meet. Each carries the exit code of its condition.

The codes are a promise to schedulers: `docs/operating.md` lists them.
"""

from __future__ import annotations

from typing import ClassVar


class NewsArchiveError(Exception):
    """Something the user can act on. Commands print it as one line and end with `exit_code`."""

    exit_code: ClassVar[int] = 1


class OutOfSpaceError(NewsArchiveError):
    """The disk of the archive or of its captures is full. Raised by `newsarchive.archive`."""

    exit_code = 3


class SettingsError(NewsArchiveError):
    """An argument, a setting or a path that cannot be used. Raised by the commands and the spider."""

    exit_code = 4


class ArchiveNotWritableError(NewsArchiveError):
    """The archive or the capture directory cannot be written. Raised by `newsarchive.archive`."""

    exit_code = 4


class ArchiveMismatchError(NewsArchiveError):
    """The archive holds something else than this command may touch. Raised by `newsarchive.archive`."""

    exit_code = 4


class ClockError(NewsArchiveError):
    """The archive holds visits of days to come, so that nothing would be due. Raised by `newsarchive.archive`."""

    exit_code = 4


class SealedStoreError(NewsArchiveError):
    """The list of what is taken down is missing, too old, or another's. Raised by `newsarchive.removal.takedowns`."""

    exit_code = 4


class RemovalUnfinishedError(NewsArchiveError):
    """What was taken down still stands in bytes that a reader holds. Raised by `newsarchive.removal.removing`."""

    exit_code = 5


class ArchiveBusyError(NewsArchiveError):
    """Another writing command holds the archive. Raised by `newsarchive.archive`."""

    exit_code = 11


class ArchiveLockedError(NewsArchiveError):
    """Another program kept the database locked for longer than we wait. Raised by `newsarchive.archive`."""

    exit_code = 5


class CaptureError(NewsArchiveError):
    """A capture file that a person has to look at. Raised by `newsarchive.capture`."""

    exit_code = 10


class CaptureMissingError(CaptureError):
    """A row names a capture file that is not there. Raised by `newsarchive.capture`."""


class CaptureDamagedError(CaptureError):
    """Bytes of a capture file that are no whole record. Raised by `newsarchive.capture`."""


class CaptureTooLargeError(CaptureError):
    """A record or a body larger than we hold in memory. Raised by `newsarchive.capture`."""


class NotACaptureError(CaptureError):
    """A file that is no WARC and no WACZ that we read. Raised by `newsarchive.capture`."""

    exit_code = 4


class BodyError(CaptureError):
    """A captured body that its headers describe wrongly. Raised by `newsarchive.capture.bodies`."""


class IncompleteBodyError(BodyError):
    """A captured body whose coding ends too early. Raised by `newsarchive.capture.codings`.

    `decoded` is what came before the end.
    """

    def __init__(self, detail: str, decoded: bytes) -> None:
        super().__init__(detail)
        self.decoded = decoded
