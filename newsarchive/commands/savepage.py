"""`scrapy savepage URL`: a live page as a test case, which a person reviews; `--again` reads the saved one anew."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsarchive import cards
from newsarchive.archive import now
from newsarchive.commands.ending import ending
from newsarchive.crawling import arguments
from newsarchive.crawling.failures import reason_of
from newsarchive.discovery import addresses
from newsarchive.exceptions import SettingsError
from newsarchive.items import AddressState
from newsarchive.offline import cases
from newsarchive.storage.ledger import state_for

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from newsarchive.newspaper import NewspaperSpider

_OK, _PARTIAL, _KEPT_AWAY, _NOTHING, _DIFFERENT = 0, 5, 6, 7, 10
_STATUS_OK, _GONE, _TURNED_AWAY = 200, frozenset({404, 410}), frozenset({401, 403, 429, 451})


class Command(ScrapyCommand):
    """The savepage verb."""

    requires_project = True

    def syntax(self) -> str:
        """For the usage line."""
        return "URL [--again] [--why TEXT] [--into FOLDER] [--site URL]"

    def short_desc(self) -> str:
        """For the list of verbs."""
        return "Save a live page as a test case, or compare a saved one with today's readers"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """--again, --why, --into, --site."""
        super().add_options(parser)
        parser.add_argument(
            "--again", action="store_true", help="read the saved page anew, print what differs"
        )
        parser.add_argument("--why", default="a page of the live site", help="what the case is there for")
        parser.add_argument(
            "--into", default="tests/pages", help="folder of the cases (default: tests/pages)"
        )
        parser.add_argument("--site", help="base URL of a server that stands in for the newspaper's hosts")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Save or compare; every condition a user can meet is one line and an exit code."""
        if len(args) != 1:
            raise UsageError("name one page by its address", print_help=False)
        with ending(self):
            self.exitcode = self._run(args[0], opts)

    def _run(self, url: str, opts: argparse.Namespace) -> int:
        assert self.settings is not None
        spidercls = _spider_of(url, list(cards.spiders(self.settings).values()))
        into = Path(opts.into)
        if not into.is_dir():
            raise SettingsError(f"the folder {into} does not exist; name another with --into")
        newspaper = spidercls.newspaper
        folder = into / newspaper.name / cases.name_of(url, newspaper)
        if opts.again:
            return _compare(folder, cases.difference(folder, newspaper))
        if folder.exists():
            raise SettingsError(f"{folder} exists; --again reads it anew")
        site = {"site": opts.site} if opts.site else {}
        arguments.parse(site)
        got = self._download(spidercls, url, site)
        if not isinstance(got, cases.Answered):
            code, said = got
            print(f"scrapy savepage: {said}", file=sys.stderr)
            return code
        name = cases.write(folder, got, newspaper, opts.why)
        print(f"{folder}: read {name} word by word, then set reviewed to true in about.json")
        return _OK

    def _download(
        self, spidercls: type[NewspaperSpider], url: str, site: dict[str, str]
    ) -> cases.Answered | tuple[int, str]:
        """The page, or the exit code and why there is none."""
        assert self.crawler_process is not None
        got: list[cases.Answered | tuple[int, str]] = []
        crawler = self.crawler_process.create_crawler(_one_page(spidercls, url, got))
        self.crawler_process.crawl(crawler, **site)
        self.crawler_process.start()
        return got[0] if got else (_PARTIAL, f"{url} was not asked; see the log")


def _spider_of(url: str, spiders: list[type[NewspaperSpider]]) -> type[NewspaperSpider]:
    normal = addresses.normal(url)
    host = urlsplit(normal).hostname if normal else None
    for spidercls in spiders:
        if host in spidercls.newspaper.hosts:
            return spidercls
    raise SettingsError(f"{url} is no address of a newspaper that has a card")


def _compare(folder: Path, lines: list[str]) -> int:
    print("\n".join(lines) if lines else f"{folder}: today's readers say the same")
    return _DIFFERENT if lines else _OK


def _one_page(
    spidercls: type[NewspaperSpider], url: str, got: list[cases.Answered | tuple[int, str]]
) -> type[NewspaperSpider]:
    """A spider that asks for one page, under the same manners as a crawl, and puts what came into `got`."""

    class OnePage(spidercls):  # type: ignore[misc, valid-type]
        """Asks for one page."""

        is_guarded = True

        async def start(self) -> AsyncIterator[Any]:
            yield Request(url, callback=self.keep, errback=self.refuse)

        def keep(self, response: Response) -> None:
            got.append(_answered(url, response))

        def refuse(self, failure: Failure) -> None:
            reason, detail = reason_of(failure)
            blocked = state_for(reason) is AddressState.BLOCKED
            got.append((_KEPT_AWAY if blocked else _PARTIAL, f"{reason}: {detail}"))

    return OnePage


def _answered(url: str, response: Response) -> cases.Answered | tuple[int, str]:
    status = response.status
    if status in _GONE:
        return _NOTHING, f"{url} answered {status}"
    if status != _STATUS_OK or {"dataloss", "truncated"} & set(response.flags):
        code = _KEPT_AWAY if status in _TURNED_AWAY else _PARTIAL
        return code, f"{url} answered {status}{' and broke off' if status == _STATUS_OK else ''}"
    content_type = (response.headers.get("Content-Type") or b"").decode("latin-1") or None
    return cases.Answered(addresses.normal(url) or url, response.body, content_type, now())
