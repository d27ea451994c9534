"""The sample's articles as they stand in `articles/*.toml`, and the record a perfect reading gives of each."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from newsarchive.items import Article, Paragraph, ParagraphKind, PublishedFrom
from newsarchive.sample.dress import Dress, Theme
from newsarchive.sample.sites import DAMASCUS, SITES, Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

ARTICLES = Path(__file__).parent / "articles"
PAGE_BREAK = "<!--nextpage-->"

_INVISIBLE = dict.fromkeys(
    [0xAD, 0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], None
)
_MARKS = (
    ("### ", "strong"),
    ("## ", "h3"),
    ("* ", "li"),
    ("> ", "quote"),
    ("^ ", "caption"),
)
_KINDS = {
    "p": ParagraphKind.PROSE,
    "strong": ParagraphKind.SUBHEAD,
    "h3": ParagraphKind.SUBHEAD,
    "li": ParagraphKind.LIST,
    "bullet": ParagraphKind.LIST,
    "quote": ParagraphKind.QUOTE,
    "caption": ParagraphKind.CAPTION,
}


def tidied(text: str) -> str:
    """The text without invisible marks and with single plain spaces."""
    return " ".join(text.translate(_INVISIBLE).split())


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph of a page.

    `markup` is p, strong (a paragraph all in bold), h3, li, bullet (a paragraph that starts
    with •), quote or caption; `text` is as printed, invisible marks included.
    """

    markup: str
    text: str

    @property
    def paragraph(self) -> Paragraph:
        """The paragraph that reading gives."""
        return Paragraph(_KINDS[self.markup], tidied(self.text))


def block(line: str) -> Block:
    """A line of an article's `body` as a block: what it starts with says what it is."""
    for mark, markup in _MARKS:
        if line.startswith(mark):
            return Block(markup, line.removeprefix(mark))
    return Block("bullet" if line.startswith("• ") else "p", line)


def parts_of(body: str) -> tuple[tuple[Block, ...], ...]:
    """The parts of a body (one, unless a page break stands in it), each with its blocks."""
    pages = body.split(PAGE_BREAK)
    return tuple(
        tuple(block(line.strip(" \n")) for line in page.split("\n") if line.strip()) for page in pages
    )


def slug_of(title: str) -> str:
    """The slug WordPress makes of a headline.

    Words joined by hyphens, cut where its percent-encoding would
    pass 200 bytes, in the middle of a word if need be.
    """
    plain = re.sub(r"[^\w\s-]", "", tidied(title))
    slug = re.sub(r"[\s-]+", "-", plain).strip("-").lower()
    while len(quote(slug)) > 200:  # noqa: PLR2004 - the limit of the post_name column
        slug = slug[:-1]
    return slug.strip("-")


@dataclass(frozen=True, kw_only=True)
class SampleArticle:
    """An article of the sample.

    Times are aware, in Asia/Damascus; `categories` are slugs, the primary first;
    `picture` is the file name of the featured image. `slug` is the last part of a web-news address.
    """

    post_id: int
    host: str
    title: str
    parts: tuple[tuple[Block, ...], ...]
    published: datetime
    modified: datetime
    categories: tuple[str, ...]
    dress: Dress
    subtitle: str | None = None
    byline: str | None = None
    writer: str | None = None
    place: str | None = None
    agency: str | None = None
    tags: tuple[str, ...] = ()
    picture: str | None = None

    @property
    def site(self) -> Site:
        """The site the article stands on."""
        return SITES[self.host]

    @property
    def slug(self) -> str:
        """What WordPress calls post_name, not encoded."""
        return str(self.post_id) if self.host == "alwatan.sy" else slug_of(self.title)

    @property
    def path(self) -> str:
        """The path of the permalink, in upper-case percent-encoding."""
        return f"{self.site.archives}{quote(self.slug)}"

    @property
    def address(self) -> str:
        """The normal address."""
        return f"https://{self.host}{self.path}"

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of all parts."""
        return tuple(block for part in self.parts for block in part)

    @property
    def image_path(self) -> str | None:
        """Path of the featured image."""
        return self.picture and f"/wp-content/uploads/{self.published:%Y/%m}/{self.picture}"

    @property
    def sections(self) -> tuple[str, ...]:
        """Subjects: the breadcrumb's, deepest first, then those of the other categories."""
        lineage = self.site.lineage(self.categories[0])
        others = (self.site.category(slug) for slug in self.categories[1:])
        return tuple(dict.fromkeys(c.name for c in (*lineage, *others) if not c.placement))

    @property
    def truth(self) -> Article:
        """The record that the whole chain of reading must give, captures left out."""
        return Article(
            url=self.address,
            newspaper="alwatan",
            title=tidied(self.title),
            paragraphs=tuple(block.paragraph for block in self.blocks),
            reader="sahifa" if self.dress.theme in {Theme.SAHIFA, Theme.JARIDA} else "jannah",
            sections=self.sections,
            subtitle=self.subtitle,
            byline=self.byline,
            writer=self.writer,
            place=self.place,
            agency=self.agency,
            published_at=self._published_at(),
            published_from=self.dress.dated_from,
            modified_at=None if self._dated_by_day else self.modified.isoformat(),
            tags=self.tags,
            image_url=f"https://{self.host}{self.image_path}" if self.image_path else None,
            language="ar",
            post_id=self.post_id,
        )

    @property
    def _dated_by_day(self) -> bool:
        return self.dress.dated_from is PublishedFrom.VISIBLE

    def _published_at(self) -> str:
        return self.published.date().isoformat() if self._dated_by_day else self.published.isoformat()


def _aware(moment: datetime) -> datetime:
    """A time of the data files: local unless it carries an offset (the doubled hour of autumn does)."""
    return moment.replace(tzinfo=DAMASCUS) if moment.tzinfo is None else moment.astimezone(DAMASCUS)


def article_from(entry: dict[str, Any], defaults: dict[str, Any]) -> SampleArticle:
    """An article from its table in a data file.

    Raises KeyError for a missing field, TypeError for an unknown
    one, ValueError for an unknown dress.
    """
    fields = {**defaults, **entry}
    published = _aware(fields.pop("published"))
    picture = fields.pop("picture", True)
    post_id = fields.pop("id")
    return SampleArticle(
        post_id=post_id,
        parts=parts_of(fields.pop("body")),
        published=published,
        modified=_aware(fields.pop("modified")) if "modified" in fields else published,
        categories=tuple(fields.pop("categories")),
        dress=Dress.named(fields.pop("dress")),
        tags=tuple(fields.pop("tags", ())),
        picture=f"{post_id}.png" if picture else None,
        **fields,
    )


def _articles() -> Iterator[SampleArticle]:
    for path in sorted(ARTICLES.glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        for entry in data.pop("article"):
            yield article_from(entry, data)


@cache
def load() -> tuple[SampleArticle, ...]:
    """Every article of the sample exactly once, oldest first."""
    return tuple(sorted(_articles(), key=lambda article: (article.published, article.post_id)))
