"""The metadata of a page as the search-engine plugins and the themes write it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from newsarchive.sample.dress import Head, Theme
from newsarchive.sample.markup import attribute, json_ld, text, utc
from newsarchive.sample.stories import SampleArticle, tidied

if TYPE_CHECKING:
    from newsarchive.sample.sites import Site

AUTHOR = "هيئة التحرير"


def excerpt(article: SampleArticle, words: int = 40) -> str:
    """What WordPress makes of the beginning: byline and text in one line, cut with an ellipsis."""
    bar = f"| {article.byline}" if article.byline and article.host == "alwatan.sy" else ""
    text_words = f"{bar} {' '.join(tidied(block.text) for block in article.parts[0])}".split()
    return " ".join(text_words[:words]) + (" …" if len(text_words) > words else "")


def image(article: SampleArticle) -> str | None:
    """The absolute address of the featured image."""
    return f"https://{article.host}{article.image_path}" if article.image_path else None


def meta(name: str, content: str) -> str:
    """A meta element with `property`."""
    return f'<meta property="{name}" content="{attribute(content)}">'


def open_graph(article: SampleArticle) -> list[str]:
    """The og: tags of an article."""
    lines = [
        meta("og:locale", "ar_AR"),
        meta("og:type", "article"),
        meta("og:title", f"{article.title} - {article.site.title}"),
        meta("og:description", excerpt(article)),
        meta("og:url", unquote(article.address)),
        meta("og:site_name", article.site.title),
    ]
    if picture := image(article):
        lines += [meta("og:image", picture), meta("og:image:width", "320"), meta("og:image:height", "180")]
    return lines


def home_graph(site: Site) -> list[str]:
    """Title, canonical, og: tags and graph of the home page, as some captures carry them on articles."""
    graph = {
        "@type": "WebPage",
        "@id": site.home,
        "url": site.home,
        "dateModified": "2022-02-12T13:14:09+00:00",
    }
    return [
        f"<title>{site.title} | الصفحة الرئيسية</title>",
        f'<link rel="canonical" href="{site.home}">',
        meta("og:locale", "ar_AR"),
        meta("og:type", "website"),
        meta("og:title", f"{site.title} | الصفحة الرئيسية"),
        meta("og:url", site.home),
        meta("og:site_name", site.title),
        meta("article:modified_time", "2022-02-12T13:14:09+00:00"),
        meta("og:image", f"{site.home}wp-content/uploads/logo.svg"),
        json_ld({"@context": "https://schema.org", "@graph": [graph]}, 'class="yoast-schema-graph"'),
    ]


def _yoast(article: SampleArticle) -> list[str]:
    published, modified, url = utc(article.published), utc(article.modified), article.address
    page: dict[str, Any] = {
        "@type": "WebPage",
        "@id": url,
        "url": url,
        "name": f"{article.title} - {article.site.title}",
        "datePublished": published,
        "dateModified": modified,
        "inLanguage": "ar",
    }
    story: dict[str, Any] = {
        "@type": "Article",
        "@id": f"{url}#article",
        "headline": article.title,
        "datePublished": published,
        "dateModified": modified,
        "author": {"name": AUTHOR},
        "articleSection": list(article.sections),
    }
    site = {"@type": "WebSite", "@id": f"{article.site.home}#website", "name": article.site.title}
    graph = {"@context": "https://schema.org", "@graph": [story, page, site]}
    return [
        "<!-- This site is optimized with the Yoast SEO plugin v23.7 - https://yoast.com/ -->",
        f"<title>{text(article.title)} - {article.site.title}</title>",
        f'<link rel="canonical" href="{article.address}">',
        *open_graph(article),
        meta("article:published_time", published),
        meta("article:modified_time", modified),
        f'<meta name="author" content="{AUTHOR}">',
        '<meta name="twitter:label1" content="كُتب بواسطة">',
        f'<meta name="twitter:data1" content="{AUTHOR}">',
        json_ld(graph, 'class="yoast-schema-graph"', escaped=False),
        "<!-- / Yoast SEO plugin. -->",
    ]


def _rankmath(article: SampleArticle) -> list[str]:
    published, modified = article.published.isoformat(), article.modified.isoformat()
    story: dict[str, Any] = {
        "@type": "NewsArticle",
        "headline": f"{article.title} - {article.site.title}",
        "datePublished": published,
        "dateModified": modified,
        "articleSection": article.sections[0],
        "author": {"@type": "Person", "name": AUTHOR},
        "name": article.title,
        "@id": f"{article.address}#richSnippet",
        "inLanguage": "ar",
    }
    page = {
        "@type": "WebPage",
        "@id": f"{article.address}#webpage",
        "datePublished": published,
        "dateModified": modified,
    }
    return [
        "<!-- Search Engine Optimization by Rank Math PRO - https://rankmath.com/ -->",
        f"<title>{text(article.title)} - {article.site.title}</title>",
        f'<link rel="canonical" href="{article.address}">',
        *open_graph(article),
        meta("og:updated_time", modified),
        meta("article:published_time", published),
        meta("article:modified_time", modified),
        meta("article:section", article.sections[0]),
        *(meta("article:tag", tag) for tag in article.tags),
        json_ld(
            {"@context": "https://schema.org", "@graph": [page, story]},
            'class="rank-math-schema-pro"',
            escaped=False,
        ),
        "<!-- /Rank Math WordPress SEO plugin -->",
    ]


def _theme(article: SampleArticle) -> list[str]:
    lines = [f"<title>{text(article.title)} &#8211; {article.site.title}</title>", *open_graph(article)]
    if article.dress.theme is Theme.JARIDA:
        lines += [
            meta("article:published_time", article.published.isoformat()),
            meta("article:modified_time", article.modified.isoformat()),
        ]
    return lines


def head(article: SampleArticle, part: int = 1) -> str:
    """The metadata of an article's page."""
    if "home-og" in article.dress.options:
        lines = home_graph(article.site)
    else:
        makers = {Head.YOAST: _yoast, Head.RANKMATH: _rankmath, Head.THEME: _theme}
        lines = makers[article.dress.head](article)
    if part < len(article.parts):
        lines.append(f'<link rel="next" href="{article.address}/{part + 1}">')
    return "\n".join(f"\t{line}" for line in lines)


