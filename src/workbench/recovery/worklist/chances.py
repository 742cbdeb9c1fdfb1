"""How likely what is still unpaid is paid soon if nobody acts: from the curve of its segment, given the age that it has reached."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.evidence import Floats


def chance_alone(rates: pd.DataFrame, segments: pd.Series, ages: Floats, horizon_days: int) -> Floats:
    """The part of what is unpaid at an age that is paid within `horizon_days` more, (n,), as bills of its segment were before.

    Parameters
    ----------
    rates
        `segment_code`, `age_days`, `rate`: as from `cohort_rates.ultimate_rates` by segment, of amounts.
    segments, ages
        (n,) of what is owed: its segment, and its age in days since the bill.

    Returns
    -------
    (F(a + h) − F(a)) ÷ (1 − F(a)), F read in straight lines between the ages of the curve. From the age from which the curve says nothing of the whole horizon, its last horizon goes
    on. NaN for a segment without a curve.
    """
    found = np.full(len(ages), np.nan)
    for segment, curve in _curves(rates).items():
        mine = (segments == segment).to_numpy(dtype=bool, na_value=False)
        found[mine] = _given_age(*curve, ages[mine], float(horizon_days))
    return found


def _curves(rates: pd.DataFrame) -> Mapping[str, tuple[Floats, Floats]]:
    curves = {}
    for segment, table in rates.dropna(subset=["rate"]).sort_values("age_days").groupby("segment_code"):
        ages, paid = (table[name].to_numpy(np.float64) for name in ("age_days", "rate"))
        curves[str(segment)] = (np.concatenate([[0.0], ages]), np.concatenate([[0.0], np.maximum.accumulate(paid)]))
    return curves


def _given_age(ages: Floats, paid: Floats, asked: Floats, horizon: float) -> Floats:
    start = np.clip(asked, 0.0, max(float(ages[-1]) - horizon, 0.0))
    before, after = (np.interp(at, ages, paid) for at in (start, start + horizon))
    left = 1.0 - before
    chance: Floats = np.divide(after - before, left, out=np.zeros(len(asked)), where=left > 1e-12)
    return chance
