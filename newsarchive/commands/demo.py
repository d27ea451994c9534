"""`scrapy demo`: the crawl verb on the bundled sample newspaper, served over real HTTP on this machine."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from newsarchive.commands import crawl
from newsarchive.commands.ending import ending
from newsarchive.sample.server import serving

if TYPE_CHECKING:
    import argparse


# The sample is ours and on this machine: nobody has to be spared.
_HURRY = {
    "DOWNLOAD_DELAY": 0,
    "CONCURRENT_REQUESTS": 8,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "AUTOTHROTTLE_ENABLED": False,
}


class Command(crawl.Command):
    """The demo verb."""

    def syntax(self) -> str:
        """For the usage line."""
        return "[options]"

    def short_desc(self) -> str:
        """For the list of verbs."""
        return "Crawl the bundled sample newspaper into archive.db, offline"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Hurry, unless -s says otherwise."""
        assert self.settings is not None
        self.settings.setdict(_HURRY, priority=crawl.ABOVE_PROJECT)
        super().process_options(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Serve the sample, crawl it, print the verdict."""
        if args:
            raise UsageError("the demo takes no argument", print_help=False)
        if "site" in opts.spargs:
            raise UsageError(
                "the demo serves its own site; to crawl another: scrapy crawl alwatan -a site=…",
                print_help=False,
            )
        with ending(self), serving() as site:
            print(f"the sample newspaper answers at {site}", file=sys.stderr)
            self.exitcode = self.crawl("alwatan", {**opts.spargs, "site": site})
