"""Bytes → text → tree: encodings, what is no page, and what would make a tree builder explode."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.items import Reason
from newsarchive.pages.html import UnreadableError, check_nesting, decode, has_few_elements, open_page

ARABIC = "<html><body><p>افتتحت المؤسسة صالة جديدة في المدينة، وقال المدير إن العمل مستمر.</p></body></html>"


def reason_of(body, content_type="text/html"):
    with pytest.raises(UnreadableError) as caught:
        open_page(body, None, content_type)
    return caught.value.reason


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (ARABIC.encode(), "text/html; charset=UTF-8"),
        (ARABIC.encode(), None),
        (ARABIC.encode(), "text/html; charset=windows-1256"),  # the header lies, the bytes do not
        (ARABIC.encode(), "text/html; charset=no-such-thing"),
        (b"\xef\xbb\xbf" + ARABIC.encode(), None),
        (ARABIC.encode("utf-16"), None),
        (ARABIC.encode("utf-16-le"), "text/html; charset=utf-16le"),
        (ARABIC.encode("windows-1256"), "text/html; charset=windows-1256"),
        (ARABIC.encode("windows-1256"), "text/html; charset=utf-8"),
        (ARABIC.encode("windows-1256"), "text/html; charset=ISO-8859-1"),
        (ARABIC.encode("windows-1256"), None),
        (ARABIC.encode("iso8859-6"), "text/html; charset=iso-8859-6"),
    ],
)
def test_arabic_is_decoded_whatever_the_header_says(body, content_type):
    assert decode(body, content_type) == ARABIC


def test_a_charset_is_read_from_the_page_too():
    page = '<html><head><meta charset="windows-1252"></head><body><p>Größe, déjà vu</p></body></html>'
    assert decode(page.encode("windows-1252"), "text/html") == page


def test_a_european_page_declared_latin_is_not_taken_for_arabic():
    page = "<p>" + "Die Größe der Häuser überraschte später auch die Gäste. " * 20 + "</p>"
    assert decode(page.encode("latin-1"), "text/html; charset=iso-8859-1") == page


def test_a_cut_inside_the_last_character_leaves_one_mark():
    text = "ب" * 1000
    assert decode(text.encode()[:-1], None) == "ب" * 999 + "\ufffd"


def test_nul_and_inner_byte_order_marks_are_taken_out():
    assert decode(("<p>كلمة\0\ufeff" + "كلمة " * 50 + "</p>").encode(), None).startswith("<p>كلمةكلمة")


def test_bytes_without_any_sensible_encoding_are_refused():
    assert reason_of(b"<p>" + bytes(range(0x80, 0x100)) * 4 + b"</p>") is Reason.UNDECODABLE


def test_text_spoiled_before_it_was_written_is_refused():
    spoiled = ARABIC.encode("windows-1256").decode("latin-1") * 3
    assert reason_of(spoiled.encode()) is Reason.UNDECODABLE


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"", "text/html", Reason.EMPTY_ANSWER),
        (b" \r\n\t", "text/html", Reason.EMPTY_ANSWER),
        (b"%PDF-1.4\n%%EOF\n", "text/html", Reason.NOT_HTML),
        (b"\x89PNG\r\n\x1a\n\0\0", "image/png", Reason.NOT_HTML),
        (b"\0\1\2\3" * 100, "text/html", Reason.NOT_HTML),
        (b'{"code":"rest_no_route"}', "application/json", Reason.NOT_HTML),
        (b'{"html":"<p>text</p>"}', "text/html", Reason.NOT_HTML),
        (b'<?xml version="1.0"?><rss><channel/></rss>', "text/xml", Reason.NOT_HTML),
        (b"<urlset><url/></urlset>", "text/html", Reason.NOT_HTML),
        (b"body { color: red }", "text/css", Reason.NOT_HTML),
        (b"<html><body><p>cut in the mid", "text/html", Reason.INCOMPLETE),
        (b"<html>" + b"x" * 10_000_000, "text/html", Reason.TOO_LARGE),
    ],
)
def test_what_is_no_page_is_refused_with_the_reason(body, content_type, reason):
    assert reason_of(body, content_type) is reason


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 100_000,
        "<DIV class='x'>" * 30_000 + "</div>" * 30_000,
        "<b>" * 27_000,
        "<p><b>" * 9_000,
        "<div></span>" * 20_000,
        "<blockquote><p>" * 5_000,
        "<table><tr><td></div>" * 2_000,
        "<!-- </div> --><div>" * 2_000,
        "<script>'</div>'</script><div>" * 2_000,
        "<font color=red>" * 300,
    ],
    ids=lambda text: text[:24],
)
def test_what_makes_a_tree_builder_explode_is_refused_quickly(hostile):
    start = time.process_time()
    assert reason_of(f"<html><body>{hostile}</body></html>".encode()) is Reason.TOO_DEEP
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "long",
    [
        "<p>text" * 5_000,
        "<ul>" + "<li>item" * 5_000 + "</ul>",
        "<div><span>x</span></div>" * 5_000,
        "<br>" * 5_000 + "<img src=a>" * 5_000,
        "<div>" * 500 + "</div>" * 500,
        "<script>" + "'<div>' + " * 5_000 + "</script>",
        "<!--" + "<div>" * 5_000 + "-->",
        "<i></i>" * 5_000,
        "<a href=x>link</a>" * 5_000,
    ],
    ids=lambda text: text[:24],
)
def test_a_long_page_is_not_a_deep_one(long):
    check_nesting(long)


@pytest.mark.parametrize("cut", ["<!--", "<script>", "<style>", "<!-- - -- ", "<", "</"])
def test_the_scan_is_linear_in_marks_that_are_never_closed(cut):
    start = time.process_time()
    check_nesting(cut * 50_000)
    assert time.process_time() - start < 1


TAGS = st.sampled_from(
    [
        "<div>",
        "</div>",
        "<b>",
        "<I>",
        "</b>",
        "<p>",
        "<br>",
        "<!--",
        "-->",
        "<script>",
        "</script>",
        "<a href=x>",
        "x",
    ]
)


@given(st.lists(st.tuples(TAGS, st.integers(1, 300)), max_size=8))
def test_what_few_tags_excuse_from_the_scan_passes_it(runs):
    text = "".join(tag * times for tag, times in runs)
    if has_few_elements(text.encode()):
        check_nesting(text)


@pytest.mark.parametrize("wrong", ["windows-1252", "windows-1256", "latin-1"])
def test_arabic_in_utf8_that_was_read_in_a_wrong_encoding_is_refused(wrong):
    text = "واصلت حملة غضب الفرات تقدمها داخل مدينة الرقة بعد معارك عنيفة " * 5
    spoiled = text.encode().decode(wrong, "replace")
    with pytest.raises(UnreadableError) as refused:
        decode(f"<html><body><p>{spoiled}</p></body></html>".encode(), "text/html; charset=utf-8")
    assert refused.value.reason == "undecodable"


@pytest.mark.parametrize(
    "text", ["طظطظ " * 8, "Øresund Ø Ørsted " * 6 + "på håndbold så " * 20, "الطائرات تحط وتطير " * 40]
)
def test_texts_that_are_rich_in_such_letters_are_not(text):
    assert decode(text.encode(), None) == text
