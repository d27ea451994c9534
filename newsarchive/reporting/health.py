"""The state of an archive and of its last runs, and what of it needs a person. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from newsarchive.items import Reason
from newsarchive.reporting import rates
from newsarchive.storage.figures import CLOCK_MAY_DIFFER
from newsarchive.storage.gaps import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_STALE_AFTER = timedelta(days=2)
_LEAST_FREE_BYTES = 2_000_000_000
_KILLS_A_WEEK = 3
_PARTIAL_IN_A_ROW = 3
_FEW_IN_BOTH = 10
_MONTHS_SHOWN = 6
AWAY_FOR_GOOD_DAYS = 7
"""So long a host that cannot be asked makes runs partial and health call a person; then it is only named.

Not so the principal host, without which a run is kept away.
"""
_RUNS_SHOWN = 3
_NOT_ALARMING = {0, 5, 130}
_SOUND = {0, 5}
_CLOSED = ("HTTP 40", "robots.txt asks", Reason.HTTP_FORBIDDEN, Reason.CHALLENGE_PAGE, Reason.BLOCK_PAGE)


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What `scrapy health` looks at. Times are UTC with a Z, days local, sizes bytes.

    kind: live or sample; nobody expects anything of the sample's volume. runs: the last crawls, newest first.
    last_visit: of any address, or "". months, coverage and overlap: as `newsarchive.storage.gaps` counts them.
    away: since when each host cannot be asked, and why. principal: the host without which a run is kept away.
    expected_per_day: the card's (least, most). unusual: what was in the last run and in those of the day before it,
    each with the end of its run, the newest first. requests_left: of today's budget, None for no bound.
    published_last_week: articles of the seven days before today. outdated_index_rows: those of the stale ones that
    another analyser indexed. removal: what is unfinished of removals, or "".
    """

    title: str
    kind: str
    now: str
    runs: Sequence[Mapping[str, Any]]
    last_visit: str
    killed_last_week: int
    articles: int
    span: tuple[str | None, str | None]
    states: Mapping[str, int]
    addresses: int
    months: Sequence[Mapping[str, Any]]
    coverage: Mapping[str, Mapping[str, int]]
    sections: Mapping[str, int]
    away: Mapping[str, tuple[str, str]]
    principal: str
    sources: Sequence[Mapping[str, Any]]
    overlap: tuple[int, int, int]
    refusals: Mapping[str, int]
    expected_per_day: tuple[int, int] | None
    published_last_week: int
    oldest_check: str | None
    stale_index_rows: int
    outdated_index_rows: int
    database: str
    database_bytes: int
    capture_bytes: int
    free_bytes: int
    requests_left: int | None = None
    unusual: Sequence[tuple[str, str]] = field(default_factory=tuple)
    removal: str = ""


def troubles(state: Condition) -> list[str]:
    """What needs a person, a sentence each with what to do; empty for a healthy archive."""
    return [
        *_clock_troubles(state),
        *_run_troubles(state),
        *_away_troubles(state),
        *_source_troubles(state),
        *_archive_troubles(state),
    ]


def missing_estimate(live: int, past: int, both: int) -> int | None:
    """How many articles neither the live site nor the web archives name, None when too few are in both.

    Lincoln and Petersen's estimate from two independent samples, in Chapman's unbiased form
    (<https://en.wikipedia.org/wiki/Mark_and_recapture>).
    """
    if both < _FEW_IN_BOTH:
        return None
    return max(0, round((live + 1) * (past + 1) / (both + 1) - 1) - (live + past - both))


def record(state: Condition) -> dict[str, Any]:
    """All of it, JSON-ready, with the troubles and the estimate of what is missing."""
    runs = [{k: v for k, v in run.items() if k != "details"} for run in state.runs]
    found = troubles(state)
    return (
        {"healthy": not found, "troubles": found}
        | asdict(state)
        | {"runs": runs, "missing_estimate": missing_estimate(*state.overlap)}
    )


def lines(state: Condition) -> list[str]:
    """Ten to thirty lines for a terminal or a mail."""
    found = troubles(state)
    word = (
        "healthy"
        if not found
        else f"{len(found)} things need a person"
        if found[1:]
        else "a person is needed"
    )
    return [
        f"{state.title}: {word} ({state.now})",
        *(f"!          {trouble}" for trouble in found),
        *_run_lines(state),
        f"archive    {state.articles} articles, {state.span[0] or '?'} to {state.span[1] or '?'}",
        f"ledger     {state.addresses} addresses: {_counts(state.states)}",
        f"refused    {_counts(state.refusals)}",
        *(_month_line(month) for month in state.months[-_MONTHS_SHOWN:]),
        f"sections   {_counts(dict(list(state.sections.items())[:6]))} (28 days)",
        *(_source_line(source) for source in state.sources if source["total"] is not None),
        *(f"away       {host} since {since}: {why}" for host, (since, why) in state.away.items()),
        *_gap_lines(state),
        f"volume     {state.published_last_week / 7:.1f} articles a day in the last week{_expected(state)}",
        f"checked    the oldest check of an article was {state.oldest_check or 'never'}",
        *_backfill_lines(state),
        _disk_line(state),
    ]


