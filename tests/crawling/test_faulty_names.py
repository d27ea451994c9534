"""Names that lead nowhere, elsewhere, or to IPv6 alone, as the machine's own hosts file tells them."""

import ctypes
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from fronts import front
from running import home, make_due, scrapy
from small_paper import HURRY, crawl, stand_in

NEW_MOUNTS, NEW_USER = 0x20000, 0x10000000
BIND, PRIVATE = 0x1000, 0x44000


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no ::1")


class Names:
    """The names that a process knows in which `given` ran, and no others; they may change while it runs."""

    def __init__(self, folder):
        self._hosts, self._switch = folder / "hosts", folder / "nsswitch.conf"
        self._switch.write_text("hosts: files\n")
        self.say()

    def say(self, **addresses):
        """From now on these names have these addresses."""
        lines = [f"{address} {name}\n" for name, known in addresses.items() for address in known]
        self._hosts.write_text("".join(lines))

    def given(self):
        """For `preexec_fn`: put both files in the place of the machine's, for this process alone."""
        libc = ctypes.CDLL(None, use_errno=True)
        own = NEW_MOUNTS if os.geteuid() == 0 else NEW_MOUNTS | NEW_USER
        mounts = [
            (b"none", b"/", PRIVATE),
            (bytes(self._hosts), b"/etc/hosts", BIND),
            (bytes(self._switch), b"/etc/nsswitch.conf", BIND),
        ]
        if libc.unshare(own) or any(libc.mount(what, at, None, how, None) for what, at, how in mounts):
            raise OSError(ctypes.get_errno(), "no names of one's own")


@pytest.fixture
def names(tmp_path):
    """Skipped where a process may not have names of its own."""
    known = Names(tmp_path)
    known.say(localhost=["127.0.0.7"])
    if not sys.platform.startswith("linux") or not Path("/etc/nsswitch.conf").is_file():
        pytest.skip("names are told here in another way")
    asked = [sys.executable, "-c", "import socket; print(socket.gethostbyname('localhost'))"]
    try:
        said = subprocess.run(asked, preexec_fn=known.given, capture_output=True, text=True, check=False)
    except subprocess.SubprocessError:
        pytest.skip("a process may not have names of its own here")
    assert said.stdout == "127.0.0.7\n"
    return known


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "archive").mkdir()
    return home(tmp_path / "archive")


def is_article(target):
    return target.removeprefix("/archives/").isdigit()


def test_a_host_that_moves_while_a_crawl_goes_on_is_found_at_the_new_address_that_answers(folder, names):
    names.say(localhost=["127.0.0.1"])

    def moved_away(target):
        if not is_article(target):
            return None
        names.say(localhost=["127.0.0.3", "127.0.0.2"])  # nobody listens at the first
        return []

    with stand_in() as site, front(site, moved_away, name="localhost") as old:
        port = int(old.rpartition(":")[2])
        with front(site, address="127.0.0.2", port=port) as new:
            ended = crawl(folder, old, preexec_fn=names.given)
    assert (ended.code, len(ended.kept())) == (0, 4)
    assert new.connections == 4


def test_while_a_name_leads_nowhere_the_rest_waits_and_a_later_run_goes_on_there(folder, names):
    names.say(localhost=["127.0.0.1"])

    def forgotten(target):
        if is_article(target):
            names.say()

    with stand_in(count=9) as site, front(site, forgotten, name="localhost") as between:
        away = crawl(folder, between, "-s", "RETRY_ENABLED=False", preexec_fn=names.given)
        states = set(away.states().values())
        assert (away.code, len(away.kept())) == (6, 1)
        assert states <= {("article", None), ("failed", "network-error"), ("pending", None)}
        assert "no results for hostname lookup: localhost" in away.run()["verdict"]
        make_due(folder)
        ended = crawl(folder, site)
    assert (ended.code, len(ended.kept())) == (0, 9)


@needs_ipv6
def test_a_host_that_has_ipv6_alone_is_crawled(folder):
    with stand_in() as site, front(site, address="::1") as new:
        ended = crawl(folder, new)
    assert (ended.code, len(ended.kept())) == (0, 4)
    assert new.connections == len(ended.log)


@needs_ipv6
def test_a_name_that_leads_to_this_machine_is_not_asked_there(folder, names):
    here = ("127.0.0.1", "::1")
    names.say(**{"paper.example": here})
    with stand_in() as site, front(site, name="paper.example") as inner:
        with front(site, address="::1", port=int(inner.rpartition(":")[2])) as other:
            done = scrapy(
                folder, "explore", inner, *HURRY, "-s", "RETRY_ENABLED=False", check=6, preexec_fn=names.given
            )
        assert (inner.connections, other.connections) == (0, 0)
    for address in here:
        assert f"paper.example resolves to {address}, which is not public; not asked" in done.stderr
