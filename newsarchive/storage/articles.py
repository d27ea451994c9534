"""Articles and their revisions. What a row says depends on the captures it came from, never on their order.

A revision is a distinct text (headline and body) of an article. The article's row shows the text that was
seen last among the complete ones; every other field takes the value of the newest reading that has one.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from newsarchive.items import Article, Paragraph, ParagraphKind
from newsarchive.storage import index, names, rowids

if TYPE_CHECKING:
    import sqlite3

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


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a reading: the article's row and whether it was new, changed or unchanged."""

    article_id: int
    key: str
    outcome: str


def article_key(newspaper: str | None, principal_host: str | None, url: str | None, body_sha256: str) -> str:
    """The permanent key: a pure function of newspaper, host and normal address.

    `/archives/N` on the newspaper's principal host gives NEWSPAPER-N; any other address its host's first
    label and 12 hex digits of the address's SHA-256; a page without address 12 of its body's.
    """
    if url is None:
        return f"{newspaper or 'page'}-x{body_sha256[:12]}"
    parts = urlsplit(url)
    number = re.fullmatch(r"/archives/(\d{1,12})", parts.path)
    if number and parts.hostname == principal_host:
        return f"{newspaper}-{number[1]}"
    label = (parts.hostname or "page").split(".")[0]
    return f"{label}-{hashlib.sha256(url.encode()).hexdigest()[:12]}"


def text_sha256(title: str, body: str) -> str:
    """Digest of what counts as an edit: the words of headline and body.

    White space, paragraph borders and invisible marks are not edits, so they are left out.
    """
    letters = (c for c in f"{title}\n{body}" if not c.isspace() and unicodedata.category(c) != "Cf")
    return hashlib.sha256("".join(letters).encode()).hexdigest()


def save(connection: sqlite3.Connection, article: Article, *, principal_host: str | None) -> Saved:
    """Put one reading into the archive inside the caller's transaction, with its index.

    `article.captures` are rows of `captures` already. The same reading again changes nothing but the times
    it was seen.
    """
    body_sha256 = hashlib.sha256(article.body.encode()).hexdigest()
    text = text_sha256(article.title, article.body)
    key = article_key(article.newspaper, principal_host, article.url, body_sha256)
    known = _find(connection, key, article, text)
    if known is None:
        article_id = _insert(connection, key, article, body_sha256, text)
    else:
        article_id = known["id"]
        _adopt(connection, known, key, article.url)
    outcome = "new" if known is None else _outcome(connection, article_id, article, text)
    _record_revision(connection, article_id, article, text)
    show_best(connection, article_id)
    index.refresh(connection, article_id)
    row = connection.execute("SELECT key FROM articles WHERE id = ?", (article_id,)).fetchone()
    _link_captures(connection, article_id, article, outcome)
    return Saved(article_id, row["key"], outcome)


def mark_seen(connection: sqlite3.Connection, article_id: int, seen_at: str) -> None:
    """The server said that the text of this article stands unchanged (HTTP 304)."""
    connection.execute(
        "UPDATE revisions SET last_seen_at = max(coalesce(last_seen_at, ''), ?) WHERE id ="
        " (SELECT r.id FROM revisions AS r JOIN articles AS a ON a.id = r.article_id"
        " AND a.text_sha256 = r.text_sha256 WHERE a.id = ?)",
        (seen_at, article_id),
    )
    show_best(connection, article_id)
    set_status(connection, article_id, "live", seen_at)


def set_status(connection: sqlite3.Connection, article_id: int, status: str, seen_at: str) -> None:
    """`status` live or gone as seen on the newspaper's site at `seen_at`; gone keeps its first moment."""
    connection.execute(
        "UPDATE articles SET status = ?, gone_since = CASE ? WHEN 'gone' THEN coalesce(gone_since, ?) END"
        " WHERE id = ?",
        (status, status, seen_at, article_id),
    )


