"""Hazards of payment and thirteen weeks of expected receipts from exposure tables, on offices with planted hazards, beside pandas + lifelines.

    python -m benchmarks.exposure [--rows 1000000 5000000 10000000] [--peers none|all] [--peer-rows N ...] [--json]

Each size in a process of its own: cash and cohort rates and the triangle by centre and month, exposure tables, hazard fit, expected receipts by
centre and week; CPU, wall and peak memory of the whole. `hazard rms`: fitted less planted weekly hazard over segment × age bins
with 2,000 payments; `wape`: Σ |expected − came| ÷ Σ came of thirteen hidden weeks, from the open book alone. The peer runs in the Python named by
BENCH_PEERS, else in benchmarks/.peers/lifelines, where there is one (`peer_hazards.py`): bills prepared in pandas, then Cox by segment and amount.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import planted_hazards as planted
from benchmarks.measuring import PROJECT, in_a_process, most, peak_mib, tell, tell_cost
from workbench import frames
from workbench.recovery.payment_times import exposure_tables, learn, weekly_receipts
from workbench.recovery.payment_times.expected_receipts import HazardModel
from workbench.recovery.payment_times.hazards import AGE_EDGES
from workbench.recovery.triangles import triangle_book

SIZES = (1_000_000, 5_000_000, 10_000_000)
LEAST_PAYMENTS = 2000


def work(folder: Path) -> dict[str, float]:
    """The whole chain on one office, and how far it is from what was planted."""
    frames.connection().execute("SET memory_limit = '3GB'")
    frames.connection().execute("SET threads = 2")
    frames.connection().execute("SET preserve_insertion_order = false")
    begun, laps = time.perf_counter(), {}
    tables = [folder / f"{name}.parquet" for name in ("invoices", "allocations", "write_offs")]
    as_of = date.fromisoformat(planted.AS_OF)
    triangle_book(tables[0], tables[1], None, None, tables[2], as_of=as_of, by="center_code")
    laps["triangle_s"] = time.perf_counter() - begun
    exposure = exposure_tables(tables[0], tables[1], None, None, tables[2], as_of=as_of)
    laps["tables_s"] = time.perf_counter() - begun - sum(laps.values())
    model = learn(exposure)
    laps["fit_s"] = time.perf_counter() - begun - sum(laps.values())
    weekly = weekly_receipts(model, as_of + timedelta(days=7 * planted.AHEAD))
    laps["expected_s"] = time.perf_counter() - begun - sum(laps.values())
    told = {"wall_s": time.perf_counter() - begun, "cpu_s": _cpu(), "peak_mib": peak_mib()}
    return told | laps | hazard_errors(model) | receipt_errors(weekly, np.load(folder / "future.npy"))


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def hazard_errors(model: HazardModel) -> dict[str, float]:
    """Weekly hazards of May, middle amount, no history, average centre: fitted less planted, by segment and age."""
    cubes, hazards = model.cubes, model.hazards
    effect, shock = planted.planted_effects(7)
    weeks = planted.FIRST_WEEK + np.arange(planted.WEEKS)
    drawn = shock[: planted.WEEKS][
        planted.month_of(weeks) == 4
    ].mean()  # the shocks that fell on May are part of its truth
    names = cubes.cells.drop_duplicates("kind").set_index("segment_code")["kind"]
    classes = hazards.effects.query("effect_code == 'center_class'")["estimate"].to_numpy()
    errors = []
    for place, segment in enumerate(planted.SEGMENTS):
        kind = int(names[segment])
        eta = hazards.base[kind] + hazards.season[kind, 4] + classes.mean()
        fitted = -np.expm1(-np.exp(eta))
        truth = -np.expm1(-planted.BASE[place] * np.exp(planted.SEASON[place, 4] + drawn + effect.mean()))
        cohort, week = np.indices((planted.WEEKS, planted.WEEKS))
        bins = np.searchsorted(AGE_EDGES, np.maximum(week - cohort, 0), side="right") - 1
        paid = np.bincount(bins.ravel(), (cubes.payments[cubes.kinds == kind].sum(axis=0) * (week >= cohort)).ravel(), len(AGE_EDGES))  # fmt: skip
        errors.append((fitted - truth)[paid >= LEAST_PAYMENTS])
    amount = hazards.effects.query("effect_code == 'amount_class'")["estimate"].to_numpy()
    behaviour = hazards.effects.query("effect_code == 'behaviour_class'")["estimate"].to_numpy()
    both = np.concatenate(errors)
    return {
        "hazard_rms": float(np.sqrt(np.mean(both**2))),
        "hazard_cells": float(len(both)),
        "amount_error": float(np.abs(amount - planted.AMOUNT).max()),
        "behaviour_error": float(np.abs(behaviour - planted.BEHAVIOUR).max()),
        "leaks": float(cubes.exposure.leaks),
    }


def receipt_errors(weekly: Any, future: np.ndarray[Any, Any]) -> dict[str, float]:
    """Thirteen hidden weeks of the open book against what was expected of it, by centre and week."""
    centers = [f"K{place:03d}" for place in range(planted.CENTERS)]
    by_center = pd.DataFrame(weekly.mean).groupby(weekly.rows["center_code"]).sum().reindex(centers).to_numpy()
    own = pd.DataFrame(weekly.own_variance).groupby(weekly.rows["center_code"]).sum().reindex(centers).to_numpy()
    came = future / 100
    spread = np.sqrt(own + weekly.phi**2 * by_center**2)
    return {
        "wape_center_week": float(np.abs(by_center - came).sum() / came.sum()),
        "wape_center": float(np.abs((by_center - came).sum(axis=1)).sum() / came.sum()),
        "total_error": float(by_center.sum() / came.sum() - 1),
        "coverage_80": float((np.abs(by_center - came) <= 1.2816 * spread).mean()),
        "phi": float(weekly.phi),
    }


def ask_peer(folder: Path, rows: int, ours: dict[str, float]) -> None:
    """What the peer takes for the same bills; a message where there is none, or where it does not come to an end."""
    python = Path(os.environ.get("BENCH_PEERS", PROJECT / "benchmarks" / ".peers" / "lifelines" / "bin" / "python"))
    if not python.exists():
        print(f"no peer: {python} does not exist; see benchmarks/README.md", file=sys.stderr)
        return
    script = PROJECT / "benchmarks" / "peer_hazards.py"
    done = subprocess.run([python, script, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"the peer ended with {done.returncode} at {rows} bills: {done.stderr[-300:]}", file=sys.stderr)
        return
    theirs = json.loads(done.stdout.splitlines()[-1])
    for name, unit in (("cpu_s", "s"), ("wall_s", "s"), ("peak_mib", "MiB")):
        tell("exposure", f"{rows / 1e6:g} M bills: {name}; peer pandas + lifelines, Cox alone", ours[name], theirs[name], unit, "none")  # fmt: skip


_TOLD = (("wall_s", "s", "≤ 60"), ("cpu_s", "s", "none"), ("peak_mib", "MiB", "≤ 4096"), ("triangle_s", "s", "none"), ("tables_s", "s", "none"),
         ("fit_s", "s", "none"), ("expected_s", "s", "none"), ("hazard_rms", "", "≤ 0.02"), ("amount_error", "", "none"), ("behaviour_error", "", "none"), ("leaks", "bills", "none"),
         ("wape_center_week", "", "≤ 0.20"), ("wape_center", "", "none"), ("total_error", "", "none"), ("coverage_80", "", "none"), ("phi", "", "none"))  # fmt: skip


def main() -> None:
    """Run the race."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exposure", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--peers", choices=["none", "all"], default="all")
    parser.add_argument("--peer-rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument(
        "--json", action="store_true", help="accepted for the manner of the other races: lines are JSON already"
    )
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        found = work(options.work)
        (options.work / "told.json").write_text(json.dumps(found), encoding="utf-8")
        tell_cost(found["cpu_s"], found["wall_s"], found["peak_mib"])
        return
    sizes = sorted({most(rows) for rows in options.rows})
    cpu = {}
    with tempfile.TemporaryDirectory() as parent:
        for rows in sizes:
            folder = Path(parent) / str(rows)
            planted.make(folder, rows)
            in_a_process("benchmarks.exposure", "--work", str(folder))
            found = json.loads((folder / "told.json").read_text(encoding="utf-8"))
            cpu[rows] = found["cpu_s"]
            for name, unit, target in _TOLD:
                tell("exposure", f"{rows / 1e6:g} M bills: {name}", found[name], None, unit, target)
            if options.peers == "all" and rows in options.peer_rows:
                ask_peer(folder, rows, found)
            for path in folder.glob("*.parquet"):
                path.unlink()
    for rows in sizes:
        if 2 * rows in cpu:
            tell(
                "exposure",
                f"CPU, {2 * rows / 1e6:g} M bills ÷ {rows / 1e6:g} M",
                cpu[2 * rows],
                cpu[rows],
                "s",
                "≤ 2.2",
            )


if __name__ == "__main__":
    main()
