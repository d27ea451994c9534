"""Bytes → text → tree, with every limit that a hostile or broken answer needs."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser, LexborNode

from newsarchive.items import Reason
from newsarchive.pages.blocks import read_body
from newsarchive.text.whitespace import tidy, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from newsarchive.items import Newspaper

MAX_BYTES = 10_000_000
MAX_DEPTH = 512
MAX_FORMATTING = 256

_MAGIC = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"Rar!")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META_WINDOW = 4096
# What a page may be declared as; Python knows codecs under other names that decode no text.
_ENCODINGS = re.compile(r"utf-(?:8|16|32)(?:-[lb]e)?|iso8859-\d+|cp\d{3,4}|koi8-[rtu]|mac-arabic")
_MARKUP = re.compile(r"<(?:!doctype|html|head|body|article|div|p|meta|script)\b", re.IGNORECASE)
_HTML_START = re.compile(r"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_SNIFF_WINDOW = 65_536
# Latin-1 letters that follow each other are Arabic bytes read in the wrong encoding; a European text has
# them one by one between plain letters.
_LATIN_PAIR = re.compile(rb"\xc3[\x80-\xbf]\xc3[\x80-\xbf]")
_FEW_LETTERS = 40
_ASCII = bytes(range(0x80))
_ARABIC_PAIR = re.compile("[\u0621-\u064a]{2}")
_MIXED_PAIR = re.compile("[A-Za-z][\u0621-\u064a]|[\u0621-\u064a][A-Za-z]")
# A tag's name, or "" for a comment, script or style, which are swallowed whole: what looks like tags in
# there is none. Every alternative runs forward only, so the scan is linear.
_TAG = re.compile(
    r"<(?:!--(?!-?>)(?:[^-]*(?:-(?!->)[^-]*)*)"
    r"|(?i:script)\b[^<]*(?:<(?!/(?i:script))[^<]*)*"
    r"|(?i:style)\b[^<]*(?:<(?!/(?i:style))[^<]*)*"
    r"|(/?[a-zA-Z][a-zA-Z0-9]*))"
)
_START = re.compile(rb"<([a-zA-Z][a-zA-Z0-9]*)")
# Tags that are counted at once: as many as keep the bound of a usual page far below the limits.
_STRETCH = 300
_FORMATTING = words(
    """
    b big code em font i nobr s small strike strong tt u
    """
)
# Void elements have no inside; of those whose end tag may be left out the next one closes the last, so that
# they cannot nest but in another element.
_FLAT = words(
    """
    area base br col embed hr img input link meta param source track wbr script style p li dt dd option
    optgroup tr td th tbody thead tfoot rt rp
    """
)


class UnreadableError(Exception):
    """A page that is not to become an article; `newsarchive.pages.read` makes a Refusal of it.

    links, title, published_at: of an issue page, as in Refusal.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str,
        links: tuple[str, ...] = (),
        title: str | None = None,
        published_at: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.links = links
        self.title = title
        self.published_at = published_at


