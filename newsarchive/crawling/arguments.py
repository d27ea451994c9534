"""The `-a` arguments of a crawl, checked before anything is opened or asked."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsarchive.exceptions import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCES = ("live", "sweep", "wayback", "commoncrawl")
ASSETS = ("issues", "images")


@dataclass(frozen=True, slots=True)
class CrawlArguments:
    """since, until: days (YYYY-MM-DD, the newspaper's) or "". limit: visits of articles in this run, None for all.

    source: where to look. site: the base URL that stands in for every host of the card, None for the paper.
    assets: what to fetch besides articles.
    """

    since: str = ""
    until: str = ""
    source: tuple[str, ...] = ("live",)
    limit: int | None = None
    site: str | None = None
    assets: tuple[str, ...] = ()


def parse(given: Mapping[str, str]) -> CrawlArguments:
    """Check the arguments. Raises SettingsError that says what is wrong and what would be right.

    Names that begin with an underscore belong to schedulers such as scrapyd and are left alone.
    """
    known = {field.name for field in fields(CrawlArguments)}
    for name in given:
        if name not in known and not name.startswith("_"):
            raise SettingsError(f"-a {name}=… is unknown; known are {', '.join(sorted(known))}")
    since, until = day(given.get("since"), "-a since="), day(given.get("until"), "-a until=")
    if since and until and since > until:
        raise SettingsError(f"-a since={since} is after -a until={until}; nothing lies between")
    return CrawlArguments(since, until, _sources(given), _limit(given), _site(given), _assets(given))


def day(value: str | None, option: str) -> str:
    """A day as it is typed behind `option`, "" for none. Raises SettingsError for anything else."""
    if value is None:
        return ""
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            raise ValueError(value)
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise SettingsError(f"{option}{value} is no day; write it as 2024-12-08") from None


def _sources(given: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in given.get("source", "live").split(","))
    for name in names:
        if name not in SOURCES:
            raise SettingsError(f"-a source={name} is unknown; known are {', '.join(SOURCES)}")
    return names


def _assets(given: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in given["assets"].split(",")) if "assets" in given else ()
    for name in names:
        if name not in ASSETS:
            raise SettingsError(f"-a assets={name} is unknown; known are {', '.join(ASSETS)}")
    return tuple(dict.fromkeys(names))


def _limit(given: Mapping[str, str]) -> int | None:
    value = given.get("limit")
    if value is None:
        return None
    if not re.fullmatch(r"[1-9]\d{0,8}", value):
        raise SettingsError(f"-a limit={value} is no number of articles; write a whole number from 1")
    return int(value)


def _site(given: Mapping[str, str]) -> str | None:
    value = given.get("site")
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise SettingsError(f"-a site={value} is no base address; write it as http://127.0.0.1:8000")
    return f"{parts.scheme}://{parts.netloc}"
