"""Risk of a cash plan: how likely the floor is passed and when, how low the balance may go, what must be had besides.

Everything is read from joint sample paths of the balance, `(paths, days)` in units of the currency, never from summed quantiles. A promise
over many days (« the floor holds on every one of them ») is an order statistic of the paths' minima: with the k-th lowest of P,
a fresh path lies below it with probability k ÷ (P + 1), whatever the distribution, as far as the paths are like reality.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.errors import Unanswerable, WrongUse
from workbench.evidence import LEVELS, Floats
from workbench.money import estimated_centimes

QUANTILES = ("q025_mad", "q10_mad", "median_mad", "q90_mad", "q975_mad")


@dataclass(frozen=True)
class LowPoint:
    """Where the balance is lowest: in the plan, and over its paths.

    `day` and `value_centimes` are the plan's own (mean track). The band is that of the paths' lowest values, each on its own day: since the
    plan averages days that are low at different times, its low point is higher than most of them. `first_date` to `last_date` hold four in
    five of the days on which paths are lowest.
    """

    day: date
    value_centimes: int
    median_mad: float
    q025_mad: float
    q10_mad: float
    q90_mad: float
    q975_mad: float
    first_date: date
    last_date: date


def rank_of(path_count: int, confidence: float) -> int:
    """k such that a fresh path is below the k-th lowest of `path_count` with probability k ÷ (paths + 1) ≤ 1 − confidence; 0: too few paths.

    Raises `WrongUse` where `confidence` is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise WrongUse(f"confidence {confidence} is not between 0 and 1", remedy="as in 0.95")
    return math.floor((path_count + 1) * (1 - confidence) + 1e-9)  # 0.05 is no binary number: 20 of 399 must stay 20


def order_statistic(paths: Floats, confidence: float) -> Floats | None:
    """The k-th lowest along the first axis (`rank_of`); None where there are too few paths to promise it."""
    rank = rank_of(len(paths), confidence)
    return None if rank == 0 else np.partition(np.asarray(paths, float), rank - 1, axis=0)[rank - 1]


def risk_by_day(
    balances: Floats,
    plan_centimes: Sequence[int] | npt.NDArray[np.int64],
    days: pd.DatetimeIndex,
    floor_centimes: int | None,
    confidence: float,
) -> pd.DataFrame:
    """A row a day: the plan's balance, its band, and what is risked.

    Parameters
    ----------
    balances
        Paths of the balance at the end of each day, `(paths, days)`, in units of the currency.
    plan_centimes
        The plan's own balance at the end of each day.
    floor_centimes
        The floor; None: none is set, and what is measured against it is null.

    Returns
    -------
    `day_date`, `value_centimes`, quantiles `q025_mad` … `q975_mad`, `below_share` (paths below the floor on the day), `passed_share` (paths
    that have been below it by the day), `at_risk_centimes` (plan − k-th lowest balance of the day, never negative), `placeable_centimes`
    (what can be locked from the first day through this one and the floor still holds on every one of them, never negative),
    `buffer_centimes` (what must be had besides for the floor to hold through this day, never negative). With too few paths for
    the confidence the last three are null.
    """
    table = pd.DataFrame({"day_date": days, "value_centimes": pd.array(list(plan_centimes), dtype="Int64")})
    for name, level in zip(QUANTILES, LEVELS, strict=True):
        table[name] = np.quantile(balances, level, axis=0)
    lowest = np.minimum.accumulate(balances, axis=1)
    floor = math.nan if floor_centimes is None else floor_centimes / 100
    for name, values in (("below_share", balances), ("passed_share", lowest)):
        table[name] = math.nan if floor_centimes is None else (values < floor).mean(axis=0)
    table["at_risk_centimes"] = _clipped(table["value_centimes"], order_statistic(balances, confidence), -1)
    through = None if floor_centimes is None else order_statistic(lowest, confidence)
    wanted = pd.Series([floor_centimes] * len(days), dtype="Int64")
    table["placeable_centimes"] = _clipped(wanted, through, 1)
    table["buffer_centimes"] = _clipped(wanted, through, -1)
    return table


def _clipped(reference: pd.Series, amounts: Floats | None, sign: int) -> pd.Series:
    """`sign` × (amount − reference) where positive, else 0, in centimes; null where there is nothing to compare."""
    if amounts is None:
        return pd.Series([pd.NA] * len(reference), dtype="Int64")
    centimes = pd.Series(estimated_centimes(amounts), dtype="Int64")
    return (sign * (centimes - reference)).clip(lower=0)


def low_point(
    balances: Floats, plan_centimes: Sequence[int] | npt.NDArray[np.int64], days: pd.DatetimeIndex
) -> LowPoint:
    """The lowest point of the plan and of its paths; the first of several equal days.

    Raises `Unanswerable` where the plan has no balance (no account has a proven one) or no day.
    """
    if not len(days) or pd.isna(np.asarray(plan_centimes, object)).any():
        raise Unanswerable("the plan has no balance to be lowest", "cash plan", "import a statement of an account")
    at = int(np.argmin(plan_centimes))
    minima, when = balances.min(axis=1), np.sort(balances.argmin(axis=1))
    q025, q10, median, q90, q975 = (float(value) for value in np.quantile(minima, LEVELS))
    first, last = (int(np.quantile(when, level, method="nearest")) for level in (LEVELS[1], LEVELS[3]))
    dates = (days[index].date() for index in (at, first, last))
    day, first_date, last_date = dates
    return LowPoint(day, int(plan_centimes[at]), median, q025, q10, q90, q975, first_date, last_date)


def buffer_needed(balances: Floats, floor_centimes: int, confidence: float) -> int | None:
    """What must be had besides, from the first day, for the floor to hold on every day with `confidence`; negative: what there is to spare.

    Floor − k-th lowest of the paths' minima. None where there are too few paths for the confidence.
    """
    low = order_statistic(balances.min(axis=1), confidence)
    return None if low is None else floor_centimes - int(estimated_centimes(low))


def days_of_cover(opening_centimes: int, line_flows: npt.NDArray[np.int64], floor_centimes: int = 0) -> int | None:
    """Bank days ahead on which the opening balance pays every planned disbursement without one receipt, and stays at the floor.

    `line_flows`: planned flows `(days, lines)` in centimes; only what goes out counts. None: it pays those of every day given.
    """
    paid = np.minimum(line_flows, 0).sum(axis=1).cumsum()
    short = np.flatnonzero(opening_centimes + paid < floor_centimes)
    return int(short[0]) if len(short) else None
