"""Signatures in every form that was seen, and their neighbours."""

import pytest

from newsarchive.items import Newspaper
from newsarchive.pages import bylines

CARD = Newspaper(
    name="alwatan",
    title="الوطن",
    hosts=("alwatan.sy",),
    timezone="Asia/Damascus",
    readers=(),
    masthead=("صحيفة الوطن",),
)

# printed → (byline, writer, place, agency)
SIGNATURES = [
    ("| الوطن- وكالات", "الوطن- وكالات", None, None, "وكالات"),
    ("| الوطن – وكالات", "الوطن – وكالات", None, None, "وكالات"),
    ("|الوطن – وكالات ", "الوطن – وكالات", None, None, "وكالات"),
    ("| حمص _ نبال إبراهيم", "حمص _ نبال إبراهيم", "نبال إبراهيم", "حمص", None),
    (
        "| حمص – نبال إبراهيم – دمشق – وكالات",
        "حمص – نبال إبراهيم – دمشق – وكالات",
        "نبال إبراهيم",
        "حمص، دمشق",
        "وكالات",
    ),
    ("| محمد منار حميجو", "محمد منار حميجو", "محمد منار حميجو", None, None),
    ("| ناصر النجار", "ناصر النجار", "ناصر النجار", None, None),
    ("| محمود قرقورا", "محمود قرقورا", "محمود قرقورا", None, None),
    ("| عصام داري", "عصام داري", "عصام داري", None, None),
    ("| الوطن", "الوطن", None, None, None),
    ("ناصر النجار – الوطن أون لاين", "ناصر النجار – الوطن أون لاين", "ناصر النجار", None, None),
    ("محمود قرقورا – الوطن أون لاين", "محمود قرقورا – الوطن أون لاين", "محمود قرقورا", None, None),
    ("الوطن أون لاين- ناصر النجار", "الوطن أون لاين- ناصر النجار", "ناصر النجار", None, None),
    ("حماة – مراسل الوطن", "حماة – مراسل الوطن", None, "حماة", None),
    ("الوطن – عبير سمير محمود", "الوطن – عبير سمير محمود", "عبير سمير محمود", None, None),
    ("حسن م. يوسف :", "حسن م. يوسف :", "حسن م. يوسف", None, None),
    # neighbours: other separators, spellings, orders
    ("| الوطن — سانا", "الوطن — سانا", None, None, "سانا"),
    ("| الوطن-وكالات", "الوطن-وكالات", None, None, "وكالات"),
    ("| سانا - رويترز", "سانا - رويترز", None, None, "سانا، رويترز"),
    ("| سانا – سانا", "سانا – سانا", None, None, "سانا"),
    ("| وكالات", "وكالات", None, None, "وكالات"),
    ("| أ. ف. ب", "أ. ف. ب", None, None, "أ. ف. ب"),
    ("| أ ف ب – رويترز", "أ ف ب – رويترز", None, None, "أ ف ب، رويترز"),
    ("| «سانا»", "«سانا»", None, None, "«سانا»"),
    ("| وكالــات", "وكالــات", None, None, "وكالــات"),
    ("| دمشق – الوطن", "دمشق – الوطن", None, "دمشق", None),
    ("| دير الزور – مراسل الوطن", "دير الزور – مراسل الوطن", None, "دير الزور", None),
    ("| حلب- خاص الوطن", "حلب- خاص الوطن", None, "حلب", None),
    ("| الوطن – متابعات", "الوطن – متابعات", None, None, None),
    ("| ريف دمشق – عبد المنعم مسعود", "ريف دمشق – عبد المنعم مسعود", "عبد المنعم مسعود", "ريف دمشق", None),
    ("| ريف حمص – نبال إبراهيم", "ريف حمص – نبال إبراهيم", "نبال إبراهيم", "ريف حمص", None),
    ("| اللاذقيه – عبير سمير محمود", "اللاذقيه – عبير سمير محمود", "عبير سمير محمود", "اللاذقيه", None),
    ("| إدلب – وكالات", "إدلب – وكالات", None, "إدلب", "وكالات"),
    ("| ادلب – وكالات", "ادلب – وكالات", None, "ادلب", "وكالات"),
    ("| الوطن ووكالات", "الوطن ووكالات", None, None, "وكالات"),
    ("| حمص وحماة – الوطن", "حمص وحماة – الوطن", None, "حمص، حماة", None),
    (
        "| نبال إبراهيم – محمد منار حميجو",
        "نبال إبراهيم – محمد منار حميجو",
        "نبال إبراهيم، محمد منار حميجو",
        None,
        None,
    ),
    ("| بقلم: عصام داري", "بقلم: عصام داري", "عصام داري", None, None),
    ("| د. بسام أبو عبد الله", "د. بسام أبو عبد الله", "د. بسام أبو عبد الله", None, None),
    ("| محمود قرقورا – تصوير: سامر عمران", "محمود قرقورا – تصوير: سامر عمران", "محمود قرقورا", None, None),
    # what is not understood is not guessed
    ("| نبال", "نبال", None, None, None),
    ("| حمص – نبال", "حمص – نبال", None, "حمص", None),
    ("| دمشق 24", "دمشق 24", None, None, None),
    ("| المنطقة الشرقية من البلاد", "المنطقة الشرقية من البلاد", None, None, None),
]


@pytest.mark.parametrize(("printed", "byline", "writer", "place", "agency"), SIGNATURES)
def test_a_signature_says_writer_place_and_agency(printed, byline, writer, place, agency):
    assert bylines.read(printed, CARD) == bylines.Byline(byline, writer, place, agency)


def test_without_a_card_the_papers_name_is_nobodys():
    assert bylines.read("| الوطن- وكالات", None) == bylines.Byline("الوطن- وكالات", None, None, "وكالات")


@pytest.mark.parametrize(
    "line",
    [
        "ناصر النجار – الوطن أون لاين",
        "الوطن أون لاين- ناصر النجار",
        "حماة – مراسل الوطن",
        "الوطن – عبير سمير محمود",
        "دمشق – سانا",
        "وكالات",
        "الوطن",
    ],
)
def test_a_bare_line_of_known_parts_is_a_signature(line):
    assert bylines.closing(line, CARD) is not None
    assert bylines.opening(line, CARD) is not None


@pytest.mark.parametrize(
    "line",
    [
        "ناصر النجار",  # a name alone may be the article's last words
        "دمشق",
        "حمص – دمشق",
        "وقال المدير لـ«الوطن» إن العمل مستمر.",
        "صحيفة الوطن تنشر نص القرار",
        "وتابعت «الوطن» – نقلاً عن مصدر في المحافظة – أن المشروع مستمر",
        "الجيش 2 – الوطن 1",
        "سانا.",
        "مصدر الخبر : https://example.com/1",
        "",
    ],
)
def test_a_line_of_the_text_is_no_signature(line):
    assert bylines.closing(line, CARD) is None


@pytest.mark.parametrize(
    "line",
    [
        (
            "| الوطن- وكالات واصلت الورشات عملها في المدينة أمس وأنجزت القسم الأكبر من "
            "الخطة التي وضعت لها قبل شهرين من الآن"
        ),
        "| قال المدير إن العمل مستمر.",
        "|",
    ],
)
def test_a_bar_before_a_sentence_opens_no_signature(line):
    assert bylines.opening(line, CARD) is None
