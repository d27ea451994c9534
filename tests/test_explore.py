"""`scrapy explore`: the sample newspaper's doors, told from at most thirty requests, with nothing written."""

import socket
from ipaddress import ip_address

import pytest
from running import home, scrapy

from newsarchive.crawling import exploring
from newsarchive.middlewares import guard
from newsarchive.sample.exchange import Response
from newsarchive.sample.server import serving

HURRY = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False")


@pytest.fixture(scope="module")
def explored(tmp_path_factory):
    folder = home(tmp_path_factory.mktemp("explore"))
    with serving() as site:
        done = scrapy(folder, "explore", "alwatan", "-a", f"site={site}", *HURRY, check=0)
    return folder, site.log, done.stdout


def test_at_most_thirty_requests_are_made_and_nothing_is_written(explored):
    folder, log, _ = explored
    assert 10 < len(log) <= 30
    assert sorted(path.name for path in folder.iterdir()) == ["scrapy.cfg"]


def test_robots_txt_is_the_first_thing_asked_of_each_host(explored):
    for host in ("alwatan.sy", "alwatanonline.com"):
        assert next(request.path for request in explored[1] if request.host == host) == "/robots.txt"


@pytest.mark.parametrize(
    "line",
    [
        "robots.txt             Disallow: /wp-admin/; Allow: /wp-admin/admin-ajax.php; Sitemap:",
        "REST                   open at /wp-json/ (168 posts)",
        "sitemap                core (/wp-sitemap.xml:",
        "feed                   10 items, walks back by ?paged=",
        "theme                  Jannah",
        "charset                UTF-8",
        "years that are gone    still open",
        "  jannah     article: ",
        "  sahifa     refused: unknown-layout",
    ],
)
def test_each_question_is_answered_or_said_to_be_open(explored, line):
    assert line in explored[2]


def test_closed_doors_are_said_to_be_closed(tmp_path):
    def closed(request):
        if request.path.startswith("/wp-json") or "rest_route" in request.query:
            return Response(401, b"{}", "application/json")
        return Response(404, b"no") if request.path.endswith(".xml") or request.path == "/feed" else None

    with serving(before=closed) as site:
        done = scrapy(home(tmp_path), "explore", "alwatan", "-a", f"site={site}", *HURRY, check=0)
    assert "closed (/wp-json/ HTTP 401, ?rest_route= HTTP 401)" in done.stdout
    assert "sitemap                none" in done.stdout
    assert "feed                   none (HTTP 404)" in done.stdout


def test_a_site_that_cannot_be_asked_is_exit_6(tmp_path):
    with serving(before=lambda _: Response(503, b"busy", headers=(("Retry-After", "100000"),))) as site:
        done = scrapy(home(tmp_path), "explore", "alwatan", "-a", f"site={site}", *HURRY, check=6)
    assert "Traceback" not in done.stderr
    assert {request.path for request in site.log} == {"/robots.txt"}


def test_a_name_that_leads_into_a_private_network_is_not_asked(tmp_path):
    name = socket.gethostname()
    try:
        address = socket.gethostbyname(name)
    except OSError:
        pytest.skip("this machine cannot resolve its own name")
    if ip_address(address).is_global:
        pytest.skip("this machine has a public address")
    done = scrapy(home(tmp_path), "explore", f"http://{name}", *HURRY, "-s", "RETRY_ENABLED=False", check=6)
    assert f"{name} resolves to {address}, which is not public; not asked" in done.stderr


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "192.168.0.9", "169.254.169.254", "0.0.0.0", "100.64.0.1", "::1",
                "fe80::1", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"]
)  # fmt: skip
def test_no_private_address_passes(address):
    assert not guard.is_public(address)
    assert guard.is_public("93.184.216.34")
    assert guard.is_public("2606:2800:220:1::1")


def test_what_is_neither_newspaper_nor_address_is_a_fumble(tmp_path):
    folder = home(tmp_path)
    assert "no newspaper 'nowhere'" in scrapy(folder, "explore", "nowhere", check=4).stderr
    assert "neither a newspaper" in scrapy(folder, "explore", "ftp://alwatan.sy", check=4).stderr


def test_three_articles_are_the_newest_one_in_the_middle_and_the_oldest():
    items = "".join(f"<item><link>https://alwatan.sy/archives/{n}</link></item>" for n in range(9, 0, -1))
    feed = exploring.Answer("https://alwatan.sy/feed", 200, {}, f"<rss>{items}</rss>".encode())
    chosen = exploring.chosen([feed], ("alwatan.sy",), 3)
    assert [url.rpartition("/")[2] for url in chosen] == ["9", "5", "1"]


def test_a_page_that_is_not_utf_8_is_said_to_be_so():
    page = "<meta charset=windows-1256><p>الوطن</p>".encode("cp1256")
    found = exploring.charset(
        exploring.Answer("https://alwatan.sy/", 200, {"content-type": "text/html"}, page)
    )
    assert (found.answer, found.said) == ("not UTF-8", "header «text/html», page «windows-1256»")
