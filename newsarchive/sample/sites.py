"""The two sites of the sample newspaper and their categories."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote
from zoneinfo import ZoneInfo

DAMASCUS = ZoneInfo("Asia/Damascus")


@dataclass(frozen=True, slots=True)
class Category:
    """A WordPress category. `placement` marks one that says where a story stands, not what it is about."""

    slug: str
    name: str
    term_id: int
    parent: str | None = None
    placement: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """One host of the newspaper. `archives` is the path before every permalink part, with its slash."""

    host: str
    title: str
    motto: str
    archives: str
    categories: tuple[Category, ...]

    @property
    def home(self) -> str:
        """Address of the home page, with the final slash."""
        return f"https://{self.host}/"

    def category(self, slug: str) -> Category:
        """The category of that slug. Raises StopIteration for a slug the site does not have."""
        return next(category for category in self.categories if category.slug == slug)

    def lineage(self, slug: str) -> tuple[Category, ...]:
        """The category and its ancestors, deepest first."""
        category = self.category(slug)
        return (category, *(self.lineage(category.parent) if category.parent else ()))

    def category_path(self, slug: str) -> str:
        """Path of a category's listing: nested categories stand below their parents."""
        names = "/".join(category.slug for category in reversed(self.lineage(slug)))
        return f"{self.archives}category/{names}"

    def tag_path(self, tag: str) -> str:
        """Path of a tag's listing, in the lower-case percent-encoding of WordPress."""
        return f"{self.archives}tag/{quote(tag.replace(' ', '-')).lower()}"


NEWSPAPER = Site(
    "alwatan.sy",
    "صحيفة الوطن",
    "يومية سياسية مستقلة",
    "/archives/",
    (
        Category("first", "الأولى", 3),
        Category("syria", "سورية", 4),
        Category("economy", "اقتصاد", 5),
        Category("sport", "رياضة", 6),
        Category("local", "محلي", 7),
        Category("culture", "ثقافة وفن", 8),
        Category("world", "عربي ودولي", 9),
        Category("from-alwatan-notebook", "من دفتر الوطن", 21, parent="first"),
        Category("newspaper", "أعداد الجريدة", 30),
    ),
)
WEB_NEWS = Site(
    "alwatanonline.com",
    "الوطن أون لاين",
    "أخبار سورية على مدار الساعة",
    "/",
    (
        Category("sports", "الرياضة", 12),
        Category("local", "محلي", 13),
        Category("headlines", "العناوين الرئيسية", 14, placement=True),
        Category("economy", "اقتصاد", 15),
        Category("misc", "منوعات", 16),
    ),
)
SITES = {site.host: site for site in (NEWSPAPER, WEB_NEWS)}
