"""Every page of the sample newspaper is read back to the text it was made from, or refused as it should be."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from newsarchive import pages, validation
from newsarchive.items import Article, Refusal
from newsarchive.sample.paper import Paper
from newsarchive.spiders.alwatan import AlwatanSpider

CARD = AlwatanSpider.newspaper
PAPER = Paper()
FETCHED = datetime(2026, 11, 22, tzinfo=UTC)
COMPARED = [field.name for field in fields(Article) if field.name not in {"reader_version", "captures"}]


def read(body, url):
    found = pages.read(body, url, "text/html; charset=UTF-8", FETCHED, CARD)
    return validation.judge(pages.clean(found, CARD), CARD) if isinstance(found, Article) else found


def compared(article):
    assert isinstance(article, Article), article
    return {name: getattr(article, name) for name in COMPARED}


def whole(article):
    """The article joined from all its parts, as the crawl joins them."""
    addresses = [article.address, *(f"{article.address}/{n}" for n in range(2, len(article.parts) + 1))]
    parts = [read(PAPER.render(article, n), address) for n, address in enumerate(addresses, 1)]
    assert [part.next_page for part in parts] == [*addresses[1:], None]
    return replace(parts[0], paragraphs=tuple(p for part in parts for p in part.paragraphs), next_page=None)


@pytest.mark.parametrize("article", PAPER.articles, ids=lambda article: f"{article.post_id} {article.dress}")
def test_every_field_is_what_the_page_was_made_from(article):
    assert compared(whole(article)) == compared(article.truth)


@pytest.mark.parametrize(
    "article",
    [a for a in PAPER.articles if "amp" in a.dress.options],
    ids=lambda article: str(article.post_id),
)
def test_an_amp_twin_says_the_same_as_its_article(article):
    assert compared(read(PAPER.render_amp(article), article.address)) == compared(
        replace(article.truth, reader="amp")
    )


@pytest.mark.parametrize("other", PAPER.others, ids=lambda other: f"{other.reason} {other.post_id}")
def test_what_is_no_article_is_refused_with_its_reason(other):
    refused = read(other.render(PAPER.of_site(other.site)), other.address)
    assert isinstance(refused, Refusal)
    assert (refused.reason, refused.links) == (other.reason, other.links)
