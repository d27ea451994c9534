"""Small makers of markup that every page of the sample uses."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any

TEMPLATES = Path(__file__).parent / "templates"
MONTHS = (
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


@cache
def template(name: str) -> Template:
    """The template of that file name."""
    return Template((TEMPLATES / name).read_text(encoding="utf-8"))


def fill(name: str, **values: object) -> str:
    """The template with its places filled. Raises KeyError for a place without a value."""
    return template(name).substitute(values)


def text(value: str) -> str:
    """Text as WordPress prints it in a page: some punctuation as references."""
    html = escape(value, quote=False)
    for character, reference in (("–", "&#8211;"), ("…", "&#8230;"), ("\u00a0", "&nbsp;")):
        html = html.replace(character, reference)
    return html


def attribute(value: str) -> str:
    """Text as the value of an attribute in double quotes."""
    return escape(value)


def json_ld(data: dict[str, Any], attributes: str, *, escaped: bool = True) -> str:
    """A JSON-LD script; `escaped` writes Arabic as numbered escapes, as PHP does by default."""
    dumped = json.dumps(data, ensure_ascii=escaped, separators=(",", ":")).replace("/", "\\/")
    return f'<script {attributes} type="application/ld+json">{dumped}</script>'


def utc(moment: datetime) -> str:
    """ISO 8601 in UTC with +00:00, as Yoast and the sitemaps write it."""
    return moment.astimezone(UTC).isoformat()


def long_date(moment: datetime) -> str:
    """The day as Sahifa shows it, in Levantine months: 28 أيلول، 2011."""
    return f"{moment.day} {MONTHS[moment.month - 1]}، {moment.year}"


def short_date(moment: datetime) -> str:
    """The day as Jannah shows it: 28/09/2011."""
    return f"{moment:%d/%m/%Y}"
