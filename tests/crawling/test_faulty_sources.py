"""Sources that are closed, broken or endless: the others go on, and the archive says which was not whole."""

import pytest
from running import change, home, make_due, rows, scrapy
from small_paper import HOST, crawl, one_host, paper, stand_in

from newsarchive.sample.exchange import Response

XML = "application/xml; charset=UTF-8"
SCHEMA = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@pytest.fixture
def folder(tmp_path):
    return home(tmp_path)


def urlset(*locations):
    entries = "".join(f"<url><loc>{location}</loc></url>" for location in locations)
    return f'<?xml version="1.0"?>\n<urlset {SCHEMA}>{entries}</urlset>'.encode()


def index(*locations):
    entries = "".join(f"<sitemap><loc>{location}</loc></sitemap>" for location in locations)
    return f'<?xml version="1.0"?>\n<sitemapindex {SCHEMA}>{entries}</sitemapindex>'.encode()


def documents(answers):
    """A hook that answers these paths."""
    return lambda request: answers.get(request.path)


def is_rest(request):
    return request.path.startswith("/wp-json") or "rest_route" in request.query


@pytest.mark.parametrize("status", [401, 403])
def test_a_closed_rest_interface_costs_no_article(folder, status):
    refused = Response(status, b'{"code":"rest_forbidden"}', "application/json")
    with stand_in(lambda request: refused if is_rest(request) else None) as site:
        ended = crawl(folder, site)
    assert ended.code == 0
    assert len(ended.kept()) == 4
    closed = [row for row in rows(folder, "SELECT * FROM sources WHERE kind = 'rest'") if HOST in row["url"]]
    assert {(row["complete"], row["reason"]) for row in closed} == {(0, f"HTTP {status}")}


def test_when_rest_answers_again_nobody_is_called_for_its_other_door(folder):
    with stand_in() as site:
        # Busy first, so that the next run walks the other door too and it is one that named something.
        for status in (500, 0, 403):
            refused = Response(status, b"{}", "application/json") if status else None
            site.before = one_host(lambda request, refused=refused: refused if is_rest(request) else None)
            crawl(folder, site)
        assert "source https://alwatan.sy/: HTTP 403" in scrapy(folder, "health", check=10).stdout
        site.before = one_host()
        # A closed door is asked again after a day.
        change(folder, "UPDATE sources SET visited_at = '2026-01-01T00:00:00Z'")
        crawl(folder, site)
    other = rows(folder, "SELECT reason FROM sources WHERE url GLOB 'https://alwatan.sy/[?]rest_route=*'")
    assert [row["reason"] for row in other] == ["HTTP 403"]
    assert "HTTP 403" not in scrapy(folder, "health", check=0).stdout


def test_what_stands_whole_in_a_cut_sitemap_counts_and_the_cut_address_does_not(folder):
    first, *_, last = paper().articles
    whole = urlset(*(article.address for article in paper().articles))
    cut = whole[: whole.index(last.address.encode()) + len(last.address) - 2]
    answers = {
        "/wp-sitemap.xml": Response(
            body=index(f"https://{HOST}/wp-sitemap-posts-post-1.xml"), content_type=XML
        ),
        "/wp-sitemap-posts-post-1.xml": Response(body=cut, content_type=XML),
    }
    with stand_in(documents(answers)) as site:
        ended = crawl(folder, site)
    assert ended.code == 0
    assert len(ended.kept()) == 4
    assert last.path[:-2] not in ended.states()
    assert last.path[:-2] not in ended.asked()
    source = ended.source("/wp-sitemap.xml")
    assert source["complete"] == 0
    assert "breaks off" in source["reason"]
    named = "SELECT a.url FROM address_sources AS s JOIN addresses AS a ON a.id = s.address_id WHERE s.source_id = ?"
    urls = {row["url"] for row in rows(folder, named, source["id"])}
    assert first.address in urls
    assert last.address not in urls


