"""`scrapy health`: the state of the archive and of the last runs; exit 10 when something needs a person."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newsarchive import budget, cards, health
from newsarchive.exceptions import NewsArchiveError, SettingsError
from newsarchive.storage import conditions, figures, refusals
from newsarchive.storage.connection import connect_for_reading
from newsarchive.storage.ledger import utc_text

if TYPE_CHECKING:
    import argparse
    import sqlite3

    from scrapy.settings import Settings

    from newsarchive.items import Newspaper

_NEEDS_A_PERSON = 10
_RUNS = 50


class Command(ScrapyCommand):
    """The health verb."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 - Scrapy's own form

    def syntax(self) -> str:
        """For the usage line."""
        return "[--json] [--newspaper NAME]"

    def short_desc(self) -> str:
        """For the list of verbs."""
        return "Show the state of the archive; exit 10 when something needs a person"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """--json and --newspaper."""
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="one JSON object, for a monitor")
        parser.add_argument("--newspaper", help="whose state, when the archive's own mark is not to decide")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print; every condition a user can meet is one line and an exit code."""
        if args:
            raise UsageError("this verb takes no path", print_help=False)
        assert self.settings is not None
        try:
            path = Path(self.settings["ARCHIVE_DB"])
            if not path.exists():
                raise SettingsError(f"{path} does not exist; make it with scrapy crawl or scrapy demo")
            connection = connect_for_reading(path)
            state = condition(
                connection, path, self.settings, card(connection, self.settings, opts.newspaper)
            )
            connection.close()
        except NewsArchiveError as error:
            print(f"scrapy health: {error}", file=sys.stderr)
            self.exitcode = error.exit_code
            return
        if opts.json:
            print(json.dumps(health.record(state), ensure_ascii=False))
        else:
            print("\n".join(health.lines(state)))
        self.exitcode = _NEEDS_A_PERSON if health.troubles(state) else 0


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
    last = next((run for run in runs if run["exit_code"] is not None), None)
    return health.Condition(
        title=newspaper.title,
        kind=conditions.kind(connection),
        now=utc_text(moment),
        runs=runs,
        killed_last_week=conditions.killed_since(connection, name, utc_text(moment - timedelta(days=7))),
        articles=figures.article_count(connection),
        span=figures.published_span(connection),
        states=conditions.states(connection, name),
        addresses=conditions.address_count(connection, name),
        months=conditions.months(connection, name),
        sections=conditions.sections_since(connection, name, str(today - timedelta(days=28))),
        sources=conditions.source_rows(connection, name),
        overlap=conditions.overlap(connection, name),
        refusals=refusals.counts(connection),
        expected_per_day=newspaper.articles_per_day,
        published_last_week=conditions.published_between(
            connection, name, str(today - timedelta(days=7)), str(today - timedelta(days=1))
        ),
        oldest_check=conditions.oldest_check(connection, name),
        stale_index_rows=conditions.stale_index_rows(connection),
        database=str(path),
        database_bytes=figures.database_bytes(connection),
        capture_bytes=sum(file.stat().st_size for file in captures.glob("*")),
        free_bytes=shutil.disk_usage(path.absolute().parent).free,
        requests_left=_requests_left(connection, settings, name, moment),
        unusual=last["details"].get("unusual", ()) if last else (),
    )


def _requests_left(
    connection: sqlite3.Connection, settings: Settings, newspaper: str, moment: datetime
) -> int | None:
    allowed = budget.parse(str(settings["ARCHIVE_REQUESTS_PER_DAY"]), str(settings["ARCHIVE_HOURS"]))
    asked = figures.requests_since(connection, newspaper, moment.strftime("%Y-%m-%dT00:00:00Z"))
    return allowed.left(asked, figures.blocks_in_a_row(connection, newspaper))
