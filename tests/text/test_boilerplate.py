"""Furniture at the edges of a text."""

from newsarchive.text.boilerplate import strip_edges

FURNITURE = {"زر الذهاب إلى الأعلى", "صحيفة الوطن"}


def test_whole_lines_go_from_both_edges_with_the_blank_lines_between():
    lines = ["صحيفة الوطن", "", "أول", "آخر", "", "زر الذهاب إلى الأعلى", "", "صحيفة الوطن", ""]
    assert strip_edges(lines, FURNITURE) == ["أول", "آخر"]


def test_the_same_line_between_lines_of_the_text_stays():
    lines = ["أول", "صحيفة الوطن", "آخر"]
    assert strip_edges(lines, FURNITURE) == lines


def test_the_same_words_inside_a_sentence_stay():
    lines = ["أول", "نشرته صحيفة الوطن", "صحيفة الوطن."]
    assert strip_edges(lines, FURNITURE) == lines


def test_blank_lines_inside_the_text_stay():
    assert strip_edges(["أول", "", "آخر"], FURNITURE) == ["أول", "", "آخر"]


def test_nothing_but_furniture_leaves_nothing():
    assert strip_edges(["", "صحيفة الوطن"], FURNITURE) == []
    assert strip_edges([], FURNITURE) == []
