"""The search page, its JSON and its feed."""

from __future__ import annotations

from array import array
from dataclasses import asdict, dataclass, replace
from itertools import compress
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from newsarchive import search
from newsarchive.publication import charts, overview, questions, spreading, stories
from newsarchive.publication.feeds import atom
from newsarchive.publication.questions import SORTS, Asked, asked, bounds
from newsarchive.publication.responding import View
from newsarchive.search import flags

if TYPE_CHECKING:
    import sqlite3

    from datasette.app import Datasette
    from datasette.utils.asgi import Request, Response

    from newsarchive.search import Hit

_FEED: Final = 50


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of hits and what stands around them."""

    count: int
    ranked: str
    rows: list[dict[str, Any]]
    spread: spreading.Spread
    span: charts.Span | None
    held: overview.Overview
    held_dates: dict[str, int]
    suggestion: str | None
    explanation: search.Explanation | None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits; `listed` says of each article on the shelf whether filters alone chose it."""

    count: int
    ranked: str
    rows: list[dict[str, Any]]
    listed: bytes = b""


async def search_page(datasette: Datasette, request: Request) -> Response:
    """`/search`: every combination of parameters is a page with status 200."""
    view = View(datasette, request)
    unsettled = questions.read(view)
    question, answer = await view.readers.remember(unsettled, _settled_and_answered, view, unsettled)
    return await view.page("search", asked=question, answer=answer, **_around(view, question, answer))


async def search_json(datasette: Datasette, request: Request) -> Response:
    """`/search.json`: the same hits for machines; `next` is the address of the next page."""
    view = View(datasette, request)
    question = await asked(view)
    found = await view.readers.read(_found, view, question)
    more = found.rows and found.count > question.page * question.size
    following = question.link(view.site, "/search.json", page=question.page + 1) if more else None
    answer = {
        "count": found.count,
        "ranked": found.ranked,
        "page": question.page,
        "size": question.size,
        "next": following and view.site.absolute(following),
        "ignored": list(question.wrong),
        "left_out": list(question.parsed.left_out),
        "loosened": list(question.parsed.loosened),
        "results": [_record(row) for row in found.rows],
    }
    if question.explain:
        suggestion, explanation = await view.readers.read(_reading, question, found)
        answer |= {"suggestion": suggestion, "explain": explanation and _explanation(explanation)}
    return view.json(answer)


async def search_feed(datasette: Datasette, request: Request) -> Response:
    """`/search.atom`: the newest hits as a feed to subscribe to."""
    view = View(datasette, request)
    question = await asked(view)
    rows = await view.readers.read(_newest, question)
    return view.text(atom(view.site, question, rows), "application/atom+xml")


def _settled_and_answered(
    connection: sqlite3.Connection, view: View, unsettled: Asked
) -> tuple[Asked, Answer]:
    question = questions.settled(connection, unsettled)
    return question, _answer(connection, view, question)


def _answer(connection: sqlite3.Connection, view: View, question: Asked) -> Answer:
    held = view.readers.kept("overview", overview.read_overview)
    span = None
    if held.first is not None and held.last is not None:
        limits = question.filters
        span = charts.Span(*bounds(limits.since, limits.until, held.first, held.last))
    digits = span.digits if span else len("YYYY-MM")
    held_dates = held.months
    if span is not None and digits > len("YYYY-MM"):
        held_dates = overview.read_days(connection, span.since, span.until)
    found, spread = _found_and_spread(connection, view, question, digits)
    reading = _reading(connection, question, found)
    return Answer(found.count, found.ranked, found.rows, spread, span, held, held_dates, *reading)


def _reading(
    connection: sqlite3.Connection, question: Asked, found: Found
) -> tuple[str | None, search.Explanation | None]:
    """What was perhaps meant, and how the question was read if that is asked."""
    is_meant = question.page > 1 or (found.count and _is_one_word(question.parsed))
    suggestion = None if is_meant else search.suggest(connection, question.q)
    return suggestion, search.explain(connection, question.parsed) if question.explain else None


def _is_one_word(query: search.Query) -> bool:
    return len(query.words) == 1 and not (query.title or query.phrases or query.beginnings)


def _found(connection: sqlite3.Connection, view: View, question: Asked, count: int | None = None) -> Found:
    """A page of hits; `count` says how many there are in all, where that is known already."""
    if not question:
        return Found(0, "all", [])
    if not question.parsed:
        return _listed(connection, view, question)
    found = search.answer(
        connection, question.parsed, sort=question.sort, size=question.size, page=question.page, count=count
    )
    return Found(found.count, found.ranked, [_row(hit) for hit in found.hits])


