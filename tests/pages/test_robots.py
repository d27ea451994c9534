"""What a page and its headers ask of robots."""

import pytest

from newsarchive.pages.robots import wishes

NONE, INDEX, ARCHIVE = frozenset(), frozenset(["noindex"]), frozenset(["noarchive"])


@pytest.mark.parametrize(
    ("page", "asked"),
    [
        ('<meta name="robots" content="noindex, nofollow">', INDEX),
        ("<META CONTENT='NOARCHIVE' NAME='ROBOTS'/>", ARCHIVE),
        ("<meta name=robots content=noarchive>", ARCHIVE),
        ('<meta name="robots"\n content="none">', INDEX),
        ('<meta name="robots" content="noindex"><meta name="robots" content="noarchive">', INDEX | ARCHIVE),
        ('<meta name="robots" content="index, follow, max-image-preview:large">', NONE),
        ('<meta name="googlebot" content="noarchive">', NONE),
        ('<meta name="description" content="robots, noarchive">', NONE),
        ("<p>noindex, noarchive</p>", NONE),
        ("", NONE),
    ],
)
def test_a_page_asks_in_its_meta_element(page, asked):
    assert wishes(page.encode()) == asked


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        (["noarchive"], ARCHIVE),
        (["noindex, nofollow", "noarchive"], INDEX | ARCHIVE),
        (["max-snippet:0, noarchive"], ARCHIVE),
        (["unavailable_after: 25 Jun 2030 15:00:00 PST", "noindex"], INDEX),
        (["otherbot: noindex, noarchive"], NONE),
        ([""], NONE),
    ],
)
def test_a_server_asks_in_its_headers_and_not_of_robots_that_it_names(headers, asked):
    assert wishes(b"<html></html>", headers) == asked


def test_what_is_no_page_and_what_never_ends_asks_nothing():
    assert wishes(bytes(range(256)) * 4000) == NONE
    assert wishes(b"<meta " * 50_000) == NONE
