"""The body of an article as its theme prints it, with what themes and plugins put between the paragraphs."""

from __future__ import annotations

import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

from newsarchive.sample.markup import attribute, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsarchive.sample.stories import Block, SampleArticle

_AD = (
    '<div class="stream-item stream-item-in-post stream-item-inline-post"><div class="stream-item-size">'
    "<span>إعلان</span> <p>اشترك الآن في باقة الإنترنت المنزلي واحصل على شهر مجاني</p></div></div>"
)
_TOP_AD = (
    '<div class="stream-item stream-item-above-post-content"><div class="stream-item-size">'
    "<p>هذه المساحة محجوزة لإعلانك</p></div></div>"
)
_SCRIPT = '<script type="text/javascript">(window.adsbygoogle = window.adsbygoogle || []).push({});</script>'


def _line(value: str, article: SampleArticle) -> str:
    printed = text(value)
    if "indented" not in article.dress.options:
        return printed
    return textwrap.fill(
        printed, 78, subsequent_indent="\t\t\t", break_long_words=False, break_on_hyphens=False
    )


def _prose(value: str, article: SampleArticle) -> str:
    if "divs" in article.dress.options:
        return f'<div style="text-align: right;">{_line(value, article)}</div>'
    return f"<p>{_line(value, article)}</p>"


def _caption(value: str, article: SampleArticle) -> str:
    return (
        f'<figure id="attachment_{article.post_id + 1}" class="wp-caption aligncenter" style="width: 320px">'
        f'<img class="size-full" src="/wp-content/uploads/{article.published:%Y/%m}/{article.post_id}-1.png" '
        f'alt="" width="320" height="180"><figcaption class="wp-caption-text">{_line(value, article)}'
        "</figcaption></figure>"
    )


_PRINTERS: dict[str, Callable[[str, SampleArticle], str]] = {
    "p": _prose,
    "bullet": _prose,
    "strong": lambda value, article: f"<p><strong>{_line(value, article)}</strong></p>",
    "h3": lambda value, article: f"<h3>{_line(value, article)}</h3>",
    "quote": lambda value, article: f"<blockquote><p>{_line(value, article)}</p></blockquote>",
    "caption": _caption,
}


def printed(blocks: tuple[Block, ...], article: SampleArticle) -> Iterator[str]:
    """The markup of the blocks; neighbouring list items share one list."""
    for markup, group in groupby(blocks, key=lambda block: block.markup):
        if markup == "li":
            items = "\n".join(f"<li>{_line(block.text, article)}</li>" for block in group)
            yield f"<ul>\n{items}\n</ul>"
        else:
            yield from (_PRINTERS[markup](block.text, article) for block in group)


def _barred(article: SampleArticle) -> str:
    byline, options = text(article.byline or ""), article.dress.options
    if "bar-tight" in options:
        return f"|{byline} "
    return f"<strong>| {byline}</strong>" if "bar-strong" in options else f"| {byline}"


def signed(article: SampleArticle, paragraphs: list[str], *, first: bool, last: bool) -> list[str]:
    """The paragraphs with the byline: the newspaper's opens the body behind a bar, the web news' closes it."""
    if article.byline is None:
        return paragraphs
    if article.host == "alwatanonline.com":
        return [*paragraphs, f"<p>{text(article.byline)}</p>"] if last else paragraphs
    if not first:
        return paragraphs
    if "bar-br" in article.dress.options:
        opening, rest = paragraphs[0], paragraphs[1:]
        return [opening.replace("<p>", f"<p>{_barred(article)}<br />\n", 1), *rest]
    return [f"<p>{_barred(article)}</p>", *paragraphs]


def _contents(article: SampleArticle) -> str:
    heads = [block.text for block in article.blocks if block.markup == "h3"]
    items = "".join(
        f'<li class="ez-toc-page-1"><a class="ez-toc-link" href="#toc-{number}">{text(head)}</a></li>'
        for number, head in enumerate(heads)
    )
    return (
        '<div id="ez-toc-container" class="ez-toc-v2_0_66_1 counter-hierarchy ez-toc-container-rtl">'
        '<div class="ez-toc-title-container"><p class="ez-toc-title">محتويات المقال</p></div>'
        f'<nav><ul class="ez-toc-list ez-toc-list-level-1">{items}</ul></nav></div>'
    )


