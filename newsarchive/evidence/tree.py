r"""A Merkle tree that a person can check with `sha256sum`: every hash is that of one printed line.

A leaf is the SHA-256 of `leaf SALT RECORD\\n`, an inner node of `node LEFT RIGHT\\n`; all are 64 hex digits. The
last node of an odd level goes up as it is. The words keep a node from passing for a leaf (RFC 6962, 2.1); the
salt keeps a leaf from telling, once its record has been removed, what the record was.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def leaf(salt: str, record_sha256: str) -> str:
    """The leaf of a record."""
    return _hash(f"leaf {salt} {record_sha256}\n")


def root(leaves: Sequence[str]) -> str:
    """The root over the leaves in their order. Raises ValueError where there is none."""
    if not leaves:
        raise ValueError("no leaves")
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path(leaves: Sequence[str], position: int) -> list[tuple[str, str]]:
    """What leads from a leaf to the root: (left or right, hash) of each neighbour, in order."""
    level, steps = list(leaves), list[tuple[str, str]]()
    while len(level) > 1:
        neighbour = position ^ 1
        if neighbour < len(level):
            steps.append(("left" if neighbour < position else "right", level[neighbour]))
        level, position = _above(level), position // 2
    return steps


def _above(level: list[str]) -> list[str]:
    pairs = [_hash(f"node {left} {right}\n") for left, right in zip(level[::2], level[1::2], strict=False)]
    return pairs + level[-1:] if len(level) % 2 else pairs


def _hash(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()
