"""Answers to an article's address that are no article: what becomes of the address, and of the run."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from running import content, home, make_due, rows
from small_paper import HOST, Crawl, crawl, one_host, paper, stand_in

from newsarchive.sample.exchange import Response, redirect
from newsarchive.sample.others import not_found
from newsarchive.sample.server import serving
from newsarchive.sample.sites import NEWSPAPER

CHALLENGE = Path(__file__).parent.parent / "pages/alwatan/refused-challenge/page.html"


@pytest.fixture
def folder(tmp_path):
    return home(tmp_path)


def instead_of(article, response):
    """A hook that answers one article's address with this."""
    return lambda request: response if request.path == article.path else None


def soft_404():
    return Response(200, not_found(NEWSPAPER, paper().articles))


def test_a_challenge_page_with_status_200_is_blocked_and_no_article(folder):
    pages = {article.path for article in paper().articles}
    challenge = Response(200, CHALLENGE.read_bytes())
    with stand_in(lambda request: challenge if request.path in pages else None) as site:
        ended = crawl(folder, site)
        assert ended.code == 6
        assert ended.kept() == []
        assert ("blocked", "challenge-page") in ended.states().values()
        assert {state for state, _ in ended.states().values()} <= {"blocked", "pending"}


def test_a_site_that_answers_everything_with_a_challenge_keeps_us_away(folder):
    challenge = Response(200, CHALLENGE.read_bytes())
    with stand_in(lambda request: None if request.path == "/robots.txt" else challenge) as site:
        ended = crawl(folder, site)
    assert ended.code == 6
    assert ended.states() == {}


DEAD = {
    "soft-404": (soft_404(), "not-found-page"),
    "redirected-home": (redirect(f"https://{HOST}/"), "redirected-home"),
    "404": (Response(404, b"gone"), "http-gone"),
    "410": (Response(410, b"gone"), "http-gone"),
}


@dataclass
class Lives:
    """Six articles of which four die and return, by the name of how they die; then the run that met it."""

    path: dict
    before: list
    dead: Crawl
    states: dict
    kept_while_dead: list
    content_while_dead: list
    revived: Crawl


@pytest.fixture(scope="module")
def lives(tmp_path_factory):
    folder = home(tmp_path_factory.mktemp("lives"))
    articles = paper(6).articles
    dying = {article.path: name for article, name in zip(articles, DEAD, strict=False)}
    with stand_in(count=6) as site:
        crawl(folder, site)
        before = content(folder)
        make_due(folder)
        site.before = one_host(lambda r: DEAD[dying[r.path]][0] if r.path in dying else None)
        dead = crawl(folder, site)
        then = (dead.states(), dead.kept(), content(folder))
        make_due(folder)
        site.before = one_host()
        revived = crawl(folder, site)
    return Lives({name: path for path, name in dying.items()}, before, dead, *then, revived)


@pytest.mark.parametrize("how", DEAD)
def test_an_article_that_dies_is_gone_with_its_reason(lives, how):
    assert lives.states[lives.path[how]] == ("gone", DEAD[how][1])
    assert lives.path[how] not in lives.kept_while_dead


def test_articles_that_die_are_kept_and_the_run_counts_them_as_gone(lives):
    assert (lives.dead.code, len(lives.kept_while_dead)) == (0, 2)
    assert len(lives.content_while_dead) == len(lives.before) == 6
    gone = rows(lives.dead.folder, "SELECT gone FROM runs ORDER BY id")
    assert [row["gone"] for row in gone] == [0, 4, 0]


def test_articles_that_return_are_as_they_were(lives):
    assert len(lives.revived.kept()) == 6
    assert content(lives.revived.folder) == lives.before


def test_an_article_that_asks_not_to_be_archived_is_kept_and_the_run_says_so(folder):
    by_header, by_page, *_ = paper().articles

    def asking(request):
        if request.path == by_header.path:
            page = site.paper.render(by_header)
            return Response(200, page, headers=(("X-Robots-Tag", "noarchive"),))
        if request.path == by_page.path:
            meta = b'<meta name="robots" content="noindex, NOARCHIVE">\n</head>'
            return Response(200, site.paper.render(by_page).replace(b"</head>", meta, 1))
        return None

    with stand_in(asking) as site:
        ended = crawl(folder, site)
    assert (ended.code, len(ended.kept())) == (0, 4)
    assert "asked      noarchive 2, noindex 1; such articles are kept" in ended.run()["verdict"]
    assert json.loads(ended.run()["details"])["wishes"] == {"noarchive": 2, "noindex": 1}
    for article in (by_header, by_page):
        assert f"{article.address} asks for noarchive; kept" in ended.output


