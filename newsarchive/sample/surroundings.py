"""What stands around every article and every listing: menus, breaking news, lists of other stories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.sample.dress import Dress, Head, Theme
from newsarchive.sample.heads import AUTHOR
from newsarchive.sample.markup import attribute, fill, short_date, text

if TYPE_CHECKING:
    from newsarchive.sample.sites import Site
    from newsarchive.sample.stories import SampleArticle

_TODAY = Dress(Theme.JANNAH7, Head.YOAST)
_ADBLOCK = (
    '<div id="tie-popup-adblock" class="tie-popup is-fixed-popup"><div class="tie-popup-container">'
    '<div class="container-wrapper"><span class="fa fa-ban" aria-hidden="true"></span>'
    "<h2>أنت تستخدم إضافة Adblock</h2>"
    '<div class="adblock-message">برجاء دعمنا عن طريق تعطيل إضافة Adblock</div></div></div></div>'
)
_MASTHEAD = (
    '<div id="tie-popup-adblock" class="tie-popup is-fixed-popup"><div class="tie-popup-container">'
    '<div class="container-wrapper"><h2>صحيفة الوطن</h2><div class="adblock-message"></div></div></div></div>'
)


def category_link(site: Site, slug: str, *, classes: str = "") -> str:
    """A link to a category's listing."""
    category = site.category(slug)
    attributes = f' class="{classes}"' if classes else ""
    return f'<a{attributes} href="https://{site.host}{site.category_path(slug)}">{category.name}</a>'


def menu(site: Site) -> str:
    """The items of the main menu."""
    return "\n".join(
        '<li class="menu-item menu-item-type-taxonomy '
        f'menu-item-object-category">{category_link(site, c.slug)}</li>'
        for c in site.categories
    )


def breaking(stories: tuple[SampleArticle, ...]) -> str:
    """The items of the breaking-news bar."""
    return "\n".join(
        f'<li class="news-item"><a href="{story.address}">{text(story.title)}</a></li>'
        for story in stories[:5]
    )


def latest(stories: tuple[SampleArticle, ...]) -> str:
    """The items of the sidebar's list."""
    return "\n".join(
        '<li class="widget-single-post-item widget-post-list tie-standard"><div class="post-widget-thumbnail">'
        f'<a aria-label="{attribute(story.title)}" href="{story.address}" '
        f'class="post-thumb">{thumbnail(story)}</a></div>'
        f'<div class="post-widget-body"><a class="post-title the-subtitle" href="{story.address}">'
        f'{text(story.title)}</a><div class="post-meta"><span class="date meta-item tie-icon">'
        f"{short_date(story.published)}</span></div></div></li>"
        for story in stories[:6]
    )


def thumbnail(story: SampleArticle) -> str:
    """The story's picture in small."""
    return f'<img width="320" height="180" src="{story.image_path}" alt="">' if story.image_path else ""


def related(stories: tuple[SampleArticle, ...]) -> str:
    """The items of the block of related posts."""
    return "\n".join(
        f'<div class="related-item tie-standard"><a aria-label="{attribute(story.title)}" href="{story.address}" '
        f'class="post-thumb">{thumbnail(story)}</a><h3 class="post-title"><a href="{story.address}">'
        f'{text(story.title)}</a></h3><div class="post-meta clearfix"><span class="date meta-item tie-icon">'
        f"{short_date(story.published)}</span></div></div>"
        for story in stories[:3]
    )


def slides(stories: tuple[SampleArticle, ...]) -> str:
    """Slides whose only link has no text."""
    return "\n".join(
        f'<div style="background-image: url({story.image_path or ""})" class="slide slide-id-{story.post_id} '
        f'tie-slide-{number} tie-standard"><a href="{story.address}" class="all-over-thumb-link" '
        f'aria-label="{attribute(story.title)}"></a><div class="thumb-overlay"><div class="thumb-content">'
        f'<div class="thumb-meta"><span class="date meta-item tie-icon">{short_date(story.published)}</span></div>'
        f'<h2 class="thumb-title"><a href="{story.address}">{text(story.title)}</a></h2></div></div></div>'
        for number, story in enumerate(stories, 1)
    )


def prev_next(stories: tuple[SampleArticle, ...]) -> str:
    """Links to the posts before and after."""
    return "\n".join(
        f'<div class="tie-col-xs-6 {relation}-post"><a href="{story.address}" class="post-thumb" rel="{relation}">'
        f'<span class="screen-reader-text">{text(story.title)}</span></a><a href="{story.address}" '
        f'rel="{relation}">'
        f'<h3 class="post-title">{text(story.title)}</h3></a></div>'
        for relation, story in zip(("prev", "next"), stories[3:5], strict=False)
    )


def check_also(story: SampleArticle) -> str:
    """The box that slides in at the end of a page."""
    return (
        '<div id="check-also-box" class="container-wrapper check-also-right"><div class="widget-title '
        'the-global-title"><div class="the-subtitle">شاهد أيضاً</div><a href="#" id="check-also-close" '
        'class="remove"><span class="screen-reader-text">إغلاق</span></a></div><div class="widget '
        f'posts-list-big-first"><ul class="posts-list-items">{latest((story,))}</ul></div></div>'
    )


def share(site: Site, post_id: int) -> str:
    """The share buttons."""
    link = f"{site.home}?p={post_id}"
    buttons = (("facebook", "فيسبوك"), ("twitter", "تويتر"), ("whatsapp", "واتساب"), ("telegram", "تيلقرام"))
    links = " ".join(
        f'<a href="#" rel="external noopener nofollow" title="{label}" class="{name}-share-btn" data-raw="{link}">'
        f'<span class="share-btn-icon tie-icon-{name}"></span> <span class="social-text">{label}</span></a>'
        for name, label in buttons
    )
    mail = '<a href="#" class="email-share-btn"><span class="social-text">مشاركة عبر البريد</span></a>'
    return f'{links} {mail} <a href="#" class="print-share-btn"><span class="social-text">طباعة</span></a>'


def jannah_page(
    site: Site,
    shown: tuple[SampleArticle, ...],
    *,
    head: str,
    body_class: str,
    main: str,
    slider: str = "",
    box: str = "",
    dress: Dress = _TODAY,
) -> bytes:
    """A whole page of the Jannah theme around `main`. `shown` are the stories its lists show."""
    modern = dress.theme is not Theme.JANNAH5
    return fill(
        "jannah-page.html",
        head=head,
        body_class=body_class,
        main=main,
        slider=slider,
        check_also=box,
        site=site.title,
        motto=site.motto,
        home=site.home,
        version="7.6.0" if modern else "5.4.5",
        wordpress="6.8.2" if modern else "5.9.3",
        breaking=breaking(shown),
        menu=menu(site),
        latest=latest(shown),
        popup=_ADBLOCK if "adblock" in dress.options else _MASTHEAD,
    ).encode()


def author_url(site: Site) -> str:
    """Address of the listing of the one WordPress user."""
    return f"https://{site.host}{site.archives}author/editor"


def author_meta(site: Site) -> str:
    """The author as the theme shows it: the WordPress user, not who signed."""
    return (
        '<span class="author-meta single-author no-avatars"><span class="meta-item meta-author-wrapper '
        'meta-author-1">'
        f'<span class="meta-author"><a href="{author_url(site)}" class="author-name tie-icon" title="{AUTHOR}">'
        f"{AUTHOR}</a></span></span></span>"
    )
