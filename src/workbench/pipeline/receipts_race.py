"""Do receivables help? Expected receipts of past origins against what came in value, and against the same weeks a year before."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from workbench.pipeline.receipts import expected_at_origins
from workbench.recovery import ReceiptCube

HORIZON_DAYS = 91  # thirteen weeks
YEAR_DAYS = 364  # so that a week is compared with a week
ALL = "all"


def receipts_race(
    cube: ReceiptCube, origins: Sequence[date], flows: pd.DataFrame, units: Any, **options: Any
) -> pd.DataFrame:
    """Expected, seasonal naive and actual receipts of the thirteen weeks after each origin, by line and in all.

    Parameters
    ----------
    cube
        Made for the origins, whose thirteen weeks must have passed.
    flows
        As from `cash.daily_flows`, to the end of the last of those weeks.
    options
        Those of `expected_receipts`.

    Returns
    -------
    `origin_date`, `line_code` (and `all`), `currency_code`, `mean_mad` and `naive_mad` (sums of the thirteen weeks), `actual_centimes`,
    and of both the error of that sum over the actual one (`total_error`, `naive_total_error`, signed) and the weekly `wape`, `naive_wape`.
    """
    expected = expected_at_origins(cube, origins, HORIZON_DAYS, flows, units, **options)
    lines = sorted(set(expected["line_code"]))
    found = []
    for origin in origins:
        ours = expected[expected["origin_date"] == pd.Timestamp(origin)]
        for currency, table in ours.groupby("currency_code", sort=True):
            mine = flows[(flows["currency_code"] == currency) & flows["line_code"].isin(lines)]
            parts = {
                "mean_mad": _weeks(table, table["mean_mad"], origin, lines),
                "naive_mad": _weeks(mine, _mad(mine), origin - timedelta(days=YEAR_DAYS), lines),
                "actual_mad": _weeks(mine, _mad(mine), origin, lines),
            }
            found += [_row(origin, line, str(currency), {name: of[line] for name, of in parts.items()}) for line in (*lines, ALL)]  # fmt: skip
    return pd.DataFrame(found)


def _mad(flows: pd.DataFrame) -> pd.Series:
    return flows["amount_centimes"].astype("float64") / 100


def _weeks(table: pd.DataFrame, amounts: pd.Series, origin: date, lines: Sequence[str]) -> dict[str, Any]:
    """Sums of each of the thirteen weeks after an origin, by line and in all."""
    week = (table["flow_date"].to_numpy("datetime64[D]") - np.datetime64(origin)).astype(np.int64) - 1
    weeks = HORIZON_DAYS // 7
    inside = (week >= 0) & (week < HORIZON_DAYS)
    values, of = amounts.to_numpy(np.float64), table["line_code"].to_numpy()
    sums = {line: np.bincount(week[inside & (of == line)] // 7, values[inside & (of == line)], weeks) for line in lines}
    return sums | {ALL: np.sum(list(sums.values()), axis=0)}


def _row(origin: date, line: str, currency: str, weeks: dict[str, Any]) -> dict[str, Any]:
    ours, naive, actual = weeks["mean_mad"], weeks["naive_mad"], weeks["actual_mad"]
    total, weekly = float(actual.sum()), float(np.abs(actual).sum())
    return {
        "origin_date": pd.Timestamp(origin),
        "line_code": line,
        "currency_code": currency,
        "mean_mad": float(ours.sum()),
        "naive_mad": float(naive.sum()),
        "actual_centimes": round(total * 100),
        "total_error": _over(float(ours.sum()) - total, total),
        "naive_total_error": _over(float(naive.sum()) - total, total),
        "wape": _over(float(np.abs(ours - actual).sum()), weekly),
        "naive_wape": _over(float(np.abs(naive - actual).sum()), weekly),
    }


def _over(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
