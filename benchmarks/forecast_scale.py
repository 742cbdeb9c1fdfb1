"""Many synthetic daily series: fit, forecast and calibration of the default model at twelve origins, against AutoETS of statsforecast.

    python -m benchmarks.forecast_scale [--series 300 3000] [--origins 12] [--days 1000] [--peer-series 20] [--peers none|all] [--json]

Each size runs in a process of its own that tells its CPU and its peak memory. A series is synthetic: a level, a week, two days of the month,
gamma noise. The work is `cash.backtest` at the origins, `evidence.calibrate` on their misses, then the fit, the forecast of 63 days and its
calibrated bands. The peer forecasts `--peer-series` of the same series at one origin, after its compilation: CPU is compared a series and origin.
"""

import argparse
import json
import os
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import numpy as np

from benchmarks.forecast_peers import auto_ets, peer_python
from benchmarks.measuring import Cost, in_a_process, most, peak_mib, tell, tell_cost
from workbench.cash.models.calendar_model import backtest, fit_calendar
from workbench.evidence import Floats, calibrate

HORIZON, STEP, SEASON = 63, 21, 5
TARGETS = {300: "≤ 5", 3000: "≤ 30"}
NO_DAYS = np.array([], dtype="datetime64[D]")


def main() -> None:
    """Run the race and tell it, or (with --run) do the work of one size and tell its cost."""
    options = _options()
    if options.run:
        _run(options.run, options)
        return
    result = race(options)
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
        return
    peer = result["peers"].get("auto_ets", {})
    for size, ours in result["ours"].items():
        tell("forecast_scale", f"{size} series, CPU", ours["cpu_s"], None, "s", TARGETS.get(int(size), "none"))
        if peer:
            tell("forecast_scale", f"{size} series, CPU a series and origin, against AutoETS", ours["cpu_ms_each"], peer["cpu_ms_each"], "ms", "≤ 0.01")  # fmt: skip
        tell("forecast_scale", f"{size} series, peak memory", ours["peak_mib"], None, "MiB", "none")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecast_scale", description=__doc__)
    parser.add_argument("--series", type=int, nargs="+", default=[most(300), most(3000)])
    parser.add_argument("--origins", type=int, default=12)
    parser.add_argument("--days", type=int, default=1000, help="bank days of history")
    parser.add_argument("--peer-series", type=int, default=20)
    parser.add_argument("--peers", choices=["none", "all"], default="all")
    parser.add_argument("--peer", type=Path, default=peer_python(), help="the Python that has statsforecast")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--run", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


def race(options: argparse.Namespace) -> dict[str, Any]:
    """Ours at each size, and the peer on some of the same series."""
    sizes = sorted(set(options.series))
    ours = {str(size): _ours(size, options) for size in sizes}
    result: dict[str, Any] = {
        "ours": ours,
        "peers": {},
        "sizes": {"series": sizes, "origins": options.origins, "days": options.days, "horizon": HORIZON},
        "versions": {name: version(name) for name in ("numpy", "scipy")},
    }
    if options.peers == "all":
        days, values = synthetic(options.peer_series, options.days)
        peer = auto_ets(values, [len(days) - HORIZON], HORIZON, SEASON, options.peer)
        if peer:
            each = peer.cpu_s / options.peer_series * 1000
            result["peers"]["auto_ets"] = {"cpu_s": peer.cpu_s, "series": options.peer_series, "cpu_ms_each": each}
            result["versions"] |= {"peer_" + name: told for name, told in peer.versions.items()}
    return result


def _ours(size: int, options: argparse.Namespace) -> dict[str, float]:
    asked = ("--run", str(size), "--origins", str(options.origins), "--days", str(options.days))
    cost: Cost = in_a_process("benchmarks.forecast_scale", *asked)
    each = cost.cpu_s / size / (options.origins + 1) * 1000
    return {"cpu_s": cost.cpu_s, "wall_s": cost.wall_s, "peak_mib": cost.peak_mib, "cpu_ms_each": each}


def synthetic(series: int, length: int) -> tuple[Any, Floats]:
    """Made-up flows (days, series) on weekdays: the first series are the same whatever their number."""
    days = np.busday_offset("2020-01-01", np.arange(length), roll="forward")
    columns = [_one(np.random.default_rng([7, number]), days) for number in range(series)]
    return days, np.column_stack(columns)


def _one(rng: np.random.Generator, days: Any) -> Floats:
    weekday = (days.astype(int) + 3) % 7
    day_of_month = (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(int)
    effect = rng.gamma(2.0, 0.5, 7)[weekday] + np.where(np.isin(day_of_month, rng.integers(0, 28, 2)), 8.0, 0.0)
    found: Floats = 10.0 ** rng.uniform(0, 4) * effect * rng.gamma(4.0, 0.25, len(days))
    return found


def _run(size: int, options: argparse.Namespace) -> None:
    days, values = synthetic(size, options.days)
    cpu, wall = time.process_time(), time.perf_counter()
    logged = backtest(values, days, NO_DAYS, HORIZON, options.origins, STEP)
    calibration = calibrate(logged.actual, logged.quantiles, logged.scale)
    coming = np.busday_offset(days[-1], np.arange(1, HORIZON + 1), roll="forward")
    said = fit_calendar(values, days, NO_DAYS).predict(coming)
    bands = calibration.apply(said.quantiles, said.scale)
    if not np.isfinite(bands).all():
        raise SystemExit("a band is no figure")
    tell_cost(time.process_time() - cpu, time.perf_counter() - wall, peak_mib())


if __name__ == "__main__":
    main()
