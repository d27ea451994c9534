"""Questions that researchers ask most, as ready queries of Datasette, and the ten lessons of the SQL page."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _shelf() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(Path(__file__).with_name("queries.json").read_text("utf-8"))
    return loaded


def queries() -> dict[str, dict[str, Any]]:
    """Name → what Datasette wants of a canned query. Titles are in both languages."""
    return {
        name: {
            "sql": _sql(query["sql"]),
            "title": " — ".join(query["title"]),
            "description": " — ".join(query["description"]),
            "hide_sql": True,
        }
        for name, query in _shelf()["queries"].items()
    }


def cards(language: int) -> list[dict[str, Any]]:
    """The ready queries for a page in one language: 0 is Arabic, 1 English. `parameters` have examples."""
    return [
        {
            "name": name,
            "title": query["title"][language],
            "description": query["description"][language],
            "parameters": query.get("parameters", {}),
        }
        for name, query in _shelf()["queries"].items()
    ]


def lessons(language: int) -> list[dict[str, str]]:
    """The ten lessons, each a question, its SQL and what is new in it."""
    return [
        {
            "question": lesson["question"][language],
            "what": lesson["what"][language],
            "sql": _sql(lesson["sql"]),
        }
        for lesson in _shelf()["lessons"]
    ]


def _sql(lines: list[str]) -> str:
    return "\n".join(lines)
