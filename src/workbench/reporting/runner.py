"""Runs a notebook as a report: checked parameters, a process of its own, a checked page, published whole or not at all.

`run` takes what the report rests on (`Pin`: the office, its import, the versions of its tables) as data; it opens no store. A report whose
inputs are those of its manifest is not run again. The page is made of the executed notebook alone, so that the same inputs give
the same bytes; the times of the run live in `run.json`, beside.
"""

import contextlib
import hashlib
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import lxml.html
import nbformat

import workbench
from workbench.errors import NotebookFailed, RunError, WrongUse
from workbench.reporting import checks, delivery, parameters

Export = Callable[[Any, str, str, Mapping[str, str]], str]
DEADLINE_SECONDS = 600.0
MEMORY_BYTES = 4 << 30
LOADED_MEANWHILE = ("nbconvert.exporters", "workbench.reporting.portal")  # what comes after takes a second to load
KERNEL_STARTS_SECONDS = 2.0  # about
LONGEST_SOCKET_FOLDER = 80  # the address of a socket holds 107 characters


@dataclass(frozen=True)
class Pin:
    """What a report is made from: the folder of the office, the import read, and the version of every table at that import.

    `is_past`: later imports are there, so that the report is of what was known then, and stands beside that of today. `files`: what else
    of the office it reads, beside its tables; one that is not there yet makes the report old when it comes.
    """

    office: Path
    import_id: str
    versions: Mapping[str, int] = field(default_factory=dict)
    is_past: bool = False
    files: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Limits:
    """How long a run may last, in seconds, and how much memory each of its processes may take, in bytes."""

    deadline_seconds: float = DEADLINE_SECONDS
    memory_bytes: int = MEMORY_BYTES


@dataclass(frozen=True)
class RunResult:
    """What a run came to: `status` is `published` or `unchanged`; `folder` holds the page, its workbook and its manifest."""

    report: str
    status: str
    folder: Path
    page: Path
    seconds: float


def notebook_of(report: str, project: Path) -> Path:
    """The notebook of a report, under notebooks/. Raises `WrongUse` where there is none."""
    path = project / "notebooks" / f"{delivery.check_report_name(report)}.ipynb"
    if not path.is_file():
        raise WrongUse(f"there is no report {report!r}", remedy="see `workbench list`")
    return path


def reports_in(project: Path) -> list[str]:
    """The reports of a project: every notebook but those made for hands (explore/)."""
    root = project / "notebooks"
    found = (path.relative_to(root).with_suffix("").as_posix() for path in root.rglob("*.ipynb"))
    return sorted(name for name in found if not name.startswith("explore/") and ".ipynb_checkpoints" not in name)


def run(
    report: str,
    given: Mapping[str, Any],
    pin: Pin,
    project: Path,
    reports: Path,
    export: Export,
    limits: Limits | None = None,
    period: str = "month",
    force: bool = False,
) -> RunResult:
    """Make one report, or find that there is nothing to do. Raises `WrongUse` before a kernel starts, `RunError` after."""
    started, limits = time.monotonic(), limits or Limits()
    notebook = notebook_of(report, project)
    declared = parameters.read_parameters(notebook)
    values = parameters.validated(declared, given, report)
    target = folder_of(report, values, declared, reports, period, pin.import_id if pin.is_past else "")
    inputs = inputs_of(notebook, values, pin, project)
    with delivery.report_lock(target, limits.deadline_seconds):
        page = target / f"{report.rpartition('/')[2]}.html"
        before = None if force else delivery.manifest_of(target)
        if before is not None and before.get("inputs") == inputs:
            return RunResult(report, "unchanged", target, page, time.monotonic() - started)
        files, manifest = _made(report, notebook, values, pin, project, export, limits, inputs)
        times = {"finished_at": datetime.now(UTC).isoformat(), "seconds": round(time.monotonic() - started, 3)}
        beside = {"run.json": json.dumps(times).encode()}
        try:
            delivery.publish(target, files, manifest, beside)
        except OSError as error:
            raise RunError(
                f"the report cannot be written: {error.strerror}", str(target), "the last one stands"
            ) from error
    return RunResult(report, "published", target, page, time.monotonic() - started)


def folder_of(
    report: str,
    values: Mapping[str, Any],
    declared: Mapping[str, parameters.Parameter],
    reports: Path,
    period: str,
    known_on: str = "",
) -> Path:
    """`reports/<period>/<report>`: the month that `as_of` ends (else its day, so that no day of a month takes the place of another),
    and in the name what differs from the defaults, and the import where it is a past one."""
    as_of = values.get("as_of")
    span = "undated" if as_of is None else _span(date.fromisoformat(as_of), period)
    others = {name: v for name, v in values.items() if name != "as_of" and v != declared[name].default}
    name = report + "".join(f".{key}-{_slug(value)}" for key, value in others.items())
    name += f".known-{_slug(known_on)}" if known_on else ""
    return reports / span / name


def _span(as_of: date, period: str) -> str:
    ends_its_month = (as_of + timedelta(days=1)).day == 1
    return as_of.isoformat()[: 7 if period != "day" and ends_its_month else 10]


def _slug(value: Any) -> str:
    text = str(value)
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "_" for char in text)[:40]
    return plain if plain == text else f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def inputs_of(notebook: Path, values: Mapping[str, Any], pin: Pin, project: Path) -> dict[str, Any]:
    """Everything that a report rests on, as hashes: notebook, source, lock, parameters, reference files, versions of tables."""
    source = Path(workbench.__file__).parent
    return {
        "notebook": _hash_files([notebook]),
        "source": _hash_files(p for p in source.rglob("*") if p.suffix in (".py", ".toml", ".j2", ".css", ".js")),
        "lock": _hash_files([project / "requirements.lock"]),
        "parameters": dict(values),
        "reference": _hash_files((project / "data" / "reference").rglob("*")),
        "import": pin.import_id,
        "tables": dict(sorted(pin.versions.items())),
        "files": _hash_files(pin.files),
    }


