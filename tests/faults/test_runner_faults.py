"""A run that misbehaves is ended with all it started; a publish killed at any moment leaves one whole report."""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.reporting import notebooks
from workbench.errors import RunError
from workbench.reporting import delivery, runner
from workbench.reporting.runner import Limits, Pin, RunResult

pytestmark = pytest.mark.faults
ROUNDS = int(os.environ.get("WORKBENCH_FAULT_ROUNDS", "100"))
HANGS = "import time\ntime.sleep(3600)"
# Children in sessions of their own, that ignore polite signals and go on forking.
FORKS = (
    "import os, signal, sys, time\nfrom pathlib import Path\n"
    "for n in range(6):\n"
    "    if os.fork() == 0:\n"
    "        os.setsid()\n"
    "        signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "        while True:\n"
    "            if os.fork() == 0: time.sleep(0.3); os._exit(0)\n"
    "            time.sleep(0.05)\n"
    "            try:\n"
    "                while os.waitpid(-1, os.WNOHANG)[0]: pass\n"
    "            except ChildProcessError: pass\n"
    "time.sleep(3600)"
)
EATS = "parts = []\nwhile True: parts.append(bytearray(20_000_000))"
ENDS = "import os\nos._exit(3)"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faults")
    return notebooks.project(folder, hangs=HANGS, forks=FORKS, eats=EATS, ends=ENDS, ok=notebooks.ANSWER)


def _run(project: Path, name: str, limits: Limits | None = None) -> RunResult:
    pin = Pin(project / "office", "i1")
    return runner.run(f"tests/{name}", {}, pin, project, project / "reports", notebooks.export, limits)


def _processes_of(project: Path) -> list[str]:
    """Processes whose environment names this project: everything that a run of it started."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            is_ours = f"WORKBENCH_PROJECT={project.resolve()}\0".encode() in (entry / "environ").read_bytes()
        except OSError:
            continue
        if is_ours:
            found.append(entry.name)
    return found


@pytest.mark.parametrize(
    ("name", "limits", "told"),
    [
        ("hangs", Limits(3, 2 << 30), "not done after 3 s"),
        ("forks", Limits(5, 2 << 30), "not done after 5 s"),
        ("eats", Limits(60, 400 << 20), "400 MiB of memory"),
        ("ends", Limits(60, 2 << 30), "ended by itself"),
    ],
)
def test_a_kernel_that_misbehaves_is_ended_and_leaves_nothing(
    project: Path, name: str, limits: Limits, told: str
) -> None:
    started = time.monotonic()
    with pytest.raises(RunError, match=told):
        _run(project, name, limits)
    assert time.monotonic() - started < limits.deadline_seconds + 5
    assert _processes_of(project) == []
    assert not (project / "reports" / "2024-12" / "tests" / name).exists()


def test_a_runner_that_is_killed_takes_its_kernel_along(project: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.faults.test_runner_faults import _run; "
        "_run(Path(sys.argv[1]), 'hangs')"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(project)], cwd=Path(__file__).parents[2])
    for _ in range(1200):
        if len(_processes_of(project)) >= 3:  # supervisor, worker, kernel
            break
        time.sleep(0.05)
    else:
        pytest.fail("the kernel did not start")
    process.send_signal(signal.SIGKILL)
    process.wait()
    for _ in range(600):  # as long as a loaded machine may take: what counts is that it ends
        if not _processes_of(project):
            return
        time.sleep(0.05)
    pytest.fail("the kernel outlived its runner")


def test_two_runs_at_once_make_one_report(project: Path) -> None:
    results: list[Any] = []
    threads = [threading.Thread(target=lambda: results.append(_run(project, "ok"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result.status for result in results) == ["published", "unchanged"]
    assert delivery.manifest_of(results[0].folder) is not None


def _publish_for_ever(target: Path) -> None:
    number = 0
    while True:
        number += 1
        with delivery.report_lock(target, 5):
            files = {f"{k}.html": f"{number} ".encode() * 2000 for k in "abc"}
            delivery.publish(target, files, {"n": number}, {"run.json": b"{}"})


def test_a_publish_killed_at_any_moment_leaves_one_whole_report(tmp_path: Path) -> None:
    target, chance = tmp_path / "r", random.Random(7)
    with delivery.report_lock(target, 1):
        delivery.publish(target, {f"{k}.html": b"0 " * 2000 for k in "abc"}, {"n": 0}, {})
    changed = 0
    for _ in range(ROUNDS):
        process = multiprocessing.get_context("fork").Process(target=_publish_for_ever, args=(target,))
        process.start()
        time.sleep(chance.uniform(0, 0.04))
        process.kill()
        process.join()
        numbers = {(target / f"{k}.html").read_text().split()[0] for k in "abc"}
        manifest = delivery.manifest_of(target)
        assert manifest is not None
        assert numbers == {str(manifest["n"])}
        changed += manifest["n"] > 0
    assert changed > ROUNDS // 4  # the kills did fall into publishing
    with delivery.report_lock(target, 1):
        assert {p.name for p in tmp_path.iterdir()} == {"r", ".r.lock"}
