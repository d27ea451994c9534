"""Names are found in every spelling that the index makes one, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.text.redaction import MARK, Names


@pytest.mark.parametrize(
    ("name", "text", "redacted"),
    [
        ("أحمد العلي", "قال أحمد العلي إنه", f"قال {MARK} إنه"),
        ("أحمد العلي", "قال احمد  العلى.", f"قال {MARK}."),
        ("احمد العلي", "قال أَحْمَد العـــلي.", f"قال {MARK}."),
        ("أحمد العلي", "لأحمد العلي وأحمد العلي فبأحمد العلي", f"ل{MARK} و{MARK} فب{MARK}"),
        ("العلي", "للعلي والعلي", f"ل{MARK} و{MARK}"),
        ("عبد الله", "عبدالله و عبد\u200cالله", f"{MARK} و {MARK}"),
        ("عبدالله", "#عبد_الله", f"#{MARK}"),
        ("فاطمة", "فاطمه وفاطمة", f"{MARK} و{MARK}"),
        ("Ahmad", "said AHMAD.", f"said {MARK}."),
        ("محمد", "محمد محمد", f"{MARK} {MARK}"),
    ],
)
def test_a_name_goes_in_every_spelling(name, text, redacted):
    assert Names([name]).redacted(text) == redacted


@pytest.mark.parametrize("text", ["المحمدية", "محمود", "أحمد", "محمد\n\nعلي", "محمد وعلي"])
def test_what_is_another_word_stays(text):
    assert Names(["محمد علي"]).redacted(text) == text


def test_names_are_counted_and_the_longest_goes_first():
    names = Names(["أحمد", "أحمد العلي"])
    assert names.counts("أحمد العلي وأحمد") == {"أحمد": 1, "أحمد العلي": 1}


@pytest.mark.parametrize("name", ["", " ", "…", "حُجب", MARK])
def test_what_cannot_be_looked_for_is_said(name):
    with pytest.raises(ValueError, match="no name"):
        Names([name])


@given(st.text(alphabet="اأحمدعبلهـ َ-_\n وف.", max_size=40))
def test_redacting_again_changes_nothing_and_no_name_is_left(text):
    names = Names(["أحمد", "عبد الله"])
    once = names.redacted(text)
    assert names.redacted(once) == once
    assert not names.stand_in(once)