def _highlights(article: SampleArticle) -> str:
    return (
        '<div id="story-highlights" class="is-compact"><div class="widget-title the-global-title">'
        '<div class="the-subtitle">اقرأ في هذا المقال</div></div>'
        f'<ul><li><a href="#toc-0">{text(article.title)}</a></li></ul></div>'
    )


def _inline_related(neighbours: tuple[SampleArticle, ...]) -> str:
    items = "".join(
        f'<li class="widget-single-post-item widget-post-list"><div class="post-widget-thumbnail">'
        f'<a aria-label="{attribute(other.title)}" href="{other.address}" class="post-thumb"></a></div>'
        f'<div class="post-widget-body"><a class="post-title the-subtitle" href="{other.address}">'
        f"{text(other.title)}</a></div></li>"
        for other in neighbours[:2]
    )
    return (
        '<div id="inline-related-post" class="mag-box mini-posts-box content-only"><div class="container-wrapper">'
        '<div class="widget-title the-global-title"><div class="the-subtitle">مقالات ذات صلة</div></div>'
        f'<div class="mag-box-container clearfix"><ul class="posts-items posts-list-container">{items}</ul>'
        "</div></div></div>"
    )


def _short_link(article: SampleArticle) -> str:
    link = f"{article.site.home}?p={article.post_id}"
    return (
        f'<div class="post-shortlink"><input type="text" id="short-post-url" value="{link}" data-url="{link}"> '
        '<button type="button" id="copy-post-url" class="button">نسخ الرابط</button> '
        '<span id="copy-post-url-msg" style="display:none;">تم نسخ الرابط</span></div>'
    )


def _tags(article: SampleArticle) -> str:
    links = " ".join(
        f'<a href="https://{article.host}{article.site.tag_path(tag)}" rel="tag">{text(tag)}</a>'
        for tag in article.tags
    )
    return (
        '<div class="post-bottom-meta post-bottom-tags post-tags-modern"><div class="post-bottom-meta-title">'
        f'<span class="tie-icon-tags" aria-hidden="true"></span> الوسوم</div>'
        f'<span class="tagcloud">{links}</span></div>'
    )


def _parts_menu(article: SampleArticle, number: int) -> str:
    links = " ".join(
        f'<span class="post-page-numbers current" aria-current="page">{part}</span>'
        if part == number
        else f'<a href="{article.address}{f"/{part}" if part > 1 else ""}" class="post-page-numbers">{part}</a>'
        for part in range(1, len(article.parts) + 1)
    )
    return f'<div class="multiple-post-pages">الصفحات: {links}</div>'


def with_junk(
    paragraphs: list[str], article: SampleArticle, neighbours: tuple[SampleArticle, ...]
) -> list[str]:
    """The paragraphs with the theme's insertions after the first, the second and the third of them."""
    heads = [_contents(article)] if any(block.markup == "h3" for block in article.blocks) else []
    source = (
        '<div class="post-bottom-meta post-bottom-source"><div class="post-bottom-meta-title">المصدر</div> '
        '<span class="tagcloud"><a href="#" rel="external noopener nofollow">متابعات</a></span></div>'
    )
    return [
        _TOP_AD,
        _highlights(article),
        *paragraphs[:1],
        *heads,
        *paragraphs[1:2],
        _AD,
        _SCRIPT,
        *paragraphs[2:3],
        _inline_related(neighbours),
        *paragraphs[3:],
        '<div class="stream-item stream-item-below-post-content">مساحة إعلانية</div>',
        source,
    ]


def jannah_body(article: SampleArticle, neighbours: tuple[SampleArticle, ...], part: int) -> str:
    """What stands in `.entry-content` of one part (counted from 1)."""
    options, last = article.dress.options, part == len(article.parts)
    paragraphs = list(printed(article.parts[part - 1], article))
    paragraphs = signed(article, paragraphs, first=part == 1, last=last)
    if "blank-tail" in options and last:
        paragraphs.append("<p>&nbsp;</p>")
    if "junk" in options:
        paragraphs = with_junk(paragraphs, article, neighbours)
    if len(article.parts) > 1:
        paragraphs.append(_parts_menu(article, part))
    if article.tags:
        paragraphs.append(_tags(article))
    if "junk" in options:
        paragraphs.append(_short_link(article))
    return "\n".join(paragraphs)
