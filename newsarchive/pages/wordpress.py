"""What a page is, when it is not an article: told by WordPress's own marks and by what blocks a crawler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.items import Reason
from newsarchive.pages.html import UnreadableError, text_of

if TYPE_CHECKING:
    from newsarchive.pages.html import Page

_NOT_FOUND_TITLES = (
    "الصفحة غير موجودة",
    "لم يتم العثور على الصفحة",
    "عذراً، الصفحة غير موجودة",
    "page not found",
    "404 not found",
    "nothing found",
    "404",
)
_CHALLENGE_TITLES = (
    "just a moment...",
    "ddos-guard",
    "checking your browser",
    "please wait...",
    "one moment, please",
)
# Cloudflare's «challenge-platform» script is no mark: it stands on the pages of protected sites too.
_CHALLENGE_MARKS = ("cf-browser-verification", "cf_chl_opt", "sucuri_cloudproxy_js", "/aes.js")
_BLOCK_TITLES = (
    "attention required!",
    "access denied",
    "403 forbidden",
    "forbidden",
    "sucuri website firewall",
    "you have been blocked",
    "blocked",
)
_LISTING_CLASSES = frozenset(
    ("archive", "category", "tag", "author", "date", "search", "search-results", "blog")
)
_LISTING_MARKS = (
    "#posts-container, #archive-title-section, #category-title-section, .archive-box, "
    ".post-listing .item-list"
)
_THEME_MARKS = (("JNews", ".jeg_viewport, .jnews"), ("Newspaper", ".td-theme-wrap, .td-container"))


def require_post(page: Page, *, has_categories: bool, has_claims: bool, is_dated: bool) -> None:
    """Refuse a WordPress page, attachment or error that borrows the look of a post.

    The class of `body` alone proves nothing, since it may be the home page's: only where neither category
    nor structured data speaks for a post does it decide. Raises UnreadableError (static-page).
    """
    classes = page.body_classes
    if "error404" in classes:
        raise UnreadableError(Reason.NOT_FOUND_PAGE, "WordPress says that there is no such page")
    if has_categories or page.first("#tie-schema-json"):
        return
    if "attachment" in classes or "single-attachment" in classes:
        raise UnreadableError(Reason.STATIC_PAGE, "the page of an attachment")
    if "single-post" in classes or "postid" in " ".join(classes):
        return
    if "page" in classes or not (has_claims or is_dated):
        raise UnreadableError(
            Reason.STATIC_PAGE, "a page, not a post: no category, no date, no structured data"
        )


def judge_unrecognised(page: Page) -> UnreadableError:
    """Return why a page that no reader knows is not an article, the most telling reason first."""
    title = page.head_title.lower()
    classes = page.body_classes
    heading = text_of(page.first("h1")).lower()
    if any(title.startswith(text) for text in _CHALLENGE_TITLES):
        return UnreadableError(Reason.CHALLENGE_PAGE, f"a challenge to the browser: «{page.head_title}»")
    if any(title.startswith(text) for text in _BLOCK_TITLES):
        return UnreadableError(Reason.BLOCK_PAGE, f"access is blocked: «{page.head_title}»")
    if "error404" in classes or any(
        text in (title, heading) or title.startswith(text) for text in _NOT_FOUND_TITLES
    ):
        return UnreadableError(Reason.NOT_FOUND_PAGE, f"no such page: «{page.head_title}»")
    if not classes.isdisjoint(("archive", "search-results")) or page.first(_LISTING_MARKS):
        return UnreadableError(Reason.LISTING, f"a list of articles: «{page.head_title}»")
    if "home" in classes or "blog" in classes:
        return UnreadableError(Reason.HOME_PAGE, f"the front page: «{page.head_title}»")
    if not classes.isdisjoint(_LISTING_CLASSES):
        return UnreadableError(Reason.LISTING, f"a list of articles: «{page.head_title}»")
    if "page" in classes and "page-template-default" in classes:
        return UnreadableError(Reason.STATIC_PAGE, f"a page: «{page.head_title}»")
    if any(mark in page.text for mark in _CHALLENGE_MARKS):
        return UnreadableError(Reason.CHALLENGE_PAGE, f"a challenge to the browser: «{page.head_title}»")
    theme = next((name for name, marks in _THEME_MARKS if page.first(marks)), None)
    generator = page.meta("generator")
    known = ", ".join(filter(None, (theme and f"theme {theme}", generator and f"generator {generator}")))
    return UnreadableError(
        Reason.UNKNOWN_LAYOUT, f"no reader knows this layout ({known or 'no mark of a theme'})"
    )
