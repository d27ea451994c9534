"""`scrapy readpage PATH…`: what each saved page says, one JSON object a line. Touches nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsarchive import cards
from newsarchive.commands.ending import ending
from newsarchive.exceptions import CaptureDamagedError
from newsarchive.offline import reading, saved

if TYPE_CHECKING:
    import argparse

    from newsarchive import capture


class Command(ScrapyCommand):
    """The readpage verb."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - Scrapy's own form

    def syntax(self) -> str:
        """For the usage line."""
        return "PATH… [--url URL] [--newspaper NAME]"

    def short_desc(self) -> str:
        """For the list of verbs."""
        return "Read saved pages and print what they say, one JSON object a line"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """--url and --newspaper."""
        super().add_options(parser)
        parser.add_argument("--url", help="the page's address, when one page is given")
        parser.add_argument("--newspaper", help="whose page it is, when neither address nor masthead tell")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print; a refusal is a result, a path that is not there ends with 4."""
        if not args:
            raise UsageError("name a file or a folder", print_help=False)
        assert self.settings is not None
        with ending(self):
            known = cards.known(self.settings)
            given = cards.named(known, opts.newspaper)
            for page in saved.pages([Path(arg) for arg in args], opts.url, self._on_damage):
                if page.content_type == saved.JSON_LINE or saved.is_html(page):
                    item = reading.read(page, known, given)
                    if item is not None:
                        print(json.dumps(item.record(), ensure_ascii=False))

    def _on_damage(self, path: Path, damage: capture.Damage) -> None:
        print(f"scrapy readpage: {saved.told(path, damage)}", file=sys.stderr)
        self.exitcode = CaptureDamagedError.exit_code
