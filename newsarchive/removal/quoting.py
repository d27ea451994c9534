"""Does a captured answer quote an article that is taken down? By its address, its headline, or how a paragraph begins.

Listings, feeds, REST answers, sitemaps and «read also» boxes do. What is asked is whether the answer may be handed
out, so a doubt counts as yes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from newsarchive import capture
from newsarchive.storage.revisions import paragraphs_of
from newsarchive.text.arabic import exact, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from newsarchive.text.redaction import Names

# Shorter headlines («أخبار قصيرة») stand in many pages; the address tells those.
_LEAST_OF_HEADLINE = 3
_BEGINNING = 8
_TEXTUAL = ("text/", "json", "xml", "javascript")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_TAG = re.compile(r"<[^<>]*>")
# The ways in which WordPress names a post by its number.
_NUMBER = re.compile(r'(?:/archives/|[?&;]p=|\bpost-|\bpostid-|"id":\s*)(\d{1,12})(?!\d)')
_OF_ADDRESS = re.compile(r"/archives/(\d{1,12})")


@dataclass(frozen=True, slots=True)
class Quoted:
    """What an article is known by in the pages of others. names: only an answer that has one of them counts."""

    numbers: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    names: Names | None = None


@dataclass(slots=True)
class _Text:
    """A text in the forms in which it is searched, each made when it is first asked for."""

    plain: str
    _folded: str | None = None
    _words: str | None = None
    numbers: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.numbers = frozenset(_NUMBER.findall(self.plain))

    @property
    def folded(self) -> str:
        if self._folded is None:
            self._folded = fold(self.plain)
        return self._folded

    @property
    def words(self) -> str:
        if self._words is None:
            # A tag may part the words of a headline, and an attribute may hold one: what is read, then the tags.
            tags = " ".join(_TAG.findall(self.plain))
            self._words = f" {exact(_TAG.sub(' ', self.plain))} \n {exact(tags)} "
        return self._words


def quoted(addresses: Iterable[str], revisions: Iterable[Mapping[str, Any]], names: Names | None) -> Quoted:
    """What to look for, from the article's addresses and the rows of its revisions with their texts in full."""
    numbers, paths, phrases = set(), list[str](), dict[str, None]()
    for url in addresses:
        parts = urlsplit(url)
        if number := _OF_ADDRESS.fullmatch(parts.path):
            numbers.add(number[1])
        elif not parts.query and (phrase := _phrase(unquote(parts.path), None)):
            phrases[phrase] = None
        elif len(parts.path) > 1:
            paths.append(fold(unquote(parts.path + (f"?{parts.query}" if parts.query else ""))))
    for row in revisions:
        for headline in filter(None, (row["title"], row["subtitle"])):
            phrases[_phrase(headline, None)] = None
        for paragraph in paragraphs_of(row["body"], row["paragraphs"]):
            phrases[_phrase(paragraph.text, _BEGINNING)] = None
    phrases.pop("", None)
    return Quoted(frozenset(numbers), tuple(paths), tuple(phrases), names)


def quotes(text: str, what: Iterable[Quoted]) -> bool:
    """Whether a text (an answer as `readable` gives it) quotes one of them."""
    searched = _Text(text)
    return any(_quotes(searched, one) for one in what)


def readable(head: str, body: bytes, content_type: str | None) -> str:
    """An answer's headers and text, with its escapes undone. A picture or a PDF has only its headers."""
    kind = (content_type or "text/").lower()
    text = head
    if any(word in kind for word in _TEXTUAL):
        text += "\n" + _decoded(body, kind)
    text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text).replace("\\/", "/")
    return unquote(unescape(text))


def text_of(record: capture.Record) -> str:
    """What a record, made whole, says, ready for `quotes`. Raises BodyError."""
    body, _ = capture.payload_as_read(record)
    head, kind = f"{record.url}", record.get("Content-Type")
    if record.kind == "response":
        answer = capture.http(record)
        kind = answer.get("Content-Type")
        head += "".join(f"\n{value.decode('utf-8', 'replace')}" for _, value in answer.headers)
    return readable(head, body, kind)


def _quotes(text: _Text, what: Quoted) -> bool:
    is_named = (
        bool(what.numbers & text.numbers)
        or any(re.search(rf"{re.escape(path)}(?![\w-])", text.folded) for path in what.paths)
        or any(phrase in text.words for phrase in what.phrases)
    )
    return is_named and (what.names is None or what.names.stand_in(text.plain))


def _phrase(text: str, length: int | None) -> str:
    """The folded words of a text, or its first ones, to be looked for as they follow one another."""
    words = exact(text).split()[:length]
    return f" {' '.join(words)} " if len(words) >= _LEAST_OF_HEADLINE else ""


def _decoded(body: bytes, content_type: str) -> str:
    text = body.decode("utf-8", "replace")
    if "\ufffd" in text or "1256" in content_type:
        text += "\n" + body.decode("cp1256", "replace")
    return text
