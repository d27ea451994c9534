"""A robots.txt that changes its mind, from one run to the next and while one goes on."""

import pytest
from running import home, make_due
from small_paper import crawl, stand_in

from newsarchive.sample.exchange import Response

OPEN = Response(200, b"User-agent: *\nDisallow:\n", "text/plain")
CLOSED = Response(200, b"User-agent: *\nDisallow: /\n", "text/plain")


@pytest.fixture
def folder(tmp_path):
    return home(tmp_path)


def test_a_site_that_closes_between_two_runs_is_asked_nothing_more_and_loses_no_article(folder):
    with stand_in() as site:
        crawl(folder, site)
        make_due(folder)
        site.before = lambda request: CLOSED if request.path == "/robots.txt" else None
        ended = crawl(folder, site)
    assert ended.code == 6
    assert set(ended.asked()) == {"/robots.txt"}
    assert len(ended.kept()) == 4


def test_a_copy_of_robots_txt_that_is_too_old_is_had_anew_while_the_run_goes_on(folder):
    (folder / "aging.py").write_text(
        "from newsarchive.middlewares import robots\n"
        "class Extension:\n"
        "    def __init__(self):\n"
        "        robots._MAX_AGE_SECONDS = 0.5\n"
    )
    answers = iter([OPEN])

    def closing(request):
        if request.path == "/robots.txt":
            return next(answers, CLOSED)
        return None

    with stand_in(closing) as site:
        ended = crawl(folder, site, "-s", 'EXTENSIONS={"aging.Extension": 1}', "-s", "DOWNLOAD_DELAY=0.1")
    first, *asked = ended.asked()
    again = asked.index("/robots.txt")
    assert first == "/robots.txt"
    assert again > 0
    assert set(asked[again:]) == {"/robots.txt"}
    assert set(ended.states().values()) == {("blocked", "robots-disallowed")}
