"""From a command to a published page, cold: time on the wall, weight, outside addresses, and whether two runs give the same bytes.

    python -m benchmarks.pages [--customers 3000] [--months 24] [--repeats 3] [--office FOLDER]

A small synthetic office is made and imported by the commands that a person uses; then `workbench run REPORT --force` is timed as a whole,
interpreter and kernel included, for every report of the pack `demo`.
"""

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import Any

from benchmarks.measuring import PROJECT, most, tell
from workbench.reporting.checks import HEAVIEST_BYTES, HEAVIEST_WITHOUT_PLOTLY_BYTES, outside_addresses

SECONDS = 10


def main() -> None:
    """Make the pages and tell what they took."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        office = options.office or Path(folder) / "office"
        if options.office is None:
            made = ["--customers", str(options.customers), "--months", str(options.months), "--seed", "1"]
            workbench("demo", "--office", str(office), *made)
            workbench("import", "--office", str(office), accepted=(0, 3))
        packs = tomllib.loads((PROJECT / "notebooks" / "packs.toml").read_text(encoding="utf-8"))
        for report in packs["demo"]["reports"]:
            measure(report, office, Path(folder), options.repeats)


def measure(report: str, office: Path, work: Path, repeats: int) -> None:
    """Run one report again and again into folders of its own, and tell the median."""
    seconds, hashes, page = [], set(), Path()
    for turn in range(max(repeats, 2)):
        started = time.perf_counter()
        told = workbench(
            "run", report, "--office", str(office), "--reports", str(work / f"reports_{turn}"), "--force", "--json"
        )
        seconds.append(time.perf_counter() - started)
        page = Path(json.loads(told)["runs"][0]["page"])
        hashes.add(hash_of(page.parent))
    html = page.read_text(encoding="utf-8")
    heaviest = HEAVIEST_BYTES if "plotly-data" in html else HEAVIEST_WITHOUT_PLOTLY_BYTES
    tell("pages", f"{report}: command to file, cold", statistics.median(seconds), None, "s", f"≤ {SECONDS}")
    tell("pages", f"{report}: page", len(html.encode()) / 1000, None, "kB", f"≤ {heaviest // 1000}")
    tell("pages", f"{report}: outside addresses", len(list(outside_addresses(html))), None, "", "≤ 0")
    tell("pages", f"{report}: different results of {len(seconds)} runs", len(hashes) - 1, None, "", "≤ 0")


def hash_of(folder: Path) -> str:
    """One hash of every file of a report but `run.json`, which holds the times."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "run.json"):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def workbench(*arguments: str, accepted: tuple[int, ...] = (0,)) -> str:
    """Run a command of the workbench; its standard output."""
    environment: dict[str, Any] = {**os.environ, "WORKBENCH_PROJECT": str(PROJECT)}
    command = [sys.executable, "-m", "workbench", *arguments]
    done = subprocess.run(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in accepted:
        raise SystemExit(f"{' '.join(command[1:])} ended with {done.returncode}")
    return done.stdout


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--customers", type=int, default=most(3000))
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--office", type=Path, default=None, help="an office with its imports, instead of a new one")
    parser.add_argument("--work", type=Path, default=None, help="folder on the disk to use; default: the system's")
    return parser.parse_args()


if __name__ == "__main__":
    main()
