"""Daily withdrawals of cash machines (NN5: 111 machines in England, 1996–1998): 56 days ahead, against statsforecast.

    python -m benchmarks.atm_forecast [--data PATH] [--peers none|all] [--peer PYTHON] [--json]

PATH is a CSV of `Day` (18-Mar-96) and a column a machine; blank or 0 is missing. The last 56 days are the official test. What is averaged
is chosen on tests of 56 days that all end before it begins, then run once. Days known in advance: weekdays, the year, the public holidays
of England. The peers (AutoETS, AutoTheta, AutoCES, a season of seven days, missing days filled with the last same weekday) run on the same
values in a Python of their own, named by BENCH_PEERS or --peer:

    python -m venv benchmarks/.peers/statsforecast
    benchmarks/.peers/statsforecast/bin/pip install statsforecast

`smape` is in percent, 0 to 200; `mase` is scaled by the naive forecast of seven days before in the history.
"""

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import holidays
import numpy as np
import pandas as pd

from benchmarks.forecast_peers import peer_python
from benchmarks.measuring import REAL_DATA, peak_mib, tell
from workbench import evidence
from workbench.cash.models.calendar_design import Days, one_hot
from workbench.cash.models.calendar_model import Settings, fit_calendar, followed, recency
from workbench.cash.models.forecast import forecast_panel
from workbench.cash.models.panel import Panel, weekdays
from workbench.cash.models.shared_regression import SharedDesign, fit_quantile, fit_ridge
from workbench.cash.models.smoothing import Season, exponential_smoothing
from workbench.evidence import Floats

HORIZON = 56
BEFORE = (
    0,
    28,
    56,
    112,
    168,
    224,
    294,
    308,
)  # days from the end of each test of the choice to the beginning of the official one
AT_MOST = 4  # forecasts in an average
DATA = REAL_DATA / "treasury" / "nn5_atm_withdrawals.csv"
_PEER_CODE = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
from importlib.metadata import version
import numpy as np, pandas as pd
from statsforecast import StatsForecast
from statsforecast.models import AutoCES, AutoETS, AutoTheta
table, horizon = pd.read_csv(sys.argv[1], parse_dates=["ds"]), int(sys.argv[2])
told = {}
for model in (AutoETS(season_length=7), AutoTheta(season_length=7), AutoCES(season_length=7)):
    cpu = time.process_time()
    said = StatsForecast(models=[model], freq="D", n_jobs=1).forecast(df=table, h=horizon)
    name = [column for column in said.columns if column not in ("unique_id", "ds")][0]
    wide = said.pivot(index="ds", columns="unique_id", values=name)
    told[name] = {"cpu_s": time.process_time() - cpu, "values": wide.to_numpy().tolist()}
print(json.dumps({"told": told, "versions": {name: version(name) for name in ("statsforecast", "pandas", "numpy")}}))
"""

Forecaster = Callable[[Floats, Days, Days, Days], Floats]  # values, days, days to come, public holidays → (H, n)


# ── the forecasts that may be averaged


def calendar_mean(values: Floats, days: Days, future: Days, closed: Days) -> Floats:
    """The calendar model's mean."""
    return fit_calendar(values, days, closed).predict(future).mean


def calendar_median(values: Floats, days: Days, future: Days, closed: Days) -> Floats:
    """The calendar model's median."""
    return fit_calendar(values, days, closed).predict(future).median


def compact_mean(values: Floats, days: Days, future: Days, closed: Days, gain: float = 0.02) -> Floats:
    """Ridge on few columns: the week, one wave a year, days around public holidays, and at Christmas."""
    shared = SharedDesign.of(compact_design(days, closed), recency(days, 365.0))
    fit = fit_ridge(shared, values)
    level = followed(values - fit.fitted, Settings(level_gain=gain))
    return fit.linear.predict(compact_design(future, closed)) + level


def compact_log(values: Floats, days: Days, future: Days, closed: Days) -> Floats:
    """The same on logarithms."""
    return np.exp(compact_mean(np.log(values), days, future, closed))


def compact_median(values: Floats, days: Days, future: Days, closed: Days) -> Floats:
    """Least absolute errors on the same columns."""
    shared = SharedDesign.of(compact_design(days, closed), recency(days, 365.0))
    ridge = fit_ridge(shared, values)
    median, said = fit_quantile(shared, values, ridge.penalty * 0.5, ridge.fitted)
    return median.predict(compact_design(future, closed)) + followed(values - said, Settings(level_gain=0.02))


