"""The text page that the project began with, read as its newspaper's card reads it."""

import os
from pathlib import Path

import pytest

from newsarchive import pages, validation
from newsarchive.items import Article, ParagraphKind
from newsarchive.spiders.alwatan import AlwatanSpider

SHARED = Path(os.environ.get("NEWSARCHIVE_SHARED", Path(__file__).parents[2].parent / "shared"))
FILES = sorted((SHARED / "seed").glob("*.txt"))
CARD = AlwatanSpider.newspaper

pytestmark = pytest.mark.skipif(not FILES, reason="the seed page is not beside the repository")


@pytest.fixture(scope="module")
def article():
    read = pages.read(FILES[0].read_bytes(), None, None, None, CARD)
    assert isinstance(read, Article)
    judged = validation.judge(pages.clean(read, CARD), CARD)
    assert isinstance(judged, Article)
    return judged


def test_the_masthead_at_its_edge_says_whose_it_is():
    assert pages.carries_masthead(FILES[0].read_bytes(), None, CARD)


def test_its_section_stands_on_the_first_line(article):
    assert article.sections == ("سورية",)


def test_its_headline_keeps_both_its_decks(article):
    assert article.title == "«قسد» تتقدم داخل الرقة.. وأنباء عن أن داعش يفاوض للخروج"


def test_its_signature_names_the_paper_and_agencies_and_no_writer(article):
    signature = (article.byline, article.writer, article.place, article.agency)
    assert signature == ("الوطن- وكالات", None, None, "وكالات")


def test_its_text_is_nine_paragraphs_of_prose(article):
    assert [p.kind for p in article.paragraphs] == [ParagraphKind.PROSE] * 9
    assert article.body.startswith("واصلت حملة «غضب الفرات» التي تقودها")
    assert article.body.endswith("انسحاب الأخير باتجاه تدمر.")


def test_no_furniture_line_is_left(article):
    lines = article.body.splitlines()
    assert "زر الذهاب إلى الأعلى" not in lines
    assert "صحيفة الوطن" not in lines
    assert not any("|" in line for line in lines)


def test_what_a_text_page_does_not_say_is_unknown(article):
    unknown = (
        article.url,
        article.published_at,
        article.published_from,
        article.modified_at,
        article.image_url,
    )
    assert unknown == (None,) * 5
    assert article.subtitle is None
    assert article.tags == ()
    assert article.language == "ar"
