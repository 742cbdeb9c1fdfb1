"""What the machine has: the facts a person needs before asking why something does not run."""

import importlib.metadata
import os
import platform
import shutil
from pathlib import Path
from typing import Any

from workbench.pipeline.project import find_project

LIBRARIES = ("pandas", "duckdb", "narwhals", "deltalake", "papermill", "nbconvert", "plotly")
PROGRAMS = {"chromium": "tests of pages in a browser", "java": "the Spark extra"}


def examine(office: Path | None = None) -> list[dict[str, Any]]:
    """A row a thing: name, state (`present` or `absent`), and its version, place or use."""
    project = find_project()
    folder = project.office(office)
    rows = [_row("python", True, platform.python_version())]
    for name in LIBRARIES:
        try:
            rows.append(_row(name, True, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            rows.append(_row(name, False, "pip install -r requirements.lock"))
    for name, use in PROGRAMS.items():
        place = shutil.which(name)
        rows.append(_row(name, place is not None, place or f"needed for {use}"))
    free = shutil.disk_usage(project.root).free >> 20
    rows.append(_row("project", True, f"{project.root} ({os.cpu_count()} cores, {free} MiB free)"))
    rows.append(_row("office", (folder / "store").is_dir(), str(folder)))
    return rows


def _row(name: str, is_there: bool, detail: str) -> dict[str, Any]:
    return {"name": name, "state": "present" if is_there else "absent", "detail": detail}
