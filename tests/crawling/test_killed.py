"""A crawl that is ended at any instant, by whatever, and run again comes to the same archive."""

import contextlib
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter

import pytest
from running import (
    ROOT,
    check_states,
    content,
    environment,
    home,
    rows,
    scrapy,
    started,
    without_root_privileges,
)

from newsarchive import sample
from newsarchive.sample.server import serving

HURRY = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False", "-s", "CONCURRENT_REQUESTS=4",
         "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=4")  # fmt: skip
IN_FLIGHT = 4
# newsarchive.archive commits when so many results wait, at the latest.
GROUP = 50
ARTICLES = {article.path for article in sample.load()}
# Asked first of all articles.
NEWEST = max(sample.load(), key=lambda article: article.post_id).path
ROW_OF_RUN = "SELECT exit_code, ended_at FROM runs ORDER BY id"


def words(site, *more):
    return ("crawl", "alwatan", "-a", f"site={site}", *HURRY, *more)


@pytest.fixture(scope="module")
def site():
    """The sample newspaper, for one crawl after another."""
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, site):
    """What an archive holds after a crawl that nothing disturbed."""
    folder = home(tmp_path_factory.mktemp("undisturbed"))
    scrapy(folder, *words(site), check=0)
    return content(folder)


@pytest.fixture
def folder(tmp_path, site):
    yield home(tmp_path)
    site.before = None


def visited(site, since=0):
    """How often each article's page was asked."""
    return Counter(request.path for request in site.log[since:] if request.path in ARTICLES)


def at_request(site, count, act):
    """Do something when so many more requests have come."""
    due = len(site.log) + count

    def before(_request):
        if len(site.log) == due:
            act()

    site.before = before


def check_database(folder):
    check_states(folder)
    assert rows(folder, "PRAGMA integrity_check")[0][0] == "ok"


@pytest.mark.parametrize("seed", [20241208])
def test_three_kills_at_any_instant_cost_nothing_but_a_few_requests(folder, site, undisturbed, seed):
    chance = random.Random(seed)
    begun = len(site.log)
    for _ in range(3):
        process = started(folder, *words(site))
        wait = chance.uniform(0, 0.05)
        at_request(site, chance.randint(5, 100), threading.Timer(wait, process.kill).start)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
    site.before = None
    scrapy(folder, *words(site), check=0)
    assert content(folder) == undisturbed
    check_database(folder)
    asked = visited(site, begun)
    assert sum(asked.values()) - len(asked) <= 3 * (IN_FLIGHT + GROUP)
    assert [row["ended_at"] is None for row in rows(folder, ROW_OF_RUN)] == [True, True, True, False]


def test_a_page_during_whose_reading_every_run_was_killed_comes_all_the_same(folder, site, undisturbed):
    address = f"https://alwatan.sy{NEWEST}"
    for _ in range(3):
        (folder / "archive.db.lock").write_text(address)
        process = started(folder, *words(site))
        at_request(site, 30, process.kill)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
    site.before = None
    assert rows(folder, f"SELECT reader_deaths FROM addresses WHERE url = '{address}'")[0][0] >= 1
    (folder / "archive.db.lock").write_text(address)
    scrapy(folder, *words(site), check=0)
    assert content(folder) == undisturbed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_to_the_group_while_a_suspect_page_is_read_end_the_run_and_refuse_nothing(
    folder, site, undisturbed, number
):
    (folder / "archive.db.lock").write_text(f"https://alwatan.sy{NEWEST}")
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", *words(site)], cwd=folder, env=environment(), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip

    def send():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)

    def before(request):
        if request.path == NEWEST:
            # A process for the page takes half a second to start.
            for pause in (0.15, 0.35):
                threading.Timer(pause, send).start()

    site.before = before
    try:
        assert process.wait(60) == 130
    finally:
        process.kill()
    site.before = None
    assert rows(folder, "SELECT 1 FROM refusals WHERE reason = 'kills-reader'") == []
    scrapy(folder, *words(site), check=0)
    assert content(folder) == undisturbed


def test_sigterm_keeps_what_was_fetched_and_exits_with_130(folder, site, undisturbed):
    begun = len(site.log)
    process = started(folder, *words(site))
    at_request(site, 120, process.terminate)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    asked = visited(site, begun)
    assert 0 < len(asked) < len(ARTICLES)
    (run,) = rows(folder, ROW_OF_RUN)
    assert (run["exit_code"], run["ended_at"] is not None) == (130, True)
    site.before = None
    scrapy(folder, *words(site), check=0)
    assert content(folder) == undisturbed
    assert max(visited(site, begun).values()) == 1


