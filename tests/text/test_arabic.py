import unicodedata
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.text.arabic import (
    WITHOUT_OCTET,
    analyse,
    exact,
    fold,
    folded_octets,
    forms,
    keys,
    lexicon,
    pair,
    raw_runs,
    runs,
    spaced,
    spaced_octets,
    tokens,
    words,
)
from newsarchive.text.arabic.stemming import base, skeleton, stem


def only(word):
    (form,) = forms(word)
    return form


@pytest.mark.parametrize(
    ("printed", "folded"),
    [
        ("المُقَاوَمَةُ", "المقاومه"),
        ("محمّد", "محمد"),
        ("هٰذا", "هذا"),
        ("المواقــــع", "المواقع"),
        ("أإآٱ", "اااا"),
        ("مؤشر شائع", "موشر شايع"),
        ("مستشفى", "مستشفي"),
        ("مدرسة", "مدرسه"),
        ("کریم", "كريم"),
        ("پاريس", "باريس"),
        ("٢٠١٧ ۲۰۱۷ 2017", "2017 2017 2017"),
        ("ﺩﻣﺸﻖ", "دمشق"),
        ("ﻻ ﷲ", "لا الله"),
        ("ﷺ", "صلي الله عليه وسلم"),
        ("إ\u0644ى", "الي"),
        ("ا\u0654حمد", "احمد"),
        ("مي\u200cخواهم", "ميخواهم"),
        ("دم\u00adشق", "دمشق"),
        ("\u200fدمشق\u200f \u2067حلب\u2069 \u061cحمص", "دمشق حلب حمص"),
        ("دمشق\ufeff", "دمشق"),
        ("Café ÉCOLE", "cafe ecole"),
        ("«قسد»، 17%", "«قسد»، 17%"),
    ],
)
def test_spellings_of_a_word_fold_to_one(printed, folded):
    assert fold(printed) == folded


def test_the_isolated_presentation_form_of_a_haraka_does_not_split_a_word():
    assert exact("دم\ufe76شق") == "دمشق"


def test_a_word_is_the_same_composed_and_decomposed():
    assert fold(unicodedata.normalize("NFD", "مؤسسة الأئمة آمنة")) == fold("مؤسسة الأئمة آمنة")


NEWS = "".join(map(chr, [*range(0x100), *range(0x0600, 0x0700), *range(0x2000, 0x2040)])) + "ﷺﻻ½\u0378"


@given(st.one_of(st.text(), st.text(st.sampled_from(NEWS))))
def test_a_text_is_folded_alike_whatever_character_stands_beside_it(text):
    assert fold(f"{text} ﷲ") == f"{fold(text)} الله"


@given(st.one_of(st.text(), st.text(st.sampled_from(NEWS))))
def test_the_words_of_a_text_are_spaced_whatever_stands_between_them(text):
    assert spaced(text).split(" ") == ["", *words(text), ""]


@given(
    st.one_of(st.text(), st.text(st.sampled_from(NEWS)), st.text(st.sampled_from("اﷺ1١१a²аΣ … ـ_\0\1\xff")))
)
def test_the_octets_of_spaced_words_stand_for_their_letters_and_digits(text):
    octets = spaced_octets(text)
    assert len(octets) == len(spaced(text))
    for of_word, word in zip(octets.split(b" "), spaced(text).split(" "), strict=True):
        for at, letter in enumerate(word):
            octet = of_word[at : at + 1]
            assert octet in WITHOUT_OCTET or spaced_octets(letter) == b" %b " % octet


@given(st.one_of(st.text(), st.text(st.sampled_from(NEWS))))
def test_the_octets_of_a_text_are_as_many_as_its_characters(text):
    assert len(folded_octets(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("17مليون", "17 مليون"),
        ("1440هـ", "1440 ه"),
        ("د. ب. أ", "د ب ا"),
        ("أول_أمس", "اول امس"),
        ("دمشق-حلب", "دمشق حلب"),
    ],
)
def test_words_are_runs_of_letters_or_of_digits(text, words):
    assert exact(text) == words


FAMILIES_BY_STEM = [
    "سوريا سورية سوريه والسورية لسورية السوريين بسوريا",
    "أمريكا أميركا الأمريكية الأميركيون",
    "مئة مائة بالمئة مئات",
    "مسؤول مسئول مسؤولو المسؤولين لمسؤوليه",
    "مدرسة المدرسة لمدرستهم مدرستين",
    "مدينة المدن مدينتين والمدينة",
    "قوات القوة وقواتها قواتهم للقوات",
    "محافظة المحافظات وبالمحافظة محافظ",
    "لبنان اللبنانية لبناني ولبنان اللبنانيون",
    "فلسطين الفلسطينيون وفلسطين فلسطينية",
    "وزارة والوزارات ووزارة بوزارة ووزاراتهم",
    "وزير لوزيرهم الوزير",
    "لجنة اللجان للجنة ولجنتها",
    "مستشفى المستشفيات مشافي مشفى للمشفى",
    "ضحية ضحايا للضحايا",
    "بيئة البيئية بيئي",
    "شأن شؤون الشؤون شئون",
    "تلفزيون التلفزيونية تلفاز",
    "لاجئ اللاجئين للاجئين ولاجئون",
    "آب أغسطس",
    "نيسان أبريل",
    "آذار مارس",
    "يوليو تموز",
    "فيسبوك الفايسبوك فيسبك",
    "قال وقال قالت وقالوا",
    "يقول سيقول وسيقول",
    "مبنى بالمبنى المبنى",
]


