"""The sample's pictures and printed pages, drawn when asked for: the same name gives the same bytes."""

from __future__ import annotations

import struct
import zlib

_WIDTH, _HEIGHT = 320, 180


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name: str) -> bytes:
    """A PNG of 320 × 180 pixels: a sky, a sun and hills whose colours and heights follow from the name."""
    seed = zlib.crc32(name.encode())
    palette = bytes(
        value
        for shade in range(4)
        for value in (
            (seed >> 3 & 63) + 60 * shade,
            (seed >> 9 & 63) + 45 * shade,
            (seed >> 15 & 63) + 40 * shade,
        )
    )
    left, right, sun = 60 + seed % 70, 60 + (seed >> 7) % 70, 40 + (seed >> 13) % 240
    rows = bytearray()
    for y in range(_HEIGHT):
        rows.append(0)
        for x in range(_WIDTH):
            hill = left + (right - left) * x // _WIDTH + abs((x + seed % 97) % 120 - 60) // 3
            bright = (x - sun) ** 2 + (y - 40) ** 2 < 400  # noqa: PLR2004 - the sun's radius squared
            rows.append(3 if bright else 2 - (y > hill) - (y > hill + 30))
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def logo(title: str) -> bytes:
    """The masthead as SVG."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="280" height="70" viewBox="0 0 280 70">'
        '<text x="140" y="48" font-size="38" font-weight="bold" fill="#7c1216" text-anchor="middle" '
        f'font-family="Noto Naskh Arabic, Noto Sans Arabic, DejaVu Sans, serif">{title}</text></svg>'
    ).encode()


def printed_page(name: str) -> bytes:
    """A PDF of one page that prints its own name."""
    text = f"BT /F1 24 Tf 60 400 Td ({name}) Tj ET".encode("ascii")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 595] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 5 0 R >> >>",
    )
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, entries)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return body + head + trailer % (len(objects) + 1, len(body))
