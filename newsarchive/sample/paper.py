"""The whole sample newspaper as one value: what it holds, and how tests make variants of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from newsarchive.sample.dress import Theme
from newsarchive.sample.jannah import amp_article, jannah_article
from newsarchive.sample.others import Other, load_others
from newsarchive.sample.sahifa import sahifa_article
from newsarchive.sample.stories import SampleArticle, load

if TYPE_CHECKING:
    from newsarchive.sample.sites import Site

_OLD = (Theme.SAHIFA, Theme.JARIDA)


@dataclass(frozen=True)
class Paper:
    """Both sites of the newspaper with every article and every post or page that is not one.

    `shown` are the stories that menus and lists around an article show, newest first; a variant keeps them,
    so that changing one article leaves the bytes of the other pages as they are.
    """

    articles: tuple[SampleArticle, ...] = field(default_factory=load)
    others: tuple[Other, ...] = field(default_factory=load_others)
    shown: tuple[SampleArticle, ...] = field(default_factory=lambda: tuple(reversed(load())))

    @cached_property
    def by_address(self) -> dict[str, SampleArticle]:
        """Articles by normal address."""
        return {article.address: article for article in self.articles}

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """The honest list: the normal address of every article exactly once, oldest first."""
        return tuple(self.by_address)

    def of_site(self, site: Site) -> tuple[SampleArticle, ...]:
        """The articles of one site, newest first."""
        return tuple(article for article in reversed(self.articles) if article.host == site.host)

    def posts(self, site: Site) -> tuple[SampleArticle | Other, ...]:
        """Everything that WordPress calls a post on that site, by id ascending: articles and the others."""
        posts: list[SampleArticle | Other] = [*self.of_site(site)]
        posts += [o for o in self.others if o.host == site.host and o.listed]
        return tuple(sorted(posts, key=lambda post: post.post_id))

    def without(self, *addresses: str) -> Paper:
        """The paper less those articles."""
        return replace(self, articles=tuple(a for a in self.articles if a.address not in addresses))

    def changed(self, address: str, **fields: object) -> Paper:
        """The paper with fields of one article replaced. Raises KeyError for an unknown address."""
        changed = replace(self.by_address[address], **cast("dict[str, Any]", fields))
        return replace(self, articles=tuple(changed if a.address == address else a for a in self.articles))

    def added(self, article: SampleArticle) -> Paper:
        """The paper with one more article."""
        articles = sorted((*self.articles, article), key=lambda a: (a.published, a.post_id))
        return replace(self, articles=tuple(articles))

    def neighbours(self, article: SampleArticle) -> tuple[SampleArticle, ...]:
        """Six stories that the page of the article links: of its own section as far as there are."""
        same_site = [s for s in self.shown if s.host == article.host and s.post_id != article.post_id]
        akin = [s for s in same_site if s.categories[0] == article.categories[0]]
        start = article.post_id % max(len(akin), 1)
        others = [s for s in same_site if s.categories[0] != article.categories[0]]
        return tuple([*akin[start:], *akin[:start], *others][:6])

    def render(self, article: SampleArticle, part: int = 1) -> bytes:
        """The page of one part (counted from 1) of an article, in its own dress."""
        shown = tuple(story for story in self.shown if story.host == article.host)
        if article.dress.theme in _OLD:
            return sahifa_article(article, self.neighbours(article), shown)
        return jannah_article(article, self.neighbours(article), shown, part)

    def render_amp(self, article: SampleArticle) -> bytes:
        """The AMP twin of an article."""
        return amp_article(article)
