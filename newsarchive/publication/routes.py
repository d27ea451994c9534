"""Which address is answered by whom. Only `/` of Datasette's own is replaced, and only for HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from newsarchive.publication import articles, home, searching
from newsarchive.publication.tables import ArticlesTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from datasette.app import Datasette

    from newsarchive.publication.archives import Archive


def routes(datasette: Datasette, archive: Archive) -> list[tuple[str, Callable[..., Any]]]:
    """(regular expression of the path, view) in the order they are tried."""
    database = re.escape(datasette.databases[archive.database].route)
    return [
        (r"^/$", home.home_page),
        (r"^/search$", searching.search_page),
        (r"^/search\.json$", searching.search_json),
        (r"^/search\.atom$", searching.search_feed),
        (r"^/article/(?P<key>[^/]+)/changes$", articles.changes_page),
        (r"^/article/(?P<key>[^/]+)/capture/(?P<number>\d{1,18})\.warc\.gz$", articles.capture_file),
        (r"^/article/(?P<key>[^/]+)$", articles.article_page),
        (rf"^/(?P<database>{database})/(?P<table>articles)(?P<format>)$", ArticlesTable.as_view(datasette)),
    ]
