"""SQL functions that every connection to an archive has. `docs/reading.md` shows how researchers use them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from newsarchive import search
from newsarchive.text.arabic import fold, forms, runs

if TYPE_CHECKING:
    import sqlite3

_LONGEST_QUERY = 2_000


def register(connection: sqlite3.Connection) -> None:
    """Register arabic_match(words), arabic_fold(text), arabic_snippet(text, words), arabic_words(text).

    Datasette's `escape_fts` is replaced by arabic_match: its search boxes, JSON and CSV then find Arabic in
    every spelling, and no string is an error.
    """
    connection.create_function("escape_fts", 1, arabic_match, deterministic=True)
    connection.create_function("arabic_match", 1, arabic_match, deterministic=True)
    connection.create_function("arabic_words", 1, arabic_words, deterministic=True)
    connection.create_function("arabic_fold", 1, arabic_fold, deterministic=True)
    connection.create_function("arabic_snippet", 2, arabic_snippet, deterministic=True)


def arabic_match(words: object) -> str:
    """The FTS5 expression that finds articles with every one of the words, as written or by its stem."""
    return search.table_match(_text(words)[:_LONGEST_QUERY])


def arabic_fold(text: object) -> str | None:
    """The text without harakat and tatweel, with one form for each letter that is written in several."""
    return None if text is None else fold(_text(text))


def arabic_words(text: object) -> str:
    """The distinct words of the text as a JSON array, folded, without function words: for json_each."""
    found = (form for run in runs(_text(text)) for form in forms(run.group()))
    return json.dumps(list(dict.fromkeys(form.exact for form in found if form.stem)), ensure_ascii=False)


def arabic_snippet(text: object, words: object) -> str | None:
    """Up to two fragments of the text as safe HTML, the words marked."""
    return None if text is None else search.snippet(_text(text), _text(words)[:_LONGEST_QUERY])


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)
