"""`scrapy …` without the price of its imports: a process that has them forks one child for each verb.

A verb of the tests spends most of its time on importing Scrapy. The server imports what every verb imports, and then
waits: single-threaded, without a Twisted reactor and without the project's settings, which are read from the
environment. A child takes over the caller's folder, environment, words and standard streams, and runs
`python -m scrapy` to the end of its own interpreter. Limits, umask and user are those of the server: a test that
changes one of them wants a fresh process. Linux only (`available`); test_forking.py holds one against the other.
"""

import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

# What an interpreter reads before it runs anything: with another value there, a child would not be like a fresh one.
_READ_AT_START = ("PYTHON", "LC_", "LANG", "LD_")
# The longest request: an environment and the words.
_LONGEST = 1 << 17
# Seconds for a verb that a test ended to end.
_PATIENCE = 120
_ENDED = "the server of forked verbs has ended; its last words stand in the output of a test"


def available():
    """Whether verbs are to be forked here: the system must name a process by what nothing else can come to mean."""
    return os.environ.get("NEWSARCHIVE_FRESH") != "1" and _has_process_descriptors()


@functools.cache
def _has_process_descriptors():
    if not hasattr(os, "pidfd_open"):
        return False
    try:
        descriptor = os.pidfd_open(os.getpid())
    except OSError:  # a sandbox may forbid what the kernel has
        return False
    try:
        signal.pidfd_send_signal(descriptor, 0)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _start_variables(environment):
    return {name: value for name, value in environment.items() if name.startswith(_READ_AT_START)}


class Server:
    """The process that forks; it ends with the one that started it, and so do its children."""

    def __init__(self, environment):
        self._start_variables = _start_variables(environment)
        self._control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(other.fileno())],
                env=environment, stdin=subprocess.DEVNULL, pass_fds=[other.fileno()],
            )  # fmt: skip

    def can_run(self, environment):
        """Whether a child under this environment is like a fresh process."""
        return _start_variables(environment) == self._start_variables

    def run(self, words, folder, environment, *, stdin=0, stdout=1, stderr=2):
        """A verb under way, on these file descriptors."""
        words = [str(word) for word in words]
        request = json.dumps({"words": words, "folder": str(folder), "environment": environment}).encode()
        assert len(request) <= _LONGEST, f"{len(request)} bytes of words and environment"
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(self._control, [request], [stdin, stdout, stderr, theirs.fileno()])
        pid, descriptors, _, _ = socket.recv_fds(ours, 64, 1)
        assert pid, _ENDED
        return Verb(words, int(pid), descriptors[0], ours)

    def start(self, words, folder, environment):
        """A verb whose output, errors included, is read from `stdout` while it runs."""
        reading, writing = os.pipe()
        try:
            verb = self.run(words, folder, environment, stdout=writing, stderr=writing)
        finally:
            os.close(writing)
        verb.stdout = os.fdopen(reading)
        return verb

    def close(self):
        """End the server, and with it what still runs."""
        self._control.close()
        self._process.wait()


class Verb:
    """A forked `scrapy …`, with what the tests use of `subprocess.Popen`."""

    def __init__(self, args, pid, descriptor, reply):
        self.args, self.pid, self.returncode, self.stdout = args, pid, None, None
        self._descriptor, self._reply = descriptor, reply
        self._waiting, self._signalling = threading.Lock(), threading.Lock()

    def send_signal(self, number):
        with self._signalling, contextlib.suppress(ProcessLookupError):
            if self.returncode is None:
                signal.pidfd_send_signal(self._descriptor, number)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout=None):
        """Its exit code, negative for the signal that ended it; `subprocess.TimeoutExpired` when it goes on."""
        with self._waiting:
            self._wait(timeout)
        return self.returncode

    def poll(self):
        """Its exit code, or None while it runs; never waits, not even for another thread that does."""
        if self._waiting.acquire(blocking=False):
            try:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._wait(0)
            finally:
                self._waiting.release()
        return self.returncode

    def _wait(self, timeout):
        if self.returncode is not None:
            return
        self._reply.settimeout(timeout)
        try:
            code = self._reply.recv(64)
        except (TimeoutError, BlockingIOError):
            raise subprocess.TimeoutExpired(self.args, timeout) from None
        assert code, _ENDED
        with self._signalling:
            self.returncode = int(code)
            self._reply.close()
            os.close(self._descriptor)

    def communicate(self, timeout=_PATIENCE):
        """What it still says until it ends, and None for its errors; killed when that takes too long."""
        expired = threading.Event()
        alarm = threading.Timer(timeout, lambda: (expired.set(), self.kill()))
        alarm.start()
        with self.stdout:
            said = self.stdout.read()
        self.wait()
        alarm.cancel()
        if expired.is_set():
            raise subprocess.TimeoutExpired(self.args, timeout, output=said)
        return said, None


