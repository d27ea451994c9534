"""Torn files: what repair keeps, and what it puts aside."""

import random

import pytest

from newsarchive.capture import CaptureFiles, exchange, repair, walk


@pytest.fixture
def whole(closed):
    """The bytes of a whole file, its name, and where every record of it ends."""
    path, _ = closed
    data = path.read_bytes()
    ends = [record.offset + record.length for record in walk(path)]
    path.unlink()
    return data, path.name, ends


def cut_points(data, ends):
    chosen = random.Random(5).sample(range(1, len(data)), 300)
    return sorted(
        {*chosen, 0, 1, len(data), *ends[:5], *(end - 1 for end in ends[:5]), *(end + 1 for end in ends[:5])}
    )


def test_a_cut_at_any_byte_leaves_the_whole_records_and_keeps_the_rest_aside(whole, tmp_path):
    data, name, ends = whole
    for cut in cut_points(data, ends):
        directory = tmp_path / str(cut)
        directory.mkdir()
        (directory / (name + ".open")).write_bytes(data[:cut])
        (done,) = repair(directory, "alwatan")
        kept = max([end for end in ends if end <= cut], default=0)
        assert (done.file, done.kept, done.torn) == (name, kept, cut - kept)
        expected = {name: data[:kept]} if kept else {}
        if cut > kept:
            expected[f"{name}.torn-{kept}"] = data[kept:cut]
        assert {p.name: p.read_bytes() for p in directory.iterdir()} == expected
        if kept:
            assert [r.offset + r.length for r in walk(directory / name)] == [
                end for end in ends if end <= kept
            ]


def test_appending_goes_on_after_a_repair(whole, tmp_path, made):
    data, name, ends = whole
    (tmp_path / (name + ".open")).write_bytes(data[:-7])
    repair(tmp_path, "alwatan")
    with CaptureFiles(tmp_path, "alwatan") as files:
        position = files.append(exchange(made()))[0]
    assert position.file != name
    assert len(list(walk(tmp_path / name))) == len(ends) - 1
    assert len(list(walk(tmp_path / position.file))) == 3


def test_damage_in_the_middle_does_not_cost_the_records_behind_it(whole, tmp_path):
    data, name, ends = whole
    broken = bytearray(data)
    broken[ends[6] + 40 : ends[6] + 60] = b"\0" * 20
    (tmp_path / (name + ".open")).write_bytes(broken + b"torn")
    (done,) = repair(tmp_path, "alwatan")
    assert (done.kept, done.torn) == (len(data), 4)
    damages = []
    records = list(walk(tmp_path / name, damages.append))
    assert len(records) == len(ends) - 1
    assert [(d.offset, d.length) for d in damages] == [(ends[6], ends[7] - ends[6])]


def test_a_tail_of_zeros_as_a_power_cut_leaves_it_is_cut_off(whole, tmp_path):
    data, name, _ = whole
    (tmp_path / (name + ".open")).write_bytes(data + b"\0" * 8192)
    (done,) = repair(tmp_path, "alwatan")
    assert (done.kept, done.torn) == (len(data), 8192)


def test_a_repair_that_was_killed_half_way_is_done_again(whole, tmp_path):
    data, name, ends = whole
    (tmp_path / (name + ".open")).write_bytes(data[:-3])
    (tmp_path / f"{name}.torn-{ends[-2]}").write_bytes(b"half")
    (done,) = repair(tmp_path, "alwatan")
    assert (tmp_path / done.torn_file).read_bytes() == data[ends[-2] : -3]
    assert repair(tmp_path, "alwatan") == []


def test_files_of_another_newspaper_are_left_alone(whole, tmp_path):
    data, name, _ = whole
    other = tmp_path / (name.replace("alwatan", "tishreen") + ".open")
    other.write_bytes(data[:-3])
    assert repair(tmp_path, "alwatan") == []
    assert other.read_bytes() == data[:-3]
