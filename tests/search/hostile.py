"""What people and robots type into search boxes."""

import random

HOSTILE = [
    '"غضب',
    "وزارة: النفط",
    "الرقة -دمشق",
    "(الرقة",
    " ",
    '"',
    "\0",
    "a\0b",
    "*",
    "AND",
    "OR",
    "NOT",
    "-داعش",
    "it's",
    "NEAR(",
    "NEAR(دمشق حلب, 5)",
    "title:",
    "{body_exact}: دمشق",
    "دمشق AND OR NOT",
    "^دمشق",
    "دمشق + حلب",
    "';DROP TABLE articles;--",
    "%_%",
    "\ud800",
    "😀",
    "\U000f0000",
    "ـ" * 5000,
    "دمشق " * 3000,
    "ا" * 20000,
    "(" * 5000,
    '"' * 5001,
    "-" * 5000,
    "قسم:" * 500,
    "حلب قسم:\ud800x",
]

_PIECES = [
    *"\"'()[]{}*+-:^~&|!.,؛،؟%$#@/\\<>«»\t\n\0\u0640\u064f\u200f\u200c\ufeff\u0651٣3aZé",
    *"ابتثجحخدذرزسشصضطظعغفقكلمنهويءةىأ",
    *("AND", "OR", "NOT", "NEAR", "دمشق", "قسم:", "title:", "منذ:", '"دمشق حلب"', "-حلب", "وزار*"),
]


def random_texts(count, seed=20171):
    """Yield so many strings of letters, marks and operators."""
    chance = random.Random(seed)
    for _ in range(count):
        yield "".join(chance.choice(_PIECES) for _ in range(chance.randint(0, 12)))
