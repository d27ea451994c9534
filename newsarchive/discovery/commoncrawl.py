"""The indexes of Common Crawl: one for each of its collections, asked page by page for a host's captures.

Format: <https://index.commoncrawl.org/>, a pywb CDX server: one JSON object a line.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from newsarchive.discovery import CaptureIndex
from newsarchive.discovery.timestamps import is_timestamp
from newsarchive.items import Memento

_OK, _BEYOND, _NONE = 200, 400, 404
_COLLECTION = re.compile(r"CC-MAIN-\d{4}[\d-]*")
_FILE = re.compile(r"crawl-data/[\w./-]+\.warc\.gz")
_UNKNOWN = frozenset({"", "-", "unk", "warc/revisit"})


def collections(body: bytes) -> tuple[str, ...]:
    """The ids in `collinfo.json`, newest first. Raises ValueError for another document."""
    listed = json.loads(body)
    if not isinstance(listed, list):
        raise TypeError(f"a {type(listed).__name__} instead of a list")
    named = [str(entry.get("id")) for entry in listed if isinstance(entry, dict)]
    return tuple(sorted((name for name in named if is_collection(name)), reverse=True))


def is_collection(name: str) -> bool:
    """Whether this is a collection's id, such as CC-MAIN-2025-38."""
    return _COLLECTION.fullmatch(name) is not None


def query(base: str, collection: str, host: str, page: int) -> str:
    """The address of one page (counted from 0) of a host's captures in one collection."""
    wanted = urlencode({"url": f"{host}/", "matchType": "prefix", "output": "json", "page": page})
    return f"{base}/{collection}-index?{wanted}"


def read(status: int, body: bytes, page: int) -> CaptureIndex:
    """Read one page. `cursor` is the number of the page to ask next, None behind the last one.

    404 with a JSON message says that there is nothing, 400 that there is no such page.
    """
    if status in {_BEYOND, _NONE}:
        message = _message(body)
        wanted = "No Captures found" if status == _NONE else f"Page {page} invalid"
        if wanted in message:
            return CaptureIndex()
    if status != _OK:
        return CaptureIndex(complete=False, reason=f"HTTP {status}")
    lines = [line for line in body.splitlines() if line.strip()]
    read_lines = [_memento(line) for line in lines]
    mementos = tuple(memento for memento in read_lines if memento)
    broken = len(lines) - len(mementos)
    if broken and not mementos:
        return CaptureIndex(complete=False, reason="this is no answer of an index server")
    reason = f"{broken} lines are no captures" if broken else None
    return CaptureIndex(mementos, str(page + 1) if lines else None, reason=reason)


def place(location: str) -> tuple[str, int, int]:
    """The file, offset and length that `Memento.location` names. Raises ValueError."""
    file, offset, length = location.split(" ")
    if not _FILE.fullmatch(file) or ".." in file:
        raise ValueError(f"{file} is no file of Common Crawl's")
    return file, int(offset), int(length)


def _message(body: bytes) -> str:
    try:
        value = json.loads(body)
    except ValueError:
        return ""
    return str(value.get("message", "")) if isinstance(value, dict) else ""


def _memento(line: bytes) -> Memento | None:
    try:
        row: Any = json.loads(line)
    except ValueError:
        return None
    if not isinstance(row, dict) or not is_timestamp(str(row.get("timestamp"))):
        return None
    location = " ".join(str(row.get(name, "")) for name in ("filename", "offset", "length"))
    if not re.fullmatch(r"crawl-data/[\w./-]+ \d{1,15} [1-9]\d{0,11}", location) or not row.get("url"):
        return None
    status, kind, digest = str(row.get("status", "-")), str(row.get("mime", "")), row.get("digest")
    return Memento(
        url=str(row["url"]),
        timestamp=str(row["timestamp"]),
        source="commoncrawl",
        location=location,
        digest=digest if isinstance(digest, str) else None,
        status=int(status) if re.fullmatch(r"\d{3}", status) else None,
        media_type=None if kind in _UNKNOWN else kind,
    )
