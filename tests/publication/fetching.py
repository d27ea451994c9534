"""One HTTP request to a running server, over a real socket."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from urllib.parse import quote, urlsplit


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
