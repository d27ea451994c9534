"""The schema of `archive.db`, as recorded migrations (`sqlite-utils migrate` lists and applies them too).

What each table and column means is in `docs/fields.md`. Nothing in the schema needs Python: any SQLite tool
can read and write the file. Times are ISO 8601 UTC with a `Z`, unless a column says otherwise.
"""

from __future__ import annotations

import struct

from sqlite_utils import Database, Migrations

from newsarchive.storage import related, schema
from newsarchive.text import packing

migrations = Migrations("newsarchive")

SCHEMA_VERSION = 12
"""What the newest migration leaves in `PRAGMA user_version`; a higher number there is a newer release's."""

TRIGGERS = frozenset((*schema.INDEX_TRIGGERS, "articles_unrelated"))
"""The triggers that the newest migration leaves."""


@migrations()
def m001_first_schema(db: Database) -> None:
    """Create every table of DESIGN: articles and what they came from, the ledger, the index."""
    db.executescript(schema.FIRST)
    db.execute("PRAGMA user_version = 1")


@migrations()
def m002_superseded_revisions(db: Database) -> None:
    """Mark the texts that an older reader made of captures which a newer one reads differently."""
    db.execute("ALTER TABLE revisions ADD COLUMN superseded_by TEXT")
    db.execute("PRAGMA user_version = 2")


@migrations()
def m003_assets(db: Database) -> None:
    """Printed issues, and the files that are fetched besides articles (`newsarchive.storage.assets`)."""
    db.executescript(schema.ASSETS)
    db.execute("PRAGMA user_version = 3")


@migrations()
def m004_mementos_of_an_address(db: Database) -> None:
    """Find the mementos of an address without reading all of them."""
    db.execute("CREATE INDEX mementos_address ON mementos (address_id)")
    db.execute("PRAGMA user_version = 4")


@migrations()
def m005_related_articles(db: Database) -> None:
    """Relate articles that share text (`newsarchive.storage.related`), those that stand here already too."""
    db.executescript(related.TABLES)
    related.rebuild(db.conn)
    db.execute("PRAGMA user_version = 5")


@migrations()
def m007_revisions_by_text(db: Database) -> None:
    """Find a text without reading all of them."""
    db.execute("CREATE INDEX revisions_text ON revisions (text_sha256)")
    db.execute("PRAGMA user_version = 7")


@migrations()
def m008_taken_down(db: Database) -> None:
    """What the site answers for articles that are taken down, and which captures quote them."""
    db.executescript(schema.TAKEN_DOWN)
    db.execute("PRAGMA user_version = 8")


@migrations()
def m009_facets_in_the_index(db: Database) -> None:
    """Index section and writer with the words; an index that holds articles serves on until it is rebuilt."""
    for column in ("section", "writer", "published_on"):
        db.execute(f"ALTER TABLE index_stale ADD COLUMN {column} TEXT")
    for name, body in schema.INDEX_TRIGGERS.items():
        db.execute(f"DROP TRIGGER IF EXISTS {name}")
        db.execute(f"CREATE TRIGGER {name} {body}")
    if not db.execute("SELECT EXISTS (SELECT 1 FROM articles)").fetchone()[0]:
        db.execute("DROP TABLE articles_fts")
        schema.create_index(db.conn, "articles_fts")
    db.execute("PRAGMA user_version = 9")


@migrations()
def m010_bitmaps_of_frequent_words(db: Database) -> None:
    """Tables for `newsarchive.storage.bitmaps`, which the end of the next run fills."""
    db.executescript(schema.BITMAPS)
    db.execute("PRAGMA user_version = 10")


@migrations()
def m011_bitmaps_found_faster(db: Database) -> None:
    """Give the bitmaps a table in which a word is looked up in an eighth of the time; a second for each 100 MB."""
    db.executescript(schema.FASTER_BITMAPS)
    db.execute("PRAGMA user_version = 11")


@migrations()
def m012_row_ids_in_two_bytes(db: Database) -> None:
    """Pack the row ids that bitmaps are of, which had eight bytes each; before them stands how many they are."""
    # What is damaged is left out: no archive is refused for what the end of the next run makes again.
    whole = "SELECT first_id, last_id, ids FROM index_spans WHERE length(ids) % 8 = 0"
    spans = db.execute(whole).fetchall()
    db.execute("DROP TABLE index_spans")
    db.execute(
        "CREATE TABLE index_spans (first_id INTEGER PRIMARY KEY, last_id INTEGER NOT NULL,"
        " articles INTEGER NOT NULL, ids BLOB NOT NULL)"
    )
    for first_id, last_id, eight_each in spans:
        ids = struct.unpack(f"<{len(eight_each) // 8}q", eight_each)
        db.execute(
            "INSERT INTO index_spans VALUES (?, ?, ?, ?)", (first_id, last_id, len(ids), packing.packed(ids))
        )
    db.execute("PRAGMA user_version = 12")
