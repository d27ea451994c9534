"""`scrapy export DIR`: articles as JSON Lines, CSV and Parquet, their captures as WACZ, all of it as a bag."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsarchive.archive import now
from newsarchive.commands.ending import ending
from newsarchive.evidence import bag, wacz
from newsarchive.exceptions import SettingsError
from newsarchive.export import articles, snapshot
from newsarchive.export.selection import Selection, choose
from newsarchive.places import UNFINISHED, require_archive, whole_folder
from newsarchive.removal import removing
from newsarchive.storage.connection import connect_for_reading

if TYPE_CHECKING:
    import argparse

    from scrapy.settings import BaseSettings


class Command(ScrapyCommand):
    """The export verb."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - Scrapy's own form

    def syntax(self) -> str:
        """For the usage line."""
        return "DIR [--wacz] [--bag] [--no-text] [--since DAY] [--until DAY] … | --snapshot FILE"

    def short_desc(self) -> str:
        """For the list of verbs."""
        return "Write articles as JSON Lines, CSV and Parquet, their captures as WACZ, all of it as a bag"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """--wacz, --bag, --no-text, --snapshot, and which articles."""
        super().add_options(parser)
        parser.add_argument("--wacz", action="store_true", help="the captures too, to be replayed")
        parser.add_argument("--bag", action="store_true", help="as a bag (BagIt), with the archive's events")
        parser.add_argument("--no-text", action="store_true", help="without the texts themselves")
        parser.add_argument(
            "--snapshot", metavar="FILE", help="a checked copy of the archive, to be published"
        )
        chosen = parser.add_argument_group(
            "which articles", "all of these must hold; without any, everything is written"
        )
        chosen.add_argument("--since", metavar="DAY", help="published on this day (YYYY-MM-DD) or later")
        chosen.add_argument("--until", metavar="DAY", help="published on this day or earlier")
        chosen.add_argument("--section", metavar="NAME", help="in this section")
        chosen.add_argument("--writer", metavar="NAME", help="signed so")
        chosen.add_argument("--status", help="live, gone or unknown")
        chosen.add_argument("--key", metavar="KEY", action="append", help="this article; may be repeated")
        chosen.add_argument("--query", metavar="WORDS", help="that have every word, as in the site's search")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Export; every condition a user can meet is one line and an exit code."""
        if len(args) != (0 if opts.snapshot else 1):
            raise UsageError("name one folder to write to", print_help=False)
        assert self.settings is not None
        selection = Selection(
            since=opts.since, until=opts.until, section=opts.section, writer=opts.writer, status=opts.status,
            keys=tuple(opts.key or ()), query=opts.query,
        )  # fmt: skip
        with ending(self):
            if opts.snapshot:
                if selection:
                    raise SettingsError(
                        "--snapshot copies the whole archive; name a folder to choose articles"
                    )
                print(_snapshot(self.settings, Path(opts.snapshot)))
            else:
                print(export(self.settings, Path(args[0]), opts, selection))


def archive_of(settings: BaseSettings) -> Path:
    """The archive that the settings name. Raises SettingsError where there is none."""
    path = Path(settings["ARCHIVE_DB"])
    require_archive(path)
    return path


def _snapshot(settings: BaseSettings, target: Path) -> str:
    path, directory = archive_of(settings), Path(settings["ARCHIVE_WARC_DIR"])
    with closing(connect_for_reading(path)) as connection:
        removing.finished(Path(settings["ARCHIVE_SEALED_DB"]), connection, directory)
    return snapshot.write(path, target)


def export(settings: BaseSettings, target: Path, opts: argparse.Namespace, selection: Selection) -> str:
    """Write an export to a new folder; returns what to say. Raises NewsArchiveError, OSError."""
    path, directory = archive_of(settings), Path(settings["ARCHIVE_WARC_DIR"])
    if opts.wacz and opts.no_text:
        raise SettingsError("--wacz holds the pages with their texts; leave it or --no-text out")
    if target.exists() and (not target.is_dir() or {path.name for path in target.iterdir()} - {UNFINISHED}):
        raise SettingsError(f"{target} is not an empty folder")
    connection = connect_for_reading(path)
    removing.finished(Path(settings["ARCHIVE_SEALED_DB"]), connection, directory)
    row = connection.execute("SELECT value FROM newsarchive WHERE key = 'newspaper'").fetchone()
    newspaper, moment = row["value"], now()
    count = choose(connection, selection)
    with whole_folder(target) as made:
        folder = made / "data" if opts.bag else made
        folder.mkdir(exist_ok=True)
        files = articles.write(connection, folder, with_text=not opts.no_text)
        if opts.wacz:
            files.append(folder / f"{newspaper}.wacz")
            wacz.write(connection, directory, files[-1], moment, everything=not selection)
        if opts.bag:
            files.append(folder / "events.jsonl")
            bag.write_events(connection, directory, files[-1])
        articles.describe(folder, files, newspaper, moment, selection, count)
        if opts.bag:
            bag.close(made, newspaper, moment)
    return f"{target}: {count} articles in {', '.join(file.name for file in files)}"
