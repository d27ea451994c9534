"""Values as the cells of a spreadsheet (ECMA-376, SpreadsheetML): texts, numbers, days and times, never formulas."""

from __future__ import annotations

import base64
import re
import unicodedata
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST: Final = 32_767
"""What a cell holds, in UTF-16 units:
https://support.microsoft.com/en-us/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3"""

# Characters that XML 1.0 has no form for: https://www.w3.org/TR/xml/#charsets
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CONTROLS: Final = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0D})
_NONCHARACTERS: Final = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
# Excel reads _x0041_ as the letter A, so the underscore of such a text is itself written in this form.
_ESCAPE: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
# A spreadsheet keeps fifteen digits of a number, and has days from 1900-03-01 on: Excel's February 1900 has 29.
_LARGEST: Final = 10**15
_DAY_ZERO: Final = date(1899, 12, 30).toordinal()
_FIRST_DAY: Final = 61
_DAY_SECONDS: Final = 86_400
_BACK: Final = 64
_JOINER: Final = "\u200d"


def pieces(text: str, most: int = LONGEST) -> Iterator[str]:
    """The text in parts of at most `most` UTF-16 units that joined are the text.

    A part does not end before a combining mark or beside a zero-width joiner, unless more than 64 follow each other.
    """
    while len(text) * 2 > most:
        units = text.encode("utf-16-le", "replace")
        if len(units) <= 2 * most:
            break
        cut = end = len(units[: 2 * most].decode("utf-16-le", "ignore"))
        while cut > max(1, end - _BACK) and _inseparable(text[cut - 1], text[cut]):
            cut -= 1
        if cut == max(1, end - _BACK):
            cut = end
        yield text[:cut]
        text = text[cut:]
    yield text


def _inseparable(before: str, after: str) -> bool:
    return unicodedata.category(after).startswith("M") or _JOINER in (before, after)


def text_cell(reference: str, text: str) -> str:
    """A cell with this text. What XML cannot hold is left to `encode`."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escaped}</t></is></c>'


def value_cell(reference: str, value: object) -> str:
    """A cell with a value of SQLite's: numbers that a spreadsheet keeps are numbers, all else is text."""
    if isinstance(value, (int, float)) and -_LARGEST < value < _LARGEST:
        return f'<c r="{reference}"><v>{value!r}</v></c>'
    return text_cell(reference, plain(value))


def plain(value: object) -> str:
    """Any value as text; bytes in base 64."""
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else str(value)


def moment_cell(reference: str, text: str, day_style: int, instant_style: int) -> str:
    """A day, or the wall time that an ISO 8601 time prints, its offset left out, as a number with a style."""
    number = serial(text[:10])
    if number < _FIRST_DAY:
        return text_cell(reference, text)
    if len(text) == len("YYYY-MM-DD"):
        return f'<c r="{reference}" s="{day_style}"><v>{number}</v></c>'
    seconds = int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])
    return f'<c r="{reference}" s="{instant_style}"><v>{number + seconds / _DAY_SECONDS!r}</v></c>'


@lru_cache(maxsize=20_000)
def serial(day: str) -> int:
    """The number of a day in the 1900 date system; below 61 it is none that all programs agree on.

    Raises ValueError.
    """
    year = int(day[:4])
    return date.fromisoformat(day).toordinal() - _DAY_ZERO if year else 0


def encode(xml: str) -> tuple[bytes, int]:
    """The XML in UTF-8, and how many characters that XML cannot hold were replaced by U+FFFD."""
    if "\r" in xml:
        xml = xml.replace("\r", "&#13;")
    if "_x" in xml:
        xml = _ESCAPE.sub("_x005F_", xml)
    content = xml.encode("utf-8", "surrogatepass")
    clean = len(content.translate(None, _CONTROLS)) == len(content)
    if clean and not any(mark in content for mark in _NONCHARACTERS) and b"\xed" not in content:
        return content, 0
    xml, replaced = _ILLEGAL.subn("\ufffd", xml)
    return xml.encode(), replaced


@lru_cache(maxsize=4_000)
def letters(number: int) -> str:
    """The name of a column, from 0: A, B … Z, AA and so on."""
    name = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        name = chr(ord("A") + digit) + name
    return name
