"""Putting articles into an archive by hand, three of them, and what an answer lists."""

import pytest

from newsarchive.storage import index
from newsarchive.storage.connection import transaction

OIL = {
    "title": "وزير النفط",
    "body": "زار وزير النفط مصفاة حمص.",
    "section": "اقتصاد",
    "published_on": "2017-03-05",
}
GAS = {
    "title": "أزمة الغاز",
    "body": "قالت وزارة النفط إن الغاز قليل.",
    "section": "محليات",
    "published_on": "2018-01-01",
}
BALL = {
    "title": "كرة القدم",
    "body": "فاز الجيش على تشرين.",
    "section": "رياضة",
    "published_on": "2018-06-30",
}


def keys(answer):
    return [hit.key for hit in answer.hits]


def begin_rebuild(connection):
    """Leave a rebuild of the index under way behind its first batch, the rows being those of another analyser."""
    connection.execute("UPDATE articles SET index_version = 1")
    with pytest.raises(StopIteration):
        index.rebuild(connection, lambda _: next(iter(())))


def insert(connection, articles):
    """Insert articles given as dictionaries, with their index; ids count up from 1 where none is given."""
    with transaction(connection):
        for number, article in enumerate(articles, 1):
            values = {"id": number, "key": f"test-{number}", "title": "خبر", "body": "", **article}
            connection.execute(
                f"INSERT INTO articles ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
                list(values.values()),
            )
        index.refresh(connection)
