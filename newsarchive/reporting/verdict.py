"""The end of a run in about ten lines, the same on the screen and in `runs`."""

from __future__ import annotations

from dataclasses import dataclass, field
from string import punctuation
from typing import TYPE_CHECKING
from urllib.parse import quote

from newsarchive.items import BLOCKS, AddressState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from newsarchive.storage.runs import Tally

DONE = 0
INTERNAL_ERROR = 1
PARTIAL = 5
BLOCKED = 6
NOTHING_FOUND = 7
INTERRUPTED = 130
_ENOUGH_TO_BE_BLOCKED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a verdict is made of.

    title: of the newspaper. span: first and last day of publication of the articles kept. sizes in bytes.
    blocked: what kept us away, or "". trouble: the error that ended the run, or "".
    unusual: rates of fields and refusals that left their bands, in words. assets: what became of the files
    that were asked for besides articles, or "". away: hosts that could not be asked, since when and why. not_taken:
    by source, how many addresses it lists that can be no article's, and one of them.
    """

    title: str
    tally: Tally
    states: Mapping[AddressState, int]
    articles: int
    span: tuple[str | None, str | None]
    database: str
    database_bytes: int
    capture_bytes: int
    seconds: float
    exit_code: int
    internal_errors: int = 0
    blocked: str = ""
    trouble: str = ""
    unusual: Sequence[str] = ()
    assets: str = ""
    away: Mapping[str, str] = field(default_factory=dict)
    not_taken: Mapping[str, tuple[int, str]] = field(default_factory=dict)


def exit_code(
    tally: Tally,
    states: Mapping[AddressState, int],
    *,
    interrupted: bool,
    internal_errors: int,
    blocked: str,
    kept_away: str = "",
    nothing_listed: str = "",
    paused: str = "",
) -> int:
    """The one exit code that says how a crawl ended (0, 1, 5, 6, 7 or 130); the worst news wins.

    blocked: what kept us from the whole newspaper; kept_away: from a part of it. nothing_listed: that no source
    lists an article where some did or should. paused: why nothing may be asked now.
    """
    if interrupted:
        return INTERRUPTED
    if internal_errors:
        return INTERNAL_ERROR
    if blocked or _only_turned_away(tally):
        return BLOCKED
    if nothing_listed and not paused:
        return NOTHING_FOUND
    if tally.failed or kept_away:
        return PARTIAL
    return DONE if paused or any(states.values()) else NOTHING_FOUND


def _only_turned_away(tally: Tally) -> bool:
    """Whether every visit met a block. One or two alone may be pages that nobody may see."""
    count = sum(tally.reasons.get(reason, 0) for reason in BLOCKS)
    return count >= _ENOUGH_TO_BE_BLOCKED and count == tally.visited


def lines(facts: Facts) -> list[str]:
    """The verdict, one line a matter."""
    tally = facts.tally
    reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(tally.reasons.items()))
    wishes = ", ".join(f"{wish} {count}" for wish, count in sorted(tally.wishes.items()))
    states = ", ".join(f"{state} {count}" for state, count in facts.states.items() if count)
    return [
        f"{facts.title}: {_outcome(facts)} after {_duration(facts.seconds)}, {tally.requests} requests",
        f"found      {tally.found} new addresses",
        f"articles   {tally.new} new, {tally.changed} changed, {tally.unchanged} unchanged, {tally.gone} gone",
        f"refused    {tally.refused}, failed {tally.failed}" + (f" ({reasons})" if reasons else ""),
        *([f"asked      {wishes}; such articles are kept"] if wishes else []),
        *([f"assets     {facts.assets}"] if facts.assets else []),
        f"ledger     {sum(facts.states.values())} addresses: {states or 'none'}",
        f"archive    {facts.articles} articles, {_span(facts.span)}",
        f"disk       {facts.database} {_size(facts.database_bytes)}, captures {_size(facts.capture_bytes)}",
        *(f"away       {host} {why}" for host, why in facts.away.items()),
        *(f"not taken  {_not_taken(source, *of)}" for source, of in facts.not_taken.items()),
        *([f"unusual    {'; '.join(facts.unusual)}"] if facts.unusual else []),
        f"next       {_advice(facts)}",
    ]


def _not_taken(source: str, count: int, example: str) -> str:
    shown = quote(example, safe=punctuation)
    return f"{count} addresses that {source.partition('?')[0]} lists, no article's: {shown:.200}"


def _outcome(facts: Facts) -> str:
    words = {
        DONE: "done",
        INTERNAL_ERROR: "an error of ours",
        3: "no space left",
        4: "cannot write",
        PARTIAL: "partial",
        BLOCKED: "kept away",
        NOTHING_FOUND: "nothing found",
        INTERRUPTED: "interrupted",
    }
    return f"{words.get(facts.exit_code, 'ended')} (exit {facts.exit_code})"


def _advice(facts: Facts) -> str:
    if facts.trouble:
        return facts.trouble
    if facts.internal_errors:
        return f"{facts.internal_errors} pages met an error of ours (see the log); they stay pending"
    if facts.blocked:
        return f"{facts.blocked}; try again later"
    if facts.exit_code == INTERRUPTED:
        return "run the same command again; nothing is lost"
    if facts.exit_code == PARTIAL:
        return "run the same command again later; what failed is tried again"
    if facts.exit_code == NOTHING_FOUND:
        return "no source named an article; see what the site offers: scrapy explore"
    if facts.unusual:
        return "see whether the pages changed: scrapy refused, scrapy health"
    pending = facts.states[AddressState.PENDING]
    if pending:
        return f"{pending} addresses wait; run the same command again"
    if facts.tally.refused:
        return "see what was refused and why: scrapy refused"
    return "open the archive: make serve"


def _span(span: tuple[str | None, str | None]) -> str:
    return f"published {span[0]} to {span[1]}" if span[0] else "no dates known"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _size(size: int) -> str:
    value, units = float(size), ["B", "kB", "MB", "GB", "TB"]
    while value >= 1000 and len(units) > 1:  # noqa: PLR2004 - SI units
        value, units = value / 1000, units[1:]
    return f"{value:.1f} {units[0]}" if units[0] != "B" else f"{size} B"
