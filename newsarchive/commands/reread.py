"""`scrapy reread`: every record derived again from its raw capture; what would change, field by field."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsarchive import cards, rereading, workers
from newsarchive.archive import Archive, Visit
from newsarchive.exceptions import NewsArchiveError, SettingsError
from newsarchive.progress import Progress
from newsarchive.storage import readings
from newsarchive.storage.connection import connect_for_reading

if TYPE_CHECKING:
    import argparse
    import sqlite3
    from collections.abc import Callable, Iterator

    from newsarchive.items import Newspaper

_FOUND_SOMETHING = 10
_BATCH = 64
_SHOWN = 60


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
        try:
            path, directory = Path(self.settings["ARCHIVE_DB"]), Path(self.settings["ARCHIVE_WARC_DIR"])
            if opts.processes < 1:
                raise SettingsError(f"--processes {opts.processes}: write a whole number from 1")
            if not path.exists():
                raise SettingsError(f"{path} does not exist; make it with scrapy crawl or scrapy demo")
            newspaper = _newspaper(path, cards.known(self.settings))
            if opts.apply:
                self.exitcode = self._apply(path, directory, newspaper, opts)
            else:
                connection = connect_for_reading(path)
                self.exitcode = _report(_outcomes(connection, directory, newspaper, opts), None)
        except NewsArchiveError as error:
            print(f"scrapy reread: {error}", file=sys.stderr)
            self.exitcode = error.exit_code

    def _apply(self, path: Path, directory: Path, newspaper: Newspaper, opts: argparse.Namespace) -> int:
        archive = Archive(path, directory, newspaper, command="reread", kind=None)
        try:
            with connect_for_reading(path) as connection:
                code = _report(_outcomes(connection, directory, newspaper, opts), archive)
            archive.flush()
            code = 1 if archive.internal_errors else code
            archive.end(verdict="reread", exit_code=code)
            return code
        finally:
            archive.close()


def _newspaper(path: Path, known: list[Newspaper]) -> Newspaper:
    row = (
        connect_for_reading(path).execute("SELECT value FROM newsarchive WHERE key = 'newspaper'").fetchone()
    )
    found = cards.named(known, row["value"] if row else None)
    if found is None:
        raise SettingsError(f"{path} does not say whose archive it is")
    return found


def _outcomes(
    connection: sqlite3.Connection, directory: Path, newspaper: Newspaper, opts: argparse.Namespace
) -> Iterator[rereading.Outcome | workers.Died[rereading.Job]]:
    jobs = chain(
        (rereading.Job("article", row, captures) for row, captures in readings.of_articles(connection)),
        (rereading.Job("refused", row, captures) for row, captures in readings.of_refusals(connection)),
    )
    work = partial(rereading.reread, directory.absolute(), newspaper)
    batches = iter(batched_lists(jobs))
    if opts.scheduler:
        return workers_on(opts.scheduler, work, batches)
    return workers.run(work, batches, opts.processes)


def batched_lists(jobs: Iterator[rereading.Job]) -> Iterator[list[rereading.Job]]:
    """Jobs in lists that are worth sending."""
    while batch := list(islice(jobs, _BATCH)):
        yield batch


def workers_on(
    address: str,
    work: Callable[[list[rereading.Job]], list[rereading.Outcome]],
    batches: Iterator[list[rereading.Job]],
) -> Iterator[rereading.Outcome]:
    """Do the work on the workers of a Dask scheduler. Raises SettingsError where there is none."""
    try:
        from dask.distributed import Client, as_completed  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise SettingsError("--scheduler needs Dask: pip install 'newsarchive[dask]'") from None
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise SettingsError(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        for future in as_completed(client.map(work, list(batches), pure=False, retries=3)):
            yield from future.result()
            future.release()


def _report(
    outcomes: Iterator[rereading.Outcome | workers.Died[rereading.Job]], archive: Archive | None
) -> int:
    """Print what would change (or does, where an archive is given to write to); returns the exit code."""
    began, pages, records = time.monotonic(), 0, 0
    fields: Counter[str] = Counter()
    changed = troubles = 0
    with Progress("records") as progress:
        for outcome in outcomes:
            progress.step()
            records += 1
            if isinstance(outcome, workers.Died):
                troubles += 1
                print(f"TROUBLE  {outcome.piece.row.get('key') or outcome.piece.row['url']}: kills-reader")
                continue
            pages += outcome.pages
            if outcome.trouble:
                troubles += 1
                print(f"TROUBLE  {outcome.name}: {outcome.trouble}")
            elif outcome.changes:
                changed += 1
                fields.update(outcome.changes.keys())
                _print_changes(outcome)
                if archive is not None:
                    _write(archive, outcome)
    by_field = "".join(f", {name} {count}" for name, count in fields.most_common())
    print(
        f"{'applied' if archive else 'reread'}   {pages} pages of {records} records in"
        f" {time.monotonic() - began:.1f} s: {changed} changed{by_field}; {troubles} in trouble"
    )
    return _FOUND_SOMETHING if troubles or (changed and archive is None) else 0


def _print_changes(outcome: rereading.Outcome) -> None:
    for name, (old, new) in outcome.changes.items():
        print(f"{outcome.name}  {name}: {_short(old, new)} → {_short(new, old)}")


def _short(value: Any, other: Any) -> str:  # noqa: ANN401 - a column's value
    """A value from where it begins to differ."""
    text, against = str(value), str(other)
    same = next((n for n, pair in enumerate(zip(text, against, strict=False)) if pair[0] != pair[1]), 0)
    start = max(0, same - _SHOWN // 3)
    piece = text[start : start + _SHOWN]
    return f"{'…' if start else ''}{piece}{'…' if start + _SHOWN < len(text) else ''}"


def _write(archive: Archive, outcome: rereading.Outcome) -> None:
    if outcome.kind == "refused":
        for item in outcome.readings:
            made = item.captures[-1]
            archive.keep(item, Visit(item.url, made.fetched_at) if item.url else None)
        return
    reader = f"{outcome.readings[-1].reader} {outcome.readings[-1].reader_version}"
    with archive.transaction() as connection:
        readings.replace(connection, outcome.row_id, outcome.readings, reader)
