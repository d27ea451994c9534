"""Nothing that is typed into a search box may fail."""

import pytest
from hostile import HOSTILE, random_texts

from newsarchive import search


@pytest.fixture
def reader(archive):
    return archive({"title": "دمشق", "body": "الرقة وحلب ووزارة النفط، غضب it's a title"}, {"body": "داعش"})


def asked(reader, text):
    for sort in ("relevance", "newest", "oldest"):
        answer = search.ask(reader, text, sort=sort)
        assert len(answer.hits) <= answer.count
    match = search.table_match(text)
    reader.execute("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH ?", (match,)).fetchone()
    search.snippet("الرقة وحلب", text)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_hostile_text_is_answered(reader, text):
    asked(reader, text)
    search.explain(reader, search.parse(text))
    search.suggest(reader, text)


def test_twenty_thousand_random_texts_are_answered(reader):
    for text in random_texts(20_000):
        search.ask(reader, text)
        reader.execute(
            "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH ?", (search.table_match(text),)
        ).fetchone()