def _hash_files(paths: Any) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file()):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _made(
    report: str,
    notebook: Path,
    values: Mapping[str, Any],
    pin: Pin,
    project: Path,
    export: Export,
    limits: Limits,
    inputs: Mapping[str, Any],
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The files to publish and the manifest, made in a private folder that does not outlive this call."""
    folder = private_folder()
    try:
        output = folder / "output"
        output.mkdir()
        execute(notebook, values, pin, folder, project, limits)
        executed: Any = nbformat.read(folder / "executed.ipynb", as_version=4)  # type: ignore[no-untyped-call]
        checks.check_notebook(executed)
        _forget_the_run(executed)
        lang = str(values.get("lang", "fr"))
        stamp = {name: str(inputs[name])[:16] for name in ("notebook", "source", "lock", "reference", "import")}
        html = export(executed, report, lang, stamp)
        checks.check_page(html, executed, has_plotly="plotly-data" in html)
        files = delivery.collected(output) | {f"{report.rpartition('/')[2]}.html": html.encode()}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    said = {"report": report, "lang": lang, "as_of": values.get("as_of"), "inputs": inputs}
    known = {"known_on": pin.import_id} if pin.is_past else {}
    return files, said | known | headline(html)


def private_folder() -> Path:
    """A short folder of our own: it holds sockets, and two runs must not share them."""
    for parent in (None, "/dev/shm", "/tmp"):
        folder = Path(tempfile.mkdtemp(prefix="wb", dir=parent))
        if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
            return folder
        folder.rmdir()
    raise RunError("no temporary folder has a short enough name", remedy="set TMPDIR to a short path")


def execute(notebook: Path, values: Mapping[str, Any], pin: Pin, folder: Path, project: Path, limits: Limits) -> None:
    """Run the notebook in the sandbox; `executed.ipynb` is then in `folder`. Raises `RunError` with the reason it failed."""
    job = {
        "notebook": str(notebook.resolve()),
        "folder": str(folder),
        "parameters": dict(values),
        "cwd": str(folder),
        "deadline_seconds": limits.deadline_seconds,
        "memory_bytes": limits.memory_bytes,
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    script = Path(__file__).with_name("sandbox.py")
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(script), str(folder / "job.json")],
            env=_environment(pin, folder, project, limits),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            _wait(process)
        finally:
            process.terminate()  # nothing where it ended by itself; on Ctrl-C it ends all that it started
            process.wait()
    _raise_outcome(folder, notebook.stem, limits)


def _wait(process: subprocess.Popen[bytes]) -> None:
    """Wait for the sandbox; what comes after it is loaded once the kernel has started, while it computes."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(KERNEL_STARTS_SECONDS)
        return
    for module in LOADED_MEANWHILE:
        importlib.import_module(module)
    process.wait()


def _environment(pin: Pin, folder: Path, project: Path, limits: Limits) -> dict[str, str]:
    private = {
        name: str(folder) for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")
    }
    return {
        **os.environ,
        **private,
        "TMPDIR": str(folder),
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "WORKBENCH_OFFICE": str(pin.office.resolve()),
        "WORKBENCH_IMPORT": pin.import_id,
        "WORKBENCH_OUTPUT": str(folder / "output"),
        "WORKBENCH_PROJECT": str(project.resolve()),
        "WORKBENCH_DUCKDB_MEMORY": f"{int(limits.memory_bytes * 0.6) >> 20}MiB",
    }


def _raise_outcome(folder: Path, name: str, limits: Limits) -> None:
    try:
        result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        result = {"outcome": "died"}
    outcome = result["outcome"]
    if outcome == "deadline":
        raise RunError(
            f"not done after {limits.deadline_seconds:g} s; ended", where=name, remedy="the last report stands"
        )
    if outcome == "memory":
        raise RunError(
            f"more than {limits.memory_bytes >> 20} MiB of memory; ended", where=name, remedy="the last report stands"
        )
    if outcome == "failed":
        raise NotebookFailed(
            str(result["error"])[:500], where=f"{name}, cell {result['cell']}", remedy="the last report stands"
        )
    if outcome != "done":
        tail = (folder / "log.txt").read_text(encoding="utf-8", errors="replace")[-300:].strip()
        raise RunError("the kernel ended by itself", where=name, remedy=tail or "the last report stands")


def _forget_the_run(executed: Any) -> None:
    """Drop what differs from one run to the next: times, counters, ids, paths."""
    executed.metadata.pop("papermill", None)
    for number, cell in enumerate(executed.cells):
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        cell["id"] = f"cell-{number}"
        if cell.cell_type == "code":
            cell["execution_count"] = None


def headline(html: str) -> dict[str, str]:
    """Title, verdict and badge of a page, for the index: its h1, and its elements of class `verdict` and `fake`."""
    root: Any = lxml.html.document_fromstring(html)
    titles, verdicts = root.xpath("//h1"), root.xpath("//*[contains(concat(' ', @class, ' '), ' verdict ')]")
    title = " ".join(titles[0].text_content().split()) if titles else ""
    verdict = " ".join(verdicts[0].text_content().split()) if verdicts else ""
    status = str(verdicts[0].get("data-status", "")) if verdicts else ""
    badges = root.xpath("//*[@class='fake']")
    badge = {"badge": " ".join(badges[0].text_content().split())} if badges else {}
    return {"title": title, "verdict": verdict, "status": status} | badge
