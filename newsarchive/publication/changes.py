"""The newspaper's memory of itself: articles that disappeared from its site, articles that were edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from newsarchive.publication import diffing, stories
from newsarchive.publication.questions import read_date
from newsarchive.publication.responding import View

if TYPE_CHECKING:
    import sqlite3

    from datasette.app import Datasette
    from datasette.utils.asgi import Request, Response

ON_A_PAGE: Final = 50
TURNING_POINT: Final = "2024-12-08"
"""The day the government fell; what vanished or changed afterwards is asked for most."""

_KINDS: Final = {
    "gone": ("status = 'gone'", "gone_since"),
    "edited": ("changed_at IS NOT NULL", "changed_at"),
}


async def changes_list(datasette: Datasette, request: Request) -> Response:
    """`/changes?show=gone|edited&after=YYYY-MM-DD`."""
    view = View(datasette, request)
    show = view.arg("show")
    show = show if show in _KINDS else "gone"
    wrong: list[str] = []
    after = read_date(view.arg("after"), "after", wrong)
    page = view.number("page", 1, 100_000)
    counts, rows = await view.readers.read(_read, show, after, page)

    def link(**changes: object) -> str:
        return view.site.url("/changes", **({"show": show, "after": after} | changes))

    return await view.page(
        "changes",
        show=show,
        after=after,
        wrong=wrong,
        counts=counts,
        rows=rows,
        link=link,
        turning_point=TURNING_POINT,
        previous_page=link(page=page - 1) if page > 1 else None,
        next_page=link(page=page + 1) if counts[show] > page * ON_A_PAGE else None,
    )


def _read(
    connection: sqlite3.Connection, show: str, after: str | None, page: int
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    counts = {}
    for kind, (condition, moment) in _KINDS.items():
        row = connection.execute(
            f"SELECT count(*) FROM articles WHERE {condition} AND (:after IS NULL OR {moment} >= :after)",
            {"after": after},
        ).fetchone()
        counts[kind] = row[0]
    condition, moment = _KINDS[show]
    found = connection.execute(
        f"SELECT {stories.BRIEF}, id, text_sha256, {moment} AS moment FROM articles "
        f"WHERE {condition} AND (:after IS NULL OR {moment} >= :after) ORDER BY {moment} DESC, id DESC "
        "LIMIT :size OFFSET :offset",
        {"after": after, "size": ON_A_PAGE, "offset": (page - 1) * ON_A_PAGE},
    ).fetchall()
    rows = stories.briefs(found)
    for row in rows:
        row["headline"] = _headline_change(connection, row)
    return counts, rows


def _headline_change(connection: sqlite3.Connection, row: dict[str, Any]) -> tuple[diffing.Piece, ...] | None:
    """The headline before the last edit against the present one, None where it stayed."""
    older = connection.execute(
        "SELECT title FROM revisions WHERE article_id = ? AND text_sha256 IS NOT ? "
        "ORDER BY last_seen_at DESC, id DESC LIMIT 1",
        (row["id"], row["text_sha256"]),
    ).fetchone()
    if older is None:
        return None
    pieces = diffing.diff(older["title"], row["title"])
    return pieces if any(piece.kind != diffing.SAME for piece in pieces) else None
