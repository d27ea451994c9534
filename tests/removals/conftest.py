"""A small newspaper, crawled once; one article of it removed and a name in another redacted."""

import shutil
from dataclasses import replace

import pytest
import telling
from running import home, next_second, scrapy
from telling import HURRY, NAME, ONLINE, REDACTED, REMOVED, verb

from newsarchive import sample
from newsarchive.sample.server import serving
from newsarchive.sample.stories import Block


def _paper():
    plain = [a for a in sample.load() if a.host == "alwatan.sy" and len(a.parts) == 1 and a.picture][-4:]
    other, online = [a for a in sample.load() if a.host == "alwatanonline.com" and len(a.parts) == 1][-2:]
    removed, redacted = plain[0], plain[1]
    words = telling.WORDS
    removed = replace(
        removed,
        title=f"{words['title']} في المدينة وريفها",
        subtitle=f"عن {words['subtitle']} وما جاورها",
        tags=(words["tag"],),
        parts=((Block("p", f"وقف {words['body']} أمام الباب ثم مضى إلى عمله."), *removed.parts[0]),),
        picture=f"{words['picture']}.jpg",
    )
    redacted = replace(
        redacted,
        title=f"حكاية {NAME} مع البحر",
        byline=f"دمشق – {NAME}",
        writer=NAME,
        place="دمشق",
        agency=None,
        tags=(NAME, "بحر"),
        parts=((Block("p", f"قال {NAME} إن الموسم جيد، ول{NAME} رأي آخر."), *redacted.parts[0]),),
    )
    online = replace(online, title=f"{words['slug']} تعود بعد غياب")
    assert (removed.address, redacted.address) == (REMOVED.url, REDACTED.url)
    articles = (removed, redacted, *plain[2:], other, online)
    return sample.Paper(articles=articles, others=(), shown=articles)


@pytest.fixture(scope="session")
def paper():
    """The removed article, the redacted one, one whose address prints its headline, and three others."""
    return _paper()


@pytest.fixture(scope="session")
def crawled(tmp_path_factory, paper):
    """The archive before anything is taken down; nobody changes it."""
    folder = home(tmp_path_factory.mktemp("crawled"))
    with serving(paper) as site:
        scrapy(folder, "crawl", "alwatan", "-a", f"site={site}", *HURRY, check=0)
    next_second()
    verb(folder, "verify", "--manifest", check=0)
    verb(folder, "export", "before", check=0)
    shutil.move(folder / "before/articles.jsonl", folder / "before.jsonl")
    shutil.rmtree(folder / "before")
    return folder


@pytest.fixture(scope="session")
def taken_down(tmp_path_factory, crawled):
    """The archive with one removal, one removal of an address that prints its headline, and one redaction."""
    folder = shutil.copytree(crawled, tmp_path_factory.mktemp("down") / "archive")
    said = [
        verb(folder, "remove", key, "--state", "remove", "--reason", "privacy", check=0).stdout
        for key in (REMOVED.key, ONLINE(folder))
    ]
    redact = ("--state", "redact", "--redact", NAME, "--reason", "safety")
    said.append(scrapy(folder, "remove", REDACTED.key, *redact, check=0).stdout)
    (folder / "said.txt").write_text("\n".join(said))
    return folder


@pytest.fixture
def before(crawled, tmp_path):
    """A copy of the archive before."""
    return shutil.copytree(crawled, tmp_path / "archive")


@pytest.fixture
def folder(taken_down, tmp_path):
    """A copy of the archive with the takedowns."""
    return shutil.copytree(taken_down, tmp_path / "archive")
