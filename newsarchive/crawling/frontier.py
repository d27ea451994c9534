"""What a run visits next: due addresses from the ledger, then the day's audits, within the budget."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from newsarchive.archive import now
from newsarchive.crawling import budget
from newsarchive.exceptions import SettingsError
from newsarchive.storage import figures, ledger

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from newsarchive.archive import Archive
    from newsarchive.crawling.arguments import CrawlArguments

_BATCH = 64


class Frontier:
    """The ledger as one run sees it. `paused` says why it gives nothing more today, or is ""."""

    def __init__(
        self, archive: Archive, arguments: CrawlArguments, allowed: budget.Budget, audits_per_day: int
    ) -> None:
        self._archive = archive
        self._arguments = arguments
        self._budget = allowed
        self._audits_per_day = audits_per_day
        self._under_way: list[int] = []
        self._day = ""
        self._asked_before = 0
        self._blocks = 0
        self.taken = 0
        self.paused = ""

    @classmethod
    def from_settings(cls, settings: BaseSettings, archive: Archive, arguments: CrawlArguments) -> Frontier:
        """The frontier that the settings allow. Raises SettingsError."""
        audits = str(settings["ARCHIVE_AUDITS_PER_DAY"])
        if not audits.isdigit():
            raise SettingsError(f"ARCHIVE_AUDITS_PER_DAY={audits} is no number of articles")
        allowed = budget.parse(str(settings["ARCHIVE_REQUESTS_PER_DAY"]), str(settings["ARCHIVE_HOURS"]))
        return cls(archive, arguments, allowed, int(audits))

    def closed(self) -> bool:
        """Whether nothing may be asked now; `paused` then says why."""
        zone = ZoneInfo(self._archive.newspaper.timezone)
        hour = self._budget.closed_until(datetime.now(zone))
        if hour is not None:
            self.paused = f"ARCHIVE_HOURS: asking begins at {hour}:00 {zone.key}"
        elif self._left() == 0:
            self.paused = "ARCHIVE_REQUESTS_PER_DAY: today's requests are spent"
        else:
            self.paused = ""
        return bool(self.paused)

    def take(self) -> list[ledger.Address]:
        """The next addresses to visit, none when the run is over. The group has been flushed."""
        if self.closed():
            return []
        self._leave_alone()
        limit = min(_BATCH, *(bound for bound in (self._left(), self._limit_left()) if bound is not None))
        if limit <= 0:
            return []
        taken = list(
            ledger.due(
                self._archive.connection,
                self._archive.newspaper.name,
                now=now(),
                run_started_at=self._archive.started_at,
                limit=limit,
                since=self._arguments.since,
                until=self._arguments.until,
            )
        ) or self._audits(limit)
        self.taken += len(taken)
        self._under_way = [address.id for address in taken]
        return taken

    def _leave_alone(self) -> None:
        """Whatever kept a visit from its end, its address waits for another run, or this one would not end."""
        if self._under_way:
            with self._archive.transaction() as connection:
                ledger.leave_alone(connection, self._under_way, self._archive.started_at, now())
        self._under_way = []

    def _left(self) -> int | None:
        """Requests to the newspaper that are left today (UTC), None for no bound."""
        if not self._budget.requests_per_day:
            return None
        connection, name = self._archive.connection, self._archive.newspaper.name
        day = datetime.now(UTC).date().isoformat()
        asked = self._archive.tally.requests - self._archive.tally.of_web_archives
        if day != self._day:
            self._day = day
            self._asked_before = figures.requests_on(connection, name, day) - asked
            self._blocks = figures.blocks_in_a_row(connection, name)
        return self._budget.left(self._asked_before + asked, self._blocks)

    def _limit_left(self) -> int:
        return _BATCH if self._arguments.limit is None else self._arguments.limit - self.taken

    def _audits(self, limit: int) -> list[ledger.Address]:
        """The day's share of the rotation: each article is seen again, none twice a day."""
        moment = datetime.now(UTC)
        today = moment.date().isoformat()
        begun = figures.audits_on(self._archive.connection, today)
        addresses = ledger.audits(
            self._archive.connection,
            self._archive.newspaper.name,
            before=ledger.utc_text(moment - timedelta(days=1)),
            limit=min(limit, max(0, self._audits_per_day - begun)),
        )
        if addresses:
            with self._archive.transaction() as connection:
                figures.note_audits(connection, today, begun + len(addresses))
        return addresses