@pytest.mark.parametrize("cut", [1, 2])
def test_a_whole_sitemap_does_not_hide_that_another_one_was_cut(folder, cut):
    files = {
        f"/wp-sitemap-posts-post-{n}.xml": urlset(paper().articles[n].address)[: -20 if n == cut else None]
        for n in (1, 2)
    }
    answers = {name: Response(body=body, content_type=XML) for name, body in files.items()}
    named = index(*(f"https://{HOST}{name}" for name in files))
    with stand_in(documents({"/wp-sitemap.xml": Response(body=named, content_type=XML), **answers})) as site:
        source = crawl(folder, site).source("/wp-sitemap.xml")
    assert source["complete"] == 0
    assert "breaks off" in source["reason"]


def test_a_sitemap_that_names_itself_is_asked_once(folder):
    def endless(request):
        if request.path != "/wp-sitemap.xml":
            return None
        number = int(request.query.get("n", "0")) + 1
        own = f"https://{HOST}/wp-sitemap.xml"
        body = index(own, f"{own}?n={number}", f"https://{HOST}/wp-sitemap-posts-post-1.xml")
        return Response(body=body, content_type=XML)

    with stand_in(endless) as site:
        ended = crawl(folder, site)
    assert ended.code == 0
    assert sum(target.startswith("/wp-sitemap.xml") for target in ended.asked()) == 1
    assert len(ended.kept()) == 4


def test_two_sitemaps_that_name_each_other_are_asked_once_each(folder):
    def endless(request):
        names = {"/wp-sitemap.xml": "wp-sitemap-other.xml", "/wp-sitemap-other.xml": "wp-sitemap.xml"}
        if request.path not in names:
            return None
        number = int(request.query.get("n", "0")) + 1
        return Response(body=index(f"https://{HOST}/{names[request.path]}?n={number}"), content_type=XML)

    with stand_in(endless) as site:
        ended = crawl(folder, site)
    assert ended.code == 0
    assert len([target for target in ended.asked() if "sitemap" in target and "index" not in target]) == 2


def test_an_endless_calendar_is_left_after_a_few_pages(folder):
    section = "/archives/category/world"

    def calendar(request):
        if not request.path.startswith(section):
            return None
        page = int(request.path.rpartition("/page/")[2]) if "/page/" in request.path else 1
        links = "".join(f'<a href="/archives/date/20{n:02}/{page}">{n}</a>' for n in range(10, 40))
        following = f'<link rel="next" href="https://{HOST}{section}/page/{page + 1}">'
        more = f'<a href="?day={page}">غداً</a><a href="/?d={page}">أمس</a>'
        return Response(
            body=f"<html><head>{following}</head><body>{links}{more}</body></html>".encode(), delay=0.01
        )

    with stand_in(calendar) as site:
        ended = crawl(folder, site)
    assert ended.code == 0
    assert sum(target.startswith(section) for target in ended.asked()) <= 5
    assert len(ended.kept()) == 4
    assert len(ended.states()) == 4


def test_addresses_of_files_and_of_others_in_a_sitemap_are_neither_kept_nor_asked(folder):
    evil = [
        "file:///etc/hostname",
        "https://elsewhere.example/archives/1",
        f"https://{HOST}:8080/archives/2",
        f"https://somebody@{HOST}/archives/3",
        "http://169.254.169.254/archives/4",
        "data:text/html,archives",
        "ftp://alwatan.sy/archives/5",
    ]
    answers = {
        "/wp-sitemap.xml": Response(
            body=index(*evil, f"https://{HOST}/wp-sitemap-posts-post-1.xml"), content_type=XML
        ),
        "/wp-sitemap-posts-post-1.xml": Response(
            body=urlset(*evil, paper().articles[0].address), content_type=XML
        ),
    }
    with stand_in(documents(answers)) as site:
        ended = crawl(folder, site)
    assert ended.code == 0
    assert sorted(ended.states()) == sorted(article.path for article in paper().articles)
    assert rows(folder, "SELECT url FROM captures WHERE url NOT LIKE 'https://alwatan%'") == []
    assert not {"/archives/1", "/archives/2", "/archives/3", "/archives/4"} & set(ended.asked())


