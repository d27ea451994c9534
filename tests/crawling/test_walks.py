"""A walk through the pages of a source, killed in the middle again and again, still comes to its end."""

import signal

import pytest
from running import check_states, home, rows, scrapy, started

from newsarchive.sample.exchange import Response
from newsarchive.sample.server import serving

HURRY = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False", "-a", "limit=1")
HOST = "alwatan.sy"
ABSENT = Response(404, b"nothing here", "text/plain")


def kind(request):
    if request.path.startswith("/wp-json") or "rest_route" in request.query:
        return "rest"
    if request.path.endswith(".xml"):
        return "sitemap"
    if request.path == "/feed":
        return "feed"
    return "listing" if request.path == "/" or "/category/" in request.path else None


@pytest.mark.parametrize(
    ("only", "killing"),
    [
        ("rest", ("page=2", "page=1", "page=2")),
        ("sitemap", ("post-2.xml", "/wp-sitemap.xml", "post-2.xml")),
        ("feed", ("paged=4", "paged=4", "/feed")),
        ("listing", ("/category/sport/page/2", "/category/sport/page/2", "/category/syria")),
    ],
)
def test_a_walk_killed_at_any_document_is_taken_up_again(tmp_path, only, killing):
    due = []

    def hook(request):
        if request.host != HOST:
            return ABSENT
        if due and request.target.endswith(due[0]):
            due.clear()
            process.send_signal(signal.SIGKILL)
        return ABSENT if kind(request) not in {None, only} else None

    whole, killed = folder_in(tmp_path, "whole"), folder_in(tmp_path, "killed")
    with serving(before=hook) as site:
        words = ("crawl", "alwatan", "-a", f"site={site}", *HURRY)
        scrapy(whole, *words, check=0)
        for target in killing:
            due.append(target)
            process = started(killed, *words)
            process.communicate(timeout=60)
        due.clear()
        scrapy(killed, *words, check=0)
    check_states(killed)
    assert len(addresses(whole)) > 50
    assert addresses(killed) == addresses(whole)


def folder_in(parent, name):
    (parent / name).mkdir()
    return home(parent / name)


def addresses(folder):
    return {row["url"] for row in rows(folder, "SELECT url FROM addresses")}
