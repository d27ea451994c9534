"""How rare words are in the whole archive, by a look at the newest articles that have them."""

from __future__ import annotations

from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from newsarchive.search import bits, expressions, spans
from newsarchive.text.arabic import tokens

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from newsarchive.text.arabic import Form

COMPARED = 1_000
"""How many articles are looked at to tell which words are the rarer."""
ORDERED = 100
"""How many are where that decides only what is looked for first."""
# Words that a greater share of the articles have do not vote beside others: bm25 reads all articles with each word that
# votes, to know how rare it is, and gives these next to nothing.
_TELLING_NOTHING = 0.3


class Rarity(NamedTuple):
    """How rare a word is; the smaller the rarer.

    oldest: of the newest articles that have it, as many as were looked at: the earlier, the rarer. articles: how
    many have it, counted no further than that.
    """

    oldest: int
    articles: int


def rarest_first(conn: sqlite3.Connection, words: Iterable[Form], most: int) -> list[tuple[Form, Rarity]]:
    """Return the words with how rare they are in the whole archive, the rarest first, looking at `most` articles."""
    words = list(words)
    known = {
        word: Rarity(oldest, most + 1) for word, oldest in _oldest_of_newest(conn, words, most + 1).items()
    }
    rarities = ((word, known.get(word) or _rarity(conn, word, most)) for word in words)
    return sorted(rarities, key=itemgetter(1))


def _rarity(conn: sqlite3.Connection, word: Form, most: int) -> Rarity:
    articles, oldest = conn.execute(
        "SELECT count(*), min(rowid) FROM"
        " (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? ORDER BY rowid DESC LIMIT ?)",
        (expressions.one(word), most + 1),
    ).fetchone()
    return Rarity(oldest if articles > most else bits.LOWEST, articles)


def telling(conn: sqlite3.Connection, by_rarity: list[tuple[Form, Rarity]]) -> list[Form]:
    """Return the words that no more than `_TELLING_NOTHING` of the newest articles have, or of all."""
    looked_at = max(rarity.articles for _, rarity in by_rarity)
    newest = "SELECT id FROM articles_fts_docsize ORDER BY id DESC LIMIT 1 OFFSET ?"
    row = conn.execute(newest, (int(looked_at / _TELLING_NOTHING),)).fetchone()
    oldest = row[0] if row else bits.LOWEST
    doubtful = {word for word, rarity in by_rarity if rarity.oldest > oldest}
    most = spans.count_of_all(conn) * _TELLING_NOTHING if doubtful else 0
    return [
        word
        for word, _ in by_rarity
        if word not in doubtful or spans.count(conn, expressions.one(word), words=[tokens(word)]) <= most
    ]


def _oldest_of_newest(conn: sqlite3.Connection, words: Iterable[Form], most: int) -> dict[Form, int]:
    """Return of each word the oldest of the newest `most` articles that have it, where bitmaps tell."""
    sought = {word: tokens(word) for word in words}
    missing = dict.fromkeys(sought, most)
    places: dict[Form, tuple[int, int]] = {}
    for first in _newest_spans(conn) if bits.has_bitmaps(conn) else ():
        bitmaps = bits.bitmaps_of(conn, first, set(chain.from_iterable(map(sought.__getitem__, missing))))
        missing = {word: left for word, left in missing.items() if bitmaps.keys() >= set(sought[word])}
        for word, left in list(missing.items()):
            having = bits.having_all([[bitmaps[token] for token in sought[word]]])
            missing[word] = left - having.bit_count()
            if missing[word] <= 0:
                places[word] = first, _bits_with(having, left)
                del missing[word]
        if not missing:
            break
    ids = {first: bits.row_ids(conn, first) for first in {first for first, _ in places.values()}}
    return {word: ids[first].at([len(ids[first].lows) - back])[0] for word, (first, back) in places.items()}


def _newest_spans(conn: sqlite3.Connection) -> Iterator[int]:
    """The first row ids of spans behind which no article is in none, the newest first."""
    any_article = "SELECT EXISTS (SELECT 1 FROM articles_fts_docsize WHERE id > ? AND id <= ?)"
    beyond = bits.HIGHEST
    for first, last in conn.execute(
        "SELECT first_id, last_id FROM index_spans ORDER BY first_id DESC"
    ).fetchall():
        if last < beyond and conn.execute(any_article, (last, beyond)).fetchone()[0]:
            break
        yield first
        beyond = first - 1


def _bits_with(having: int, most: int) -> int:
    """How many of the least significant bits hold so many that are set."""
    few, many = most, having.bit_length()
    while few < many:
        half = (few + many) // 2
        if (having & ((1 << half) - 1)).bit_count() < most:
            few = half + 1
        else:
            many = half
    return few
