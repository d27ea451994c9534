"""Datasette on a free port of this machine, as a process of its own, with the plugin as if installed."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY = re.compile(r"running on (http://127\.0\.0\.1:\d+)")

STOCK = """
from datasette.cli import cli
from datasette.plugins import pm
for plugin in pm.get_plugins():
    if getattr(plugin, "__name__", "") == "newsarchive.publication":
        pm.unregister(plugin)
cli()
"""


def environment(folder: Path) -> dict[str, str]:
    """The environment of a process that has the plugin: an uninstalled checkout gets the entry point that
    pyproject.toml declares through a distribution folder on its path."""
    path = [str(ROOT)]
    if not any(point.name == "newsarchive" for point in importlib.metadata.entry_points(group="datasette")):
        path.append(str(_distribution(folder)))
    if os.environ.get("PYTHONPATH"):
        path.append(os.environ["PYTHONPATH"])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path), "PYTHONUNBUFFERED": "1"}


def _distribution(folder: Path) -> Path:
    info = folder / "distribution" / "newsarchive-0.1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: newsarchive\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[datasette]\nnewsarchive = newsarchive.publication\n")
    return info.parent


class Server:
    """A running server: its address, its process, what it wrote to standard error."""

    def __init__(self, process: subprocess.Popen) -> None:
        self.process = process
        self.log: list[str] = []
        self.url = ""
        self._ready = threading.Event()
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()
        if not self._ready.wait(60) or not self.url:
            process.kill()
            raise RuntimeError("Datasette did not start:\n" + "".join(self.log))

    def _listen(self) -> None:
        for line in self.process.stderr:
            self.log.append(line)
            found = READY.search(line)
            if found:
                self.url = found[1]
                self._ready.set()
        self._ready.set()

    def cpu_seconds(self) -> float:
        """CPU time of the threads of the process, in nanoseconds' steps: the clock of /proc/PID/stat has hundredths."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9

    def peak_memory(self) -> int:
        """The largest resident size so far, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024


@contextlib.contextmanager
def serve(*arguments: str | Path, stock: bool = False, **more: str):
    """Run `datasette ARGUMENTS` until the block ends; `stock` without our plugin."""
    with tempfile.TemporaryDirectory() as folder:
        program = ["-c", STOCK] if stock else ["-m", "datasette"]
        command = [sys.executable, *program, *map(str, arguments), "-p", "0"]
        process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(Path(folder)) | more,
        )
        server = Server(process)
        try:
            yield server
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            if process.poll() is None:
                process.kill()
                process.wait()
            server.listener.join(10)
            process.stderr.close()


def wait_for(condition, seconds: float = 10.0) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)
