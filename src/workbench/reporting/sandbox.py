"""Runs one notebook in a process of its own, and leaves nothing running behind it.

Two roles, started as a script (`python sandbox.py JOB.json`), so that the first needs nothing but the standard library. The
**supervisor** makes itself the reaper of every descendant, starts the worker, watches the deadline, the memory of them all and its own
parent, and at the end stops and kills whatever is left: a kernel has its own session and would outlive its parent's group.
The **worker** (`JOB.json --work`) sets the memory limit and has papermill run the notebook, over sockets in a private folder.
The outcome is `result.json` in the folder of the job: `{"outcome": "done"|"failed"|"deadline"|"memory"|"died", …}`.
"""

import contextlib
import ctypes
import gc
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
POLL_SECONDS = 0.2  # walking /proc takes 5 ms: more often, and a core of two would lose a tenth of its time to it
KERNEL_ARGUMENTS = ["--HistoryManager.hist_file=:memory:", "--IPKernelApp.extensions=workbench.reporting.loaded"]
MEMORY_OF_ALL = 1.5  # all processes of a run together may use this much of the limit of one


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _stat_of(pid: int) -> list[str]:
    """Fields of /proc/PID/stat after the name: state, parent, … Empty where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def descendants(root: int) -> list[int]:
    """Living processes below `root` (zombies left out)."""
    parents: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        fields = _stat_of(int(entry)) if entry.isdigit() else []
        if fields and fields[0] not in "ZX":
            parents.setdefault(int(fields[1]), []).append(int(entry))
    found: list[int] = []
    ahead = [root]
    while ahead:
        children = parents.get(ahead.pop(), [])
        found += children
        ahead += children
    return found


def _resident_bytes(pids: list[int]) -> int:
    total = 0
    for pid in pids:
        fields = _stat_of(pid)
        total += int(fields[21]) * resource.getpagesize() if fields else 0
    return total


def _held_bytes(pids: list[int]) -> int:
    """What processes hold together, each page that forks share counted once: dearer to ask, so only where it matters."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:  # gone
            continue
        total += sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))
    return total


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue
    except ChildProcessError:
        return


def end_all() -> None:
    """Stop every descendant (a stopped process cannot fork), then kill them; returns when none is left."""
    while pids := descendants(os.getpid()):
        stopped: set[int] = set()
        while fresh := [pid for pid in pids if pid not in stopped]:
            _signal(fresh, signal.SIGSTOP)
            stopped.update(fresh)
            pids = descendants(os.getpid())
        _signal(pids, signal.SIGKILL)
        time.sleep(0.01)
        _reap()
    _reap()


def _write(folder: Path, result: dict[str, Any]) -> None:
    part = folder / "result.part"
    part.write_text(json.dumps(result), encoding="utf-8")
    part.replace(folder / "result.json")


def supervise(job_path: Path, parent: int) -> int:
    """Start the worker, wait for it within deadline and memory, end whatever is left."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    asked: list[int] = []  # a handler that raised could cut the clean-up short: it only leaves word
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _: asked.append(number))
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    job = json.loads(job_path.read_text(encoding="utf-8"))
    folder = Path(job["folder"])
    deadline = time.monotonic() + job["deadline_seconds"]
    outcome = "died"
    try:
        worker = subprocess.Popen([sys.executable, __file__, str(job_path), "--work"])
        while worker.poll() is None:
            if time.monotonic() > deadline:
                outcome = "deadline"
                break
            pids, most = descendants(os.getpid()), job["memory_bytes"] * MEMORY_OF_ALL
            if _resident_bytes(pids) > most and _held_bytes(pids) > most:
                outcome = "memory"
                break
            if asked or os.getppid() != parent:
                return 143
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.wait(POLL_SECONDS)
    finally:
        end_all()
    if outcome != "died" or not (folder / "result.json").exists():
        _write(folder, {"outcome": outcome})
    return 0


def work(job_path: Path) -> int:
    """Run the notebook of the job; the executed notebook is `executed.ipynb` in its folder."""
    job = json.loads(job_path.read_text(encoding="utf-8"))
    folder = Path(job["folder"])
    resource.setrlimit(resource.RLIMIT_DATA, (job["memory_bytes"], job["memory_bytes"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A grammar of international addresses that jsonschema would build at import, as long as pandas takes; no notebook needs it.
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    gc.disable()
    from jupyter_client.manager import AsyncKernelManager
    from jupyter_core.utils import run_sync

    kernel = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=str(folder / "k"))
    # The kernel starts, and loads what every report uses, while this process loads papermill: a second of a page's ten.
    run_sync(kernel.start_kernel)(cwd=job["cwd"], extra_arguments=KERNEL_ARGUMENTS)
    import papermill
    from nbclient.exceptions import DeadKernelError

    gc.enable()
    # stops before the supervisor has to; at least a second, or papermill would take it for "no limit"
    seconds = max(1, int(job["deadline_seconds"]))
    try:
        papermill.execute_notebook(
            job["notebook"],
            str(folder / "executed.ipynb"),
            parameters=job["parameters"],
            kernel_name="python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            start_timeout=seconds,
            cwd=job["cwd"],
            km=kernel,
        )
    except papermill.PapermillExecutionError as error:
        _write(
            folder,
            {
                "outcome": "memory" if error.ename == "MemoryError" else "failed",
                "error": f"{error.ename}: {error.evalue}",
                "cell": error.cell_index,
                "source": str(error.source)[:300],
            },
        )
    except DeadKernelError:
        _write(folder, {"outcome": "died"})
    else:
        _write(folder, {"outcome": "done"})
    return 0


def main(arguments: list[str]) -> int:
    """`sandbox.py JOB.json [--work]`."""
    job_path = Path(arguments[0])
    return work(job_path) if "--work" in arguments else supervise(job_path, os.getppid())


if __name__ == "__main__":
    sys.path.pop(0)  # the folder of this script holds modules whose names could hide others
    sys.exit(main(sys.argv[1:]))
