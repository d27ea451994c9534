"""Home page and listings of categories in the Jannah theme."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from newsarchive.sample import surroundings as around
from newsarchive.sample.heads import excerpt, home_graph
from newsarchive.sample.markup import attribute, fill, short_date, text
from newsarchive.sample.others import Other
from newsarchive.sample.stories import SampleArticle

if TYPE_CHECKING:
    from newsarchive.sample.paper import Paper
    from newsarchive.sample.sites import Site

PER_PAGE = 10
SLIDES = 4
Post = SampleArticle | Other


def in_category(paper: Paper, site: Site, slug: str) -> list[Post]:
    """The posts of a category and of those below it, newest first."""
    slugs = {c.slug for c in site.categories if slug in {above.slug for above in site.lineage(c.slug)}}
    posts: list[Post] = [a for a in paper.of_site(site) if slugs & set(a.categories)]
    posts += [o for o in paper.others if o.host == site.host and o.listed and o.category in slugs]
    return sorted(posts, key=lambda post: post.published, reverse=True)


def _item(post: Post, category: str) -> str:
    summary = excerpt(post, 20) if isinstance(post, SampleArticle) else ""
    picture = around.thumbnail(post) if isinstance(post, SampleArticle) else ""
    return (
        f'<li class="post-item post-{post.post_id} post type-post status-publish format-standard '
        "has-post-thumbnail "
        f'category-{category} tie-standard"><a aria-label="{attribute(post.title)}" href="{post.address}" '
        f'class="post-thumb">{picture}</a><div class="post-details"><div class="post-meta clearfix">'
        f'<span class="date meta-item tie-icon">{short_date(post.published)}</span></div>'
        f'<h2 class="post-title"><a href="{post.address}">{text(post.title)}</a></h2>'
        f'<p class="post-excerpt">{text(summary)}</p>'
        f'<a class="more-link button" href="{post.address}">أكمل القراءة »</a></div></li>'
    )


def _pages(base: str, page: int, count: int) -> str:
    if count < 2:  # noqa: PLR2004 - one page needs no links
        return ""
    links = "".join(
        f'<li class="current"><span class="pages-nav-item">{number}</span></li>'
        if number == page
        else f'<li><a href="{base}/page/{number}" class="pages-nav-item" title="{number}">{number}</a></li>'
        for number in range(1, count + 1)
    )
    following = (
        f'<li class="the-next-page"><a class="pages-nav-item" href="{base}/page/{page + 1}"><span '
        'class="pagination-icon" '
        'aria-hidden="true"></span><span class="screen-reader-text">الصفحة التالية</span></a></li>'
        if page < count
        else ""
    )
    return (
        '<div class="pages-nav"><div class="pages-numbers pages-standard"><span class="first-page '
        'first-last-pages">'
        f'صفحة {page} من {count}</span></div><ul class="pages-numbers">{links}{following}</ul></div>'
    )


def category_page(paper: Paper, site: Site, slug: str, page: int) -> bytes | None:
    """One page of a category's listing, None beyond its end.

    The newest stories stand in a slider above the
    first page and in the list of no page.
    """
    posts = in_category(paper, site, slug)
    slider = [post for post in posts[:SLIDES] if isinstance(post, SampleArticle)]
    rest = [post for post in posts if post not in slider]
    count = max(1, -(-len(rest) // PER_PAGE))
    if page > count:
        return None
    category = site.category(slug)
    listed = rest[(page - 1) * PER_PAGE : page * PER_PAGE]
    base = f"https://{site.host}{site.category_path(slug)}"
    links = f'\n\t<link rel="next" href="{base}/page/{page + 1}">' if page < count else ""
    crumbs = "".join(
        f'<em class="delimiter">/</em>{around.category_link(site, above.slug)}'
        for above in reversed(site.lineage(slug)[1:])
    )
    main = fill(
        "jannah-listing.html",
        home=site.home,
        title=category.name,
        crumbs=crumbs,
        items="\n".join(_item(post, slug) for post in listed),
        pages=_pages(base, page, count),
    )
    return around.jannah_page(
        site,
        paper.of_site(site),
        head=(
            f'\t<title>{category.name} الأرشيف - {site.title}</title>\n\t<link rel="canonical" '
            f'href="{base}">{links}'
        ),
        body_class=f"rtl archive category category-{slug} category-{category.term_id} wp-theme-jannah is-desktop",
        main=main,
        slider=_slider(tuple(slider)) if page == 1 else "",
    )


def _slider(stories: tuple[SampleArticle, ...]) -> str:
    return (
        '<div id="category-slider" class="section-wrapper container-full"><div class="container"><section '
        'class="slider-area mag-box media-overlay"><div id="tie-main-slider-16" class="tie-main-slider '
        "main-slider "
        f'grid-4-slider">{around.slides(stories)}</div></section></div></div>'
    )


def home_page(paper: Paper, site: Site) -> bytes:
    """The home page: a slider of the newest stories, and a block for each category."""
    newest = paper.of_site(site)
    blocks = []
    for category in site.categories:
        stories = (p for p in in_category(paper, site, category.slug) if isinstance(p, SampleArticle))
        items = around.latest(tuple(islice(stories, 5)))
        blocks.append(
            f'<div class="mag-box"><div class="container-wrapper"><div class="mag-box-title the-global-title"><h3>'
            f'{around.category_link(site, category.slug)}</h3></div><div class="mag-box-container clearfix">'
            f'<ul class="posts-items posts-list-container">{items}</ul></div></div></div>'
        )
    return around.jannah_page(
        site,
        newest,
        head="\n".join(f"\t{line}" for line in home_graph(site)),
        body_class="rtl home blog wp-theme-jannah wrapper-has-shadow is-desktop has-builder",
        main="\n".join(blocks),
        slider=_slider(newest[:6]),
    )
