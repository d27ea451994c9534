"""Every word the pages print, in Arabic and in English, and the grammar of numbers and dates.

Dates carry the Levantine month names that the newspaper itself prints.
"""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("ar", "en")

_AR_MONTHS: Final = (
    "كانون الثاني",
    "شباط",
    "آذار",
    "نيسان",
    "أيار",
    "حزيران",
    "تموز",
    "آب",
    "أيلول",
    "تشرين الأول",
    "تشرين الثاني",
    "كانون الأول",
)
_EN_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_AR_DAYS: Final = ("الإثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")
_EN_DAYS: Final = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)

_MONTH_LENGTH: Final = 7
_DAY_LENGTH: Final = 10


@cache
def table() -> dict[str, tuple[str, str]]:
    """Key → (Arabic, English), read from `words.json` beside this file."""
    loaded: dict[str, list[str]] = json.loads(Path(__file__).with_name("words.json").read_text("utf-8"))
    return {key: (arabic, english) for key, (arabic, english) in loaded.items()}


def word(key: str, lang: str, /, **values: object) -> str:
    """The words for `key` with `{name}` places filled. Raises KeyError for a key that the table lacks."""
    text = table()[key][LANGUAGES.index(lang)]
    return text.format(**values) if values else text


def counted(number: int, noun: str, lang: str) -> str:
    """A number and what is counted: `٣ مقالات` agrees in Arabic as grammar asks (1, 2, 3–10, 11–99, 100)."""
    forms = table()[f"count.{noun}"][LANGUAGES.index(lang)].split("|")
    digits = f"{number:,}"
    if lang == "en":
        return f"{digits} {forms[0 if number == 1 else 1]}"
    one, two, few, many, hundred = forms
    rest = number % 100
    if number in (1, 2):
        return one if number == 1 else two
    if rest in range(3, 11):
        return f"{digits} {few}"
    return f"{digits} {many if rest in range(11, 100) else hundred}"


def month_name(month: int, lang: str) -> str:
    """The name of a month, 1 to 12."""
    return (_AR_MONTHS if lang == "ar" else _EN_MONTHS)[month - 1]


def weekday_name(day: dt.date, lang: str) -> str:
    """The name of the weekday."""
    return (_AR_DAYS if lang == "ar" else _EN_DAYS)[day.weekday()]


def long_date(value: str | None, lang: str, *, weekday: bool = False) -> str | None:
    """`2016-11-24…` as `24 تشرين الثاني 2016`; `2016-11` as a month, `2016` as a year; None stays None.

    The local day is taken as it stands in the text: nothing is converted. What is no date comes back as it is.
    """
    if not value:
        return None
    try:
        if len(value) <= _MONTH_LENGTH:
            year, _, month = value.partition("-")
            return f"{month_name(int(month), lang)} {year}" if month else year
        day = dt.date.fromisoformat(value[:_DAY_LENGTH])
    except (ValueError, IndexError):
        return value
    text = f"{day.day} {month_name(day.month, lang)} {day.year}"
    if weekday:
        comma = "، " if lang == "ar" else ", "
        return f"{weekday_name(day, lang)}{comma}{text}"
    return text


def long_moment(value: str | None, lang: str) -> str | None:
    """A time with its zone: `24 تشرين الثاني 2016، 18:05 بتوقيت غرينتش+3`; a bare date as `long_date` prints it."""
    if not value or len(value) <= _DAY_LENGTH:
        return long_date(value, lang)
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return value
    comma = "، " if lang == "ar" else ", "
    zone = "" if moment.tzinfo is None else f" {_zone(moment, lang)}"
    return f"{long_date(value, lang)}{comma}{moment:%H:%M}{zone}"


def _zone(moment: dt.datetime, lang: str) -> str:
    """The zone in letters of the language: Latin ones would tear an Arabic line apart."""
    offset = moment.strftime("%z")
    hours = (
        ""
        if offset == "+0000"
        else f"{offset[0]}{int(offset[1:3])}" + (f":{offset[3:]}" if offset[3:] != "00" else "")
    )
    return f"بتوقيت غرينتش{hours}" if lang == "ar" else f"UTC{hours}"
