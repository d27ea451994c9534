"""Revisions without a database: what a reading says, folded into texts, and the article's row made of them.

A reading is what one capture (or the captures of its parts) gave; readings in any order fold into the same.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from newsarchive.items import Article, Paragraph, ParagraphKind, PublishedFrom

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Fields that one reading may know and another not, in groups that are only right together.
_GROUPS: tuple[tuple[str, ...], ...] = (
    ("published_at", "published_from"),
    ("modified_at",),
    ("sections",),
    ("tags",),
    ("byline", "writer", "place", "agency"),
    ("subtitle",),
    ("image_url",),
    ("language",),
    ("post_id",),
)

# The format characters (Unicode category Cf), such as zero-width joiners and directional marks. A table of our
# own, so that the digest of a text is the same under every Python; in two parts, because a class of characters
# above U+FFFF is searched ten times as slowly.
_FORMAT = (
    "\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb"
)
_ASTRAL_FORMAT = (
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001"
    "\U000e0020-\U000e007f"
)
_FORMAT_MARK = re.compile(f"[{_FORMAT}]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_FORMAT_MARKS = re.compile(f"[{_FORMAT}{_ASTRAL_FORMAT}]+")
_WORD = re.compile(r"\w+")
_encoded = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


def text_sha256(title: str, body: str) -> str:
    """Digest of what counts as an edit: the words of headline and body.

    White space, paragraph borders and invisible marks are not edits, so they are left out.
    """
    letters = "".join(f"{title}\n{body}".split())
    if _FORMAT_MARK.search(letters) or _ASTRAL.search(letters):
        letters = _FORMAT_MARKS.sub("", letters)
    return hashlib.sha256(letters.encode()).hexdigest()


def paragraphs_of(body: str, paragraphs: str | None) -> tuple[Paragraph, ...]:
    """The paragraphs of a row: column `paragraphs` where it is set, else the body's, all of them prose."""
    if paragraphs is None:
        return tuple(Paragraph(ParagraphKind.PROSE, text) for text in body.split("\n\n") if text)
    return tuple(Paragraph(ParagraphKind(p["kind"]), p["text"]) for p in json.loads(paragraphs))


def _lead(body: str, paragraphs: str | None) -> str | None:
    """The first paragraph of prose."""
    if paragraphs is None:
        return next(filter(None, body.split("\n\n")), None)
    return next((p["text"] for p in json.loads(paragraphs) if p["kind"] == ParagraphKind.PROSE), None)


def with_reading(
    known: Mapping[str, Any] | None, article: Article, text: str, capture_id: int | None
) -> dict[str, Any]:
    """The revision with text digest `text`: `known` (its row with the text in full) with one more reading."""
    seen_at = article.captures[0].fetched_at if article.captures else None
    values: dict[str, Any] = {
        "text_sha256": text,
        "first_seen_at": seen_at,
        "last_seen_at": seen_at,
        "first_capture_id": capture_id,
        "last_capture_id": capture_id,
        "complete": int(not any(capture.truncated for capture in article.captures)),
        "title": article.title,
        "body": article.body,
        "paragraphs": _stored_paragraphs(article.paragraphs),
        "reader": article.reader,
        "reader_version": article.reader_version,
    }
    readings = _merged_fields(json.loads(known["fields"]) if known else {}, article, seen_at, capture_id)
    if known is not None:
        values = _widened(known, values)
    values["fields"] = _encoded(readings)
    return values | {"subtitle": _value(readings, "subtitle"), "byline": _value(readings, "byline")}


