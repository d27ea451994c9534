"""The index (CDX server) of the Wayback Machine: what it holds of a host.

Asked by one prefix query a host, which answers page by page: an answer that ends before the list does ends
with a resume key. Format: <https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server>.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from newsarchive.discovery import CaptureIndex
from newsarchive.discovery.timestamps import is_timestamp
from newsarchive.items import Memento

_FIELDS = "timestamp,original,mimetype,statuscode,digest"
# What belongs to a page but is none is not listed; a revisit has the type warc/revisit, an unknown one unk.
_NOT_PAGES = "!mimetype:(image|video|audio|font)/.*|text/css|.*javascript.*"
_UNKNOWN = frozenset({"", "-", "unk", "warc/revisit"})


def query(base: str, host: str, *, limit: int, resume_key: str | None = None) -> str:
    """The address of one page of a host's captures, `www.` and every scheme and port included."""
    wanted = [
        ("url", f"{host}/"),
        ("matchType", "prefix"),
        ("output", "json"),
        ("fl", _FIELDS),
        ("filter", _NOT_PAGES),
        ("limit", str(limit)),
        ("showResumeKey", "true"),
    ]
    if resume_key:
        wanted.append(("resumeKey", resume_key))
    return f"{base}/cdx/search/cdx?{urlencode(wanted)}"


def read(body: bytes) -> CaptureIndex:
    """Read one page: rows under a row of names, then `[]` and `[resume key]` where the list goes on.

    A row that is none is left out and counted in `reason`. A page that ends too early is not complete.
    """
    text = body.decode("utf-8", "replace").strip()
    rows, broken = _rows(text)
    if not text.startswith("[") or (rows and "timestamp" not in rows[0]):
        return CaptureIndex(complete=False, reason="this is no answer of a CDX server")
    resume_key = None
    if len(rows) > 2 and rows[-2] == [] and len(rows[-1]) == 1:  # noqa: PLR2004
        resume_key = str(rows[-1][0])
        rows = rows[:-2]
    if not text.endswith("]]") and text != "[]":
        return CaptureIndex(complete=False, reason="the list breaks off")
    read_rows = [_memento(dict(zip(rows[0], row, strict=False))) for row in rows[1:]]
    mementos = tuple(memento for memento in read_rows if memento)
    broken += len(read_rows) - len(mementos)
    return CaptureIndex(mementos, resume_key, reason=f"{broken} rows are no captures" if broken else None)


def _rows(text: str) -> tuple[list[list[Any]], int]:
    """The rows, and how many lines are none: a whole document, else line by line as the server prints them."""
    try:
        whole = json.loads(text)
    except ValueError:
        return _lines(text)
    rows = [row for row in whole if isinstance(row, list)] if isinstance(whole, list) else []
    return rows, len(whole) - len(rows)


def _lines(text: str) -> tuple[list[list[Any]], int]:
    rows, broken = list[list[Any]](), 0
    for line in text.splitlines():
        row = line.strip().removesuffix(",")
        row = row[1:] if row.startswith("[[") else row
        row = row[:-1] if row.endswith("]]") else row
        try:
            value = json.loads(row)
        except ValueError:
            broken += 1
            continue
        if isinstance(value, list):
            rows.append(value)
    return rows, broken


def _memento(row: dict[Any, Any]) -> Memento | None:
    timestamp, original = row.get("timestamp"), row.get("original")
    if not isinstance(original, str) or not original or not is_timestamp(str(timestamp)):
        return None
    status, digest, kind = str(row.get("statuscode", "-")), row.get("digest"), str(row.get("mimetype", ""))
    return Memento(
        url=original,
        timestamp=str(timestamp),
        source="wayback",
        digest=digest if isinstance(digest, str) and digest != "-" else None,
        status=int(status) if re.fullmatch(r"\d{3}", status) else None,
        media_type=None if kind in _UNKNOWN else kind,
    )
