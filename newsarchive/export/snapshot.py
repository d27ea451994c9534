"""A copy of the archive to publish: checked, small, and put in place by renaming."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from newsarchive.exceptions import ArchiveMismatchError, SettingsError
from newsarchive.storage.connection import translated_errors

if TYPE_CHECKING:
    from pathlib import Path

_INSPECT = "inspect-data.json"


def write(archive: Path, target: Path) -> str:
    """Copy `archive` to `target` (replaced in one step) with `inspect-data.json` beside it; returns what to say.

    The copy has no WAL, so that it can be served from a folder nobody can write, with `--immutable`. Raises
    SettingsError, ArchiveMismatchError, OSError and the errors of the database.
    """
    if target.is_dir() or target.resolve() == archive.resolve():
        raise SettingsError(f"--snapshot {target} is no name for a copy; write it as public/archive.db")
    target.parent.mkdir(parents=True, exist_ok=True)
    made = target.with_name(f"{target.name}.new")
    made.unlink(missing_ok=True)
    try:
        count = _copy(archive, made)
        _settle(made, target)
    finally:
        made.unlink(missing_ok=True)
    _inspect(target)
    return f"{target}: {count} articles, {target.stat().st_size} bytes; restart the server that serves it"


def _copy(archive: Path, made: Path) -> int:
    """Copy the archive and check the copy; returns how many articles it holds."""
    with (
        translated_errors(archive),
        closing(sqlite3.connect(f"{archive.absolute().as_uri()}?mode=ro", uri=True)) as source,
    ):
        source.execute("VACUUM INTO ?", (str(made),))
    with closing(sqlite3.connect(made)) as copy:
        (found,) = copy.execute("PRAGMA integrity_check").fetchone()
        (count,) = copy.execute("SELECT count(*) FROM articles").fetchone()
    if found != "ok":
        raise ArchiveMismatchError(f"the copy of {archive} is damaged ({found}); run scrapy verify")
    return int(count)


def _settle(made: Path, target: Path) -> None:
    """The bytes on the disk first, then the name."""
    fd = os.open(made, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
    made.replace(target)


def _inspect(target: Path) -> None:
    """The counts that Datasette would make at each start."""
    wanted = target.with_name(_INSPECT)
    subprocess.run(  # noqa: S603 - our own interpreter and paths
        [sys.executable, "-m", "datasette", "inspect", str(target), "--inspect-file", str(wanted)],
        check=True, capture_output=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
