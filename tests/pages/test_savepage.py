"""`scrapy savepage`: from a live page to a case that a person reviews."""

import json

import pytest
from page_cases import CASES, Case, record
from running import home, scrapy

from newsarchive import sample
from newsarchive.items import Article
from newsarchive.sample import Paper
from newsarchive.sample.exchange import Response, redirect
from newsarchive.sample.server import serving

PAPER = Paper()
POST = next(a for a in PAPER.articles if a.host == "alwatan.sy" and "amp" in a.dress.options)
ISSUE = next(other for other in sample.load_others() if other.links)
HURRY = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False", "-s", "RETRY_ENABLED=False")
KEY = f"alwatan-{POST.post_id}"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "cases").mkdir()
    return home(tmp_path)


def savepage(folder, *words, before=None, check=0):
    with serving(PAPER, before=before) as site:
        done = scrapy(folder, "savepage", *words, "--site", site, "--into", "cases", *HURRY, check=check)
        return done, [request.target for request in site.log]


def case(folder, name=KEY):
    return Case(folder / "cases" / "alwatan" / name)


def test_a_live_page_becomes_a_case_with_the_bytes_that_came(folder):
    done, asked = savepage(folder, POST.address)
    made = case(folder)
    assert made.page == PAPER.render(POST)
    assert made.about["url"] == POST.address
    assert made.about["newspaper"] == "alwatan"
    assert made.about["content_type"].startswith("text/html")
    assert asked == ["/robots.txt", POST.path]
    assert f"cases/alwatan/{KEY}" in done.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["cases", "scrapy.cfg"]


def test_what_is_proposed_is_what_the_case_tests_compare(folder):
    savepage(folder, POST.address)
    made = case(folder)
    assert isinstance(made.found, Article)
    assert made.expected == record(made.found)
    assert made.expected["title"] == POST.truth.title


def test_a_proposed_case_fails_until_a_person_reviewed_it(folder):
    savepage(folder, POST.address)
    assert case(folder).about["reviewed"] is False
    assert not case(folder).is_reviewed
    about = folder / "cases" / "alwatan" / KEY / "about.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), "reviewed": True}))
    assert case(folder).is_reviewed


def test_a_page_that_is_no_article_becomes_a_case_of_its_refusal(folder):
    savepage(folder, ISSUE.address)
    made = case(folder, f"alwatan-{ISSUE.post_id}")
    assert made.refused == {"reason": "issue-page", "links": list(ISSUE.links)}
    assert made.expected is None


def test_a_twin_has_a_folder_of_its_own(folder):
    savepage(folder, f"{POST.address}/amp")
    assert case(folder, f"{KEY}-amp").expected["reader"] == "amp"


def test_again_says_nothing_new_while_the_readers_say_the_same(folder):
    savepage(folder, POST.address)
    done, asked = savepage(folder, POST.address, "--again")
    assert "say the same" in done.stdout
    assert asked == []


def test_again_prints_what_differs_and_leaves_the_case_alone(folder):
    savepage(folder, POST.address)
    path = folder / "cases" / "alwatan" / KEY / "expected.json"
    path.write_text(path.read_text().replace(POST.truth.title, "عنوان آخر"))
    before = path.read_bytes()
    done, _ = savepage(folder, POST.address, "--again", check=10)
    assert '- "title": "عنوان آخر"' in done.stdout
    assert f'+ "title": "{POST.truth.title}"' in done.stdout
    assert path.read_bytes() == before


def test_a_case_is_not_overwritten(folder):
    savepage(folder, POST.address)
    done, asked = savepage(folder, POST.address, check=4)
    assert "--again" in done.stderr
    assert asked == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://example.org/archives/1", "no address of a newspaper"),
        ("file:///etc/hostname", "no address of a newspaper"),
    ],
)
def test_nothing_but_a_newspapers_address_is_asked(folder, url, said):
    done, asked = savepage(folder, url, check=4)
    assert said in done.stderr
    assert asked == []


def test_a_redirect_to_another_host_is_not_followed(folder):
    def before(request):
        return None if request.path == "/robots.txt" else redirect("https://example.org/elsewhere")

    done, asked = savepage(folder, POST.address, before=before, check=5)
    assert "offsite" in done.stderr
    assert asked == ["/robots.txt", POST.path]
    assert not (folder / "cases" / "alwatan").exists()


def test_robots_txt_is_obeyed(folder):
    def before(request):
        rules = b"User-agent: *\nDisallow: /archives/\n"
        return Response(200, rules, "text/plain") if request.path == "/robots.txt" else None

    done, asked = savepage(folder, POST.address, before=before, check=6)
    assert "robots-disallowed" in done.stderr
    assert asked == ["/robots.txt"]


@pytest.mark.parametrize(("status", "code"), [(404, 7), (403, 6), (500, 5)])
def test_an_error_page_is_no_case(folder, status, code):
    def before(request):
        return None if request.path == "/robots.txt" else Response(status, b"<html>no</html>")

    done, _ = savepage(folder, POST.address, before=before, check=code)
    assert f"answered {status}" in done.stderr
    assert not (folder / "cases" / "alwatan").exists()


def test_every_case_of_the_project_is_reviewed():
    assert [made.name for made in CASES if not made.is_reviewed] == []
