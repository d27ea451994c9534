"""The sample newspaper over real HTTP on the loopback: `python -m newsarchive.sample.server [--port N]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

from newsarchive.sample.answers import answer
from newsarchive.sample.exchange import Request, Response
from newsarchive.sample.paper import Paper

if TYPE_CHECKING:
    from socket import socket

Hook = Callable[[Request], Response | None]


class Running(str):
    """A running sample: the base URL, `http://127.0.0.1:PORT`.

    `log` holds every request in the order of arrival, `paper` is what is served and may be replaced while
    serving, `before` may answer a request in the paper's place.
    """

    __slots__ = ("before", "log", "paper")
    paper: Paper
    before: Hook | None
    log: list[Request]

    def respond(self, request: Request) -> Response:
        """The answer to a request; the request is put on the log first."""
        self.log.append(request)
        given = self.before(request) if self.before else None
        return given or answer(self.paper, request)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    site: Running

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        """Say nothing of clients that hang up; any other error is the sample's own and is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        """Answer GET."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        host = headers.get("host", "")
        request = Request(self.command, host, self.path, headers, time.time())
        self._send(self.server.site.respond(request))

    do_HEAD = do_GET  # noqa: N815 - the name http.server looks for
    do_POST = do_GET  # noqa: N815

    def _send(self, response: Response) -> None:
        time.sleep(response.delay)
        self.send_response(response.status)
        if response.status != 304:  # noqa: PLR2004
            self.send_header("Content-Type", response.content_type)
            has_end = response.has("Content-Length") or response.has("Transfer-Encoding")
            if not has_end and not response.without_length:
                self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body[: response.cut_after])
        if response.cut_after is not None or response.without_length or self.command == "POST":
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep stderr quiet: the log is `Running.log`."""

    def version_string(self) -> str:
        """The Server header of a usual host."""
        return "LiteSpeed"


def _bound(paper: Paper | None, port: int, before: Hook | None) -> _Server:
    server = _Server(("127.0.0.1", port), _Handler)
    server.site = Running(f"http://127.0.0.1:{server.server_port}")
    server.site.paper = paper or Paper()
    server.site.before = before
    server.site.log = []
    return server


@contextmanager
def serving(paper: Paper | None = None, *, port: int = 0, before: Hook | None = None) -> Iterator[Running]:
    """Serve the paper on 127.0.0.1 while the block runs. Raises OSError for a port that is taken.

    The Host header chooses the site: alwatan.sy and alwatanonline.com with or without www, the newspaper for
    any other. `before` sees every request first; what it returns is sent instead of the paper's answer.
    """
    server = _bound(paper, port, before)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main(arguments: list[str] | None = None) -> None:
    """Serve until interrupted; the address is printed first."""
    parser = argparse.ArgumentParser(prog="python -m newsarchive.sample.server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    server = _bound(None, parser.parse_args(arguments).port, None)
    sys.stdout.write(f"{server.site}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
