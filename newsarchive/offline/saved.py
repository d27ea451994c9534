"""Pages that were saved before: files, folders, WARC and WACZ, JSON Lines. Nothing is written here."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from w3lib.url import safe_url_string

from newsarchive import capture
from newsarchive.discovery import addresses
from newsarchive.exceptions import BodyError, SettingsError
from newsarchive.items import Article, Paragraph, ParagraphKind, PublishedFrom, Reason, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    OnDamage = Callable[[Path, capture.Damage], None]

_PAGES = frozenset({".html", ".htm", ".xhtml", ".txt", ".amp"})
_LINES = frozenset({".jsonl", ".ndjson"})
_WARCS = (".warc", ".warc.gz", ".warc.gz.open")
JSON_LINE = "application/x-ndjson"
_MEDIA_TYPE = re.compile(r"[^;]*")
_INEXACT = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d)?Z?)?)?)?")
# A line as long as this counts as longer.
_LONGEST_LINE = 10_000_000
_SECONDS = "%Y-%m-%dT%H:%M:%SZ"
_HTML = frozenset({"text/html", "application/xhtml+xml", "text/plain", ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """One saved answer or page.

    origin: file (and record) for people. url: normal address, None where it came without one. address: the
    same as it was given or recorded, which tells the parts of a paged article apart. body: decoded.
    captured_at: UTC, None for a loose file, whose time of saving nobody knows. status: of the HTTP answer,
    None where there was none. record: the WARC record it came from. truncated: the body is not whole.
    """

    origin: str
    url: str | None
    body: bytes
    content_type: str | None = None
    captured_at: str | None = None
    status: int | None = None
    record: capture.Record | None = None
    warc_file: str | None = None
    truncated: bool = False
    address: str | None = None

    @property
    def name(self) -> str:
        """Its normal address, or a name made of its bytes. A path would tell of the machine, and changes."""
        return self.url or nameless(self.body)


def pages(
    paths: Sequence[Path], url: str | None = None, on_damage: OnDamage | None = None
) -> Iterator[SavedPage]:
    """Every page in the files and folders, in the order of their names.

    `url` is the address of the one page that is given. `on_damage` is told every stretch of a WARC that is no
    record, and the records behind it follow; without it the first one is raised as CaptureError. Raises
    SettingsError for a path that is not there, a folder without pages, a file of a kind that we don't read;
    NotACaptureError.
    """
    files = [file for path in paths for file in _files(path)]
    if url is not None and (len(files) != 1 or not _is_page(files[0])):
        raise SettingsError(f"--url names one page, but {len(files)} files are given")
    if url is not None and addresses.normal(url) is None:
        raise SettingsError(f"--url {url} is no web address")
    for file in files:
        yield from _read(file, url, on_damage)


def files(paths: Sequence[Path]) -> list[Path]:
    """Every file in the files and folders that we read. Raises SettingsError as `pages` does."""
    return [file for path in paths for file in _files(path)]


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise SettingsError(f"{path} does not exist")
    if path.is_file():
        if not _is_known(path):
            raise SettingsError(f"{path} is none of .html .txt .jsonl .warc .warc.gz .wacz")
        return [path]
    found = sorted(file for file in path.rglob("*") if file.is_file() and _is_known(file))
    if not found:
        raise SettingsError(f"{path} holds no pages (.html .txt .jsonl .warc .warc.gz .wacz)")
    return found


def _is_page(path: Path) -> bool:
    return path.suffix.lower() in _PAGES


def _is_known(path: Path) -> bool:
    name = path.name.lower()
    return _is_page(path) or path.suffix.lower() in _LINES or name.endswith((*_WARCS, ".wacz"))


def _read(path: Path, url: str | None, on_damage: OnDamage | None) -> Iterator[SavedPage]:
    name = path.name.lower()
    tell = partial(on_damage, path) if on_damage else None
    try:
        if _is_page(path):
            kind = "text/plain" if path.suffix.lower() == ".txt" else "text/html"
            normal = addresses.normal(url) if url is not None else None
            body = path.read_bytes()
            yield SavedPage(origin=printable(path), url=normal, address=url, body=body, content_type=kind)
        elif path.suffix.lower() in _LINES:
            yield from _lines(path)
        elif name.endswith(".wacz"):
            for inner, record in capture.walk_wacz(path, tell):
                if page := page_of(record, f"{printable(path)}/{inner}@{record.offset}", path.name):
                    yield page
        else:
            for record in capture.walk(path, tell):
                origin = f"{printable(path)}@{record.offset}"
                if page := page_of(record, origin, path.name.removesuffix(".open")):
                    yield page
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error


def _lines(path: Path) -> Iterator[SavedPage]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            rest = line
            while len(rest) == _LONGEST_LINE and not rest.endswith(b"\n"):
                rest = file.readline(_LONGEST_LINE)
            if line.strip():
                yield SavedPage(
                    origin=f"{printable(path)}:{number}",
                    url=None,
                    body=line.strip(),
                    content_type=JSON_LINE,
                    truncated=rest is not line,
                )


def page_of(record: capture.Record, origin: str, file: str) -> SavedPage | None:
    """The page of a response or resource record in `file` (a bare name), None for records of other kinds."""
    return _page_of(record, origin, file, addresses.normal(record.url or ""), _moment(record.date))


def page_known(
    record: capture.Record, origin: str, file: str, url: str | None, captured_at: str
) -> SavedPage | None:
    """The same of a record whose address and time the archive knows: `url` is the normal address."""
    return _page_of(record, origin, file, url, captured_at)


def _page_of(
    record: capture.Record, origin: str, file: str, url: str | None, captured_at: str | None
) -> SavedPage | None:
    if record.kind not in {"response", "resource"}:
        return None
    content_type, status, answer = record.get("Content-Type"), None, None
    if record.kind == "response":
        try:
            answer = capture.http(record)
        except BodyError:  # dns: and other records that hold no HTTP answer
            return None
        content_type, status = answer.get("Content-Type"), answer.status
    body, is_whole = capture.payload_as_read(record, answer=answer)
    return SavedPage(
        origin=origin,
        url=url,
        address=safe_url_string(record.url) if record.url else None,
        body=body,
        content_type=content_type,
        captured_at=captured_at,
        status=status,
        record=record,
        warc_file=file,
        truncated=not is_whole,
    )


def nameless(body: bytes) -> str:
    """What stands for the address of a page that has none."""
    return f"urn:sha256:{capture.payload_sha256(body)}"


def printable(path: Path) -> str:
    """The path for people and tables, with the bytes that are no UTF-8 in hexadecimal."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def told(path: Path, damage: capture.Damage) -> str:
    """What to say of a damaged stretch of a file."""
    name = os.fsencode(path.name).decode("utf-8", "backslashreplace")
    return f"{name} at byte {damage.offset}, {damage.length} bytes: {damage.detail}"


