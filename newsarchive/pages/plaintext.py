"""A page that reached us as text, one paragraph a line.

Shapes: section, headline, signature behind a bar, text, furniture (with or without blank lines between); the
same without section or signature; section, headline, text, signature at the end; an AMP page that begins with
its site icon; text alone, which is refused, since its first line is no headline.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsarchive.items import Paragraph, ParagraphKind, Reason
from newsarchive.pages import amp, assembly, bylines, jannah, sahifa
from newsarchive.pages.blocks import line_kind
from newsarchive.pages.html import Page, UnreadableError
from newsarchive.text.boilerplate import strip_edges
from newsarchive.text.whitespace import tidy

if TYPE_CHECKING:
    from newsarchive.items import Article

NAME = "plaintext"
VERSION = 1
FURNITURE = jannah.FURNITURE | sahifa.FURNITURE | amp.FURNITURE

_SITE_ICON = "Site icon "
_MORE = "أكمل القراءة"
_FEED_TAIL = re.compile(r"^(?:The post .+ appeared first on .+|ظهرت المقالة .+ أولا?ً? ?على .+)$")
_SECTION_WORDS = 4
_SECTION_LENGTH = 40
_HEADLINE_LENGTH = 220
_HEAD_LINES = 3
_SUBHEAD_WORDS = 6
_PUNCTUATION = re.compile(r"[\d.,:;!?؟،؛…«»“”|•]")


def recognises(page: Page) -> bool:
    """Whether the page is text without markup."""
    return page.tree is None


def read(page: Page) -> Article:
    """Return the article of a text. Raises UnreadableError with the reason why it is none."""
    if sum(line.strip().startswith(_MORE) for line in page.text.splitlines()) > 1:
        raise UnreadableError(Reason.LISTING, "several «أكمل القراءة»: a list of articles")
    lines = _lines(page)
    if any(_FEED_TAIL.match(line) for line in lines):
        raise UnreadableError(Reason.INCOMPLETE, "an item of a feed: its text is a cut summary")
    section, title, subtitle, rest = _head(lines)
    return assembly.article(
        page,
        assembly.Reading(
            title=title,
            subtitle=subtitle,
            categories=_parted(section, assembly.placements(page.newspaper)),
            paragraphs=[Paragraph(_kind(rest, n), line) for n, line in enumerate(rest)],
        ),
        name=NAME,
        version=VERSION,
        furniture=FURNITURE,
    )


def _lines(page: Page) -> list[str]:
    """The printed lines between the furniture."""
    furniture = FURNITURE.union(page.newspaper.masthead) if page.newspaper else FURNITURE
    lines = strip_edges([tidy(line) for line in page.text.splitlines()], furniture)
    if lines and lines[0].startswith(_SITE_ICON):
        lines = strip_edges(lines[1:], furniture)
    return [line for line in lines if line]


def _head(lines: list[str]) -> tuple[str, str, str, list[str]]:
    """Return section, headline, subtitle and the lines after them.

    Raises UnreadableError (no-title, ambiguous).
    """
    bar = next((n for n, line in enumerate(lines[: _HEAD_LINES + 1]) if line.startswith("|")), None)
    if bar is None:
        return _head_without_bar(lines)
    above, rest = lines[:bar], lines[bar:]
    if not above:
        raise UnreadableError(Reason.NO_TITLE, "nothing stands above the signature")
    if len(above) == 1:
        return "", above[0], "", rest
    if _is_section(above[0]):
        return above[0], above[1], " ".join(above[2:]), rest
    title, *subtitles = above
    if len(subtitles) == 1:
        return "", title, subtitles[0], rest
    raise UnreadableError(
        Reason.AMBIGUOUS, f"{len(above)} lines above the signature, the first is no section"
    )


def _head_without_bar(lines: list[str]) -> tuple[str, str, str, list[str]]:
    if len(lines) >= _HEAD_LINES and _is_section(lines[0]) and _is_headline(lines[1]):
        return lines[0], lines[1], "", lines[2:]
    if lines and _is_headline(lines[0]):
        return "", lines[0], "", lines[1:]
    raise UnreadableError(Reason.NO_TITLE, "the first line is a sentence of the text, not a headline")


def _is_section(line: str) -> bool:
    return (
        len(line.split()) <= _SECTION_WORDS and len(line) <= _SECTION_LENGTH and not _PUNCTUATION.search(line)
    )


def _is_headline(line: str) -> bool:
    ends_a_sentence = line.endswith((".", ":", "،", "؛")) and not line.endswith("..")
    return len(line) <= _HEADLINE_LENGTH and not ends_a_sentence and bylines.closing(line, None) is None


def _parted(section: str, placements: frozenset[str]) -> list[str]:
    """The categories of a section line, in which a placement may be glued to a subject.

    Themes print neighbouring categories as links without a separator.
    """
    for placement in placements:
        for subject in (section.removesuffix(placement), section.removeprefix(placement)):
            if subject not in {"", section}:
                return [subject]
    return [section] if section else []


def _kind(lines: list[str], place: int) -> ParagraphKind:
    """A short line without a stop, in the middle of a text, heads what follows."""
    line = lines[place]
    short = len(line.split()) <= _SUBHEAD_WORDS and not _PUNCTUATION.search(line[-1])
    return line_kind(line, emphatic=short and 0 < place < len(lines) - 1)
