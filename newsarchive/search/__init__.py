"""A reader's words → ranked hits with snippets of the original text; the analysis is that of the index.

Nothing here writes; every function takes a connection that may be read-only.
"""

from newsarchive.search.asking import Hit, Hits, ask, matching, snippet, table_match
from newsarchive.search.query import Filters, Query, parse

__all__ = ["Filters", "Hit", "Hits", "Query", "ask", "matching", "parse", "snippet", "table_match"]
