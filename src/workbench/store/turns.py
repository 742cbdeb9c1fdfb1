"""Turns of writers: who came first writes first, and nobody waits for a dead one.

A writer that has to wait leaves an empty file, numbered, in `.turns` and holds a lock on it as long as it lives. It may write once
no living one has a lower number. `flock` alone gives the store to whoever asks at the right moment: a writer that asks again at
once would keep another out for good.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

FOLDER = ".turns"
_DESK = "desk"  # held while a number is taken, so that two never take the same


def is_taken(handle: int) -> bool:
    """Whether the lock of an open file could be had now, and is held from here on."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Turn:
    """A place in the queue of a store."""

    def __init__(self, folder: Path, number: int) -> None:
        self._folder, self._number = folder, number

    def has_come(self) -> bool:
        """Whether nobody who came before is still waiting; those who died are struck off."""
        return not any(_is_alive(self._folder / str(each)) for each in _numbers(self._folder) if each < self._number)


@contextlib.contextmanager
def waiting(store: Path) -> Iterator[Turn]:
    """Stand in the queue of a store for as long as the block lasts."""
    folder = store / FOLDER
    folder.mkdir(exist_ok=True)
    desk = os.open(folder / _DESK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(desk, fcntl.LOCK_EX)  # held for an instant by each
        number = max(_numbers(folder), default=0) + 1
        path = folder / str(number)
        place = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        fcntl.flock(place, fcntl.LOCK_EX)
    finally:
        os.close(desk)
    try:
        yield Turn(folder, number)
    finally:
        path.unlink(missing_ok=True)
        os.close(place)


def _numbers(folder: Path) -> list[int]:
    return [int(name) for name in os.listdir(folder) if name.isdigit()]


def _is_alive(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        if not is_taken(handle):
            return True
        path.unlink(missing_ok=True)
        return False
    finally:
        os.close(handle)
