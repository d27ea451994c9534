"""Articles in the Jannah theme, 5.4 and 7.6, and their AMP twins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive.sample import surroundings as around
from newsarchive.sample.body import jannah_body, printed, signed
from newsarchive.sample.dress import Head, Theme
from newsarchive.sample.heads import AUTHOR, head, schema
from newsarchive.sample.markup import fill, json_ld, short_date, text, utc

if TYPE_CHECKING:
    from newsarchive.sample.stories import SampleArticle

_AGES = ("منذ ساعتين", "منذ 44 دقيقة", "منذ يوم واحد", "منذ أسبوعين", "منذ 3 أسابيع", "منذ 17 ساعة")


def _relative(article: SampleArticle) -> str:
    return _AGES[article.post_id % len(_AGES)]


def _meta(article: SampleArticle) -> str:
    modern = article.dress.theme is Theme.JANNAH7
    mark = (
        'class="single-post-meta post-meta clearfix"'
        if modern
        else 'id="single-post-meta" class="post-meta clearfix"'
    )
    shown = _relative(article) if "relative" in article.dress.options else short_date(article.published)
    updated = ""
    if article.modified != article.published:
        updated = f'<span class="meta-item last-updated">آخر تحديث: {short_date(article.modified)}</span>'
    return (
        f"<div {mark}>{around.author_meta(article.site)}"
        f'<span class="date meta-item tie-icon">{shown}</span>{updated}<div class="tie-alignright">'
        '<span class="meta-comment tie-icon meta-item fa-before">0</span><span class="meta-views meta-item ">'
        f'<span class="tie-icon-fire" aria-hidden="true"></span> {article.post_id % 900 + 12} </span>'
        '<span class="meta-reading-time meta-item"><span class="tie-icon-bookmark" aria-hidden="true"></span> '
        "دقيقة واحدة</span> </div></div><!-- .post-meta -->"
    )


def _crumbs(article: SampleArticle) -> tuple[str, str]:
    site = article.site
    lineage = tuple(reversed(site.lineage(article.categories[0])))
    links = "".join(
        f'<em class="delimiter">/</em>{around.category_link(site, category.slug)}' for category in lineage
    )
    items = [{"@type": "ListItem", "position": 1, "item": {"name": "الرئيسية", "@id": site.home}}]
    items += [
        {
            "@type": "ListItem",
            "position": number,
            "item": {"name": category.name, "@id": f"https://{site.host}{site.category_path(category.slug)}"},
        }
        for number, category in enumerate(lineage, 2)
    ]
    data = {"@context": "http://schema.org", "@type": "BreadcrumbList", "itemListElement": items}
    return links, json_ld(data, "")


def _cats(article: SampleArticle) -> str:
    if "no-cats" in article.dress.options:
        return ""
    site = article.site
    links = "".join(
        around.category_link(site, slug, classes=f"post-cat tie-cat-{site.category(slug).term_id}")
        for slug in article.categories
    )
    return f'<span class="post-cat-wrap">{links}</span>'


def _featured(article: SampleArticle) -> str:
    if article.image_path is None:
        return ""
    return (
        '<div class="featured-area"><div class="featured-area-inner"><figure class="single-featured-image">'
        f'<img width="320" height="180" src="{article.image_path}" class="attachment-full size-full '
        'wp-post-image" '
        'alt="" data-main-img="1"></figure></div></div>'
    )


def _body_class(article: SampleArticle) -> str:
    layout = "post-layout-2" if "layout2" in article.dress.options else "post-layout-1"
    if "home-og" in article.dress.options:
        kind = "home page-template-default page page-id-44738 has-builder"
    else:
        kind = f"post-template-default single single-post postid-{article.post_id} single-format-standard {layout}"
    wordpress = "wp-singular wp-theme-jannah " if article.dress.theme is Theme.JANNAH7 else ""
    return (
        f"rtl {wordpress}{kind} wrapper-has-shadow block-head-4 magazine2 is-desktop has-sidebar sidebar-left"
    )


def _record_links(article: SampleArticle) -> str:
    site = article.site
    if "home-og" in article.dress.options:
        return (
            '\n\t<link rel="alternate" title="JSON" type="application/json" '
            f'href="{site.home}wp-json/wp/v2/pages/44738">'
        )
    amp = f'\n\t<link rel="amphtml" href="{article.address}/amp">' if "amp" in article.dress.options else ""
    return (
        f'\n\t<link rel="alternate" title="JSON" type="application/json" '
        f'href="{site.home}wp-json/wp/v2/posts/{article.post_id}">'
        f'\n\t<link rel="shortlink" href="{site.home}?p={article.post_id}">{amp}'
    )


def jannah_article(
    article: SampleArticle,
    neighbours: tuple[SampleArticle, ...],
    shown: tuple[SampleArticle, ...],
    part: int = 1,
    *,
    body: str | None = None,
) -> bytes:
    """The page of one part (counted from 1) of an article; `body` is markup to stand in its body's place."""
    options, site = article.dress.options, article.site
    crumbs, crumbs_json = _crumbs(article)
    featured = _featured(article)
    has_schema = article.dress.head is not Head.RANKMATH and "visible-only" not in options
    main = fill(
        "jannah-article.html",
        home=site.home,
        title=text(article.title),
        crumbs=crumbs,
        crumbs_json=crumbs_json,
        cats=_cats(article),
        subtitle=f'<h2 class="entry-sub-title">{text(article.subtitle)}</h2>' if article.subtitle else "",
        meta=_meta(article),
        featured_before=featured if "layout2" in options else "",
        featured_after="" if "layout2" in options else featured,
        share=around.share(site, article.post_id),
        body=jannah_body(article, neighbours, part) if body is None else body,
        schema=schema(article, 'id="tie-schema-json"') if has_schema else "",
        author=AUTHOR,
        author_url=around.author_url(site),
        read_next=around.slides(neighbours[:2]),
        prev_next=around.prev_next(neighbours),
        related=around.related(neighbours),
    )
    return around.jannah_page(
        site,
        shown,
        head=head(article, part) + _record_links(article),
        body_class=_body_class(article),
        main=main,
        box=around.check_also(neighbours[-1]),
        dress=article.dress,
    )


def amp_article(article: SampleArticle) -> bytes:
    """The AMP twin of an article."""
    paragraphs = signed(article, list(printed(article.blocks, article)), first=True, last=True)
    site = article.site
    links = ", ".join(around.category_link(site, slug) for slug in article.categories)
    picture = (
        f'<figure class="amp-wp-article-featured-image"><amp-img src="{article.image_path}" '
        'width="320" height="180"></amp-img></figure>'
    )
    tags = f'<div class="amp-wp-meta amp-wp-tax-tag">الوسوم: {"، ".join(map(text, article.tags))}</div>'
    return fill(
        "amp.html",
        title=text(article.title),
        address=article.address,
        home=site.home,
        site=site.title,
        author=AUTHOR,
        utc=utc(article.published),
        relative=_relative(article),
        featured=picture if article.image_path else "",
        body="\n".join(paragraphs),
        cats=links,
        tags=tags if article.tags else "",
        schema=schema(article, ""),
    ).encode()
