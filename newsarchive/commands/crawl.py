"""`scrapy crawl NEWSPAPER`: Scrapy's own verb, with the archive opened first and the verdict as exit code.

Scrapy's exits with 0 whatever happened; this is the one built-in verb that is extended.
"""

from __future__ import annotations

import logging
import signal
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError
from scrapy.settings import SETTINGS_PRIORITIES

from newsarchive import cards
from newsarchive.archive import Archive
from newsarchive.commands.ending import ending, say
from newsarchive.crawling import arguments
from newsarchive.exceptions import NewsArchiveError
from newsarchive.newspaper import NewspaperSpider
from newsarchive.removal import restoring
from newsarchive.reporting import health, rates, verdict
from newsarchive.reporting.progress import Progress
from newsarchive.storage import conditions, figures, ledger
from newsarchive.storage.ledger import utc_text

if TYPE_CHECKING:
    import argparse

    from scrapy.crawler import Crawler
    from scrapy.settings import Settings


ABOVE_PROJECT = SETTINGS_PRIORITIES["project"] + 1
"""Priority of what a verb decides: over settings.py, under -s."""


class Command(ScrapyCrawl):
    """The crawl verb."""

    watched = True

    def short_desc(self) -> str:
        """For the list of verbs."""
        return "Crawl a newspaper into the archive; the verdict is the exit code"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Without -L, show our lines and Scrapy's warnings; on a terminal, a moving line instead of ours."""
        super().process_options(args, opts)
        assert self.settings is not None
        contact, agent = self.settings["ARCHIVE_CONTACT"], self.settings["USER_AGENT"]
        if contact and contact not in agent:
            self.settings.set("USER_AGENT", f"{agent} +{contact}", priority=ABOVE_PROJECT)
        self.watched = opts.loglevel is None and not opts.nolog and not opts.logfile
        if self.watched:
            # A filter, because making the crawler process sets all levels anew.
            logging.getLogger("scrapy.utils.log").addFilter(_is_warning)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl; every condition a user can meet is one line and an exit code."""
        if len(args) != 1:
            raise UsageError("name one newspaper, for example: scrapy crawl alwatan", print_help=False)
        with ending(self):
            self.exitcode = self.crawl(args[0], opts.spargs)

    def crawl(self, name: str, spargs: dict[str, str]) -> int:
        """Run one spider on its archive; returns the exit code. Raises the errors of the archive."""
        assert self.settings is not None
        assert self.crawler_process is not None
        spidercls = cards.spider(self.settings, name)
        given = arguments.parse(spargs)
        archive = open_archive(self.settings, spidercls, spargs, "sample" if given.site else "live")
        if archive.moved_aside:
            print(
                f"the sample's archive was moved to {archive.moved_aside}; this one is the paper's",
                file=sys.stderr,
            )
        restoring.bring_back(archive)
        if self.watched:  # Scrapy sets its own level when the crawler process is made, after process_options
            logging.getLogger("scrapy").setLevel(logging.WARNING)
        began = time.monotonic()
        crawler = self.crawler_process.create_crawler(spidercls)
        with Progress("visits", show=self.watched) as progress:
            crawler.signals.connect(progress.on_item, signals.item_scraped)
            self.crawler_process.crawl(crawler, archive=archive, **spargs)
            self.crawler_process.start()
        for number in (signal.SIGINT, signal.SIGTERM):
            # Scrapy takes them no more. The crawl is over, and in seconds its verdict stands.
            signal.signal(number, signal.SIG_IGN)
        has_begun = not self.crawler_process.bootstrap_failed
        return conclude(archive, crawler, time.monotonic() - began, has_begun=has_begun)


def _is_warning(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def open_archive(
    settings: Settings,
    spidercls: type[NewspaperSpider],
    spargs: dict[str, str],
    kind: str,
    command: str = "crawl",
) -> Archive:
    """The archive that the settings name, for a run of this newspaper."""
    return Archive(
        Path(settings["ARCHIVE_DB"]),
        Path(settings["ARCHIVE_WARC_DIR"]),
        spidercls.newspaper,
        command=command,
        kind=kind,
        arguments=spargs,
        busy_seconds=settings.getfloat("ARCHIVE_BUSY_SECONDS"),
        sealed=Path(settings["ARCHIVE_SEALED_DB"]),
    )


def run_rates(archive: Archive) -> dict[str, Any]:
    """How often the run's fields were filled, visits refused and texts changed, and what is unusual (28 days)."""
    connection, tally = archive.connection, archive.tally
    since = utc_text(datetime.now(UTC) - timedelta(days=28))
    earlier = conditions.rates_since(connection, archive.newspaper.name, since, archive.run_id)
    stored = conditions.stored_by_run(connection, archive.run_id)
    again, changed = conditions.visited_again(connection, archive.run_id)
    now = rates.counted(stored, tally.visited, tally.reasons, again, changed)
    return now.record() | {"unusual": rates.unusual(now, earlier)}


