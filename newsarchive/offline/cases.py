"""Page cases: folders with a page as it was answered, what it is, and what it says or why it is refused.

`page.html`, `about.json` (why, url, content_type, captured_at in UTC, newspaper, reviewed) and `expected.json` or
`refused.json`. A person reads a proposed case word by word, and then sets `reviewed` to true; until then its
test fails.
"""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from newsarchive import pages, validation
from newsarchive.discovery import addresses
from newsarchive.exceptions import SettingsError
from newsarchive.items import Article
from newsarchive.storage.articles import article_key

if TYPE_CHECKING:
    from pathlib import Path

    from newsarchive.items import Newspaper

_PAGE, _ABOUT, _EXPECTED, _REFUSED = "page.html", "about.json", "expected.json", "refused.json"
# What follows from other fields of a record, and what a record always says.
_DERIVED = frozenset({"kind", "lead", "body"})


@dataclass(frozen=True, slots=True)
class Answered:
    """A page as it was answered. url: normal address. captured_at: ISO 8601, UTC."""

    url: str
    body: bytes
    content_type: str | None
    captured_at: str


def name_of(url: str, newspaper: Newspaper) -> str:
    """The folder of an address: the article's key, and which twin or part of it the address names."""
    normal = addresses.normal(url)
    if normal is None:
        raise SettingsError(f"{url} is no web address")
    is_twin = urlsplit(url).path.rstrip("/").endswith("/amp")
    part = addresses.part(url)
    key = article_key(newspaper.name, newspaper.hosts[0], normal, "")
    return f"{key}{'-amp' if is_twin else ''}{f'-part-{part}' if part > 1 else ''}"


def proposed(page: Answered, newspaper: Newspaper) -> tuple[str, dict[str, Any]]:
    """What the readers make of a page: the name of the file that says so, and what stands in it."""
    captured_at = datetime.fromisoformat(page.captured_at)
    found = pages.read(page.body, page.url, page.content_type, captured_at, newspaper)
    if isinstance(found, Article):
        found = validation.judge(pages.clean(found, newspaper), newspaper)
    if isinstance(found, Article):
        said = {**found.record(), "next_page": found.next_page}
        return _EXPECTED, {
            name: value for name, value in said.items() if name not in _DERIVED and value not in (None, [])
        }
    links = {"links": list(found.links)} if found.links else {}
    return _REFUSED, {"reason": str(found.reason), **links}


def write(folder: Path, page: Answered, newspaper: Newspaper, why: str) -> str:
    """Write a case that a person has yet to review; returns the name of the file that was proposed."""
    name, said = proposed(page, newspaper)
    about = {
        "why": why,
        "url": page.url,
        "content_type": page.content_type,
        "captured_at": page.captured_at,
        "newspaper": newspaper.name,
        "reviewed": False,
    }
    folder.mkdir(parents=True)
    (folder / _PAGE).write_bytes(page.body)
    (folder / _ABOUT).write_text(printed(about), encoding="utf-8")
    (folder / name).write_text(printed(said), encoding="utf-8")
    return name


def difference(folder: Path, newspaper: Newspaper) -> list[str]:
    """The lines in which a case and today's readers differ. Raises SettingsError for what is no case."""
    try:
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        body = (folder / _PAGE).read_bytes()
        page = Answered(about["url"], body, about["content_type"], about["captured_at"])
        (path,) = (folder / name for name in (_EXPECTED, _REFUSED) if (folder / name).exists())
        stands = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError) as error:
        raise SettingsError(f"{folder} is no page case: {error}") from error
    name, said = proposed(page, newspaper)
    return list(
        difflib.unified_diff(
            printed(stands).splitlines(), printed(said).splitlines(), path.name, f"{name} today", lineterm=""
        )
    )


def printed(value: dict[str, Any]) -> str:
    """JSON as it stands in a case."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
