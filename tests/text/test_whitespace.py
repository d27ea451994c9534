"""White space and invisible marks."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.text.whitespace import are_tidy, tidy


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


@given(
    st.lists(
        st.text(alphabet="كل a  \t\n\x0b\x1f\x85\xa0\u1680\u2003\u200c\u2028\u205f\u3000\u200f\ufeff\ud800")
    )
)
def test_what_is_called_tidy_stays_as_it_is(lines):
    if are_tidy(lines):
        assert [tidy(line) for line in lines] == lines


def test_no_character_that_tidy_takes_out_or_replaces_is_called_tidy():
    changed = [sign for sign in map(chr, range(sys.maxunicode + 1)) if tidy(f"ك{sign}ك") != f"ك{sign}ك"]
    assert not any(are_tidy([f"ك{sign}ك"]) for sign in changed)


def test_printed_lines_are_called_tidy():
    assert are_tidy(["صدر العدد ١٢ من «الوطن»، أمس (الأحد).", "AFP - 12%"])
