"""Runs every race and writes what came out: python -m benchmarks.results [--only NAME …] [--render] [--out FILE].

Each race is a module of this folder that prints a JSON line a result (`measuring.tell`); its lines are kept in
`benchmarks/results/NAME.jsonl`, and `RESULTS.md` is the table of all that is kept there; sections of races that are not kept here stay
as they are. BENCH_ROWS lowers the sizes; the table then says so.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.measuring import PROJECT

FOLDER = Path(__file__).resolve().parent
KEPT = FOLDER / "results"
LIBRARIES = ("duckdb", "narwhals", "pandas", "pyarrow", "deltalake", "pyspark")
HEAD = """# Last figures

Written by `make bench`; what each race says is in `README.md`. Peers ran beside, in the same run.
"""
COLUMNS = ("what", "ours", "peer", "unit", "ratio", "target", "met")


def races() -> list[str]:
    """The races there are: forecasts, the cash plan, campaigns, rankings, engine, hazards, pages, invoices, store, triangles, and every reader's."""
    readers = sorted(path.stem for path in FOLDER.glob("readers_*.py"))
    return [
        "atm_forecast",
        "campaign",
        "cash_forecast",
        "cash_plan",
        "engine",
        "exposure",
        "forecast_scale",
        "pages",
        "ranking",
        *readers,
        "receivables",
        "store",
        "triangles",
    ]


def run(name: str) -> None:
    """Run one race at the sizes of the issue (or BENCH_ROWS) and keep its lines. Raises `SystemExit` where it fails."""
    KEPT.mkdir(exist_ok=True)
    print(f"── {name}", file=sys.stderr, flush=True)
    command = [sys.executable, "-W", "ignore", "-m", f"benchmarks.{name}"]
    done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"benchmarks.{name} ended with {done.returncode}")
    head = {
        "at": datetime.now(UTC).date().isoformat(),
        "rows_at_most": os.environ.get("BENCH_ROWS"),
        "machine": machine(),
    }
    lines = [json.dumps(head), *(line for line in done.stdout.splitlines() if line.startswith("{"))]
    (KEPT / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def machine() -> str:
    """What ran the race, in neutral terms."""
    memory = int(Path("/proc/meminfo").read_text(encoding="ascii").split()[1]) / 2**20
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}, {libraries}"


def is_met(row: dict[str, Any]) -> bool | None:
    """Whether a result keeps its bound ("≤ 1.15", "≥ 10"); None where it has none."""
    sign, _, bound = str(row["target"]).partition(" ")
    measured = row["ours"] if row["ratio"] is None else row["ratio"]
    try:
        limit = float(bound)
    except ValueError:
        return None
    return {"≤": measured <= limit, "≥": measured >= limit}.get(sign)


def rendered(kept: Sequence[Path], page: str = "") -> str:
    """The page of all results kept; sections of `page` whose race is not among them stay, so that one race can be run alone."""
    sections = {part.split("\n", 1)[0]: f"## {part.rstrip()}\n" for part in page.split("\n## ")[1:]}
    for path in kept:
        head, *rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        smaller = f" Smaller than asked: at most {head['rows_at_most']} rows." if head["rows_at_most"] else ""
        told = [" | ".join(COLUMNS), " | ".join("---" for _ in COLUMNS), *(" | ".join(_cells(row)) for row in rows)]
        lines = "\n".join(f"| {line} |" for line in told)
        sections[path.stem] = f"## {path.stem}\n\n{head['at']}. {head['machine']}.{smaller}\n\n{lines}\n"
    return "\n".join([HEAD, *(sections[name] for name in sorted(sections))])


def _cells(row: dict[str, Any]) -> list[str]:
    met = is_met(row)
    figures = ["" if row[name] is None else f"{row[name]:.4g}" for name in ("ours", "peer")]
    ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
    return [row["what"], *figures, row["unit"], ratio, row["target"], {True: "yes", False: "**no**", None: ""}[met]]


def main() -> None:
    """Run what is asked for, then write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.results", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=races(), default=races())
    parser.add_argument("--render", action="store_true", help="run nothing, only write the page again")
    parser.add_argument("--out", type=Path, default=FOLDER / "RESULTS.md")
    options = parser.parse_args()
    if not options.render:
        for name in options.only:
            run(name)
    page = options.out.read_text(encoding="utf-8") if options.out.exists() else ""
    options.out.write_text(rendered(sorted(KEPT.glob("*.jsonl")), page), encoding="utf-8")
    print(options.out)


if __name__ == "__main__":
    main()
