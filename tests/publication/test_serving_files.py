"""The files of docs/serving, read by the programs they are for, where these are installed."""

import os
import re
import shutil
import socket
import subprocess
from urllib.parse import quote, urlsplit

import pytest
import sample_archive
from fetching import check_broken_transfer, get
from serving import ROOT, serve, wait_for

SERVING = ROOT / "docs" / "serving"


def program(name):
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def listens(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_caddyfile_is_valid():
    caddy = program("caddy")
    command = [caddy, "validate", "--adapter", "caddyfile", "--config", SERVING / "Caddyfile"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_transfer_broken_behind_nginx_breaks_in_front_of_it(tmp_path):
    nginx, port = program("nginx"), free_port()
    archive = sample_archive.create(tmp_path / "archive.db")
    with serve(archive) as running:
        proxy = start_nginx(nginx, tmp_path, port, running.url)
        try:
            front = f"http://127.0.0.1:{port}"
            page = get(front, "/", headers={"Accept-Encoding": "gzip", "Cookie": "a=b"})
            assert page.headers["content-encoding"] == "gzip"
            assert "private" not in page.headers["cache-control"]
            assert get(front, "/-/databases.json").status == 404
            wide = "select a.*, b.body, c.body from articles a, articles b, articles c"
            check_broken_transfer(front, "/archive.csv?sql=" + quote(wide), running.process.kill)
        finally:
            proxy.terminate()
            proxy.wait()


def start_nginx(nginx, folder, port, behind):
    """nginx with our configuration but for its ports, paths and TLS."""
    site = (SERVING / "nginx.conf").read_text()
    site = re.sub(r"\n    ssl_certificate.*", "", site).replace("443 ssl", f"127.0.0.1:{port}")
    site = site.replace("127.0.0.1:8001", urlsplit(behind).netloc).replace("/var/cache/nginx", str(folder))
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = folder / "nginx.conf"
    user = "user root; " if os.geteuid() == 0 else ""
    configuration.write_text(
        f"{user}daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; {temporary}\n{site}}}"
    )
    process = subprocess.Popen([nginx, "-p", folder, "-c", configuration])
    wait_for(lambda: listens(port))
    return process
