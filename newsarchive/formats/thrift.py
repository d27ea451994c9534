"""Thrift's compact protocol, as much of it as the metadata of Parquet needs.

https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Value = tuple[int, bytes]
    """The code of a type and the bytes of a value."""

_TRUE, _FALSE, _I32, _I64, _BINARY, _LIST, _STRUCT = 1, 2, 5, 6, 8, 9, 12
_SHORT: Final = 15
NO_STRUCTS: Final = (_LIST, bytes([_STRUCT]))
"""An empty list of structs."""


def varint(number: int) -> bytes:
    """A number from 0 in groups of seven bits, the lowest first."""
    parts = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - seven bits
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def boolean(value: bool) -> Value:  # noqa: FBT001 - the value itself
    """A boolean as the field of a struct: its type says it."""
    return _TRUE if value else _FALSE, b""


def i32(number: int) -> Value:
    """A number of 32 bits, or of an enumeration."""
    return _I32, varint(_zigzag(number))


def i64(number: int) -> Value:
    """A number of 64 bits."""
    return _I64, varint(_zigzag(number))


def binary(text: str) -> Value:
    """A text in UTF-8."""
    content = text.encode()
    return _BINARY, varint(len(content)) + content


def sequence(values: Sequence[Value]) -> Value:
    """A list; its values have one type."""
    (kind,) = {kind for kind, _ in values}
    size = len(values)
    head = bytes([size << 4 | kind]) if size < _SHORT else bytes([0xF0 | kind]) + varint(size)
    return _LIST, head + b"".join(content for _, content in values)


def struct(fields: Mapping[int, Value]) -> Value:
    """A struct; its fields by their numbers, ascending."""
    parts, last = [], 0
    for number, (kind, content) in fields.items():
        assert 0 < number - last <= _SHORT, "no struct of Parquet has a larger gap"
        parts += [bytes([(number - last) << 4 | kind]), content]
        last = number
    return _STRUCT, b"".join(parts) + b"\0"


def _zigzag(number: int) -> int:
    return number << 1 if number >= 0 else -(number << 1) - 1
