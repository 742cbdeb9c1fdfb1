"""Ultimate rate of each vintage: what share of what was billed comes in by the last age, with an interval that hidden diagonals check.

A vintage that has reached the last age is observed; one of which most is in is carried on by the model; a younger one by Bornhuetter–Ferguson. Three
rates are never mixed (docs/methods/triangles.md): this is the ultimate one; what is in by an age ÷ billed is the cohort's; cash of a period ÷ billed of
the period is neither.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from workbench.errors import WrongUse
from workbench.evidence import Coverage, conformal_quantile, coverage
from workbench.recovery.triangles.bornhuetter_ferguson import (
    MATURE_SHARE,
    PriorRate,
    bornhuetter_ferguson,
    prior_rate,
)
from workbench.recovery.triangles.chain_ladder import Completed, chain_ladder
from workbench.recovery.triangles.triangle import Floats, Triangle, by_vintage

Model = Callable[[Triangle], Completed]
LEVEL = 0.80
_DUST = 1e-12  # of a rate, left by sums


@dataclass(frozen=True)
class UltimateRates:
    """`rates`, `errors`, `low`, `high`, `so_far` (n,): fractions of what was billed, NaN where nothing can be said; a low or high end is NaN too where no
    error can. `methods` (n,): `observed`, the model's name, `bornhuetter_ferguson`, or empty. `prior`: the rate that young vintages were given.
    `errors` are as widened."""

    triangle: Triangle
    rates: Floats
    errors: Floats
    low: Floats
    high: Floats
    so_far: Floats
    developed: Floats
    methods: np.ndarray
    prior: PriorRate
    level: float

    def table(self) -> pd.DataFrame:
        """A row a vintage: keys, `vintage_date`, `billed_mad`, `cohort_rate` (in so far), `developed_share`, `ultimate_rate`, `low_rate`,
        `high_rate`, `method_code`."""
        columns = {
            "billed_mad": self.triangle.billed,
            "cohort_rate": self.so_far,
            "developed_share": self.developed,
            "ultimate_rate": self.rates,
            "low_rate": self.low,
            "high_rate": self.high,
            "method_code": self.methods,
        }
        return by_vintage(self.triangle, columns)


def ultimate_rates(
    triangle: Triangle,
    model: Model = chain_ladder,
    *,
    mature_share: float = MATURE_SHARE,
    prior: PriorRate | None = None,
    level: float = LEVEL,
    widening: Mapping[str, float] | None = None,
) -> UltimateRates:
    """Ultimate rates of the vintages, and intervals that hold `level` of the truths if the errors of the model are right.

    Parameters
    ----------
    triangle
        With `billed`. Cut it (`up_to`) to the age that counts as ultimate: what comes in later is in no rate.
    model
        Carries on mature vintages, gives its shares by age to the others: `chain_ladder`, or another of `hidden_diagonals.MODELS`.
    mature_share
        Share that must be in for a vintage to be carried on by the model itself; those also make the prior rate, unless `prior` is given.
    widening
        By what the errors of each method are multiplied: what `check_intervals` found on this kind of triangle.

    Notes
    -----
    An interval goes no higher than all that was billed, unless the estimate itself does: what is owed once is not paid twice. A vintage
    billed nothing has no rate. Raises `WrongUse` where `level` is not inside ]0, 1[.
    """
    if not 0 < level < 1:
        raise WrongUse(f"a level lies between 0 and 1, not at {level}", "level")
    base = model(triangle)
    known = prior or prior_rate(base, mature_share)
    young = bornhuetter_ferguson(triangle, base, known)
    developed, reached = base.developed_so_far, triangle.reached
    billed = np.where(triangle.billed > 0, triangle.billed, np.nan)
    is_over = reached == len(triangle.ages) - 1
    is_mature = ~is_over & (np.nan_to_num(developed) >= mature_share) & ~np.isnan(base.ultimates)
    amounts = np.where(is_mature, base.ultimates, np.where(is_over, triangle.latest, young.ultimates))
    errors = np.where(is_over, 0.0, np.where(is_mature, base.ultimate_errors, young.ultimate_errors)) / billed
    rates = amounts / billed
    methods = np.where(is_over, "observed", np.where(is_mature, base.model, young.model))
    methods = np.where(np.isnan(rates), "", methods)
    errors = errors * np.array([(widening or {}).get(str(method), 1.0) for method in methods])
    reach = float(ndtri((1 + level) / 2)) * errors
    high = np.where(np.isnan(rates + reach), np.nan, np.minimum(rates + reach, np.maximum(rates, 1.0)))
    return UltimateRates(triangle, rates, errors, rates - reach, high, triangle.latest / billed, developed, methods, known, level)  # fmt: skip


@dataclass(frozen=True)
class IntervalCheck:
    """How intervals held on vintages that are over by now. `rows`: keys, `vintage_date`, `hidden_count` (periods hidden), `method_code`, `cohort_rate`,
    `ultimate_rate`, `low_rate`, `high_rate`, `came_rate`, `error_rate`, `is_inside`. `held`: of those that had an interval. `widening`: by method, the factor
    that would have made them hold their level, at least 1. Vintages come back at several origins: their misses are alike, and the exact interval of `held`
    is too narrow."""

    rows: pd.DataFrame
    held: Coverage
    widening: dict[str, float]


def check_intervals(
    triangle: Triangle,
    model: Model = chain_ladder,
    *,
    count: int | None = None,
    mature_share: float = MATURE_SHARE,
    level: float = LEVEL,
) -> IntervalCheck:
    """Hide 1 to `count` periods, say the ultimate rates that would have been said, and hold them against those that are known by now.

    `count`: by default one less than there are ages, so that each vintage that is over is seen from its first age on.
    """
    over = np.flatnonzero((triangle.reached == len(triangle.ages) - 1) & (triangle.billed > 0))
    names = ["vintage_date", "hidden_count", "method_code", "cohort_rate", "ultimate_rate", "low_rate", "high_rate", "came_rate", "error_rate"]  # fmt: skip
    parts = [pd.DataFrame(columns=[*triangle.keys, *names])]
    for hidden in range(1, (count or len(triangle.ages) - 1) + 1):
        before = triangle.hidden(hidden)
        if not before.is_known.any():
            break
        said = ultimate_rates(before, model, mature_share=mature_share, level=level)
        there = over[~np.isin(said.methods[over], ["", "observed"])]
        came = triangle.latest[there] / triangle.billed[there]
        part = said.table().iloc[there].assign(hidden_count=hidden, came_rate=came, error_rate=said.errors[there])
        parts.append(part[[*triangle.keys, *names]])
    rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    came, low, high = (rows[name].to_numpy(np.float64) for name in ("came_rate", "low_rate", "high_rate"))
    rows["is_inside"] = (came >= low - _DUST) & (came <= high + _DUST)
    told = rows[rows["error_rate"].notna()]
    widening = {str(name): _widening(part, level) for name, part in told.groupby("method_code")}
    return IntervalCheck(rows, coverage(told["is_inside"].to_numpy(bool)), widening)


def _widening(rows: pd.DataFrame, level: float) -> float:
    """The conformal quantile of misses in errors, against that of the normal curve; a vintage that nothing could move tells nothing."""
    moved = rows[rows["error_rate"] > 0]
    if not len(moved):
        return 1.0
    sizes = ((moved["came_rate"] - moved["ultimate_rate"]).abs() / moved["error_rate"]).to_numpy(np.float64)
    return max(float(conformal_quantile(sizes[:, None], level)[0]) / float(ndtri((1 + level) / 2)), 1.0)
