"""Questions → FTS5 expressions. Every token is quoted, so that no word can be an operator.

A token stands in the first column that has it (`newsarchive.text.arabic`): stems are looked for in the exact
and the stem columns, skeletons in all.
"""

from __future__ import annotations

from functools import partial, reduce
from itertools import pairwise
from typing import TYPE_CHECKING

from newsarchive.search.query import printed_beginnings
from newsarchive.text.arabic import always_has_stem, function_pair, only_exact, tokens
from newsarchive.text.arabic.lexicon import FUNCTION_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from newsarchive.search.query import Query
    from newsarchive.text.arabic import Form

_EXACT = "{title_exact body_exact} : "
_STEM = "{title_exact title_stem body_exact body_stem} : "
_TITLE_EXACT, _TITLE_STEM = "{title_exact} : ", "{title_exact title_stem} : "
_SKELETON = "{title_skeleton body_skeleton} : "
_PAIR = 2
# What folding leaves in no word.
_NO_WORD = '"\u0640"'
_STEPS = 10
# A phrase without tokens: FTS5 accepts it and finds nothing.
NOTHING = '""'


def ranked(query: Query, *, once: bool = False) -> str:
    """Return the expression for ranking: any word in any form, with all that is required.

    `once`: equal votes count once, which costs half where a word is in most articles.
    """
    votes = _alternatives(query.content, query.aliases)
    return _restricted(query, _any(dict.fromkeys(votes) if once else votes))


def ranked_among(query: Query, rarest: Iterable[Form], voting: Iterable[Form]) -> str:
    """Return the expression that ranks the articles with one of the `rarest` words by these and the `voting` ones.

    The latter vote once each, by their skeletons. FTS5 has no operator for words that may be missing: the rarest
    stand on both sides of AND, which gives them one more vote.
    """
    rarest = list(rarest)
    among = _any(dict.fromkeys(_alternatives(rarest, query.aliases)))
    voters = " OR ".join(dict.fromkeys(map(one, (*rarest, *voting, *query.aliases))))
    return _restricted(query, f"({among}) AND ({voters})")


def matching(query: Query) -> str:
    """Return the expression for the articles that have any of the words: the rows that `ranked` finds.

    Words that share a base or a stem share the skeleton, which stands in some column: it is enough to look
    for that, and much cheaper.
    """
    return _restricted(query, " OR ".join(dict.fromkeys(_any_form(query))))


def every(query: Query, rarest_first: Iterable[Form] = (), *, is_whole: bool = False) -> str:
    """Return the expression for the articles that have every content word, each in any form.

    is_whole: all that the index holds is of this analyser (see `newsarchive.search.filtering.is_whole`).

    With the words in the order of their rarity each is looked for only where all rarer ones stand.
    """
    together = _one_by_one(f"({one(word)})" for word in rarest_first)
    phrase = partial(_phrase_among, has_pairs=is_whole)
    return _restricted(query, together or every_of(map(tokens, query.content)), optional=False, phrase=phrase)


def every_of(words: Iterable[Iterable[str]]) -> str:
    """Return the expression for the articles that have of every word one of its tokens in any column."""
    return " AND ".join(dict.fromkeys(f"({any_of(word)})" for word in words))


def one(word: Form) -> str:
    """Return the expression for the articles that have a word in any form."""
    return any_of(tokens(word))


def having(query: Query, word: Form) -> str:
    """Return the expression for the articles that have a word in any form, and all that a question requires."""
    return _restricted(query, one(word), optional=False)


def any_of(tokens_of_words: Iterable[str]) -> str:
    """Return the expression for the articles that have one of the tokens in any column."""
    return " OR ".join(map(_anywhere, tokens_of_words))


def every_word(query: Query) -> list[tuple[str, ...]]:
    """Return of each word the tokens of which an article that `every` finds has one; nothing where it asks for more.

    Two function words that follow one another are one word.
    """
    return [*map(tokens, query.content), *_pairs(query)] if _is_of_words(query) else []


def any_word(query: Query) -> list[tuple[str, ...]]:
    """Return of each word the tokens of which an article that `matching` finds has one; nothing where it asks for more.

    That is one word with the tokens of all, unless phrases are required, beside which words only rank.
    """
    if not _is_of_words(query):
        return []
    alternatives = {token for word in (*query.content, *query.aliases) for token in tokens(word)}
    return _pairs(query) or ([tuple(alternatives)] if alternatives else [])


def _is_of_words(query: Query) -> bool:
    """Say whether a question asks for words alone, two function words that follow one another being one."""
    more = any((query.beginnings, query.title, query.excluded))
    return not more and len(_pairs(query)) == len(query.phrases)


def _pairs(query: Query) -> list[tuple[str, ...]]:
    return [(pair,) for phrase in query.phrases if (pair := _pair(phrase))]


def strict(query: Query) -> str:
    """Return the expression for filtering: every word, as written or by its stem, in any order.

    Nobody asks the archive which words are the rarer: the longer usually are, and function words never.
    """
    words = sorted(query.words, key=lambda word: (not word.stem, -len(word.exact)))
    return _restricted(query, _one_by_one(f"({_written(word)})" for word in words), optional=False)


def written(token: str) -> str:
    """Return the expression for the articles that have a folded word as it stands."""
    return _EXACT + _quoted(token)


def excluded(query: Query, *, is_whole: bool = False) -> str:
    """Return the expression for the articles that the exclusions of a question shut out.

    is_whole: the whole index is this analyser's, so that a word as written need not be looked for beside its stem.
    """
    return _any(without(forms, is_whole=is_whole) for forms in query.excluded)


