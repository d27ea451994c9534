"""Where are article addresses? Each room reads the bytes of one kind of document and names what it lists.

No room fetches anything: a document that leads to further ones names them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsarchive.items import Found


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
