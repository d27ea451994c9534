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


class ArchiveBusyError(NewsArchiveError):
    """Another writing command holds the archive. Raised by `newsarchive.archive`."""

    exit_code = 11


class ArchiveLockedError(NewsArchiveError):
    """Another program kept the database locked for longer than we wait. Raised by `newsarchive.archive`."""

    exit_code = 5
