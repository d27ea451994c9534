"""An article that is met in another dress is not edited; one word or number is an edit."""

import random
import re
from dataclasses import replace
from itertools import permutations

import pytest
from dresses import ARTICLES, DRESSES, read

from newsarchive.items import Article, Capture
from newsarchive.storage import articles, captures
from newsarchive.storage.connection import transaction

SEED = 20261122
COUNT = 300
WORD = re.compile(r"[^\W\d_]{3,}|\d+")


def three_hundred():
    """The sample's articles, and some of them again as others of the same text under another number."""
    doubles = [
        replace(
            article, post_id=article.post_id + 5_000_000, host="alwatan.sy", title=f"{article.title} ثانية"
        )
        for article in ARTICLES
        if article.host == "alwatan.sy"
    ]
    return [*ARTICLES, *doubles][:COUNT]


def saved(connection, article, dress, minute, address=None):
    """What becomes of a reading of the article in a dress, at its own or another address."""
    address = address or article.address
    found = read(article, dress, address)
    assert isinstance(found, Article), (dress, found)
    capture = Capture(
        url=address,
        fetched_at=f"2026-11-20T10:{minute:02}:00Z",
        status=200,
        source="live",
        warc_file=f"{article.host}-{article.post_id}.warc.gz",
        warc_offset=minute,
        warc_length=1,
        payload_sha256="0" * 64,
    )
    with transaction(connection):
        captures.insert(connection, capture, None)
        return articles.save(
            connection, replace(found, captures=(capture,)), principal_host="alwatan.sy"
        ).outcome


def altered(article, chance):
    """The article with one word or number of its headline or text changed."""
    if chance.random() < 0.2:
        return replace(article, title=_altered(article.title, chance))
    blocks = list(article.blocks)
    place = chance.choice([n for n, b in enumerate(blocks) if b.markup != "caption" and WORD.search(b.text)])
    blocks[place] = replace(blocks[place], text=_altered(blocks[place].text, chance))
    return replace(article, parts=(tuple(blocks),))


def _altered(text, chance):
    found = chance.choice(list(WORD.finditer(text)))
    word = found[0]
    other = str(int(word) + 1) if word.isdecimal() and word.isascii() else f"{word}ون"
    return text[: found.start()] + other + text[found.end() :]


def test_three_hundred_articles_in_six_dresses_are_never_edited(connection):
    chance = random.Random(SEED)
    for article in three_hundred():
        dresses = chance.sample(DRESSES, len(DRESSES))
        outcomes = [saved(connection, article, dress, minute) for minute, dress in enumerate(dresses)]
        assert outcomes == ["new"] + ["unchanged"] * (len(DRESSES) - 1), (article.address, dresses)
    counts = connection.execute(
        "SELECT count(*), sum(revision_count), count(changed_at) FROM articles"
    ).fetchone()
    assert tuple(counts) == (COUNT, COUNT, 0)


def test_three_hundred_alterations_of_a_word_or_number_are_three_hundred_edits(connection):
    chance = random.Random(SEED)
    for article in three_hundred():
        one, other = chance.sample(DRESSES, 2)
        changed = altered(article, chance)
        assert saved(connection, article, one, 0) == "new"
        edited = saved(connection, changed, other, 1, article.address)
        assert edited == "changed", (article.address, one, other)
    counts = connection.execute(
        "SELECT count(*), sum(revision_count), count(changed_at) FROM articles"
    ).fetchone()
    assert tuple(counts) == (COUNT, 2 * COUNT, COUNT)


def captioned():
    found = [article for article in ARTICLES if any(block.markup == "caption" for block in article.blocks)]
    assert found
    return found


@pytest.mark.parametrize("order", list(permutations(("jannah7 yoast", "sahifa theme", "text"))), ids=" ".join)
def test_a_caption_that_a_text_cannot_tell_is_no_edit_in_any_order(connection, order):
    for article in captioned():
        for minute, dress in enumerate(order):
            saved(connection, article, dress, minute)
        row = connection.execute("SELECT * FROM articles WHERE url = ?", (article.address,)).fetchone()
        assert row["body"] == article.truth.body
        assert row["revision_count"] == 1
        assert '"caption"' in row["paragraphs"]
        assert row["text_sha256"] == articles.text_sha256(row["title"], row["body"])


def test_a_changed_caption_in_a_text_is_an_edit(connection):
    for article in captioned():
        blocks = [replace(b, text=f"{b.text} اليوم") if b.markup == "caption" else b for b in article.blocks]
        saved(connection, article, "jannah7 yoast", 0)
        assert saved(connection, replace(article, parts=(tuple(blocks),)), "text", 1) == "changed"
