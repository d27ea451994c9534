import pytest

from newsarchive import search


def test_each_word_is_explained_with_what_it_brought(archive):
    reader = archive({"body": "الوزارة"}, {"body": "للوزارات وزارة"}, {"body": "الوزراء"}, {"body": "في"})
    explained = search.explain(reader, "وزارة في")
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


def test_the_parts_of_a_question_that_are_no_words_are_told_too(archive):
    query = search.explain(archive(), 'نفط -غاز "دير الزور" قسم:سورية').query
    assert query.phrases == (("دير", "الزور"),)
    assert query.filters.section == "سورية"
    assert len(query.excluded) == 1


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
