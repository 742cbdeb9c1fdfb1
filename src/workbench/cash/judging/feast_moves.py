"""Movable feasts on their other date: which of them are still only estimated near a plan, and where they come some days later or earlier."""

import pandas as pd

from workbench.cash.plan.plan import CashPlan

COLUMNS = ["name", "start", "end", "status"]


def feasts_elsewhere(feasts: pd.DataFrame, plan: CashPlan, days: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All feasts with those moved that are only estimated and touch the thirteen weeks of a plan, on either date; and those moved.

    Parameters
    ----------
    feasts
        `name`, `start`, `end`, `status` (`official`, `estimated`), a row a feast.
    days
        Calendar days later (earlier where negative).

    Returns
    -------
    The feasts, index kept; and a row a day moved: `name`, `from_date`, `to_date`. What has begun by the date of the plan stays begun, what
    would have had to begin by then stays where it is, and a fast that ends on the eve of an announced feast ends there still.
    """
    shift, today = pd.Timedelta(days=days), pd.Timestamp(plan.as_of)
    start, end = pd.to_datetime(feasts["start"]), pd.to_datetime(feasts["end"])
    is_near = (end + abs(shift) >= plan.days[0]) & (start - abs(shift) <= pd.Timestamp(plan.daily_until))
    moves = (feasts["status"] == "estimated") & is_near
    announced = start[feasts["status"] != "estimated"]
    starts = moves & (start > today) & (start + shift > today)
    ends = moves & (end > today) & (end + shift > today) & ~(end + pd.Timedelta(days=1)).isin(announced)
    others = feasts.assign(start=start.mask(starts, start + shift), end=end.mask(ends, end + shift))
    others["end"] = others["end"].where(others["end"] >= others["start"], others["start"])
    told = feasts[["name"]].assign(
        from_date=start.where(starts, end), to_date=others["start"].where(starts, others["end"])
    )
    return others, told[starts | ends].sort_values(["from_date", "name"], ignore_index=True)
