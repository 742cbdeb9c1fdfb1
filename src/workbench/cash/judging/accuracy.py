"""How right the plans were: what was logged, beside what came, by line and horizon.

Only what statements prove is judged: a period counts once its last day is proven on every account, or over the accounts that are proven
(`proven_accounts`). The day is judged on the median, sums
of days on the mean, as pages show them; the bias is that of the mean. Every score is one of `evidence`, whose definitions
are those of the benchmarks.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench import evidence
from workbench.cash.lines.flow_rules import OWN_TRANSFER
from workbench.evidence import BUCKETS, Floats
from workbench.standards import BankDays

ALL = "all"  # the line that is the sum of all
HALF_CENTIME = 0.005
QUANTILES = ["q025_mad", "q10_mad", "median_mad", "q90_mad", "q975_mad"]


def one_plan_an_origin(forecasts: pd.DataFrame) -> pd.DataFrame:
    """The rows of one plan for each origin and currency: the first made at the time, for what was said cannot be said again; where there is none
    the one made again last. A try (`is_try`) is never taken."""
    order = ["origin_date", "currency_code", "is_made_again", "made_at", "plan_id"]
    official = forecasts[~is_try(forecasts)]
    plans = official[order].drop_duplicates().sort_values(order)
    keys = ["origin_date", "currency_code"]
    first, last = (plans.drop_duplicates(keys, keep=which) for which in ("first", "last"))
    chosen = pd.concat([first[~first["is_made_again"].astype(bool)], last]).drop_duplicates(keys)["plan_id"]
    return forecasts[forecasts["plan_id"].isin(chosen)].reset_index(drop=True)


def is_try(forecasts: pd.DataFrame) -> pd.Series:
    """Whether each row of the log is of a try; a plan logged before tries were marked is none."""
    if "is_try" not in forecasts:
        return pd.Series(False, index=forecasts.index)
    return forecasts["is_try"].astype("boolean").fillna(False).astype(bool)


def in_band(actual_mad: Any, low_mad: Any, high_mad: Any) -> npt.NDArray[np.bool_]:
    """Whether each amount lies in its band, in units of the currency; half a centime of it is no miss, for bands are floats. False without a band."""
    actual, low, high = (np.asarray(each, dtype=float) for each in (actual_mad, low_mad, high_mad))
    found: npt.NDArray[np.bool_] = (low - HALF_CENTIME <= actual) & (actual <= high + HALF_CENTIME)
    return found


def with_actuals(
    forecasts: pd.DataFrame, daily_flows: pd.DataFrame, bank_days: BankDays, proven_to: date
) -> pd.DataFrame:
    """The log with what came: `last_date` (last bank day of the period) and `actual_centimes`, null where it is not all proven.

    Parameters
    ----------
    forecasts
        Rows of the log; keep one plan an origin (`one_plan_an_origin`) before scoring.
    daily_flows
        What came in value by `line_code`, `currency_code`, `flow_date`: `amount_centimes`. A proven day without a flow counts as 0; a
        line that the log does not know counts in `all` only.
    proven_to
        Last day that statements prove on every account that counts.
    """
    told = with_last_days(forecasts, bank_days)
    actual = came(told, daily_flows)
    actual[(told["last_date"] > pd.Timestamp(proven_to)).to_numpy()] = pd.NA
    return told.assign(actual_centimes=actual)


def with_last_days(forecasts: pd.DataFrame, bank_days: BankDays) -> pd.DataFrame:
    """Rows of the log with `last_date`, the last bank day of their period."""
    ends = {
        (origin, ahead): pd.Timestamp(bank_days.add(origin.date(), int(ahead)))
        for origin, ahead in forecasts[["origin_date", "horizon_days"]].drop_duplicates().itertuples(index=False)
    }
    keys = zip(forecasts["origin_date"], forecasts["horizon_days"], strict=True)
    return forecasts.assign(last_date=pd.to_datetime([ends[key] for key in keys])).reset_index(drop=True)


def came(told: pd.DataFrame, daily_flows: pd.DataFrame) -> Any:
    """What came, in centimes, from the `target_date` to the `last_date` of each row, on its line; whatever proves it."""
    flows = daily_flows[daily_flows["line_code"] != OWN_TRANSFER]
    sums = {
        key: _sums_to(part)
        for part_flows in (flows, flows.assign(line_code=ALL))
        for key, part in part_flows.groupby(["line_code", "currency_code"])
    }
    actual = pd.array([pd.NA] * len(told), dtype="Int64")
    for key, rows in told.reset_index(drop=True).groupby(["line_code", "currency_code"]):
        days, running = sums.get(key, _NOTHING)
        after = np.searchsorted(days, rows["last_date"].to_numpy(), side="right")
        before = np.searchsorted(days, rows["target_date"].to_numpy(), side="left")
        actual[rows.index.to_numpy()] = running[after] - running[before]
    return actual


_NOTHING: tuple[Any, Any] = (np.array([], "datetime64[us]"), np.zeros(1, np.int64))


def _sums_to(flows: pd.DataFrame) -> tuple[Any, Any]:
    """Days with a flow, and the sum before each of them, with the whole at the end."""
    daily = flows.groupby("flow_date")["amount_centimes"].sum().sort_index()
    return daily.index.to_numpy(), np.concatenate([[0], daily.to_numpy(np.int64).cumsum()])


def naive_scales(
    daily_flows: pd.DataFrame, origins: Sequence[pd.Timestamp], bank_days: BankDays, season: int = 5
) -> pd.DataFrame:
    """Mean absolute error of the seasonal naive forecast inside the history of each line before each origin: what MASE divides by.

    Returns `line_code` (`all` too), `currency_code`, `origin_date`, `scale_mad` (null where the history is too short or never moves). Days
    are bank days from the first flow of any line on.
    """
    flows = daily_flows[daily_flows["line_code"] != OWN_TRANSFER]
    if flows.empty or not len(origins):
        return pd.DataFrame(columns=["line_code", "currency_code", "origin_date", "scale_mad"])
    first, last = flows["flow_date"].min(), max(origins)
    every = pd.date_range(first, max(first, last))
    days = every[[bank_days.is_open(day.date()) for day in every]]
    rows = []
    for part in (flows, flows.assign(line_code=ALL)):
        for (line, currency), some in part.groupby(["line_code", "currency_code"]):
            values = (
                some.groupby("flow_date")["amount_centimes"].sum().reindex(days, fill_value=0).to_numpy(float) / 100
            )
            moves = np.abs(values[season:] - values[:-season])
            for origin in origins:
                count = int(days.searchsorted(origin, side="right")) - season
                scale = moves[:count].mean() if count > 0 else 0.0
                rows.append((line, currency, origin, scale if scale > 0 else np.nan))
    return pd.DataFrame(rows, columns=["line_code", "currency_code", "origin_date", "scale_mad"])


def accuracy(
    matched: pd.DataFrame,
    by: Sequence[str] = ("line_code",),
    period: str = "day",
    last_days: tuple[int, ...] = BUCKETS,
    scales: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Scores of the periods that are proven, a row a group and horizon bucket.

    Parameters
    ----------
    matched
        As from `with_actuals` or `proven_accounts.over_proven`, of one currency.
    by, period
        Columns of the log to group by; `day`, `week`, `month` or `total`.
    last_days
        Last bank day ahead of each bucket, the last bucket being open: 0 is days 1–5, 1 is 6–20, 2 the rest; `()`: all together.
    scales
        As from `naive_scales`: without them there is no MASE.

    Returns
    -------
    `by…`, `bucket_count` (0, 1, …), `row_count`, `origin_count`, `mase`, `wape`, `miss_mad` (mean absolute miss; `naive_miss_mad`), `bias` (positive: the plan says too much), `total_error` (error of
    the sum of a bucket's days, mean over origins), `pinball_mad` (mean over the five levels), `coverage_80`, `coverage_80_low`,
    `coverage_80_high`, the same for 95 (exact binomial intervals), `naive_wape`, `value_added` (1 − WAPE ÷ that of the naive
    forecast on the same rows), `override_count`, `override_gain_centimes` (absolute misses without − with the overrides;
    positive: they helped) and `override_value_added` (1 − WAPE with ÷ without, where one was typed). What cannot be measured is
    null. Bands are judged on the rows that have one: where only some accounts are proven, a row may have a plan and no band. `judged_share`:
    the part of the plan that is judged, in absolute amounts of accounts and lines (1 where every account is proven).
    """
    known = matched[(matched["period_code"] == period) & matched["actual_centimes"].notna()].reset_index(drop=True)
    bucket = np.searchsorted(np.array(last_days), known["horizon_days"].to_numpy(np.int64))
    known = known.assign(bucket_count=pd.array(bucket, dtype="Int64"))
    if scales is not None:
        known = known.merge(scales, on=["line_code", "currency_code", "origin_date"], how="left")
    keys = [*by, "bucket_count"]
    rows = [
        dict(zip(keys, key, strict=True)) | _scores(part, period)
        for key, part in known.groupby(keys, sort=True, dropna=False)
    ]
    counts = dict.fromkeys(["bucket_count", "row_count", "origin_count", "override_count"], "Int64")
    columns = [*keys, *_COLUMNS]
    return pd.DataFrame(rows, columns=columns).astype(counts | {"override_gain_centimes": "Int64"})


