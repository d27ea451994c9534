"""Articles as files for other programs: JSON Lines, CSV and Parquet, described by a datapackage.json."""

from __future__ import annotations

import csv
import hashlib
import json
from typing import TYPE_CHECKING, Any

from newsarchive.formats.kinds import survey
from newsarchive.formats.parquet import Parquet
from newsarchive.formats.rows import Outline
from newsarchive.storage.articles import paragraphs_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from newsarchive.export.selection import Selection

_TEXT = ("lead", "body", "paragraphs")
_PLAIN = (
    "url", "newspaper", "section", "title", "subtitle", "byline", "writer", "place", "agency", "published_at",
    "published_from", "modified_at", "lead", "body", "image_url", "language", "reader", "status", "gone_since",
    "revision_count", "changed_at", "first_seen_at", "last_seen_at", "body_sha256",
)  # fmt: skip
_NUMBERS = frozenset({"revision_count"})
_PARQUET_BATCH = 200


def articles(connection: sqlite3.Connection, *, with_text: bool) -> Iterator[dict[str, Any]]:
    """The chosen articles (`selection`) in the order of keys, in the form that `scrapy ingest` reads."""
    query = "SELECT * FROM articles WHERE id IN (SELECT id FROM temp.chosen) ORDER BY key"
    for row in connection.execute(query):
        record: dict[str, Any] = {"kind": "article", "key": row["key"]}
        record |= {name: row[name] for name in _PLAIN if with_text or name not in _TEXT}
        record["sections"] = _names(connection, "section", row["id"])
        record["tags"] = _names(connection, "tag", row["id"])
        if with_text:
            kinds = paragraphs_of(row["body"], row["paragraphs"])
            record["paragraphs"] = [{"kind": str(p.kind), "text": p.text} for p in kinds]
        yield record


def write(connection: sqlite3.Connection, folder: Path, *, with_text: bool) -> list[Path]:
    """Write articles.jsonl, articles.csv and articles.parquet, all of one state; returns them.

    Raises OSError, and sqlite3.Error for an archive that cannot be read.
    """
    connection.execute("BEGIN")
    try:
        return [
            *_write_texts(connection, folder, with_text=with_text),
            _write_parquet(connection, folder, with_text=with_text),
        ]
    finally:
        connection.rollback()


def _write_texts(connection: sqlite3.Connection, folder: Path, *, with_text: bool) -> list[Path]:
    lines, table = folder / "articles.jsonl", folder / "articles.csv"
    columns = ["key", *(name for name in _PLAIN if with_text or name not in _TEXT), "sections", "tags"]
    with lines.open("w", encoding="utf-8") as jsonl, table.open("w", encoding="utf-8", newline="") as sheet:
        writer = csv.writer(sheet)
        writer.writerow(columns)
        for record in articles(connection, with_text=with_text):
            jsonl.write(json.dumps(record, ensure_ascii=False) + "\n")
            flat = record | {name: "، ".join(record[name]) for name in ("sections", "tags")}
            writer.writerow([flat[name] for name in columns])
    return [lines, table]


def _write_parquet(connection: sqlite3.Connection, folder: Path, *, with_text: bool) -> Path:
    """The same records, their times and lists typed; `paragraphs` where there is text."""
    names = ["key", *(name for name in _PLAIN if with_text or name not in _TEXT)]
    selected = [
        *names,
        *(_list_of(kind) for kind in ("section", "tag")),
        *(["paragraphs"] if with_text else []),
    ]
    sql = f"SELECT {', '.join(selected)} FROM articles WHERE id IN (SELECT id FROM temp.chosen) ORDER BY key"
    path = folder / "articles.parquet"
    cursor = connection.cursor()
    cursor.row_factory = None
    cursor.execute(sql)
    columns = survey(connection, sql, {}, [column[0] for column in cursor.description])
    (count,) = connection.execute("SELECT count(*) FROM temp.chosen").fetchone()
    encoder = Parquet().encoder(Outline(columns, count))
    with path.open("wb") as file:
        file.write(encoder.head())
        while rows := cursor.fetchmany(_PARQUET_BATCH):
            file.write(encoder.rows(rows))
        file.write(encoder.tail())
    return path


def describe(
    folder: Path, files: Sequence[Path], newspaper: str, now: str, selection: Selection, count: int
) -> Path:
    """Write datapackage.json (Data Package v1) over the files; returns it. Raises OSError.

    `selection` and `articles` say beside the standard's own fields what was asked, and how many were chosen.
    """
    package = {
        "profile": "data-package",
        "name": newspaper,
        "created": now,
        "selection": selection.said(),
        "articles": count,
        "resources": [_resource(file) for file in files],
    }
    path = folder / "datapackage.json"
    path.write_text(json.dumps(package, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def sha256_of(path: Path) -> str:
    """The digest of a file in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _resource(path: Path) -> dict[str, Any]:
    media = {
        ".jsonl": "application/x-ndjson",
        ".csv": "text/csv",
        ".parquet": "application/vnd.apache.parquet",
        ".wacz": "application/wacz",
    }
    said: dict[str, Any] = {
        "name": path.name.replace(".", "-").lower(),
        "path": path.name,
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256_of(path)}",
        "mediatype": media.get(path.suffix, "application/octet-stream"),
    }
    if path.suffix in (".jsonl", ".csv"):
        said["encoding"] = "utf-8"
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            names = next(csv.reader(file))
        fields = [{"name": name, "type": "integer" if name in _NUMBERS else "string"} for name in names]
        said |= {"profile": "tabular-data-resource", "schema": {"fields": fields, "primaryKey": "key"}}
    return said


def _list_of(kind: str) -> str:
    return (
        f"(SELECT json_group_array(name) FROM (SELECT n.name FROM article_{kind}s AS l JOIN {kind}s AS n"
        f" ON n.id = l.{kind}_id WHERE l.article_id = articles.id ORDER BY l.position)) AS {kind}s"
    )


def _names(connection: sqlite3.Connection, kind: str, article_id: int) -> list[str]:
    rows = connection.execute(
        f"SELECT n.name FROM article_{kind}s AS l JOIN {kind}s AS n ON n.id = l.{kind}_id"
        " WHERE l.article_id = ? ORDER BY l.position",
        (article_id,),
    )
    return [row[0] for row in rows]
