"""A reader's words → ranked hits with snippets of the original text; the analysis is that of the index.

Nothing here writes; every function takes a connection that may be read-only.
"""

from newsarchive.search.asking import (
    Hit,
    Hits,
    Sort,
    answer,
    ask,
    best,
    listing,
    matching,
    settled,
    snippet,
    table_count,
    table_match,
)
from newsarchive.search.explaining import Explanation, WordRead, explain, suggest
from newsarchive.search.query import Filters, Query, parse

__all__ = [
    "Explanation",
    "Filters",
    "Hit",
    "Hits",
    "Query",
    "Sort",
    "WordRead",
    "answer",
    "ask",
    "best",
    "explain",
    "listing",
    "matching",
    "parse",
    "settled",
    "snippet",
    "suggest",
    "table_count",
    "table_match",
]
