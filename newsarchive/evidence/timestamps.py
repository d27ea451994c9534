"""A time stamp over a root from an RFC 3161 authority: that the captures existed by then, said by another."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import Request, urlopen

from newsarchive.exceptions import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

# AlgorithmIdentifier of SHA-256 (2.16.840.1.101.3.4.2.1) with NULL parameters, in DER.
_SHA256 = bytes.fromhex("300d06096086480165030402010500")
_GRANTED = {0, 1}
_SECONDS = 60
_LONGEST = 1 << 20


def stamp(path: Path, authority: str) -> Path:
    """Have a file stamped; the answer is kept beside it as `NAME.tsr`. `authority` is an http(s) address.

    Raises SettingsError where the authority cannot be asked or refuses.
    """
    if not authority.startswith(("http://", "https://")):
        raise SettingsError(f"ARCHIVE_TSA_URL={authority} is no web address")
    digest = hashlib.sha256(path.read_bytes()).digest()
    request = Request(  # noqa: S310 - the scheme is checked above
        authority, data=query(digest), headers={"Content-Type": "application/timestamp-query"}
    )
    try:
        with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - the scheme is checked above
            token: bytes = answer.read(_LONGEST)
    except (URLError, OSError) as error:
        raise SettingsError(f"{authority} gives no time stamp: {error}") from error
    if _status(token) not in _GRANTED or digest not in token:
        raise SettingsError(f"{authority} refused to stamp {path.name}")
    kept = path.with_name(f"{path.name}.tsr")
    kept.write_bytes(token)
    return kept


def query(digest: bytes) -> bytes:
    """A TimeStampReq (RFC 3161, 2.4.1) for a SHA-256 digest, with a nonce and asking for the certificate."""
    imprint = _der(0x30, _SHA256 + _der(0x04, digest))
    nonce = _der(0x02, b"\x01" + secrets.token_bytes(8))  # positive, and of least length
    return _der(0x30, _der(0x02, b"\x01") + imprint + nonce + _der(0x01, b"\xff"))


def _der(tag: int, content: bytes) -> bytes:
    assert len(content) < 128  # noqa: PLR2004 - the short form of a length; a request is 68 bytes
    return bytes((tag, len(content))) + content


def _status(answer: bytes) -> int | None:
    """The PKIStatus of a TimeStampResp: SEQUENCE { SEQUENCE { INTEGER … } … }."""
    position = 0
    for tag in (0x30, 0x30, 0x02):
        if len(answer) < position + 3 or answer[position] != tag:
            return None
        length = answer[position + 1]
        position += 2 + (length & 0x7F if length & 0x80 else 0)
    return answer[position] if position < len(answer) else None