@dataclass
class Page:
    """One answer, decoded. `tree` is None for plain text. Nothing in here is changed by a reader."""

    url: str | None
    text: str
    tree: LexborHTMLParser | None
    captured_at: datetime | None = None
    newspaper: Newspaper | None = None
    _found: dict[str, Sequence[LexborNode]] = field(default_factory=dict, repr=False)

    @property
    def timezone(self) -> str | None:
        """The IANA name of the newspaper's time zone, None for an unknown host."""
        return self.newspaper.timezone if self.newspaper else None

    def css(self, selector: str) -> Sequence[LexborNode]:
        """Return what matches in the whole page, nothing for plain text. It is looked for once."""
        if self.tree is None:
            return ()
        if selector not in self._found:
            self._found[selector] = self.tree.css(selector)
        return self._found[selector]

    def first(self, selector: str) -> LexborNode | None:
        """Return the first match in the whole page."""
        return self.tree.css_first(selector) if self.tree else None

    @cached_property
    def metas(self) -> dict[str, list[str]]:
        """The contents of the `meta` elements of the head by property, name or itemprop, in page order."""
        found: dict[str, list[str]] = {}
        head = self.tree.head if self.tree else None
        for node in head.css("meta[content]") if head else ():
            attributes = node.attributes
            name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
            if name and (content := attributes.get("content")):
                found.setdefault(name.lower(), []).append(content)
        return found

    def meta(self, name: str) -> str | None:
        """Return the first content of a `meta` element."""
        return next(iter(self.metas.get(name, ())), None)

    @cached_property
    def head_title(self) -> str:
        """The text of the `title` element, "" where there is none."""
        return text_of(self.first("head title"))

    @cached_property
    def body_classes(self) -> frozenset[str]:
        """The classes of the `body` element."""
        body = self.tree.body if self.tree else None
        return classes_of(body) if body else frozenset()


def text_of(node: LexborNode | None) -> str:
    """Return the text of a node as one line, "" for None. A line break inside is a blank."""
    if node is None:
        return ""
    inside = node.first_child
    if inside is not None and (inside.tag != "-text" or inside.next is not None) and node.css_first("br"):
        return " ".join(p.text for p in read_body(node).paragraphs)
    return tidy(node.text())


def classes_of(node: LexborNode) -> frozenset[str]:
    """Return the class names of a node."""
    return frozenset((node.attributes.get("class") or "").split())


def one(nodes: Iterable[LexborNode], what: str) -> LexborNode | None:
    """Return the only node, None when there is none. Raises UnreadableError (ambiguous) for several."""
    # A node that matches two selectors of a list comes twice.
    found = list({node.mem_id: node for node in nodes}.values())
    if len(found) > 1:
        raise UnreadableError(Reason.AMBIGUOUS, f"{len(found)} times {what} where one is expected")
    return found[0] if found else None


def open_page(
    body: bytes,
    url: str | None,
    content_type: str | None,
    captured_at: datetime | None = None,
    newspaper: Newspaper | None = None,
) -> Page:
    """Decode and parse an answer. Raises UnreadableError with the reason why it is no readable page."""
    if not body.strip():
        raise UnreadableError(Reason.EMPTY_ANSWER, "the answer has no bytes but white space")
    if len(body) > MAX_BYTES:
        raise UnreadableError(Reason.TOO_LARGE, f"{len(body):,} bytes, the limit is {MAX_BYTES:,}")
    if body.startswith(_MAGIC):
        raise UnreadableError(Reason.NOT_HTML, f"the bytes begin as {body[:5]!r}, labelled {content_type}")
    text, utf8 = _decode(body, content_type)
    if not _is_html(text, content_type):
        return Page(url, text, None, captured_at, newspaper)
    if not has_few_elements(utf8):
        check_nesting(text)
    if _HTML_START.search(text, 0, _SNIFF_WINDOW) and not _ends(text):
        raise UnreadableError(Reason.INCOMPLETE, "the page ends before its closing html tag")
    return Page(url, text, LexborHTMLParser(utf8), captured_at, newspaper)


def _is_html(text: str, content_type: str | None) -> bool:
    """Whether the text is marked up. Raises UnreadableError (not-html) for JSON, XML and the like."""
    start = text[:256].lstrip()
    kind = (content_type or "").split(";")[0].strip().lower()
    if _MARKUP.search(text, 0, _SNIFF_WINDOW) and not start.startswith(("{", "[")):
        if start.startswith("<?xml") and not _HTML_START.search(text, 0, _SNIFF_WINDOW):
            raise UnreadableError(Reason.NOT_HTML, "an XML document that is not HTML")
        return True
    if start.startswith(("<?xml", "<rss", "<feed", "<urlset", "<sitemapindex")):
        raise UnreadableError(Reason.NOT_HTML, "an XML document that is not HTML")
    if kind and kind not in {"text/plain", "text/html", "application/octet-stream"}:
        raise UnreadableError(Reason.NOT_HTML, f"labelled {kind} and not marked up as HTML")
    if start.startswith(("{", "[{", '["')):
        raise UnreadableError(Reason.NOT_HTML, "a JSON document")
    return False


