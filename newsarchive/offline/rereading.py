"""Every record derived again from its raw capture, without network. Nothing is written here.

A job is an article (or a refusal) as its row stands, with the places of its captures; the outcome says field by
field what would be different now. Workers on this machine are told only ids, and fetch the rows themselves.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from newsarchive import capture, visits
from newsarchive.exceptions import CaptureError
from newsarchive.items import Article, Capture, Reason, Refusal
from newsarchive.offline import reading, saved
from newsarchive.storage import readings, revisions
from newsarchive.storage.connection import connect_for_reading

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from newsarchive.items import Newspaper

ARTICLE = "article"
REFUSED = "refused"
# What another order of arrival or the site's own state decides, not the reader.
_NOT_READ = frozenset({"capture_id", "first_seen_at", "last_seen_at", "changed_at"})
_SHOWN = 60


class Piece(NamedTuple):
    """One record to read again: `kind` is article or refused, `row_id` the id of its row."""

    kind: str
    row_id: int


@dataclass(frozen=True, slots=True)
class Job:
    """An article's or a refusal's row as it stands (`kind` article or refused), and rows of its captures."""

    kind: str
    row: dict[str, Any]
    captures: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What reading again gives, where it is not what stands.

    changes: {column: (old, new)}, each from where they begin to differ. readings: what was read, where it is to
    be applied. trouble: why it cannot be compared, or "".
    """

    kind: str
    row_id: int
    name: str
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    readings: tuple[Article, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What reading a batch again gives: how many records and pages, and those that are not what stands."""

    records: int
    pages: int
    outcomes: tuple[Outcome, ...]


def pieces(connection: sqlite3.Connection) -> Iterator[Piece]:
    """Every record that can be read again: articles, then refusals."""
    yield from (Piece(ARTICLE, number) for number in readings.article_ids(connection))
    yield from (Piece(REFUSED, number) for number in readings.refusal_ids(connection))


def jobs_of(connection: sqlite3.Connection, wanted: Sequence[Piece]) -> list[Job]:
    """The rows of those pieces that still stand."""
    jobs: list[Job] = []
    for kind, rows_of in ((ARTICLE, readings.articles_of), (REFUSED, readings.refusals_of)):
        if ids := [piece.row_id for piece in wanted if piece.kind == kind]:
            jobs += (Job(kind, row, captures) for row, captures in rows_of(connection, ids))
    return jobs


def reread_rows(
    archive: Path, directory: Path, newspaper: Newspaper, wanted: Sequence[Piece], *, apply: bool = False
) -> list[Report]:
    """Fetch the rows of the pieces from `archive` and read their captures again, as `reread` does."""
    return reread(directory, newspaper, jobs_of(_connection(archive), wanted), apply=apply)


@cache
def _connection(archive: Path) -> sqlite3.Connection:
    """One for all the batches of a process."""
    return connect_for_reading(archive)


def reread(
    directory: Path, newspaper: Newspaper, jobs: Sequence[Job], *, apply: bool = False
) -> list[Report]:
    """Read the captures of each job again; the list holds one report. `directory` holds the WARC files.

    `apply` leaves in the outcomes what was read, which is many times as much as what differs.
    """
    with _Files(directory) as files:
        found = [(_article if job.kind == ARTICLE else _refusal)(files, newspaper, job) for job in jobs]
    outcomes = tuple(
        outcome if apply else replace(outcome, readings=()) for outcome in found if outcome is not None
    )
    return [Report(len(jobs), sum(len(job.captures) for job in jobs), outcomes)]


class _Files:
    """The WARC files of a batch, each opened once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._opened: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._opened.values():
            os.close(descriptor)

    def read(self, file: str, offset: int, length: int) -> capture.Record:
        """The record that stands there. Raises CaptureError, OSError."""
        if file not in self._opened:
            path = capture.locate(self._directory, file)
            self._opened[file] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        return capture.read_from(self._opened[file], file, offset, length)


def _article(files: _Files, newspaper: Newspaper, job: Job) -> Outcome | None:
    row, name = job.row, job.row["key"]
    try:
        items = [_visit(files, newspaper, visit, row["url"]) for visit in _visits(job.captures)]
    except (CaptureError, OSError) as error:
        return Outcome(job.kind, row["id"], name, trouble=str(error))
    refused = [item for item in items if isinstance(item, Refusal)]
    found = tuple(item for item in items if isinstance(item, Article))
    if refused or not found:
        why = f"{refused[0].reason}: {refused[0].detail}" if refused else "no capture to read"
        return Outcome(job.kind, row["id"], name, trouble=f"would be refused now ({why})")
    ids = {(c["warc_file"], c["warc_offset"]): c["id"] for c in job.captures}
    pairs = [(a, ids[a.captures[0].warc_file, a.captures[0].warc_offset]) for a in found]
    values, sections, tags = revisions.shown(revisions.folded(pairs))
    values |= {"sections": sections, "tags": tags}
    changes = {
        column: _differing(row[column], value)
        for column, value in values.items()
        if row[column] != value and column not in _NOT_READ
    }
    return Outcome(job.kind, row["id"], name, changes, found) if changes else None


def _refusal(files: _Files, newspaper: Newspaper, job: Job) -> Outcome | None:
    row, name = job.row, job.row["url"] or f"refusal {job.row['id']}"
    try:
        item = _visit(files, newspaper, job.captures, row["url"])
    except (CaptureError, OSError) as error:
        return Outcome(job.kind, row["id"], name, trouble=str(error))
    if isinstance(item, Article):
        changes = {"state": (f"refused: {row['reason']}", "article")}
        return Outcome(job.kind, row["id"], name, changes, (item,))
    if item.reason != row["reason"]:
        return Outcome(job.kind, row["id"], name, {"reason": (row["reason"], str(item.reason))})
    return None


def _differing(old: object, new: object) -> tuple[str, str]:
    """Two values, each shortened to what stands where they begin to differ."""
    texts = str(old), str(new)
    pairs = enumerate(zip(*texts, strict=False))
    same = next((n for n, (left, right) in pairs if left != right), min(map(len, texts)))
    start = max(0, same - _SHOWN // 3)
    shown = (text[start : start + _SHOWN] + "…" * (start + _SHOWN < len(text)) for text in texts)
    before, after = (f"{'…' if start else ''}{text}" for text in shown)
    return before, after


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
    files: _Files, newspaper: Newspaper, rows: Sequence[dict[str, Any]], url: str | None
) -> Article | Refusal:
    """What one visit says: its parts read and joined, cleaned and judged as in a crawl."""
    parts: list[Article] = []
    for row in rows:
        item = _page(files, newspaper, row, url)
        if isinstance(item, Refusal):
            return item
        parts.append(item)
    following = parts[-1].next_page
    if following is not None and following not in {part.next_page for part in parts[:-1]}:
        detail = f"part {len(parts) + 1} did not come"
        return Refusal(url=url, newspaper=newspaper.name, reason=Reason.INCOMPLETE, detail=detail)
    done = reading.finish(visits.joined(parts) if len(parts) > 1 else parts[0], newspaper)
    return replace(done, captures=tuple(map(_capture, rows)))


def _page(files: _Files, newspaper: Newspaper, row: dict[str, Any], url: str | None) -> Article | Refusal:
    file = row["body_file"]
    record = files.read(file, row["body_offset"], row["body_length"])
    page = saved.page_known(record, f"{file}@{record.offset}", file, url, row["fetched_at"])
    if page is None:
        raise CaptureError(f"{file} at byte {record.offset} holds no page")
    if page.content_type == saved.JSON_LINE:
        item = reading.read(page, [newspaper], newspaper)
    else:
        item = reading.read_page(page, newspaper)
    if item is None:
        raise CaptureError(f"{page.origin} holds no article")
    return item


_CAPTURE_FIELDS = tuple(name for name in Capture.__dataclass_fields__ if name != "truncated")


def _capture(row: dict[str, Any]) -> Capture:
    return Capture(**{name: row[name] for name in _CAPTURE_FIELDS}, truncated=bool(row["truncated"]))
