"""A second newspaper on the same theme is one card: the one that docs/adding-a-newspaper.md prints."""

import re
from dataclasses import replace

import pytest
from running import home, rows, scrapy

from newsarchive import sample
from newsarchive.sample.answers import answer
from newsarchive.sample.server import serving

HOST = "sabah.example"
PAPER = sample.Paper()
ARTICLES = {a.post_id: a for a in PAPER.articles if a.host == "alwatan.sy"}


def as_another_paper(request):
    """The sample's answer, with the other newspaper's host in place of its own."""
    headers = {name: value for name, value in request.headers.items() if name != "accept-encoding"}
    given = answer(PAPER, replace(request, host="alwatan.sy", headers=headers))
    moved = tuple((name, value.replace("alwatan.sy", HOST)) for name, value in given.headers)
    return replace(given, body=given.body.replace(b"alwatan.sy", HOST.encode()), headers=moved)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory, root):
    """A crawl of the other newspaper by the card in the manual."""
    folder = home(tmp_path_factory.mktemp("sabah"))
    (card,) = re.findall(
        r"```python\n(.*?)```", (root / "docs" / "adding-a-newspaper.md").read_text(), re.DOTALL
    )
    (folder / "sabah_card.py").write_text(card)
    with serving(PAPER, before=as_another_paper) as site:
        done = scrapy(
            folder, "crawl", "sabah", "-a", f"site={site}", "-s", "SPIDER_MODULES=newsarchive.spiders,sabah_card",
            "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False", "-s", "CONCURRENT_REQUESTS=8",
            "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=8",
        )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder, done, site.log


def test_every_article_is_kept_under_the_newspapers_own_name_and_address(crawled):
    kept = {row["key"]: row["url"] for row in rows(crawled[0], "SELECT key, url FROM articles")}
    assert kept == {f"sabah-{number}": f"https://{HOST}/archives/{number}" for number in ARTICLES}
    assert {row["newspaper"] for row in rows(crawled[0], "SELECT newspaper FROM articles")} == {"sabah"}


def test_titles_and_texts_are_read_right(crawled):
    for row in rows(crawled[0], "SELECT post_id, title, section, body FROM articles"):
        truth = ARTICLES[row["post_id"]].truth
        assert (row["title"], row["section"], row["body"]) == (truth.title, truth.section, truth.body)


def test_nobody_else_is_asked(crawled):
    assert {request.host.removeprefix("www.") for request in crawled[2]} == {HOST}


def test_the_card_is_short(root):
    (card,) = re.findall(
        r"```python\n(.*?)```", (root / "docs" / "adding-a-newspaper.md").read_text(), re.DOTALL
    )
    assert len(card.splitlines()) <= 60
