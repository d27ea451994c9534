"""The rules that an article must keep, each broken once."""

from dataclasses import replace

import pytest

from newsarchive.items import Article, Newspaper, Paragraph, ParagraphKind, PublishedFrom, Reason, Refusal
from newsarchive.pages import clean
from newsarchive.validation import RULES, judge

CARD = Newspaper(
    name="alwatan",
    title="الوطن",
    hosts=("alwatan.sy",),
    timezone="Asia/Damascus",
    readers=("jannah",),
    masthead=("صحيفة الوطن",),
)


def prose(*texts):
    return tuple(Paragraph(ParagraphKind.PROSE, text) for text in texts)


GOOD = Article(
    url="https://alwatan.sy/archives/1",
    newspaper="alwatan",
    title="عنوان",
    paragraphs=prose("نص قصير."),
    reader="jannah",
    published_at="2018-05-28T08:15:00+03:00",
    published_from=PublishedFrom.JSON_LD,
)

BROKEN = [
    ({"title": " "}, Reason.NO_TITLE),
    ({"title": "ع" * 513}, Reason.TITLE_TOO_LONG),
    ({"paragraphs": ()}, Reason.NO_TEXT),
    ({"paragraphs": (Paragraph(ParagraphKind.CAPTION, "صورة"),)}, Reason.NO_TEXT),
    ({"paragraphs": prose("ن" * 1_000_001)}, Reason.BODY_TOO_LONG),
    ({"title": "عنو\ufffdن"}, Reason.UNDECODABLE),
    ({"paragraphs": prose("نص \ufffd\ufffd\ufffd")}, Reason.UNDECODABLE),
    ({"paragraphs": prose("أول", "زر الذهاب إلى الأعلى", "آخر")}, Reason.FURNITURE_IN_BODY),
    ({"paragraphs": prose("أول", "صحيفة الوطن", "آخر")}, Reason.FURNITURE_IN_BODY),
    ({"paragraphs": prose("| الوطن- وكالات نص")}, Reason.AMBIGUOUS),
    ({"paragraphs": prose("أول\nثان")}, Reason.INVALID_RECORD),
    ({"paragraphs": prose("أول", " ")}, Reason.INVALID_RECORD),
    ({"published_from": None}, Reason.INVALID_RECORD),
    ({"published_at": None}, Reason.INVALID_RECORD),
    ({"published_at": "28/05/2018"}, Reason.INVALID_RECORD),
    ({"published_at": "2018-05-28T08:15:00"}, Reason.INVALID_RECORD),
    ({"published_at": "0001-01-01"}, Reason.INVALID_RECORD),
    ({"published_at": "9999-12-31T23:59:59+03:00"}, Reason.INVALID_RECORD),
    ({"modified_at": "منذ ساعتين"}, Reason.INVALID_RECORD),
    ({"language": "\ud800"}, Reason.INVALID_RECORD),
    ({"image_url": "https://alwatan.sy/\ud800"}, Reason.INVALID_RECORD),
    ({"image_url": "javascript:alert(1)"}, Reason.INVALID_RECORD),
    ({"url": "file:///etc/hostname"}, Reason.INVALID_RECORD),
    ({"tags": ("",)}, Reason.INVALID_RECORD),
]


@pytest.mark.parametrize(("fields", "reason"), BROKEN)
def test_a_broken_rule_refuses_with_its_reason(fields, reason):
    refused = judge(replace(GOOD, **fields), CARD)
    assert isinstance(refused, Refusal)
    assert (refused.reason, refused.url) == (reason, fields.get("url", GOOD.url))
    assert refused.detail


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"paragraphs": prose("ن")},
        {"title": "ع" * 512},
        {"paragraphs": prose("نشرته صحيفة الوطن", "زر الذهاب إلى الأعلى هو اسم القصة.")},
        {"published_at": "2018-05-28"},
        {"published_at": None, "published_from": None},
        {"url": None},
        {"paragraphs": prose("حرف تالف \ufffd" + " في نص طويل" * 20)},
    ],
)
def test_an_article_that_keeps_the_rules_comes_back_as_it_is(fields):
    article = replace(GOOD, **fields)
    assert judge(article, CARD) is article


def test_without_a_card_its_masthead_is_an_ordinary_line():
    article = replace(GOOD, newspaper=None, paragraphs=prose("أول", "صحيفة الوطن", "آخر"))
    assert judge(article, None) is article


def test_every_rule_has_a_test():
    assert {rule.reason for rule in RULES} == {reason for _, reason in BROKEN}


def test_cleaning_takes_furniture_from_the_edges_and_tidies_every_text():
    raw = replace(
        GOOD,
        title=" عنوان\u200f ",
        subtitle="\u00a0",
        byline=" الوطن ",
        paragraphs=prose("صحيفة الوطن", "", "نص\u00a0قصير. ", "زر الذهاب إلى الأعلى", " "),
        tags=(" وسم ", ""),
    )
    assert clean(raw, CARD) == replace(GOOD, byline="الوطن", tags=("وسم",))


def test_cleaning_leaves_a_clean_article_as_it_is():
    assert clean(GOOD, CARD) is GOOD