def without(forms: tuple[Form, ...], *, is_whole: bool = False) -> str:
    """Return the expression for the articles that an excluded word or phrase shuts out (see `excluded`)."""
    if len(forms) > 1:
        return _phrase(tuple(form.exact for form in forms))
    (word,) = forms
    return word_matches(word)["stem"] if is_whole and always_has_stem(word) else _written(word)


def word_matches(word: Form) -> dict[str, str]:
    """Return the expressions that find a word as written, by its stem and by its skeleton."""
    matches = {
        "exact": _EXACT + _quoted(word.exact),
        "stem": word.stem and _STEM + _quoted(word.stem),
        "skeleton": word.skeleton and _anywhere(word.skeleton),
    }
    return {form: match for form, match in matches.items() if match}


def _alternatives(words: Iterable[Form], aliases: Iterable[Form]) -> list[str]:
    """Four votes for each word: as written, its base, its stem, its skeleton. Equal tokens vote again.

    Who asks for one word means that form first: as written it votes twice more, unless it has no other form.
    """
    words = list(words)
    exact = [word.exact for word in words]
    is_one_of_several_forms = len(words) == 1 and bool(words[0].stem)
    votes = (
        *((_EXACT, exact) for _ in range(3 if is_one_of_several_forms else 1)),
        (_STEM, [word.base for word in words]),
        (_STEM, [word.stem for word in [*words, *aliases]]),
    )
    skeletons = [word.skeleton for word in [*words, *aliases]]
    return [
        *(f"{columns}({tokens})" for columns, column in votes if (tokens := _or(_quoted, column))),
        *filter(None, [_or(_anywhere, skeletons)]),
    ]


def _or(expression: Callable[[str], str], tokens: Iterable[str]) -> str:
    return " OR ".join(map(expression, dict.fromkeys(filter(None, tokens))))


def _one_by_one(words: Iterable[str]) -> str:
    """Return the expression for the articles with all of the words, looked for only where all before them stand.

    FTS5 would make one AND of them and move all of them on with each step, so that what it makes of two is no AND. Its
    parser has room for so many steps; what is left is one AND.
    """
    in_order = list(dict.fromkeys(words))
    steps = [*in_order[:_STEPS], *filter(None, [" AND ".join(in_order[_STEPS:])])]
    return reduce(lambda before, word: f"(({before}) NOT {_NO_WORD}) AND {word}", steps) if steps else ""


def _any_form(query: Query) -> list[str]:
    return [one(word) for word in (*query.content, *query.aliases)]


def _phrase(words: tuple[str, ...]) -> str:
    """Return the expression for words that follow one another; two function words are one token."""
    pair = _pair(words)
    return _SKELETON + _quoted(pair) if pair else _EXACT + _quoted(" ".join(words))


def _phrase_among(words: tuple[str, ...], *, has_pairs: bool) -> str:
    """Return the expression for the same articles, function words being looked for where all others stand.

    FTS5 moves the words of a phrase on together: a word of most articles to every article that has one of the others.
    has_pairs: the index has the token of every two function words that follow one another.
    """
    others = [_quoted(word) for word in words if word not in FUNCTION_WORDS]
    if len(others) == len(words):
        return _phrase(words)
    if has_pairs:
        others += [_quoted(pair) for two in pairwise(words) if (pair := _pair(two))]
    together = dict.fromkeys(others)
    if len(together) < _PAIR:
        return _phrase(words)
    return f"(({' AND '.join(together)}) NOT {_NO_WORD}) AND {_phrase(words)}"


def _pair(words: tuple[str, ...]) -> str | None:
    return function_pair(*words) if len(words) == _PAIR else None


def _restricted(
    query: Query,
    wanted: str,
    *,
    optional: bool = True,
    phrase: Callable[[tuple[str, ...]], str] = _phrase,
) -> str:
    required = " AND ".join(
        [
            *(f"({_in_title(word)})" for word in query.title),
            *(f"({phrase(words)})" for words in query.phrases),
            *(f"({_beginning(beginning)})" for beginning in query.beginnings),
        ]
    )
    found = wanted or required
    if wanted and required:
        # Words beside a requirement only rank: an article may have none of them.
        found = f"({required} AND ({wanted}))" + (f" OR ({required})" if optional else "")
    if not found:
        return NOTHING
    return f"({found}) NOT ({excluded(query)})" if query.excluded else found


def _in_title(word: Form) -> str:
    stemmed = f" OR {_TITLE_STEM}{_quoted(word.stem)}" if word.stem else ""
    return f"{_TITLE_EXACT}{_quoted(word.exact)}{stemmed}"


def _beginning(letters: str) -> str:
    return f"{_EXACT}({' OR '.join(f'{_quoted(printed)} *' for printed in printed_beginnings(letters))})"


def _written(word: Form) -> str:
    matches = word_matches(word)
    return _any(matches[form] for form in ("exact", "stem") if form in matches)


def _any(expressions: Iterable[str]) -> str:
    return " OR ".join(f"({expression})" for expression in expressions)


def _anywhere(token: str) -> str:
    """Return the expression for a token in any column of words.

    To name the columns costs; only Latin words, which stand in their exact form alone, can be tokens of the facets. A
    function word is looked for as it stands: it may be the stem of another word.
    """
    if (function_word := only_exact(token)) is not None:
        return written(function_word)
    return _EXACT + _quoted(token) if token.isascii() and token.isalpha() else _quoted(token)


def _quoted(tokens: str) -> str:
    return '"' + tokens.replace('"', '""') + '"'
