"""What the readers of WordPress themes share: a theme is its selectors, its marks and its furniture."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsarchive.items import PublishedFrom, Reason
from newsarchive.pages import structured, wordpress
from newsarchive.pages.assembly import Reading, absolute, article, publication
from newsarchive.pages.blocks import read_body
from newsarchive.pages.html import Page, UnreadableError, one, text_of
from newsarchive.text.whitespace import tidy

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from newsarchive.items import Article
    from newsarchive.pages.blocks import Body

_HOME_NAMES = frozenset(("الرئيسية", "الصفحة الرئيسية", "Home", "Startseite", "Accueil"))
_DATE_METAS = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "pubdate",
)
_MODIFIED_METAS = ("article:modified_time", "og:updated_time", "datemodified")
_POST_CLASS = re.compile(r"post-(\d+)")
_REST_POST = re.compile(r"/posts/(\d+)")
# An issue page has a line about the number and its links; a text has sentences.
_ISSUE_WORDS = 20
_NEXT_NAMES = ("الصفحة التالية", "التالي", "Next page", "Next")
_PREVIOUS_NAMES = frozenset(("الصفحة السابقة", "السابق", "Previous page", "Previous"))
# The part of the letters outside doubtful blocks that structured data must hold to be believed on the rest:
# captions and embedded posts are often missing there.
_CONFIRMED = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The selectors of a theme and the whole lines it prints.

    All but `root` and `tags_beside`, which is for tags that stand outside the post, select inside the root.
    """

    name: str
    version: int
    furniture: frozenset[str]
    root: str
    title: str
    body: tuple[str, ...]
    crumbs: str = ""
    categories: str = ""
    subtitle: str = ""
    date: str = ""
    tags: str = ""
    tags_beside: str = ""
    image: str = ""
    pages: str = ""


@dataclass(slots=True)
class _Post:
    """The parts of one post."""

    page: Page
    theme: Theme
    root: LexborNode
    title: str
    container: LexborNode
    claims: structured.Claims = field(init=False)
    described: bool = field(init=False)

    def __post_init__(self) -> None:
        self.claims = structured.claims(self.page, self.title)
        self.described = structured.describes(self.page, self.title)

    def texts(self, selector: str) -> list[str]:
        """The texts of what matches inside the post, but outside its body."""
        return [text for node in self.outside(selector) if (text := text_of(node))]

    def outside(self, selector: str) -> list[LexborNode]:
        """What matches inside the post, but outside its body."""
        if not selector or not (nodes := self.root.css(selector)):
            return []
        inside = {node.mem_id for node in self.container.css(selector)}
        found = {node.mem_id: node for node in nodes}
        return [node for identity, node in found.items() if identity not in inside]


def read_post(page: Page, theme: Theme) -> Article:
    """Return the article of a page that has the theme's root. Raises UnreadableError with the reason."""
    root = one(page.css(theme.root), f"«{theme.root}»")
    if root is None:
        raise UnreadableError(Reason.UNKNOWN_LAYOUT, f"no «{theme.root}»")
    container = _container(root, theme)
    post = _Post(page, theme, root, _title(root, container, theme), container)
    categories = _categories(post)
    dated = _published(post)
    wordpress.require_post(
        page, has_categories=bool(categories), has_claims=post.claims.found, is_dated=bool(dated)
    )
    body = read_body(container)
    _require_text(post, body, dated)
    _settle_doubts(post, body)
    return article(
        page,
        Reading(
            title=post.title,
            paragraphs=body.paragraphs,
            categories=categories,
            subtitle=" ".join(post.texts(theme.subtitle)[:1]),
            published=dated,
            modified=_modified(post),
            tags=_tags(post),
            image=_image(post),
            post_id=_post_id(post),
            next_page=_next_page(post),
        ),
        name=theme.name,
        version=theme.version,
        furniture=theme.furniture,
    )


def _container(root: LexborNode, theme: Theme) -> LexborNode:
    for selector in theme.body:
        if container := one(root.css(selector), f"«{selector}»"):
            return container
    raise UnreadableError(Reason.UNKNOWN_LAYOUT, f"no body container «{theme.body[0]}»")


def _title(root: LexborNode, container: LexborNode, theme: Theme) -> str:
    """The headline: by the theme's class, else the only h1 above the body."""
    inside = {node.mem_id for node in container.css("h1")}
    for selector in (theme.title, "h1"):
        found = [node for node in root.css(selector) if node.mem_id not in inside]
        if node := one(found, f"«{selector}»"):
            return text_of(node)
    raise UnreadableError(Reason.NO_TITLE, "no headline above the body")


def _categories(post: _Post) -> list[str]:
    """The breadcrumbs, deepest first, the categories beside the headline, those of the structured data."""
    crumbs = post.outside(post.theme.crumbs)
    if crumbs and _is_home(crumbs[0]):
        crumbs = crumbs[1:]
    beside = post.texts(post.theme.categories)
    return list(
        dict.fromkeys(filter(None, [*map(text_of, reversed(crumbs)), *beside, *post.claims.sections]))
    )


def _is_home(link: LexborNode) -> bool:
    if text_of(link) in _HOME_NAMES or link.css_first(".tie-icon-home"):
        return True
    return urlsplit(link.attributes.get("href") or "").path in {"", "/"}