@dataclass(frozen=True, kw_only=True)
class Month:
    """What of one month is kept and what is not, by name. numbers: runs of post numbers (first, last)."""

    month: str
    counts: Mapping[str, Any]
    sections: Mapping[str, int]
    unanswered: Sequence[Mapping[str, Any]]
    only_web_archives: Sequence[str]
    numbers: Sequence[tuple[int, int]]

    def lines(self) -> list[str]:
        """All of it, a gap a line."""
        return [
            _month_line(self.counts),
            f"sections   {_counts(self.sections)}",
            *(
                f"unanswered {row['url']}: {row['state']}"
                + (f", {row['reason']}, tried {row['tries']} times" if row["reason"] else "")
                + (f", again after {row['next_visit_at']}" if row["next_visit_at"] else "")
                for row in self.unanswered
            ),
            *(f"archives   {url}" for url in self.only_web_archives),
            *(
                f"numbers    {first}" + (f" to {last}" if last > first else "")
                for first, last in self.numbers
            ),
        ]


def _run_troubles(state: Condition) -> list[str]:
    found = []
    ended = [run for run in state.runs if run["exit_code"] is not None]
    if not state.runs:
        return ["no crawl has run yet: scrapy crawl"]
    if ended and ended[0]["exit_code"] not in _NOT_ALARMING:
        found.append(f"the last crawl ended with exit code {ended[0]['exit_code']}: see docs/operating.md")
    codes = [run["exit_code"] for run in ended[:_PARTIAL_IN_A_ROW]]
    if codes == [5] * _PARTIAL_IN_A_ROW:
        found.append(f"the last {_PARTIAL_IN_A_ROW} crawls were partial: see what fails in addresses")
    past = (run for run in ended if not _is_to_come(state.now, run["ended_at"]))
    sound = next((run for run in past if run["exit_code"] in _SOUND), None)
    if state.kind == "live" and (sound is None or _age(state.now, sound["ended_at"]) > _STALE_AFTER):
        since = sound["ended_at"] if sound else "ever"
        found.append(f"no crawl has come to its end since {since}: is the timer running?")
    if state.killed_last_week >= _KILLS_A_WEEK:
        found.append(
            f"{state.killed_last_week} runs of the last week never ended (killed): look at memory and power"
        )
    return found + _unusual_troubles(state)


def _clock_troubles(state: Condition) -> list[str]:
    if not state.last_visit or not _is_to_come(state.now, state.last_visit):
        return []
    what = f"the last visit was at {state.last_visit}, but the clock says {state.now}"
    return [
        f"{what}: until one of them is set right no crawl asks anything; docs/operating.md, «A wrong clock»"
    ]


def _unusual_troubles(state: Condition) -> list[str]:
    """Each matter as the last run told it that met it."""
    latest: dict[str, str] = {}
    for ended_at, words in state.unusual:
        latest.setdefault(rates.matter(words), f"the crawl that ended at {ended_at}: {words}")
    return [
        f"{words}; have the pages changed? scrapy refused, docs/operating.md" for words in latest.values()
    ]


def _away_troubles(state: Condition) -> list[str]:
    """Hosts that cannot be asked, while somebody may still do something about it."""
    return [
        f"{host} cannot be asked since {since}: {why}"
        for host, (since, why) in state.away.items()
        if host == state.principal or _age(state.now, since) < timedelta(days=AWAY_FOR_GOOD_DAYS)
    ]


def _source_troubles(state: Condition) -> list[str]:
    """Sources that gave something once, or that answer nonsense; a door that was never there is no trouble.

    Nor is one that robots.txt closes, or one of REST while the host's other one is open, for that one is asked
    then. Those of a host that cannot be asked are named with it.
    """
    found = []
    rest = {_host(source) for source in state.sources if source["kind"] == "rest" and source["complete"]}
    for source in state.sources:
        if _host(source) in state.away or (source["kind"] == "rest" and _host(source) in rest):
            continue
        closed = (source["reason"] or "").startswith(_CLOSED)
        if source["reason"] and not (closed and not source["named"]):
            found.append(f"source {source['url'].partition('?')[0]}: {source['reason']}")
    return found


