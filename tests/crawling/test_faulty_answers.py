"""Answers to an article's address that are no article: what becomes of the address, and of the run."""

from pathlib import Path

import pytest
from running import content, home, make_due, rows
from small_paper import HOST, crawl, one_host, paper, stand_in

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


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (soft_404(), "not-found-page"),
        (redirect(f"https://{HOST}/"), "redirected-home"),
        (Response(404, b"gone"), "http-gone"),
        (Response(410, b"gone"), "http-gone"),
    ],
    ids=["soft-404", "redirected-home", "404", "410"],
)
def test_a_dead_address_is_gone_with_its_reason(folder, response, reason):
    dead = paper().articles[1]
    with stand_in(instead_of(dead, response)) as site:
        ended = crawl(folder, site)
    assert ended.code == 0
    assert ended.states()[dead.path] == ("gone", reason)
    assert dead.path not in ended.kept()
    assert len(ended.kept()) == 3


@pytest.mark.parametrize(
    "response", [soft_404(), redirect(f"https://{HOST}/"), Response(404, b"")], ids=["soft", "home", "404"]
)
def test_an_article_that_dies_is_kept_as_gone_and_revived_when_it_returns(folder, response):
    dead = paper().articles[1]
    with stand_in() as site:
        crawl(folder, site)
        before = content(folder)
        make_due(folder)
        site.before = one_host(instead_of(dead, response))
        ended = crawl(folder, site)
        assert (ended.code, ended.states()[dead.path][0]) == (0, "gone")
        assert dead.path not in ended.kept()
        assert len(content(folder)) == len(before)
        assert ended.run()["gone"] == 1
        make_due(folder)
        site.before = one_host()
        revived = crawl(folder, site)
        assert dead.path in revived.kept()
        assert content(folder) == before


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
    (row,) = rows(
        folder, "SELECT next_visit_at > visited_at AS later FROM addresses WHERE url = ?", looping.address
    )
    assert row["later"] == 1


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example/archives/9",
        f"https://{HOST}:8443/archives/9",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        f"https://{HOST}@elsewhere.example/archives/9",
    ],
)
def test_a_redirect_away_from_the_newspaper_is_not_followed(folder, target):
    led_away = paper().articles[1]
    with stand_in(instead_of(led_away, redirect(target))) as site:
        ended = crawl(folder, site)
    assert ended.code == 0
    assert ended.states()[led_away.path] == ("refused", "offsite")
    assert len(ended.kept()) == 3
    captured = {row["url"] for row in rows(folder, "SELECT url FROM captures")}
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