_BANDS = ("coverage_80", "coverage_95")
_COLUMNS = [
    *["row_count", "origin_count", "mase", "wape", "miss_mad", "bias", "total_error", "pinball_mad"],
    *[f"{name}{end}" for name in _BANDS for end in ("", "_low", "_high")],
    *["naive_wape", "naive_miss_mad", "value_added", "override_count", "override_gain_centimes"],
    *["override_value_added", "judged_share"],
]


def _scores(part: pd.DataFrame, period: str) -> dict[str, Any]:
    part = part.assign(plan_centimes=part.get("judged_centimes", part["plan_centimes"]))
    actual, mean = (_column(part[name].astype("Float64") / 100) for name in ("actual_centimes", "plan_centimes"))
    point = _column(part["median_mad"]) if period == "day" else mean
    quantiles = part[QUANTILES].to_numpy(float)
    banded = ~np.isnan(quantiles).any(axis=1)
    quantiles, inside_of = quantiles[banded], actual[banded]
    scores: dict[str, Any] = {
        "row_count": len(part),
        "origin_count": part["origin_date"].nunique(),
        "wape": _one(evidence.wape(actual, point)),
        "miss_mad": float(np.abs(actual - point).mean()),
        "bias": _one(evidence.bias(actual, mean)),
        "total_error": _total_error(part, actual, mean),
        "pinball_mad": float(evidence.pinball(inside_of, quantiles[:, None, :]).mean())
        if banded.any()
        else float("nan"),
        "judged_share": judged_share(part),
    }
    if "scale_mad" in part:
        scaled = np.abs(actual - point)[:, 0] / part["scale_mad"].to_numpy(float)
        scores["mase"] = float(scaled.mean())  # NaN where one origin has no scale: no mean of what is left
    for name, low, high in zip(_BANDS, (1, 0), (3, 4), strict=True):
        found = evidence.coverage(in_band(inside_of[:, 0], quantiles[:, low], quantiles[:, high]))
        scores |= {name: found.share, f"{name}_low": found.low, f"{name}_high": found.high}
    return scores | _against_naive(part, actual, point) | _overrides(part)


