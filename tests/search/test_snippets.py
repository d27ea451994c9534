import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive import search
from newsarchive.text import arabic

LONG = "كلمات كثيرة لا شأن لها بالسؤال تملأ السطور " * 20


@pytest.mark.parametrize(
    ("text", "query", "snippet"),
    [
        ("زار الوزير دمشق", "دمشق", "زار الوزير <mark>دمشق</mark>"),
        ("المُقَاوَمَةُ الشعبية", "مقاومه", "<mark>المُقَاوَمَةُ</mark> الشعبية"),
        ("وللمدارس أبواب", "مدرسة", "<mark>وللمدارس</mark> أبواب"),
        ("في كانون الثاني الماضي", "يناير", "في <mark>كانون</mark> <mark>الثاني</mark> الماضي"),
        ("في يناير الماضي", "كانون الثاني", "في <mark>يناير</mark> الماضي"),
        ("١٧ قتيلاً", "17", "<mark>١٧</mark> قتيلاً"),
        ("سطر أول\n\nسطر ثان", "ثان", "سطر أول سطر <mark>ثان</mark>"),
        ("كهرباء", "كهرب*", "<mark>كهرباء</mark>"),
        ("وزارة الكهرباء", "كهرب*", "وزارة <mark>الكهرباء</mark>"),
        ("في آب", "اب", "في <mark>آب</mark>"),
        ("لا شيء هنا", "دمشق", "لا شيء هنا"),
    ],
)
def test_the_printed_form_is_marked_whatever_form_matched(text, query, snippet):
    assert search.snippet(text, query) == snippet


def test_markup_in_an_article_is_text():
    found = search.snippet('<script>alert("دمشق")</script> & <b>دمشق</b>', "دمشق")
    assert found == (
        "&lt;script&gt;alert(&quot;<mark>دمشق</mark>&quot;)&lt;/script&gt; &amp; &lt;b&gt;<mark>دمشق</mark>&lt;/b&gt;"
    )


def test_two_fragments_of_a_long_text_at_word_boundaries():
    text = f"{LONG} وصلت ناقلة النفط {LONG} إلى مصفاة بانياس {LONG}"
    found = search.snippet(text, "ناقلة النفط مصفاة بانياس")
    assert found.startswith("… ")
    assert found.endswith(" …")
    assert found.count("…") == 3
    assert re.findall("<mark>(.*?)</mark>", found) == ["ناقلة", "النفط", "مصفاة", "بانياس"]
    assert set(plain(found).replace("…", " ").split()) <= set(text.split())
    assert len(plain(found)) < 400


def test_a_word_longer_than_a_fragment_is_shown_whole():
    word = "ا" * 400
    assert search.snippet(f"{LONG} {word} {LONG}", word).count(word) == 1


def plain(snippet):
    return snippet.replace("<mark>", "").replace("</mark>", "")


@given(
    st.text(alphabet="دمشقحلب<>&\"' \n\u0640\u064f\u200f.،-", max_size=600),
    st.sampled_from(["دمشق", "حلب", "د", "شق حلب", "دم*"]),
)
def test_of_any_text_the_snippet_is_safe_and_splits_no_word(text, query):
    found = search.snippet(text, query)
    assert not re.search(r"<(?!/?mark>)|&(?!(?:lt|gt|amp|quot|#x27);)", found)
    words = {part for part in re.split(r"\s+", text) if part}
    unescaped = plain(found)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'"), ("&amp;", "&")):
        unescaped = unescaped.replace(entity, character)
    assert {part for part in re.split(r"\s+", unescaped) if part} - {"…"} <= words


@pytest.mark.parametrize(
    "asked", ["دمشق", "مدارس", "وكاس", "سوريا", "آب", "اغسطس", "في", "17", "facebook", '"بين في"']
)
def test_words_are_marked_alike_whether_they_were_met_before_or_not(asked, monkeypatch):
    text = "دمشقي ودمشق المدرسة والسوريون في آب وأغسطس بين 17مليون Facebook فيسبوك كأس وكاسات كووس مدرّسين"
    monkeypatch.setattr(arabic, "_known", arabic._Spellings())  # noqa: SLF001 - as in a new process
    first = search.snippet(text, asked)
    for run in arabic.raw_runs(text):
        arabic.forms(run)
    assert search.snippet(text, asked) == first
    assert "<mark>" in first


