"""Captures as one WACZ file (specs.webrecorder.net/wacz/1.1.1), which pywb and ReplayWeb.page replay."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import zipfile
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from newsarchive import capture, pages
from newsarchive.items import Reason, Refusal
from newsarchive.offline import captured

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)
_WARC = "data.warc.gz"
# They print the visitor's address.
_LEFT_OUT = (Reason.CHALLENGE_PAGE, Reason.BLOCK_PAGE)


def write(
    connection: sqlite3.Connection, directory: Path, target: Path, now: str, *, everything: bool
) -> int:
    """Write the captures of the chosen articles (`newsarchive.export.selection`); returns how many.

    everything: those too that belong to no article, so that the whole site replays. Left out are challenge and block
    pages, and what quotes articles that are taken down. Raises CaptureError, OSError.
    """
    warc = target.with_name(f"{target.name}.{_WARC}")
    try:
        index = _copy(connection, directory, warc, everything=everything)
        listed = _pages(connection)
        files = {
            "indexes/index.cdx": "".join(f"{line}\n" for line in sorted(index)).encode(),
            "pages/pages.jsonl": "".join(f"{json.dumps(p, ensure_ascii=False)}\n" for p in listed).encode(),
        }
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            entry = zipfile.ZipInfo(f"archive/{_WARC}", _EPOCH)
            entry.file_size = warc.stat().st_size
            with warc.open("rb") as source, archive.open(entry, "w", force_zip64=True) as kept:
                shutil.copyfileobj(source, kept, 1 << 20)
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)
            package = _package(warc, files, now)
            archive.writestr(zipfile.ZipInfo("datapackage.json", _EPOCH), package)
            digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(package).hexdigest()}"}
            archive.writestr(zipfile.ZipInfo("datapackage-digest.json", _EPOCH), json.dumps(digest).encode())
    finally:
        warc.unlink(missing_ok=True)
    return len(index)


def surt(url: str) -> str:
    """The sort-friendly form of an address, as CDX indexes hold it: sy,alwatan)/archives/5."""
    parts = urlsplit(url.lower())
    host = re.sub(r"^www\d*\.", "", parts.hostname or "")
    port = f":{parts.port}" if parts.port not in {None, 80, 443} else ""
    query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    path = parts.path.rstrip("/") or "/"
    return f"{','.join(reversed(host.split('.')))}{port}){path}" + (f"?{query}" if query else "")


def _copy(connection: sqlite3.Connection, directory: Path, warc: Path, *, everything: bool) -> list[str]:
    """Copy the records as they stand, byte for byte; returns their lines of the index."""
    lines = []
    with warc.open("wb") as file:
        for row in _selected(connection, everything=everything):
            record = captured.record(directory, row)
            if _is_challenge(record, row):
                continue
            path = capture.locate(directory, row["warc_file"])
            with path.open("rb") as source:
                data = os.pread(source.fileno(), row["warc_length"], row["warc_offset"])
            lines.append(_line(row, record, file.tell()))
            file.write(data)
    return lines


def _selected(connection: sqlite3.Connection, *, everything: bool) -> Iterator[sqlite3.Row]:
    """Rows of captures in the order of their bytes; a revisit comes with the record that holds its body."""
    conditions = ["NOT withheld", *("coalesce(outcome, '') NOT LIKE ?" for _ in _LEFT_OUT)]
    if not everything:
        conditions.append(
            "id IN (SELECT f.id FROM captures AS c JOIN captures AS f ON f.id = c.id"
            " OR (f.url = c.url AND f.payload_sha256 = c.payload_sha256 AND f.status IS c.status)"
            " WHERE c.article_id IN (SELECT id FROM temp.chosen))"
        )
    query = f"SELECT * FROM captures WHERE {' AND '.join(conditions)} ORDER BY warc_file, warc_offset"
    yield from connection.execute(query, tuple(f"%{reason}" for reason in _LEFT_OUT))


def _is_challenge(record: capture.Record, row: sqlite3.Row) -> bool:
    """Whether an answer that no visit judged, such as to a sitemap's address, is a challenge or block page."""
    if row["outcome"] is not None or record.kind != "response":
        return False
    if capture.http(record).get("cf-mitigated") == "challenge":
        return True
    if not (row["content_type"] or "").startswith("text/html"):
        return False
    body, _ = capture.payload_as_read(record)
    item = pages.read(body, row["url"], row["content_type"], None, None)
    return isinstance(item, Refusal) and item.reason in _LEFT_OUT


def _line(row: sqlite3.Row, record: capture.Record, offset: int) -> str:
    kind = (row["content_type"] or "").split(";")[0].strip() or "unk"
    said = {
        "url": row["url"],
        "mime": "warc/revisit" if record.kind == "revisit" else kind,
        "status": str(row["status"] or 200),
        "digest": record.get("WARC-Payload-Digest") or "",
        "length": str(row["warc_length"]),
        "offset": str(offset),
        "filename": _WARC,
    }
    return f"{surt(row['url'])} {_stamp(row['fetched_at'])} {json.dumps(said, ensure_ascii=False)}"


def _stamp(moment: str) -> str:
    return re.sub(r"\D", "", moment)[:14]


def _pages(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    yield {"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}
    query = (
        "SELECT a.key, c.url, c.fetched_at, a.title FROM articles AS a JOIN captures AS c ON c.id = a.capture_id"
        " WHERE a.id IN (SELECT id FROM temp.chosen) ORDER BY a.key"
    )
    for row in connection.execute(query):
        yield {"id": row["key"], "url": row["url"], "ts": row["fetched_at"], "title": row["title"]}


def _package(warc: Path, files: dict[str, bytes], now: str) -> bytes:
    with warc.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    resources = [
        {"name": _WARC, "path": f"archive/{_WARC}", "hash": f"sha256:{digest}", "bytes": warc.stat().st_size}
    ]
    resources += [
        {"name": name.split("/")[-1], "path": name, "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
         "bytes": len(data)}
        for name, data in files.items()
    ]  # fmt: skip
    package = {
        "profile": "data-package",
        "wacz_version": "1.1.1",
        "software": "newsarchive",
        "created": now,
        "resources": resources,
    }
    return json.dumps(package, indent=1).encode()
