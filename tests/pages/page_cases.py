"""The page cases: folders with a page, what it is (`about.json`), and what it says or why it is refused."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from newsarchive import pages, validation
from newsarchive.items import Article, Refusal
from newsarchive.spiders.alwatan import AlwatanSpider

ROOT = Path(__file__).parent
CARDS = {AlwatanSpider.name: AlwatanSpider.newspaper, None: None}
# What follows from other fields of a record, and what a record always says.
DERIVED = {"kind", "lead", "body"}


@dataclass(frozen=True)
class Case:
    """One folder."""

    folder: Path

    @property
    def name(self):
        return str(self.folder.relative_to(ROOT))

    @cached_property
    def about(self):
        return json.loads((self.folder / "about.json").read_text())

    @property
    def is_reviewed(self):
        """Whether a person wrote or read it; `scrapy savepage` proposes cases that nobody read yet."""
        return self.about.get("reviewed", True) is True

    @cached_property
    def page(self):
        (path,) = self.folder.glob("page.*")
        return path.read_bytes()

    @cached_property
    def expected(self):
        path = self.folder / "expected.json"
        return json.loads(path.read_text()) if path.exists() else None

    @cached_property
    def refused(self):
        path = self.folder / "refused.json"
        return json.loads(path.read_text()) if path.exists() else None

    def read(self, page=None) -> Article | Refusal:
        """What the whole chain makes of the page, or of another page in its place."""
        card = CARDS[self.about["newspaper"]]
        captured = datetime.fromisoformat(self.about["captured_at"])
        body = self.page if page is None else page
        found = pages.read(body, self.about["url"], self.about["content_type"], captured, card)
        return validation.judge(pages.clean(found, card), card) if isinstance(found, Article) else found

    @cached_property
    def found(self):
        return self.read()


def record(article):
    """The fields of an article that a case tells, unknown ones left out."""
    fields = {**article.record(), "next_page": article.next_page}
    return {name: value for name, value in fields.items() if name not in DERIVED and value not in (None, [])}


CASES = [Case(path.parent) for path in sorted(ROOT.glob("*/*/about.json"))]
ARTICLES = [case for case in CASES if case.expected is not None]
REFUSALS = [case for case in CASES if case.refused is not None]

FLOOR = ROOT / "floor.json"
COUNTED = ("cases", "fields", "refusals")


def reached():
    """What the readers get right of all cases, and the digest of the pages it was reached on."""
    pages_digest = hashlib.sha256()
    for case in CASES:
        pages_digest.update(case.name.encode() + b"\0" + case.page)
    right = 0
    for case in ARTICLES:
        said = record(case.found) if isinstance(case.found, Article) else {}
        right += sum(said.get(name) == value for name, value in case.expected.items())
    refused = sum(
        isinstance(case.found, Refusal) and case.found.reason == case.refused["reason"] for case in REFUSALS
    )
    return {
        "cases": len(CASES),
        "fields": right,
        "refusals": refused,
        "pages_sha256": pages_digest.hexdigest(),
    }


def holds(now, floor):
    """Whether what is reached is the floor: on the very same pages, no count below and none above unrecorded."""
    return now == floor
