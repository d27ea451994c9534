"""How often each field is filled, by reader, which share of the visits each refusal takes, which texts changed. Pure.

A layout that changes silently shows here first: pages still read, but a field stays empty. A newspaper that gives
its addresses to other stories shows in the texts that change.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_LEAST_BAND = 0.05
_SIGMAS = 3
# So many articles make a rate that others may be compared with.
_ENOUGH = 20
# A field is given up when it stayed empty to the end of a run, and chance would do that once in a million runs.
_MOSTLY_FILLED = 0.5
_CHANCE = 1e-6
# How many of the articles that are visited again are edited differs from hour to hour; a wave is far more than that.
_WAVE = 0.25


class Row(Protocol):
    """A row by name, as `sqlite3.Row` and mappings are."""

    def keys(self) -> Iterable[str]:
        """The names."""

    def __getitem__(self, name: str, /) -> Any:  # noqa: ANN401 - whatever stands there
        """The value of that name."""


@dataclass
class Filled:
    """One field of one reader: in how many articles of the run it stood, and in how many last ones it did not."""

    articles: int = 0
    filled: int = 0
    last_empty: int = 0

    @property
    def rate(self) -> float:
        """The share of articles with the field."""
        return self.filled / self.articles

    def add_earlier(self, *, filled: bool) -> None:
        """Count the article that was stored before the ones counted so far."""
        if not filled and self.last_empty == self.articles:
            self.last_empty += 1
        self.articles += 1
        self.filled += filled


@dataclass
class Rates:
    """A run's rates. fill: by reader, then by field. visits: how many ended; refusals: how many by reason.

    again: visits of the newspaper that gave a known article; changed: how many of them with another text.
    """

    fill: dict[str, dict[str, Filled]] = field(default_factory=dict)
    visits: int = 0
    refusals: Mapping[str, int] = field(default_factory=dict)
    again: int = 0
    changed: int = 0

    def record(self) -> dict[str, Any]:
        """The rates as `runs.details` keeps them (JSON-ready)."""
        return {
            "fill": {
                reader: {"articles": max(f.articles for f in fields.values())}
                | {name: round(f.rate, 4) for name, f in fields.items()}
                for reader, fields in self.fill.items()
            },
            "refusals": {"visits": self.visits}
            | {
                reason: round(count / self.visits, 4)
                for reason, count in self.refusals.items()
                if self.visits
            },
            "again": {"visits": self.again}
            | ({"changed": round(self.changed / self.again, 4)} if self.again else {}),
        }


def counted(
    backwards: Iterable[Row], visits: int, refusals: Mapping[str, int], again: int = 0, changed: int = 0
) -> Rates:
    """The rates of a run from its articles, the last stored first: `reader`, and 0 or 1 for each field."""
    rates = Rates(visits=visits, refusals=dict(refusals), again=again, changed=changed)
    for row in backwards:
        fields = rates.fill.setdefault(row["reader"], {})
        for name in row.keys():  # noqa: SIM118 - a row of SQLite iterates over its values
            if name != "reader":
                fields.setdefault(name, Filled()).add_earlier(filled=bool(row[name]))
    return rates


def unusual(run: Rates, earlier: Sequence[Mapping[str, Any]]) -> list[str]:
    """What left its band, in words. `earlier`: records (`Rates.record`) of the runs of the last 28 days.

    The band is the mean of those runs ± max(0.05, 3 sd), and never narrower than the chance of a small run.
    Texts that changed have a bound of their own: a quarter more than the mean, half where none is known.
    """
    found = []
    for reader, fields in run.fill.items():
        for name, filled in fields.items():
            history = _history(earlier, "fill", reader, name)
            if gave_up(filled):
                before = filled.filled / (filled.articles - filled.last_empty)
                found.append(
                    f"{reader}: no {name} in the last {filled.last_empty} articles, before in {before:.0%}"
                )
            elif band := _left(filled.rate, filled.articles, history):
                found.append(f"{reader}: {name} in {filled.rate:.0%} of {filled.articles} articles, {band}")
    for reason in sorted({*run.refusals, *(r for record in earlier for r in record.get("refusals", {}))}):
        if reason != "visits" and run.visits:
            share = run.refusals.get(reason, 0) / run.visits
            band = _left(share, run.visits, _history(earlier, "refusals", reason))
            if band and share:
                found.append(f"{reason} in {share:.0%} of {run.visits} visits, {band}")
    return found + _wave(run, _history(earlier, "again", "changed"))


def matter(words: str) -> str:
    """What of a run is unusual, without by how much, from the words of `unusual`."""
    return words.partition(" in ")[0]


def gave_up(filled: Filled) -> bool:
    """Whether the field was there in most articles of the run, and then in none to its end."""
    before = filled.articles - filled.last_empty
    if before < _ENOUGH or not filled.last_empty:
        return False
    rate = filled.filled / before
    return rate >= _MOSTLY_FILLED and (1 - rate) ** filled.last_empty < _CHANCE


def _wave(run: Rates, history: Sequence[tuple[int, float]]) -> list[str]:
    """That many more known articles than usual have another text, in words."""
    if run.again < _ENOUGH:
        return []
    known = sum(count for count, _ in history)
    usual = sum(count * share for count, share in history) / known if known >= _ENOUGH else _WAVE
    share = run.changed / run.again
    if share <= usual + _WAVE:
        return []
    before = f"usually in {usual:.0%}" if known >= _ENOUGH else "before unknown"
    return [f"another text in {share:.0%} of {run.again} known articles, {before}"]


def _history(earlier: Sequence[Mapping[str, Any]], *path: str) -> list[tuple[int, float]]:
    """(articles or visits, rate) of the earlier runs; a reader or reason that a run did not meet has none."""
    *upper, name = path
    found = []
    for record in earlier:
        group: Mapping[str, Any] = record
        for step in upper:
            group = group.get(step, {})
        size = group.get("articles", group.get("visits", 0))
        if size:
            found.append((size, group.get(name, 0.0)))
    return found


def _left(rate: float, size: int, history: Sequence[tuple[int, float]]) -> str | None:
    """The band that the rate left, in words; None when it did not, or when too little is known."""
    known = sum(count for count, _ in history)
    if known < _ENOUGH:
        return None
    mean = sum(count * value for count, value in history) / known
    spread = sqrt(sum(count * (value - mean) ** 2 for count, value in history) / known)
    width = max(_LEAST_BAND, _SIGMAS * spread, _SIGMAS * sqrt(mean * (1 - mean) / size))
    if abs(rate - mean) <= width:
        return None
    return f"usually {max(0.0, mean - width):.0%} to {min(1.0, mean + width):.0%}"
