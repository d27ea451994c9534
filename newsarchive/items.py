"""The contract between the rooms: what is passed on, and what each field of it means.

All of it is plain frozen data. `None` means unknown; the empty string never stands for it. Every text is
Unicode as the newspaper printed it, less invisible marks and surplus white space (`newsarchive.text.whitespace`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any


class ParagraphKind(StrEnum):
    """What a paragraph of an article is."""

    PROSE = "prose"
    SUBHEAD = "subhead"
    LIST = "list"
    QUOTE = "quote"
    CAPTION = "caption"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph as printed: a single line of text, never empty. A list item is one paragraph."""

    kind: ParagraphKind
    text: str


class PublishedFrom(StrEnum):
    """Where a publication date was read, strongest evidence first."""

    JSON_LD = "json-ld"
    META = "meta"
    REST = "rest"
    FEED = "feed"
    SITEMAP = "sitemap"
    VISIBLE = "visible"
    URL = "url"


class Reason(StrEnum):
    """Why an answer did not become an article, or why an address stands where it stands: the closed list."""

    # what came is not a page
    NOT_HTML = "not-html"
    WRONG_TYPE = "wrong-type"
    EMPTY_ANSWER = "empty-answer"
    TOO_LARGE = "too-large"
    TOO_DEEP = "too-deep"
    UNDECODABLE = "undecodable"
    INCOMPLETE = "incomplete"
    KILLS_READER = "kills-reader"
    # a page, but not an article
    HOME_PAGE = "home-page"
    LISTING = "listing"
    STATIC_PAGE = "static-page"
    ISSUE_PAGE = "issue-page"
    NOT_FOUND_PAGE = "not-found-page"
    CHALLENGE_PAGE = "challenge-page"
    BLOCK_PAGE = "block-page"
    UNKNOWN_LAYOUT = "unknown-layout"
    WRONG_NEWSPAPER = "wrong-newspaper"
    # an article whose text cannot be trusted
    AMBIGUOUS = "ambiguous"
    NO_TITLE = "no-title"
    NO_TEXT = "no-text"
    TITLE_TOO_LONG = "title-too-long"
    BODY_TOO_LONG = "body-too-long"
    FURNITURE_IN_BODY = "furniture-in-body"
    INVALID_RECORD = "invalid-record"
    # the address itself
    DUPLICATE_ADDRESS = "duplicate-address"
    HTTP_GONE = "http-gone"
    HTTP_FORBIDDEN = "http-forbidden"
    HTTP_ERROR = "http-error"
    NETWORK_ERROR = "network-error"
    ROBOTS_DISALLOWED = "robots-disallowed"
    ROBOTS_UNREACHABLE = "robots-unreachable"
    OFFSITE = "offsite"
    REDIRECTED_HOME = "redirected-home"
    REDIRECT_LOOP = "redirect-loop"
    TAKEN_DOWN = "taken-down"


BLOCKS = frozenset([Reason.HTTP_FORBIDDEN, Reason.CHALLENGE_PAGE, Reason.BLOCK_PAGE])
"""What a server says to somebody whom it does not want to answer."""


class AddressState(StrEnum):
    """The one state every address of the ledger is in."""

    PENDING = "pending"
    ARTICLE = "article"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    GONE = "gone"
    BLOCKED = "blocked"
    FAILED = "failed"


class AssetState(StrEnum):
    """The one state every file besides articles is in."""

    PENDING = "pending"
    KEPT = "kept"
    FAILED = "failed"
    GONE = "gone"
    TOO_LARGE = "too-large"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Newspaper:
    """A newspaper's card: all that the rooms need to know of it. Filled in `newsarchive/spiders/`.

    `hosts` are bare host names, the principal one first: `/archives/N` there gives the key `NAME-N`.
    `timezone` is an IANA name. `readers` name modules of `newsarchive.pages`, newest layout first.
    `masthead` are the whole lines that the newspaper prints around its articles. `articles_per_day` is the
    expected volume as (least, most).
    """

    name: str
    title: str
    hosts: tuple[str, ...]
    timezone: str
    readers: tuple[str, ...]
    masthead: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    placements: tuple[str, ...] = ()
    articles_per_day: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An address that a source named.

    `lastmod` and `published` are hints and no more: ISO 8601 in UTC with a `Z`, or a bare day. `source` is
    rest, sitemap, feed, listing, sweep, wayback or commoncrawl.
    """

    url: str
    lastmod: str | None
    source: str
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A document that discovery starts from, and how far its walk came.

    `kind` names the room of `newsarchive.discovery` that reads it. `cursor` are the documents, a line each, at
    which an unfinished walk goes on. `visited_at` is UTC. `total` is how many articles it claims to have.
    `complete`: its last walk came to its end.
    """

    url: str
    kind: str
    cursor: str | None = None
    visited_at: str | None = None
    total: int | None = None
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Memento:
    """A capture that a web archive holds, as its index names it.

    url: as the archive spells it. timestamp: YYYYMMDDhhmmss, UTC. source: wayback or commoncrawl. location:
    `FILE OFFSET LENGTH` of Common Crawl's record, None for the Wayback Machine. digest: SHA-1 of the payload
    in base 32. status: of the HTTP answer; media_type: as the index has it; both None where it does not say.
    """

    url: str
    timestamp: str
    source: str
    location: str | None = None
    digest: str | None = None
    status: int | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """One raw answer and where its WARC record stands.

    `fetched_at` is ISO 8601 in UTC with second precision and a `Z`: when the bytes were first obtained from
    the newspaper, which for a web archive's copy is the memento's time. `source` is live, wayback,
    commoncrawl or ingest. `warc_offset` and `warc_length` are bytes of the compressed member in `warc_file`
    (a bare file name in the capture directory). `payload_sha256` is the hex digest of the decoded body.
    """

    url: str
    fetched_at: str
    status: int | None
    source: str
    warc_file: str
    warc_offset: int
    warc_length: int
    payload_sha256: str
    content_type: str | None = None
    truncated: bool = False


