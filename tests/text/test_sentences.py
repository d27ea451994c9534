"""Sentences in the form in which two printings of one are the same."""

import pytest

from newsarchive.text.sentences import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("وصل الوفد. غادر أمس؟ لا!", ["وصل الوفد", "غادر امس", "لا"]),
        ("بلغت النسبة 3.5 نقاط.", ["بلغت النسبه 3 5 نقاط"]),
        ("جملة بلا نقطة\n\nوفقرة أخرى", ["جمله بلا نقطه", "وفقره اخري"]),
        ("قال: «لن نغادر». وأضاف", ["قال لن نغادر", "واضاف"]),
        ("صمت.. ثم تكلم…", ["صمت", "ثم تكلم"]),
        (" . … \n", []),
    ],
)
def test_a_sentence_ends_at_a_stop_or_with_its_line(text, expected):
    assert sentences(text) == expected


def test_tatweel_harakat_and_punctuation_make_no_other_sentence():
    printed = "نقلت وكالــة الأنبـــاء الألمانيــــة، أول أمس، عن نشطاءَ أنّ وفداً خرج."
    assert sentences(printed) == sentences("نقلت وكالة الأنباء الألمانية أول أمس عن نشطاء أن وفدا خرج")
