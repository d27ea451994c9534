"""Whose page it is, when it comes without an address."""

import pytest
from page_cases import CARDS, CASES

from newsarchive import pages

CARD = CARDS["alwatan"]
ANSWERS = {
    "text-a-section-headline-signature": True,
    "text-a-sports-with-blank-lines": True,
    "text-unknown-newspaper": True,
    "text-b-flat": False,
    "text-f-feed-item": False,  # the name ends a sentence of the feed, it is no line of its own
    "text-d-amp": False,
    "jannah5-everything": True,
    "amp-twin": True,
    "refused-portal": False,
    "refused-block-page": False,
}


@pytest.mark.parametrize(("name", "expected"), ANSWERS.items())
def test_the_masthead_as_a_whole_line_at_the_edge_names_the_newspaper(name, expected):
    (case,) = (case for case in CASES if case.name.endswith(f"/{name}"))
    assert pages.carries_masthead(case.page, None, CARD) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("نص\nصحيفة الوطن\nنص", False),
        ("نص نشرته صحيفة الوطن", False),
        ("صحيفة الوطن\nنص", True),
        ("نص\n\nصحيفة الوطن\n\nزر الذهاب إلى الأعلى\n", True),
        ("", False),
    ],
)
def test_only_the_edge_of_a_text_counts(text, expected):
    assert pages.carries_masthead(text.encode(), "text/plain", CARD) is expected


def test_the_site_name_in_the_head_counts_too():
    page = (
        '<html><head><meta property="og:site_name" content="صحيفة الوطن"></head><body><p>نص</p></body></html>'
    )
    assert pages.carries_masthead(page.encode(), "text/html", CARD)
