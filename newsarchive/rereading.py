"""Every record derived again from its raw capture, without network and database. Pure but for reading WARCs.

A job is an article (or a refusal) as its row stands, with the places of its captures; the outcome says field by
field what would be different now.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from newsarchive import capture, reading, saved, visits
from newsarchive.exceptions import CaptureError
from newsarchive.items import Article, Capture, Reason, Refusal
from newsarchive.storage import revisions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from newsarchive.items import Newspaper

# What another order of arrival or the site's own state decides, not the reader.
_NOT_READ = frozenset({"capture_id", "first_seen_at", "last_seen_at", "changed_at"})


@dataclass(frozen=True, slots=True)
class Job:
    """An article's or a refusal's row as it stands (`kind` article or refused), and rows of its captures."""

    kind: str
    row: dict[str, Any]
    captures: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What reading again gives.

    changes: {column: (old, new)}, empty where nothing is different. readings: what was read, where something
    is different and can be applied. trouble: why it cannot be compared, or "".
    """

    kind: str
    row_id: int
    name: str
    pages: int
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    readings: tuple[Article, ...] = ()
    trouble: str = ""


def reread(directory: Path, newspaper: Newspaper, jobs: Sequence[Job]) -> list[Outcome]:
    """Read the captures of each job again. `directory` holds the WARC files."""
    return [_article(directory, newspaper, job) if job.kind == "article" else _refusal(directory, newspaper, job)
            for job in jobs]  # fmt: skip


def _article(directory: Path, newspaper: Newspaper, job: Job) -> Outcome:
    row, name, pages = job.row, job.row["key"], len(job.captures)
    try:
        items = [_visit(directory, newspaper, visit, row["url"]) for visit in _visits(job.captures)]
    except (CaptureError, OSError) as error:
        return Outcome(job.kind, row["id"], name, pages, trouble=str(error))
    refused = [item for item in items if isinstance(item, Refusal)]
    readings = tuple(item for item in items if isinstance(item, Article))
    if refused or not readings:
        why = f"{refused[0].reason}: {refused[0].detail}" if refused else "no capture to read"
        return Outcome(job.kind, row["id"], name, pages, trouble=f"would be refused now ({why})")
    ids = {(c["warc_file"], c["warc_offset"]): c["id"] for c in job.captures}
    pairs = [(a, ids[a.captures[0].warc_file, a.captures[0].warc_offset]) for a in readings]
    values, sections, tags = revisions.shown(revisions.folded(pairs))
    values |= {"sections": sections, "tags": tags}
    changes = {
        column: (row[column], value)
        for column, value in values.items()
        if column not in _NOT_READ and row[column] != value
    }
    return Outcome(job.kind, row["id"], name, pages, changes, readings if changes else ())


def _refusal(directory: Path, newspaper: Newspaper, job: Job) -> Outcome:
    row, name = job.row, job.row["url"] or f"refusal {job.row['id']}"
    try:
        item = _visit(directory, newspaper, job.captures, row["url"])
    except (CaptureError, OSError) as error:
        return Outcome(job.kind, row["id"], name, len(job.captures), trouble=str(error))
    if isinstance(item, Article):
        changes = {"state": (f"refused: {row['reason']}", "article")}
        return Outcome(job.kind, row["id"], name, len(job.captures), changes, (item,))
    if item.reason != row["reason"]:
        return Outcome(
            job.kind, row["id"], name, len(job.captures), {"reason": (row["reason"], str(item.reason))}
        )
    return Outcome(job.kind, row["id"], name, len(job.captures))


def _visits(captures: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The captures of each visit: a part that is not one more than the last begins another."""
    found: list[list[dict[str, Any]]] = []
    for row in captures:
        if found and (row["part"] or 1) == len(found[-1]) + 1:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def _visit(
    directory: Path, newspaper: Newspaper, rows: Sequence[dict[str, Any]], url: str | None
) -> Article | Refusal:
    """What one visit says: its parts read and joined, cleaned and judged as in a crawl."""
    parts: list[Article] = []
    for row in rows:
        item = replace(_page(directory, newspaper, row, url), captures=(_capture(row),))
        if isinstance(item, Refusal):
            return item
        parts.append(item)
    following = parts[-1].next_page
    if following is not None and following not in {part.next_page for part in parts[:-1]}:
        detail = f"part {len(parts) + 1} did not come"
        return Refusal(url=url, newspaper=newspaper.name, reason=Reason.INCOMPLETE, detail=detail)
    whole = visits.joined(parts) if len(parts) > 1 else parts[0]
    return reading.finish(whole, newspaper)


def _page(directory: Path, newspaper: Newspaper, row: dict[str, Any], url: str | None) -> Article | Refusal:
    path = capture.locate(directory, row["body_file"])
    record = capture.read_at(path, row["body_offset"], row["body_length"])
    page = saved.page_of(record, f"{row['body_file']}@{record.offset}", row["body_file"])
    if page is None:
        raise CaptureError(f"{row['body_file']} at byte {record.offset} holds no page")
    page = replace(page, url=url, captured_at=row["fetched_at"])
    if page.content_type == saved.JSON_LINE:
        item = reading.read(page, [newspaper], newspaper)
    else:
        item = reading.read_page(page, newspaper)
    if item is None:
        raise CaptureError(f"{page.origin} holds no article")
    return item


def _capture(row: dict[str, Any]) -> Capture:
    names = Capture.__dataclass_fields__
    return Capture(**{name: row[name] for name in names} | {"truncated": bool(row["truncated"])})
