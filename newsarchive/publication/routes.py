"""Which address is answered by whom. Only `/` of Datasette's own is replaced, and only for HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from newsarchive.publication import articles, changes, coverage, exports, home, information, lists, searching
from newsarchive.publication.tables import ArticlesTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from datasette.app import Datasette

    from newsarchive.publication.archives import Archive

# a file, or the sidecar at its address + .meta.json
_FILE: Final = r"\.(?P<format>csv|jsonl|xlsx|parquet)(?P<meta>\.meta\.json)?$"


def routes(datasette: Datasette, archive: Archive) -> list[tuple[str, Callable[..., Any]]]:
    """(regular expression of the path, view) in the order they are tried."""
    database = re.escape(datasette.databases[archive.database].route)
    return [
        (r"^/$", home.home_page),
        (r"^/search$", searching.search_page),
        (r"^/search\.json$", searching.search_json),
        (r"^/search\.atom$", searching.search_feed),
        (rf"^/search{_FILE}", exports.search_file),
        (r"^/days$", lists.days_page),
        (r"^/day/(?P<day>\d{4}-\d\d-\d\d)$", lists.day_page),
        (r"^/sections$", lists.sections_page),
        (r"^/writers$", lists.writers_page),
        (r"^/changes$", changes.changes_list),
        (r"^/coverage$", coverage.coverage_page),
        (r"^/about$", information.about_page),
        (r"^/data$", information.data_page),
        (r"^/sql$", information.sql_page),
        (r"^/api$", information.api_page),
        (r"^/robots\.txt$", information.robots_txt),
        (r"^/sitemap\.xml$", information.sitemap_xml),
        (r"^/sitemap-(?P<month>\d{4}-\d\d|undated)\.xml$", information.month_sitemap),
        (r"^/article/(?P<key>[^/]+)/changes$", articles.changes_page),
        (r"^/article/(?P<key>[^/]+)/capture/(?P<number>\d{1,18})\.warc\.gz$", articles.capture_file),
        (r"^/article/(?P<key>[^/]+)$", articles.article_page),
        (rf"^/(?P<database>{database})/(?P<table>articles)(?P<format>)$", ArticlesTable.as_view(datasette)),
        (rf"^/(?P<database>{database})\.(?P<format>json)$", exports.whole_array),
        (rf"^/(?P<database>{database})/(?P<table>[^/.]+)\.(?P<format>json)$", exports.whole_array),
        (rf"^/(?P<database>{database}){_FILE}", exports.sql_file),
        (rf"^/(?P<database>{database})/(?P<table>[^/.]+){_FILE}", exports.table_file),
    ]