def test_no_cache_answers_in_the_place_of_the_server(folder):
    busy = paper().articles[1]
    cached = ("-s", "HTTPCACHE_ENABLED=True", "-s", "ARCHIVE_LONGEST_PAUSE=0.1")
    with stand_in(instead_of(busy, Response(503, b"busy"))) as site:
        first = crawl(folder, site, *cached)
        assert first.states()[busy.path] == ("failed", "http-error")
        make_due(folder)
        site.before = one_host()
        second = crawl(folder, site, *cached)
    assert (second.code, len(second.kept())) == (0, 4)
    (captures,) = rows(folder, "SELECT count(*) FROM captures")
    assert captures[0] == len(first.log) + len(second.log)


def test_an_address_that_was_dead_from_the_start_is_gone_and_no_article(folder):
    dead = paper().articles[1]
    with stand_in(instead_of(dead, redirect(f"https://{HOST}/"))) as site:
        ended = crawl(folder, site)
    assert (ended.code, len(ended.kept())) == (0, 3)
    assert ended.states()[dead.path] == ("gone", "redirected-home")


def test_a_redirect_to_itself_with_a_cookie_ends_and_is_tried_again_later(folder):
    looping = paper().articles[1]
    answer = Response(
        302, b"", headers=(("Location", looping.address), ("Set-Cookie", "seen=1; Path=/; Domain=.sy"))
    )
    with stand_in(instead_of(looping, answer)) as site:
        ended = crawl(folder, site)
    assert ended.code == 5
    assert ended.states()[looping.path] == ("failed", "redirect-loop")
    assert len(ended.kept()) == 3
    assert ended.asked().count(looping.path) <= 8
    assert not any("cookie" in request.headers for request in ended.log)
    (row,) = rows(
        folder, "SELECT next_visit_at > visited_at AS later FROM addresses WHERE url = ?", looping.address
    )
    assert row["later"] == 1


def test_two_addresses_that_lead_to_each_other_end_as_a_loop(folder):
    one, other, *_ = paper().articles
    there = {one.path: redirect(other.address), other.path: redirect(one.address)}
    with stand_in(lambda request: there.get(request.path)) as site:
        ended = crawl(folder, site)
    assert (ended.code, len(ended.kept())) == (5, 2)
    assert {ended.states()[path] for path in there} == {("failed", "redirect-loop")}


AWAY = [
    "https://elsewhere.example/archives/9",
    f"https://{HOST}:8443/archives/9",
    "http://169.254.169.254/latest/meta-data",
    "http://10.0.0.1/",
    f"https://{HOST}@elsewhere.example/archives/9",
]


@pytest.fixture(scope="module")
def led_away(tmp_path_factory):
    """A crawl of articles that are redirected to elsewhere each, and of two that are not."""
    targets = dict(zip((article.path for article in paper(len(AWAY) + 2).articles), AWAY, strict=False))
    with stand_in(lambda r: redirect(targets[r.path]) if r.path in targets else None, len(AWAY) + 2) as site:
        ended = crawl(home(tmp_path_factory.mktemp("away")), site)
    return ended, {target: path for path, target in targets.items()}


@pytest.mark.parametrize("target", AWAY)
def test_a_redirect_away_from_the_newspaper_is_not_followed(led_away, target):
    ended, paths = led_away
    assert ended.states()[paths[target]] == ("refused", "offsite")


def test_redirects_away_cost_no_other_article_and_nobody_else_is_asked(led_away):
    ended, _ = led_away
    assert (ended.code, len(ended.kept())) == (0, 2)
    captured = {row["url"] for row in rows(ended.folder, "SELECT url FROM captures")}
    assert all(url.startswith(("https://alwatan.sy/", "https://alwatanonline.com/")) for url in captured)


def test_a_redirect_to_a_file_is_no_answer_and_the_file_is_not_read(folder):
    led_away = paper().articles[1]
    with stand_in(instead_of(led_away, redirect("file:///etc/hostname"))) as site:
        ended = crawl(folder, site)
    assert ended.code == 5
    assert ended.states()[led_away.path] == ("failed", "http-error")
    assert len(ended.kept()) == 3
    assert rows(folder, "SELECT url FROM captures WHERE url LIKE 'file:%'") == []


def test_a_redirect_to_another_port_of_this_machine_is_not_followed(folder):
    led_away = paper().articles[1]
    with serving(paper()) as inner, stand_in(instead_of(led_away, redirect(f"{inner}/admin"))) as site:
        ended = crawl(folder, site)
        assert inner.log == []
    assert ended.states()[led_away.path] == ("refused", "offsite")
    assert len(ended.kept()) == 3