def paragraphs_of(body: str, paragraphs: str | None) -> tuple[Paragraph, ...]:
    """The paragraphs of a row: column `paragraphs` where it is set, else the body's, all of them prose."""
    if paragraphs is None:
        return tuple(Paragraph(ParagraphKind.PROSE, text) for text in body.split("\n\n") if text)
    return tuple(Paragraph(ParagraphKind(p["kind"]), p["text"]) for p in json.loads(paragraphs))


def _find(connection: sqlite3.Connection, key: str, article: Article, text: str) -> sqlite3.Row | None:
    """The row this reading belongs to: by key, and for a page without address by its very text."""
    columns = "SELECT a.id, a.key, a.url FROM articles AS a"
    row: sqlite3.Row | None = connection.execute(
        f"{columns} JOIN article_keys AS k ON k.article_id = a.id WHERE k.key = ?", (key,)
    ).fetchone()
    if row is None:
        addressless = "" if article.url is None else " AND a.url IS NULL"
        row = connection.execute(
            f"{columns} JOIN revisions AS r ON r.article_id = a.id"
            f" WHERE r.text_sha256 = ? AND a.newspaper IS ?{addressless} ORDER BY a.key LIMIT 1",
            (text, article.newspaper),
        ).fetchone()
    return row


def _insert(connection: sqlite3.Connection, key: str, article: Article, body_sha256: str, text: str) -> int:
    article_id = rowids.chronological(connection, article.published_at)
    connection.execute(
        "INSERT INTO articles (id, key, newspaper, url, title, body, body_sha256, text_sha256)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (article_id, key, article.newspaper, article.url, article.title, article.body, body_sha256, text),
    )
    connection.execute("INSERT INTO article_keys VALUES (?, ?)", (key, article_id))
    return article_id


def _adopt(connection: sqlite3.Connection, known: sqlite3.Row, key: str, url: str | None) -> None:
    """A reading with another key joined this row: both keys lead to it, and an address beats none."""
    connection.execute("INSERT OR IGNORE INTO article_keys VALUES (?, ?)", (key, known["id"]))
    if known["url"] is None and url is not None:
        connection.execute("UPDATE articles SET key = ?, url = ? WHERE id = ?", (key, url, known["id"]))


def _outcome(connection: sqlite3.Connection, article_id: int, article: Article, text: str) -> str:
    known = connection.execute(
        "SELECT 1 FROM revisions WHERE article_id = ? AND text_sha256 = ?", (article_id, text)
    ).fetchone()
    cut = any(capture.truncated for capture in article.captures)
    return "unchanged" if known or cut else "changed"


def _record_revision(connection: sqlite3.Connection, article_id: int, article: Article, text: str) -> None:
    """Enter the reading's text, or widen the time in which a known text was seen."""
    seen_at = article.captures[0].fetched_at if article.captures else None
    capture_id = _capture_id(connection, article)
    complete = not any(capture.truncated for capture in article.captures)
    row = connection.execute(
        "SELECT * FROM revisions WHERE article_id = ? AND text_sha256 = ?", (article_id, text)
    ).fetchone()
    readings = _merged_fields(json.loads(row["fields"]) if row else {}, article, seen_at, capture_id)
    values = {
        "article_id": article_id,
        "text_sha256": text,
        "first_seen_at": seen_at,
        "last_seen_at": seen_at,
        "first_capture_id": capture_id,
        "last_capture_id": capture_id,
        "complete": int(complete),
        "title": article.title,
        "body": article.body,
        "paragraphs": _stored_paragraphs(article.paragraphs),
        "reader": article.reader,
        "reader_version": article.reader_version,
    }
    if row is not None:
        values = _widened(connection, row, values)
    _write_revision(connection, values, readings)


