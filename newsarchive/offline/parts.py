"""The parts of paged articles among saved pages, held until an article is whole. Pure.

Only what was read of a part is held, not its bytes, and only until its article is whole.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from newsarchive import visits
from newsarchive.discovery import addresses
from newsarchive.items import Article, Capture, Reason, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from newsarchive.items import Newspaper

LONGEST_VISIT = timedelta(days=1)
"""How far apart the parts of one article may have been captured: further, they may be of different texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A page that is one part of an article: which part, counted from 1, and when it was captured.

    item: what was read of it alone, with its capture. outcome: what became of the capture before this run.
    """

    item: Article | Refusal
    number: int
    captured_at: datetime
    newspaper: Newspaper | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """What several parts come to: the article, or the refusal of what is not all there."""

    item: Article | Refusal
    parts: tuple[Part, ...]


@dataclass(slots=True)
class Parts:
    """The parts that wait for others, by where they came from and the normal address of their article."""

    _held: dict[tuple[str, str], list[Part]] = field(default_factory=lambda: defaultdict(list))
    _joined: set[tuple[str, str, int, datetime]] = field(default_factory=set)

    def take(self, part: Part) -> Whole | None:
        """The article that this part makes whole, None while something is missing.

        Its parts in order, each the one that was captured nearest to the first.
        """
        url = part.item.url
        if url is None:
            return Whole(
                _incomplete([part], "one part of an article, and no address to tell the others"), (part,)
            )
        origin = (part.item.captures[0].source if part.item.captures else "", url)
        held = self._held[origin]
        held.append(part)
        firsts = [other for other in held if other.number == 1 and isinstance(other.item, Article)]
        for first in sorted(firsts, key=lambda other: abs(other.captured_at - part.captured_at)):
            chain, missing = _chain(first, held)
            if missing is None:
                self._release(origin, chain)
                return Whole(
                    visits.joined([p.item for p in chain if isinstance(p.item, Article)]), tuple(chain)
                )
        return None

    def rest(self) -> Iterator[Whole]:
        """What never became whole; afterwards nothing is held. Parts of no first part each stand alone.

        What is in a whole article and came once more says nothing.
        """
        for origin, known in self._held.items():
            held = [part for part in known if (*origin, part.number, part.captured_at) not in self._joined]
            held.sort(key=lambda part: (part.number, part.captured_at))
            while held:
                first = held[0]
                if first.number == 1 and isinstance(first.item, Article):
                    chain, missing = _chain(first, held)
                    failed = [p for p in held if p.number == missing and isinstance(p.item, Refusal)]
                    if failed and isinstance(failed[0].item, Refusal):
                        detail = f"part {missing} is no article: {failed[0].item.reason}"
                    else:
                        detail = f"part {missing} is not there"
                    chain += failed[:1]
                else:
                    chain, detail = [first], f"part {first.number} alone, without the first"
                for part in chain:
                    held.remove(part)
                yield Whole(_incomplete(chain, detail), tuple(chain))
        self._held.clear()

    def _release(self, origin: tuple[str, str], chain: Sequence[Part]) -> None:
        self._joined.update((*origin, part.number, part.captured_at) for part in chain)
        self._held[origin] = [part for part in self._held[origin] if part not in chain]
        if not self._held[origin]:
            del self._held[origin]


def _chain(first: Part, held: Sequence[Part]) -> tuple[list[Part], int | None]:
    """The parts that lead on from the first, and the number of the one that is missing."""
    chain = [first]
    while isinstance(item := chain[-1].item, Article) and item.next_page is not None:
        number = addresses.part(item.next_page)
        if number in {part.number for part in chain}:
            break
        fitting = [
            part
            for part in held
            if part.number == number
            and isinstance(part.item, Article)
            and abs(part.captured_at - first.captured_at) <= LONGEST_VISIT
        ]
        if not fitting:
            return chain, number
        chain.append(min(fitting, key=lambda part: abs(part.captured_at - first.captured_at)))
    return chain, None


def _incomplete(chain: Sequence[Part], detail: str) -> Refusal:
    first = chain[0]
    captures: tuple[Capture, ...] = tuple(made for part in chain for made in part.item.captures)
    return Refusal(
        url=first.item.url,
        newspaper=first.newspaper.name if first.newspaper else None,
        reason=Reason.INCOMPLETE,
        detail=detail,
        captures=captures,
    )
