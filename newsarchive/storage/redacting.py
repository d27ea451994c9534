"""Names taken out of a reading and of a revision: one rule for each field, so that both come to the same."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from newsarchive.storage.revisions import text_sha256
from newsarchive.text.redaction import MARK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsarchive.items import Article
    from newsarchive.text.redaction import Names

_TEXTS = ("title", "subtitle", "byline")
_PARTIES = ("writer", "place", "agency")
_LISTS = ("sections", "tags")


def article(found: Article, names: Names) -> Article:
    """The reading without the names. Its address and captures are as they were."""
    changed: dict[str, Any] = {
        name: value(name, getattr(found, name), names) for name in (*_TEXTS, *_PARTIES, *_LISTS, "image_url")
    }
    paragraphs = tuple(replace(p, text=names.redacted(p.text)) for p in found.paragraphs)
    return replace(found, paragraphs=paragraphs, **changed | {name: tuple(changed[name]) for name in _LISTS})


def revision(row: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """A row of `revisions` (its text in full) without the names and without the captures that it came from."""
    title, body = names.redacted(row["title"]), names.redacted(row["body"])
    paragraphs = row["paragraphs"] and [
        {**p, "text": names.redacted(p["text"])} for p in json.loads(row["paragraphs"])
    ]
    fields = {}
    for name, (read, seen_at, _) in json.loads(row["fields"]).items():
        made = value(name, read, names)
        # A group of which nothing is left is one that this reading does not know.
        if made not in (None, []) or name in (*_PARTIES, "published_from"):
            fields[name] = [made, seen_at, None]
    return dict(row) | {
        "title": title,
        "subtitle": value("subtitle", row["subtitle"], names),
        "byline": value("byline", row["byline"], names),
        "body": body,
        "paragraphs": json.dumps(paragraphs, ensure_ascii=False) if paragraphs else None,
        "fields": json.dumps(fields, ensure_ascii=False, sort_keys=True),
        "text_sha256": text_sha256(title, body),
        "first_capture_id": None,
        "last_capture_id": None,
    }


def value(name: str, read: Any, names: Names) -> Any:  # noqa: ANN401 - a field's value
    """One field without the names. A person, place or tag of which nothing but the mark is left is unknown."""
    if read is None:
        return None
    if name in _TEXTS:
        return names.redacted(read)
    if name in _PARTIES:
        made = names.redacted(read)
        return made if _says_something(made) else None
    if name in _LISTS:
        return [made for one in read if _says_something(made := names.redacted(one))]
    if name == "image_url":
        return None if names.stand_in(unquote(read)) else read
    return read


def _says_something(text: str) -> bool:
    return any(letter.isalnum() for letter in text.replace(MARK, ""))