def conclude(archive: Archive, crawler: Crawler, seconds: float, *, has_begun: bool) -> int:
    """Flush what is left, store the verdict, close the archive, print the verdict; returns the exit code.

    has_begun: Scrapy could set the crawl up; where it could not, it has logged why.
    """
    spider = crawler.spider
    assert isinstance(spider, NewspaperSpider)
    error = spider.error
    if not has_begun:
        error = NewsArchiveError("the crawl could not begin; the error stands above")
    if error is None:
        try:
            archive.flush()
            note_away(archive, spider)
        except NewsArchiveError as late:
            error = late
    reason = crawler.stats.get_value("finish_reason") if crawler.stats else None
    facts = facts_of(archive, spider, error, seconds, interrupted=reason in {None, "shutdown"})
    found = run_rates(archive)
    facts = replace(facts, unusual=found["unusual"])
    text = "\n".join(verdict.lines(facts))
    try:
        archive.end(verdict=text, exit_code=facts.exit_code, details=found)
    except NewsArchiveError as late:
        facts = replace(facts, exit_code=late.exit_code, trouble=str(late))
        text = "\n".join(verdict.lines(facts))
    archive.close()
    say(text)
    return facts.exit_code


def note_away(archive: Archive, spider: NewspaperSpider) -> None:
    """Write which hosts could not be asked, since when and why. Raises the errors of the archive."""
    discovery = spider.discovery
    if discovery:
        away = {host: why for host, why in discovery.away.items() if host in archive.newspaper.hosts}
        with archive.transaction() as connection:
            figures.note_away(connection, away, discovery.reached, archive.started_at)


def facts_of(
    archive: Archive,
    spider: NewspaperSpider,
    error: NewsArchiveError | None,
    seconds: float,
    *,
    interrupted: bool,
) -> verdict.Facts:
    """What the verdict is made of, its exit code included."""
    connection, discovery = archive.connection, spider.discovery
    away = figures.away(connection)
    kept_away = discovery.away if discovery else {}
    # A host that gives no answer for a week is no failure of this run any more (docs/decisions/0014).
    new = [why for name, why in kept_away.items() if name not in away or is_new(away[name][0])]
    lost = spider.assets.trouble if spider.assets else ""
    unanswered = discovery.unanswered if discovery else ""
    waiting = still_kept_away(archive, spider)
    blocked = spider.blocked or (discovery.blocked if discovery else "") or waiting
    nothing_listed = (discovery.proves_nothing or discovery.nothing_listed) if discovery else ""
    internal_errors = spider.internal_errors + archive.internal_errors
    partly = next(iter(new), "") or lost or unanswered
    states = ledger.counts(connection, archive.newspaper.name)
    code = verdict.exit_code(
        archive.tally,
        states,
        interrupted=interrupted,
        internal_errors=internal_errors,
        blocked=blocked,
        kept_away=partly,
        nothing_listed=nothing_listed,
        paused=spider.frontier.paused,
    )
    return verdict.Facts(
        title=archive.newspaper.title,
        tally=archive.tally,
        states=states,
        articles=figures.article_count(connection),
        span=figures.published_span(connection),
        database=archive.path.name,
        database_bytes=figures.database_bytes(connection),
        capture_bytes=sum(file.stat().st_size for file in archive.capture_dir.glob("*")),
        seconds=seconds,
        exit_code=error.exit_code if error else code,
        internal_errors=internal_errors,
        blocked=blocked,
        trouble=str(error) if error else waiting or spider.frontier.paused or partly or nothing_listed,
        assets=spider.assets.summary() if spider.assets else "",
        away={host: f"since {since}: {why}" for host, (since, why) in away.items()},
        not_taken=discovery.not_taken if discovery else {},
    )


def still_kept_away(archive: Archive, spider: NewspaperSpider) -> str:
    """That a run that may ask nothing now had no answer, and that the last one that had any was kept away; or ""."""
    paused, tally = spider.frontier.paused, archive.tally
    heard = (spider.discovery and spider.discovery.answered) or tally.visited > tally.failed
    is_answered = heard and tally.requests > tally.of_web_archives
    if not paused or is_answered or not {"live", "sweep"} & set(spider.arguments.source):
        return ""
    if not figures.blocks_in_a_row(archive.connection, archive.newspaper.name):
        return ""
    return f"{paused}; the last run that was answered was kept away"


def is_new(since: str) -> bool:
    """Whether a moment (UTC) is less than a week ago."""
    return datetime.now(UTC) - datetime.fromisoformat(since) < timedelta(days=health.AWAY_FOR_GOOD_DAYS)
