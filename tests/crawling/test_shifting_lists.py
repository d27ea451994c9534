"""Lists whose order shifts between two of their pages: nothing is named twice, and nothing slips through."""

import itertools
from collections import Counter
from dataclasses import replace

import pytest
from running import home, rows
from small_paper import HOST, crawl

from newsarchive.sample import Paper
from newsarchive.sample.answers import answer
from newsarchive.sample.exchange import Response
from newsarchive.sample.server import serving

ABSENT = Response(404, b"nothing here", "text/plain")
REST = "/wp-json/wp/v2/posts"
FEW = ("-a", "limit=1")


@pytest.fixture
def folder(tmp_path):
    return home(tmp_path)


def only_rest(then):
    """A hook that leaves the principal host's REST interface alone; `then` happens before its second page."""

    def before(request):
        if request.host.removeprefix("www.") != HOST:
            return ABSENT
        if request.path == REST:
            if request.query["page"] == "2":
                then()
            return None
        return None if request.path.startswith("/archives/4") or request.path == "/robots.txt" else ABSENT

    return before


def listed(paper):
    """The addresses of a paper's posts as REST lists them, the latest modified first."""
    of_host = [article for article in paper.articles if article.host == HOST]
    ordered = sorted(of_host, key=lambda article: (article.modified, article.post_id), reverse=True)
    return [article.address for article in ordered]


def asked_pages(ended):
    """The pages of REST that the first host was asked for, in order."""
    return [request.query["page"] for request in ended.log if request.path == REST and request.host == HOST]


def known(folder):
    return [row["url"] for row in rows(folder, "SELECT url FROM addresses")]


@pytest.mark.parametrize("removed", [1, 3])
def test_posts_that_move_to_the_page_before_are_asked_for_there(folder, removed):
    paper = Paper(others=())
    gone = listed(paper)[:removed]

    def remove():
        site.paper = paper.without(*gone)

    with serving(paper, before=only_rest(remove)) as site:
        ended = crawl(folder, site, *FEW)
    assert sorted(known(folder)) == sorted(listed(paper))
    assert asked_pages(ended) == ["1", "2", "1"]


def test_a_total_that_never_holds_still_costs_each_page_once_more(folder):
    """As of a server that counts wrongly, or two behind one name that disagree."""
    totals = itertools.cycle(["900", "0"])

    def before(request):
        answered = only_rest(lambda: None)(request)
        if answered or request.path != REST:
            return answered
        page = answer(
            site.paper, replace(request, target=request.target.replace("per_page=100", "per_page=20"))
        )
        counts = {"X-WP-Total": next(totals), "X-WP-TotalPages": "9"}
        return replace(page, headers=tuple((name, counts.get(name, value)) for name, value in page.headers))

    with serving(Paper(others=()), before=before) as site:
        ended = crawl(folder, site, *FEW)
    assert sorted(known(folder)) == sorted(listed(site.paper))
    assert set(Counter(asked_pages(ended)).values()) == {1, 2}


def test_posts_that_move_to_the_next_page_are_entered_once_and_the_newcomer_comes_with_the_next_run(folder):
    paper = Paper(others=())
    newcomer, *others = listed(paper)

    def publish():
        site.paper = paper

    with serving(paper.without(newcomer), before=only_rest(publish)) as site:
        crawl(folder, site, *FEW)
        assert sorted(known(folder)) == sorted(others)
        crawl(folder, site, *FEW)
    assert sorted(known(folder)) == sorted(listed(paper))
