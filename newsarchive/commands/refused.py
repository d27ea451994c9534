"""`scrapy refused`: what was not taken for an article, and why; `--retry` looks at it again in the next run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsarchive.commands.ending import ending
from newsarchive.exceptions import SettingsError
from newsarchive.items import Reason
from newsarchive.places import require_archive
from newsarchive.storage import ledger, refusals
from newsarchive.storage.connection import (
    BUSY_TIMEOUT_SECONDS,
    connect_for_reading,
    connect_for_writing,
    transaction,
    translated_errors,
)
from newsarchive.storage.lock import WriterLock

if TYPE_CHECKING:
    import argparse
    import sqlite3


class Command(ScrapyCommand):
    """The refused verb."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - Scrapy's own form

    def syntax(self) -> str:
        """For the usage line."""
        return "[--reason CODE] [--json] [--retry]"

    def short_desc(self) -> str:
        """For the list of verbs."""
        return "Show what was refused and why; --retry takes it up again"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """--reason, --json, --retry."""
        super().add_options(parser)
        parser.add_argument("--reason", help="only this reason code")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        parser.add_argument(
            "--retry", action="store_true", help="visit the addresses again in the next crawl"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the refusals, or make their addresses due."""
        if args:
            raise UsageError("this verb takes no path", print_help=False)
        assert self.settings is not None
        with ending(self):
            if opts.reason is not None and opts.reason not in set(Reason):
                raise SettingsError(f"{opts.reason} is no reason code; known are {', '.join(Reason)}")
            path = Path(self.settings["ARCHIVE_DB"])
            require_archive(path)
            if opts.retry:
                count = retry(path, opts.reason, self.settings.getfloat("ARCHIVE_BUSY_SECONDS"))
                print(f"{count} addresses will be visited again by the next crawl")
            else:
                show(connect_for_reading(path), opts.reason, as_json=opts.json)


def show(connection: sqlite3.Connection, reason: str | None, *, as_json: bool) -> None:
    """Print each refusal with the place of its capture, then the counts by reason."""
    for row in refusals.listed(connection, reason):
        if as_json:
            print(json.dumps(dict(row), ensure_ascii=False))
        else:
            print(f"{row['reason']:18} {row['url'] or '(no address)'}")
            print(f"{'':18} {row['detail']}  [{row['warc_file']} at {row['warc_offset']}]")
    if not as_json:
        counts = refusals.counts(connection)
        print(
            f"{sum(counts.values())} refused" + "".join(f", {name} {count}" for name, count in counts.items())
        )


def retry(path: Path, reason: str | None, busy_seconds: float = BUSY_TIMEOUT_SECONDS) -> int:
    """Make the refused addresses pending; returns how many. Raises the errors of the archive."""
    lock = WriterLock(path)
    try:
        connection = connect_for_writing(path, busy_timeout=busy_seconds)
        with translated_errors(path), transaction(connection):
            count = ledger.take_up_again(connection, reason)
        connection.close()
    finally:
        lock.release()
    return count
