"""The tables of `archive.db` as the first migrations make them; what came later stands in `migrations`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

FIRST = """
CREATE TABLE newsarchive (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    newspaper TEXT,
    url TEXT UNIQUE,
    post_id INTEGER,
    section TEXT,
    title TEXT NOT NULL,
    subtitle TEXT,
    byline TEXT,
    writer TEXT,
    place TEXT,
    agency TEXT,
    published_at TEXT,
    published_from TEXT,
    published_on TEXT,
    modified_at TEXT,
    lead TEXT,
    body TEXT NOT NULL,
    paragraphs TEXT,
    word_count INTEGER NOT NULL DEFAULT 0,
    language TEXT,
    image_url TEXT,
    status TEXT NOT NULL DEFAULT 'unknown' CHECK (status IN ('live', 'gone', 'unknown')),
    gone_since TEXT,
    revision_count INTEGER NOT NULL DEFAULT 1,
    changed_at TEXT,
    first_seen_at TEXT,
    last_seen_at TEXT,
    capture_id INTEGER REFERENCES captures (id),
    body_sha256 TEXT,
    text_sha256 TEXT,
    reader TEXT,
    reader_version INTEGER,
    index_version INTEGER
);
CREATE INDEX articles_published_on ON articles (published_on);
CREATE INDEX articles_section ON articles (section);
CREATE INDEX articles_writer ON articles (writer);
CREATE INDEX articles_agency ON articles (agency);
CREATE INDEX articles_status ON articles (status);
CREATE INDEX articles_changed_at ON articles (changed_at) WHERE changed_at IS NOT NULL;

CREATE TABLE article_keys (
    key TEXT PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles (id)
) WITHOUT ROWID;
CREATE INDEX article_keys_article ON article_keys (article_id);

CREATE TABLE sections (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE article_sections (
    article_id INTEGER NOT NULL REFERENCES articles (id),
    section_id INTEGER NOT NULL REFERENCES sections (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (article_id, section_id)
) WITHOUT ROWID;
CREATE INDEX article_sections_section ON article_sections (section_id, article_id);

CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE article_tags (
    article_id INTEGER NOT NULL REFERENCES articles (id),
    tag_id INTEGER NOT NULL REFERENCES tags (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (article_id, tag_id)
) WITHOUT ROWID;
CREATE INDEX article_tags_tag ON article_tags (tag_id, article_id);

CREATE TABLE writers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, key TEXT NOT NULL UNIQUE);
CREATE TABLE writer_spellings (
    spelling TEXT PRIMARY KEY,
    writer_id INTEGER NOT NULL REFERENCES writers (id),
    rule TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX writer_spellings_writer ON writer_spellings (writer_id);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    command TEXT NOT NULL,
    newspaper TEXT,
    arguments TEXT,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    exit_code INTEGER,
    verdict TEXT,
    requests INTEGER NOT NULL DEFAULT 0,
    found INTEGER NOT NULL DEFAULT 0,
    new INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0,
    gone INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    details TEXT
);

CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    status INTEGER,
    source TEXT NOT NULL CHECK (source IN ('live', 'wayback', 'commoncrawl', 'ingest')),
    content_type TEXT,
    warc_file TEXT NOT NULL,
    warc_offset INTEGER NOT NULL,
    warc_length INTEGER NOT NULL,
    payload_sha256 TEXT NOT NULL,
    truncated INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,
    article_id INTEGER REFERENCES articles (id),
    part INTEGER,
    run_id INTEGER REFERENCES runs (id),
    UNIQUE (warc_file, warc_offset)
);
CREATE INDEX captures_url ON captures (url, fetched_at);
CREATE INDEX captures_article ON captures (article_id) WHERE article_id IS NOT NULL;
CREATE INDEX captures_payload ON captures (payload_sha256);

CREATE TABLE revisions (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles (id),
    text_sha256 TEXT NOT NULL,
    first_seen_at TEXT,
    last_seen_at TEXT,
    first_capture_id INTEGER REFERENCES captures (id),
    last_capture_id INTEGER REFERENCES captures (id),
    complete INTEGER NOT NULL DEFAULT 1,
    title TEXT NOT NULL,
    subtitle TEXT,
    byline TEXT,
    body TEXT,
    paragraphs TEXT,
    fields TEXT NOT NULL,
    reader TEXT NOT NULL,
    reader_version INTEGER NOT NULL,
    UNIQUE (article_id, text_sha256)
);

CREATE TABLE addresses (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    newspaper TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (
        state IN ('pending', 'article', 'duplicate', 'refused', 'gone', 'blocked', 'failed')
    ),
    reason TEXT,
    source TEXT NOT NULL,
    lastmod TEXT,
    published TEXT,
    recency INTEGER NOT NULL DEFAULT 0,
    found_at TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    reader_deaths INTEGER NOT NULL DEFAULT 0,
    next_visit_at TEXT,
    visited_at TEXT,
    gone_since TEXT,
    etag TEXT,
    last_modified TEXT,
    payload_sha256 TEXT,
    article_id INTEGER REFERENCES articles (id)
);
CREATE INDEX addresses_state ON addresses (state, reason);
CREATE INDEX addresses_pending ON addresses (newspaper, recency DESC) WHERE state = 'pending';
CREATE INDEX addresses_due ON addresses (newspaper, next_visit_at) WHERE state <> 'pending';
CREATE INDEX addresses_article ON addresses (article_id) WHERE article_id IS NOT NULL;

CREATE TABLE address_sources (
    address_id INTEGER NOT NULL REFERENCES addresses (id),
    source_id INTEGER NOT NULL REFERENCES sources (id),
    seen_at TEXT NOT NULL,
    PRIMARY KEY (address_id, source_id)
) WITHOUT ROWID;
CREATE INDEX address_sources_source ON address_sources (source_id);

CREATE TABLE address_aliases (
    url TEXT PRIMARY KEY,
    address_id INTEGER NOT NULL REFERENCES addresses (id)
) WITHOUT ROWID;

CREATE TABLE refusals (
    id INTEGER PRIMARY KEY,
    url TEXT,
    newspaper TEXT,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    links TEXT,
    refused_at TEXT NOT NULL,
    address_id INTEGER REFERENCES addresses (id),
    capture_id INTEGER REFERENCES captures (id)
);
CREATE INDEX refusals_reason ON refusals (reason);
CREATE INDEX refusals_address ON refusals (address_id);
CREATE INDEX refusals_capture ON refusals (capture_id);

CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    newspaper TEXT NOT NULL,
    kind TEXT NOT NULL,
    cursor TEXT,
    visited_at TEXT,
    total INTEGER,
    complete INTEGER NOT NULL DEFAULT 0,
    reason TEXT
);

