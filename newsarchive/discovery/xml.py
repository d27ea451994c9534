"""Reading XML that may break off anywhere: what stands whole before the break is given."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

if TYPE_CHECKING:
    from collections.abc import Iterator


def elements(text: bytes, names: frozenset[str]) -> tuple[list[Element], str | None]:
    """Every whole element with one of the local `names`, and what is wrong with the document if anything is.

    A document that declares entities is not read at all (they can grow without bound).
    """
    if b"<!ENTITY" in text:
        return [], "the document declares entities"
    parser: XMLPullParser[Element] = XMLPullParser(["end"])
    try:
        parser.feed(text)
        parser.close()
    except ParseError as error:
        return list(_ended(parser, names)), f"the document breaks off or is no XML: {error}"
    return list(_ended(parser, names)), None


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rsplit("}", 1)[-1]


def _ended(parser: XMLPullParser[Element], names: frozenset[str]) -> Iterator[Element]:
    events = parser.read_events()
    while True:
        try:
            event = next(events)
        except (StopIteration, ParseError):  # the queue ends with the error that feed() raised before
            return
        element = event[-1]
        if isinstance(element, Element) and local_name(element) in names:
            yield element
