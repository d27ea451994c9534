"""The sample answers over real HTTP as the live paper's WordPress does."""

import gzip
import http.client
import json
import re
import subprocess
import sys
from contextlib import closing
from email.utils import parsedate_to_datetime

import pytest

from newsarchive.sample import Paper
from newsarchive.sample.exchange import Response
from newsarchive.sample.server import serving
from newsarchive.sample.sites import NEWSPAPER, WEB_NEWS

PAPER = Paper()
ADDRESS = "https://alwatan.sy/archives/107452"


@pytest.fixture(scope="module")
def site():
    with serving(PAPER) as running:
        yield running


def get(site, target, *, host="alwatan.sy", method="GET", **headers):
    with closing(http.client.HTTPConnection(site.removeprefix("http://"))) as connection:
        connection.request(method, target, headers={"Host": host, **headers})
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()


def locations(body):
    return re.findall(r"<loc>(.*?)</loc>", body.decode())


def test_every_article_and_every_other_page_answers_at_its_path(site):
    for post in (*PAPER.articles, *PAPER.others):
        assert get(site, post.path, host=post.host)[0] == 200, post.address


def test_both_sites_live_at_one_port_with_and_without_www(site):
    bare = get(site, "/", host="alwatanonline.com")[2]
    assert get(site, "/", host="www.alwatanonline.com")[2] == bare
    assert "الوطن أون لاين" in bare.decode()
    newspaper = get(site, "/", host="www.alwatan.sy")[2]
    assert get(site, "/", host=site.removeprefix("http://"))[2] == newspaper != bare


def test_a_slug_is_found_in_lower_case_encoding_too(site):
    article = PAPER.of_site(WEB_NEWS)[0]
    assert get(site, article.path.lower(), host=WEB_NEWS.host)[0] == 200


@pytest.mark.parametrize("target", ["/archives/107452/", "/?p=107452"])
def test_other_spellings_redirect_to_the_permalink(site, target):
    status, headers, _ = get(site, target)
    assert (status, headers["location"]) == (301, ADDRESS)


@pytest.mark.parametrize(
    "target", ["/archives/1", "/nothing", "/archives/107452/2", "/archives/107452/amp", "/?p=1"]
)
def test_what_does_not_exist_is_a_404_in_the_theme(site, target):
    status, _, body = get(site, target)
    assert status == 404
    assert b"error404" in body


def test_head_sends_the_headers_of_get_without_a_body(site):
    assert get(site, "/archives/107452", method="HEAD")[2] == b""
    head, full = (get(site, "/archives/107452", method=m)[1] for m in ("HEAD", "GET"))
    assert head["content-length"] == full["content-length"]


def test_validators_give_304_until_the_article_changes():
    with serving(PAPER) as site:
        _, headers, _ = get(site, "/archives/107452")
        assert parsedate_to_datetime(headers["last-modified"]).isoformat() == "2017-06-11T05:20:00+00:00"
        by_tag, by_date = {"If-None-Match": headers["etag"]}, {"If-Modified-Since": headers["last-modified"]}
        assert get(site, "/archives/107452", **by_tag)[0] == 304
        assert get(site, "/archives/107452", **by_date)[0] == 304
        site.paper = site.paper.changed(ADDRESS, title="عنوان آخر")
        assert get(site, "/archives/107452", **by_tag)[0] == 200


def test_gzip_is_used_when_accepted(site):
    plain = get(site, "/archives/107452")[2]
    _, headers, packed = get(site, "/archives/107452", **{"Accept-Encoding": "gzip, br"})
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == plain


def test_a_connection_serves_several_requests(site):
    with closing(http.client.HTTPConnection(site.removeprefix("http://"))) as connection:
        for target in ("/robots.txt", "/archives/107452", "/nothing"):
            connection.request("GET", target)
            connection.getresponse().read()
            assert connection.sock is not None


def test_robots_names_the_sitemap_of_its_site(site):
    assert get(site, "/robots.txt")[2].decode().splitlines() == [
        "User-agent: *",
        "Disallow: /wp-admin/",
        "Allow: /wp-admin/admin-ajax.php",
        "",
        "Sitemap: https://alwatan.sy/wp-sitemap.xml",
    ]
    assert (
        b"https://alwatanonline.com/sitemap_index.xml"
        in get(site, "/robots.txt", host="alwatanonline.com")[2]
    )


def test_core_sitemaps_list_every_post_once_by_id(site):
    index = locations(get(site, "/wp-sitemap.xml")[2])
    posts = [u.removeprefix("https://alwatan.sy") for u in index if "posts-post" in u]
    assert posts == [f"/wp-sitemap-posts-post-{n}.xml" for n in (1, 2, 3)]
    listed = [u for path in posts for u in locations(get(site, path)[2])]
    assert listed == [post.address for post in PAPER.posts(NEWSPAPER)]
    assert set(listed) >= {a for a in PAPER.addresses if "alwatan.sy" in a}


def test_yoast_sitemaps_begin_with_the_home_page_and_write_lower_case(site):
    index = locations(get(site, "/sitemap_index.xml", host=WEB_NEWS.host)[2])
    assert index[0] == "https://alwatanonline.com/post-sitemap.xml"
    listed = locations(get(site, "/post-sitemap.xml", host=WEB_NEWS.host)[2])
    assert listed[0] == "https://alwatanonline.com/"
    assert all("%D" not in address for address in listed)
    second = locations(get(site, "/post-sitemap2.xml", host=WEB_NEWS.host)[2])
    assert len([*listed[1:], *second]) == len(PAPER.posts(WEB_NEWS))