CREATE TABLE mementos (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    address_id INTEGER REFERENCES addresses (id),
    timestamp TEXT NOT NULL,
    source TEXT NOT NULL,
    location TEXT,
    digest TEXT,
    state TEXT NOT NULL DEFAULT 'pending',
    reason TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    capture_id INTEGER REFERENCES captures (id),
    UNIQUE (source, url, timestamp)
);
CREATE INDEX mementos_pending ON mementos (source, id) WHERE state = 'pending';

CREATE TABLE takedowns (
    id INTEGER PRIMARY KEY,
    month TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('remove', 'redact', 'delist', 'embargo')),
    reason TEXT NOT NULL
);

CREATE INDEX articles_index_version ON articles (index_version);
CREATE TABLE index_stale (
    article_id INTEGER PRIMARY KEY,
    title TEXT,
    subtitle TEXT,
    byline TEXT,
    body TEXT,
    index_version INTEGER
);
CREATE TRIGGER articles_replaced BEFORE INSERT ON articles BEGIN
    INSERT INTO index_stale
    SELECT id, title, subtitle, byline, body, index_version FROM articles
    WHERE (id = new.id OR key = new.key OR url = new.url) AND id NOT IN (SELECT article_id FROM index_stale);
END;
CREATE TRIGGER articles_inserted AFTER INSERT ON articles BEGIN
    INSERT INTO index_stale (article_id)
    SELECT new.id WHERE NOT EXISTS (SELECT 1 FROM index_stale WHERE article_id = new.id);
END;
CREATE TRIGGER articles_updated AFTER UPDATE OF id, title, subtitle, byline, body ON articles
WHEN old.id IS NOT new.id OR old.title IS NOT new.title OR old.subtitle IS NOT new.subtitle
    OR old.byline IS NOT new.byline OR old.body IS NOT new.body
BEGIN
    INSERT INTO index_stale
    SELECT old.id, old.title, old.subtitle, old.byline, old.body, old.index_version
    WHERE NOT EXISTS (SELECT 1 FROM index_stale WHERE article_id = old.id);
    INSERT INTO index_stale (article_id)
    SELECT new.id WHERE NOT EXISTS (SELECT 1 FROM index_stale WHERE article_id = new.id);
END;
CREATE TRIGGER articles_deleted AFTER DELETE ON articles BEGIN
    INSERT INTO index_stale
    SELECT old.id, old.title, old.subtitle, old.byline, old.body, old.index_version
    WHERE NOT EXISTS (SELECT 1 FROM index_stale WHERE article_id = old.id);
END;

CREATE VIRTUAL TABLE articles_fts USING fts5 (
    body_exact, body_stem, body_skeleton, title_exact, title_stem, title_skeleton,
    content='', tokenize="unicode61 remove_diacritics 0"
);
"""


ASSETS = """
CREATE TABLE assets (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    newspaper TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('issue', 'image')),
    address TEXT NOT NULL,
    article_id INTEGER REFERENCES articles (id),
    published_on TEXT,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (
        state IN ('pending', 'kept', 'failed', 'gone', 'too-large', 'refused')
    ),
    reason TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    next_try_at TEXT,
    capture_id INTEGER REFERENCES captures (id),
    bytes INTEGER,
    run_id INTEGER REFERENCES runs (id)
);
CREATE INDEX assets_due ON assets (published_on, id)
    WHERE state IN ('pending', 'failed', 'refused', 'too-large');
