"""WARC files as another maker writes them."""

import gzip
import uuid
from datetime import UTC, datetime, timedelta


def warc(path, *records):
    """A WARC of answers: (address, page, second)."""
    made = b""
    for url, page, second in records:
        moment = datetime(2026, 11, 10, tzinfo=UTC) + timedelta(seconds=second)
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n" + page
        lines = (
            "WARC/1.0",
            "WARC-Type: response",
            f"WARC-Record-ID: <urn:uuid:{uuid.uuid4()}>",
            f"WARC-Date: {moment:%Y-%m-%dT%H:%M:%SZ}",
            f"WARC-Target-URI: {url}",
            "Content-Type: application/http; msgtype=response",
            f"Content-Length: {len(block)}",
            "\r\n",
        )
        made += gzip.compress("\r\n".join(lines).encode() + block + b"\r\n\r\n")
    path.write_bytes(made)
    return path