def test_every_character_that_is_printed_for_a_letter_is_scanned_as_that_letter_or_as_unknown():
    characters = [chr(code) for code in range(0x21, 0x20000) if not 0xD800 <= code < 0xE000]
    scanned = [(letter, arabic.folded_octets(letter), arabic.fold(letter)) for letter in characters]
    known = [
        (letter, octets, folded) for letter, octets, folded in scanned if octets != arabic.UNKNOWN_LETTER
    ]
    wrong = [
        letter
        for letter, octets, folded in known
        if re.search("[a-z0-9ء-غف-ي]", folded) and octets != arabic.folded_octets(folded)
    ]
    assert wrong == []
    assert sum(octets.isalnum() or octets in arabic.LETTERS for _, octets, _ in known) > 100


WORDS = [
    "دولة",
    "الدول",
    "ودولته",
    "نساء",
    "للمرأة",
    "آب",
    "أب",
    "أغسطس",
    "سوريا",
    "السوريين",
    "Facebook",
    "فيسبوك",
]
WORDS += [
    "كأس",
    "وكاسات",
    "ﻻعب",
    "لاعب",
    "اﷲ",
    "الله",
    "مدرّسة",
    "مدارس",
    "١٧مليون",
    "17",
    "٣",
    "في",
    "وزا-رة",
    "_وزارة",
    "من",
    "م\u064fـن",
    "ومن",
    "منذ",
    "من5",
    "а\u0645\u0646",
    "ا\u0654ب",
    "الـدول",
    "2017",
    "20 17",
]


ASKED = [*WORDS, '"آب"', '"من في"', '"17"', "دول*", "م*", "عنوان:سوريا", "а"]


@given(
    st.lists(st.sampled_from([*WORDS, "،", "…", "\n"]), max_size=12).map(" ".join),
    st.lists(st.sampled_from(ASKED), min_size=1, max_size=3).map(" ".join),
)
def test_scanning_finds_every_word_that_taking_the_text_apart_finds(text, query):
    scanned, apart = (search.snippets.Marker(search.parse(query)) for _ in range(2))
    apart._finders = None  # noqa: SLF001 - as for letters that are not scanned for
    assert scanned.words(text) == apart.words(text)


def test_a_long_run_takes_no_longer_than_its_letters():
    run = "استفعلن" * 300
    began = time.process_time()
    assert search.snippet(f"{run} دمشق", "مستشفياتك").startswith(run[:10])
    search.snippet(f"{run} دمشق", "م" + "ستعلفن" * 4 + "ق")
    search.snippet(run * 50, "استفعق")
    search.snippet("كتاب،" * 8_000, "كتاب")
    assert time.process_time() - began < 1


def test_a_long_word_of_the_question_is_looked_for_by_its_first_letters():
    long = "abcdefghijklmnopqrstuvwxyz" * 70
    began = time.process_time()
    assert search.snippet(f"{long}z\n{long}", long).endswith(f"<mark>{long}</mark>")
    assert search.snippet(f"{long}z", long) == f"{long}z"
    assert time.process_time() - began < 0.2


TEXTS = ["", "دمشق", "لا شيء\nهنا", f"{LONG} دمشق <b> {LONG} حلب", "دمشق ﷺ\x00", " ", "حلب"]


@given(
    st.lists(st.tuples(st.sampled_from(TEXTS), st.lists(st.sampled_from(TEXTS), max_size=3)), max_size=4),
    st.sampled_from(["دمشق", "حلب دمشق", "ڨ دمشق", "دم*", '"حلب"']),
)
def test_a_page_is_marked_as_its_texts_are_one_by_one(articles, query):
    marker = search.snippets.Marker(search.parse(query))
    alone = [(marker.marked(title), marker.snippet(*texts)) for title, texts in articles]
    assert list(marker.page(articles)) == alone


RELATED = [
    "كتاب وكتب ومكتبات",
    "قافلة قوافلهم",
    "وزير الوزراء ووزرائنا",
    "استقبال واستقبالات",
    "نساء المرأة للنساء",
]


@pytest.mark.parametrize("words", RELATED)
def test_what_stems_leave_out_may_stand_between_letters_that_are_scanned_for(words):
    for asked in words.split():
        found = search.snippet(words, asked)
        scattered = search.snippet("".join(f"{letter}ق" for letter in asked), asked)
        assert found.count("<mark>") > 1
        assert "<mark>" not in scattered
