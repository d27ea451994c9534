"""Each page case, field by field."""

import pytest
from page_cases import ARTICLES, CASES, REFUSALS, record

from newsarchive.items import Article, Refusal

FIELDS = [(case, field) for case in ARTICLES for field in case.expected]


@pytest.mark.parametrize(("case", "field"), FIELDS, ids=[f"{case.name}:{field}" for case, field in FIELDS])
def test_a_field_is_read_as_it_was_typed_by_hand(case, field):
    assert isinstance(case.found, Article), case.found
    assert record(case.found).get(field) == case.expected[field]


@pytest.mark.parametrize("case", ARTICLES, ids=lambda case: case.name)
def test_nothing_is_known_that_the_page_does_not_say(case):
    assert isinstance(case.found, Article), case.found
    assert set(record(case.found)) - set(case.expected) == set()


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case.name)
def test_what_is_no_article_is_refused_with_the_reason(case):
    assert isinstance(case.found, Refusal), case.found
    assert {"reason": case.found.reason, "links": list(case.found.links)} == {"links": [], **case.refused}
    assert case.found.detail
    assert case.found.url == case.about["url"]


def test_every_case_says_why_it_is_there_and_is_either_article_or_refusal():
    assert len(CASES) > 60
    for case in CASES:
        assert case.about["why"]
        assert (case.expected is None) != (case.refused is None), case.name
