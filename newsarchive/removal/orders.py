"""What `scrapy remove` is asked to do, checked before anything is opened; and what it has to tell afterwards."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from newsarchive.exceptions import SettingsError
from newsarchive.removal.removing import Order
from newsarchive.storage import takedowns as tables
from newsarchive.storage.sealed import State
from newsarchive.text.arabic import raw_runs
from newsarchive.text.arabic.lexicon import FUNCTION_WORDS
from newsarchive.text.redaction import Names, letters

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

STATES = tuple(str(state) for state in State if state is not State.LIFTED)
_LEAST_PART = 3


class PublicReason(StrEnum):
    """Why something is taken down, as the public log says it. Free text would tell the person."""

    SAFETY = "safety"
    PRIVACY = "privacy"
    MINOR = "minor"
    COURT = "court"
    RIGHTS = "rights"
    ERROR = "error"
    OTHER = "other"


def parse(
    key: str, *, state: str | None, reason: str | None, until: str | None, names: Sequence[str], today: str
) -> Order:
    """Check the arguments (`today` is YYYY-MM-DD, UTC). Raises SettingsError that says what would be right."""
    if state not in STATES:
        raise SettingsError(f"--state {state or 'is missing'}: say one of {', '.join(STATES)}")
    if reason not in set(PublicReason):
        raise SettingsError(
            f"--reason {reason or 'is missing'}: say one of {', '.join(PublicReason)};"
            " it is public, so it is a class and not a story"
        )
    if (state == State.EMBARGO) != (until is not None):
        raise SettingsError("an embargo needs --until YYYY-MM-DD, and only an embargo has one")
    if (state == State.REDACT) != bool(names):
        raise SettingsError("to redact, say --redact NAME for each name; only --state redact has names")
    try:
        Names(names)
    except ValueError as error:
        raise SettingsError(f"--redact {error}") from error
    return Order(key, State(state), reason, today[:7], until and _day(until, today), tuple(names))


def require_standing(
    connection: sqlite3.Connection, article_ids: Sequence[int], names: Sequence[str]
) -> None:
    """Refuse a name that stands nowhere in the articles: it is a slip. Raises SettingsError."""
    if not names:
        return
    texts = "\n\n".join(_texts(connection, number) for number in article_ids)
    missing = [name for name, count in Names(names).counts(texts).items() if not count]
    if missing:
        raise SettingsError(
            f"--redact «{missing[0]}»: stands nowhere in this article, in no spelling that is known"
        )


def parts_left(connection: sqlite3.Connection, article_id: int, names: Sequence[str]) -> dict[str, int]:
    """Words of redacted names that still stand alone in the article, and how often."""
    text = _texts(connection, article_id)
    words = {
        word for name in names for word in raw_runs(name)
        if len(raw_runs(name)) > 1 and len(letters(word)) >= _LEAST_PART and letters(word) not in FUNCTION_WORDS
    }  # fmt: skip
    return {word: count for word, count in Names(sorted(words)).counts(text).items() if count}


def copies_beside(archive: Path, keys: Sequence[str]) -> list[Path]:
    """Files in the archive's folder, and in the folders there, that were made of it and hold these articles."""
    folder = archive.absolute().parent
    databases = (
        path for path in (*folder.glob("*.db"), *folder.glob("*/*.db")) if path != archive.absolute()
    )
    exports = (*folder.glob("*/articles.jsonl"), *folder.glob("*/data/articles.jsonl"))
    proofs = (folder / f"{key}.zip" for key in keys)
    return [
        *sorted(path for path in databases if _holds(path, keys)),
        *sorted(path.parent for path in exports if _lists(path, keys)),
        *sorted(path for path in proofs if path.exists()),
    ]


def _day(value: str, today: str) -> str:
    try:
        day = date.fromisoformat(value).isoformat() if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else ""
    except ValueError:
        day = ""
    if not day:
        raise SettingsError(f"--until {value} is no day; write it as 2027-12-08")
    if day <= today:
        raise SettingsError(f"--until {value} is not in the future; an embargo ends when that day begins")
    return day


def _texts(connection: sqlite3.Connection, article_id: int) -> str:
    """Everything that is printed of an article, in all its versions."""
    article = tables.row_of(connection, article_id)
    found = list[str]()
    for row in tables.revisions_of(connection, article):
        found += [row["title"], row["body"], row["paragraphs"] or ""]
        for value, _, _ in json.loads(row["fields"]).values():
            found += value if isinstance(value, list) else [str(value)]
    return "\n\n".join(found)


def _holds(path: Path, keys: Sequence[str]) -> bool:
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            marks = ", ".join("?" * len(keys))
            query = f"SELECT 1 FROM article_keys WHERE key IN ({marks})"
            return connection.execute(query, tuple(keys)).fetchone() is not None
        finally:
            connection.close()
    except sqlite3.DatabaseError:  # another program's database
        return False


def _lists(path: Path, keys: Sequence[str]) -> bool:
    wanted = [f'"key": "{key}"' for key in keys]
    with path.open(encoding="utf-8") as lines:
        return any(one in line for line in lines for one in wanted)
