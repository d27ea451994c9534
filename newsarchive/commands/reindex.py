"""`scrapy reindex`: build the search index and the relations of articles anew; `--check` only mends what is stale."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from tqdm import tqdm

from newsarchive.commands.ending import ending
from newsarchive.exceptions import SettingsError
from newsarchive.places import require_archive
from newsarchive.reporting.progress import Progress
from newsarchive.storage import bitmaps, index, related
from newsarchive.storage.connection import (
    BUSY_TIMEOUT_SECONDS,
    connect_for_writing,
    transaction,
    translated_errors,
)
from newsarchive.storage.lock import WriterLock

if TYPE_CHECKING:
    import argparse
    import sqlite3
    from collections.abc import Callable

_FOUND_SOMETHING = 10
_BATCH = 500


class Command(ScrapyCommand):
    """The reindex verb."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - Scrapy's own form

    def syntax(self) -> str:
        """For the usage line."""
        return "[--check]"

    def short_desc(self) -> str:
        """For the list of verbs."""
        return "Build the search index anew; --check mends what is stale in it"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """--check."""
        super().add_options(parser)
        parser.add_argument(
            "--check", action="store_true", help="mend stale rows only; exit 10 if there were any"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Mend or rebuild, and say what was done."""
        assert self.settings is not None
        with ending(self):
            if args:
                raise SettingsError(f"reindex takes no argument, {args[0]} is one")
            path = Path(self.settings["ARCHIVE_DB"])
            require_archive(path)
            self.exitcode = reindex(
                path, check=opts.check, busy_seconds=self.settings.getfloat("ARCHIVE_BUSY_SECONDS")
            )


def reindex(path: Path, *, check: bool, busy_seconds: float = BUSY_TIMEOUT_SECONDS) -> int:
    """Bring the index up to date, print what was done, and return the exit code.

    An interrupted rebuild goes on where it stopped; readers see the old index until the new one is complete.
    """
    lock = WriterLock(path)
    try:
        connection = connect_for_writing(path, busy_timeout=busy_seconds)
        with translated_errors(path):
            stale = index.stale_count(connection)
            if not check:
                print(f"{_rebuild(connection)} articles indexed")
                _complete(connection)
                return 0
            _mend(connection)
            _complete(connection)
        print(f"{stale} stale rows mended" if stale else "the index is up to date")
        return _FOUND_SOMETHING if stale else 0
    finally:
        lock.release()


def _mend(connection: sqlite3.Connection) -> None:
    if index.needs_rebuild(connection):
        _rebuild(connection)
    with transaction(connection):
        changed = connection.execute(
            "SELECT id FROM articles WHERE id IN (SELECT article_id FROM index_stale)"
        )
        for (article_id,) in changed.fetchall():
            related.follow(connection, article_id)
        index.refresh(connection)


def _complete(connection: sqlite3.Connection) -> None:
    with Progress("articles by word") as progress:
        bitmaps.complete(connection, progress=progress.step)


def _rebuild(connection: sqlite3.Connection) -> int:
    (total,) = connection.execute("SELECT count(*) FROM articles").fetchone()
    with tqdm(total=total, unit=" articles", disable=None) as bar:
        indexed = index.rebuild(connection, bar.update)
    with tqdm(total=total, unit=" articles related", disable=None) as bar:
        _relate(connection, bar.update)
    return indexed


def _relate(connection: sqlite3.Connection, progress: Callable[[int], object]) -> None:
    """Relate every article anew, batch after batch: one transaction of a million would be a WAL of many gigabytes."""
    with transaction(connection):
        related.drop_strays(connection)
    last = -(2**63)
    query = "SELECT id FROM articles WHERE id > ? ORDER BY id LIMIT ?"
    while ids := [row[0] for row in connection.execute(query, (last, _BATCH))]:
        with transaction(connection):
            for article_id in ids:
                related.follow(connection, article_id)
        last = ids[-1]
        progress(len(ids))
