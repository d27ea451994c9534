"""What a newspaper lists as an article is one, whatever form its addresses have; what is not taken is named."""

import re
from dataclasses import replace

import pytest
from running import home, make_due, rows, scrapy
from small_paper import HOST, crawl, one_host, paper

from newsarchive import sample
from newsarchive.sample import Paper
from newsarchive.sample.answers import answer
from newsarchive.sample.exchange import Response, redirect
from newsarchive.sample.server import serving

DATED = "2027/01/02/s-"
ANY_FORM = "syria/news/s-"
WITHOUT_REWRITING = "index.php/archives/"
FORMS = [DATED, ANY_FORM, WITHOUT_REWRITING]
# What is said of the sample's own bytes does not hold of those sent.
MADE_ANEW = {"accept-encoding", "if-none-match", "if-modified-since"}
SOURCES = {
    "rest": lambda request: request.path.startswith("/wp-json") or "rest_route" in request.query,
    "sitemap": lambda request: "sitemap" in request.path,
    "feed": lambda request: request.path == "/feed",
}


@pytest.fixture
def folder(tmp_path):
    return home(tmp_path)


def renamed(form, *, only=None, then=None, of=None):
    """A hook of a paper whose permalinks have this form, listed by one kind of source alone where `only` names it.

    `then` says what a former address answers.
    """

    def of_form(body):
        return re.sub(
            rb"(alwatan\.sy(?:\\?/|%2F))archives\\?/(\d+)", rb"\g<1>" + form.encode() + rb"\2", body
        )

    def before(request):
        if only and any(is_kind(request) for kind, is_kind in SOURCES.items() if kind != only):
            return Response(404, b"nothing here", "text/plain")
        if only and request.path == "/":
            return Response(404, b"nothing here", "text/plain")
        former = re.fullmatch(r"/archives/(\d+)", request.path.rstrip("/"))
        if former:
            return then(former[1]) if then else Response(404, b"nothing here", "text/plain")
        story = re.fullmatch(rf"/{re.escape(form)}(\d+(?:/\d)?)", request.path.rstrip("/"))
        plain = {name: value for name, value in request.headers.items() if name not in MADE_ANEW}
        asked = replace(request, headers=plain, target=f"/archives/{story[1]}" if story else request.target)
        given = answer(small, asked)
        return replace(given, body=of_form(given.body))

    small = of or paper()
    return one_host(before)


def addresses_of(form):
    return sorted(article.path.replace("/archives/", f"/{form}") for article in paper().articles)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("only", SOURCES)
def test_what_a_source_of_articles_lists_is_kept_whatever_its_form(folder, form, only):
    with serving(paper(), before=renamed(form, only=only)) as site:
        ended = crawl(folder, site)
    assert ended.code == 0
    assert ended.kept() == addresses_of(form)
    assert set(ended.states()) == set(ended.kept())
    assert "not taken" not in ended.run()["verdict"]


@pytest.mark.parametrize("form", FORMS)
def test_a_paged_article_at_such_an_address_is_one(folder, form):
    pages = [article for article in sample.load() if article.host == HOST and len(article.parts) > 1]
    chosen = (pages[-1], *paper().articles)
    paged = Paper(articles=chosen, others=(), shown=chosen)
    with serving(paged, before=renamed(form, of=paged)) as site:
        ended = crawl(folder, site)
    assert ended.kept() == sorted(article.path.replace("/archives/", f"/{form}") for article in chosen)
    assert set(ended.states()) == set(ended.kept())


@pytest.mark.parametrize("form", FORMS)
def test_an_archive_of_such_addresses_is_rebuilt_from_its_captures(folder, form):
    query = "SELECT key, url, title, body_sha256, status FROM articles ORDER BY key"
    states = "SELECT url, state, reason FROM addresses ORDER BY url"
    with serving(paper(), before=renamed(form)) as site:
        crawl(folder, site)
    before = [[tuple(row) for row in rows(folder, asked)] for asked in (query, states)]
    assert len(before[0]) == 4
    (folder / "archive.db").unlink()
    scrapy(folder, "ingest", "captures", check=0)
    assert [[tuple(row) for row in rows(folder, asked)] for asked in (query, states)] == before


def test_a_former_address_that_leads_to_such_a_one_is_its_second_name(folder):
    with serving(paper(), before=one_host()) as site:
        crawl(folder, site)
    moved = renamed(ANY_FORM, then=lambda number: redirect(f"https://{HOST}/{ANY_FORM}{number}"))
    with serving(paper(), before=moved) as site:
        make_due(folder)
        ended = crawl(folder, site)
    assert ended.code == 0
    former = {article.path: ("duplicate", "duplicate-address") for article in paper().articles}
    assert ended.states() == former | dict.fromkeys(addresses_of(ANY_FORM), ("article", None))


def test_what_a_source_lists_that_can_be_no_articles_is_named_with_its_number(folder):
    items = (f"<item><link>https://{HOST}/{name}</link></item>" for name in ("issue-1.pdf", "issue-2.pdf"))
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel>{"".join(items)}</channel></rss>'

    def before(request):
        return Response(body=feed.encode(), content_type="text/xml") if request.path == "/feed" else None

    with serving(paper(), before=one_host(before)) as site:
        ended = crawl(folder, site)
    line = f"not taken  2 addresses that https://{HOST}/feed lists, no article's: https://{HOST}/issue-1.pdf"
    assert line in ended.run()["verdict"]
    assert len(ended.kept()) == 4
