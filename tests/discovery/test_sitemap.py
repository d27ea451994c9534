"""Sitemaps of every kind, whole and broken."""

import gzip

from newsarchive.discovery.sitemap import read

URL = "https://alwatan.sy/wp-sitemap-posts-post-1.xml"


def urlset(*rows, end="</urlset>"):
    body = "".join(
        f"<url><loc>{loc}</loc>{f'<lastmod>{mod}</lastmod>' if mod else ''}</url>" for loc, mod in rows
    )
    head = (
        '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    )
    return f"{head}{body}{end}".encode()


def index(*locs):
    body = "".join(f"<sitemap><loc>{loc}</loc></sitemap>" for loc in locs)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</sitemapindex>'.encode()


def test_a_sitemap_lists_its_addresses():
    listing = read(
        urlset(("https://alwatan.sy/archives/1", None), ("https://alwatan.sy/archives/2", None)), URL
    )
    assert [found.url for found in listing.found] == [
        "https://alwatan.sy/archives/1",
        "https://alwatan.sy/archives/2",
    ]
    assert listing.complete


def test_lastmod_becomes_utc():
    listing = read(urlset(("https://alwatan.sy/archives/1", "2022-05-28T10:26:27+03:00")), URL)
    assert listing.found[0].lastmod == "2022-05-28T07:26:27Z"


def test_a_lastmod_without_time_stays_a_day():
    assert read(urlset(("https://alwatan.sy/archives/1", "2022-05-28")), URL).found[0].lastmod == "2022-05-28"


def test_a_lastmod_that_is_no_time_is_no_hint():
    assert read(urlset(("https://alwatan.sy/archives/1", "yesterday")), URL).found[0].lastmod is None
    assert read(urlset(("https://alwatan.sy/archives/1", "2022-13-45")), URL).found[0].lastmod is None


def test_an_image_location_is_no_article():
    body = (
        b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        b' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url>'
        b"<loc>https://alwatan.sy/archives/1</loc>"
        b"<image:image><image:loc>https://alwatan.sy/i.jpg</image:loc></image:image></url></urlset>"
    )
    assert [found.url for found in read(body, URL).found] == ["https://alwatan.sy/archives/1"]


def test_a_gzipped_sitemap_is_read():
    assert len(read(gzip.compress(urlset(("https://alwatan.sy/archives/1", None))), URL).found) == 1


def test_a_gzip_stream_that_ends_too_early_is_incomplete():
    packed = gzip.compress(urlset(*((f"https://alwatan.sy/archives/{n}", None) for n in range(500))))
    listing = read(packed[: len(packed) // 2], URL)
    assert not listing.complete


def test_a_sitemap_cut_in_mid_address_gives_the_whole_ones_only():
    whole = urlset(("https://alwatan.sy/archives/100", None), ("https://alwatan.sy/archives/200", None))
    listing = read(whole[: whole.index(b"/200") + 2], URL)
    assert [found.url for found in listing.found] == ["https://alwatan.sy/archives/100"]
    assert not listing.complete
    assert "breaks off" in listing.reason


def test_an_index_names_its_sitemaps_but_not_those_of_categories_authors_and_pages():
    base = "https://alwatan.sy/"
    listing = read(
        index(*(base + name for name in ("post-sitemap.xml", "category-sitemap.xml", "author-sitemap.xml",
              "wp-sitemap-taxonomies-category-1.xml", "wp-sitemap-posts-page-1.xml", "wp-sitemap-posts-post-2.xml"))),
        base + "sitemap_index.xml",
    )  # fmt: skip
    assert listing.further == (base + "post-sitemap.xml", base + "wp-sitemap-posts-post-2.xml")


def test_an_index_that_names_itself_with_another_query_leads_nowhere():
    url = "https://alwatan.sy/sitemap_index.xml"
    assert read(index(f"{url}?page=2"), url).further == ()


def test_html_is_no_sitemap():
    listing = read(b"<html><body>404</body></html>", URL)
    assert not listing.complete
    assert listing.reason == "this is no sitemap"


def test_nothing_is_no_sitemap():
    assert not read(b"", URL).complete


def test_entities_are_not_expanded():
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>'
    listing = read(bomb, URL)
    assert listing.found == ()
    assert not listing.complete


def test_a_stamp_that_every_page_of_a_sitemap_shares_is_no_hint():
    rows = [(f"https://alwatan.sy/archives/{n}", "2026-11-26T10:00:00Z") for n in range(10)]
    assert {found.lastmod for found in read(urlset(*rows), URL).found} == {None}
    rows[3] = (rows[3][0], "2026-11-26T10:00:01Z")
    assert {found.lastmod for found in read(urlset(*rows), URL).found} != {None}


def test_a_gzip_bomb_is_inflated_to_its_bound_only():
    listing = read(gzip.compress(bytes(65 << 20), 1), URL)
    assert (listing.found, listing.complete) == ((), False)
