"""WARC/1.1 records (ISO 28500:2017) as gzip members: data in, bytes out.

Payload digests are SHA-1 in base 32, as the indexes of the Wayback Machine and Common Crawl print them, so
that a copy there can be told without fetching it. Block digests are SHA-256, because they have to stand as
evidence and SHA-1 can be forged. warcio and FastWARC verify both.

Nothing here names the machine or the network that did the crawl.
"""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha1, sha256
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import uuid4

from newsarchive.capture.members import pack_member

Headers = Iterable[tuple[bytes, bytes]]

IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"

_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TRUNCATIONS = frozenset({"length", "time", "disconnect", "unspecified"})
# They would hand the crawl's secrets to whoever gets the file.
_SECRETS = frozenset({b"authorization", b"proxy-authorization", b"cookie"})
_NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer.

    url: the newspaper's own address, an ASCII URI. fetched_at: UTC, `YYYY-MM-DDThh:mm:ssZ`, when the bytes
    were obtained from the newspaper (the memento's time for a web archive's copy).
    body: as it came, transfer coding undone and content coding kept. protocol: `HTTP/1.1`, `HTTP/1.0`, `h2`.
    ip: the server's address; written where it is a public one.
    truncated: None, or why the body is not whole: length, time, disconnect, unspecified.
    source_uri, obtained_at: for a copy, where and when it was got.
    """

    url: str
    method: str
    request_headers: tuple[tuple[bytes, bytes], ...]
    request_body: bytes
    status: int
    reason: str
    response_headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    protocol: str
    ip: str | None
    fetched_at: str
    truncated: str | None = None
    source_uri: str | None = None
    obtained_at: str | None = None


def payload_digest(body: bytes) -> str:
    """Return the digest of an undecoded body as WARC-Payload-Digest prints it: `sha1:` and 32 letters."""
    return "sha1:" + b32encode(sha1(body, usedforsecurity=False).digest()).decode()


def exchange(made: Exchange, first: tuple[str, str] | None = None) -> tuple[bytes, bytes]:
    """Make the members of the answer and of its request, in this order.

    `first` is (url, fetched_at) of an earlier capture with the same payload digest: the answer is then a
    revisit record, which holds its headers only. Raises ValueError for a field that WARC cannot hold.
    """
    digest = payload_digest(made.body)
    head, note = response_head(made)
    common = [("WARC-Target-URI", made.url), ("WARC-Date", made.fetched_at)]
    answer_id = _new_id()
    fields = [
        ("WARC-Record-ID", answer_id),
        *common,
        *_provenance(made),
        ("WARC-Payload-Digest", digest),
        ("Content-Type", "application/http;msgtype=response"),
        *([("X-Headers-Altered", note)] if note else []),
    ]
    if first is None:
        answer = _record("response", fields, head, made.body, compressed=_is_compressed(made))
    else:
        fields += [
            ("WARC-Profile", IDENTICAL_PAYLOAD),
            ("WARC-Refers-To-Target-URI", first[0]),
            ("WARC-Refers-To-Date", first[1]),
        ]
        answer = _record("revisit", fields, head)
    fields = [
        ("WARC-Record-ID", _new_id()),
        *common,
        ("WARC-Concurrent-To", answer_id),
        ("Content-Type", "application/http;msgtype=request"),
    ]
    return answer, _record("request", fields, request_head(made), made.request_body)


def resource(
    url: str,
    fetched_at: str,
    content_type: str,
    body: bytes,
    *,
    source_uri: str | None = None,
    obtained_at: str | None = None,
) -> bytes:
    """Make the member of a page that came without its HTTP answer.

    `fetched_at` is when it was saved, `obtained_at` when we got it, by which a file is ordered.
    """
    fields = [
        ("WARC-Record-ID", _new_id()),
        ("WARC-Target-URI", url),
        ("WARC-Date", fetched_at),
        *_optional(("WARC-Source-URI", source_uri), ("WARC-Creation-Date", obtained_at)),
        ("WARC-Payload-Digest", payload_digest(body)),
        ("Content-Type", content_type),
    ]
    return _record("resource", fields, b"", body)


def metadata(url: str, fetched_at: str, content_type: str, block: bytes, *, refers_to: str) -> bytes:
    """Make the member of what is said about the record `refers_to` (a WARC-Record-ID)."""
    fields = [
        ("WARC-Record-ID", _new_id()),
        ("WARC-Target-URI", url),
        ("WARC-Date", fetched_at),
        ("WARC-Refers-To", refers_to),
        ("Content-Type", content_type),
    ]
    return _record("metadata", fields, block)


def warcinfo(filename: str, date: str, fields: Mapping[str, str]) -> bytes:
    """Make the first member of a file. `fields` are such as `software`; values are single lines."""
    said = {
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "http-headers": "canonical case of names, not the case and order received; transfer coding undone",
        **fields,
    }
    block = b"".join(b"%s: %s\r\n" % (n.encode(), _one_line(v.encode())) for n, v in said.items())
    head = [("WARC-Record-ID", _new_id()), ("WARC-Date", date), ("WARC-Filename", filename)]
    return _record("warcinfo", [*head, ("Content-Type", "application/warc-fields")], block)


def request_head(made: Exchange) -> bytes:
    """Write the request line and header as HTTP/1.1 does, without what authenticates the crawler.

    For a copy it is the request to where the copy was got.
    """
    parts = urlsplit(made.source_uri or made.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers, _ = _clean(made.request_headers)
    kept = [(n, v) for n, v in headers if n.lower() not in _SECRETS]
    if all(n.lower() != b"host" for n, _ in kept):
        kept.insert(0, (b"Host", parts.netloc.rpartition("@")[2].encode()))
    return _http_head(f"{made.method} {target} {_version(made.protocol)}".encode("ascii"), kept)


def response_head(made: Exchange) -> tuple[bytes, str]:
    """Write the status line and header as HTTP/1.1 does; the second value says what was changed in them.

    Line breaks and NUL in a value become spaces (RFC 9110, 5.5), a name that is no token is left out.
    Content-Length says the length of the body that follows, and Transfer-Encoding, which is undone, goes:
    readers would look for chunks.
    """
    headers, notes = _clean(made.response_headers)
    if any(n.lower() == b"transfer-encoding" for n, _ in headers):
        notes.append("transfer-encoding removed")
        headers = [(n, v) for n, v in headers if n.lower() not in (b"transfer-encoding", b"content-length")]
        headers.append((b"Content-Length", b"%d" % len(made.body)))
    elif made.method != "HEAD" and made.status != _NOT_MODIFIED:
        headers = [_right_length(pair, len(made.body), notes) for pair in headers]
    line = b"%s %d %s" % (_version(made.protocol).encode(), made.status, _one_line(made.reason.encode()))
    return _http_head(line, headers), "; ".join(notes)


def _right_length(pair: tuple[bytes, bytes], length: int, notes: list[str]) -> tuple[bytes, bytes]:
    name, value = pair
    if name.lower() != b"content-length" or value == b"%d" % length:
        return pair
    notes.append(f"content-length was {value[:40].decode('latin-1')!a}")
    return name, b"%d" % length


def _clean(headers: Headers) -> tuple[list[tuple[bytes, bytes]], list[str]]:
    given = list(headers)
    named = [(name, value) for name, value in given if _TOKEN.fullmatch(name)]
    cleaned = [(name, _one_line(value)) for name, value in named]
    broken = sum(before != after for before, after in zip(named, cleaned, strict=True))
    notes = [f"{broken} values with a line break or NUL"] if broken else []
    if len(named) < len(given):
        notes.append(f"{len(given) - len(named)} headers without a valid name removed")
    return cleaned, notes


def _one_line(value: bytes) -> bytes:
    return value.replace(b"\r", b" ").replace(b"\n", b" ").replace(b"\0", b" ")


def _http_head(line: bytes, headers: Headers) -> bytes:
    return b"\r\n".join([line, *(n + b": " + v for n, v in headers), b"", b""])


def _version(protocol: str) -> str:
    """Name the protocol the head is written in: the tools read HTTP/1 only, WARC-Protocol names another."""
    return "HTTP/1.0" if protocol == "HTTP/1.0" else "HTTP/1.1"


def _provenance(made: Exchange) -> list[tuple[str, str]]:
    if made.truncated is not None and made.truncated not in _TRUNCATIONS:
        raise ValueError(f"WARC-Truncated cannot be {made.truncated!r}")
    return _optional(
        ("WARC-IP-Address", _public(made.ip)),
        ("WARC-Protocol", "h2" if made.protocol in {"h2", "HTTP/2", "HTTP/2.0"} else None),
        ("WARC-Truncated", made.truncated),
        ("WARC-Source-URI", made.source_uri),
        ("WARC-Creation-Date", made.obtained_at),
    )


def _optional(*fields: tuple[str, str | None]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in fields if value is not None]


def _public(ip: str | None) -> str | None:
    """Pass an address that the whole internet has: others are the crawling network's own."""
    try:
        return ip if ip is not None and ip_address(ip).is_global else None
    except ValueError:
        return None


