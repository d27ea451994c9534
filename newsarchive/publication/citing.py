"""How to cite an article so that the citation outlives every host.

A citation names the newspaper, the day, the original address, the capture's time and digest, and the archive's
own key, which is a function of the original address and the same after every rebuild.

Styles: Chicago Manual of Style, 17th edition, 14.191–14.200 (newspapers) and 14.205–14.210 (web pages);
APA Publication Manual, 7th edition, 10.1 example 16 (newspaper articles); BibTeX with biblatex's `@article`
fields; RIS type NEWS; COinS (Z39.88-2004, `info:ofi/fmt:kev:mtx:journal`); Highwire and Dublin Core metadata,
which Zotero reads.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlencode

from newsarchive.publication import words

_DIRECTIONS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
# bytes that are no ASCII
_ENCODED: Final = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")
_TEX: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
    "$": r"\$",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


@dataclass(frozen=True, slots=True)
class Cited:
    """What a citation is made of.

    Times are ISO 8601; `captured_at` and `digest` belong to the capture that the text was read from.
    """

    key: str
    title: str
    newspaper: str
    permalink: str
    archive: str
    author: str | None = None
    agency: str | None = None
    published_at: str | None = None
    published_on: str | None = None
    url: str | None = None
    captured_at: str | None = None
    digest: str | None = None
    section: str | None = None

    @property
    def creator(self) -> str | None:
        """The writer, or the agency where nobody signed."""
        return self.author or self.agency


def cited(article: dict[str, Any], *, newspaper: str, permalink: str, archive: str) -> Cited:
    """The citation's parts from an article as `stories.read_article` gives it."""
    capture = next((c for c in article["captures"] if c["id"] == article["capture_id"]), None)
    return Cited(
        key=article["key"],
        title=_line(article["title"]),
        newspaper=newspaper,
        permalink=permalink,
        archive=archive,
        author=_line(article["writer"] or "") or None,
        agency=article["agency"],
        published_at=article["published_at"],
        published_on=article["published_on"] or (article["published_at"] or "")[:10] or None,
        url=article["url"],
        captured_at=capture["fetched_at"] if capture else None,
        digest=capture["payload_sha256"] if capture else article["body_sha256"],
        section=article["section"],
    )


def chicago(item: Cited, lang: str) -> str:
    """A Chicago bibliography entry."""
    ar = lang == "ar"
    day = words.long_date(item.published_on, lang) or ("بلا تاريخ" if ar else "n.d.")
    comma = "، " if ar else ", "
    parts = [f"{item.creator}." if item.creator else "", _quoted(item.title)]
    parts.append(f"{item.newspaper}{comma}{day}.")
    return " ".join([part for part in parts if part] + _trail(item, lang))


def apa(item: Cited, lang: str) -> str:
    """An APA reference: author (date). Title. Newspaper. Address."""
    ar = lang == "ar"
    day = words.long_date(item.published_on, lang) or ("بلا تاريخ" if ar else "n.d.")
    creator = item.creator or item.newspaper
    return " ".join(
        [f"{creator} ({day}).", f"{_ended(item.title)}", f"{item.newspaper}.", *_trail(item, lang)]
    )


def _trail(item: Cited, lang: str) -> list[str]:
    """The original address, the capture, the key and the permalink."""
    ar = lang == "ar"
    parts = [f"{readable(item.url)}." if item.url else ""]
    if item.captured_at:
        moment = words.long_moment(item.captured_at, lang)
        parts.append(f"حُفظت في {moment}." if ar else f"Captured {moment}.")
    if item.digest:
        parts.append(f"SHA-256: {item.digest[:16]}.")
    parts.append(f"{item.archive}{'، ' if ar else ', '}{item.key}. {item.permalink}")
    return [part for part in parts if part]


