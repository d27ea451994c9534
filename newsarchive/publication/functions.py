"""SQL functions that every connection to an archive has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


def register(connection: sqlite3.Connection) -> None:
    """Register the Arabic functions, and ours in the place of Datasette's `escape_fts`."""
    connection.create_function("escape_fts", 1, lambda t: " ".join(f'"{w}"' for w in re.findall(r"\w+", t or "")) or '""')