def _published(post: _Post) -> list[tuple[PublishedFrom, str]]:
    claims = [(PublishedFrom.JSON_LD, text) for text in post.claims.published]
    if post.described:
        metas = post.page.metas
        claims += [(PublishedFrom.META, text) for name in _DATE_METAS for text in metas.get(name, ())]
    claims += [
        (PublishedFrom.META, tidy(node.attributes.get("datetime") or ""))
        for node in post.outside("time[datetime]")
    ]
    return claims + [(PublishedFrom.VISIBLE, text) for text in post.texts(post.theme.date)[:1]]


def _modified(post: _Post) -> list[str]:
    metas = post.page.metas if post.described else {}
    return [*post.claims.modified, *(text for name in _MODIFIED_METAS for text in metas.get(name, ()))]


def _tags(post: _Post) -> list[str]:
    """The printed tags, which stand inside the body or beside the post, else what the head claims."""
    theme = post.theme
    within = post.root.css(theme.tags) if theme.tags else post.page.css(theme.tags_beside)
    printed = [text_of(node) for node in within]
    claimed = post.page.metas.get("article:tag", []) if post.described else []
    return printed or claimed or list(post.claims.tags)


def _image(post: _Post) -> str | None:
    if post.claims.image:
        return post.claims.image
    if post.described and (image := post.page.meta("og:image")):
        return image
    for node in post.outside(post.theme.image):
        attributes = node.attributes
        source = attributes.get("data-src") or attributes.get("src")
        if source and not source.startswith("data:"):
            return source
    return None


def _post_id(post: _Post) -> int | None:
    for name in (*post.page.body_classes, *(post.root.attributes.get("class") or "").split()):
        if found := _POST_CLASS.fullmatch(name.replace("postid-", "post-")):
            return int(found[1])
    if post.described and (link := post.page.first('link[rel="alternate"][type="application/json"]')):
        found = _REST_POST.search(link.attributes.get("href") or "")
        return int(found[1]) if found else None
    return None


def _next_page(post: _Post) -> str | None:
    """The address of the next part: WordPress prints the numbers of all parts, the present one without link.

    Raises UnreadableError (ambiguous) where there are links to parts that cannot be told apart.
    """
    pages = post.root.css_first(post.theme.pages) if post.theme.pages else None
    links = {text_of(node): node.attributes.get("href") for node in pages.css("a")} if pages else {}
    if not links:
        return None
    if following := next((links[name] for name in _NEXT_NAMES if name in links), None):
        return following
    numbers = {int(text): target for text, target in links.items() if text.isdecimal()}
    missing = [number for number in range(1, len(numbers) + 2) if number not in numbers]
    if numbers and len(missing) == 1:
        return numbers.get(missing[0] + 1)
    if not numbers and not _PREVIOUS_NAMES.isdisjoint(links):
        return None
    raise UnreadableError(Reason.AMBIGUOUS, "the parts of the article cannot be told apart")


def _require_text(post: _Post, body: Body, dated: list[tuple[PublishedFrom, str]]) -> None:
    """Refuse a page that only links the pages of an issue, and name them."""
    selector = 'a[href*=".pdf" i], iframe[src*=".pdf" i], embed[src*=".pdf" i], object[data*=".pdf" i]'
    linking = post.container.css(selector)
    if not linking:
        return
    words = sum(len(p.text.split()) for p in body.paragraphs)
    linked = sum(len(text_of(node).split()) for node in linking)
    if words - linked <= _ISSUE_WORDS:
        targets = (
            next(filter(None, map(node.attributes.get, ("href", "src", "data"))), None) for node in linking
        )
        links = tuple(dict.fromkeys(filter(None, (absolute(post.page, target) for target in targets))))
        detail = f"an issue of {len(links)} PDF files: {post.title}"
        published_at, _ = publication(post.page, dated)
        raise UnreadableError(Reason.ISSUE_PAGE, detail, links, post.title, published_at)


def _settle_doubts(post: _Post, body: Body) -> None:
    """Let the structured data's reading of the text decide on blocks that may be the page's own.

    Where it holds nearly all that stands outside such blocks it is trusted: a block that it lacks is left
    out. Without it the page is refused (ambiguous) rather than read with a stranger's words in it.
    """
    if not body.doubtful:
        return
    told = structured.letters(post.claims.body)
    doubted = {n for doubt in body.doubtful for n in range(doubt.start, doubt.stop)}
    sure = [structured.letters(p.text) for n, p in enumerate(body.paragraphs) if n not in doubted]
    confirmed = sum(len(text) for text in sure if text in told)
    is_trusted = bool(sure) and confirmed >= _CONFIRMED * sum(map(len, sure))
    left_out: set[int] = set()
    for doubt in body.doubtful:
        texts = body.paragraphs[doubt.start : doubt.stop]
        if all(structured.letters(p.text) in told for p in texts):
            continue
        if not is_trusted:
            opening = texts[0].text[:60]
            raise UnreadableError(Reason.AMBIGUOUS, f"text or furniture? <{doubt.marking}> «{opening}»")
        left_out.update(range(doubt.start, doubt.stop))
    body.paragraphs = [p for n, p in enumerate(body.paragraphs) if n not in left_out]
