"""`scrapy verify`: everything checked against everything: bytes, records, rows, states, texts, index."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsarchive.archive import now
from newsarchive.commands import prove
from newsarchive.commands.ending import ending
from newsarchive.evidence import captures, manifests, tables
from newsarchive.evidence.findings import Finding
from newsarchive.exceptions import SettingsError
from newsarchive.places import require_archive
from newsarchive.removal import removing, takedowns
from newsarchive.reporting.progress import Progress
from newsarchive.storage import figures
from newsarchive.storage.connection import connect_for_reading, translated_errors

if TYPE_CHECKING:
    import argparse
    import sqlite3
    from collections.abc import Iterable, Iterator

    from scrapy.settings import BaseSettings

    from newsarchive.removal.takedowns import Takedowns

_FOUND_SOMETHING = 10


class Command(ScrapyCommand):
    """The verify verb."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - Scrapy's own form

    def syntax(self) -> str:
        """For the usage line."""
        return "[--sample N] [--digest] [--manifest]"

    def short_desc(self) -> str:
        """For the list of verbs."""
        return "Check captures, rows, states, texts and index against each other"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """--sample and --digest."""
        super().add_options(parser)
        parser.add_argument(
            "--sample",
            type=int,
            metavar="N",
            help="only N captures, chosen at random; leaves the index's words out",
        )
        parser.add_argument(
            "--digest", action="store_true", help="only print the digest of what the articles say"
        )

        parser.add_argument(
            "--manifest", action="store_true", help="when clean, write a dated manifest of the closed files"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check; every condition a user can meet is one line and an exit code."""
        if args:
            raise UsageError("this verb takes no path", print_help=False)
        assert self.settings is not None
        with ending(self):
            path, directory = Path(self.settings["ARCHIVE_DB"]), Path(self.settings["ARCHIVE_WARC_DIR"])
            if opts.sample is not None and opts.sample < 1:
                raise SettingsError(f"--sample {opts.sample}: write a whole number from 1")
            require_archive(path)
            connection = connect_for_reading(path)
            if opts.digest:
                print(figures.content_digest(connection))
            else:
                known = takedowns.load(Path(self.settings["ARCHIVE_SEALED_DB"]), connection, directory)
                with translated_errors(path):
                    self.exitcode = verify(connection, directory, opts.sample, known)
                if opts.manifest and not self.exitcode:
                    _write_manifest(connection, directory, self.settings, known)


def _write_manifest(
    connection: sqlite3.Connection, directory: Path, settings: BaseSettings, known: Takedowns
) -> None:
    row = connection.execute("SELECT value FROM newsarchive WHERE key = 'newspaper'").fetchone()
    manifest = manifests.write(directory, row["value"], now(), known.covers)
    prove.stamp(manifest, settings)
    print(f"manifest  {manifest.folder}: {len(manifest.leaves)} records under one root; publish that folder")


def verify(connection: sqlite3.Connection, directory: Path, sample: int | None, known: Takedowns) -> int:
    """Print every finding and what was checked; returns the exit code. Raises NewsArchiveError."""
    if not directory.is_dir():
        raise SettingsError(f"the captures are not at {directory}; name them with -s ARCHIVE_WARC_DIR=…")
    (count,) = connection.execute("SELECT count(*) FROM captures").fetchone()
    with Progress("records", None if sample else count) as progress:
        checked = captures.Records(connection, directory, known.covers)
        of_captures = (
            captures.check_sample(connection, directory, sample) if sample else checked.check(progress.step)
        )
        wrong, notes = _print(
            chain(
                of_captures,
                captures.articles_without_capture(connection),
                tables.check(connection, quick=sample is not None),
                _removals(connection, known),
            )
        )
    looked_at = f"{min(sample, count)} of {count} captures (a sample)" if sample else f"{count} captures"
    print(
        f"{'WRONG' if wrong else 'clean'}  {looked_at}, {figures.article_count(connection)} articles:"
        f" {wrong} wrong, {notes} notes"
    )
    return _FOUND_SOMETHING if wrong else 0


def _removals(connection: sqlite3.Connection, known: Takedowns) -> Iterator[Finding]:
    if unfinished := removing.trouble(connection, known):
        yield Finding("takedowns", unfinished, removing.FINISH)


def _print(findings: Iterable[Finding]) -> tuple[int, int]:
    wrong = notes = 0
    for finding in findings:
        print(finding)
        notes += finding.is_note
        wrong += not finding.is_note
    return wrong, notes
