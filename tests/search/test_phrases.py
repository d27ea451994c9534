"""A phrase finds the articles that have its words in their order, by whatever way they are looked for."""

import random

import pytest

from newsarchive import search
from newsarchive.search import ranking
from newsarchive.storage import bitmaps

PHRASES_WITH_FUNCTION_WORDS = (
    "من قبل ان", "وزير من قبل", "من قبل وزير", "النفط من قبل وزير", "وزير النفط على", "من وزير من", "وزير من وزير",
)  # fmt: skip


@pytest.mark.parametrize("phrase", PHRASES_WITH_FUNCTION_WORDS)
@pytest.mark.parametrize("rows", [None, 16])
def test_a_phrase_with_function_words_finds_what_has_its_words_in_their_order(
    archive, connection, phrase, rows
):
    chance = random.Random(1)
    bodies = [" ".join(chance.choices(["من", "قبل", "ان", "على", "وزير", "النفط"], k=30)) for _ in range(60)]
    reader = archive(*({"body": body} for body in bodies))
    if rows:
        bitmaps.complete(connection, rows=rows)
    wanted = [number for number, body in enumerate(bodies, 1) if f" {phrase} " in f" {body} "]
    assert 0 < len(wanted) < 60
    found = search.ask(reader, f'"{phrase}"', sort="oldest", size=100)
    assert [hit.id for hit in found.hits] == wanted


def test_a_phrase_is_found_in_an_index_that_has_no_pairs_of_function_words(archive, connection):
    reader = archive({"body": "خبر"})
    connection.execute("INSERT INTO articles_fts (rowid, body_exact) VALUES (1000, 'جاء من قبل ان')")
    connection.execute("UPDATE articles SET index_version = 1")
    assert search.ask(reader, '"من قبل ان"', sort="newest").count == 1


@pytest.mark.parametrize("sort", ["newest", "oldest"])
@pytest.mark.parametrize("page", [1, 2, 5])
def test_of_many_articles_with_a_phrase_the_first_are_listed_and_the_rest_counted(
    archive, monkeypatch, sort, page
):
    reader = archive(*({"body": "وزير النفط السابق" if n % 3 else "النفط"} for n in range(60)))
    monkeypatch.setattr(ranking, "_NEAR", 12)
    answers = []
    for most in (1, 7, 39, 40, 100):
        monkeypatch.setattr(ranking, "_FEW_WITH_EVERY", most)
        answers.append(search.ask(reader, '"النفط السابق"', sort=sort, page=page, size=7))
    assert answers[0].count == 40
    assert len(answers[0].hits) == 7
    assert all(answer == answers[0] for answer in answers)