def smoothed(values: Floats, days: Days, future: Days, closed: Days) -> Floats:
    """A level and weekdays that follow."""
    return exponential_smoothing(values, Season(weekdays(days), weekdays(future), 7))[1]


def smoothed_rest(values: Floats, days: Days, future: Days, closed: Days) -> Floats:
    """A level and weekdays that follow, on what the few columns leave of the logarithms."""
    logs = np.log(values)
    fit = fit_ridge(SharedDesign.of(compact_design(days, closed), recency(days, 365.0)), logs)
    rest = smoothed(logs - fit.fitted, days, future, closed)
    return np.exp(fit.linear.predict(compact_design(future, closed)) + rest)


FORECASTERS: dict[str, Forecaster] = {
    each.__name__: each
    for each in (calendar_mean, calendar_median, compact_mean, compact_log, compact_median, smoothed, smoothed_rest)
}


def compact_design(days: Days, closed: Days) -> Floats:
    """Weekdays, one wave a year, five days before and four after a public holiday, 18 December to 4 January."""
    following = closed[np.searchsorted(closed, days)]
    last = closed[np.searchsorted(closed, days, side="right") - 1]
    of_year = (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.float64)
    turn = 2 * np.pi * of_year / 365.25
    start = (days - np.timedelta64(5, "D")).astype("datetime64[Y]").astype("datetime64[D]")
    christmas = (days - start).astype(np.int64) - (np.datetime64("2001-12-18") - np.datetime64("2001-01-01")).astype(
        int
    )
    leap = ((start.astype("datetime64[Y]").astype(np.int64) + 1970) % 4 == 0).astype(np.int64)
    return np.column_stack(
        [
            one_hot(weekdays(days), 7),
            np.sin(turn),
            np.cos(turn),
            one_hot((following - days).astype(np.int64), 5),
            one_hot((days - last).astype(np.int64), 4),
            one_hot(christmas - leap, 18),
        ]
    )


# ── the choice, before the test


def chosen(
    values: Floats, days: Days, closed: Days, origins: Sequence[int]
) -> tuple[tuple[str, ...], dict[str, float]]:
    """The average of at most four forecasts with the least sMAPE over all origins, and the sMAPE of each alone and of the average."""
    came = [values[row : row + HORIZON] for row in origins]
    said = {
        name: [make(values[:row], days[:row], days[row : row + HORIZON], closed) for row in origins]
        for name, make in FORECASTERS.items()
    }
    scores = {}
    for count in range(1, AT_MOST + 1):
        for names in itertools.combinations(FORECASTERS, count):
            means = (np.mean([said[name][o] for name in names], axis=0) for o in range(len(origins)))
            scores[names] = float(np.mean([smape(each, mean) for each, mean in zip(came, means, strict=True)]))
    best = min(scores, key=lambda names: scores[names])
    return best, {" + ".join(names): scores[names] for names in scores if len(names) == 1 or names == best}


def smape(actual: Floats, said: Floats) -> float:
    """Mean over machines of the mean over days, in percent."""
    return 100 * float(np.nanmean(evidence.smape(actual, said)))


def scored(actual: Floats, said: Floats, history: Floats) -> dict[str, float]:
    """The figures of a forecast of the test."""
    return {"smape": smape(actual, said), "mase": float(np.nanmean(evidence.mase(actual, said, history, 7)))}


# ── the race


def race(options: argparse.Namespace) -> dict[str, Any]:
    """Choose before the test, run once, and the peers beside."""
    days, values = read(options.data)
    first = len(days) - HORIZON
    history, actual = values[:first], values[first:]
    years = range(int(str(days[0])[:4]) - 1, int(str(days[-1])[:4]) + 2)
    closed = np.array(sorted(holidays.country_holidays("GB", subdiv="ENG", years=years)), dtype="datetime64[D]")
    cpu = time.process_time()
    origins = [first - HORIZON - days_before for days_before in BEFORE if first - HORIZON - days_before > 2 * HORIZON]
    names, tried = chosen(history, days[:first], closed, origins)
    choosing = time.process_time() - cpu
    said = np.mean([FORECASTERS[name](history, days[:first], days[first:], closed) for name in names], axis=0)
    ours = scored(actual, said, history) | {"cpu_s": time.process_time() - cpu - choosing, "cpu_choice_s": choosing}
    result: dict[str, Any] = {
        "ours": {**ours, "averaged": list(names), "peak_mib": peak_mib()},
        "backtest_smape": tried,
        "panel": panel_forecast(history, days, first, closed, actual),
        "naive": scored(actual, history[-7:][np.arange(HORIZON) % 7], history),
        "peers": {},
        "sizes": {
            "machines": values.shape[1],
            "days": len(days),
            "horizon": HORIZON,
            "origins_of_choice": len(origins),
        },
        "versions": {name: version(name) for name in ("numpy", "holidays")},
    }
    if options.peers == "all":
        add_peers(result, options.peer, history, days[:first], actual)
    return result


