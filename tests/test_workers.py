"""What a terminal and systemd send to every process of a group ends the parent's work, never a worker by itself."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from running import environment

# What a child does; not of the main module, as `newsarchive.offline.workers` asks for.
WORK = """
import time

def slow(pieces):
    time.sleep(max(pieces))
    return pieces
"""


@pytest.fixture
def parent(tmp_path):
    """Starts a process that has workers, in a process group of its own; its children share its output."""
    (tmp_path / "slow.py").write_text(WORK)
    running = []

    def start(code):
        imports = "import os, signal, time\nimport slow\nfrom newsarchive.offline import workers\n"
        # A shell has its background commands ignore SIGINT, and what they start inherits that.
        imports += "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        paths = os.pathsep.join((str(tmp_path), environment()["PYTHONPATH"]))
        process = subprocess.Popen(
            [sys.executable, "-c", imports + textwrap.dedent(code)], env=environment(PYTHONPATH=paths),
            start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        running.append(process)
        assert process.stdout.readline() == "runs\n"
        return process

    yield start
    for process in running:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        process.wait()


def send(process, number, times, pause=0.02):
    """To the whole group, as a terminal does, until it has ended."""
    for _ in range(times):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return
        time.sleep(pause)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_to_the_group_end_no_worker_at_any_instant(parent, number):
    process = parent(f"""
        signal.signal({int(number)}, lambda *_: None)
        print("runs", flush=True)
        print(list(workers.run(slow.slow, iter([[0.5], [0.6]]), 1)), flush=True)
        os._exit(0)  # an interpreter that ends in order takes signals again
    """)
    send(process, number, 60)
    output, errors = process.communicate(timeout=20)
    assert (output, process.returncode) == ("[0.5, 0.6]\n", 0), errors


AT_WORK = """
    print("runs", flush=True)
    list(workers.run(slow.slow, iter([[100], [100]]), 2))
"""
HELD_BY_THE_CALLER = """
    def main():
        results = workers.run(slow.slow, iter([[0], [100], [100]]), 2)
        next(results)
        print("runs", flush=True)
        time.sleep(100)
    main()
"""


@pytest.mark.parametrize("code", [AT_WORK, HELD_BY_THE_CALLER], ids=["at work", "held by the caller"])
def test_ctrl_c_ends_the_parent_and_its_workers_promptly(parent, code):
    process = parent(code)
    time.sleep(1)
    send(process, signal.SIGINT, 1)
    # The output ends when the last child has ended.
    _, errors = process.communicate(timeout=5)
    assert process.returncode == -signal.SIGINT
    assert errors.splitlines()[-1] == "KeyboardInterrupt"


@pytest.mark.parametrize("after", [0, 0.3, 1])
def test_the_workers_of_a_killed_parent_end_by_themselves(parent, after):
    process = parent("""
        print("runs", flush=True)
        list(workers.run(slow.slow, iter([[0], [2]]), 2))
    """)
    time.sleep(after)
    process.kill()
    process.communicate(timeout=10)
