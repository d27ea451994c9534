"""Putting articles into an archive by hand."""

from newsarchive.storage import index
from newsarchive.storage.connection import transaction


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