def panel_forecast(history: Floats, days: Days, first: int, closed: Days, actual: Floats) -> dict[str, float]:
    """`forecast_panel` as it is for any panel, its medians."""
    cpu = time.process_time()
    names = tuple(str(number) for number in range(history.shape[1]))
    panel = Panel(days[:first], history, names, np.ones(len(names), dtype=np.int8))
    said = forecast_panel(panel, days[first:], closed, paths=100)
    inside = {
        name: float(np.mean(((actual >= low) & (actual <= high))[~np.isnan(actual)]))
        for name, low, high in (
            ("coverage_80", said.quantiles[..., 1], said.quantiles[..., 3]),
            ("coverage_95", said.quantiles[..., 0], said.quantiles[..., 4]),
        )
    }
    return scored(actual, said.median, history) | inside | {"cpu_s": time.process_time() - cpu}


def read(path: Path) -> tuple[Days, Floats]:
    """Days and withdrawals (T, n), NaN where blank or 0."""
    table = pd.read_csv(path, index_col=0)
    days = pd.to_datetime(table.index, format="%d-%b-%y").to_numpy().astype("datetime64[D]")
    values = table.to_numpy(dtype=np.float64)
    return days, np.where(values == 0, np.nan, values)


def add_peers(result: dict[str, Any], python: Path, history: Floats, days: Days, actual: Floats) -> None:
    """The peers' figures, in the result."""
    if not python.exists():
        result["peers"] = {"statsforecast": "absent: see the module's docstring"}
        return
    filled = history.copy()
    for row in range(len(filled)):
        filled[row] = np.where(
            np.isnan(filled[row]), filled[row - 7] if row >= 7 else np.nanmedian(history, axis=0), filled[row]
        )
    table = pd.DataFrame(filled, index=pd.Index(days, name="ds")).melt(
        ignore_index=False, var_name="unique_id", value_name="y"
    )
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        table.reset_index().to_csv(file.name, index=False)
        command = [python, "-c", _PEER_CODE, file.name, str(HORIZON)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{python}: {done.stderr.strip().splitlines()[-1]}")
    told = json.loads(done.stdout.splitlines()[-1])
    for name, each in told["told"].items():
        result["peers"][name] = scored(actual, np.array(each["values"]), history) | {"cpu_s": each["cpu_s"]}
    result["versions"] |= {f"peer_{name}": each for name, each in told["versions"].items()}


def main() -> None:
    """Run the race and tell it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.atm_forecast", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--peers", choices=["none", "all"], default="all")
    parser.add_argument("--peer", type=Path, default=peer_python(), help="the Python of the peers")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a line a result")
    options = parser.parse_args()
    if not options.data.is_file():
        print(f"atm_forecast: {options.data} is absent: nothing is raced", file=sys.stderr)
        return
    result = race(options)
    if options.json:
        print(json.dumps(result))
    else:
        told(result)


def told(result: dict[str, Any]) -> None:
    """The result as lines, each against the best of the peers."""
    ours, name = result["ours"], "atm_forecast"
    peers = {peer: each for peer, each in result["peers"].items() if isinstance(each, dict)}
    best = {
        figure: min((each[figure] for each in peers.values()), default=None) for figure in ("smape", "mase", "cpu_s")
    }
    against = f"; peer the best of {', '.join(peers)}" if peers else ""
    tell(name, f"sMAPE, {' + '.join(ours['averaged'])}{against}", ours["smape"], best["smape"], "%", "none")
    tell(name, "sMAPE of the official test", ours["smape"], None, "%", "≤ 19.6")
    tell(name, "sMAPE, the panel's own race", result["panel"]["smape"], best["smape"], "%", "none")
    tell(name, "MASE", ours["mase"], best["mase"], "", "none")
    tell(name, "CPU of the forecast; peer the least", ours["cpu_s"], best["cpu_s"], "s", "none")


if __name__ == "__main__":
    main()
