"""Dated manifests of the captures: SHA-256 of every closed WARC file, and one root over all their records.

They stand in `evidence/` of the capture directory. To be published: `TIME/MANIFEST.sha256`, `TIME/LEAVES`,
`TIME/ROOT` and, where an authority stamped it, `TIME/ROOT.tsr`. To be kept: `SALTS`, a line for each leaf (file,
offset, record digest, salt, leaf), from which proofs are made. A removed record's line keeps its leaf alone.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsarchive import capture
from newsarchive.evidence import tree
from newsarchive.exceptions import CaptureError
from newsarchive.places import room_for, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

EVIDENCE = "evidence"
_SALTS = "SALTS"
_REMOVED = "-"
_WITH_LEAF = frozenset({"response", "resource", "revisit"})


@dataclass(frozen=True, slots=True)
class Leaf:
    """A record's place in the tree. A removed record's fields are `-`, its leaf stands."""

    file: str
    offset: str
    record_sha256: str
    salt: str
    leaf: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest that was written: its folder, and the leaves that its root is over."""

    folder: Path
    leaves: tuple[str, ...]

    @property
    def root_file(self) -> Path:
        """The file that names the root and the manifest, and that an authority stamps."""
        return self.folder / "ROOT"


def write(
    directory: Path, newspaper: str, now: str, is_sealed: Callable[[str], bool] = lambda _: False
) -> Manifest:
    """Write a manifest of the closed files as of `now` (UTC). Raises CaptureError, OutOfSpaceError, OSError.

    Leaves of former manifests keep their places; new records come after them. Records of an address that
    `is_sealed` get none.
    """
    evidence = directory / EVIDENCE
    leaves = read_salts(directory)
    known = {(leaf.file, leaf.offset) for leaf in leaves}
    leaves += [leaf for leaf in _new_leaves(directory, is_sealed) if (leaf.file, leaf.offset) not in known]
    if not leaves:
        raise CaptureError(f"there is no record in a closed file of {directory}")
    folder = evidence / now.replace("-", "").replace(":", "")
    with room_for(folder):
        evidence.mkdir(exist_ok=True)
        write_salts(directory, leaves)
        folder.mkdir(exist_ok=True)
    listed = "".join(f"{digest}  {name}\n" for digest, name in capture.manifest(directory))
    hashes = tuple(leaf.leaf for leaf in leaves)
    _put(folder / "MANIFEST.sha256", listed)
    _put(folder / "LEAVES", "".join(f"{leaf}\n" for leaf in hashes))
    said = {
        "newspaper": newspaper,
        "time": now,
        "leaves": str(len(hashes)),
        "root": tree.root(hashes),
        "manifest": hashlib.sha256(listed.encode()).hexdigest(),
    }
    _put(folder / "ROOT", "".join(f"{name} {value}\n" for name, value in said.items()))
    return Manifest(folder, hashes)


def latest(directory: Path) -> Manifest | None:
    """The newest manifest, None where there is none."""
    found = sorted((directory / EVIDENCE).glob("*/ROOT"))
    if not found:
        return None
    folder = found[-1].parent
    return Manifest(folder, tuple((folder / "LEAVES").read_text().split()))


def read_salts(directory: Path) -> list[Leaf]:
    """Every leaf in its order. Raises CaptureError for a file that is not as `write` left it."""
    path = directory / EVIDENCE / _SALTS
    if not path.exists():
        return []
    try:
        return [Leaf(*line.split("\t")) for line in path.read_text().splitlines()]
    except TypeError as error:
        raise CaptureError(f"{path} is damaged: bring it back from a copy") from error


def forget(directory: Path, places: Collection[tuple[str, int]]) -> int:
    """Leave only the leaves of records that were removed (file, offset); returns how many had more."""
    wanted = {(file, str(offset)) for file, offset in places}
    leaves = read_salts(directory)
    kept = [
        Leaf(_REMOVED, _REMOVED, _REMOVED, _REMOVED, leaf.leaf)
        if (leaf.file, leaf.offset) in wanted
        else leaf
        for leaf in leaves
    ]
    if kept != leaves:
        write_salts(directory, kept)
    return sum(old != new for old, new in zip(leaves, kept, strict=True))


def write_salts(directory: Path, leaves: Sequence[Leaf]) -> None:
    """Write the leaves with their salts, readable by the owner alone."""
    lines = (f"{x.file}\t{x.offset}\t{x.record_sha256}\t{x.salt}\t{x.leaf}\n" for x in leaves)
    _put(directory / EVIDENCE / _SALTS, "".join(lines), mode=0o600)


def _new_leaves(directory: Path, is_sealed: Callable[[str], bool]) -> Iterator[Leaf]:
    for path in sorted(directory.glob("*.warc.gz")):
        with path.open("rb") as file:
            for record in capture.walk(path, lambda _: None):
                if record.kind in _WITH_LEAF and not is_sealed(record.url or ""):
                    digest = hashlib.sha256(os.pread(file.fileno(), record.length, record.offset)).hexdigest()
                    salt = secrets.token_hex(32)
                    yield Leaf(path.name, str(record.offset), digest, salt, tree.leaf(salt, digest))


def _put(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a whole file or none of it."""
    with whole(path) as new:
        new.write_text(text)
        new.chmod(mode)
