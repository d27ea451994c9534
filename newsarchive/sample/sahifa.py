"""Articles in Sahifa and Jarida, the older themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.sample import surroundings as around
from newsarchive.sample.body import printed, signed
from newsarchive.sample.dress import Theme
from newsarchive.sample.heads import AUTHOR, head, schema
from newsarchive.sample.markup import fill, long_date, text

if TYPE_CHECKING:
    from newsarchive.sample.stories import SampleArticle

_BANNER = '<div class="wpipa"><a href="#"><span>مساحة إعلانية</span></a></div>'


def _related(neighbours: tuple[SampleArticle, ...]) -> str:
    items = "\n".join(
        f'<div class="related-item"><h3><a href="{story.address}" rel="bookmark">{text(story.title)}</a></h3>'
        f'<p class="post-meta"><span class="tie-date"><i class="fa fa-clock-o"></i>{long_date(story.published)}'
        "</span></p></div>"
        for story in neighbours[:3]
    )
    return (
        '<section id="related_posts"><div class="block-head"><h3>مقالات مشابهة</h3><div class="stripe-line"></div>'
        f'</div><div class="post-listing">{items}<div class="clear"></div></div></section>'
    )


def _meta(article: SampleArticle) -> str:
    date = f'<span class="tie-date"><i class="fa fa-clock-o"></i>{long_date(article.published)}</span>'
    links = ", ".join(
        f'<a href="https://{article.host}{article.site.category_path(slug)}" rel="category tag">'
        f"{article.site.category(slug).name}</a>"
        for slug in article.categories
    )
    return (
        '<p class="post-meta"><span class="post-meta-author"><i class="fa fa-user"></i>'
        f'<a href="{around.author_url(article.site)}" title="">{AUTHOR} </a></span>\n{date}\n'
        f'<span class="post-cats"><i class="fa fa-folder"></i>{links}</span>\n'
        '<span class="post-comments"><i class="fa fa-comments"></i><a href="#respond">اضف تعليق</a></span>\n'
        f'<span class="post-views"><i class="fa fa-eye"></i>{article.post_id % 900 + 12} زيارة</span></p>'
    )


def _crumbs(article: SampleArticle) -> str:
    site = article.site
    return "".join(
        ' <span class="delimiter">/</span> <span typeof="v:Breadcrumb"><a rel="v:url" property="v:title" '
        f'href="https://{site.host}{site.category_path(category.slug)}">{category.name}</a></span>'
        for category in reversed(site.lineage(article.categories[0]))
    )


def _tags(article: SampleArticle) -> str:
    links = " ".join(
        f'<a href="https://{article.host}{article.site.tag_path(tag)}" rel="tag">{text(tag)}</a>'
        for tag in article.tags
    )
    return f'<p class="post-tag">الوسوم {links}</p>' if links else ""


def sahifa_article(
    article: SampleArticle, neighbours: tuple[SampleArticle, ...], shown: tuple[SampleArticle, ...]
) -> bytes:
    """The page of an article."""
    site, jarida = article.site, article.dress.theme is Theme.JARIDA
    paragraphs = signed(article, list(printed(article.blocks, article)), first=True, last=True)
    if jarida:
        paragraphs.insert(2, _BANNER)
    else:
        paragraphs.insert(0, _related(neighbours))
    dated = not jarida and "visible-only" not in article.dress.options
    picture = (
        f'<div class="single-post-thumb"><img width="320" height="180" src="{article.image_path}" '
        'class="attachment-slider size-slider wp-post-image" alt="" /></div>'
    )
    return fill(
        "sahifa-article.html",
        lang="en-US" if jarida else "ar",
        head=head(article),
        home=site.home,
        site=site.title,
        motto=site.motto,
        title=text(article.title),
        post_id=article.post_id,
        body_class=f"rtl single single-post postid-{article.post_id} single-format-standard lazy-enabled",
        menu=around.menu(site),
        breaking=around.breaking(shown),
        crumbs=_crumbs(article),
        category_classes=" ".join(f"category-{slug}" for slug in article.categories),
        featured=picture if article.image_path else "",
        meta=_meta(article),
        body="\n".join(paragraphs),
        tags=_tags(article),
        schema=schema(article, "") if dated else "",
        author=AUTHOR,
        prev_next=around.prev_next(neighbours),
        latest="\n".join(
            f'<li><a href="{story.address}">{text(story.title)}</a></li>' for story in shown[:5]
        ),
    ).encode()
