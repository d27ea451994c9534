"""`scrapy prove KEY`: one ZIP that proves an article to a third party, with nothing but common tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsarchive.archive import now
from newsarchive.commands.ending import ending
from newsarchive.evidence import manifests, proof, timestamps
from newsarchive.places import require_archive
from newsarchive.removal import removing
from newsarchive.storage.connection import connect_for_reading

if TYPE_CHECKING:
    import argparse

    from scrapy.settings import BaseSettings


class Command(ScrapyCommand):
    """The prove verb."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - Scrapy's own form

    def syntax(self) -> str:
        """For the usage line."""
        return "KEY [--output FILE]"

    def short_desc(self) -> str:
        """For the list of verbs."""
        return "Write a ZIP that proves one article to a third party"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """--output."""
        super().add_options(parser)
        parser.add_argument("-o", "--output", metavar="FILE", help="the ZIP (default: KEY.zip)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Prove; every condition a user can meet is one line and an exit code."""
        if len(args) != 1:
            raise UsageError("name one article, for example: scrapy prove alwatan-5211", print_help=False)
        assert self.settings is not None
        with ending(self):
            target = Path(opts.output or f"{args[0]}.zip")
            print(prove(self.settings, args[0], target))


def prove(settings: BaseSettings, key: str, target: Path) -> str:
    """Write the proof of an article; returns what to say. Raises NewsArchiveError, OSError."""
    path, directory = Path(settings["ARCHIVE_DB"]), Path(settings["ARCHIVE_WARC_DIR"])
    require_archive(path)
    connection = connect_for_reading(path)
    known = removing.finished(Path(settings["ARCHIVE_SEALED_DB"]), connection, directory)
    rows = proof.captures_of(connection, key)
    row = connection.execute("SELECT value FROM newsarchive WHERE key = 'newspaper'").fetchone()
    manifest, is_new = proof.covering(directory, rows, row["value"], now(), known.covers)
    if is_new:
        stamp(manifest, settings)
    proof.write(connection, directory, key, rows, manifest, target)
    told = f"{target}: {len(rows)} captures under the root of {manifest.folder}"
    return told + ("; publish that folder (without SALTS)" if is_new else "")


def stamp(manifest: manifests.Manifest, settings: BaseSettings) -> None:
    """Have the root stamped where ARCHIVE_TSA_URL names an authority. Raises SettingsError."""
    if settings["ARCHIVE_TSA_URL"]:
        timestamps.stamp(manifest.root_file, settings["ARCHIVE_TSA_URL"])
