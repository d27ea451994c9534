"""A search as its address says it, and the SQL of what it finds. Every state of the search page is an address."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from newsarchive import search

if TYPE_CHECKING:
    import sqlite3

    from newsarchive.publication.responding import View
    from newsarchive.publication.site import Site

SORTS: Final[tuple[search.Sort, ...]] = ("relevance", "newest", "oldest")
LONGEST: Final = 2_000
MOST_ON_A_PAGE: Final = 200
SIZE: Final = 20

_DATE: Final = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_DIGITS: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹/", "01234567890123456789-")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks.

    `since` and `until` are YYYY, YYYY-MM or YYYY-MM-DD, both included; `wrong` names the parameters that could
    not be read and were left out. `parsed` is what is asked of this archive in the end (`search.settled`): the
    words, and the filters of words and parameters together.
    """

    q: str
    sort: search.Sort
    section: str | None
    writer: str | None
    since: str | None
    until: str | None
    size: int
    page: int
    parsed: search.Query
    explain: bool = False
    wrong: tuple[str, ...] = ()

    @property
    def filters(self) -> search.Filters:
        """Filters of words and parameters together."""
        return self.parsed.filters

    def matching(self) -> tuple[str, dict[str, object]]:
        """The SQL of the ids of every article found in this order, with its named parameters."""
        if self.parsed:
            return search.matching(self.parsed, sort=self.sort)
        return search.listing(self.parsed)

    def __bool__(self) -> bool:
        """Whether anything is asked at all."""
        return bool(self.parsed) or bool(self.filters)

    def link(self, site: Site, path: str = "/search", **changes: object) -> str:
        """The address of this search with some parameters changed; a changed search begins at its first page."""
        default = "relevance" if self.parsed else "newest"
        values: dict[str, object] = {
            "q": self.q,
            "sort": self.sort if self.sort != default else None,
            "section": self.section,
            "writer": self.writer,
            "from": self.since,
            "until": self.until,
            "size": self.size if self.size != SIZE else None,
        }
        return site.url(path, **(values | changes))


def read(view: View) -> Asked:
    """Read the parameters of the address; none can make it fail. `settled` is what they ask of this archive."""
    q = re.sub(r"[\0\ud800-\udfff]", " ", view.arg("q") or "")[:LONGEST]
    wrong: list[str] = []
    since, until = read_date(view.arg("from"), "from", wrong), read_date(view.arg("until"), "until", wrong)
    parsed = search.parse(q)
    return Asked(
        q=q,
        sort=read_sort(view.arg("sort"), wrong, of_words=bool(parsed)),
        section=view.arg("section"),
        writer=view.arg("writer"),
        since=since,
        until=until,
        size=_number(view, "size", SIZE, MOST_ON_A_PAGE, wrong),
        page=_number(view, "page", 1, 1_000_000, wrong),
        parsed=parsed,
        explain=view.arg("explain") == "1",
        wrong=tuple(wrong),
    )


def settled(connection: sqlite3.Connection, question: Asked) -> Asked:
    """What the parameters of an address ask of this archive."""
    given = search.Filters(question.section, question.writer, question.since, question.until)
    return replace(question, parsed=search.settled(connection, question.q, given))


async def asked(view: View) -> Asked:
    """Read the parameters of the address and settle what they ask of this archive; none can make it fail."""
    return await view.readers.read(settled, read(view))


def _number(view: View, name: str, default: int, most: int, wrong: list[str]) -> int:
    number = view.number(name, 0, most)
    if not number and view.arg(name) is not None:
        wrong.append(name)
    return number or default


def read_sort(text: str | None, wrong: list[str], *, of_words: bool) -> search.Sort:
    """The order that the address names; without words there is no relevance, and the newest come first."""
    if text not in {None, *SORTS}:
        wrong.append("sort")
    possible = SORTS if of_words else SORTS[1:]
    return next((known for known in possible if known == text), possible[0])


def bounds(since: str | None, until: str | None, first: str, last: str) -> tuple[str, str]:
    """The local days that the timeline of a search shows: its own limits, or the archive's where it has none.

    Of years it shows only those that the archive has; where the limits leave none of them, all it has.
    """
    begin = _filled(since, "-01-01") if since else first
    end = _filled(until, "-12-31") if until else last
    if begin[:4] != end[:4]:
        begin, end = max(begin, _filled(first[:4], "-01-01")), min(end, _filled(last[:4], "-12-31"))
    return (begin, end) if begin <= end else (first, last)


def _filled(date: str, rest: str) -> str:
    return date + rest[len(date) - 4 :]


def read_date(text: str | None, name: str, wrong: list[str]) -> str | None:
    """The date in a parameter, digits of any script; one that is none is left out and its name goes to `wrong`."""
    if text is None:
        return None
    plain = text.translate(_DIGITS)
    if _DATE.fullmatch(plain):
        return plain
    wrong.append(name)
    return None
