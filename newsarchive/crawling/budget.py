"""How much a newspaper's server may be asked in a day, and when. Holds across runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsarchive.exceptions import SettingsError

if TYPE_CHECKING:
    from datetime import datetime

# robots.txt of two hosts and a source of each, with one to spare: with less nobody would learn that a block is over.
_LEAST_WHILE_BLOCKED = 5


@dataclass(frozen=True, slots=True)
class Budget:
    """requests_per_day: 0 for no bound. hours: (first, last) hour of the newspaper's day, the last one left out."""

    requests_per_day: int = 0
    hours: tuple[int, int] | None = None

    def left(self, asked_today: int, blocks: int) -> int | None:
        """Requests left today, None for no bound.

        Every run in a row that ended blocked halves the budget, to no less than five.
        """
        if not self.requests_per_day:
            return None
        halved = max(self.requests_per_day >> blocks, _LEAST_WHILE_BLOCKED)
        return max(0, min(halved, self.requests_per_day) - asked_today)

    def closed_until(self, local: datetime) -> int | None:
        """The hour at which asking may begin, None when it may now. `local` is the newspaper's time."""
        if self.hours is None:
            return None
        first, last = self.hours
        inside = first <= local.hour < last if first < last else local.hour >= first or local.hour < last
        return None if inside else first


def parse(requests_per_day: str, hours: str) -> Budget:
    """The budget that the settings name. Raises SettingsError."""
    if not re.fullmatch(r"\d{1,9}", requests_per_day):
        raise SettingsError(f"ARCHIVE_REQUESTS_PER_DAY={requests_per_day} is no number of requests")
    if not hours:
        return Budget(int(requests_per_day))
    match = re.fullmatch(r"(\d{1,2})-(\d{1,2})", hours)
    if not match or int(match[1]) > 23 or int(match[2]) > 24 or match[1] == match[2]:  # noqa: PLR2004 - hours
        raise SettingsError(f"ARCHIVE_HOURS={hours} are no hours; write them as 22-6")
    return Budget(int(requests_per_day), (int(match[1]), int(match[2])))
