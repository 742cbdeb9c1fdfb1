import errno
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import RunError, WrongUse
from workbench.reporting import delivery

MANIFEST = {"report": "tests/ok"}


def _publish(target: Path, text: str) -> None:
    delivery.publish(target, {"page.html": text.encode(), "t.xlsx": text.encode()}, MANIFEST, {"run.json": b"{}"})


def test_a_report_is_replaced_whole_and_keeps_the_mode_of_the_umask(tmp_path: Path) -> None:
    target = tmp_path / "été 100 %" / "a#b"
    target.parent.mkdir()
    previous = os.umask(0o027)
    try:
        _publish(target, "one")
        _publish(target, "two")
    finally:
        os.umask(previous)
    assert (target / "page.html").read_text() == "two"
    assert stat.S_IMODE((target / "page.html").stat().st_mode) == 0o640
    assert [p.name for p in target.parent.iterdir()] == ["a#b"]
    manifest = delivery.manifest_of(target)
    assert manifest is not None
    assert set(manifest["files"]) == {"page.html", "t.xlsx"}


def test_without_exchange_the_old_folder_moves_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_exchange", lambda *_: False)
    target = tmp_path / "r"
    _publish(target, "one")
    _publish(target, "two")
    assert (target / "page.html").read_text() == "two"
    assert [p.name for p in tmp_path.iterdir()] == ["r"]


def test_a_run_killed_between_the_two_moves_is_mended(tmp_path: Path) -> None:
    target = tmp_path / "r"
    _publish(target, "one")
    target.rename(tmp_path / ".r.old")
    with delivery.report_lock(target, 1):
        assert (target / "page.html").read_text() == "one"


def test_a_file_changed_by_hand_voids_the_manifest(tmp_path: Path) -> None:
    target = tmp_path / "r"
    _publish(target, "one")
    (target / "page.html").write_text("typed")
    assert delivery.manifest_of(target) is None


@pytest.mark.parametrize("fails_at", range(4))
def test_a_full_disk_leaves_the_last_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int) -> None:
    target = tmp_path / "r"
    _publish(target, "one")
    real, calls = os.fsync, [0]

    def full(handle: int) -> None:
        calls[0] += 1
        if calls[0] > fails_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(delivery.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        _publish(target, "two")
    monkeypatch.undo()
    assert (target / "page.html").read_text() == "one"
    assert delivery.manifest_of(target) is not None
    assert [p.name for p in tmp_path.iterdir()] == ["r"]


@pytest.mark.parametrize(
    "name", ["../x", "a/../b", "/etc/passwd", "a//b", "", ".", "a/.b", "A/b", "a b", "a\n", "a\x00", "x" * 200]
)
def test_names_of_reports_cannot_leave_their_folder(name: str) -> None:
    with pytest.raises(WrongUse):
        delivery.check_report_name(name)


def test_only_plain_files_are_published(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(b"x")
    assert delivery.collected(tmp_path) == {"t.xlsx": b"x"}
    (tmp_path / "l.xlsx").symlink_to("/etc/passwd")
    with pytest.raises(RunError):
        delivery.collected(tmp_path)


@pytest.mark.parametrize("name", ["x.sh", ".hidden.xlsx", "-x.xlsx", "a b.xlsx", "x"])
def test_a_strange_file_name_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(RunError):
        delivery.collected(tmp_path)


def test_a_second_run_waits_and_gives_up_in_time(tmp_path: Path) -> None:
    caught: list[Any] = []

    def second() -> None:
        try:
            with delivery.report_lock(tmp_path / "r", 0.1):
                caught.append("in")
        except RunError as error:
            caught.append(error)

    with delivery.report_lock(tmp_path / "r", 1):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert isinstance(caught[0], RunError)


def test_one_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery.write_atomic(tmp_path / "i.html", b"one")
    monkeypatch.setattr(delivery.os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space")))
    with pytest.raises(OSError, match="No space"):
        delivery.write_atomic(tmp_path / "i.html", b"two")
    assert (tmp_path / "i.html").read_bytes() == b"one"
    assert [p.name for p in tmp_path.iterdir()] == ["i.html"]
