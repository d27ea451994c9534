"""`scrapy ingest PATH…`: saved pages, WARCs and article JSON Lines into the archive, through the same rooms."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsarchive import capture, cards
from newsarchive.archive import Archive
from newsarchive.commands.ending import ending, run_of, say
from newsarchive.crawling import assets
from newsarchive.exceptions import (
    CaptureDamagedError,
    CaptureError,
    NewsArchiveError,
    NotACaptureError,
    SettingsError,
)
from newsarchive.offline import ingesting, rebuilding, saved
from newsarchive.offline.parts import Parts
from newsarchive.removal import restoring
from newsarchive.reporting.progress import Progress

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from newsarchive.items import Newspaper


_FOUND_SOMETHING = 10
_RESTORE = "bring the file back from a copy, then run this again"


class Command(ScrapyCommand):
    """The ingest verb."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """For the usage line."""
        return "PATH… [--url URL] [--newspaper NAME]"

    def short_desc(self) -> str:
        """For the list of verbs."""
        return "Put saved pages, WARCs or article JSON Lines into the archive"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """--url and --newspaper."""
        super().add_options(parser)
        parser.add_argument("--url", help="the page's address, when one page is given")
        parser.add_argument(
            "--newspaper", help="whose pages they are, when neither address nor masthead tell"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Ingest; every condition a user can meet is one line and an exit code."""
        if not args:
            raise UsageError("name a file or a folder", print_help=False)
        with ending(self):
            self.exitcode = self._ingest([Path(arg) for arg in args], opts)

    def _ingest(self, paths: list[Path], opts: argparse.Namespace) -> int:
        assert self.settings is not None
        known = cards.known(self.settings)
        given = cards.named(known, opts.newspaper)
        damages: list[str] = []
        if next(saved.pages(paths, opts.url, _collector(damages)), None) is None:
            if damages:
                raise CaptureDamagedError(damages[0])
            raise SettingsError(f"nothing to read in {', '.join(map(saved.printable, paths))}")
        archive = Archive(
            Path(self.settings["ARCHIVE_DB"]),
            Path(self.settings["ARCHIVE_WARC_DIR"]),
            given or _only(known),
            command="ingest",
            kind=None,
            # The names alone: this row is published, and folders name the machine and its user.
            arguments={"paths": " ".join(saved.printable(Path(path.name)) for path in paths)},
            busy_seconds=self.settings.getfloat("ARCHIVE_BUSY_SECONDS"),
            sealed=Path(self.settings["ARCHIVE_SEALED_DB"]),
        )
        with run_of(archive):
            return self._run(archive, paths, opts, known, given)

    def _run(
        self,
        archive: Archive,
        paths: list[Path],
        opts: argparse.Namespace,
        known: list[Newspaper],
        given: Newspaper | None,
    ) -> int:
        began = time.monotonic()
        restoring.bring_back(archive)
        files = dict.fromkeys(file.resolve() for file in saved.files(paths))
        own = sorted(file for file in files if archive.wrote(file))
        damages: list[str] = []
        lost = 0
        trouble: NewsArchiveError | None = None
        parts = Parts()
        with Progress("pages") as progress:
            if own:
                lost = _take_in(archive, own, progress, damages)
            others = saved.pages([file for file in files if file not in own], opts.url, _collector(damages))
            try:
                for page in others:
                    ingesting.ingest(archive, page, given, known, parts)
                    progress.step()
            except (CaptureError, SettingsError) as error:  # a file that is not what its name says
                trouble = error
        ingesting.ingest_rest(archive, parts)
        archive.flush()
        tally = archive.tally
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(tally.reasons.items()))
        text = (
            f"ingested   {tally.new} new, {tally.changed} changed, {tally.unchanged} unchanged,"
            f" {tally.refused + tally.gone + tally.failed} refused{f' ({reasons})' if reasons else ''}"
            f" in {time.monotonic() - began:.1f} s"
        )
        if damages:
            text += "\n" + "\n".join(f"damaged    {damage}" for damage in damages)
        if lost:
            text += f"\nlost       {lost} records refer to a page that no file holds whole; {_RESTORE}"
        if trouble:
            text += f"\nstopped    {trouble}"
        code = 1 if archive.internal_errors else _FOUND_SOMETHING if damages or lost else 0
        if trouble:
            code = trouble.exit_code
        archive.end(verdict=text, exit_code=code)
        say(text)
        return code


def _take_in(archive: Archive, own: list[Path], progress: Progress, damages: list[str]) -> int:
    """Refer to the records of the archive's own files, in the order of writing; returns how many are lost."""
    visits = rebuilding.Visits(archive)
    for file in own:
        try:
            for record in capture.walk(file, partial(_collector(damages), file)):
                visits.take(record, file.name)
                progress.step()
        except NotACaptureError as error:
            damages.append(str(error))
    visits.end()
    assets.restore(archive)
    return visits.lost


def _collector(damages: list[str]) -> Callable[[Path, capture.Damage], None]:
    return lambda path, damage: damages.append(saved.told(path, damage))


def _only(known: list[Newspaper]) -> Newspaper:
    """The newspaper whose archive this is when nobody says."""
    return known[0]
