import pytest

from newsarchive import search
from newsarchive.search import explaining


def test_each_word_is_explained_with_what_it_brought(archive):
    reader = archive({"body": "الوزارة"}, {"body": "للوزارات وزارة"}, {"body": "الوزراء"}, {"body": "في"})
    explained = search.explain(reader, search.parse("وزارة في"))
    ministry, within = explained.words
    assert (ministry.word, ministry.base, ministry.stem, ministry.skeleton) == (
        "وزاره",
        "وزاره",
        "وزار",
        "وزر",
    )
    assert (ministry.written, ministry.by_stem, ministry.by_skeleton) == (1, 1, 1)
    assert set(ministry.printed) == {"الوزارة", "للوزارات", "وزارة", "الوزراء"}
    assert within.function
    assert not ministry.function


def test_the_parts_of_a_question_that_are_no_words_are_explained_with_what_they_brought(archive):
    reader = archive(
        {"title": "نفط", "body": "دير الزور كهرباء وغاز"}, {"body": "دير الزور"}, {"body": "كهربائي للغاز"}
    )
    explained = search.explain(
        reader, search.parse('نفط -غاز -"حقل غاز" "دير الزور" كهرب* عنوان:نفط قسم:سورية')
    )
    assert [(part.kind, part.text, part.articles) for part in explained.parts] == [
        ("phrase", "دير الزور", 2),
        ("beginning", "كهرب", 2),
        ("title", "نفط", 1),
        ("excluded", "غاز", 2),
        ("excluded", "حقل غاز", 0),
    ]
    assert explained.query.filters.section == "سورية"


def test_a_word_is_explained_though_another_tool_stored_bytes_that_are_no_text(archive):
    reader = archive({"title": "وزير النفط", "body": b"\xff"})
    (word,) = search.explain(reader, search.parse("الوزير")).words
    assert word.printed == ("وزير",)


def test_words_beyond_the_most_explained_are_named(archive):
    words = [f"كلمة{letter}" for letter in "بتثجحخدذرزسشصضطظعغ"]
    explained = search.explain(archive(), search.parse(" ".join(words)))
    assert len(explained.words) == 16
    assert explained.not_explained == ("كلمهع", "كلمهغ")


def test_of_near_words_the_most_frequent_is_suggested(archive, monkeypatch):
    monkeypatch.setattr(explaining, "_MOST_COUNTED", 3)
    reader = archive(*({"body": "حلب"} for _ in range(5)), *({"body": "جلب"} for _ in range(4)))
    assert search.suggest(reader, "ثلب") == "حلب"


@pytest.mark.parametrize("typed", ["دمشق -دمشثق", "دمشق قسم:دمشثق", "دمشق كهررب*"])
def test_filters_and_what_is_excluded_are_not_suggested_otherwise(archive, typed):
    assert search.suggest(archive({"body": "دمشق كهرب قسم"}), typed) is None


def test_a_part_of_a_longer_word_is_not_replaced(archive):
    assert search.suggest(archive({"body": "دمشق"}), "qdmx دمق دمقراطية") == "qdmx دمشق دمقراطية"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("دمشثق", "دمشق"), ("دشمق", "دمشق"), ("دمق", "دمشق"), ("حرب دمشثق", "حرب دمشق"), ("qdsm", "qdm")],
)
def test_a_word_that_finds_nothing_is_suggested_otherwise(archive, typed, meant):
    reader = archive({"body": "حرب دمشق"}, {"body": "دمشق"}, {"body": "qdm"})
    assert search.suggest(reader, typed) == meant


@pytest.mark.parametrize("typed", ["دمشق", "لدمشق", "زققق", "", "في"])
def test_nothing_is_suggested_where_words_find_something_or_nothing_is_near(archive, typed):
    assert search.suggest(archive({"body": "دمشق"}), typed) is None
