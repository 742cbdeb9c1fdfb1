"""Triangles: chain ladder and its rivals with the last diagonal hidden, beside chainladder; intervals and engine on synthetic offices.

    python -m benchmarks.triangles [--data PATH] [--peers none|all] [--peer PYTHON] [--seeds N] [--customers N] [--rows N ...] [--json]

PATH is a CSV of `triangle,origin,age,amount` (cumulative; a row a cell that is known). Without it: five triangles that come with chainladder
(raa, genins, abc, ukmotor, mw2008), read by the Python that has it, named by BENCH_PEERS or --peer; where there is none, the two that the tests hold:

    python -m venv benchmarks/.peers/chainladder
    benchmarks/.peers/chainladder/bin/pip install chainladder

`wape`: Σ |said − came| ÷ Σ |came| of the hidden diagonal, over cells of which both said something. Offices are synthetic (`--seeds` of them): ultimate
rates said 14 months ago, and their 80 % intervals, against what is known by now; models against the naive one on three hidden diagonals, that of each
office's segment chosen on the three before them. `--rows`: bills of which triangles by centre are made, from the store; each in a process of its own.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import big_office
from benchmarks.forecast_peers import peer_python
from benchmarks.measuring import Cost, in_a_process, most, peak_mib, tell, tell_cost
from tests.builders import worked
from tests.demo.in_memory import Made
from workbench import evidence, store
from workbench.demo.customers import Customers
from workbench.evidence import Floats
from workbench.recovery.triangles import (
    MODELS,
    Triangle,
    chain_ladder,
    check_intervals,
    hidden_diagonals,
    race_of_models,
    triangle_book,
    ultimate_rates,
)

SAMPLES = ("raa", "genins", "abc", "ukmotor", "mw2008")
PUBLISHED = {"raa": 26909.01, "genins": 2447095.0}
AGES, MONTHS, AS_OF = 15, 48, "2025-12-31"
TABLES = ("invoices", "allocations", "payments", "credit_notes", "write_offs")
OURS = ("naive", "chain_ladder", "poisson")
FIRST_SEED = 11  # the errors of the models were made while looking at offices 1 to 10
EARLIER = 3  # diagonals on which a model is chosen, before the hidden one


# ── the last diagonal of published triangles


def published_race(options: argparse.Namespace) -> dict[str, Any]:
    """Ours and the package's on each triangle: total error of the whole, misses and intervals of the hidden diagonal, CPU."""
    cells = read(options.data) if options.data else None
    told = asked_of_peer(options, cells) if options.peers == "all" else None
    if cells is None:
        cells = (
            of_tests() if told is None else {name: floats(each["values"]) for name, each in told["triangles"].items()}
        )
    found: dict[str, Any] = {}
    for name, values in cells.items():
        peer = told["triangles"].get(name) if told else None
        found[name] = one_triangle(Triangle.of(values), peer)
    return {"triangles": found, "versions": told["versions"] if told else {}}


def one_triangle(triangle: Triangle, peer: dict[str, Any] | None) -> dict[str, Any]:
    """Figures of one triangle."""
    before = triangle.hidden(1)
    rows = np.flatnonzero((before.reached >= 0) & (triangle.reached > before.reached))
    start = time.process_time()
    whole, models = chain_ladder(triangle), {name: MODELS[name](before) for name in OURS}
    spent = time.process_time() - start
    ages, last = triangle.reached[rows], before.latest[rows]
    there = ~np.isnan(models["chain_ladder"].full[rows, ages])
    rows, ages, last = rows[there], ages[there], last[there]
    came = triangle.latest[rows] - last
    ours = {name: scored(came, each.full[rows, ages] - last, each.errors[rows, ages]) for name, each in models.items()}
    ours["chosen"] = ours[chosen(before)]
    told: dict[str, Any] = {
        "total_error": whole.total_error,
        "cpu_s": spent,
        "cells": len(rows),
        "ours": ours,
        "peer": None,
    }
    if peer:
        said, errors = floats(peer["said"])[rows, ages] - last, floats(peer["errors"])[rows, ages]
        told["peer"] = {**scored(came, said, errors), "total_error": peer["total_error"], "cpu_s": peer["cpu_s"]}
        told["ultimates_differ"] = float(np.nanmax(np.abs(whole.ultimates - np.array(peer["ultimates"]))))
    return told


def chosen(before: Triangle) -> str:
    """The model that did best on the three diagonals before: what we would have used."""
    race = race_of_models(hidden_diagonals(before, {name: MODELS[name] for name in OURS}, count=EARLIER))
    return str(race.loc[race["is_best"], "model_code"].iloc[0]) if race["is_best"].any() else "chain_ladder"


def scored(came: Floats, said: Floats, errors: Floats) -> dict[str, float]:
    """Misses of a diagonal, and how often it fell inside 80 % intervals."""
    inside = np.abs(came - said) <= 1.2816 * errors
    told = ~np.isnan(errors)
    return {
        "wape": float(evidence.wape(came, said)),
        "total_error": float(evidence.total_error(came, said)),
        "coverage_80": float(inside[told].mean()) if told.any() else float("nan"),
    }


