"""SQL functions that every connection to an archive has. `docs/reading.md` shows how researchers use them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from newsarchive import search
from newsarchive.text.arabic import fold, forms, runs

if TYPE_CHECKING:
    import sqlite3

# The time limit of free SQL ends a statement between two steps of SQLite, never inside a function: each of these
# lengths, in characters, takes less than a second (benchmarked with runs of ligatures and of one letter).
_LONGEST_FOLDED = 1_000_000
_LONGEST_TAKEN_APART = 200_000
_LONGEST_MARKED = 50_000
_LONGEST_TO_MARK = 500


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
    return search.table_match(_text(words))


def arabic_fold(text: object) -> str | None:
    """The text without harakat and tatweel, with one form for each letter that is written in several.

    None for a text of more than a million characters.
    """
    printed = _text(text)
    return None if text is None or len(printed) > _LONGEST_FOLDED else fold(printed)


def arabic_words(text: object) -> str | None:
    """The distinct words of the text as a JSON array, folded, without function words: for json_each.

    None for a text of more than 200,000 characters, folded or not.
    """
    printed = _text(text)
    if len(printed) > _LONGEST_TAKEN_APART or len(fold(printed)) > _LONGEST_TAKEN_APART:
        return None
    found = (form for run in runs(printed) for form in forms(run.group()))
    return json.dumps(list(dict.fromkeys(form.exact for form in found if form.stem)), ensure_ascii=False)


def arabic_snippet(text: object, words: object) -> str | None:
    """Up to two fragments of the first 50,000 characters of the text as safe HTML, the words marked.

    Of the words the first 500 characters count.
    """
    if text is None:
        return None
    return search.snippet(_text(text)[:_LONGEST_MARKED], _text(words)[:_LONGEST_TO_MARK])


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)
