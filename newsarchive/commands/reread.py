"""`scrapy reread`: every record derived again from its raw capture; what would change, field by field."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsarchive import cards
from newsarchive.archive import Archive, Visit
from newsarchive.commands.ending import ending, run_of
from newsarchive.exceptions import SettingsError
from newsarchive.offline import rereading, workers
from newsarchive.places import require_archive
from newsarchive.removal import restoring, takedowns
from newsarchive.reporting.progress import Progress
from newsarchive.storage import readings
from newsarchive.storage.connection import connect_for_reading

if TYPE_CHECKING:
    import argparse
    import sqlite3
    from collections.abc import Callable, Iterator

    from newsarchive.items import Newspaper

    _Result = rereading.Report | workers.Died[rereading.Piece]

_FOUND_SOMETHING = 10
_BATCH = 64
# One at work, one waiting for the thread.
_BATCHES_A_THREAD = 2


class Command(ScrapyCommand):
    """The reread verb."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - Scrapy's own form

    def syntax(self) -> str:
        """For the usage line."""
        return "[--apply] [--processes N | --scheduler ADDRESS]"

    def short_desc(self) -> str:
        """For the list of verbs."""
        return "Derive every record again from its capture; --apply writes what changed"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """--apply, --processes, --scheduler."""
        super().add_options(parser)
        parser.add_argument("--apply", action="store_true", help="write it; former texts stay as revisions")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, metavar="N")
        parser.add_argument(
            "--scheduler", metavar="ADDRESS", help="a Dask scheduler whose workers see the same captures"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Reread; every condition a user can meet is one line and an exit code."""
        if args:
            raise UsageError("this verb takes no path", print_help=False)
        assert self.settings is not None
        with ending(self):
            path, directory = Path(self.settings["ARCHIVE_DB"]), Path(self.settings["ARCHIVE_WARC_DIR"])
            if opts.processes < 1:
                raise SettingsError(f"--processes {opts.processes}: write a whole number from 1")
            require_archive(path)
            newspaper = _newspaper(path, cards.known(self.settings))
            if opts.apply:
                self.exitcode = self._apply(path, directory, newspaper, opts)
            else:
                connection = connect_for_reading(path)
                takedowns.load(Path(self.settings["ARCHIVE_SEALED_DB"]), connection, directory)
                reports = _reports(connection, path, directory, newspaper, opts)
                self.exitcode = _report(reports, connection, None)

    def _apply(self, path: Path, directory: Path, newspaper: Newspaper, opts: argparse.Namespace) -> int:
        assert self.settings is not None
        sealed = Path(self.settings["ARCHIVE_SEALED_DB"])
        archive = Archive(
            path,
            directory,
            newspaper,
            command="reread",
            kind=None,
            busy_seconds=self.settings.getfloat("ARCHIVE_BUSY_SECONDS"),
            sealed=sealed,
        )
        with run_of(archive):
            restoring.bring_back(archive)
            with connect_for_reading(path) as connection:
                reports = _reports(connection, path, directory, newspaper, opts)
                code = _report(reports, connection, archive)
            archive.flush()
            code = 1 if archive.internal_errors else code
            archive.end(verdict="reread", exit_code=code)
            return code


def _newspaper(path: Path, known: list[Newspaper]) -> Newspaper:
    row = (
        connect_for_reading(path).execute("SELECT value FROM newsarchive WHERE key = 'newspaper'").fetchone()
    )
    found = cards.named(known, row["value"] if row else None)
    if found is None:
        raise SettingsError(f"{path} does not say whose archive it is")
    return found


def _reports(
    connection: sqlite3.Connection,
    path: Path,
    directory: Path,
    newspaper: Newspaper,
    opts: argparse.Namespace,
) -> Iterator[_Result]:
    """The reports of all records, in any order."""
    pieces = rereading.pieces(connection)
    batches = iter(lambda: list(islice(pieces, _BATCH)), [])
    directory = directory.absolute()
    if opts.scheduler:
        # Other machines see the captures; a database that is being written cannot be shared with them.
        work = partial(rereading.reread, directory, newspaper, apply=opts.apply)
        return workers_on(opts.scheduler, work, (rereading.jobs_of(connection, batch) for batch in batches))
    of_rows = partial(rereading.reread_rows, path.absolute(), directory, newspaper, apply=opts.apply)
    return workers.run(of_rows, batches, opts.processes)


def workers_on(
    address: str,
    work: Callable[[list[rereading.Job]], list[rereading.Report]],
    batches: Iterator[list[rereading.Job]],
) -> Iterator[rereading.Report]:
    """Do the work on the workers of a Dask scheduler, a few batches for each of their threads at a time.

    Raises SettingsError where there is none.
    """
    try:
        from dask.distributed import Client, as_completed  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise SettingsError("--scheduler needs Dask: pip install 'newsarchive[dask]'") from None
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise SettingsError(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        running = as_completed()
        while True:
            room = _BATCHES_A_THREAD * max(1, sum(client.nthreads().values())) - running.count()
            for batch in islice(batches, max(0, room)):
                running.add(client.submit(work, batch, pure=False, retries=3))
            if running.is_empty():
                return
            future = next(running)
            yield from future.result()
            future.release()


@dataclass
class _Sums:
    """What the last line says."""

    records: int = 0
    pages: int = 0
    changed: int = 0
    troubles: int = 0
    fields: Counter[str] = field(default_factory=Counter)


def _report(results: Iterator[_Result], connection: sqlite3.Connection, archive: Archive | None) -> int:
    """Print what would change (or does, where an archive is given to write to); returns the exit code."""
    began, sums = time.monotonic(), _Sums()
    with Progress("records", readings.count(connection)) as progress:
        for result in results:
            if isinstance(result, workers.Died):
                sums.records += 1
                sums.troubles += 1
                progress.write(f"TROUBLE  {readings.name_of(connection, *result.piece)}: kills-reader")
                progress.step()
                continue
            sums.records += result.records
            sums.pages += result.pages
            for outcome in result.outcomes:
                _print_outcome(outcome, sums, progress)
            if archive is not None:
                _write(archive, [outcome for outcome in result.outcomes if outcome.readings])
            progress.step(result.records)
    by_field = "".join(f", {name} {count}" for name, count in sums.fields.most_common())
    print(
        f"{'applied' if archive else 'reread'}   {sums.pages} pages of {sums.records} records in"
        f" {time.monotonic() - began:.1f} s: {sums.changed} changed{by_field}; {sums.troubles} in trouble"
    )
    return _FOUND_SOMETHING if sums.troubles or (sums.changed and archive is None) else 0


def _print_outcome(outcome: rereading.Outcome, sums: _Sums, progress: Progress) -> None:
    if outcome.trouble:
        sums.troubles += 1
        progress.write(f"TROUBLE  {outcome.name}: {outcome.trouble}")
        return
    sums.changed += 1
    sums.fields.update(outcome.changes.keys())
    for name, (old, new) in outcome.changes.items():
        progress.write(f"{outcome.name}  {name}: {old} → {new}")


def _write(archive: Archive, outcomes: list[rereading.Outcome]) -> None:
    """Write what a batch changes, its articles in one transaction."""
    articles = [outcome for outcome in outcomes if outcome.kind == rereading.ARTICLE]
    if articles:
        with archive.transaction() as connection:
            for outcome in articles:
                reader = f"{outcome.readings[-1].reader} {outcome.readings[-1].reader_version}"
                readings.replace(connection, outcome.row_id, outcome.readings, reader)
    for outcome in outcomes:
        if outcome.kind == rereading.REFUSED:
            for item in outcome.readings:
                made = item.captures[-1]
                archive.keep(item, Visit(item.url, made.fetched_at) if item.url else None)
