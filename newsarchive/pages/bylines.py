"""Signatures: who wrote, from where, after which agency.

A signature is a short line of parts between dashes, hyphens or low lines: the paper's own name, agencies,
places, roles such as «مراسل», names. The parts are told apart by `newsarchive.pages.names` and the
newspaper's title and masthead; what is none of these and does not look like a person's name stays in the
verbatim byline only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.pages import names
from newsarchive.text.names import SEPARATOR
from newsarchive.text.whitespace import tidy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsarchive.items import Newspaper

MAX_LENGTH = 100

_KEY_DROPPED = re.compile("[\\s\u0640\u064b-\u0652\u0670.«»“”\"'()،]+")
_KEY_FOLD = str.maketrans("أإآٱىة", "ااااي\u0647")
# A hyphen or low line separates when a blank stands on one of its sides; the long dashes always do.
_SEPARATOR = re.compile(r"\s*[–—|]\s*|\s+[-_]+\s*|[-_]+\s+")
_TIGHT = re.compile(r"[-_/]")
_AND = re.compile(r"\s+و\s*(?=\S)")
_WORD = re.compile(r"(?:[^\W\d_]|[\u0640\u064b-\u0652\u0670])+\.?")
_CREDIT = re.compile(
    rf"(?:(?P<photo>{'|'.join(names.PHOTO_CREDITS)})\s*[:/]\s*|(?:{'|'.join(names.CREDITS)})(?:\s*[:/]\s*|\s+))"
)
_NAME_WORDS = range(2, 6)
_NAME_LENGTH = 45
_MOST_NAMES = 2
# A house name of the paper: before or after its title.
_BEFORE_TITLE = ("صحيفة ", "جريدة ", "موقع ", "")
_AFTER_TITLE = (" أون لاين", " اونلاين", " online", "")


class Part(Enum):
    """What a part of a signature is."""

    PAPER = auto()
    AGENCY = auto()
    PLACE = auto()
    ROLE = auto()
    NAME = auto()
    PHOTO = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Byline:
    """A signature and what it says; what it does not say is None.

    `byline` is verbatim without the bar; several writers, places or agencies are joined by «، ».
    """

    byline: str | None = None
    writer: str | None = None
    place: str | None = None
    agency: str | None = None


UNSIGNED = Byline()


class _Papers(NamedTuple):
    """The keys of the names by which a newspaper signs, and of the roles with such a name behind them."""

    names: frozenset[str]
    roles: frozenset[str]


def key(text: str) -> str:
    """Return what the tables are looked up by: no blanks, marks, stops or quotation marks, one alef."""
    return _KEY_DROPPED.sub("", text).translate(_KEY_FOLD).lower()


_AGENCIES = frozenset(map(key, names.AGENCIES))
_PLACES = frozenset(map(key, names.PLACES))
_ROLES = frozenset(map(key, names.ROLES))


def read(text: str, newspaper: Newspaper | None) -> Byline:
    """Return what a signature says. The text may begin with the bar."""
    verbatim = tidy(text).lstrip("| ").strip()
    parts = _parts(verbatim.rstrip(":").rstrip(), newspaper)
    return Byline(
        byline=verbatim,
        writer=_joined(parts, Part.NAME),
        place=_joined(parts, Part.PLACE),
        agency=_joined(parts, Part.AGENCY),
    )


def opening(line: str, newspaper: Newspaper | None) -> Byline | None:
    """Return the signature that the first line of a text is: one behind a bar, or one that `closing` takes."""
    if not line.startswith("|"):
        return closing(line, newspaper)
    text = line.lstrip("| ")
    if not text or len(text) > MAX_LENGTH or text.endswith((".", "!", "؟")):
        return None
    return read(text, newspaper)


def closing(line: str, newspaper: Newspaper | None) -> Byline | None:
    """Return the signature that a bare line is, None for any other line.

    Every part must be understood, and one must be the paper, an agency or a role: a name or a place alone may
    be the article's last words.
    """
    if len(line) > MAX_LENGTH or line.endswith((".", "!", "؟", ":")):
        return None
    kinds = [kind for kind, _ in _parts(line, newspaper)]
    known = {Part.PAPER, Part.AGENCY, Part.ROLE}
    if Part.UNKNOWN in kinds or known.isdisjoint(kinds) or kinds.count(Part.NAME) > _MOST_NAMES:
        return None
    return read(line, newspaper)


def _joined(parts: Sequence[tuple[Part, str]], kind: Part) -> str | None:
    found = list(dict.fromkeys(text for part, text in parts if part is kind))
    return SEPARATOR.join(found) or None


# Most articles are signed by few: by the paper, an agency, its correspondents.
@lru_cache(maxsize=4096)
def _parts(text: str, newspaper: Newspaper | None) -> tuple[tuple[Part, str], ...]:
    papers = _papers(newspaper)
    found: list[tuple[Part, str]] = []
    for piece in filter(None, _SEPARATOR.split(text)):
        tight = [_kind(part.strip(), papers) for part in _TIGHT.split(piece)]
        if len(tight) > 1 and all(kind not in {Part.UNKNOWN, Part.NAME} for kind, _ in tight):
            found += tight
        else:
            found += _split_by_and(piece, papers)
    return tuple(found)


def _split_by_and(piece: str, papers: _Papers) -> list[tuple[Part, str]]:
    """A part as a whole, else the parts that «و» joins when all of them are understood."""
    whole = _kind(piece, papers)
    if whole[0] is not Part.UNKNOWN and not (whole[0] is Part.NAME and _AND.search(piece)):
        return [whole]
    joined = [_kind(part, papers) for part in _AND.split(piece)]
    return joined if len(joined) > 1 and all(kind is not Part.UNKNOWN for kind, _ in joined) else [whole]


def _kind(text: str, papers: _Papers) -> tuple[Part, str]:
    wanted = key(text)
    if wanted in papers.names:
        return Part.PAPER, text
    if wanted in _AGENCIES:
        return Part.AGENCY, text
    if wanted in _PLACES or (text.startswith("ريف ") and key(text[4:]) in _PLACES):
        return Part.PLACE, text
    if wanted in _ROLES or wanted in papers.roles:
        return Part.ROLE, text
    if credit := _CREDIT.match(text):
        rest = text[credit.end() :].strip()
        if credit["photo"]:
            return Part.PHOTO, rest
        if _is_name(rest):
            return Part.NAME, rest
    return (Part.NAME if _is_name(text) else Part.UNKNOWN), text


def _is_name(text: str) -> bool:
    words = text.split()
    return (
        len(words) in _NAME_WORDS
        and len(text) <= _NAME_LENGTH
        and all(_WORD.fullmatch(word) for word in words)
        and names.NOT_IN_NAMES.isdisjoint(words)
    )


@lru_cache(maxsize=64)
def _papers(newspaper: Newspaper | None) -> _Papers:
    if newspaper is None:
        return _Papers(frozenset(), frozenset())
    titles = {newspaper.title, *newspaper.masthead}
    for before in _BEFORE_TITLE[:-1]:
        titles |= {title.removeprefix(before) for title in titles}
    names_ = frozenset(
        key(before + title + after) for title in titles for before in _BEFORE_TITLE for after in _AFTER_TITLE
    )
    return _Papers(names_, frozenset(role + name for role in _ROLES for name in names_))