def _ends(text: str) -> bool:
    """Whether the closing html tag stands near the end."""
    return text.rfind("</html", -_SNIFF_WINDOW) >= 0 or "</html" in text[-_SNIFF_WINDOW:].lower()


def decode(body: bytes, content_type: str | None) -> str:
    """Return the text of the bytes: by its mark, else as UTF-8 where that is what they are, else as declared.

    Raises UnreadableError (undecodable) where no encoding gives words, and for text that was already
    spoiled by a wrong encoding when it was written; not-html for binary data.
    """
    return _decode(body, content_type)[0]


def _decode(body: bytes, content_type: str | None) -> tuple[str, bytes]:
    """Return the text of the bytes, and the same as UTF-8: the bytes themselves where nothing was wrong."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _clean(body[len(mark) :].decode(encoding, "replace"))
    has_nul = b"\0" in body
    declared = _declared(body, content_type) if has_nul else ""
    if declared.startswith(("utf-16", "utf-32")):
        return _clean(body.decode(declared, "replace"))
    if has_nul and body.count(b"\0") * 100 > len(body):
        raise UnreadableError(Reason.NOT_HTML, "binary data")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _clean(_decode_legacy(body, _declared(body, content_type)))
    if _is_mojibake(body):
        raise UnreadableError(Reason.UNDECODABLE, "UTF-8 made from text that was read in a wrong encoding")
    return _clean(text) if has_nul or "\ufeff" in text else (text, body)


def _clean(text: str) -> tuple[str, bytes]:
    """Take out NUL and byte order marks, which mean nothing inside a text."""
    text = text.replace("\0", "").replace("\ufeff", "")
    return text, text.encode()


def _declared(body: bytes, content_type: str | None) -> str:
    """Return the Python name of the declared encoding, "" for none or an unknown one."""
    in_header = _CHARSET.search(content_type or "")
    in_page = _META_CHARSET.search(body, 0, _META_WINDOW)
    for name in (in_header and in_header[1], in_page and in_page[1].decode("ascii")):
        if name:
            try:
                found = codecs.lookup(name).name
            except LookupError:
                continue
            if _ENCODINGS.fullmatch(found):
                return found
    return ""


def _is_mojibake(body: bytes) -> bool:
    """Whether valid UTF-8 begins with what a wrong encoding makes of Arabic: title, menus.

    That is runs of accented Latin letters, or, of Arabic in UTF-8, a letter out of two before every other
    character: Ø and Ù in windows-1252, ط and ظ in windows-1256.
    """
    opening = body[:_SNIFF_WINDOW]
    # A tenth of a page: what is counted in it costs a tenth.
    foreign = opening.translate(None, _ASCII)
    latin, arabic = foreign.count(b"\xc3"), foreign.count(b"\xd9") + foreign.count(b"\xd8")
    if latin >= _FEW_LETTERS and latin > arabic:
        leading = foreign.count("Ø".encode()) + foreign.count("Ù".encode())
        return 3 * len(_LATIN_PAIR.findall(opening)) > latin or 5 * leading > 4 * latin
    # Some two of a hundred letters of an Arabic text.
    return arabic >= _FEW_LETTERS and 3 * (foreign.count("ط".encode()) + foreign.count("ظ".encode())) > arabic


def _decode_legacy(body: bytes, declared: str) -> str:
    """Return the text of bytes that are not UTF-8 throughout."""
    text = body.decode("utf-8", "replace")
    spoiled, foreign = text.count("\ufffd"), len(body.translate(None, _ASCII))
    if spoiled * 50 <= foreign:  # UTF-8 with a few broken bytes, such as a cut at the end
        return text
    arabic = body.decode("windows-1256", "replace")
    pairs, mixed = len(_ARABIC_PAIR.findall(arabic)), len(_MIXED_PAIR.findall(arabic))
    # Nearly all that is not ASCII is an Arabic letter beside another one.
    if 3 * pairs > foreign and pairs > 2 * mixed:
        return body.decode("iso8859-6", "replace") if declared == "iso8859-6" else arabic
    if declared and declared != "utf-8":
        decoded = body.decode("windows-1252" if declared == "iso8859-1" else declared, "replace")
        if decoded.count("\ufffd") * 50 <= foreign:
            return decoded
    raise UnreadableError(
        Reason.UNDECODABLE, f"neither UTF-8 nor windows-1256; declared {declared or 'nothing'}"
    )


def check_nesting(text: str) -> None:
    """Refuse what makes a tree builder explode, by one linear scan of the tags.

    Raises UnreadableError (too-deep) for more than MAX_DEPTH open elements or MAX_FORMATTING open formatting
    elements.
    """
    tags = _TAG.findall(text)
    if _is_surely_flat(tags):
        return
    deepest, formatting = _nesting(tags)
    if deepest > MAX_DEPTH:
        raise UnreadableError(Reason.TOO_DEEP, f"{deepest} nested elements, the limit is {MAX_DEPTH}")
    if formatting > MAX_FORMATTING:
        raise UnreadableError(
            Reason.TOO_DEEP, f"{formatting} open formatting elements, the limit is {MAX_FORMATTING}"
        )


def has_few_elements(utf8: bytes) -> bool:
    """Whether there are fewer start tags, in scripts and comments too, than elements may be open at once.

    That is so on most pages, and found out in half the time of a scan that knows scripts and end tags.
    """
    elements = formatting = 0
    for tag, count in Counter(_START.findall(utf8)).items():
        name = tag.decode("ascii").lower()
        if name not in _FLAT:
            elements += count
            formatting += count if name in _FORMATTING else 0
    return elements <= MAX_DEPTH and formatting <= MAX_FORMATTING


def _is_surely_flat(tags: list[str]) -> bool:
    """Whether a bound that is quick to compute stays within the limits, as that of nearly every page does.

    It counts a stretch of tags at once and supposes the worst order in it: all end tags first.
    """
    still_open: dict[str, int] = {}
    for start in range(0, len(tags), _STRETCH):
        counts = Counter(tags[start : start + _STRETCH])
        deepest = sum(still_open.values())
        formatting = sum(still_open[name] for name in _FORMATTING & still_open.keys())
        for tag, count in counts.items():
            if tag[:1] == "/" and (left := still_open.get(tag[1:].lower())):
                still_open[tag[1:].lower()] = max(0, left - count)
        for tag, count in counts.items():
            name = tag.lower()
            if name and name[0] != "/" and name not in _FLAT:
                still_open[name] = still_open.get(name, 0) + count
                deepest += count
                formatting += count if name in _FORMATTING else 0
        if deepest > MAX_DEPTH or formatting > MAX_FORMATTING:
            return False
    return True


def _nesting(tags: list[str]) -> tuple[int, int]:
    """Return the greatest numbers of elements and of formatting elements that are open at one place."""
    still_open: dict[str, int] = {}
    depth = deepest = formatting = most_formatting = 0
    for tag in tags:
        if not tag or tag in _FLAT:
            continue
        name = tag.lower()
        if name[0] == "/":
            name = name[1:]
            if not still_open.get(name):
                continue
            step = -1
        elif name in _FLAT:
            continue
        else:
            step = 1
        still_open[name] = still_open.get(name, 0) + step
        depth += step
        deepest = max(deepest, depth)
        if name in _FORMATTING:
            formatting += step
            most_formatting = max(most_formatting, formatting)
    return deepest, most_formatting
