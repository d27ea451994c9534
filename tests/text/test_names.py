"""Spellings of one name."""

import itertools

import pytest

from newsarchive.text import names


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("نبال  إبراهيم", "نبال إبراهيم"),
        ("نبــال إبراهيم", "نبال إبراهيم"),
        ("نِبال إبراهيم", "نبال إبراهيم"),
        ("\u200fنبال إبراهيم\u200e", "نبال إبراهيم"),
        ("نبال\u00a0إبراهيم", "نبال إبراهيم"),
        ("نبال إبراهيم.", "نبال إبراهيم"),
        ("حسن م . يوسف", "حسن م. يوسف"),
        ("حسن م.يوسف", "حسن م. يوسف"),
        ("نبال ابراهيم", "نبال ابراهيم"),  # letters are not touched: hamza stays as it was written
    ],
)
def test_a_name_is_shown_without_marks_and_surplus_blanks(spelling, name):
    assert names.canonical_name(spelling) == name


def test_spellings_that_differ_in_the_hamza_of_an_alef_are_one_name():
    assert names.name_key("نبال ابراهيم") == names.name_key("نبال إبراهيم") == names.name_key("نبال أبراهيم")


@pytest.mark.parametrize(
    ("one", "other"), [("علي عبده", "علي عبدة"), ("هدى ديب", "هدي ديب"), ("رامي حسن", "رامي حسين")]
)
def test_spellings_that_differ_in_another_letter_are_two_names(one, other):
    assert names.name_key(one) != names.name_key(other)


def test_the_name_shown_writes_the_hamzas_in_any_order_of_arrival():
    spellings = ["احمد ابراهيم", "أحمد ابراهيم", "أحمد إبراهيم.", "أحمــد ابراهيم"]
    assert {names.shown_name(order) for order in itertools.permutations(spellings)} == {"أحمد إبراهيم"}


@pytest.mark.parametrize(
    ("spelling", "rule"),
    [("أحمد إبراهيم", "as-printed"), ("أحمــد إبراهيم.", "marks"), ("احمد ابراهيم", "hamza")],
)
def test_the_rule_says_what_joined_a_spelling(spelling, rule):
    assert names.joining_rule(spelling, "أحمد إبراهيم") == rule
