"""How an archive's database is opened for writing."""


def test_a_commit_is_synced_to_the_disk_before_it_returns(connection):
    """WAL with synchronous=FULL (2): <https://sqlite.org/pragma.html#pragma_synchronous>."""
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
