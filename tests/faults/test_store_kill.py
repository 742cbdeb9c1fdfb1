"""Killed writers, two writers, readers beside them, a full disk: nothing half, nothing acknowledged lost.

The short run is 20 rounds; `WORKBENCH_FAULT_ROUNDS` (`make faults`) makes it longer.
"""

import contextlib
import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest

from tests.store.rows import disputes, ids, write_offs
from workbench import store
from workbench.errors import StoreError

pytestmark = pytest.mark.faults
ROUNDS = int(os.environ.get("WORKBENCH_FAULT_ROUNDS", "20"))
PROJECT = Path(__file__).resolve().parents[2]


def write_for_ever(folder: Path, name: str, seed: int) -> None:
    """Imports of two tables, each acknowledged on standard output: added to, replaced, joined, cleaned."""
    chance, number = Random(seed), 0
    while True:
        number += 1
        key = f"{name}-{number}"
        with store.writer(folder) as writer:
            change = writer.append if chance.random() < 0.7 else writer.replace
            change("disputes", disputes(*[f"{key}-{k}" for k in range(chance.randint(1, 4))]))
            change("write_offs", write_offs(key))
        print(key, flush=True)
        if chance.random() < 0.1:
            chance.choice([store.compact, store.vacuum])(folder)


def whole(office: store.Office) -> set[str]:
    """Imports seen in one table are the imports seen in the other: no reader ever sees a half."""
    one = {dispute_id.rsplit("-", 1)[0] for dispute_id, _ in ids(office)}
    two = {row[0] for row in office["write_offs"].project("write_off_id").fetchall()}
    assert one == two
    return one


def start(folder: Path, name: str, seed: int) -> "subprocess.Popen[str]":
    code = "import sys; from pathlib import Path; from tests.faults.test_store_kill import write_for_ever; write_for_ever(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))"
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder), name, str(seed)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )


def test_killed_writers_leave_nothing_half_and_lose_nothing(tmp_path: Path) -> None:
    store.create_office(tmp_path)
    chance, acknowledged, reads = Random(1), set[str](), 0
    for turn in range(ROUNDS):
        writers = [start(tmp_path, f"{turn}{side}", chance.randrange(10**6)) for side in "ab"]
        try:
            # Killed only once one of them writes, else the round proves nothing; the other may wait for the lock all along.
            select.select([process.stdout for process in writers], [], [], 60)
            until = time.monotonic() + chance.random() * 0.4
            while time.monotonic() < until:
                whole(store.open_office(tmp_path))
                reads += 1
            writers[0].send_signal(signal.SIGKILL)
            time.sleep(chance.random() * 0.1)
        finally:
            for process in writers:
                process.kill()
        for process in writers:
            acknowledged |= set(process.communicate()[0].split())
        assert acknowledged <= whole(store.open_office(tmp_path))
    assert reads > ROUNDS
    assert len(acknowledged) > ROUNDS
    assert {problem.code for problem in store.verify(tmp_path)} <= {"files_orphaned"}
    store.vacuum(tmp_path)
    assert store.verify(tmp_path) == []


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