def is_source(request):
    is_document = request.path.endswith(".xml") or request.path.startswith(("/feed", "/archives/category"))
    return is_rest(request) or is_document or request.path == "/"


def test_sources_that_list_nothing_any_more_are_exit_7_and_cost_no_article(folder):
    empty = Response(200, b"[]", "application/json", (("X-WP-Total", "0"), ("X-WP-TotalPages", "0")))
    with stand_in() as site:
        crawl(folder, site)
        site.before = one_host(
            lambda request: empty if is_rest(request) else Response(404, b"") if is_source(request) else None
        )
        ended = crawl(folder, site)
    assert ended.code == 7
    assert "lists no article any more" in ended.run()["verdict"]
    assert len(ended.kept()) == 4


@pytest.mark.parametrize(("status", "code"), [(500, 5), (404, 7)])
def test_a_run_without_any_source_is_no_success(folder, status, code):
    with stand_in() as site:
        crawl(folder, site)
        away = Response(status, b"no", "text/plain")
        site.before = lambda request: None if request.path == "/robots.txt" else away
        ended = crawl(folder, site, "-s", "RETRY_ENABLED=False")
    assert ended.code == code
    assert f"no source answered: HTTP {status}" in ended.run()["verdict"]


def all_gone(request):
    return None if request.path == "/robots.txt" else Response(404, b"no", "text/html")


def database_lost(request):
    """WordPress without its posts: every list is there and empty, every article a 404."""
    empty = Response(200, b"[]", "application/json", (("X-WP-Total", "0"), ("X-WP-TotalPages", "0")))
    return empty if is_rest(request) else all_gone(request)


@pytest.mark.parametrize("lost", [all_gone, database_lost])
def test_a_site_that_lost_all_it_held_makes_no_article_gone(folder, lost):
    with stand_in() as site:
        crawl(folder, site)
        make_due(folder)
        before = rows(folder, "SELECT url, state, visited_at, next_visit_at FROM addresses")
        site.before = one_host(lost)
        ended = crawl(folder, site)
        assert ended.code == 7
        assert "none was asked for" in ended.run()["verdict"]
        assert rows(folder, "SELECT url, state, visited_at, next_visit_at FROM addresses") == before
        assert len(ended.kept()) == 4
        site.before = one_host()
        back = crawl(folder, site)
    assert back.code == 0
    assert len(back.kept()) == 4
    assert {article.path for article in paper().articles} <= set(back.asked())


def test_where_rest_is_closed_the_feed_finds_the_newcomer_of_the_next_hour(folder):
    refused = Response(401, b"{}", "application/json")
    with stand_in(lambda request: refused if is_rest(request) else None) as site:
        site.paper = paper(5).without(paper().articles[-1].address)
        crawl(folder, site)
        site.paper = paper(5)
        ended = crawl(folder, site)
    assert ended.run()["new"] == 1
    # The feed is walked back until a page names nothing new.
    sources = [target for target in ended.asked() if not target.startswith("/archives/")]
    assert sources == ["/robots.txt", "/feed", "/feed?paged=2"]


def test_a_sitemap_that_only_robots_txt_names_is_walked(folder):
    rules = (
        f"User-agent: *\nDisallow:\nSitemap: https://www.{HOST}/all.xml\nSitemap: https://x.example/b.xml\n"
    )
    answers = {
        "/robots.txt": Response(body=rules.encode(), content_type="text/plain"),
        "/all.xml": Response(body=urlset(*(a.address for a in paper().articles)), content_type=XML),
    }
    with stand_in(
        lambda request: answers.get(request.path) or (Response(404, b"") if is_source(request) else None)
    ) as site:
        ended = crawl(folder, site)
    assert (ended.code, len(ended.kept())) == (0, 4)