def judged_share(rows: pd.DataFrame) -> float:
    """The part of the plan that the rows judge: sums of absolute amounts of accounts and lines; 1 where every account is proven, NaN of nothing."""
    if "planned_size_centimes" not in rows:
        return 1.0 if len(rows) else float("nan")
    planned, judged = (int(rows[f"{name}_size_centimes"].sum()) for name in ("planned", "judged"))
    return judged / planned if planned else 1.0 if len(rows) else float("nan")


def _column(values: pd.Series) -> Floats:
    return values.to_numpy(float, na_value=np.nan)[:, None]


def _one(values: Floats) -> float:
    return float(values[0])


def _total_error(part: pd.DataFrame, actual: Floats, mean: Floats) -> float:
    """Mean over origins of |Σ plan − Σ actual| ÷ Σ |actual|."""
    origins = [np.flatnonzero(part["origin_date"] == origin) for origin in part["origin_date"].unique()]
    return float(np.mean([_one(evidence.total_error(actual[rows], mean[rows])) for rows in origins]))


def _against_naive(part: pd.DataFrame, actual: Floats, point: Floats) -> dict[str, float]:
    naive = _column(part["naive_mad"])
    there = ~np.isnan(naive[:, 0])
    ours = _one(evidence.wape(actual[there], point[there]))
    theirs = _one(evidence.wape(actual[there], naive[there]))
    missed = float(np.abs(actual - naive)[there].mean()) if there.any() else float("nan")
    return {
        "naive_wape": theirs,
        "naive_miss_mad": missed,
        "value_added": 1 - ours / theirs if theirs > 0 else float("nan"),
    }


def _overrides(part: pd.DataFrame) -> dict[str, Any]:
    """What the amounts typed by people changed, on the mean track, in centimes: exact."""
    typed = part[part["override_centimes"] != 0]
    miss = typed["actual_centimes"] - typed["plan_centimes"]
    with_them, without = int(miss.abs().sum()), int((miss + typed["override_centimes"]).abs().sum())
    return {
        "override_count": len(typed),
        "override_gain_centimes": without - with_them if len(typed) else None,
        "override_value_added": 1 - with_them / without if without else float("nan"),
    }