def _moment(date: str | None) -> str | None:
    """A WARC-Date in UTC to the second, as rows have it; None for one that is none.

    Fractions of a second are left off; what is less exact than a second (ISO 28500:2017, 5.4) is its beginning.
    """
    if date is None:
        return None
    if _INEXACT.fullmatch(date):
        date = date.removesuffix("Z") + "YYYY-01-01T00:00:00Z"[len(date.removesuffix("Z")) :]
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).strftime(_SECONDS)


def is_html(page: SavedPage) -> bool:
    """Can this be a page that a reader reads? robots.txt, feeds and images cannot."""
    kind = _MEDIA_TYPE.match(page.content_type or "")
    return (kind[0].strip().lower() if kind else "") in _HTML and not (page.url or "").endswith("/robots.txt")


def article_of_line(page: SavedPage) -> Article | Refusal | None:
    """The article of one line as `readpage` and `export` write it; None for a line that tells of a refusal."""
    if page.truncated:
        detail = f"{page.origin}: a line of {_LONGEST_LINE:,} bytes or more"
        return Refusal(url=None, reason=Reason.TOO_LARGE, detail=detail)
    try:
        record = json.loads(page.body)
        if not isinstance(record, dict):
            raise TypeError(f"a {type(record).__name__} instead of an object")
        return None if record.get("kind") == "refused" else _article(record)
    except RecursionError:
        return Refusal(url=None, reason=Reason.INVALID_RECORD, detail=f"{page.origin}: nested too deep")
    except (ValueError, TypeError) as error:
        return Refusal(url=None, reason=Reason.INVALID_RECORD, detail=f"{page.origin}: {error}")


def _article(record: dict[str, Any]) -> Article:
    title, body = _text(record, "title"), _text(record, "body")
    if not title or not body:
        raise ValueError("a record needs a title and a body")
    url = _text(record, "url")
    normal = addresses.normal(url) if url else None
    if url and normal is None:
        raise ValueError(f"url {url!r} is no web address")
    published_at, published_from = _text(record, "published_at"), _text(record, "published_from")
    for name in ("published_at", "modified_at"):
        if value := _text(record, name):
            datetime.fromisoformat(value)
    section = _text(record, "section")
    return Article(
        url=normal,
        newspaper=_text(record, "newspaper"),
        title=title,
        paragraphs=_paragraphs(record, body),
        reader=_text(record, "reader") or "record",
        sections=tuple(_texts(record, "sections")) or ((section,) if section else ()),
        subtitle=_text(record, "subtitle"),
        byline=_text(record, "byline"),
        writer=_text(record, "writer"),
        place=_text(record, "place"),
        agency=_text(record, "agency"),
        published_at=published_at,
        published_from=PublishedFrom(published_from) if published_from else None,
        modified_at=_text(record, "modified_at"),
        tags=tuple(_texts(record, "tags")),
        image_url=_text(record, "image_url"),
        language=_text(record, "language"),
    )


def _paragraphs(record: dict[str, Any], body: str) -> tuple[Paragraph, ...]:
    listed = record.get("paragraphs")
    if not listed:
        parts = (" ".join(part.split()) for part in re.split(r"\n\s*\n", body))
        return tuple(Paragraph(ParagraphKind.PROSE, part) for part in parts if part)
    if not isinstance(listed, list) or not all(isinstance(paragraph, dict) for paragraph in listed):
        raise TypeError("paragraphs is no list of objects")
    return tuple(Paragraph(ParagraphKind(p.get("kind")), _text(p, "text") or "") for p in listed)


def _text(record: dict[str, Any], name: str) -> str | None:
    value = record.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise TypeError(f"{name} is a {type(value).__name__} instead of text")
    return value


def _texts(record: dict[str, Any], name: str) -> list[str]:
    values = record.get(name) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError(f"{name} is no list of texts")
    return values


def moment(page: SavedPage) -> datetime:
    """When the page was captured; a loose file counts as captured now."""
    return datetime.fromisoformat(page.captured_at) if page.captured_at else datetime.now(UTC)
