"""The timeline: bars of hits by year, month or day, with the gaps of the archive shaded behind them.

A reader must not mistake what the archive lacks for what the newspaper did not print.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from newsarchive.publication.overview import Gap, Overview
    from newsarchive.publication.site import Site

HEIGHT: Final = 40
_UNIT: Final = 10
_TENTH: Final = 10
_TENTHS: Final = tuple(f"{tenths / _TENTH}" for tenths in range(_TENTH * HEIGHT + 1))
MONTHS: Final = 12
_PERIODS_REMEMBERED: Final = 128


@dataclass(frozen=True, slots=True)
class Period:
    """One step of the timeline: what it is called, where a click leads, its gaps and bars as rectangles of SVG.

    `state` is held, or gap where the archive has nothing or little for the whole of it. The drawing is `width` wide
    and `HEIGHT` high.
    """

    label: str
    tooltip: str
    url: str
    state: str
    width: int
    has_gaps: bool
    drawing: Markup


@dataclass(frozen=True, slots=True)
class Chart:
    """A timeline at one `level`: years (bars are months), months (bars are days) or days.

    `gaps` names those of years; among days most are Fridays and holidays.
    """

    level: str
    periods: tuple[Period, ...]
    gaps: tuple[Gap, ...] = ()

    @property
    def has_gaps(self) -> bool:
        """Whether anything is shaded."""
        return any(period.has_gaps for period in self.periods)


@dataclass(frozen=True, slots=True)
class Span:
    """The local days between which a timeline runs, both included."""

    since: str
    until: str

    @property
    def level(self) -> str:
        """How fine the timeline of this span is."""
        if self.since[:7] == self.until[:7]:
            return "days"
        return "months" if self.since[:4] == self.until[:4] else "years"

    @property
    def digits(self) -> int:
        """The length of the prefixes of `published_on` that the bars count: 7 for months, 10 for days."""
        return 7 if self.level == "years" else 10


def draw(
    site: Site,
    overview: Overview,
    span: Span,
    hits: Mapping[str, int],
    held: Mapping[str, int],
    link: Callable[[str, str], str],
) -> Chart:
    """Draw hits over what is held.

    hits and held map prefixes of `span.digits` characters to articles. link gives the address that narrows
    to two days.
    """
    peak = max(hits.values(), default=0)
    periods = []
    for name in _period_names(span):
        steps = _steps(name)
        gaps = [_gap(i) for i, step in enumerate(steps) if _is_gap(overview, step, held)]
        numbers = [hits.get(step, 0) for step in steps]
        bars = [_bar(i, number, peak) for i, number in enumerate(numbers) if number]
        state = "gap" if len(gaps) == len(steps) else "held"
        periods.append(
            Period(
                label=_label(site, name),
                tooltip=_tooltip(site, name, sum(numbers), whole_gap=state == "gap"),
                url=link(*_bounds(name)),
                state=state,
                width=_UNIT * len(steps),
                has_gaps=bool(gaps),
                drawing=Markup("".join([*gaps, *bars])),  # noqa: S704 - numbers only
            )
        )
    named = overview.gaps(span.since[:7], span.until[:7]) if span.level == "years" else []
    return Chart(span.level, tuple(periods), tuple(named))


def _period_names(span: Span) -> list[str]:
    if span.level == "years":
        return [str(year) for year in range(int(span.since[:4]), int(span.until[:4]) + 1)]
    if span.level == "months":
        first, last = int(span.since[5:7]), int(span.until[5:7])
        return [f"{span.since[:4]}-{month:02}" for month in range(first, last + 1)]
    first, last = int(span.since[8:10]), int(span.until[8:10])
    return [f"{span.since[:7]}-{day:02}" for day in range(first, last + 1)]


@lru_cache(maxsize=_PERIODS_REMEMBERED)
def _steps(period: str) -> tuple[str, ...]:
    parts = period.split("-")
    if len(parts) == 1:
        return tuple(f"{period}-{month:02}" for month in range(1, MONTHS + 1))
    if len(parts) == 2:  # noqa: PLR2004 - year and month
        return tuple(f"{period}-{day:02}" for day in range(1, _days(period) + 1))
    return (period,)


def _bounds(period: str) -> tuple[str, str]:
    parts = period.split("-")
    if len(parts) == 1:
        return f"{period}-01-01", f"{period}-12-31"
    if len(parts) == 2:  # noqa: PLR2004 - year and month
        return f"{period}-01", f"{period}-{_days(period):02}"
    return period, period


def _days(month: str) -> int:
    return calendar.monthrange(int(month[:4]), int(month[5:7]))[1]


def _is_gap(overview: Overview, step: str, held: Mapping[str, int]) -> bool:
    return overview.is_gap(step) if len(step) == len("YYYY-MM") else not held.get(step)


def _gap(index: int) -> str:
    return f'<rect class="gap" x="{index * _UNIT}" y="0" width="{_UNIT}" height="{HEIGHT}"/>'


def _bar(index: int, number: int, peak: int) -> str:
    height = max(_TENTH, round(_TENTH * HEIGHT * number / peak))
    return f'<rect x="{index * _UNIT + 1}" y="{_TENTHS[-1 - height]}" width="{_UNIT - 2}" height="{_TENTHS[height]}"/>'


def _label(site: Site, period: str) -> str:
    parts = period.split("-")
    if len(parts) == 1:
        return period
    return site.month(int(parts[1])) if len(parts) == 2 else str(int(parts[2]))  # noqa: PLR2004


def _tooltip(site: Site, period: str, number: int, *, whole_gap: bool) -> str:
    text = f"{site.date(period)}: {site.count(number, 'article')}"
    return f"{text} — {site.t('timeline.gap')}" if whole_gap else text