def _load():
    """Import what `scrapy list` imports and what a crawl does of Scrapy's; nothing in it may belong to one run."""
    from scrapy.settings import default_settings
    from scrapy.utils.misc import load_object, walk_modules_iter

    for package in ("scrapy.commands", "newsarchive.commands", "newsarchive.spiders"):
        list(walk_modules_iter(package))
    for name in ("scrapy.cmdline", "scrapy.core.downloader.handlers.http11", "scrapy.pqueues", "scrapy.squeues",
                 "scrapy.logformatter", "scrapy.statscollectors", "scrapy.dupefilters",
                 "twisted.internet.asyncioreactor"):  # fmt: skip
        importlib.import_module(name)
    for components in ("DOWNLOADER_MIDDLEWARES_BASE", "EXTENSIONS_BASE", "SPIDER_MIDDLEWARES_BASE"):
        for name in getattr(default_settings, components):
            load_object(name)
    assert not {"twisted.internet.reactor", "newsarchive.settings", "scrapy.__main__"} & sys.modules.keys()
    assert threading.active_count() == 1


def _refuse(message, *_):
    """In place of showing a warning of an import: a fresh process would show it every time, forked ones could not."""
    raise message


def _become(request, streams):
    """Be like a process that was started so."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    # `python -m` looks into the folder first.
    sys.path[0] = str(Path.cwd())
    sys.argv[1:] = request["words"]
    if "multiprocessing.process" in sys.modules:
        sys.modules["multiprocessing.process"].ORIGINAL_DIR = str(Path.cwd())


class _Children:
    """The children that live, by their descriptors; each has the socket that waits for its exit code."""

    def __init__(self, control):
        self.control, self.living, self.selector = control, {}, selectors.DefaultSelector()
        self.selector.register(control, selectors.EVENT_READ)

    def add(self, pid, reply):
        descriptor = os.pidfd_open(pid)
        socket.send_fds(reply, [str(pid).encode()], [descriptor])
        self.living[descriptor] = (pid, reply)
        self.selector.register(descriptor, selectors.EVENT_READ)

    def bury(self, descriptor):
        pid, reply = self.living.pop(descriptor)
        _, status = os.waitpid(pid, 0)
        self.selector.unregister(descriptor)
        os.close(descriptor)
        with reply, contextlib.suppress(BrokenPipeError):
            reply.send(str(os.waitstatus_to_exitcode(status)).encode())

    def end(self):
        for pid, _ in self.living.values():
            os.kill(pid, signal.SIGKILL)
        for descriptor in list(self.living):
            self.bury(descriptor)

    def forget(self):
        """In a child: they are the server's."""
        self.selector.close()
        self.control.close()
        for descriptor, (_, reply) in self.living.items():
            os.close(descriptor)
            reply.close()


def _serve(control):
    """Fork for every request until the caller is gone; returns in the children only."""
    children = _Children(control)
    while True:
        for key, _ in children.selector.select():
            if key.fileobj is not control:
                children.bury(key.fd)
                continue
            message, descriptors, _, _ = socket.recv_fds(control, _LONGEST, 4)
            if not message:
                children.end()
                control.close()
                sys.exit()
            *streams, reply = descriptors
            pid = os.fork()
            if not pid:
                children.forget()
                os.close(reply)
                _become(json.loads(message), streams)
                return
            for stream in streams:
                os.close(stream)
            children.add(pid, socket.socket(fileno=reply))


if __name__ == "__main__":
    shown, warnings.showwarning = warnings.showwarning, _refuse
    _load()
    warnings.showwarning = shown
    gc.collect()
    gc.freeze()
    try:
        with socket.socket(fileno=int(sys.argv[1])) as caller:
            _serve(caller)
    except KeyboardInterrupt:
        sys.exit(130)
    runpy.run_module("scrapy", run_name="__main__", alter_sys=True)
