"""The newspapers that this project knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.spiderloader import get_spider_loader

from newsarchive.exceptions import SettingsError
from newsarchive.newspaper import NewspaperSpider

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.settings import BaseSettings

    from newsarchive.items import Newspaper


def spiders(settings: BaseSettings) -> dict[str, type[NewspaperSpider]]:
    """Every newspaper's spider by name."""
    loader = get_spider_loader(settings)
    loaded = {name: loader.load(name) for name in sorted(loader.list())}
    return {name: cls for name, cls in loaded.items() if issubclass(cls, NewspaperSpider)}


def spider(settings: BaseSettings, name: str) -> type[NewspaperSpider]:
    """The spider of that name. Raises SettingsError."""
    loaded = spiders(settings)
    if name not in loaded:
        raise SettingsError(f"there is no newspaper {name!r}; known are {', '.join(loaded)}")
    return loaded[name]


def known(settings: BaseSettings) -> list[Newspaper]:
    """Every card, by name."""
    return [cls.newspaper for cls in spiders(settings).values()]


def named(cards: Sequence[Newspaper], name: str | None) -> Newspaper | None:
    """The card of that name, None when no name is given. Raises SettingsError."""
    if name is None:
        return None
    for card in cards:
        if card.name == name:
            return card
    raise SettingsError(f"there is no newspaper {name!r}; known are {', '.join(card.name for card in cards)}")
