"""The judgement on an article: a list of rules, the same for crawling, ingesting and re-reading."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.items import ParagraphKind, Reason, Refusal
from newsarchive.pages.cleaning import furniture_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsarchive.items import Article, Newspaper

MAX_TITLE_BYTES = 1024
MAX_BODY_BYTES = 2_000_000
# One replacement character in so many letters is a slip, more are a wrong encoding.
_LETTERS_PER_SPOILED = 100

# Of two centuries: one impossible year would stretch every chart of the site by thousands.
_DATE = re.compile(r"(?:19|20)\d\d-\d\d-\d\d(T\d\d:\d\d:\d\d[+-]\d\d:\d\d)?")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
# The fields that hold one text, beside the headline.
_TEXTS = ("url", "subtitle", "byline", "writer", "place", "agency", "image_url", "language", "reader")


class Rule(NamedTuple):
    """A reason code, and a test that returns what is wrong or None."""

    reason: Reason
    fault: Callable[[Article, Newspaper | None], str | None]


def judge(article: Article, newspaper: Newspaper | None) -> Article | Refusal:
    """Return the article, or a Refusal with the first rule it breaks. There is no least length."""
    for rule in RULES:
        if fault := rule.fault(article, newspaper):
            return Refusal(
                url=article.url,
                reason=rule.reason,
                detail=fault,
                newspaper=article.newspaper,
                captures=article.captures,
            )
    return article


def _no_title(article: Article, _: Newspaper | None) -> str | None:
    return None if article.title.strip() else "no headline"


def _title_too_long(article: Article, _: Newspaper | None) -> str | None:
    size = len(article.title.encode("utf-8", "replace"))
    return (
        f"a headline of {size:,} bytes, the limit is {MAX_TITLE_BYTES:,}" if size > MAX_TITLE_BYTES else None
    )


def _no_text(article: Article, _: Newspaper | None) -> str | None:
    return None if article.body.strip() else "a headline without text"


def _body_too_long(article: Article, _: Newspaper | None) -> str | None:
    if len(article.body) * 4 <= MAX_BODY_BYTES:
        return None
    size = len(article.body.encode("utf-8", "replace"))
    return f"a text of {size:,} bytes, the limit is {MAX_BODY_BYTES:,}" if size > MAX_BODY_BYTES else None


def _spoiled(article: Article, _: Newspaper | None) -> str | None:
    text = article.title + article.body
    count = text.count("\ufffd")
    if count * _LETTERS_PER_SPOILED > len(text) or "\ufffd" in article.title:
        return f"{count} characters that could not be decoded"
    return None


def _furniture(article: Article, newspaper: Newspaper | None) -> str | None:
    lines = furniture_of(newspaper)
    line = next((p.text for p in article.paragraphs if p.text in lines), None)
    return f"the page's own line inside the text: «{line}»" if line else None


def _unread_signature(article: Article, _: Newspaper | None) -> str | None:
    first = next((p.text for p in article.paragraphs if p.kind is not ParagraphKind.CAPTION), "")
    return f"a bar that opens no signature: «{first[:60]}»" if first.startswith("|") else None


def _invalid(article: Article, _: Newspaper | None) -> str | None:
    texts = [article.title, *article.sections, *article.tags, *(p.text for p in article.paragraphs)]
    texts += (getattr(article, name) for name in _TEXTS if getattr(article, name) is not None)
    if not all(map(str.strip, texts)) or _UNPRINTABLE.search("".join(texts)):
        return "an empty text, a line break or a character that is not printed"
    if (article.published_at is None) != (article.published_from is None):
        return "a publication date and where it was read belong together"
    for date in filter(None, (article.published_at, article.modified_at)):
        if not _DATE.fullmatch(date):
            return f"{date} is neither YYYY-MM-DD nor YYYY-MM-DDThh:mm:ss+hh:mm of the years 1900 to 2099"
    if any(a and not a.startswith(("http://", "https://")) for a in (article.url, article.image_url)):
        return f"not a web address: {article.url}, {article.image_url}"
    return None


RULES = (
    Rule(Reason.NO_TITLE, _no_title),
    Rule(Reason.TITLE_TOO_LONG, _title_too_long),
    Rule(Reason.NO_TEXT, _no_text),
    Rule(Reason.BODY_TOO_LONG, _body_too_long),
    Rule(Reason.UNDECODABLE, _spoiled),
    Rule(Reason.FURNITURE_IN_BODY, _furniture),
    Rule(Reason.AMBIGUOUS, _unread_signature),
    Rule(Reason.INVALID_RECORD, _invalid),
)
