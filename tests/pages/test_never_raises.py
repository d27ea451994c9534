"""Whatever bytes come, the readers answer with an article or a refusal."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from page_cases import ARTICLES, CARDS, CASES

from newsarchive import pages, validation
from newsarchive.items import Article, Refusal

PIECES = st.sampled_from(
    """<html>
</html>
<body class='single-post home'>
<article id="the-post" class="post-listing">
<div class="entry-content entry">
</div>
<h1 class="entry-title">
</h1>
<p>
<br>
<table>
<td>
<tr>
<div class="x">
<a href='http://[bad'>
| الوطن- وكالات
نص.
\x00
\ud800
<script type="application/ld+json">
{"@graph":[{"@type":["Article"],"headline":[1],"datePublished":5}]}
</script>
<meta property="article:published_time" content="9999-12-31T23:59:59-12:00">
<div class="multiple-post-pages"><a href="//">٢</a></div>
<pre>
<figcaption>
&#xD800;
<!--
<ul><li>
<svg><title>
<template>
<noscript>
<a href='x.pdf'>
<time datetime="2020">
<div id="breadcrumb"><a href="http://[::1">
Site icon \x20
زر الذهاب إلى الأعلى
<title>""".splitlines()
)


def answer(body, content_type=None, card="alwatan"):
    found = pages.read(body, "https://alwatan.sy/archives/1", content_type, None, CARDS[card])
    if isinstance(found, Article):
        cleaned = pages.clean(found, CARDS[card])
        assert pages.clean(cleaned, CARDS[card]) is cleaned
        found = validation.judge(cleaned, CARDS[card])
    assert isinstance(found, (Article, Refusal))
    found.record()
    return found


@settings(max_examples=300, deadline=None)
@given(
    st.lists(PIECES, max_size=40),
    st.sampled_from([None, "text/html", "text/html; charset=hex", "text/plain"]),
)
def test_any_order_of_markup_is_answered(pieces, content_type):
    answer("".join(pieces).encode("utf-8", "surrogatepass"), content_type)


@pytest.mark.parametrize(
    "data",
    ['{"headline": ' + "9" * 5000 + "}", '{"headline": ' + "[" * 9000 + "]" * 9000 + "}"],
    ids=["a number of thousands of digits", "thousands of levels"],
)
def test_structured_data_that_json_does_not_take_leaves_the_article(data):
    (case,) = [case for case in ARTICLES if case.name == "alwatan/jannah5-everything"]
    script = f'<script type="application/ld+json">{data}</script></body>'.encode()
    damaged = case.page.replace(b"</body>", script)
    assert damaged != case.page
    assert answer(damaged).paragraphs == case.found.paragraphs


def test_a_picture_whose_address_no_file_can_hold_is_mended():
    title = "عنوان"
    page = (
        f"<!doctype html><html><body class=single-post><article id=the-post class=post-content>"
        f"<h1 class=entry-title>{title}</h1><div class='entry-content entry'><p>نص.</p></div></article>"
        f'<script type="application/ld+json">{{"@type": "Article", "headline": "{title}",'
        ' "image": "https://alwatan.sy/\\ud800.jpg"}</script></body></html>'
    )
    assert answer(page.encode()).image_url == "https://alwatan.sy/\ufffd.jpg"


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([None, "text/html", "text/html; charset=utf-16", "; charset=idna"]),
)
def test_any_bytes_are_answered(body, content_type):
    answer(body, content_type)
    pages.carries_masthead(body, content_type, CARDS["alwatan"])


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_answered(text):
    answer(text.encode("utf-8", "surrogatepass"), "text/plain", None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_page_with_random_damage_is_answered(case):
    chance = random.Random(case.name)
    for _ in range(8):
        page = bytearray(case.page)
        for _ in range(chance.randrange(1, 30)):
            where = chance.randrange(len(page))
            page[where : where + chance.randrange(6)] = bytes(
                chance.randrange(256) for _ in range(chance.randrange(4))
            )
        answer(bytes(page))


@pytest.mark.parametrize("case", ARTICLES, ids=lambda case: case.name)
def test_what_a_reader_gave_needs_no_more_cleaning(case):
    card = CARDS[case.about["newspaper"]]
    assert pages.clean(case.found, card) is case.found


def test_reading_twice_gives_the_same():
    for case in ARTICLES:
        assert case.read() == case.read()


def test_a_card_that_names_an_unknown_reader_is_an_error_of_the_card():
    card = replace(CARDS["alwatan"], readers=("no-such-layout",))
    with pytest.raises(KeyError):
        pages.read(b"<html></html>", None, None, None, card)