def merge_revision(connection: sqlite3.Connection, article_id: int, other: sqlite3.Row) -> None:
    """Give an article a revision of another row that joins it, as if its readings had been this one's.

    `other` is a whole row of `revisions` with its body; the caller takes it away and then shows the best.
    """
    row = connection.execute(
        "SELECT * FROM revisions WHERE article_id = ? AND text_sha256 = ?", (article_id, other["text_sha256"])
    ).fetchone()
    if row is None:
        connection.execute("UPDATE revisions SET article_id = ? WHERE id = ?", (article_id, other["id"]))
        return
    left_out = {"id", "article_id", "fields", "subtitle", "byline"}
    values = {name: other[name] for name in other.keys() if name not in left_out}  # noqa: SIM118 - a Row
    values = _widened(connection, row, values | {"article_id": article_id})
    readings, others = json.loads(row["fields"]), json.loads(other["fields"])
    for group in _GROUPS:
        readings = _with_group(readings, group, others)
    _write_revision(connection, values, readings)


def _with_group(known: dict[str, Any], group: tuple[str, ...], new: dict[str, Any]) -> dict[str, Any]:
    """`known` with this group of `new`, where that was seen later."""
    if group[0] not in new or (group[0] in known and _group_rank(known, group) >= _group_rank(new, group)):
        return known
    return known | {name: new[name] for name in group}


def _group_rank(readings: dict[str, Any], group: tuple[str, ...]) -> tuple[str, str]:
    values = [readings[name][0] for name in group]
    return readings[group[0]][1], json.dumps(values, ensure_ascii=False)


def _write_revision(connection: sqlite3.Connection, values: dict[str, Any], readings: dict[str, Any]) -> None:
    values["fields"] = json.dumps(readings, ensure_ascii=False, sort_keys=True)
    values |= {"subtitle": _value(readings, "subtitle"), "byline": _value(readings, "byline")}
    names_, marks = ", ".join(values), ", ".join("?" * len(values))
    connection.execute(
        f"INSERT OR REPLACE INTO revisions ({names_}) VALUES ({marks})", tuple(values.values())
    )


def _widened(connection: sqlite3.Connection, row: sqlite3.Row, new: dict[str, Any]) -> dict[str, Any]:
    """The known revision with the new reading's time, and its form of the text where it is the later one."""
    old = {name: row[name] for name in (*new, "id")}
    if old["body"] is None:  # the current text stands in the article's row
        current = connection.execute(
            "SELECT body, paragraphs FROM articles WHERE id = ?", (row["article_id"],)
        ).fetchone()
        old |= {"body": current["body"], "paragraphs": current["paragraphs"]}
    if new["first_seen_at"] is None:
        return old
    later = _precedence(new) > _precedence(old)
    merged = (new | {"id": old["id"]}) if later else dict(old)
    merged["complete"] = max(old["complete"], new["complete"])
    if old["first_seen_at"] is not None and old["first_seen_at"] <= new["first_seen_at"]:
        merged |= {"first_seen_at": old["first_seen_at"], "first_capture_id": old["first_capture_id"]}
    else:
        merged |= {"first_seen_at": new["first_seen_at"], "first_capture_id": new["first_capture_id"]}
    if old["last_seen_at"] is not None and old["last_seen_at"] > new["last_seen_at"]:
        merged |= {"last_seen_at": old["last_seen_at"], "last_capture_id": old["last_capture_id"]}
    return merged


def _precedence(values: dict[str, Any]) -> tuple[int, str, int, str]:
    """Which of two forms of one text is shown: complete, later, by the newer reader, then any fixed order."""
    form = hashlib.sha256(f"{values['title']}\n{values['body']}\n{values['paragraphs']}".encode()).hexdigest()
    return values["complete"], values["last_seen_at"] or "", values["reader_version"], form


def _merged_fields(
    known: dict[str, Any], article: Article, seen_at: str | None, capture_id: int | None
) -> dict[str, Any]:
    """`known` with what this reading knows: {field: [value, seen at, capture id]}, newest known value wins."""
    record = article.record() | {"post_id": article.post_id}
    merged = dict(known)
    for group in _GROUPS:
        if record[group[0]] not in (None, []):
            reading = {name: [record[name], seen_at or "", capture_id] for name in group}
            merged = _with_group(merged, group, reading)
    return merged


