"""Rows of `runs`: one for every command that wrote, with its counts, verdict and exit code."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

# A path of this machine; the slashes of an address follow a letter, a colon or a slash.
_FOLDERS = re.compile(r"""(?<![\w:/.~-])(?:~|\.{1,2})?/(?:[^\s/"']+/)*(?=[^\s/])""")


@dataclass
class Tally:
    """What a run did, counted where it happens. `reasons` counts refusals and failures by reason code.

    `of_web_archives` are those of the requests that web archives were asked, not the newspaper. `wishes` counts
    articles that ask robots for noindex or noarchive.
    """

    requests: int = 0
    of_web_archives: int = 0
    found: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    gone: int = 0
    failed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    wishes: dict[str, int] = field(default_factory=dict)

    def count_reason(self, reason: str) -> None:
        """One more refusal or failure with this reason."""
        self.reasons[reason] = self.reasons.get(reason, 0) + 1

    def count_wish(self, wish: str) -> None:
        """One more article that asks for this."""
        self.wishes[wish] = self.wishes.get(wish, 0) + 1

    @property
    def visited(self) -> int:
        """Visits of articles' addresses that came to an end."""
        return self.new + self.changed + self.unchanged + self.refused + self.gone + self.failed


def begin(
    connection: sqlite3.Connection,
    command: str,
    newspaper: str | None,
    arguments: Mapping[str, str],
    now: str,
) -> int:
    """Enter a run that starts now; one that never ends shows that it was killed.

    Of paths only the last name is kept, here and in the verdict: the table is published.
    """
    given = {name: without_folders(value) for name, value in arguments.items()}
    cursor = connection.execute(
        "INSERT INTO runs (command, newspaper, arguments, started_at) VALUES (?, ?, ?, ?)",
        (command, newspaper, json.dumps(given, ensure_ascii=False), now),
    )
    return int(cursor.lastrowid or 0)


def record(
    connection: sqlite3.Connection, run_id: int, tally: Tally, details: Mapping[str, Any] | None = None
) -> None:
    """Write the counts so far, in the transaction that carries what they count.

    `details` are what else `runs.details` holds, JSON-ready (`newsarchive.reporting.rates`).
    """
    counted = asdict(tally)
    counts = {name: counted.pop(name) for name in ("reasons", "of_web_archives", "wishes")}
    counted["details"] = json.dumps(counts | dict(details or {}), ensure_ascii=False, sort_keys=True)
    assignments = ", ".join(f"{name} = ?" for name in counted)
    connection.execute(f"UPDATE runs SET {assignments} WHERE id = ?", (*counted.values(), run_id))


def end(connection: sqlite3.Connection, run_id: int, *, verdict: str, exit_code: int, now: str) -> None:
    """Close the run's row."""
    connection.execute(
        "UPDATE runs SET ended_at = ?, verdict = ?, exit_code = ? WHERE id = ?",
        (now, without_folders(verdict), exit_code, run_id),
    )


def without_folders(text: str) -> str:
    """The text with each path of this machine cut to its last name."""
    return _FOLDERS.sub("", text)
