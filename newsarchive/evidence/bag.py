"""A folder as a bag (BagIt, RFC 8493) with the events of its making, after PREMIS, for a preservation archive."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newsarchive.evidence.manifests import EVIDENCE
from newsarchive.export.articles import sha256_of
from newsarchive.storage.ledger import utc_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

# PREMIS event types (id.loc.gov/vocabulary/preservation/eventType) of the commands that write.
_TYPES = {"crawl": "capture", "ingest": "ingestion", "reread": "metadata modification"}


def close(folder: Path, newspaper: str, now: str) -> None:
    """Write the tag files over the payload in `folder/data`. Raises OSError."""
    payload = sorted(path for path in (folder / "data").rglob("*") if path.is_file())
    size = sum(path.stat().st_size for path in payload)
    (folder / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    (folder / "bag-info.txt").write_text(
        f"Source-Organization: newsarchive\nExternal-Identifier: {newspaper}\nBagging-Date: {now[:10]}\n"
        f"Payload-Oxum: {size}.{len(payload)}\n"
    )
    _manifest(folder, "manifest-sha256.txt", payload)
    tags = [folder / name for name in ("bag-info.txt", "bagit.txt", "manifest-sha256.txt")]
    _manifest(folder, "tagmanifest-sha256.txt", tags)


def write_events(connection: sqlite3.Connection, directory: Path, target: Path) -> None:
    """Write what happened to the archive, one JSON object a line, by time. Raises OSError."""
    events = sorted((*_runs(connection), *_removals(connection), *_of_files(directory)), key=_time)
    target.write_text(
        "".join(f"{json.dumps(event, ensure_ascii=False)}\n" for event in events), encoding="utf-8"
    )


def _manifest(folder: Path, name: str, files: list[Path]) -> None:
    lines = (f"{sha256_of(path)}  {path.relative_to(folder).as_posix()}\n" for path in files)
    (folder / name).write_text("".join(lines), encoding="utf-8")


def _runs(connection: sqlite3.Connection) -> Iterator[dict[str, str]]:
    for row in connection.execute("SELECT * FROM runs ORDER BY id"):
        outcome = "killed" if row["exit_code"] is None else f"exit {row['exit_code']}"
        detail = f"{row['requests']} requests, {row['new']} new, {row['changed']} changed"
        yield _event(_TYPES.get(row["command"], row["command"]), row["started_at"], outcome, detail)


def _removals(connection: sqlite3.Connection) -> Iterator[dict[str, str]]:
    for row in connection.execute("SELECT month, state, count(*) AS n FROM takedowns GROUP BY month, state"):
        yield _event("redaction", row["month"], row["state"], f"{row['n']} articles")


def _of_files(directory: Path) -> Iterator[dict[str, str]]:
    """Repairs and fixity checks leave files: what was cut off, and the manifests."""
    for path in sorted(directory.glob("*.torn-*")):
        file, _, offset = path.name.rpartition(".torn-")
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        yield _event("recovery", utc_text(written), "cut", f"{file} was cut behind byte {offset}")
    for root in sorted((directory / EVIDENCE).glob("*/ROOT")):
        said = dict(line.split(" ", 1) for line in root.read_text().splitlines())
        yield _event("fixity check", said["time"], "clean", f"{said['leaves']} records, root {said['root']}")


def _event(kind: str, moment: str, outcome: str, detail: str) -> dict[str, str]:
    return {"eventType": kind, "eventDateTime": moment, "eventOutcome": outcome, "eventDetail": detail}


def _time(event: dict[str, str]) -> str:
    return event["eventDateTime"]