def test_the_feed_pages_back_to_the_first_post_in_summaries(site):
    links, page = [], 1
    while (answer := get(site, f"/feed?paged={page}"))[0] == 200:
        links += re.findall(r"<item>.*?<link>(.*?)</link>", answer[2].decode())
        page += 1
    assert sorted(links) == sorted(post.address for post in PAPER.posts(NEWSPAPER))
    first = get(site, "/feed")[2].decode()
    assert first.count("<item>") == 10
    assert "appeared first on <a" in first
    assert "<pubDate>Sun, 11 Oct 2026 21:20:00 +0000</pubDate>" in first


def test_a_category_has_its_feed_and_comments_have_an_empty_one(site):
    body = get(site, "/archives/category/first/from-alwatan-notebook/feed?paged=2")[2].decode()
    assert body.count("<item>") == 2
    assert b"<item>" not in get(site, "/comments/feed")[2]


def test_slider_and_list_of_a_category_hold_each_story_once(site):
    found, page = [], 1
    base = "/archives/category/sport"
    while (answer := get(site, f"{base}/page/{page}" if page > 1 else base))[0] == 200:
        html = answer[2].decode()
        listing = html.split('id="posts-container"')[1].split("<!-- #posts-container /-->")[0]
        found += re.findall(r'<h2 class="post-title"><a href="([^"]+)"', listing)
        found += re.findall(r'<a href="([^"]+)" class="all-over-thumb-link"', html) if page == 1 else []
        page += 1
    expected = [a.address for a in PAPER.articles if "sport" in a.categories]
    assert len(expected) == 26
    assert sorted(found) == sorted(expected)


def test_overlay_links_have_a_label_and_no_text(site):
    html = get(site, "/")[2].decode()
    overlays = re.findall(r'class="all-over-thumb-link" aria-label="([^"]+)">(.*?)</a>', html)
    assert len(overlays) == 6
    assert {text for _, text in overlays} == {""}


def test_rest_counts_and_pages_all_posts(site):
    records, page = [], 1
    while (answer := get(site, f"/wp-json/wp/v2/posts?per_page=100&page={page}&_fields=id,link"))[0] == 200:
        assert answer[1]["x-wp-total"] == "168"
        assert answer[1]["x-wp-totalpages"] == "2"
        records += json.loads(answer[2])
        page += 1
    assert (answer[0], json.loads(answer[2])["code"]) == (400, "rest_post_invalid_page_number")
    assert sorted(r["link"] for r in records) == sorted(p.address for p in PAPER.posts(NEWSPAPER))
    assert set(records[0]) == {"id", "link"}


@pytest.mark.parametrize("query", ["per_page=101", "per_page=0", "page=0", "orderby=hat", "after=yesterday"])
def test_rest_refuses_impossible_parameters(site, query):
    status, _, body = get(site, f"/wp-json/wp/v2/posts?{query}")
    assert (status, json.loads(body)["code"]) == (400, "rest_invalid_param")


def test_rest_selects_by_time_and_sorts(site):
    between = "after=2017-06-11T00:00:00&before=2017-06-12T00:00:00&orderby=id&order=asc&_fields=id"
    ids = [r["id"] for r in json.loads(get(site, f"/?rest_route=/wp/v2/posts&{between}")[2])]
    assert ids == [107418, 107424, 107429, 107434, 107437, 107442, 107452]
    recent = json.loads(get(site, "/wp-json/wp/v2/posts?modified_after=2026-08-01T00:00:00&_fields=id")[2])
    assert len(recent) == 2


def test_a_rest_record_states_local_and_utc_time(site):
    record = json.loads(get(site, "/wp-json/wp/v2/posts/107452")[2])
    assert (record["date"], record["date_gmt"]) == ("2017-06-11T08:20:00", "2017-06-11T05:20:00")
    assert record["content"]["rendered"].startswith("<p>| الوطن- وكالات</p>")
    assert record["categories"] == [4]


def test_pictures_and_pdfs_are_served(site):
    article = PAPER.by_address[ADDRESS]
    assert get(site, article.image_path)[2].startswith(b"\x89PNG")
    assert get(site, "/wp-content/uploads/2018/10/168020-1.pdf")[1]["content-type"] == "application/pdf"


def test_the_log_tells_method_host_path_and_time():
    with serving(PAPER) as site:
        get(site, "/archives/1?x=2", host="www.alwatan.sy", method="HEAD")
        (entry,) = site.log
        assert (entry.method, entry.host, entry.target) == ("HEAD", "www.alwatan.sy", "/archives/1?x=2")
        assert entry.at > 1_700_000_000


def test_a_hook_answers_in_the_papers_place():
    def before(request):
        return Response(503, b"busy", headers=(("Retry-After", "1"),)) if request.path == "/feed" else None

    with serving(PAPER, before=before) as site:
        status, headers, body = get(site, "/feed")
        assert (status, headers["retry-after"], body) == (503, "1", b"busy")
        assert get(site, "/robots.txt")[0] == 200


def test_a_hook_can_cut_a_body_short():
    with (
        serving(PAPER, before=lambda _: Response(200, b"x" * 100, cut_after=10)) as site,
        pytest.raises(http.client.IncompleteRead),
    ):
        get(site, "/")


def test_variants_drop_and_add_an_article_and_leave_other_pages_alone():
    article = PAPER.by_address[ADDRESS]
    other = PAPER.articles[40]
    less = PAPER.without(ADDRESS)
    assert len(less.addresses) == len(PAPER.addresses) - 1
    assert less.added(article).addresses == PAPER.addresses
    assert less.render(other) == PAPER.render(other)


def test_the_server_runs_as_a_module_and_prints_its_address():
    command = [sys.executable, "-m", "newsarchive.sample.server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        address = process.stdout.readline().strip()
        assert get(address, "/robots.txt")[0] == 200
        process.terminate()
        assert process.stderr.read() == ""
