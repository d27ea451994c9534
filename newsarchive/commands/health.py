"""`scrapy health`: the state of the archive and of the last runs; exit 10 when something needs a person."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsarchive import cards
from newsarchive.commands.ending import ending
from newsarchive.crawling import budget
from newsarchive.exceptions import SealedStoreError, SettingsError
from newsarchive.places import require_archive
from newsarchive.removal import removing, takedowns
from newsarchive.reporting import health
from newsarchive.storage import conditions, figures, gaps, refusals
from newsarchive.storage.connection import connect_for_reading
from newsarchive.storage.ledger import utc_text

if TYPE_CHECKING:
    import argparse
    import sqlite3

    from scrapy.settings import Settings

    from newsarchive.items import Newspaper

_NEEDS_A_PERSON = 10
_RUNS = 50
# A day and two hours: who looks once a day does not come on the minute.
_UNUSUAL_IS_TOLD_FOR = timedelta(hours=26)


class Command(ScrapyCommand):
    """The health verb."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - Scrapy's own form

    def syntax(self) -> str:
        """For the usage line."""
        return "[--json] [--month YYYY-MM] [--newspaper NAME]"

    def short_desc(self) -> str:
        """For the list of verbs."""
        return "Show the state of the archive; exit 10 when something needs a person"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """--json, --month and --newspaper."""
        super().add_options(parser)
        parser.add_argument("--month", metavar="YYYY-MM", help="name every gap of one month instead")
        parser.add_argument("--json", action="store_true", help="one JSON object, for a monitor")
        parser.add_argument("--newspaper", help="whose state, when the archive's own mark is not to decide")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print; every condition a user can meet is one line and an exit code."""
        if args:
            raise UsageError("this verb takes no path", print_help=False)
        assert self.settings is not None
        with ending(self):
            path = Path(self.settings["ARCHIVE_DB"])
            require_archive(path)
            if opts.month and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", opts.month):
                raise SettingsError(f"--month {opts.month} is no month; write it as 2024-12")
            with closing(connect_for_reading(path)) as connection:
                newspaper = card(connection, self.settings, opts.newspaper)
                if opts.month:
                    shown = month(connection, newspaper, opts.month)
                    print(_json(asdict(shown)) if opts.json else "\n".join(shown.lines()))
                    return
                state = condition(connection, path, self.settings, newspaper)
            print(_json(health.record(state)) if opts.json else "\n".join(health.lines(state)))
            self.exitcode = _NEEDS_A_PERSON if health.troubles(state) else 0


def _json(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False)


def month(connection: sqlite3.Connection, newspaper: Newspaper, name: str) -> health.Month:
    """What one month (YYYY-MM) has and lacks. Raises SettingsError for a month that nothing is known of."""
    host = newspaper.hosts[0]
    counts = next((m for m in gaps.months(connection, newspaper.name, host) if m["month"] == name), None)
    if counts is None:
        raise SettingsError(f"--month {name}: no article and no address of it is known")
    return health.Month(
        month=name,
        counts=counts,
        sections=gaps.coverage(connection, newspaper.name).get(name, {}),
        unanswered=gaps.unanswered(connection, newspaper.name, name),
        only_web_archives=gaps.only_web_archives(connection, newspaper.name, name),
        numbers=[(first, last) for first, last, of in gaps.number_gaps(connection, host) if of == name],
    )


def card(connection: sqlite3.Connection, settings: Settings, name: str | None) -> Newspaper:
    """The newspaper that the archive is of, or the one that is named. Raises SettingsError."""
    row = connection.execute("SELECT value FROM newsarchive WHERE key = 'newspaper'").fetchone()
    found = cards.named(cards.known(settings), name or (row[0] if row else None))
    if found is None:
        raise SettingsError("the archive does not say whose it is; say --newspaper NAME")
    return found


def condition(
    connection: sqlite3.Connection, path: Path, settings: Settings, newspaper: Newspaper
) -> health.Condition:
    """Gather the figures."""
    moment, name = datetime.now(UTC), newspaper.name
    today = moment.astimezone(ZoneInfo(newspaper.timezone)).date()
    captures = Path(settings["ARCHIVE_WARC_DIR"])
    runs = conditions.last_runs(connection, name, _RUNS)
    return health.Condition(
        title=newspaper.title,
        kind=conditions.kind(connection),
        now=utc_text(moment),
        runs=runs,
        last_visit=figures.last_visit(connection),
        killed_last_week=conditions.killed_since(connection, name, utc_text(moment - timedelta(days=7))),
        articles=figures.article_count(connection),
        span=figures.published_span(connection),
        states=conditions.states(connection, name),
        addresses=conditions.address_count(connection, name),
        months=gaps.months(connection, name, newspaper.hosts[0]),
        coverage=gaps.coverage(connection, name),
        sections=conditions.sections_since(connection, name, str(today - timedelta(days=28))),
        sources=conditions.source_rows(connection, name),
        away=figures.away(connection),
        principal=newspaper.hosts[0],
        overlap=gaps.overlap(connection, name),
        refusals=refusals.counts(connection),
        expected_per_day=newspaper.articles_per_day,
        published_last_week=conditions.published_between(
            connection, name, str(today - timedelta(days=7)), str(today - timedelta(days=1))
        ),
        oldest_check=conditions.oldest_check(connection, name),
        stale_index_rows=conditions.stale_index_rows(connection),
        outdated_index_rows=conditions.outdated_index_rows(connection),
        database=str(path),
        database_bytes=figures.database_bytes(connection),
        capture_bytes=sum(file.stat().st_size for file in captures.glob("*")),
        free_bytes=shutil.disk_usage(path.absolute().parent).free,
        requests_left=_requests_left(connection, settings, name, moment),
        unusual=conditions.unusual_before_last_end(connection, name, _UNUSUAL_IS_TOLD_FOR),
        removal=_removal(connection, Path(settings["ARCHIVE_SEALED_DB"]), captures),
    )


def _removal(connection: sqlite3.Connection, sealed: Path, captures: Path) -> str:
    try:
        unfinished = removing.trouble(connection, takedowns.load(sealed, connection, captures))
    except SealedStoreError as error:
        return str(error)
    return f"{unfinished}: {removing.FINISH}" if unfinished else ""


def _requests_left(
    connection: sqlite3.Connection, settings: Settings, newspaper: str, moment: datetime
) -> int | None:
    allowed = budget.parse(str(settings["ARCHIVE_REQUESTS_PER_DAY"]), str(settings["ARCHIVE_HOURS"]))
    asked = figures.requests_on(connection, newspaper, moment.date().isoformat())
    return allowed.left(asked, figures.blocks_in_a_row(connection, newspaper))
