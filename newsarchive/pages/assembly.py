"""What a reader found on a page → an Article: signature taken from the text, dates read, names cleaned."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from newsarchive.items import Article, ParagraphKind, PublishedFrom, Reason
from newsarchive.pages import bylines, dates
from newsarchive.pages.html import Page, UnreadableError
from newsarchive.text.boilerplate import inner
from newsarchive.text.whitespace import tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from newsarchive.items import Newspaper, Paragraph

# A category that says where a text was placed, not what it is about; the theme ships it by this name.
DEFAULT_PLACEMENTS = ("العناوين الرئيسية",)

# A signature may be printed in bold; items of lists and quotations are the text's.
_SIGNED_KINDS = (ParagraphKind.PROSE, ParagraphKind.SUBHEAD)

_ARABIC = re.compile("[\u0621-\u064a]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]+")
_LANGUAGE_SAMPLE = 500
_LANGUAGE_PARAGRAPHS = 10
_DATED_PATH = re.compile(r"/(\d{4})/(\d{1,2})/(\d{1,2})(?:/|$)")
_ARCHIVE_PATH = re.compile(r"/archives/(\d+)(?:/|$)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What stands on a page, before it is understood. `published` is in the order of evidence."""

    title: str
    paragraphs: Sequence[Paragraph]
    categories: Sequence[str] = ()
    subtitle: str = ""
    published: Sequence[tuple[PublishedFrom, str]] = ()
    modified: Sequence[str] = ()
    tags: Sequence[str] = ()
    image: str | None = None
    post_id: int | None = None
    next_page: str | None = None


def article(page: Page, reading: Reading, *, name: str, version: int, furniture: frozenset[str]) -> Article:
    """Return the article that a reading makes. Raises UnreadableError (no-title, no-text)."""
    if not reading.title:
        raise UnreadableError(Reason.NO_TITLE, "no headline")
    found, paragraphs = sign(_inside(reading.paragraphs, page.newspaper, furniture), page.newspaper)
    subtitle = tidy(reading.subtitle)
    if found is None and subtitle.startswith("|"):
        found = bylines.opening(subtitle, page.newspaper)
        subtitle = "" if found else subtitle
    signature = found or bylines.UNSIGNED
    if all(p.kind is ParagraphKind.CAPTION for p in paragraphs):
        raise UnreadableError(Reason.NO_TEXT, "a headline without text")
    published, published_from = publication(page, reading.published)
    return Article(
        url=page.url,
        newspaper=page.newspaper.name if page.newspaper else None,
        title=reading.title,
        paragraphs=tuple(paragraphs),
        reader=name,
        reader_version=version,
        sections=subjects(reading.categories, page.newspaper),
        subtitle=subtitle or None,
        byline=signature.byline,
        writer=signature.writer,
        place=signature.place,
        agency=signature.agency,
        published_at=published,
        published_from=published_from,
        modified_at=next(filter(None, (_date(page, text) for text in reading.modified)), None),
        tags=tuple(dict.fromkeys(filter(None, map(tidy, reading.tags)))),
        image_url=absolute(page, reading.image),
        language=language(page, reading.title, paragraphs),
        post_id=_archive_id(page.url) or reading.post_id,
        next_page=absolute(page, reading.next_page),
    )


def _inside(
    paragraphs: Sequence[Paragraph], newspaper: Newspaper | None, furniture: frozenset[str]
) -> list[Paragraph]:
    return list(paragraphs[inner([p.text for p in paragraphs], _lines(newspaper, furniture))])


@lru_cache(maxsize=64)
def _lines(newspaper: Newspaper | None, furniture: frozenset[str]) -> frozenset[str]:
    """The whole lines that a theme and the newspaper print around a text."""
    return furniture.union(newspaper.masthead) if newspaper else furniture


def sign(
    paragraphs: list[Paragraph], newspaper: Newspaper | None
) -> tuple[bylines.Byline | None, list[Paragraph]]:
    """Return the signature that opens or closes a text, and the text without it."""
    printed = [n for n, p in enumerate(paragraphs) if p.kind is not ParagraphKind.CAPTION]
    if not printed:
        return None, paragraphs
    for place, recognise in ((printed[0], bylines.opening), (printed[-1], bylines.closing)):
        line = paragraphs[place]
        if line.kind not in _SIGNED_KINDS and not line.text.startswith("|"):
            continue
        if signature := recognise(line.text, newspaper):
            return signature, paragraphs[:place] + paragraphs[place + 1 :]
    return None, paragraphs


@lru_cache(maxsize=64)
def placements(newspaper: Newspaper | None) -> frozenset[str]:
    """Return the categories that say where a text stands."""
    return frozenset((*DEFAULT_PLACEMENTS, *(newspaper.placements if newspaper else ())))


def subjects(categories: Iterable[str], newspaper: Newspaper | None) -> tuple[str, ...]:
    """Return the categories without placements, each once."""
    names = dict.fromkeys(filter(None, map(tidy, categories)))
    left_out = placements(newspaper)
    return tuple(name for name in names if name not in left_out)


def publication(
    page: Page, claims: Sequence[tuple[PublishedFrom, str]]
) -> tuple[str | None, PublishedFrom | None]:
    """Return the first date among the claims that can be one, and where it stood."""
    for source, text in chain(claims, _dated_address(page.url)):
        if found := _date(page, text):
            return found, source
    return None, None


def _date(page: Page, text: str) -> str | None:
    return dates.read(text, page.timezone, page.captured_at)


def _dated_address(url: str | None) -> Iterator[tuple[PublishedFrom, str]]:
    if url and (found := _DATED_PATH.search(urlsplit(url).path)):
        yield PublishedFrom.URL, "-".join(found.groups())


def _archive_id(url: str | None) -> int | None:
    found = _ARCHIVE_PATH.search(urlsplit(url).path) if url else None
    return int(found[1]) if found else None


def absolute(page: Page, address: str | None) -> str | None:
    """Return an http(s) address in full, None for any other or where the page's own address is unknown."""
    if not address:
        return None
    base = page.url or (f"https://{page.newspaper.hosts[0]}/" if page.newspaper else "")
    try:
        full = urljoin(base, tidy(address))
        return full if urlsplit(full).scheme in {"http", "https"} and urlsplit(full).netloc else None
    except ValueError:
        return None


def language(page: Page, title: str, paragraphs: Sequence[Paragraph]) -> str | None:
    """Return the ISO 639-1 code of the prevailing script: ar, or the page's own claim for a Latin one."""
    text = " ".join([title, *(p.text for p in paragraphs[:_LANGUAGE_PARAGRAPHS])])[:_LANGUAGE_SAMPLE]
    arabic = len("".join(_ARABIC.findall(text)))
    if 2 * arabic > len(text) or arabic > len("".join(_LATIN.findall(text))):
        return "ar"
    root = page.first("html")
    claim = ((root.attributes.get("lang") or "") if root else "").lower()[:2]
    return claim if claim and claim != "ar" else None