def _listed(connection: sqlite3.Connection, view: View, question: Asked) -> Found:
    """Without words the filters list articles by date, each with the beginning of its text."""
    shelf = view.readers.kept("spreads", spreading.read_spreads).shelf
    listed = shelf.selected(question.filters)
    if question.parsed.excluded:
        listed = flags.without(listed, flags.shut_out(connection, question.parsed, shelf.ids))
    ids = array("q", compress(shelf.ids, listed))
    start = (question.page - 1) * question.size
    shown = (ids if question.sort == "oldest" else ids[::-1])[start : start + question.size].tolist()
    direction = "ASC" if question.sort == "oldest" else "DESC"
    rows = connection.execute(
        f"SELECT {stories.BRIEF}, url FROM articles WHERE id IN ({', '.join('?' * len(shown))}) "
        f"ORDER BY id {direction}",
        shown,
    ).fetchall()
    return Found(len(ids), "all", stories.briefs(rows), listed)


def _row(hit: Hit) -> dict[str, Any]:
    return {
        "key": hit.key,
        "url": hit.url,
        "title": hit.title,
        "title_html": Markup(hit.title_html),  # noqa: S704 - escaped by search.snippets
        "section": hit.section,
        "writer": hit.writer,
        "published_on": hit.published_on,
        "status": hit.status,
        "revision_count": hit.revision_count,
        "snippet": Markup(hit.snippet),  # noqa: S704 - escaped by search.snippets
    }


def _found_and_spread(
    connection: sqlite3.Connection, view: View, question: Asked, digits: int
) -> tuple[Found, spreading.Spread]:
    """The hits and how all of them are spread, which says how many there are where the shelf is the present one."""
    if not question:
        return _found(connection, view, question), spreading.NOTHING
    spreads = view.readers.kept("spreads", spreading.read_spreads)
    if not question.parsed:
        found = _listed(connection, view, question)
        return found, spreading.spread_of(spreads.shelf, found.listed, digits)
    spread = spreads.of(connection, question.parsed, question.sort, digits)
    count = spread.articles if view.readers.is_current("spreads") else None
    return _found(connection, view, question, count), spread


def _newest(connection: sqlite3.Connection, question: Asked) -> list[dict[str, Any]]:
    sql, parameters = replace(question, sort="newest").matching()
    rows = connection.execute(
        f"SELECT {stories.BRIEF}, url, byline, published_at, changed_at, first_seen_at FROM articles "
        f"WHERE id IN ({sql}) ORDER BY id DESC LIMIT :size",
        {**parameters, "size": _FEED},
    ).fetchall()
    return stories.briefs(rows)


def _around(view: View, question: Asked, answer: Answer) -> dict[str, Any]:
    """The chart and the addresses that the page links to."""
    site = view.site
    chart = None
    if answer.span is not None:
        dates = answer.spread.dates if question else answer.held_dates
        chart = charts.draw(
            site,
            answer.held,
            answer.span,
            dates,
            answer.held_dates,
            lambda since, until: question.link(site, **{"from": since, "until": until}),
        )
    last = answer.count > question.page * question.size
    return {
        "chart": chart,
        "sorts": [
            (sort, question.link(site, sort=sort)) for sort in SORTS if question.parsed or sort != "relevance"
        ],
        "previous_page": question.link(site, page=question.page - 1) if question.page > 1 else None,
        "next_page": question.link(site, page=question.page + 1) if last else None,
        "link": lambda **changes: question.link(site, **changes),
        "files": {
            kind: question.link(site, f"/search.{kind}", size=None)
            for kind in ("csv", "jsonl", "xlsx", "parquet", "json", "atom")
        },
        "explain": question.link(site, explain="1") + "#explained",
    }


def _record(row: dict[str, Any]) -> dict[str, Any]:
    names = ("key", "url", "title", "section", "writer", "published_on", "status")
    return {name: row[name] for name in names} | {
        "snippet": str(row.get("snippet") or row.get("excerpt") or "")
    }


def _explanation(explanation: search.Explanation) -> dict[str, Any]:
    """The explanation for machines; its fields are those of `search.WordRead` and `search.PartRead`."""
    return {
        "match": explanation.match,
        "words": [asdict(word) for word in explanation.words],
        "parts": [asdict(part) for part in explanation.parts],
        "not_explained": list(explanation.not_explained),
        "filters": {name: value for name, value in asdict(explanation.query.filters).items() if value},
    }
