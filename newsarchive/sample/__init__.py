"""A synthetic Arabic newspaper that looks to the crawler like the live paper, and its loopback server.

`load()` gives every article with the record (`.truth`) that a perfect reading makes of its page; `Paper` holds
the articles together with what is not an article, and makes variants; `newsarchive.sample.server.serving`
serves it. Texts stand in `articles/*.toml`: all invented but one.
"""

from newsarchive.sample.others import Other, load_others
from newsarchive.sample.paper import Paper
from newsarchive.sample.stories import SampleArticle, load

__all__ = ["Other", "Paper", "SampleArticle", "load", "load_others", "render"]


def render(article: SampleArticle, part: int = 1) -> bytes:
    """The page of an article (of one part of it, counted from 1) in its own dress."""
    return Paper().render(article, part)
