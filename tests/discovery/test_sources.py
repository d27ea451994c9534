"""Feeds, the REST API and HTML lists."""

import json

from newsarchive.discovery import feed, listing, wordpress

FEED = "https://alwatan.sy/feed"


def rss(*items):
    body = "".join(
        f"<item><title>خبر</title><link>{link}</link><pubDate>{date}</pubDate></item>" for link, date in items
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{body}</channel></rss>'.encode()


def test_a_feed_lists_its_items_with_their_time_in_utc():
    found = feed.read(rss(("https://alwatan.sy/archives/7", "Sun, 11 Jun 2017 21:30:00 +0300")), FEED).found
    assert found[0].url == "https://alwatan.sy/archives/7"
    assert found[0].published == "2017-06-11T18:30:00Z"


def test_a_feed_leads_to_the_page_before_it():
    page = rss(("https://alwatan.sy/archives/7", ""))
    assert feed.read(page, FEED).further == (f"{FEED}?paged=2",)
    assert feed.read(page, f"{FEED}?paged=2").further == (f"{FEED}?paged=3",)


def test_an_empty_feed_leads_nowhere():
    assert feed.read(rss(), FEED).further == ()
    assert feed.read(rss(), FEED).complete


def test_html_is_no_feed():
    assert feed.read(b"<html></html>", FEED).reason == "this is no feed"


def test_a_feed_that_breaks_off_gives_its_whole_items():
    page = rss(("https://alwatan.sy/archives/7", ""), ("https://alwatan.sy/archives/8", ""))
    reading = feed.read(page[: page.index(b"archives/8") + 8], FEED)
    assert [found.url for found in reading.found] == ["https://alwatan.sy/archives/7"]
    assert not reading.complete


def posts(*ids):
    return json.dumps([{"id": n, "link": f"https://alwatan.sy/archives/{n}", "date_gmt": "2017-06-11T18:30:00",
                        "modified_gmt": "2017-06-12T08:00:00"} for n in ids]).encode()  # fmt: skip


def test_rest_lists_posts_with_both_times():
    found = wordpress.read(posts(5), {}).found[0]
    assert (found.lastmod, found.published) == ("2017-06-12T08:00:00Z", "2017-06-11T18:30:00Z")


def test_rest_says_how_many_posts_there_are():
    headers = {"x-wp-total": "3000", "x-wp-totalpages": "30"}
    assert wordpress.read(posts(5), headers).total == 3000
    assert wordpress.pages(headers) == 30


def test_a_closed_rest_api_is_incomplete_with_its_code():
    reading = wordpress.read(b'{"code":"rest_forbidden","message":"no","data":{"status":401}}', {})
    assert not reading.complete
    assert "rest_forbidden" in reading.reason


def test_rest_that_answers_html_is_incomplete():
    assert not wordpress.read(b"<html>", {}).complete


def test_a_list_gives_links_without_text_and_relative_ones():
    page = """<div class="main-slider"><div class="slide"><a class="all-over-thumb-link" href="/archives/1"
        aria-label="عنوان"></a></div></div><ul id="posts-container"><li class="post-item">
        <a href="https://alwatan.sy/archives/2">خبر</a></li></ul>"""
    urls = [
        found.url for found in listing.read(page.encode(), "https://alwatan.sy/archives/category/x").found
    ]
    assert urls == ["https://alwatan.sy/archives/1", "https://alwatan.sy/archives/2"]


def test_the_next_page_is_found_by_the_numbers():
    link = '<a href="/archives/category/x/page/2">»</a>'
    page = f'<div class="pages-nav"><ul><li class="the-next-page">{link}</li></ul></div>'
    assert listing.read(page.encode(), "https://alwatan.sy/archives/category/x").further == (
        "https://alwatan.sy/archives/category/x/page/2",
    )


def test_the_next_page_is_found_by_the_load_more_button_until_the_last():
    page = '<a id="load-more-archives" data-url="https://alwatan.sy/c/page/99999/" data-max="3">المزيد</a>'
    assert listing.read(page.encode(), "https://alwatan.sy/c").further == ("https://alwatan.sy/c/page/2/",)
    assert listing.read(page.encode(), "https://alwatan.sy/c/page/3/").further == ()


def test_categories_are_found_once_and_on_the_same_host():
    page = """<a href="/archives/category/sports">رياضة</a><a href="/archives/category/sports/page/2">2</a>
        <a href="https://other.example/category/x">x</a>"""
    assert listing.categories(page.encode(), "https://alwatan.sy/") == (
        "https://alwatan.sy/archives/category/sports",
    )