def test_a_second_sigterm_stops_at_once_and_loses_nothing(folder, site, undisturbed):
    process = started(folder, *words(site))

    def twice():
        process.terminate()
        threading.Timer(0.02, process.terminate).start()

    at_request(site, 120, twice)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    check_database(folder)
    site.before = None
    scrapy(folder, *words(site), check=0)
    assert content(folder) == undisturbed


@pytest.fixture
def small_disk(folder):
    """A disk of 900 kB; a function that makes it large again."""
    disk = folder / "disk"
    disk.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=900k", "none", str(disk)], check=False, capture_output=True
        ).returncode
    )
    if not mounted:
        pytest.skip("only root may mount a small disk")
    yield lambda: subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
    subprocess.run(["umount", str(disk)], check=True)


ON_DISK = ("-s", "ARCHIVE_DB=disk/archive.db", "-s", "ARCHIVE_WARC_DIR=disk/captures")


def test_a_full_disk_is_exit_3_and_a_larger_one_ends_the_work(folder, site, undisturbed, small_disk):
    done = scrapy(folder, *words(site, *ON_DISK), check=3)
    assert "no space left" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert len(content(folder, "disk/archive.db")) < len(undisturbed)
    small_disk()
    scrapy(folder, *words(site, *ON_DISK), check=0)
    assert content(folder, "disk/archive.db") == undisturbed
    shutil.copy(folder / "disk/archive.db", folder)
    check_database(folder)


def test_a_file_size_limit_is_exit_3_and_without_it_the_work_ends(folder, site, undisturbed):
    limit = 700_000
    done = scrapy(
        folder, *words(site), check=3,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    assert "no space left" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    scrapy(folder, *words(site), check=0)
    assert content(folder) == undisturbed
    check_database(folder)


def lock_database(folder):
    """Hold the write lock of the archive's database, as another program would."""
    holder = sqlite3.connect(folder / "archive.db", isolation_level=None, check_same_thread=False, timeout=30)
    holder.execute("BEGIN IMMEDIATE")
    return holder


def test_a_database_that_is_locked_for_seconds_is_waited_for(folder, site, undisturbed):
    held = []

    def hold():
        held.append(lock_database(folder))
        threading.Timer(3, held[0].close).start()

    at_request(site, 80, hold)
    scrapy(folder, *words(site), check=0)
    assert held
    assert content(folder) == undisturbed


def test_a_database_that_stays_locked_is_exit_5_and_the_next_run_ends_the_work(folder, site, undisturbed):
    held = []
    at_request(site, 80, lambda: held.append(lock_database(folder)))
    process = started(folder, *words(site, "-s", "ARCHIVE_BUSY_SECONDS=1"))
    said = []
    for line in process.stdout:
        said.append(line)
        if "locked" in line:
            held[0].close()
            break
    said += process.communicate(timeout=60)[0]
    assert process.returncode == 5, "".join(said)
    assert "Traceback" not in "".join(said)
    site.before = None
    scrapy(folder, *words(site), check=0)
    assert content(folder) == undisturbed
    check_database(folder)


def test_of_two_runs_at_once_the_second_exits_with_11_and_the_first_is_whole(folder, site, undisturbed):
    codes = []

    def second():
        codes.append(scrapy(folder, *words(site)).returncode)

    racing = threading.Thread(target=second)
    at_request(site, 60, racing.start)
    begun = len(site.log)
    scrapy(folder, *words(site), "-s", "DOWNLOAD_DELAY=0.01", check=0)
    racing.join()
    assert codes == [11]
    assert content(folder) == undisturbed
    assert max(visited(site, begun).values()) == 1
    assert len(rows(folder, ROW_OF_RUN)) == 1


@pytest.mark.parametrize("place", ["captures", "database"])
def test_a_directory_that_cannot_be_written_is_exit_4_before_any_request(folder, site, place):
    begun = len(site.log)
    closed = folder / place
    closed.mkdir()
    closed.chmod(0o555)
    where = () if place == "captures" else ("-s", f"ARCHIVE_DB={place}/archive.db")
    try:
        done = scrapy(folder, *words(site, *where), check=4, preexec_fn=without_root_privileges)
    finally:
        closed.chmod(0o755)
    assert "cannot be written" in done.stderr
    assert site.log[begun:] == []
    assert ROOT not in (folder, *folder.parents)