def bibtex(item: Cited) -> str:
    """A BibTeX entry (UTF-8). The whole digest stands in the note."""
    fields: list[tuple[str, str | None]] = [
        ("title", f"{{{_tex(item.title)}}}"),
        ("author", _braced(item.creator)),
        ("journaltitle", _tex(item.newspaper)),
        ("journal", _tex(item.newspaper)),
        ("date", item.published_on),
        ("year", (item.published_on or "")[:4] or None),
        ("url", item.url or item.permalink),
        ("urldate", (item.captured_at or "")[:10] or None),
        ("langid", "arabic"),
        ("note", _tex(_note(item))),
    ]
    lines = [f"  {name} = {{{value}}}" for name, value in fields if value]
    return f"@article{{{re.sub(r'[^A-Za-z0-9-]', '-', item.key)},\n" + ",\n".join(lines) + "\n}\n"


def ris(item: Cited) -> str:
    """A RIS record (UTF-8, CRLF)."""
    fields: list[tuple[str, str | None]] = [
        ("TY", "NEWS"),
        ("TI", item.title),
        ("AU", item.creator),
        ("T2", item.newspaper),
        ("DA", (item.published_on or "").replace("-", "/") or None),
        ("PY", (item.published_on or "")[:4] or None),
        ("SE", item.section),
        ("UR", item.url or item.permalink),
        ("L2", item.permalink),
        ("Y2", (item.captured_at or "")[:10].replace("-", "/") or None),
        ("LA", "ar"),
        ("AN", item.key),
        ("DB", item.archive),
        ("N1", _note(item)),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {_line(value)}\r\n" for tag, value in fields if value is not None)


def coins(item: Cited) -> str:
    """The ContextObject for a `Z3988` span."""
    fields = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:journal"),
        ("rft.genre", "article"),
        ("rft.atitle", item.title),
        ("rft.jtitle", item.newspaper),
        ("rft.au", item.creator),
        ("rft.date", item.published_on),
        ("rft.language", "ar"),
        ("rft_id", item.url or item.permalink),
        ("rfr_id", f"info:sid/newsarchive:{item.key}"),
    ]
    return urlencode([(name, value) for name, value in fields if value])


def meta(item: Cited) -> list[tuple[str, str]]:
    """The `<meta>` names and contents that Zotero and search engines read."""
    fields = [
        ("citation_title", item.title),
        ("citation_author", item.creator),
        ("citation_journal_title", item.newspaper),
        ("citation_publication_date", (item.published_on or "").replace("-", "/")),
        ("citation_language", "ar"),
        ("citation_public_url", item.permalink),
        ("DC.type", "newspaperArticle"),
        ("DC.title", item.title),
        ("DC.creator", item.creator),
        ("DC.publisher", item.newspaper),
        ("DC.date", item.published_at),
        ("DC.identifier", item.url or item.permalink),
        ("DC.language", "ar"),
        ("DC.subject", item.section),
    ]
    return [(name, value) for name, value in fields if value]


def readable(url: str) -> str:
    """The address as a person reads it: letters and digits of any script in place of their percent-encoding.

    Browsers take it as it is (RFC 3987). What is no letter stays encoded: spaces, marks of direction, broken UTF-8.
    """
    return _ENCODED.sub(_letters, url)


def _letters(encoded: re.Match[str]) -> str:
    try:
        text = unquote(encoded[0], errors="strict")
    except UnicodeDecodeError:
        return encoded[0]
    return text if all(unicodedata.category(letter)[0] in "LMN" for letter in text) else encoded[0]


def _note(item: Cited) -> str:
    parts = [f"{item.archive}, {item.key}, {item.permalink}"]
    if item.captured_at:
        parts.append(f"captured {item.captured_at}")
    if item.digest:
        parts.append(f"SHA-256 {item.digest}")
    return "; ".join(parts)


def _quoted(title: str) -> str:
    return f"«{_ended(title)}»" if "«" not in title else f"“{_ended(title)}”"


def _ended(title: str) -> str:
    return title if title[-1:] in ".?!؟…" else f"{title}."


def _braced(name: str | None) -> str | None:
    return None if name is None else f"{{{_tex(name)}}}"


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in _line(text))


def _line(text: str) -> str:
    """One line; a direction that a text overrides must not reach beyond it, where nothing can close it."""
    return " ".join(_DIRECTIONS.sub("", text).split())
