"""Days of sales by count-back: how many of the latest days of billing the rest to collect amounts to."""

import calendar
from collections.abc import Sequence
from datetime import date

import pandas as pd

from workbench.recovery.balances import on_day
from workbench.recovery.groups import group_keys


def count_back_days(
    months: pd.DataFrame, outstanding: pd.DataFrame, as_of: date | str, by: str | Sequence[str] = ("portfolio_code",)
) -> pd.DataFrame:
    """The rest of each group laid over its latest months of billing, newest first, until nothing is left.

    Parameters
    ----------
    months
        `movements_by_month` by what `by` names, or finer; billed less cancelled is the billing of a month.
    outstanding
        One row a group: `currency_code`, `by`, `outstanding_centimes` (`indicators`).

    Returns
    -------
    `currency_code`, `by`, `count_back_days`: null where the rest passes everything ever billed. The month of `as_of` has the days that passed.
    """
    day = on_day(as_of)
    keys = group_keys(by, outstanding)
    billed = months.assign(net_centimes=months["billed_centimes"] - months["cancelled_centimes"])
    billed = billed.groupby([*keys, "month_ordinal"], dropna=False)["net_centimes"].sum().reset_index()
    found = []
    for group in outstanding[[*keys, "outstanding_centimes"]].itertuples(index=False):
        mine = billed
        for name, value in zip(keys, group, strict=False):
            mine = mine[mine[name].isna() if pd.isna(value) else mine[name] == value]
        nets = dict(zip(mine["month_ordinal"].astype(int), mine["net_centimes"].astype(int), strict=True))
        found.append((*group[:-1], _days(int(group[-1]), nets, day)))
    return pd.DataFrame(found, columns=[*keys, "count_back_days"]).astype({"count_back_days": "Float64"})


def _days(rest: int, nets: dict[int, int], day: date) -> float | None:
    last = day.year * 12 + day.month - 1
    days = 0.0
    for ordinal in range(last, min(nets, default=last + 1) - 1, -1):
        length = day.day if ordinal == last else calendar.monthrange(ordinal // 12, ordinal % 12 + 1)[1]
        net = max(nets.get(ordinal, 0), 0)
        if rest <= net:
            return days + (length * rest / net if net else 0.0)
        rest, days = rest - net, days + length
    return None if rest else days
