"""One HTTP request to a running server, over a real socket."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import pytest


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)


def get(base: str, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> Answer:
    """Ask for a path as a browser does: what is not ASCII is percent-encoded."""
    host = urlsplit(base).netloc
    connection = http.client.HTTPConnection(host, timeout=60)
    try:
        connection.request(method, quote(path, safe="/?&=%+:;,@!$'()*~#[].-_"), headers=headers or {})
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, response.read())
    finally:
        connection.close()


def check_broken_transfer(base: str, path: str, breaking=None) -> None:
    """An answer that begins as a good one and then fails for who reads it, after `breaking` was done if it is given."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)
    try:
        connection.request("GET", path)
        with connection.getresponse() as response:
            assert response.status == 200
            if breaking:
                assert response.read(1000)
                breaking()
            with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
                response.read()
    finally:
        connection.close()
