"""Where are article addresses? Each room reads the bytes of one kind of document and names what it lists.

No room fetches anything: a document that leads to further ones names them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsarchive.items import Found, Memento


@dataclass(frozen=True, slots=True)
class Listing:
    """What one discovery document says.

    found: the addresses it lists, as printed. further: addresses of more documents of the same kind.
    total: how many articles the source claims to have. complete: False when the document ends too early;
    what it lists up to there still counts. reason: what is wrong with it, None when nothing is.
    """

    found: tuple[Found, ...] = ()
    further: tuple[str, ...] = ()
    total: int | None = None
    complete: bool = True
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CaptureIndex:
    """What one page of a web archive's index says.

    mementos: the captures it lists. cursor: where the list goes on, None at its end. complete: False for an
    answer that is no such page or ends too early. reason: what is wrong with it, None when nothing is.
    """

    mementos: tuple[Memento, ...] = ()
    cursor: str | None = None
    complete: bool = True
    reason: str | None = None
