"""Dates as newspapers print them → ISO 8601.

`read` takes ISO forms and their slips (`+0400`, a blank for the T, no zone), mail dates, day/month/year, and
month names: Levantine, Egyptian and Gulf, Maghrebi, English; any digits. It is anchored at both ends: a text
that is more than a date is no date, and «منذ ساعتين» is none.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import timezone as FixedOffset  # noqa: N812
from functools import cache
from zoneinfo import ZoneInfo

from newsarchive.text.whitespace import tidy

# No newspaper read here is older than the paper of its first card: founded in November 2006.
EARLIEST = date(2006, 11, 1)
_AHEAD = timedelta(days=1)
_NEVER = date(2100, 1, 1)
_NOON = 12
_LONGEST = 100

_DIGITS = {ord(digit): str(n % 10) for n, digit in enumerate("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")}
_FOLD = {
    **_DIGITS,
    **dict.fromkeys(map(ord, "أإآٱ"), "ا"),
    **dict.fromkeys((0x0640, *range(0x064B, 0x0653), 0x0670)),
    ord("ى"): "ي",
    ord("ی"): "ي",
    ord("ئ"): "ي",
    ord("ک"): "ك",
    ord("ة"): "ه",
    ord("،"): ",",
    ord("–"): "-",
    ord("—"): "-",
}

# Each month by all its names, folded (no hamza, no marks, ه for ة).
_MONTH_NAMES = (
    "كانون الثاني|كانون ثاني|كانون ثان|كانون 2|ك2|يناير|جانفي|january|jan",
    "شباط|فبراير|فيفري|february|feb",
    "اذار|مارس|march|mar",
    "نيسان|ابريل|افريل|april|apr",
    "ايار|مايو|ماي|may",
    "حزيران|يونيو|يونيه|جوان|june|jun",
    "تموز|يوليو|يوليه|يوليوز|جويليه|july|jul",
    "اب|اغسطس|غشت|اوت|august|aug",
    "ايلول|سبتمبر|شتنبر|september|sept|sep",
    "تشرين الاول|تشرين اول|تشرين 1|ت1|اكتوبر|october|oct",
    "تشرين الثاني|تشرين ثاني|تشرين ثان|تشرين 2|ت2|نوفمبر|نونبر|november|nov",
    "كانون الاول|كانون اول|كانون 1|ك1|ديسمبر|دجنبر|december|dec",
)
MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split("|")}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "الاثنين|الاتنين|monday|mon",
            "الثلاثاء|الثلاثا|tuesday|tue",
            "الاربعاء|الاربعا|wednesday|wed",
            "الخميس|thursday|thu",
            "الجمعه|friday|fri",
            "السبت|saturday|sat",
            "الاحد|sunday|sun",
        )
    )
    for name in names.split("|")
}

_MONTH = "(?P<month>" + "|".join(sorted((re.escape(name) for name in MONTHS), key=len, reverse=True)) + ")"
# The same month twice, as «تموز/يوليو» or «تموز (يوليو)».
_TWICE = r"(?:\s*[(/]\s*(?P<again>[^\W\d]+(?: [^\W\d]+)?)\)?)?"
_TIME = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?"
    r"\s*(?P<half>ص|م|صباحا|مساء|am|pm)?\s*(?P<zone>z|utc|gmt|[+-]\d\d:?\d\d)?"
)
_CLOCK = rf"(?:(?:\s*[-,|t]\s*|\s+)(?:الساعه\s*)?{_TIME})?"
_DAY, _YEAR = r"(?P<day>\d{1,2})", r"(?P<year>\d{4})"
_AD = r"(?:\s*م(?!\w))?"
_FORMS = tuple(
    re.compile(form + _CLOCK)
    for form in (
        rf"{_YEAR}[-/.](?P<number>\d{{1,2}})[-/.]{_DAY}",
        rf"{_DAY}[-/.](?P<number>\d{{1,2}})[-/.]{_YEAR}{_AD}",
        rf"{_DAY}\s*[-/.]?\s*(?:من )?{_MONTH}{_TWICE}\s*[-/,.]?\s*{_YEAR}{_AD}",
        rf"{_MONTH}{_TWICE}\s+{_DAY}\s*,?\s*{_YEAR}{_AD}",
    )
)
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_WEEKDAY = re.compile(r"(?:يوم )?(" + "|".join(sorted(_WEEKDAYS, key=len, reverse=True)) + r")\b[\s,-]*")
_SPLIT_NUMBER = re.compile(r"((?:كانون|تشرين)) ?([12])(?!\d)")


def read(text: str, timezone: str | None, captured_at: datetime | None = None) -> str | None:
    """Return the date in ISO 8601 with the offset of `timezone`, or a bare YYYY-MM-DD, or None.

    timezone: IANA name of the newspaper's zone; a time without an offset is local time there. Without it, an
        offset stays as written, and of a time without an offset only the day is kept.
    captured_at: when the page was fetched (aware); a date more than a day later is None, as is one before
        the newspaper's first month, a day that does not exist, or a weekday that is not that day's.
    A local time that was skipped (Asia/Damascus had no midnight on the last Friday of March until 2022) is
    read with the offset before the change; one that came twice is its first.
    """
    found = (_iso(text) or _match(_fold(text))) if len(text) <= _LONGEST else None
    if found is None or not EARLIEST <= found[0] < _NEVER:
        return None
    day, clock, offset = found
    if clock is None or (timezone is None and offset is None):
        return None if captured_at and day > captured_at.date() + _AHEAD else day.isoformat()
    moment = datetime.combine(day, clock.time(), offset or _zone(timezone or "UTC"))
    moment = moment.astimezone(UTC)
    if captured_at and moment > captured_at + _AHEAD:
        return None
    return moment.astimezone(_zone(timezone) if timezone else offset).isoformat()


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _fold(text: str) -> str:
    folded = tidy(text).translate(_FOLD).lower()
    return _SPLIT_NUMBER.sub(r"\1 \2", folded)


def _iso(text: str) -> tuple[date, datetime | None, tzinfo | None] | None:
    """Return what `_match` does, for a date as programs write it: nearly every one."""
    if not _ISO.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.date(), moment, moment.tzinfo


def _match(text: str) -> tuple[date, datetime | None, tzinfo | None] | None:
    """Return the day, the time of day (on an arbitrary day) and the offset that a folded text says."""
    weekday = _WEEKDAY.match(text)
    if weekday:
        text = text[weekday.end() :]
    for form in _FORMS:
        if found := form.fullmatch(text):
            break
    else:
        return None
    parts = found.groupdict()
    month = int(parts["number"]) if parts.get("number") else MONTHS[parts["month"]]
    if parts.get("again") and MONTHS.get(parts["again"]) != month:
        return None
    try:
        day = date(int(parts["year"]), month, int(parts["day"]))
        clock = _clock(parts)
        offset = _offset(parts["zone"])
    except ValueError:
        return None
    if weekday and _WEEKDAYS[weekday[1]] != day.weekday():
        return None
    return day, clock, offset


def _clock(parts: dict[str, str | None]) -> datetime | None:
    """Return the time of day, None where none is printed. Raises ValueError for one that does not exist."""
    if not parts["hour"]:
        return None
    hour, half = int(parts["hour"]), parts["half"]
    if half in {"ص", "صباحا", "am"}:
        if hour > _NOON:
            raise ValueError(f"{hour} o'clock in the morning")
        hour %= _NOON
    elif half and hour < _NOON:
        hour += _NOON
    return datetime(2000, 1, 1, hour, int(parts["minute"] or 0), int(parts["second"] or 0))  # noqa: DTZ001


def _offset(zone: str | None) -> FixedOffset | None:
    """Return the written offset. Raises ValueError for one that does not exist."""
    if not zone:
        return None
    if zone in {"z", "utc", "gmt"}:
        return UTC
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    distance = timedelta(hours=hours, minutes=minutes)
    return FixedOffset(-distance if zone[0] == "-" else distance)
