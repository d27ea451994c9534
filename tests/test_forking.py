"""A forked verb is like one in a new interpreter; tests of verbs rest on that."""

import json
import os
import signal
import subprocess
import time

import forking
import pytest
from running import home, scrapy, started

pytestmark = pytest.mark.skipif(not forking.available(), reason="no verb is forked here")


@pytest.fixture
def folder(tmp_path):
    return home(tmp_path)


def spider(folder, code):
    """A file for `scrapy runspider` that runs this code, and the words for it."""
    (folder / "said.py").write_text(code)
    return "runspider", "--nolog", "said.py"


SEEN = """
# A crawl imports these, which add filters for warnings of their own.
import aiohttp.web, requests
import atexit, gc, json, locale, multiprocessing.process, os, resource, signal, sys, tempfile, threading, time, warnings
json.dump({
    "argv": sys.argv, "path": sys.path, "flags": repr(sys.flags), "optional": repr(sys.warnoptions),
    "filters": sorted(map(repr, warnings.filters)),
    "main": sys.modules["__main__"].__spec__.name, "folder": os.getcwd(),
    "began": multiprocessing.process.ORIGINAL_DIR, "environment": dict(os.environ), "zone": time.tzname,
    "threads": threading.active_count(), "descriptors": sorted(os.listdir("/proc/self/fd")), "umask": os.umask(0),
    "reactor": "twisted.internet.reactor" in sys.modules, "encoding": sys.stdout.encoding,
    "buffering": [sys.stdout.line_buffering, sys.stderr.line_buffering, sys.stdout.write_through],
    "locale": locale.getlocale(), "temporary": tempfile.gettempdir(),
    "collecting": [gc.isenabled(), gc.get_threshold()],
    "limits": resource.getrlimit(resource.RLIMIT_NOFILE), "recursion": sys.getrecursionlimit(),
    "signals": {str(s): str(signal.getsignal(s)).partition(" at ")[0] for s in signal.valid_signals()},
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())), "group": os.getpgid(0), "session": os.getsid(0),
}, sys.stdout)
atexit.register(print, "the end of the interpreter", file=sys.stderr)
warnings.warn("seen", DeprecationWarning)
sys.exit(7)
"""


def test_a_forked_verb_sees_what_a_fresh_one_sees(folder, monkeypatch):
    words = spider(folder, SEEN)
    monkeypatch.setenv("TZ", "Asia/Damascus")
    forked, fresh = scrapy(folder, *words), scrapy(folder, *words, fresh=True)
    assert json.loads(forked.stdout) == json.loads(fresh.stdout)
    assert (forked.returncode, forked.stderr) == (fresh.returncode, fresh.stderr) == (7, fresh.stderr)
    assert "DeprecationWarning: seen" in fresh.stderr
    assert fresh.stderr.endswith("the end of the interpreter\n")


@pytest.mark.parametrize(
    "words", [("nonsense",), ("crawl", "alwatan", "-a", "since=yesterday"), ()], ids=" ".join
)
def test_a_forked_verb_says_what_a_fresh_one_says(folder, words):
    forked, fresh = scrapy(folder, *words), scrapy(folder, *words, fresh=True)
    assert (forked.returncode, forked.stdout, forked.stderr) == (fresh.returncode, fresh.stdout, fresh.stderr)


def test_an_unhandled_exception_is_a_traceback_and_exit_1(folder):
    done = scrapy(folder, *spider(folder, "1 / 0"), check=1)
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")


def test_the_signal_that_ended_a_verb_is_its_exit_code(folder):
    scrapy(folder, *spider(folder, "import os; os.abort()"), check=-signal.SIGABRT)


def test_a_verb_that_hangs_is_killed_and_said(folder):
    words = spider(folder, "import time; time.sleep(60)")
    begun = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired, match="runspider"):
        scrapy(folder, *words, patience=0.5)
    verb = started(folder, *words)
    with pytest.raises(subprocess.TimeoutExpired, match="runspider"):
        verb.communicate(timeout=0.5)
    assert verb.poll() == -signal.SIGKILL
    assert time.monotonic() - begun < 30


def test_a_verb_under_way_is_read_and_signalled(folder):
    verb = started(folder, *spider(folder, "import os, time; print(os.getpid(), flush=True); time.sleep(60)"))
    assert int(verb.stdout.readline()) == verb.pid
    assert verb.poll() is None
    verb.terminate()
    verb.terminate()
    assert verb.communicate(timeout=60) == ("", None)
    assert verb.returncode == verb.poll() == -signal.SIGTERM
    verb.kill()


def test_another_setting_of_the_interpreter_makes_a_fresh_process(folder, monkeypatch):
    monkeypatch.setenv("PYTHONOPTIMIZE", "1")
    assert scrapy(folder, *spider(folder, "import sys; sys.exit(sys.flags.optimize + 4)")).returncode == 5


def test_the_server_ends_with_its_caller_and_so_do_its_children(folder):
    server = forking.Server(dict(os.environ))
    verb = server.start(spider(folder, "import time; print('up', flush=True); time.sleep(60)"), folder, {})
    assert verb.stdout.readline() == "up\n"
    begun = time.monotonic()
    server.close()
    assert verb.communicate(timeout=60) == ("", None)
    assert verb.returncode == -signal.SIGKILL
    assert time.monotonic() - begun < 30
