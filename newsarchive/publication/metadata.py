"""What Datasette knows of the archive's tables: titles, column notes, order, facets, what stays hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from newsarchive.publication.archives import archive_of

if TYPE_CHECKING:
    from datasette.app import Datasette

    from newsarchive.publication.archives import Archive

BRIEF_COLUMNS: Final = ("title", "published_on", "section", "writer", "status")
"""What the table page of `articles` shows unless asked for other columns; the files and JSON have them all."""

HIDDEN: Final = (
    "newsarchive",
    "article_keys",
    "article_sentences",
    "article_sections",
    "article_tags",
    "writers",
    "writer_spellings",
    "address_aliases",
    "address_sources",
    "index_bitmaps",
    "index_spans",
    "index_stale",
    "mementos",
    "assets",
    "taken_down",
    "_sqlite_migrations",
    "sqlite_stat1",
)

_TITLES: Final = {
    "articles": "المقالات — Articles",
    "sections": "الأقسام — Sections",
    "tags": "الوسوم — Tags",
    "revisions": "الصيغ — Revisions",
    "related_articles": "المقالات ذات الصلة — Related articles",
    "captures": "النسخ الملتقطة — Captures",
    "addresses": "العناوين — Addresses",
    "refusals": "ما لم يُقبل — Refusals",
    "runs": "جولات الجمع — Runs",
    "sources": "المصادر — Sources",
    "issues": "الأعداد الورقية — Printed issues",
    "takedowns": "ما أزيل — Takedowns",
}

_ARTICLE_COLUMNS: Final = {
    "key": "المفتاح الثابت للاستشهاد — the permanent key",
    "published_at": "كما طُبع، بتوقيت الصحيفة — as printed, ISO 8601 with the newspaper's offset",
    "published_on": "اليوم المحلي — local day",
    "published_from": "من أين قُرئ التاريخ — where the date was read",
    "writer": "الكاتب كما وُقّع — as signed",
    "agency": "الوكالة المذكورة — the agency named in the byline",
    "status": "live, gone, unknown",
    "body": "النص، فقراته مفصولة بسطر فارغ — paragraphs joined by a blank line",
}

_made: Final[WeakKeyDictionary[Datasette, dict[str, Any]]] = WeakKeyDictionary()


def metadata(datasette: Datasette) -> dict[str, Any]:
    """Metadata for every archive that is served. Datasette merges the operator's own over it."""
    if datasette not in _made:
        found = (archive_of(datasette, name) for name in datasette.databases)
        archives = [archive for archive in found if archive is not None]
        described = {archive.database: _of(archive) for archive in archives}
        _made[datasette] = {"databases": described} if described else {}
    return _made[datasette]


def _of(archive: Archive) -> dict[str, Any]:
    tables: dict[str, dict[str, Any]] = {name: {"hidden": True} for name in HIDDEN}
    tables |= {name: {"title": title} for name, title in _TITLES.items()}
    tables["articles"] |= {
        "label_column": "title",
        "sort_desc": "id",
        "size": 50,
        "facets": ["section"],
        "fts_table": "articles_fts",
        "fts_pk": "id",
        "columns": dict(_ARTICLE_COLUMNS),
    }
    for name in ("captures", "addresses", "refusals", "runs", "revisions"):
        tables[name] |= {"sort_desc": "id", "size": 50}
    tables["addresses"]["facets"] = ["state", "reason"]
    tables["refusals"]["facets"] = ["reason"]
    return {"title": f"أرشيف صحيفة {archive.title}", "source": archive.title, "tables": tables}