def schema(article: SampleArticle, attributes: str) -> str:
    """The theme's own JSON-LD of an article."""
    content = " ".join(tidied(block.text) for block in article.blocks)
    data: dict[str, Any] = {
        "@context": "http://schema.org",
        "@type": "NewsArticle",
        "dateCreated": article.published.isoformat(),
        "datePublished": article.published.isoformat(),
        "dateModified": article.modified.isoformat(),
        "headline": article.title,
        "name": article.title,
        "keywords": list(article.tags),
        "url": article.address,
        "description": excerpt(article),
        "copyrightYear": f"{article.published:%Y}",
        "articleSection": ",".join(article.sections),
        "articleBody": content,
        "publisher": {"@type": "Organization", "name": article.site.title, "url": article.site.home},
        "author": {"@type": "Person", "name": AUTHOR, "url": f"{article.site.home}author/editor"},
    }
    if picture := image(article):
        data["image"] = {"@type": "ImageObject", "url": picture, "width": 1200, "height": 675}
    if "control-characters" not in article.dress.options:
        return json_ld(data, attributes)
    marked = {**data, "headline": attribute(article.title).replace("«", "&laquo;").replace("»", "&raquo;")}
    marked["description"] = f"&nbsp;\u0007{data['description']}\u0001"
    script = json_ld(marked, attributes, escaped=False)
    return script.replace("\\u0007", "\n\r\t").replace("\\u0001", "\u0001")