def _value(readings: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - a JSON value
    return readings[name][0] if name in readings else None


def show_best(connection: sqlite3.Connection, article_id: int) -> None:
    """Write the article's row from its revisions."""
    rows = connection.execute("SELECT * FROM revisions WHERE article_id = ?", (article_id,)).fetchall()
    current = connection.execute(
        "SELECT text_sha256, body, paragraphs FROM articles WHERE id = ?", (article_id,)
    ).fetchone()
    ordered = sorted(
        rows, key=lambda r: (r["complete"], r["last_seen_at"] or "", r["text_sha256"]), reverse=True
    )
    best = ordered[0]
    text = best if best["body"] is not None else current
    known = {
        field: reading[0] for row in reversed(ordered) for field, reading in json.loads(row["fields"]).items()
    }
    complete = [row for row in rows if row["complete"]] or [best]
    firsts = sorted(row["first_seen_at"] for row in complete if row["first_seen_at"])
    published_at = known.get("published_at")
    sections = known.get("sections") or []
    body = text["body"]
    values = {
        name: known.get(name) for group in _GROUPS for name in group if name not in {"sections", "tags"}
    }
    values |= {
        "title": best["title"],
        "body": body,
        "paragraphs": text["paragraphs"],
        "section": sections[0] if sections else None,
        "published_on": published_at[:10] if published_at else None,
        "lead": next((p.text for p in paragraphs_of(body, text["paragraphs"]) if p.kind == "prose"), None),
        "word_count": len(re.findall(r"\w+", body)),
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
    # A row is touched only where it changes, so that an unchanged article costs no index work.
    if current["text_sha256"] != best["text_sha256"]:
        _keep_former_text(connection, article_id, current)
    assignments = ", ".join(f"{name} = ?" for name in values)
    changed = " OR ".join(f"{name} IS NOT ?" for name in values)
    connection.execute(
        f"UPDATE articles SET {assignments} WHERE id = ? AND ({changed})",
        (*values.values(), article_id, *values.values()),
    )
    connection.execute(
        "UPDATE revisions SET body = NULL, paragraphs = NULL WHERE article_id = ? AND text_sha256 = ?",
        (article_id, best["text_sha256"]),
    )
    names.link(connection, "section", article_id, sections)
    names.link(connection, "tag", article_id, known.get("tags") or [])


def _keep_former_text(connection: sqlite3.Connection, article_id: int, current: sqlite3.Row) -> None:
    """The text that stood in the article's row moves to its revision."""
    connection.execute(
        "UPDATE revisions SET body = ?, paragraphs = ? WHERE article_id = ? AND text_sha256 = ? AND body IS NULL",
        (current["body"], current["paragraphs"], article_id, current["text_sha256"]),
    )


def _stored_paragraphs(paragraphs: tuple[Paragraph, ...]) -> str | None:
    if all(paragraph.kind is ParagraphKind.PROSE for paragraph in paragraphs):
        return None
    listed = [{"kind": str(p.kind), "text": p.text} for p in paragraphs]
    return json.dumps(listed, ensure_ascii=False)


def _capture_id(connection: sqlite3.Connection, article: Article) -> int | None:
    if not article.captures:
        return None
    capture = article.captures[0]
    row = connection.execute(
        "SELECT id FROM captures WHERE warc_file = ? AND warc_offset = ?",
        (capture.warc_file, capture.warc_offset),
    ).fetchone()
    return int(row["id"])


def _link_captures(connection: sqlite3.Connection, article_id: int, article: Article, outcome: str) -> None:
    for part, capture in enumerate(article.captures, start=1):
        connection.execute(
            "UPDATE captures SET article_id = ?, part = ?, outcome = ? WHERE warc_file = ? AND warc_offset = ?",
            (article_id, part, outcome, capture.warc_file, capture.warc_offset),
        )