def asked_of_peer(options: argparse.Namespace, cells: dict[str, Floats] | None) -> dict[str, Any] | None:
    """What the package says; None, told on standard error, where its Python is absent or has it not."""
    python = Path(options.peer) if options.peer else peer_python()
    if not python.exists():
        print(f"no peers: {python} does not exist; see benchmarks/README.md", file=sys.stderr)
        return None
    asked: dict[str, Any] = {"samples": SAMPLES}
    if cells is not None:
        asked = {"triangles": {name: [[None if np.isnan(x) else x for x in row] for row in each.tolist()] for name, each in cells.items()}}  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        question, answer = Path(folder) / "in.json", Path(folder) / "out.json"
        question.write_text(json.dumps(asked), encoding="utf-8")
        command = [python, Path(__file__).with_name("peer_triangles.py"), question, answer]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"no peers: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
            return None
        found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    return found


def read(path: Path) -> dict[str, Floats]:
    """Triangles of a CSV, cumulative, NaN where there is no row."""
    table = pd.read_csv(path)
    found = {}
    for name, rows in table.groupby("triangle"):
        wide = rows.pivot(index="origin", columns="age", values="amount").sort_index().sort_index(axis=1)
        found[str(name)] = wide.to_numpy(np.float64)
    return found


def of_tests() -> dict[str, Floats]:
    """The two triangles that the tests hold."""
    cases = worked("triangles")
    return {name: floats([[*row, *[None] * (10 - len(row))] for row in cases[name]["amounts"]]) for name in PUBLISHED}


def floats(rows: list[list[float | None]]) -> Floats:
    """Rows with NaN for null."""
    return np.array(rows, np.float64)


# ── synthetic offices


def offices(options: argparse.Namespace) -> dict[str, Any]:
    """Intervals held, and models raced, on the segments of several offices."""
    said, races = [], []
    for seed in range(FIRST_SEED, FIRST_SEED + options.seeds):
        tables = Made(Customers(options.customers, MONTHS, seed)).tables
        book = triangle_book(*(tables[name] for name in TABLES), as_of=AS_OF)
        for whole in book.triangles():
            triangle = whole.up_to(AGES)
            if len(triangle.vintages) < MONTHS:
                continue
            said.append(rates_said(triangle).assign(seed=seed))
            races.append(chosen_then_judged(hidden_diagonals(triangle, count=2 * EARLIER)).assign(seed=seed))
    rates = pd.concat(said, ignore_index=True)
    race = race_of_models(pd.concat(races, ignore_index=True), by=["segment_code"])
    held = {
        f"{model}, {_how(widened)}": figures(part)
        for (model, widened), part in rates.groupby(["model_code", "is_widened"])
    }
    seasons = rates[rates["model_code"] == "poisson_seasons"].groupby(["segment_code", "is_widened"])
    held |= {f"poisson_seasons, {segment}, {_how(widened)}": figures(part) for (segment, widened), part in seasons}
    by_segment = {
        str(segment): {str(row["model_code"]): round(float(row["wape"]), 4) for _, row in part.iterrows()}
        for segment, part in race.groupby("segment_code")
    }
    return {"intervals": held, "wape": by_segment}


def _how(widened: bool) -> str:
    return "widened" if widened else "as the model says"


def chosen_then_judged(said: pd.DataFrame) -> pd.DataFrame:
    """The later half of hidden diagonals, and as one more model, `chosen`, what the best of the earlier half said of it."""
    later = said[said["hidden_count"] <= EARLIER]
    race = race_of_models(said[said["hidden_count"] > EARLIER])
    best = race.loc[race["is_best"], "model_code"].tolist() or ["naive"]
    return pd.concat([later, later[later["model_code"] == best[0]].assign(model_code="chosen")], ignore_index=True)


def rates_said(triangle: Triangle) -> pd.DataFrame:
    """Ultimate rates as said when the vintages that are over by now were of any age, with and without what was checked by then."""
    before, parts = triangle.hidden(AGES - 1), []
    for name in ("chain_ladder", "poisson_seasons"):
        widening = check_intervals(before, MODELS[name]).widening
        for is_widened in (False, True):
            found = ultimate_rates(before, MODELS[name], widening=widening if is_widened else None)
            part = found.table().assign(
                model_code=name, is_widened=is_widened, came_rate=triangle.latest / triangle.billed
            )
            is_over = (triangle.reached == AGES - 1) & ~np.isin(found.methods, ["", "observed"])
            parts.append(part[is_over])
    return pd.concat(parts, ignore_index=True)


