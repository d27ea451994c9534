"""A page quotes an article in whatever way its bytes write the address, the headline or the first words."""

import json
from urllib.parse import quote

import pytest

from newsarchive.removal import quoting
from newsarchive.text.redaction import Names

TITLE = "المجلس يقرّ موازنة العام المقبل"
SLUG = "https://alwatanonline.com/" + quote("المجلس-يقر-موازنة-العام-المقبل")
ROW = {
    "title": TITLE,
    "subtitle": None,
    "paragraphs": None,
    "body": "قال رئيس اللجنة إن الأرقام نهائية ولن تتغير. نعم.",
}


def known(url="https://alwatan.sy/archives/5211", names=None):
    return [quoting.quoted([url], [ROW], names)]


def quotes(text, what=None, kind="text/html"):
    return quoting.quotes(quoting.readable("", text.encode(), kind), what or known())


@pytest.mark.parametrize(
    "text",
    [
        '<a href="https://www.alwatan.sy/archives/5211/">x</a>',
        "<loc>http://alwatan.sy/?p=5211</loc>",
        '{"id":5211,"link":"x"}',
        '{"link":"https:\\/\\/alwatan.sy\\/archives\\/5211"}',
        '<article class="post-5211 post">',
        f"<h2>{TITLE}</h2>",
        f'<a title="{TITLE}">',
        "<h2>المجلس <b>يقر</b> موازنةَ العام المقبل</h2>",
        json.dumps({"title": TITLE}),
        "".join(f"&#{ord(letter)};" for letter in TITLE),
        quote(TITLE),
        "<p>قال رئيس اللجنة إن الأرقام نهائية ولن تتغير…</p>",
    ],
)
def test_it_quotes(text):
    assert quotes(text)


@pytest.mark.parametrize(
    "text", ["<loc>https://alwatan.sy/archives/52112</loc>", "<p>المجلس يقر موازنة</p>", '{"id":15211}', ""]
)
def test_it_does_not_quote(text):
    assert not quotes(text)


def test_a_slug_is_found_by_its_words_and_a_short_one_as_it_is():
    assert quotes(f"<loc>{SLUG}</loc>", known(SLUG))
    assert quotes("<loc>https://alwatan.sy/ghaza</loc>", known("https://alwatan.sy/ghaza"))
    assert not quotes("<p>ghaza</p><loc>https://alwatan.sy/ghaza-2</loc>", known("https://alwatan.sy/ghaza"))


def test_an_old_address_is_found_with_its_query_alone():
    old = "https://alwatan.sy/news/local/today/view.aspx?id=77"
    assert quotes(f'<a href="{old}">', known(old))
    assert not quotes('<a href="https://alwatan.sy/news/local/today/view.aspx?id=78">', known(old))


def test_of_a_redacted_article_only_what_has_the_name_counts():
    what = known(names=Names(["نبال إبراهيم"]))
    assert not quotes(f"<h2>{TITLE}</h2>", what)
    assert quotes(f"<h2>{TITLE}</h2><p>كتب نبال ابراهيم</p>", what)


def test_a_page_in_windows_1256_and_a_picture():
    text = quoting.readable("", TITLE.replace("ّ", "").encode("cp1256"), "text/html; charset=windows-1256")
    assert quoting.quotes(text, known())
    assert not quotes(TITLE, kind="image/jpeg")
    assert quoting.quotes(quoting.readable("https://alwatan.sy/archives/5211", b"", "image/png"), known())
