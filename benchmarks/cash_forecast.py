"""Daily flows of a real treasury, forecast at past origins from what was known there, against AutoETS of statsforecast.

    python -m benchmarks.cash_forecast [--data PATH] [--from 2018-01-01] [--horizon 63] [--origins 4] [--step 63] [--peers none|all] [--json]

The file has three columns: series, date, amount; a series begins on its first date. The calendar is the days of the file: a weekday without
any amount is a closed day (outside its span, those of the `holidays` package). Ours is `cash.forecast_panel` as a plan runs it: each origin chooses, fits and
calibrates from its own past alone. Beside the origins asked for, the eight before them are told: what was chosen was chosen there.

`mase`: mean over series and origins of the median track, scaled by the seasonal naive (five days) of each history. `wape`: Σ|error| ÷ Σ|amount|
over all series, origins and days, median track. `total_error`: Σ|error of the total of the horizon| ÷ Σ|amount|, mean track. `coverage_…`: share
of days inside the calibrated band of the day.
"""

import argparse
import json
import os
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import holidays
import numpy as np
import pandas as pd

from benchmarks.forecast_peers import auto_ets, peer_python
from benchmarks.measuring import REAL_DATA, tell
from workbench import evidence
from workbench.cash.models.forecast import PanelForecast, forecast_panel
from workbench.cash.models.panel import Panel
from workbench.evidence import Floats, rolling_origins

DATA = REAL_DATA / "treasury" / "dts_daily_flows.csv"
SEASON, LEAST_HISTORY, PATHS = 5, 63, 400


@dataclass(frozen=True)
class Flows:
    """Values (T, n) on the days of the file, NaN before a series begins, its closed days, the names of the series."""

    days: Any
    values: Floats
    closed: Any
    names: tuple[str, ...]


def main() -> None:
    """Run the race and tell it: a line a figure, or with --json one object."""
    options = _options()
    if not options.data.is_file():
        print(f"cash_forecast: {options.data} is absent: nothing is raced", file=sys.stderr)
        return
    result = race(read(options.data, options.start), options)
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        _tell(result)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cash_forecast", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="CSV of series, date, amount")
    parser.add_argument("--from", dest="start", default="2018-01-01", help="first day of the history used")
    parser.add_argument("--horizon", type=int, default=63)
    parser.add_argument("--origins", type=int, default=4)
    parser.add_argument("--step", type=int, default=63)
    parser.add_argument("--earlier", type=int, default=8, help="origins before those, told beside")
    parser.add_argument("--peers", choices=["none", "all"], default="all")
    parser.add_argument("--peer", type=Path, default=peer_python(), help="the Python that has statsforecast")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def read(path: Path, start: str) -> Flows:
    """The flows of a file from a day on."""
    table = pd.read_csv(path)
    series, day, amount = table.columns[:3]
    table[day] = pd.to_datetime(table[day])
    wide = table.pivot_table(index=day, columns=series, values=amount, aggfunc="sum").sort_index()
    closed = _closed(wide.index)
    wide = wide[wide.index >= start]
    return Flows(wide.index.to_numpy("datetime64[D]"), wide.to_numpy(np.float64), closed, tuple(map(str, wide.columns)))


def _closed(index: pd.DatetimeIndex) -> Any:
    absent = pd.bdate_range(index[0], index[-1]).difference(index)
    around = list(holidays.US(years=[index[0].year - 1, index[0].year, index[-1].year, index[-1].year + 1]))
    outside = [day for day in pd.DatetimeIndex(around) if (day < index[0] or day > index[-1]) and day.weekday() < 5]
    return np.sort(np.concatenate([absent, pd.DatetimeIndex(outside)]).astype("datetime64[D]"))


def race(flows: Flows, options: argparse.Namespace) -> dict[str, Any]:
    """Ours, the naive one and the peer on the same origins, and ours on the earlier ones."""
    asked = (len(flows.days), options.horizon)
    rows = rolling_origins(*asked, options.origins, options.step)
    before = [row for row in rolling_origins(*asked, options.origins + options.earlier, options.step) if row < rows[0]]
    start = time.process_time()
    said = {row: forecast(flows, row, options.horizon) for row in [*before, *rows]}
    cpu = time.process_time() - start
    result: dict[str, Any] = {
        "ours": figures(flows, said, rows),
        "peers": {"naive": points(flows, {row: _spread(flows, row, said[row], said[row].naive) for row in rows})},
    }
    earlier = [row for row in before if len(_raced(flows, row, options.horizon))]
    result["earlier"] = figures(flows, said, earlier) if earlier else {}
    result["sizes"] = {"series": len(flows.names), "rows": len(flows.days), "origins": [str(flows.days[row]) for row in rows],
                       "earlier_origins": [str(flows.days[row]) for row in earlier], "horizon": options.horizon, "cpu_s": cpu}  # fmt: skip
    result["versions"] = {name: version(name) for name in ("numpy", "pandas", "scipy", "statsmodels")}
    peer = auto_ets(flows.values, rows, options.horizon, SEASON, options.peer) if options.peers == "all" else None
    if peer:
        told = {row: (one, one) for row, one in zip(rows, peer.said, strict=True)}
        result["peers"]["auto_ets"] = points(flows, told) | {"cpu_s": peer.cpu_s}
        result["versions"] |= {"peer_" + name: each for name, each in peer.versions.items()}
    return result


