import pytest

from newsarchive.search import resemblance
from newsarchive.search.query import parse
from newsarchive.search.resemblance import resemblances

TEXTS = ["وصل إلى غابس أمس", "غابس: الباك سبور في غابس", "…", "رغابسة 17مليون", "في سوق الخضر"]


@pytest.mark.parametrize("other", ["ڨ", "ڥ", "ج", "Ж"])
def test_a_letter_counts_alike_whether_an_octet_stands_for_it_or_not(other):
    expected = resemblances(parse("الباك غابس").words, TEXTS)
    texts = [text.replace("غ", other) for text in TEXTS]
    assert resemblances(parse(f"الباك {other}ابس").words, texts) == expected
    assert expected[1] > expected[0] > expected[2] == 0


def test_a_digit_counts_alike_whether_an_octet_stands_for_it_or_not():
    texts = ["عام 21", "عام 12م", "12 21", "عام"]
    devanagari = [text.translate({ord("1"): "१", ord("2"): "२"}) for text in texts]
    assert resemblances(parse("عام १२").words, devanagari) == resemblances(parse("عام 12").words, texts)


def test_of_a_text_its_beginning_is_read():
    long = "كلمة " * 10_000
    first, second, third = resemblances(
        parse("وزارة النفط").words, [f"وزارة {long}", f"{long} وزارة", "وزارة"]
    )
    assert third > first > second == 0


def test_what_begins_with_the_words_comes_before_what_mentions_them_further_on():
    filler = "كلمة أخرى " * 100
    begins, mentions, neither = resemblances(
        parse("تصدير الزيتون").words, [f"تصدير الزيتون {filler}", f"{filler} تصدير الزيتون", filler]
    )
    assert begins > mentions > neither == 0


def test_a_letter_without_an_octet_counts_in_the_beginning_too():
    filler = "كلمة أخرى " * 100
    scores = [
        resemblances(parse(f"{letter}ابس").words, [f"{letter}ابس {filler}", f"{filler} {letter}ابس", filler])
        for letter in "غЖ"
    ]
    assert scores[0] == scores[1]
    assert scores[0][0] > scores[0][1] > scores[0][2]


def test_beginnings_are_compared_as_texts_of_their_own_length(monkeypatch):
    question, filler = parse("تصدير الزيتون").words, "كلمة أخرى "
    texts = [f"تصدير الزيتون {filler * times}" for times in (40, 600)] + [filler * 40]
    together = resemblances(question, texts)
    of_beginnings = [score / 2 for score in resemblances(question, [text[:298] for text in texts])]
    monkeypatch.setattr(resemblance, "_LEAD", 1)
    of_texts = resemblances(question, texts)
    added = [whole - text for whole, text in zip(together, of_texts, strict=True)]
    assert added == pytest.approx(of_beginnings, rel=0.01)
    assert added[0] == pytest.approx(added[1], rel=0.01)
