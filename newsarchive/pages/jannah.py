"""Jannah by TieLabs, 4.x to 7.x.

The layout of alwatan.sy and, with the signature at the end of the text, of alwatanonline.com.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.pages.theme import Theme, read_post

if TYPE_CHECKING:
    from newsarchive.items import Article
    from newsarchive.pages.html import Page

NAME = "jannah"
VERSION = 1
# The stock strings of the theme's Arabic translation that stand as lines of their own around a text.
FURNITURE = frozenset(
    (
        "زر الذهاب إلى الأعلى",
        "أنت تستخدم إضافة Adblock",
        "برجاء دعمنا عن طريق تعطيل إضافة Adblock",
        "مقالات ذات صلة",
        "شاهد أيضاً",
        "أقرأ التالي",
        "اقرأ في هذا المقال",
        "شاركها",
        "مشاركة المقال",
        "مشاركة عبر البريد",
        "طباعة",
        "أكمل القراءة »",
        "تحميل المزيد",
        "اظهر المزيد",
        "الصفحة التالية",
        "الصفحة السابقة",
        "لا يوجد مزيد من المقالات",
        "عرض كل النتائج",
        "أرسل بريدا إلكترونيا",
        "نسخ الرابط",
        "تم نسخ الرابط",
        "الوسوم",
        (
            "Jannah Theme License is not validated, Go to the theme options page to validate the license, "
            "You need a single license for each domain name."
        ),
    )
)

_ROOT = "#the-post"
_THEME = Theme(
    name=NAME,
    version=VERSION,
    furniture=FURNITURE,
    root=_ROOT,
    title="h1.entry-title, h1.post-title",
    body=(".entry-content", "div.entry"),
    crumbs="#breadcrumb a",
    categories=".post-cat-wrap a.post-cat",
    subtitle=".entry-sub-title",
    date=".single-post-meta .date, #single-post-meta .date",
    tags=".post-bottom-tags a",
    image=".single-featured-image img, .featured-area img",
    pages=".multiple-post-pages",
)


def recognises(page: Page) -> bool:
    """Whether the page has the theme's post and one of its marks."""
    found = page.css(_ROOT)
    return bool(found) and bool(found[0].css_first(".entry-header, .entry-header-outer, .entry-content"))


def read(page: Page) -> Article:
    """Return the article of a recognised page. Raises UnreadableError with the reason why it is none."""
    return read_post(page, _THEME)
