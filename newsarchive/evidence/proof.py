"""One article's proof for a third party: captures, texts, differences, and the way to a published root."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import zipfile
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from newsarchive import capture
from newsarchive.evidence import instructions, manifests, tree
from newsarchive.exceptions import CaptureError, SettingsError
from newsarchive.places import whole

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)


def captures_of(connection: sqlite3.Connection, key: str) -> list[sqlite3.Row]:
    """The captures that an article's texts came from, a revisit's first capture with them, by time.

    Left out are those that quote what is taken down. Raises SettingsError for a key that nobody knows or that is
    taken down, CaptureError for an article without captures.
    """
    if connection.execute("SELECT 1 FROM taken_down WHERE key = ?", (key,)).fetchone():
        raise SettingsError(f"{key} is taken down; its captures are not handed out")
    row = connection.execute("SELECT article_id FROM article_keys WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise SettingsError(f"there is no article {key}")
    found = connection.execute(
        "SELECT DISTINCT f.* FROM captures AS c JOIN captures AS f ON f.id = c.id OR (f.url = c.url"
        " AND f.payload_sha256 = c.payload_sha256 AND f.status IS c.status)"
        " WHERE NOT c.withheld AND NOT f.withheld AND c.article_id = ? AND c.outcome IS NOT 'image'"
        " ORDER BY f.fetched_at, f.id",
        (row["article_id"],),
    ).fetchall()
    if not found:
        raise CaptureError(f"no capture that may be handed out stands for {key}")
    return found


def covering(
    directory: Path,
    rows: list[sqlite3.Row],
    newspaper: str,
    now: str,
    is_sealed: Callable[[str], bool] = lambda _: False,
) -> tuple[manifests.Manifest, bool]:
    """The newest manifest, written now (the second value says so) where it does not hold every capture.

    Raises CaptureError for captures in a file that is still open.
    """
    known = manifests.latest(directory)
    positions = _positions(directory)
    wanted = [(row["warc_file"], str(row["warc_offset"])) for row in rows]
    if known and all(positions.get(place, len(known.leaves)) < len(known.leaves) for place in wanted):
        return known, False
    return manifests.write(directory, newspaper, now, is_sealed), True


def write(
    connection: sqlite3.Connection,
    directory: Path,
    key: str,
    rows: list[sqlite3.Row],
    manifest: manifests.Manifest,
    target: Path,
) -> None:
    """Write the ZIP. Raises CaptureError, OutOfSpaceError, OSError."""
    files = dict(_records(directory, rows, manifest))
    files |= dict(_texts(connection, key))
    for name in ("ROOT", "MANIFEST.sha256", "ROOT.tsr"):
        if (manifest.folder / name).exists():
            files[name] = (manifest.folder / name).read_bytes()
    files |= {
        "README.txt": instructions.ENGLISH.encode(),
        "اقرأني.txt": instructions.ARABIC.encode(),
        "verify.sh": instructions.SCRIPT.encode(),
    }
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    files["SHA256SUMS"] = sums.encode()
    with whole(target) as new, zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)


def _positions(directory: Path) -> dict[tuple[str, str], int]:
    return {(leaf.file, leaf.offset): n for n, leaf in enumerate(manifests.read_salts(directory))}


def _records(
    directory: Path, rows: list[sqlite3.Row], manifest: manifests.Manifest
) -> Iterator[tuple[str, bytes]]:
    """Each capture as it stands in its file, and the way from it to the root."""
    leaves, positions = manifests.read_salts(directory), _positions(directory)
    for number, row in enumerate(rows, start=1):
        place = (row["warc_file"], str(row["warc_offset"]))
        path = capture.locate(directory, row["warc_file"])
        if place not in positions:
            raise CaptureError(f"{row['warc_file']} is still open; try again when its writer has ended")
        with path.open("rb") as file:
            data = os.pread(file.fileno(), row["warc_length"], row["warc_offset"])
        leaf = leaves[positions[place]]
        if hashlib.sha256(data).hexdigest() != leaf.record_sha256:
            raise CaptureError(
                f"{row['warc_file']} at byte {row['warc_offset']} is not what was proved: scrapy verify"
            )
        name = f"captures/{number:04}.warc.gz"
        steps = tree.path(manifest.leaves, positions[place])
        lines = [("record", name), ("salt", leaf.salt), *steps]
        yield name, data
        yield f"proofs/{number:04}.txt", "".join(f"{word} {value}\n" for word, value in lines).encode()


def _texts(connection: sqlite3.Connection, key: str) -> Iterator[tuple[str, bytes]]:
    """The article's record, its texts, and how each differs from the one before."""
    article = connection.execute(
        "SELECT a.* FROM articles AS a JOIN article_keys AS k ON k.article_id = a.id WHERE k.key = ?", (key,)
    ).fetchone()
    record = {name: article[name] for name in article.keys() if name not in {"id", "capture_id"}}  # noqa: SIM118
    yield "article.json", json.dumps(record, ensure_ascii=False, indent=1).encode()
    rows = connection.execute(
        "SELECT * FROM revisions WHERE article_id = ? AND superseded_by IS NULL ORDER BY first_seen_at, id",
        (article["id"],),
    ).fetchall()
    texts = [
        (f"{row['first_seen_at']} ({number})", _text(row, article)) for number, row in enumerate(rows, 1)
    ]
    for number, (_, text) in enumerate(texts, 1):
        yield f"texts/{number:02}.txt", text.encode()
    yield "diff.txt", "".join(_differences(texts)).encode()


def _text(row: sqlite3.Row, article: sqlite3.Row) -> str:
    body: Any = row["body"] if row["body"] is not None else article["body"]
    return f"{row['title']}\n\n{body}\n"


def _differences(texts: list[tuple[str, str]]) -> Iterator[str]:
    for (old_name, old), (new_name, new) in pairwise(texts):
        lines = (old.splitlines(keepends=True), new.splitlines(keepends=True))
        yield from difflib.unified_diff(*lines, old_name, new_name)
