"""Killed writers, two writers, readers beside them, a full disk: nothing half, nothing acknowledged lost.

The short run is 50 rounds of two kills; `WORKBENCH_FAULT_ROUNDS` (`make faults`) makes it longer.
"""

import contextlib
import multiprocessing
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest

from tests.store.rows import disputes, ids, write_offs
from workbench import store
from workbench.errors import StoreError

pytestmark = pytest.mark.faults
KILLS = int(os.environ.get("WORKBENCH_FAULT_ROUNDS", "100"))
ROUNDS, ROUNDS_AN_OFFICE = KILLS // 2, 10  # two writers are killed in each round
PROJECT = Path(__file__).resolve().parents[2]


# Writers are forked from a server that has imported what they need and done nothing with it: a kill costs no start of Python.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.store.rows", "workbench.store"])


def write_for_ever(folder: Path, name: str, seed: int, told: Path) -> None:
    """Imports of two tables, each acknowledged by a line in the file `told`: added to, replaced, joined, cleaned."""
    chance, number = Random(seed), 0
    acknowledgements = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    while True:
        number += 1
        key = f"{name}-{number}"
        with store.writer(folder) as writer:
            change = writer.append if chance.random() < 0.7 else writer.replace
            change("disputes", disputes(*[f"{key}-{k}" for k in range(chance.randint(1, 4))]))
            change("write_offs", write_offs(key))
        os.write(acknowledgements, f"{key}\n".encode())
        if chance.random() < 0.1:
            chance.choice([store.compact, store.vacuum])(folder)


def whole(office: store.Office) -> set[str]:
    """Imports seen in one table are the imports seen in the other: no reader ever sees a half."""
    one = {dispute_id.rsplit("-", 1)[0] for dispute_id, _ in ids(office)}
    two = {row[0] for row in office["write_offs"].project("write_off_id").fetchall()}
    assert one == two
    return one


def start(folder: Path, name: str, seed: int, told: Path) -> ForkServerProcess:
    process = FORKS.Process(target=write_for_ever, args=(folder, name, seed, told), daemon=True)
    process.start()
    return process


def kill_two_writers(folder: Path, told: list[Path], chance: Random) -> int:
    """Start two writers, read beside them, kill both at a moment of chance; how many times the office was read, whole each time."""
    writers, reads = [start(folder, each.name, chance.randrange(10**6), each) for each in told], 0
    try:
        # Killed only once one of them has written, else the round proves nothing; the other may wait for its turn all along.
        patience = time.monotonic() + 60
        while not any(each.exists() and each.stat().st_size for each in told) and time.monotonic() < patience:
            time.sleep(0.002)
        until = time.monotonic() + chance.random() * 0.3
        while time.monotonic() < until or not reads:
            whole(store.open_office(folder))
            reads += 1
        writers[0].kill()
        time.sleep(chance.random() * 0.1)
    finally:
        for process in writers:
            process.kill()
            process.join()
    return reads


@pytest.mark.parametrize("office", range(-(-ROUNDS // ROUNDS_AN_OFFICE)))
def test_killed_writers_leave_nothing_half_and_lose_nothing(tmp_path: Path, office: int) -> None:
    folder = tmp_path / "office"
    store.create_office(folder)
    chance, acknowledged, reads = Random(office), set[str](), 0
    for turn in range(ROUNDS_AN_OFFICE):
        told = [tmp_path / f"{turn}{side}" for side in "ab"]
        reads += kill_two_writers(folder, told, chance)
        acknowledged |= {key for each in told if each.exists() for key in each.read_text("ascii").split()}
        assert acknowledged <= whole(store.open_office(folder))
    assert reads >= ROUNDS_AN_OFFICE  # a round that no write and no read fell into proves nothing
    assert len(acknowledged) >= ROUNDS_AN_OFFICE
    assert {problem.code for problem in store.verify(folder)} <= {"files_orphaned"}
    store.vacuum(folder)
    assert store.verify(folder) == []


def test_two_writers_queue_and_both_write_all_they_have(tmp_path: Path) -> None:
    store.create_office(tmp_path)
    code = """
import sys; from pathlib import Path; from tests.store.rows import disputes; from workbench import store
for n in range(8):
    with store.writer(Path(sys.argv[1])) as writer: writer.append("disputes", disputes(f"{sys.argv[2]}{n}"))
"""
    writers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), side], cwd=PROJECT) for side in "ab"]
    assert [process.wait(60) for process in writers] == [0, 0]
    assert [each for each, _ in ids(store.open_office(tmp_path))] == [f"{side}{n}" for side in "ab" for n in range(8)]
    assert len(store.history(tmp_path)) == 17


@contextlib.contextmanager
def largest_file(size: int) -> Iterator[None]:
    """A disk that takes no file larger than this: what a write to a full one meets."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _write_two(folder: Path, verb: str, many: pa.Table) -> None:
    with store.writer(folder) as writer:
        getattr(writer, verb)("write_offs", write_offs("W1"))
        getattr(writer, verb)("disputes", many)


# Sizes at which the disk is full in turn for the lock, a log entry, the seal, the data of a small table, of a large one.
@pytest.mark.parametrize("size", [0, 300, 1_000, 2_000, 4_000, 20_000, 200_000])
@pytest.mark.parametrize("verb", ["append", "replace"])
def test_a_full_disk_leaves_the_previous_state(tmp_path: Path, size: int, verb: str) -> None:
    store.create_office(tmp_path)
    with store.writer(tmp_path) as writer:
        writer.append("disputes", disputes("D1"))
    many = disputes(*[f"{n * 7919 % 1_000_003}-{n}" for n in range(60_000)])
    with largest_file(size), pytest.raises(StoreError, match="could not be written"):
        _write_two(tmp_path, verb, many)
    now = store.open_office(tmp_path)
    assert (ids(now), len(now["write_offs"]), len(store.history(tmp_path))) == ([("D1", "F1")], 0, 2)
    with store.writer(tmp_path) as writer:  # space is there again
        writer.append("disputes", disputes("D2"))
    assert ids(store.open_office(tmp_path)) == [("D1", "F1"), ("D2", "F1")]
    assert {problem.code for problem in store.verify(tmp_path)} <= {"files_orphaned"}