@dataclass(frozen=True, kw_only=True)
class Article:
    """An article as one capture (or the captures of its parts) prints it.

    url: normal address, None for a page that reached us without one.
    newspaper: the card's name, None for an unknown host.
    title: the headline with all its decks, one line.
    paragraphs: the text in order, furniture and signature left out.
    sections: subjects, deepest breadcrumb first; placements such as «العناوين الرئيسية» are left out.
    byline: the signature verbatim, without the bar. writer, place, agency: what it says, by
        `newsarchive.pages.bylines`; several places are joined by «، ».
    published_at: ISO 8601 with the newspaper's offset, a bare YYYY-MM-DD where only the day is printed,
        None where unknown. published_from: where that was read. modified_at: the same, as claimed by the page.
    tags: as printed. image_url: absolute. language: ISO 639-1 of the prevailing script.
    post_id: the WordPress post id. reader, reader_version: who read it.
    next_page: absolute address of the next part of a paged article.
    captures: filled by the crawl: the raw answers this was read from, in the order of the parts.
    """

    url: str | None
    newspaper: str | None
    title: str
    paragraphs: tuple[Paragraph, ...]
    reader: str
    reader_version: int = 1
    sections: tuple[str, ...] = ()
    subtitle: str | None = None
    byline: str | None = None
    writer: str | None = None
    place: str | None = None
    agency: str | None = None
    published_at: str | None = None
    published_from: PublishedFrom | None = None
    modified_at: str | None = None
    tags: tuple[str, ...] = ()
    image_url: str | None = None
    language: str | None = None
    post_id: int | None = None
    next_page: str | None = None
    captures: tuple[Capture, ...] = ()

    @property
    def section(self) -> str | None:
        """The first of `sections`."""
        return self.sections[0] if self.sections else None

    @cached_property
    def body(self) -> str:
        """The paragraphs but for captions, joined by one blank line."""
        return "\n\n".join(p.text for p in self.paragraphs if p.kind is not ParagraphKind.CAPTION)

    @property
    def lead(self) -> str | None:
        """The first paragraph of prose."""
        return next((p.text for p in self.paragraphs if p.kind is ParagraphKind.PROSE), None)

    @property
    def word_count(self) -> int:
        """Words of the body: runs of letters and digits."""
        return len(re.findall(r"\w+", self.body))

    def record(self) -> dict[str, Any]:
        """The article as `scrapy readpage` prints it and `scrapy ingest` reads it (JSON-ready)."""
        return {
            "kind": "article",
            "url": self.url,
            "newspaper": self.newspaper,
            "section": self.section,
            "sections": list(self.sections),
            "title": self.title,
            "subtitle": self.subtitle,
            "byline": self.byline,
            "writer": self.writer,
            "place": self.place,
            "agency": self.agency,
            "published_at": self.published_at,
            "published_from": self.published_from and str(self.published_from),
            "modified_at": self.modified_at,
            "lead": self.lead,
            "body": self.body,
            "paragraphs": [{"kind": str(p.kind), "text": p.text} for p in self.paragraphs],
            "tags": list(self.tags),
            "image_url": self.image_url,
            "language": self.language,
            "reader": self.reader,
        }


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why an answer is not an article.

    `detail` says in English what stood there; `links` are the PDFs of an issue page, `title` and `published_at`
    (as in Article) what it says of the issue; `captures` are filled by the crawl.
    """

    url: str | None
    reason: Reason
    detail: str
    newspaper: str | None = None
    links: tuple[str, ...] = ()
    title: str | None = None
    published_at: str | None = None
    captures: tuple[Capture, ...] = ()

    def record(self) -> dict[str, Any]:
        """The refusal as `scrapy readpage` prints it (JSON-ready)."""
        return {"kind": "refused", "url": self.url, "reason": str(self.reason), "detail": self.detail}