def _is_compressed(made: Exchange) -> bool:
    return any(
        n.lower() == b"content-encoding" and v.strip() != b"identity" for n, v in made.response_headers
    )


def _new_id() -> str:
    return f"<urn:uuid:{uuid4()}>"


def _check(name: str, value: str) -> None:
    if name.endswith("-Date"):
        valid = _DATE.fullmatch(value)
    elif name.endswith("-URI"):
        valid = _URI.fullmatch(value)
    else:
        valid = _FIELD.fullmatch(name) if value.isprintable() else None
    if not valid:
        raise ValueError(f"{name} cannot be {value!r}")


def _record(
    kind: str, fields: list[tuple[str, str]], head: bytes, body: bytes = b"", *, compressed: bool = False
) -> bytes:
    for name, value in fields:
        _check(name, value)
    digest = sha256(head)
    digest.update(body)
    lines = ["WARC/1.1", f"WARC-Type: {kind}", *(f"{name}: {value}" for name, value in fields)]
    lines += [f"WARC-Block-Digest: sha256:{digest.hexdigest()}", f"Content-Length: {len(head) + len(body)}"]
    warc_head = "\r\n".join([*lines, "", ""]).encode()
    return pack_member(warc_head + head, body + b"\r\n\r\n", compressed=compressed)
