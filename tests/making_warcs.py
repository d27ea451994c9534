"""WARC files as another maker writes them."""

import gzip
import uuid
from datetime import UTC, datetime, timedelta


def warc(path, *records):
    """A WARC of answers: (address, page, second or WARC-Date, and the Content-Type if it is to be another)."""
    made = b""
    for url, page, second, *other_type in records:
        date = second
        if isinstance(second, int):
            moment = datetime(2026, 11, 10, tzinfo=UTC) + timedelta(seconds=second)
            date = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        (kind,) = other_type or ["text/html; charset=UTF-8"]
        block = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode() + page
        lines = (
            "WARC/1.0",
            "WARC-Type: response",
            f"WARC-Record-ID: <urn:uuid:{uuid.uuid4()}>",
            f"WARC-Date: {date}",
            f"WARC-Target-URI: {url}",
            "Content-Type: application/http; msgtype=response",
            f"Content-Length: {len(block)}",
            "\r\n",
        )
        made += gzip.compress("\r\n".join(lines).encode() + block + b"\r\n\r\n")
    path.write_bytes(made)
    return path
