"""How long bills wait: what is still unpaid by age, what is paid of it in the next thirty days, and what a change of lags would do to cash to come.

Pure functions of small tables: rates by age as from `cohort_rates.ultimate_rates`, expected receipts as from `cohort_receipts`.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.errors import WrongUse
from workbench.evidence import Floats

SPELL = 30  # days of the spell in which a hazard is told, whatever the step of the ages


def unpaid_curve(rates: pd.DataFrame) -> pd.DataFrame:
    """The curve of one group: what is unpaid at each age, and how fast what is unpaid is paid just before it.

    Parameters
    ----------
    rates
        One group of `ultimate_rates`: `age_days`, `rate`, `low_rate`, `high_rate`, a row an age.

    Returns
    -------
    `age_days`, `unpaid_share`, `low_unpaid_share`, `high_unpaid_share` (null where the rate has no interval), and `hazard_share`: of what was unpaid at the age
    before (all of it, before the first), what was paid by this one, brought to thirty days: 1 − (1 − paid share)^(30 ÷ days between). Null where nothing was left. Ages in order.

    Raises `WrongUse` where an age is given twice: the rates are of several groups.
    """
    table = rates.sort_values("age_days", ignore_index=True)
    if table["age_days"].duplicated().any():
        raise WrongUse("an age is given twice: the rates are of several groups", "rates", "keep one group")
    age = table["age_days"].to_numpy(np.float64)
    unpaid = 1 - table["rate"].to_numpy(np.float64)
    before, steps = np.concatenate([[1.0], unpaid[:-1]]), np.diff(age, prepend=0.0)
    left = np.divide(unpaid, before, out=np.full(len(age), np.nan), where=before > 0)
    spells = np.divide(SPELL, steps, out=np.full(len(age), np.nan), where=steps > 0)
    return pd.DataFrame(
        {
            "age_days": table["age_days"].astype("int64"),
            "unpaid_share": unpaid,
            "low_unpaid_share": 1 - table["high_rate"].astype("float64"),
            "high_unpaid_share": 1 - table["low_rate"].astype("float64"),
            "hazard_share": 1 - np.clip(left, 0, 1) ** spells,
        }
    )


def median_age_days(curve: pd.DataFrame) -> int | None:
    """The first age (of those of the curve) at which half is paid; None where it is not reached."""
    paid = curve[curve["unpaid_share"] <= 0.5]
    return None if paid.empty else int(paid["age_days"].min())


def moved_receipts(
    days: npt.NDArray[np.datetime64], amounts: Floats, shifts: Sequence[int], horizons: Sequence[int]
) -> pd.DataFrame:
    """What comes in within some days if everybody paid later, or earlier, than expected.

    Parameters
    ----------
    days
        (D,) calendar days after an origin, one after the other, the first being the day after it.
    amounts
        (D,) expected on each, units of the currency.
    shifts
        Days by which every receipt is moved; negative: earlier, on the first day at the earliest.
    horizons
        Days after the origin by which receipts are counted.

    Returns
    -------
    `shift_days`, `horizon_days`, `mean_mad` (received by then), `change_mad` (against no shift).

    Raises `WrongUse` where days do not follow each other, or an earlier receipt would come from after the last day: more days must be expected first.
    """
    if len(days) != len(amounts) or (np.diff(days.astype("datetime64[D]").astype(np.int64)) != 1).any():
        raise WrongUse("the days do not follow each other, or are not as many as amounts", "days")
    most = max(horizons) - min([*shifts, 0])
    if most > len(days):
        raise WrongUse(
            f"receipts are expected for {len(days)} days, {most} are asked for", "days", "expect them for longer"
        )
    summed = np.concatenate([[0.0], np.cumsum(amounts)])
    rows = [
        (shift, horizon, summed[max(horizon - shift, 0)], summed[max(horizon - shift, 0)] - summed[horizon])
        for shift in shifts
        for horizon in horizons
    ]
    return pd.DataFrame(rows, columns=["shift_days", "horizon_days", "mean_mad", "change_mad"])
