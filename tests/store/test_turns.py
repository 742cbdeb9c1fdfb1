"""Mirrors store/turns.py: first come, first served; the dead are struck off."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from workbench.errors import StoreError
from workbench.store import catalogue, turns

PROJECT = Path(__file__).resolve().parents[2]
STANDS = """
import sys, time; from pathlib import Path; from workbench.store import turns
with turns.waiting(Path(sys.argv[1])): print("waits", flush=True); time.sleep(600)
"""


def names(store: Path) -> list[str]:
    return sorted(name for name in os.listdir(store / turns.FOLDER) if name.isdigit())


def test_a_turn_comes_when_those_before_are_gone(tmp_path: Path) -> None:
    with turns.waiting(tmp_path) as first, turns.waiting(tmp_path) as second:
        assert (first.has_come(), second.has_come()) == (True, False)
        assert names(tmp_path) == ["1", "2"]
    with turns.waiting(tmp_path) as third:
        assert third.has_come()
    assert names(tmp_path) == []


def test_nobody_waits_for_a_dead_writer(tmp_path: Path) -> None:
    dead = subprocess.Popen(
        [sys.executable, "-c", STANDS, str(tmp_path)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert dead.stdout is not None
    assert dead.stdout.readline() == "waits\n"
    with turns.waiting(tmp_path) as turn:
        assert not turn.has_come()
        dead.send_signal(signal.SIGKILL)
        dead.communicate()
        assert turn.has_come()
        assert names(tmp_path) == ["2"]


def test_a_writer_that_asks_again_at_once_lets_the_others_by(tmp_path: Path) -> None:
    order: list[str] = []
    greedy_holds, stop = threading.Event(), threading.Event()

    def greedy() -> None:
        while not stop.is_set():
            with catalogue.lock(tmp_path, "greedy"):
                order.append("greedy")
                greedy_holds.set()
                time.sleep(0.005)

    thread = threading.Thread(target=greedy)
    thread.start()
    try:
        for _ in range(5):
            greedy_holds.clear()
            assert greedy_holds.wait(60)
            with catalogue.lock(tmp_path, "patient", patience_seconds=60):
                order.append("patient")
    finally:
        stop.set()
        thread.join()
    assert order.count("patient") == 5


def test_those_who_wait_write_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    order: list[int] = []

    def write(number: int) -> None:
        with catalogue.lock(tmp_path, f"writer {number}"):
            order.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    with catalogue.lock(tmp_path, "first"):
        for number, thread in enumerate(threads):
            thread.start()
            while len(names(tmp_path)) <= number:  # until it stands in the queue
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(6))


def test_a_folder_that_takes_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / turns.FOLDER).write_text("a file where the queue should be")
    with pytest.raises(StoreError, match="cannot be written"), catalogue.lock(tmp_path, "writer"):
        pass
