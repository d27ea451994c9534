"""Lines that a theme or a newspaper prints around every text.

Only exact whole lines at the edges are furniture: the same words inside a sentence are the article's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def inner(lines: Sequence[str], furniture: Collection[str]) -> slice:
    """Return the part of `lines` that is left when furniture and empty lines are taken off both edges."""
    start, stop = 0, len(lines)
    while start < stop and (not lines[start] or lines[start] in furniture):
        start += 1
    while stop > start and (not lines[stop - 1] or lines[stop - 1] in furniture):
        stop -= 1
    return slice(start, stop)


def strip_edges(lines: Sequence[str], furniture: Collection[str]) -> list[str]:
    """Return the lines without the furniture and the empty lines at both edges."""
    return list(lines[inner(lines, furniture)])
