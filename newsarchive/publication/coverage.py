"""How complete the archive is: months, states of the addresses, sources, refusals, runs, removals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newsarchive.publication import overview
from newsarchive.publication.responding import View

if TYPE_CHECKING:
    import sqlite3

    from datasette.app import Datasette
    from datasette.utils.asgi import Request, Response


@dataclass(frozen=True, slots=True)
class Ledger:
    """What became of every address the archive ever heard of, and what the sources said they have."""

    states: list[tuple[str, int]]
    reasons: list[tuple[str, str, int]]
    refusals: list[tuple[str, int]]
    sources: list[dict[str, Any]]
    runs: list[dict[str, Any]]
    removals: list[tuple[str, str, int]]

    @property
    def addresses(self) -> int:
        """All addresses; the states sum to it."""
        return sum(number for _, number in self.states)


async def coverage_page(datasette: Datasette, request: Request) -> Response:
    """`/coverage`."""
    view = View(datasette, request)
    held = await view.readers.keep("overview", overview.read_overview)
    ledger = await view.readers.keep("ledger", read_ledger)
    years = sorted({month[:4] for month in held.months})
    span = [str(year) for year in range(int(years[0]), int(years[-1]) + 1)] if years else []
    gaps = held.gaps(held.first[:7], held.last[:7]) if held.first and held.last else []
    return await view.page("coverage", held=held, ledger=ledger, years=span, gaps=gaps)


def read_ledger(connection: sqlite3.Connection) -> Ledger:
    """Count the ledger from its indexes."""
    reasons = _rows(
        connection,
        "SELECT state, coalesce(reason, ''), count(*) FROM addresses GROUP BY state, reason ORDER BY 3 DESC",
    )
    states: dict[str, int] = {}
    for state, _, number in reasons:
        states[state] = states.get(state, 0) + number
    sources = connection.execute(
        "SELECT s.url, s.kind, s.visited_at, s.total, s.complete, s.reason, "
        "(SELECT count(*) FROM address_sources AS a WHERE a.source_id = s.id) AS listed "
        "FROM sources AS s ORDER BY s.complete, s.url LIMIT 100"
    )
    runs = connection.execute(
        "SELECT id, command, started_at, ended_at, exit_code, verdict, new, changed, refused, failed "
        "FROM runs ORDER BY id DESC LIMIT 10"
    )
    return Ledger(
        states=sorted(states.items(), key=lambda pair: -pair[1]),
        reasons=[(state, reason, number) for state, reason, number in reasons if reason],
        refusals=_rows(connection, "SELECT reason, count(*) FROM refusals GROUP BY reason ORDER BY 2 DESC"),
        sources=[dict(row) for row in sources],
        runs=[dict(row) for row in runs],
        removals=_rows(
            connection, "SELECT month, state, count(*) FROM takedowns GROUP BY month, state ORDER BY 1 DESC"
        ),
    )


def _rows(connection: sqlite3.Connection, sql: str) -> list[Any]:
    return [tuple(row) for row in connection.execute(sql)]