def _host(source: Mapping[str, Any]) -> str:
    return urlsplit(str(source["url"])).hostname or ""


def _archive_troubles(state: Condition) -> list[str]:
    found = []
    if sum(state.states.values()) != state.addresses:
        found.append(
            f"the states sum to {sum(state.states.values())}, addresses are {state.addresses}: scrapy verify"
        )
    if changed := state.stale_index_rows - state.outdated_index_rows:
        found.append(f"{changed} articles were changed by another tool: scrapy reindex")
    if state.outdated_index_rows:
        found.append(
            f"{state.outdated_index_rows} articles are indexed by the analyser of another release: scrapy reindex"
        )
    if state.removal:
        found.append(state.removal)
    if state.free_bytes < _LEAST_FREE_BYTES:
        found.append(f"only {_size(state.free_bytes)} are free on the archive's disk")
    if state.kind == "live" and state.expected_per_day and state.runs:
        least, most = state.expected_per_day
        volume = state.published_last_week / 7
        if not least <= volume <= most:
            found.append(f"{volume:.1f} articles a day in the last week, expected are {least} to {most}")
    return found


def _run_lines(state: Condition) -> list[str]:
    found = []
    for run in state.runs[:_RUNS_SHOWN]:
        end = "never ended" if run["exit_code"] is None else f"exit {run['exit_code']}"
        found.append(
            f"run        {run['started_at']} {end}: {run['requests']} requests, {run['new']} new,"
            f" {run['changed']} changed, {run['gone']} gone, {run['refused']} refused, {run['failed']} failed"
        )
    return found


def _month_line(month: Mapping[str, Any]) -> str:
    named = ", ".join(f"{kind} {month[kind]}" for kind in KINDS if month[kind])
    lacks = [
        f"{month[name]} {words}"
        for name, words in (
            ("unanswered", "without an answer"),
            ("only_web_archives", "only in web archives"),
            ("numbers", "post numbers that nobody names"),
        )
        if month[name]
    ]
    return (
        f"month      {month['month'] or 'undated'}: {month['articles']} articles, {month['gone']} gone;"
        f" named by {named or 'none'}" + "".join(f"; {lack}" for lack in lacks)
    )


def _source_line(source: Mapping[str, Any]) -> str:
    return (
        f"source     {source['url'].partition('?')[0]} claims {source['total']}, named {source['named']}"
        f"{'' if source['complete'] else ', not walked to its end'}"
    )


def _gap_lines(state: Condition) -> list[str]:
    live, past, both = state.overlap
    if not past:
        return []
    estimate = missing_estimate(live, past, both)
    guess = (
        "too few in both to estimate what is missing" if estimate is None else f"about {estimate} in neither"
    )
    return [f"gaps       {past - both} articles that only web archives know, {both} in both; {guess}"]


def _backfill_lines(state: Condition) -> list[str]:
    pending = state.states.get("pending", 0)
    left = "" if state.requests_left is None else f", {state.requests_left} requests left today"
    if not pending:
        return [f"backlog    none{left}"]
    week = [run for run in state.runs if _age(state.now, run["started_at"]) <= timedelta(days=7)]
    visits = sum(run["new"] + run["refused"] + run["gone"] for run in week)
    if not visits:
        return [f"backlog    {pending} addresses wait{left}"]
    first = min(run["started_at"] for run in week)
    days = max(_age(state.now, first) / timedelta(days=1), 1 / 24)
    end = datetime.fromisoformat(state.now) + timedelta(days=pending / (visits / days))
    return [f"backlog    {pending} addresses wait, done about {end:%Y-%m-%d} at last week's pace{left}"]


def _disk_line(state: Condition) -> str:
    kept = f"{state.database} {_size(state.database_bytes)}, captures {_size(state.capture_bytes)}"
    return f"disk       {kept}, {_size(state.free_bytes)} free"


def _expected(state: Condition) -> str:
    if state.kind == "sample":
        return " (the sample)"
    return (
        f", expected {state.expected_per_day[0]} to {state.expected_per_day[1]}"
        if state.expected_per_day
        else ""
    )


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"


def _age(now: str, moment: str) -> timedelta:
    return datetime.fromisoformat(now) - datetime.fromisoformat(moment)


def _is_to_come(now: str, moment: str) -> bool:
    """Whether a moment lies ahead of the clock, which was wrong then or is now."""
    return _age(now, moment) < -CLOCK_MAY_DIFFER


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:  # noqa: PLR2004 - SI units
            return f"{size:.1f} {unit}" if unit != "B" else f"{size} B"
        size /= 1000
    return f"{size:.1f} TB"