def _raced(flows: Flows, row: int, horizon: int) -> Any:
    """Series that have begun long enough before an origin, and whose test is whole."""
    known = (~np.isnan(flows.values[:row])).sum(axis=0) >= LEAST_HISTORY
    return np.flatnonzero(known & ~np.isnan(flows.values[row : row + horizon]).any(axis=0))


def forecast(flows: Flows, row: int, horizon: int) -> PanelForecast:
    """What `forecast_panel` says at an origin, from the rows before it alone."""
    columns = _raced(flows, row, horizon)
    history = flows.values[:row, columns]
    signs = np.where(np.nanmin(history, axis=0, initial=np.inf) >= 0, 1, 0).astype(np.int8)
    panel = Panel(flows.days[:row], history, tuple(flows.names[j] for j in columns), signs)
    return forecast_panel(panel, flows.days[row : row + horizon], flows.closed, paths=PATHS)


def _spread(flows: Flows, row: int, said: PanelForecast, point: Floats) -> tuple[Floats, Floats]:
    whole = np.full((len(said.days), len(flows.names)), np.nan)
    whole[:, _raced(flows, row, len(said.days))] = point
    return whole, whole


def points(flows: Flows, said: dict[int, tuple[Floats, Floats]]) -> dict[str, float]:
    """Figures of (median, mean) tracks (H, n) by origin: `mase` and `wape` of the first, `total_error` of the second."""
    scaled, missed, size, totals = [], 0.0, 0.0, 0.0
    for row, (median, mean) in said.items():
        horizon = len(median)
        columns = _raced(flows, row, horizon)
        actual = flows.values[row : row + horizon, columns]
        scaled.append(evidence.mase(actual, median[:, columns], flows.values[:row, columns], SEASON))
        missed += float(np.nansum(np.abs(actual - median[:, columns])))
        size += float(np.abs(actual).sum())
        totals += float(np.nansum(np.abs(actual.sum(axis=0) - mean[:, columns].sum(axis=0))))
    return {"mase": float(np.nanmean(np.concatenate(scaled))), "wape": missed / size, "total_error": totals / size}


def figures(flows: Flows, said: dict[int, PanelForecast], rows: list[int]) -> dict[str, Any]:
    """Figures of ours at some origins: of the points, and how often the bands of days, weeks and totals held."""
    tracks = {
        row: (_spread(flows, row, said[row], said[row].median)[0], _spread(flows, row, said[row], said[row].mean)[0])
        for row in rows
    }
    inside: dict[str, list[Any]] = {}
    for row in rows:
        one = said[row]
        actual = flows.values[row : row + len(one.days), _raced(flows, row, len(one.days))]
        bands = {
            "": (actual, one.quantiles),
            "_weeks": _from_paths(_weeks(actual), _weeks(one.paths)),
            "_totals": _from_paths(actual.sum(axis=0), one.paths.sum(axis=1)),
        }
        for name, (came, quantiles) in bands.items():
            for level, low, high in ((80, 1, 3), (95, 0, 4)):
                held = (came >= quantiles[..., low] - 1e-9) & (came <= quantiles[..., high] + 1e-9)
                inside.setdefault(f"coverage_{level}{name}", []).append(held.ravel())
    shares = {name: evidence.coverage(np.concatenate(parts)) for name, parts in inside.items()}
    return (
        points(flows, tracks)
        | {name: one.share for name, one in shares.items()}
        | {"days": shares["coverage_80"].count, "series_origins": sum(len(said[row].model_names) for row in rows)}
    )


def _weeks(values: Any) -> Any:
    """Sums of five days on the last axis but one; what is left over is left out."""
    whole = values.shape[-2] // 5 * 5
    return values[..., :whole, :].reshape(*values.shape[:-2], -1, 5, values.shape[-1]).sum(axis=-2)


def _from_paths(came: Floats, paths: Any) -> tuple[Floats, Floats]:
    return came, np.moveaxis(np.quantile(paths, evidence.LEVELS, axis=0), 0, -1)


def _tell(result: dict[str, Any]) -> None:
    ours, ets = result["ours"], result["peers"].get("auto_ets", {})
    targets = {"mase": "≤ 0.77", "wape": "≤ 0.33", "total_error": "≤ 0.12"}
    for name, target in targets.items():
        tell("cash_forecast", name, ours[name], None, "", target)
        if ets:
            tell(
                "cash_forecast",
                f"{name}, against AutoETS",
                ours[name],
                ets[name],
                "",
                "≤ 0.77" if name == "mase" else "none",
            )
        tell("cash_forecast", f"{name}, against the naive one", ours[name], result["peers"]["naive"][name], "", "none")
    for name, low, high in (("coverage_80", 0.75, 0.85), ("coverage_95", 0.92, 0.97)):
        tell("cash_forecast", name, ours[name], None, "", f"≥ {low}")
        tell("cash_forecast", f"{name}, not too much", ours[name], None, "", f"≤ {high}")
    for name in ("coverage_80_weeks", "coverage_95_weeks", "coverage_80_totals", "coverage_95_totals"):
        tell("cash_forecast", name, ours[name], None, "", "none")
    for name in ("mase", "wape", "total_error", "coverage_80", "coverage_95") if result["earlier"] else ():
        tell("cash_forecast", f"{name}, earlier origins", result["earlier"][name], None, "", "none")


if __name__ == "__main__":
    main()
