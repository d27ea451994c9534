"""What a check found, in words for a person: what is wrong and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

RESTORE = (
    "bring the file back from a copy; without one: rm archive.db, then scrapy ingest captures/"
    " rebuilds what the other records still say"
)
REBUILD = "rm archive.db, then scrapy ingest captures/ rebuilds the archive from its captures"
REPAIR = "nothing is lost; the next writing command repairs it"
NOTHING = "nothing is lost, and nothing is to be done"
REINDEX = "scrapy reindex"
INGEST = "harmless; scrapy ingest captures/ takes it in"
BRING_BACK = (
    "the page is lost with it; bring its file back from a copy, then scrapy ingest captures/ takes both in"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree. A note does not fail a check: all that the archive says of itself holds."""

    where: str
    what: str
    remedy: str
    is_note: bool = False

    def __str__(self) -> str:
        """One line."""
        return f"{'note' if self.is_note else 'WRONG'}  {self.where}: {self.what} → {self.remedy}"