@pytest.mark.parametrize("family", FAMILIES_BY_STEM)
def test_inflections_and_aliases_of_a_word_share_a_stem(family):
    assert len({only(word).stem for word in family.split()}) == 1, [only(word) for word in family.split()]


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("أكتوبر", "كبير الكبرى أكبر"),
        ("نيسان", "برلين"),
        ("آذار", "ممارسة"),
        ("ألمانيا", "لمن"),
        ("المرأة", "للمرة"),
        ("بناء", "لبنان"),
    ],
)
def test_a_name_shares_nothing_with_words_of_its_consonants(name, others):
    for other in others.split():
        assert not set(tokens(only(name))) & set(tokens(only(other)))
        assert only(name).skeleton != only(other).skeleton


def test_what_one_word_of_a_family_finds_finds_that_word():
    for name, first in ((only(name), only(first)) for name, first in lexicon.FAMILIES.items()):
        if name.stem and first.stem:  # folded, فئة is the function word فيه
            assert set(tokens(name)) & {token for token in first if token}, name
            assert set(tokens(first)) & {token for token in name if token}, name


@pytest.mark.parametrize(
    "family",
    [
        "وزير الوزراء وزارة",
        "مجلس مجالس للمجلس",
        "هجوم هجمات مهاجم",
        "انفجار تفجير انفجارات",
        "كتاب كتب كاتب مكتب",
        "طالب طلاب الطلبة",
        "مدرسة مدارس",
        "موقع مواقع توقيع",
        "اقتراح مقترح يقترح",
        "استقبال يستقبل مستقبل",
        "اقتصاد الاقتصادية",
        "شهيد شهداء استشهد",
        "تظاهر متظاهر مظاهرة",
    ],
)
def test_broken_plurals_and_derived_forms_share_a_skeleton(family):
    assert len({only(word).skeleton for word in family.split()}) == 1, [only(word) for word in family.split()]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("دار", "إدارة"),
        ("سور", "سوريا"),
        ("لبن", "بناء"),
        ("المانيا", "الم"),
        ("زمن", "الزام"),
        ("وطن", "طن"),
    ],
)
def test_unrelated_words_stay_apart(one, other):
    assert only(one).stem != only(other).stem


@pytest.mark.parametrize(
    "word", ["وزير", "بلد", "لبنان", "كتاب", "فريق", "سلام", "باريس", "والد", "كهرباء", "فنان", "سعر"]
)
def test_a_first_letter_of_the_root_is_no_proclitic(word):
    assert base(word) == fold(word)


@pytest.mark.parametrize(
    ("word", "bare"),
    [
        ("والكتاب", "كتاب"),
        ("بالمدرسه", "مدرسه"),
        ("للجنوب", "جنوب"),
        ("للجنه", "لجنه"),
        ("لللاجيين", "لاجيين"),
        ("فسيكتبون", "يكتبون"),
        ("ببيروت", "بيروت"),
        ("ووزارته", "وزارته"),
        ("بادواره", "ادواره"),
        ("التزام", "التزام"),
        ("والتفريغ", "تفريغ"),
        ("كالعاده", "عاده"),
    ],
)
def test_proclitics_go_and_nothing_else(word, bare):
    assert base(word) == bare


def test_the_month_is_not_the_father():
    assert only("آب").stem == "اغسطس"
    assert only("الأب").stem != "اغسطس"


def test_names_of_two_words_share_the_stem_of_the_name_of_one():
    assert pair("كانون", "الثاني").stem == only("يناير").stem
    assert pair("دي", "ميستورا").stem == only("ديمستورا").stem
    assert pair("كانون", "دمشق") is None


def test_a_text_gives_every_token_once_a_word():
    assert analyse("والوزراء في دمشق") == ("والوزراء في دمشق", "وزراء وزر", "")
    assert analyse("كتاب") == ("كتاب", "", "كتب")


def test_what_a_form_is_looked_for_by_stands_in_its_columns():
    for run in raw_runs("والمدارس الانفجارات سورية مئة كانون آب 17مليون مستشفياتها"):
        tokens = analyse(run)
        for form in forms(run):
            assert form.exact in tokens.exact.split()
            assert form.base in f"{tokens.exact} {tokens.stem}".split()
            assert form.stem in f"{tokens.exact} {tokens.stem}".split()
            assert form.skeleton in " ".join(tokens).split()


def test_words_of_one_stem_have_one_key():
    words = " ".join(FAMILIES_BY_STEM).split()
    for one, other in combinations(words, 2):
        if only(one).stem == only(other).stem and "آب" not in {one, other}:
            assert keys([one]) == keys([other])


@pytest.mark.parametrize(
    "table",
    [
        lexicon.FUNCTION_WORDS,
        lexicon.RADICAL_ROOTS,
        lexicon.RADICAL_STARTS,
        lexicon.RADICAL_AL,
        lexicon.RADICAL_AL_STARTS,
        lexicon.FAMILIES,
        lexicon.AS_PRINTED.values(),
        [word for words in lexicon.PAIRS for word in words],
    ],
)
def test_the_tables_are_folded(table):
    assert [word for word in table if fold(word) != word] == []


@given(st.text())
def test_any_text_can_be_analysed_and_folding_twice_is_folding_once(text):
    analyse(text)
    assert fold(fold(text)) == fold(text)
    assert "".join(run.group() for run in runs(text)) == "".join(raw_runs(text))


@given(st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهويءةىأإآؤئ", min_size=1, max_size=12))
def test_stems_of_any_letters_are_never_empty_and_never_longer(word):
    folded = fold(word)
    assert 0 < len(base(folded)) <= len(folded)
    assert stem(base(folded))
    assert skeleton(stem(base(folded)))
