"""Mistakes in our own code: they cost what they touch and nothing else, and the exit code tells of them."""

import json
from collections import Counter

import pytest
from running import home, next_second
from small_paper import crawl, paper, stand_in

from newsarchive import settings

IN_PIPELINE, IN_MIDDLEWARE, IN_STORAGE = (article.path for article in paper(6).articles[:3])
BROKEN = f"""
from dataclasses import replace

class Pipeline:
    def process_item(self, item):
        if item.url.endswith({IN_PIPELINE!r}):
            raise RuntimeError("a pipeline of ours is broken")
        return replace(item, language=3j) if item.url.endswith({IN_STORAGE!r}) else item

class Middleware:
    def process_response(self, request, response):
        if request.url.endswith({IN_MIDDLEWARE!r}):
            raise RuntimeError("a middleware of ours is broken")
        return response
"""


@pytest.fixture(scope="module")
def broken_and_mended(tmp_path_factory):
    """Six articles crawled with three mistakes in the code, and again without them."""
    folder = home(tmp_path_factory.mktemp("broken"))
    (folder / "broken.py").write_text(BROKEN)
    pipelines = json.dumps({**settings.ITEM_PIPELINES, "broken.Pipeline": 250})
    middlewares = json.dumps({**settings.DOWNLOADER_MIDDLEWARES, "broken.Middleware": 500})
    words = ("-s", f"ITEM_PIPELINES={pipelines}", "-s", f"DOWNLOADER_MIDDLEWARES={middlewares}")
    with stand_in(count=6) as site:
        first = crawl(folder, site, *words, tracebacks=True)
        states = first.states()
        next_second()
        second = crawl(folder, site)
    return first, states, second


def test_what_a_mistake_touches_stays_pending_and_all_else_is_kept(broken_and_mended):
    first, states, _ = broken_and_mended
    assert first.code == 1
    assert Counter(states.values()) == {("article", None): 3, ("pending", None): 3}
    assert {path for path, (state, _) in states.items() if state == "pending"} == {
        IN_PIPELINE, IN_MIDDLEWARE, IN_STORAGE,
    }  # fmt: skip
    assert "3 pages met an error of ours" in first.output


def test_a_mistake_is_met_once_in_a_run(broken_and_mended):
    first = broken_and_mended[0]
    asked = first.asked()
    assert [asked.count(path) for path in (IN_PIPELINE, IN_MIDDLEWARE, IN_STORAGE)] == [1, 1, 1]


def test_when_the_mistakes_are_mended_the_next_run_ends_the_work(broken_and_mended):
    second = broken_and_mended[2]
    assert (second.code, len(second.kept())) == (0, 6)


def test_a_mistake_outside_of_any_page_is_exit_1_too(tmp_path):
    folder = home(tmp_path)
    (folder / "broken.py").write_text(
        "from newsarchive.crawling import frontier\n"
        "class Extension:\n"
        "    def __init__(self):\n"
        "        frontier.Frontier.take = lambda self: 1 / 0\n"
    )
    with stand_in() as site:
        ended = crawl(folder, site, "-s", 'EXTENSIONS={"broken.Extension": 1}', tracebacks=True)
    assert ended.code == 1
    assert {state for state, _ in ended.states().values()} == {"pending"}


def test_a_crawl_that_cannot_begin_is_exit_1_and_nobody_interrupted_it(tmp_path):
    with stand_in() as site:
        ended = crawl(home(tmp_path), site, "-s", 'EXTENSIONS={"nowhere.Extension": 1}', tracebacks=True)
    assert ended.code == 1
    assert "could not begin" in ended.output
    assert ended.asked() == []
