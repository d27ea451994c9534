"""What stands around every answer of an archive's pages: security headers and repaired addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from newsarchive.publication.archives import archive_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from datasette.app import Datasette

    from newsarchive.publication.archives import Archive

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

# No script runs and nothing is loaded from elsewhere, so stored text can do nothing even if it were not escaped.
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY: Final = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_REPLACED: Final = {name for name, _ in SECURITY}
_BLANK_SEARCH: Final = re.compile(rb"(?:^|(?<=&))_search=(?:&|$)")


def is_ours(path: str, archive: Archive, datasette: Datasette) -> bool:
    """Whether an address belongs to the site: not to another database and not to Datasette's own `/-/` pages."""
    inner = path.removeprefix(str(datasette.setting("base_url")).rstrip("/"))
    if inner.startswith("/-/"):
        return inner.startswith("/-/static")
    first = inner.strip("/").split("/")[0].split(".")[0]
    return (
        first == archive.database
        or first not in datasette.databases
        or archive_of(datasette, first) is not None
    )


def wrap(app: App, archive: Archive, datasette: Datasette) -> App:
    """Put the headers on what belongs to the archive; leave every other page as it is."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_ours(scope["path"], archive, datasette):
            await app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [
                    pair for pair in message.get("headers", []) if bytes(pair[0]).lower() not in _REPLACED
                ]
                message = {**message, "headers": [*kept, *SECURITY]}
            await send(message)

        await app(_without_blank_search(scope), receive, send_with_headers)

    return wrapped


def _without_blank_search(scope: Scope) -> Scope:
    """A form sends its empty search box too; a search for nothing is no search."""
    query: bytes = scope.get("query_string") or b""
    if b"_search=" not in query:
        return scope
    return {**scope, "query_string": _BLANK_SEARCH.sub(b"", query).rstrip(b"&")}