def merged(known: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """One revision from two rows with one text, both with the text in full, as if all were readings of `known`."""
    left_out = {"id", "article_id", "fields", "subtitle", "byline", "superseded_by"}
    values = _widened(known, {name: value for name, value in other.items() if name not in left_out})
    readings, others = json.loads(known["fields"]), json.loads(other["fields"])
    for group in _GROUPS:
        readings = _with_group(readings, group, others)
    values["fields"] = _encoded(readings)
    return values | {"subtitle": _value(readings, "subtitle"), "byline": _value(readings, "byline")}


def folded(readings: Sequence[tuple[Article, int | None]]) -> list[dict[str, Any]]:
    """The revisions that readings make, each with the id of its (first) capture."""
    by_text: dict[str, dict[str, Any]] = {}
    for article, capture_id in readings:
        text = text_sha256(article.title, article.body)
        by_text[text] = with_reading(by_text.get(text), article, text, capture_id)
    return list(by_text.values())


def shown(rows: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], list[str], list[str]]:
    """What the article's row says, its sections and its tags. `rows` have their texts in full."""
    ordered = sorted(
        rows, key=lambda r: (r["complete"], r["last_seen_at"] or "", r["text_sha256"]), reverse=True
    )
    best = ordered[0]
    known = {
        field: reading[0] for row in reversed(ordered) for field, reading in json.loads(row["fields"]).items()
    }
    complete = [row for row in rows if row["complete"]] or [best]
    firsts = sorted(row["first_seen_at"] for row in complete if row["first_seen_at"])
    published_at = known.get("published_at")
    sections = known.get("sections") or []
    body = best["body"]
    values = {
        name: known.get(name) for group in _GROUPS for name in group if name not in {"sections", "tags"}
    }
    values |= {
        "title": best["title"],
        "body": body,
        "paragraphs": best["paragraphs"],
        "section": sections[0] if sections else None,
        "published_on": published_at[:10] if published_at else None,
        "lead": _lead(body, best["paragraphs"]),
        "word_count": len(_WORD.findall(body)),
        "revision_count": len(complete),
        "changed_at": firsts[-1] if len(complete) > 1 and firsts else None,
        "first_seen_at": min((row["first_seen_at"] for row in rows if row["first_seen_at"]), default=None),
        "last_seen_at": max((row["last_seen_at"] for row in rows if row["last_seen_at"]), default=None),
        "capture_id": best["last_capture_id"],
        "body_sha256": hashlib.sha256(body.encode()).hexdigest(),
        "text_sha256": best["text_sha256"],
        "reader": best["reader"],
        "reader_version": best["reader_version"],
    }
    return values, sections, known.get("tags") or []


def _widened(old: Mapping[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The known revision with the new reading's time, and its form of the text where it is the later one."""
    identity = {"id": old["id"]} if "id" in old else {}
    old = {name: old[name] for name in new} | identity
    if new["first_seen_at"] is None:
        return old
    later = _precedence(new) > _precedence(old)
    merged = new | identity if later else dict(old)
    merged["complete"] = max(old["complete"], new["complete"])
    if old["first_seen_at"] is not None and old["first_seen_at"] <= new["first_seen_at"]:
        merged |= {"first_seen_at": old["first_seen_at"], "first_capture_id": old["first_capture_id"]}
    else:
        merged |= {"first_seen_at": new["first_seen_at"], "first_capture_id": new["first_capture_id"]}
    if old["last_seen_at"] is not None and old["last_seen_at"] > new["last_seen_at"]:
        merged |= {"last_seen_at": old["last_seen_at"], "last_capture_id": old["last_capture_id"]}
    return merged


def _precedence(values: Mapping[str, Any]) -> tuple[int, str, int, str]:
    """Which of two forms of one text is shown: complete, later, by the newer reader, then any fixed order."""
    form = hashlib.sha256(f"{values['title']}\n{values['body']}\n{values['paragraphs']}".encode()).hexdigest()
    return values["complete"], values["last_seen_at"] or "", values["reader_version"], form


def _merged_fields(
    known: dict[str, Any], article: Article, seen_at: str | None, capture_id: int | None
) -> dict[str, Any]:
    """`known` with what this reading knows: {field: [value, seen at, capture id]}, newest known value wins."""
    merged = dict(known)
    for group in _GROUPS:
        if getattr(article, group[0]) in (None, ()):
            continue
        reading = {name: [_plain(getattr(article, name)), seen_at or "", capture_id] for name in group}
        merged = _with_group(merged, group, reading)
    return merged


def _plain(value: Any) -> Any:  # noqa: ANN401 - a field's value
    """A field's value as JSON has it."""
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, PublishedFrom) else value


def _with_group(known: dict[str, Any], group: tuple[str, ...], new: Mapping[str, Any]) -> dict[str, Any]:
    """`known` with this group of `new`, where that was seen later."""
    if group[0] not in new or (group[0] in known and _group_rank(known, group) >= _group_rank(new, group)):
        return known
    return known | {name: new[name] for name in group}


def _group_rank(readings: Mapping[str, Any], group: tuple[str, ...]) -> tuple[str, str]:
    values = [readings[name][0] for name in group]
    return readings[group[0]][1], json.dumps(values, ensure_ascii=False)


def _value(readings: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - a JSON value
    return readings[name][0] if name in readings else None


def _stored_paragraphs(paragraphs: tuple[Paragraph, ...]) -> str | None:
    if all(paragraph.kind is ParagraphKind.PROSE for paragraph in paragraphs):
        return None
    listed = [{"kind": str(p.kind), "text": p.text} for p in paragraphs]
    return json.dumps(listed, ensure_ascii=False)
