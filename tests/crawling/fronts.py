"""Raw servers in front of the sample newspaper: what no decent HTTP server would send."""

import socket
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit


class Front(str):
    """A running front: its base URL, which is also where the sample behind it sees its requests from.

    `log` is the sample's. `connections` counts the clients that came; `protocols` are what TLS agreed on with each
    (RFC 7301), None where the client named none.
    """

    __slots__ = ("connections", "log", "protocols")


@contextmanager
def front(site, spoil=None, *, address="127.0.0.1", port=0, name=None, context=None):
    """A server on `address` that answers as `site` does, one request to a connection.

    `spoil` takes a request's target and may give the pieces of bytes that are sent instead, whatever they are.
    `name` stands in the URL in the address's place. With an SSLContext it is spoken to over TLS.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, port), family=family) as listening:
        port = listening.getsockname()[1]
        host = f"[{address}]" if family is socket.AF_INET6 else address
        running = Front(f"{'https' if context else 'http'}://{name or host}:{port}")
        running.log, running.connections, running.protocols = site.log, 0, []

        def accept():
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                running.connections += 1
                threading.Thread(target=talk, args=(client,), daemon=True).start()

        def talk(client):
            try:
                if context:
                    client = context.wrap_socket(client, server_side=True)
                    running.protocols.append(client.selected_alpn_protocol())
                with client:
                    _answer(client, site, spoil)
            except OSError:
                return  # the client hung up

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield running
        finally:
            listening.shutdown(socket.SHUT_RDWR)


def _answer(client, site, spoil):
    """One request from the client to its end."""
    head = b""
    while b"\r\n\r\n" not in head:
        more = client.recv(65536)
        if not more:
            return
        head += more
    pieces = spoil(head.split()[1].decode("ascii")) if spoil else None
    for piece in pieces if pieces is not None else _passed_on(head, site):
        client.sendall(piece)
    client.shutdown(socket.SHUT_WR)


def _passed_on(head, site):
    """What the sample answers to a request without a body."""
    parts = urlsplit(site)
    lines = [line for line in head.split(b"\r\n") if line and not line.lower().startswith(b"connection:")]
    with socket.create_connection((parts.hostname, parts.port)) as server:
        server.sendall(b"\r\n".join([*lines, b"Connection: close", b"", b""]))
        while piece := server.recv(65536):
            yield piece
