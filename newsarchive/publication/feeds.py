"""What feed readers and search engines fetch: Atom, sitemap, robots."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from newsarchive.publication.overview import Overview
    from newsarchive.publication.questions import Asked
    from newsarchive.publication.site import Site

# XML 1.0 has no way to write these characters, escaped or not
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def atom(site: Site, question: Asked, rows: list[dict[str, Any]]) -> str:
    """An Atom 1.0 feed (RFC 4287) of articles as `stories.briefs` gives them."""
    own = site.absolute(question.link(site, "/search.atom"))
    page = site.absolute(question.link(site))
    title = site.t("site.name", title=site.title) + (f": {question.q}" if question.q else "")
    updated = max((_moment(row) for row in rows), default="1970-01-01T00:00:00Z")
    entries = "".join(_entry(site, row) for row in rows)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ar">\n<title>{text(title)}</title>\n'
        f'<id>{text(own)}</id>\n<link rel="self" href={attribute(own)}/>\n<link href={attribute(page)}/>\n'
        f"<updated>{updated}</updated>\n<author><name>{text(site.title)}</name></author>\n{entries}</feed>\n"
    )


def text(value: str) -> str:
    """Escaped for an XML text."""
    return escape(_NOT_XML.sub("\ufffd", value))


def attribute(value: str) -> str:
    """Escaped and quoted for an XML attribute."""
    return quoteattr(_NOT_XML.sub("\ufffd", value))


def _entry(site: Site, row: dict[str, Any]) -> str:
    address = site.absolute(site.article(row["key"]))
    author = f"<author><name>{text(row['byline'])}</name></author>\n" if row["byline"] else ""
    summary = f"<summary>{text(row['excerpt'])}</summary>\n" if row["excerpt"] else ""
    published = row["published_at"]
    published = (
        f"<published>{published}</published>\n" if published and len(published) > len("YYYY-MM-DD") else ""
    )
    return (
        f"<entry>\n<title>{text(row['title'])}</title>\n<id>{text(address)}</id>\n"
        f"<link href={attribute(address)}/>\n<updated>{_moment(row)}</updated>\n"
        f"{published}{author}{summary}</entry>\n"
    )


def _moment(row: dict[str, Any]) -> str:
    """When an entry last changed, as RFC 3339: its last edit, else its publication, else its first sight."""
    for value in (row["changed_at"], row["published_at"], row["first_seen_at"]):
        if value:
            return str(value) if len(value) > len("YYYY-MM-DD") else f"{value}T00:00:00Z"
    return "1970-01-01T00:00:00Z"


def robots(site: Site) -> str:
    """Articles and days are for everyone; searches, tables and files would keep a crawler busy for ever."""
    closed = ("/search", f"/{site.archive.database}", "/-/")
    lines = [f"Disallow: {site.base}{path}" for path in closed]
    return "\n".join(["User-agent: *", *lines, f"Sitemap: {site.absolute(site.base + '/sitemap.xml')}", ""])


def sitemap_index(site: Site, held: Overview) -> str:
    """A sitemap index (sitemaps.org) with a sitemap for each month that the archive holds."""
    names = [*held.months, *(["undated"] if held.undated else [])]
    addresses = (site.absolute(f"{site.base}/sitemap-{name}.xml") for name in names)
    return _sitemap("sitemapindex", "".join(f"<sitemap><loc>{text(a)}</loc></sitemap>\n" for a in addresses))


def sitemap_of(site: Site, rows: list[tuple[str, str | None]]) -> str:
    """The sitemap of some articles: (key, when it was last edited)."""
    entries = []
    for key, changed_at in rows:
        lastmod = f"<lastmod>{text(changed_at)}</lastmod>" if changed_at else ""
        entries.append(f"<url><loc>{text(site.absolute(site.article(key)))}</loc>{lastmod}</url>\n")
    return _sitemap("urlset", "".join(entries))


def _sitemap(name: str, content: str) -> str:
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{name} xmlns="{space}">\n{content}</{name}>\n'
