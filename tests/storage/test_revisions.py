"""Digests of texts: what counts as an edit."""

import sys
import unicodedata

from newsarchive.storage.revisions import text_sha256


def test_no_format_character_of_unicode_is_an_edit():
    marks = "".join(c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Cf")
    assert len(marks) > 150
    plain = text_sha256("عنوان", "نص الخبر")
    assert text_sha256(f"عن{marks}وان", "نص الخبر") == plain
    assert all(text_sha256("عنوان", f"نص الخ{mark}بر") == plain for mark in marks)


def test_a_letter_above_the_basic_plane_is_an_edit():
    assert text_sha256("عنوان 😀", "نص") != text_sha256("عنوان", "نص")
