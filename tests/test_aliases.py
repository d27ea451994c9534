"""One article under many addresses, crawled and ingested: one row, and every other name leads to it."""

from urllib.parse import quote, unquote

import pytest
from making_warcs import warc
from running import home, rows, scrapy

from newsarchive.sample import Paper
from newsarchive.sample.exchange import Response, redirect
from newsarchive.sample.server import serving

PAPER = Paper()
POST = next(a for a in PAPER.articles if a.host == "alwatan.sy" and "amp" in a.dress.options)
NEWS = next(a for a in reversed(PAPER.articles) if a.host == "alwatanonline.com")
NUMBER, SLUG = POST.post_id, unquote(NEWS.path)
POSTS = (
    f"https://alwatan.sy/archives/{NUMBER}",
    f"http://alwatan.sy/archives/{NUMBER}",
    f"https://www.alwatan.sy/archives/{NUMBER}",
    f"https://alwatan.sy/archives/{NUMBER}/",
    f"https://alwatan.sy/archives/{NUMBER}/amp",
    f"https://alwatan.sy/archives/{NUMBER}/?utm_source=feed#top",
    f"https://alwatan.sy/?p={NUMBER}",
)
SLUGS = (
    f"https://alwatanonline.com{NEWS.path}",
    f"https://alwatanonline.com{NEWS.path.lower()}/",
    f"https://alwatanonline.com{SLUG}",
    f"http://www.alwatanonline.com{quote(SLUG)}",
)
FORMER = f"https://alwatanonline.com/archives/{NEWS.post_id}"
ALL = (*POSTS, *SLUGS)
HURRY = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False")


def sitemaps_with_every_spelling(request):
    """Nothing but sitemaps, and each names its host's spellings. A former address leads to the slug."""
    if request.path == f"/archives/{NEWS.post_id}":
        return redirect(NEWS.address)
    if request.path.endswith(".xml"):
        host = request.host.removeprefix("www.")
        listed = "".join(
            f"<url><loc>{url.replace('&', '&amp;')}</loc></url>"
            for url in (*ALL, FORMER)
            if f"/{host}/" in url.replace("/www.", "/")
        )
        xml = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>'
        return Response(200, xml.encode(), content_type="application/xml")
    is_article = request.path.startswith(("/archives/", NEWS.path)) or "p" in request.query
    return (
        None if is_article or request.path == "/robots.txt" else Response(404, b"", content_type="text/plain")
    )


def page_at(url):
    if url.endswith("/amp"):
        return PAPER.render_amp(POST)
    return PAPER.render(POST if url in POSTS else NEWS)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    folder = home(tmp_path_factory.mktemp("aliases"))
    with serving(PAPER, before=sitemaps_with_every_spelling) as site:
        scrapy(folder, "crawl", "alwatan", "-a", f"site={site}", *HURRY)
    return folder


def kept(folder):
    return sorted(row["url"] for row in rows(folder, "SELECT url FROM articles"))


def test_a_crawl_keeps_one_article_for_all_its_addresses(crawled):
    assert kept(crawled) == sorted([POST.address, NEWS.address])


def test_every_spelling_is_one_address_and_what_redirects_is_a_second_name(crawled):
    states = {row["url"]: row["state"] for row in rows(crawled, "SELECT url, state FROM addresses")}
    assert states == {POST.address: "article", NEWS.address: "article", FORMER: "duplicate"}
    query = (
        "SELECT a.url FROM address_aliases AS s JOIN addresses AS a ON a.id = s.address_id WHERE s.url = ?"
    )
    assert [row["url"] for row in rows(crawled, query, FORMER)] == [NEWS.address]


def test_what_is_ingested_under_any_spelling_joins_what_was_crawled(crawled, tmp_path):
    records = [(url, page_at(url), second) for second, url in enumerate(ALL)]
    done = scrapy(crawled, "ingest", warc(tmp_path / "all.warc.gz", *records), check=0)
    assert "0 new, 0 changed" in done.stdout
    assert kept(crawled) == sorted([POST.address, NEWS.address])


@pytest.mark.parametrize("order", [ALL, ALL[::-1]], ids=["in order", "backwards"])
def test_what_is_ingested_alone_is_one_article_in_any_order(tmp_path, order):
    folder = home(tmp_path)
    records = [(url, page_at(url), second) for second, url in enumerate(order)]
    done = scrapy(folder, "ingest", warc(tmp_path / "all.warc.gz", *records), check=0)
    assert "2 new, 0 changed" in done.stdout
    found = rows(folder, "SELECT key, url, body FROM articles ORDER BY key")
    assert [row["body"] for row in found] == [POST.truth.body, NEWS.truth.body]
    assert found[0]["key"] == f"alwatan-{NUMBER}"
    assert len(rows(folder, "SELECT 1 FROM captures WHERE article_id IS NOT NULL")) > 2