CREATE INDEX assets_article ON assets (article_id) WHERE article_id IS NOT NULL;

CREATE TABLE issues (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    published_on TEXT,
    number INTEGER,
    title TEXT,
    pdf_url TEXT NOT NULL,
    part INTEGER NOT NULL,
    capture_id INTEGER REFERENCES captures (id),
    sha256 TEXT,
    page_capture_id INTEGER NOT NULL REFERENCES captures (id),
    UNIQUE (url, pdf_url)
);
CREATE INDEX issues_published_on ON issues (published_on);
CREATE INDEX issues_pdf ON issues (pdf_url);
"""

TAKEN_DOWN = """
CREATE TABLE taken_down (
    key TEXT PRIMARY KEY, state TEXT NOT NULL, reason TEXT NOT NULL, until TEXT, record TEXT
) WITHOUT ROWID;
ALTER TABLE captures ADD COLUMN withheld INTEGER NOT NULL DEFAULT 0;
"""

# Contentless: the analysed words are kept, a second copy of the text is not. The words of a row are taken
# out by giving them again, which index_stale makes possible for rows that another tool changed.
# The body first: FTS5 spends two bytes on every posting that is not in the first column.
# Words come analysed, a space between them: to look up what each of their letters is in Unicode takes a tenth longer.
_INDEX = """
CREATE VIRTUAL TABLE {} USING fts5 (
    body_exact, body_stem, body_skeleton, title_exact, title_stem, title_skeleton, facets,
    content='', tokenize="ascii"
)
"""
# What FTS5 gathers before it writes a segment, a megabyte unless told: fewer segments are merged again and again.
_GATHERED_BYTES = 8 << 20


def create_index(conn: sqlite3.Connection, name: str) -> None:
    """Create an empty index for the articles' words, `temp.` before its name for a temporary one."""
    conn.execute(_INDEX.format(name))
    table = name.removeprefix("temp.")
    conn.execute(f"INSERT INTO {name} ({table}, rank) VALUES ('hashsize', ?)", (_GATHERED_BYTES,))


_INDEXED = ("title", "subtitle", "byline", "body", "section", "writer", "published_on")
_STALE = f"INSERT INTO index_stale (article_id, {', '.join(_INDEXED)}, index_version) SELECT"
_OLD = f"old.id, {', '.join(f'old.{name}' for name in _INDEXED)}, old.index_version"
# What stands in index_stale is what the index holds: a row's first change counts, NULL says that the index holds
# nothing. NOT EXISTS instead of OR IGNORE, because the conflict clause of the outer statement (INSERT OR REPLACE)
# would take its place. Before an insertion, because REPLACE deletes without a trigger.
INDEX_TRIGGERS = {
    "articles_replaced": f"""BEFORE INSERT ON articles BEGIN
    {_STALE} id, {", ".join(_INDEXED)}, index_version FROM articles
    WHERE (id = new.id OR key = new.key OR url = new.url) AND id NOT IN (SELECT article_id FROM index_stale);
END""",
    "articles_inserted": """AFTER INSERT ON articles BEGIN
    INSERT INTO index_stale (article_id)
    SELECT new.id WHERE NOT EXISTS (SELECT 1 FROM index_stale WHERE article_id = new.id);
END""",
    "articles_updated": f"""AFTER UPDATE OF id, {", ".join(_INDEXED)} ON articles
WHEN {" OR ".join(f"old.{name} IS NOT new.{name}" for name in ("id", *_INDEXED))}
BEGIN
    {_STALE} {_OLD} WHERE NOT EXISTS (SELECT 1 FROM index_stale WHERE article_id = old.id);
    INSERT INTO index_stale (article_id)
    SELECT new.id WHERE NOT EXISTS (SELECT 1 FROM index_stale WHERE article_id = new.id);
END""",
    "articles_deleted": f"""AFTER DELETE ON articles BEGIN
    {_STALE} {_OLD} WHERE NOT EXISTS (SELECT 1 FROM index_stale WHERE article_id = old.id);
END""",
}
"""How the index hears of rows that another tool changed: the body of each trigger by its name."""

BITMAPS = """
CREATE TABLE index_spans (first_id INTEGER PRIMARY KEY, last_id INTEGER NOT NULL, ids BLOB NOT NULL);
CREATE TABLE index_bitmaps (
    word TEXT NOT NULL, first_id INTEGER NOT NULL, bits BLOB NOT NULL, PRIMARY KEY (word, first_id)
) WITHOUT ROWID;
"""

# A table without row ids has its keys on the pages of its rows, where bitmaps leave room for one or two of them.
FASTER_BITMAPS = """
ALTER TABLE index_bitmaps RENAME TO former_bitmaps;
CREATE TABLE index_bitmaps (
    word TEXT NOT NULL, first_id INTEGER NOT NULL, bits BLOB NOT NULL, PRIMARY KEY (word, first_id)
);
INSERT INTO index_bitmaps SELECT word, first_id, bits FROM former_bitmaps ORDER BY word, first_id;
DROP TABLE former_bitmaps;
"""
