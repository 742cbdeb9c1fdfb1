"""Why a plan missed: money that came on another day, and money that was more or less than planned. The two add up, to the centime.

The rule, within one plan and line, on its days: a day that lacks money and a day that has too much, at most `reach` bank days apart, are one
flow on another day where the smaller of the two is within `tolerance_percent` of the larger. Pairs are made one to one: nearest days
first, then nearest amounts, then the earliest. The smaller amount is the timing of both days, with the sign of each; what is left
of every day is amount. So the timing of a plan sums to nothing, and its amounts sum to its whole miss.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

REACH = 5  # bank days
TOLERANCE = 10  # percent of the larger amount


def split_misses(matched: pd.DataFrame, reach: int = REACH, tolerance_percent: int = TOLERANCE) -> pd.DataFrame:
    """The proven days of the log with the miss of each, split into timing and amount.

    `matched` is from `accuracy.with_actuals`, or `proven_accounts.over_proven`: then the plan is that of the accounts judged. Returns its day rows with an actual, sorted by plan, line and day, with
    `gap_to_plan_centimes` (actual − plan), `timing_gap_centimes`, `amount_gap_centimes` (they add up to it) and `is_final`: whether every day on which
    the rest could still come, or have come, is proven too; where it is false, an amount may yet turn out to be timing.
    """
    days = matched[(matched["period_code"] == "day") & matched["actual_centimes"].notna()]
    days = days.sort_values(["plan_id", "line_code", "horizon_days"], ignore_index=True)
    gaps = (days["actual_centimes"] - days.get("judged_centimes", days["plan_centimes"])).astype("Int64")
    ahead, gap = days["horizon_days"].to_numpy(np.int64), gaps.to_numpy(np.int64)
    timing, is_final = np.zeros(len(days), np.int64), np.zeros(len(days), bool)
    planned = matched[matched["period_code"] == "day"].groupby("plan_id")["horizon_days"].max()
    ends = days["plan_id"].map(planned).to_numpy(np.int64)
    for rows in days.groupby(["plan_id", "line_code"]).indices.values():
        timing[rows] = timing_of(ahead[rows], gap[rows], reach, tolerance_percent)
        # At the end of the plan nothing more can be told; before it, the days within reach must be proven.
        proven = ahead[rows].max()
        is_final[rows] = (ahead[rows] + reach <= proven) | (proven == ends[rows])
    found = days.assign(gap_to_plan_centimes=gaps, timing_gap_centimes=pd.array(timing, dtype="Int64"))
    return found.assign(amount_gap_centimes=gaps - found["timing_gap_centimes"], is_final=is_final)


def timing_of(
    ahead: npt.NDArray[np.integer], gap: npt.NDArray[np.integer], reach: int = REACH, tolerance_percent: int = TOLERANCE
) -> npt.NDArray[np.int64]:
    """The timing in each day's miss (`gap`, in centimes; `ahead`: its bank day), by the rule of this module; it sums to 0."""
    lacks, surpluses = np.flatnonzero(gap < 0), np.flatnonzero(gap > 0)
    less, more = np.meshgrid(lacks, surpluses, indexing="ij")
    apart, sizes = np.abs(ahead[less] - ahead[more]), np.abs(np.stack([gap[less], gap[more]]))
    alike = sizes.min(axis=0) * 100 >= sizes.max(axis=0) * (100 - tolerance_percent)
    fits = (apart <= reach) & alike
    less, more, apart = less[fits], more[fits], apart[fits]
    difference, earlier = np.abs(gap[less] + gap[more]), np.minimum(ahead[less], ahead[more])
    timing, used = np.zeros(len(gap), np.int64), np.zeros(len(gap), bool)
    for pair in np.lexsort((ahead[less], earlier, difference, apart)):
        one, other = less[pair], more[pair]
        if not (used[one] or used[other]):
            used[[one, other]] = True
            size = min(-int(gap[one]), int(gap[other]))
            timing[one], timing[other] = -size, size
    return timing


def miss_summary(split: pd.DataFrame, by: Sequence[str] = ("line_code",)) -> pd.DataFrame:
    """Misses of `split_misses` by group: how much was timing, how much amount.

    `row_count`, `gap_to_plan_centimes` (the whole miss), `timing_size_centimes` and `amount_size_centimes` (sums of absolute parts: a flow on another
    day counts on both), `timing_share` (timing ÷ both; null where nothing missed), `open_count` (days whose cause is not final).
    """
    sized = split.assign(
        row_count=1,
        open_count=(~split["is_final"]).astype("Int64"),
        timing_size_centimes=split["timing_gap_centimes"].abs(),
        amount_size_centimes=split["amount_gap_centimes"].abs(),
    )
    names = ["row_count", "gap_to_plan_centimes", "timing_size_centimes", "amount_size_centimes", "open_count"]
    found = sized.groupby(list(by), dropna=False)[names].sum().astype("Int64").reset_index()
    both = (found["timing_size_centimes"] + found["amount_size_centimes"]).astype("Float64")
    share = (found["timing_size_centimes"] / both.where(both > 0)).astype("Float64")
    return found.assign(timing_share=share.to_numpy(float, na_value=np.nan))
