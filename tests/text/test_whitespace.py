"""White space and invisible marks."""

import pytest

from newsarchive.text.whitespace import tidy


@pytest.mark.parametrize(
    ("printed", "tidied"),
    [
        ("  كلمة \t\n كلمة  ", "كلمة كلمة"),
        ("كلمة\u00a0كلمة", "كلمة كلمة"),
        ("كلمة\u2003\u2009كلمة", "كلمة كلمة"),
        ("\u00a0", ""),
        ("\u200fكلمة\u200e", "كلمة"),
        ("\u202bكلمة\u202c", "كلمة"),
        ("\u2067كلمة\u2069", "كلمة"),
        ("\u061cكلمة", "كلمة"),
        ("\ufeffكلمة", "كلمة"),
        ("كل\u00adمة", "كلمة"),
        ("كل\u200bمة", "كلمة"),
        ("كلمة\x00", "كلمة"),
        ("كلمة\x08", "كلمة"),
        ("كلمة\ud800", "كلمة\ufffd"),
        ("كلمة\u2028كلمة", "كلمة كلمة"),
    ],
)
def test_blanks_become_one_and_invisible_marks_go(printed, tidied):
    assert tidy(printed) == tidied


@pytest.mark.parametrize(
    ("printed", "tidied"),
    [
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("ه\u200d", "ه"),
        ("\u200cكلمة", "كلمة"),
        ("كلمة \u200c كلمة", "كلمة كلمة"),
        ("مُ\u200cبين", "مُ\u200cبين"),
    ],
)
def test_a_joiner_stays_inside_a_word_only(printed, tidied):
    assert tidy(printed) == tidied


@pytest.mark.parametrize(
    "printed",
    [
        "وكالــة الأنبـــاء",
        "لـ«الوطن»",
        "أيّما صُبغ دليلٌ مضنٍ وبيَّنَ",
        "١٩٩٧/١٩٩٨ و1997",
        "“سانا” ”الوطن” « الوطن أون لاين »",
        "الممتاز..فوز … تعادل",
        "e\u0301 and é",  # nothing is composed
    ],
)
def test_letters_tatweel_harakat_digits_and_quotes_stay_as_printed(printed):
    assert tidy(printed) == printed
