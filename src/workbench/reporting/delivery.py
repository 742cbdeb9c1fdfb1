"""Publishing: a folder of a report appears whole, or the last good one stays.

The new folder is written and synced beside the old one, the manifest last; then the two change names in one step of the file system
(`renameat2` with RENAME_EXCHANGE). A process killed at any moment leaves the old folder or the new one, and at worst a hidden folder
that the next run removes. Where the file system cannot exchange, the old folder is moved aside first; a run killed in between is
mended by the next one (`recover`).
"""

import ctypes
import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workbench.errors import RunError, WrongUse

MANIFEST = "manifest.json"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
_NAME = re.compile(r"[a-z0-9][a-z0-9_]*(/[a-z0-9][a-z0-9_]*)*")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.(html|xlsx|csv|json)")


def check_report_name(name: str) -> str:
    """A report is named by its path under notebooks/, without ending: lower case, digits, underscore. Raises `WrongUse`."""
    if not _NAME.fullmatch(name) or len(name) > 120:
        raise WrongUse(
            f"{name[:60]!r} is not the name of a report", remedy="as in recovery/unpaid; see `workbench list`"
        )
    return name


def collected(folder: Path) -> dict[str, bytes]:
    """The files that a notebook left to publish. A name that is not plain, a link or a folder is refused with `RunError`."""
    found = {}
    for entry in sorted(folder.iterdir()):
        if entry.is_symlink() or not entry.is_file() or not _FILE.fullmatch(entry.name):
            raise RunError("a file to publish must be a plain .xlsx, .csv, .html or .json file", where=repr(entry.name))
        found[entry.name] = entry.read_bytes()
    return found


def manifest_of(folder: Path) -> dict[str, Any] | None:
    """The manifest of a published report, or None where there is none, or where a file is not the one it names."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        for name, digest in manifest["files"].items():
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest:
                return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return manifest if isinstance(manifest, dict) else None


@contextmanager
def report_lock(target: Path, seconds: float) -> Iterator[None]:
    """One run a report at a time; a second one waits. Raises `RunError` after `seconds`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(target.parent / f".{target.name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        until = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise RunError("another run of this report does not end", where=target.name) from None
                time.sleep(0.05)
        recover(target)
        yield
    finally:
        os.close(handle)


def recover(target: Path) -> None:
    """Remove what a killed run left; put the old folder back where it was moved aside and nothing took its place."""
    aside = target.parent / f".{target.name}.old"
    if aside.exists() and not target.exists():
        aside.rename(target)
    for left in (aside, target.parent / f".{target.name}.new"):
        shutil.rmtree(left, ignore_errors=True)


def publish(target: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any], beside: Mapping[str, bytes]) -> None:
    """Put `files`, then `beside` (not part of the proof), then the manifest into a new folder, and change it for `target`.

    The caller holds `report_lock`. Raises `OSError` (a full disk) with the published report untouched.
    """
    staged = target.parent / f".{target.name}.new"
    shutil.rmtree(staged, ignore_errors=True)
    try:
        staged.mkdir(parents=True)
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
        whole = json.dumps({**manifest, "files": digests}, ensure_ascii=False, indent=1, sort_keys=True).encode()
        for name, content in [*sorted(files.items()), *sorted(beside.items()), (MANIFEST, whole + b"\n")]:
            _write_synced(staged / name, content)
        _sync_folder(staged)
        _swap(staged, target)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    _sync_folder(target.parent)
    shutil.rmtree(staged, ignore_errors=True)
    shutil.rmtree(target.parent / f".{target.name}.old", ignore_errors=True)


def write_atomic(path: Path, content: bytes) -> None:
    """One file, whole or not at all, with the mode that the umask gives."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        _write_synced(part, content)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _swap(staged: Path, target: Path) -> None:
    if not target.exists():
        staged.rename(target)
    elif not _exchange(staged, target):
        target.rename(target.parent / f".{target.name}.old")
        staged.rename(target)


def _exchange(one: Path, other: Path) -> bool:
    """Change the names of two folders in one step; False where the system cannot."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    if renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number))