def figures(part: pd.DataFrame) -> dict[str, float]:
    """How often, how wide, how far."""
    inside = part["came_rate"].between(part["low_rate"] - 1e-12, part["high_rate"] + 1e-12)
    held = evidence.coverage(inside.to_numpy(bool))
    miss = (part["ultimate_rate"] - part["came_rate"]).abs().mean()
    width = (part["high_rate"] - part["low_rate"]).mean()
    return {
        "coverage_80": held.share,
        "low": held.low,
        "high": held.high,
        "rates": held.count,
        "mean_miss": miss,
        "mean_width": width,
    }


# ── many bills


def engine(sizes: list[int]) -> dict[str, Any]:
    """CPU and memory of triangles by centre of so many bills."""
    found: dict[str, Any] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            big_office.make(Path(folder) / "office", size)
            cost: Cost = in_a_process("benchmarks.triangles", "--alone", str(Path(folder) / "office"))
        found[str(size)] = {"cpu_s": cost.cpu_s, "wall_s": cost.wall_s, "peak_mib": cost.peak_mib}
    return found


def alone(folder: Path) -> None:
    """Make the triangles of a stored office by centre, carry every one on, and print what it cost."""
    opened = store.open_office(folder)
    start, wall = time.process_time(), time.perf_counter()
    tables = {name: opened[name] for name in TABLES}
    book = triangle_book(*tables.values(), as_of="2024-12-31", by="center_code")
    for triangle in book.triangles():
        ultimate_rates(triangle.up_to(AGES))
    tell_cost(time.process_time() - start, time.perf_counter() - wall, peak_mib())


# ── what is told


def told(result: dict[str, Any]) -> None:
    """A line a figure."""
    for name, each in result["triangles"].items():
        peer, ours = each["peer"] or {}, each["ours"]
        if name in PUBLISHED:
            tell("triangles", f"{name}: total error off what was published", abs(each["total_error"] - PUBLISHED[name]), None, "units", "≤ 0.5")  # fmt: skip
        if peer:
            tell("triangles", f"{name}: ultimates off the package's, at most", each["ultimates_differ"], None, "units", "≤ 0.5")  # fmt: skip
        for model in (*OURS, "chosen"):
            tell("triangles", f"{name}: hidden diagonal, {model}, wape", ours[model]["wape"], peer.get("wape"), "share", "≤ 1.001" if model == "chain_ladder" else "none", cells=each["cells"])  # fmt: skip
        tell("triangles", f"{name}: hidden diagonal, coverage_80", ours["chain_ladder"]["coverage_80"], peer.get("coverage_80"), "share", "none")  # fmt: skip
        tell("triangles", f"{name}: CPU", each["cpu_s"], peer.get("cpu_s"), "s", "none")
    for name, each in result["intervals"].items():
        tell("triangles", f"ultimate rates, {name}: coverage_80 of {each['rates']}", each["coverage_80"], None, "share", "none", **each)  # fmt: skip
    for segment, wapes in result["wape"].items():
        tell("triangles", f"{segment}: hidden diagonals, chosen before them, against the naive one, wape", wapes["chosen"], wapes["naive"], "share", "≤ 1", models=wapes)  # fmt: skip
    sizes = list(result["engine"])
    for size, cost in result["engine"].items():
        tell("triangles", f"{int(size):,} bills by centre, CPU", cost["cpu_s"], None, "s", "none")
        tell("triangles", f"{int(size):,} bills by centre, peak memory", cost["peak_mib"], None, "MiB", "≤ 4096")
    if len(sizes) > 1:
        first, last = (result["engine"][size]["cpu_s"] for size in (sizes[0], sizes[-1]))
        grown = int(sizes[-1]) / int(sizes[0])
        tell("triangles", f"CPU of {grown:.3g} × the bills", last, first, "s", f"≤ {1.1 * grown:.3g}")


def main() -> None:
    """Run the race and tell it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="CSV of triangle,origin,age,amount")
    parser.add_argument("--peers", choices=("none", "all"), default="all")
    parser.add_argument("--peer", help="the Python that has chainladder")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--rows", type=int, nargs="*", default=[most(1_000_000), most(2_000_000)])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        alone(options.alone)
        return
    published = published_race(options)
    result = {
        "triangles": published["triangles"],
        **(offices(options) if options.seeds else {"intervals": {}, "wape": {}}),
        "engine": engine(sorted(set(options.rows))),
    }
    if not options.json:
        told(result)
        return
    ours = {name: each["ours"] for name, each in result["triangles"].items()}
    peers = {name: each["peer"] for name, each in result["triangles"].items() if each["peer"]}
    versions = {name: version(name) for name in ("statsmodels", "numpy", "pandas")} | {f"peer {name}": each for name, each in published["versions"].items()}  # fmt: skip
    sizes = {"triangles": len(ours), "seeds": options.seeds, "customers": options.customers, "rows": options.rows}
    whole = {"ours": {"published": ours, **{name: result[name] for name in ("intervals", "wape", "engine")}}, "peers": {"chainladder": peers} if peers else {}, "sizes": sizes, "versions": versions}  # fmt: skip
    print(json.dumps(whole, ensure_ascii=False))


if __name__ == "__main__":
    main()
