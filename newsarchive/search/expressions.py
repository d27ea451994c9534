"""Questions → FTS5 expressions. Every token is quoted, so that no word can be an operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsarchive.search.query import Query
    from newsarchive.text.arabic import Form

_EXACT = "{title_exact body_exact}"
_STEM = "{title_stem body_stem}"
_SKELETON = "{title_skeleton body_skeleton}"
# A phrase without tokens: FTS5 accepts it and finds nothing.
NOTHING = '""'


def ranked(query: Query) -> str:
    """Return the expression for ranking: any word in any form, with all that is required."""
    return _restricted(query, _any(_alternatives(query)))


def strict(query: Query) -> str:
    """Return the expression for filtering: every word, as written or by its stem, in any order."""
    return _restricted(query, " AND ".join(f"({_written(word)})" for word in query.words))


def word_matches(word: Form) -> dict[str, str]:
    """Return, for one word, the expressions that find it as written, by its stem and by its skeleton."""
    columns = {
        "exact": (_EXACT, word.exact),
        "stem": (_STEM, word.stem),
        "skeleton": (_SKELETON, word.skeleton),
    }
    return {form: f"{names} : {_quoted(token)}" for form, (names, token) in columns.items() if token}


def _alternatives(query: Query) -> list[str]:
    words = query.content
    return [
        f"{columns} : ({' OR '.join(map(_quoted, tokens))})"
        for columns, tokens in (
            (_EXACT, dict.fromkeys(word.exact for word in words)),
            (_STEM, dict.fromkeys([*(word.stem for word in words if word.stem), *query.aliases])),
            (_SKELETON, dict.fromkeys([*(word.skeleton for word in words if word.skeleton), *query.aliases])),
        )
        if tokens
    ]


def _restricted(query: Query, wanted: str) -> str:
    required = [
        *(f"{{title_exact title_stem}} : ({_both(word)})" for word in query.title),
        *(f"{_EXACT} : {_quoted(' '.join(phrase))}" for phrase in query.phrases),
        *(f"{_EXACT} : ({_quoted(beginning)} *)" for beginning in query.beginnings),
    ]
    if wanted and required:
        # Words beside a requirement only rank: (required AND words) OR required keeps both.
        required = [f"({' AND '.join(required)})"]
        found = f"({required[0]} AND ({wanted})) OR {required[0]}"
    else:
        found = wanted or " AND ".join(required)
    if not found:
        return NOTHING
    excluded = " OR ".join(f"({_without(forms)})" for forms in query.excluded)
    return f"({found}) NOT ({excluded})" if excluded else found


def _without(forms: tuple[Form, ...]) -> str:
    if len(forms) == 1:
        return _written(forms[0])
    return f"{_EXACT} : {_quoted(' '.join(form.exact for form in forms))}"


def _written(word: Form) -> str:
    matches = word_matches(word)
    return _any(matches[form] for form in ("exact", "stem") if form in matches)


def _both(word: Form) -> str:
    return " OR ".join(dict.fromkeys(_quoted(token) for token in (word.exact, word.stem) if token))


def _any(expressions: Iterable[str]) -> str:
    return " OR ".join(f"({expression})" for expression in expressions)


def _quoted(tokens: str) -> str:
    return '"' + tokens.replace('"', '""') + '"'
