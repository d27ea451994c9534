"""What people and robots type into search boxes: nothing may fail."""

import random

import pytest

from newsarchive import search

HOSTILE = [
    '"غضب',
    "وزارة: النفط",
    "الرقة -دمشق",
    "(الرقة",
    " ",
    '"',
    "\0",
    "a\0b",
    "*",
    "AND",
    "OR",
    "NOT",
    "-داعش",
    "it's",
    "NEAR(",
    "NEAR(دمشق حلب, 5)",
    "title:",
    "{body_exact}: دمشق",
    "دمشق AND OR NOT",
    "^دمشق",
    "دمشق + حلب",
    "';DROP TABLE articles;--",
    "%_%",
    "\ud800",
    "😀",
    "\U000f0000",
    "ـ" * 5000,
    "دمشق " * 3000,
    "ا" * 20000,
    "(" * 5000,
    '"' * 5001,
    "-" * 5000,
    "قسم:" * 500,
    "حلب قسم:\ud800x",
]


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
    chance = random.Random(20171)
    pieces = [
        *"\"'()[]{}*+-:^~&|!.,؛،؟%$#@/\\<>«»\t\n\0\u0640\u064f\u200f\u200c\ufeff\u0651٣3aZé",
        *"ابتثجحخدذرزسشصضطظعغفقكلمنهويءةىأ",
        *("AND", "OR", "NOT", "NEAR", "دمشق", "قسم:", "title:", "منذ:", '"دمشق حلب"', "-حلب", "وزار*"),
    ]
    for _ in range(20_000):
        text = "".join(chance.choice(pieces) for _ in range(chance.randint(0, 12)))
        search.ask(reader, text)
        reader.execute(
            "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH ?", (search.table_match(text),)
        ).fetchone()
