"""What changed: this plan against the last one, day for day, and against the budget, month for month.

Between two plans, the days that have passed are replaced by what came, the days ahead by what is said now; both parts add up to the
change of the balance at the last day that the two plans share, save for what no statement proves yet.
"""

from datetime import date

import pandas as pd

from workbench.cash.judging.accuracy import ALL
from workbench.cash.lines.flow_rules import OWN_TRANSFER

_PARTS = ("known", "estimated", "override", "plan")


def against_last(matched: pd.DataFrame, origin: date, previous: date | None = None) -> pd.DataFrame | None:
    """The plan of an origin against the one before, or that of `previous`, by line, over the days that both speak of or that have passed.

    Parameters
    ----------
    matched
        As from `accuracy.with_actuals` or `proven_accounts.over_proven`, one plan an origin, of one currency.

    Returns
    -------
    None where there is no plan before. Else a row a line, `all` last: `origin_date`, `previous_origin_date`, `until_date` (last day both speak of),
    `previous_plan_centimes` (what the last plan said up to it), `passed_gap_centimes` (actual − last plan, on the days passed that are
    proven), `unproven_centimes` (− last plan, on days and accounts that are not), `known_change_centimes`, `estimated_change_centimes`,
    `override_change_centimes` (this plan − last, on the days ahead) and `plan_now_centimes` (what came, then what is said now), the
    sum of all of them.
    """
    days = matched[matched["period_code"] == "day"]
    now = pd.Timestamp(origin)
    earlier = days.loc[days["origin_date"] < now, "origin_date"]
    before = pd.Timestamp(previous) if previous else earlier.max()
    new, old = days[days["origin_date"] == now], days[days["origin_date"] == before]
    if new.empty or old.empty:
        return None
    until = min(new["target_date"].max(), old["target_date"].max())
    new, old = new[new["target_date"] <= until], old[old["target_date"] <= until]
    passed, ahead = old[old["target_date"] <= now], old[old["target_date"] > now]
    passed = passed.assign(judged_centimes=passed.get("judged_centimes", passed["plan_centimes"]))
    proven = passed[passed["actual_centimes"].notna()]
    sums = pd.DataFrame(
        {
            "previous_plan_centimes": _sum(old, "plan_centimes"),
            "passed_gap_centimes": _sum(proven, "actual_centimes") - _sum(proven, "judged_centimes"),
            "unproven_centimes": _sum(proven, "judged_centimes").sub(_sum(passed, "plan_centimes"), fill_value=0),
        }
    )
    lines = sums.index.union(new["line_code"].unique())
    sums = sums.reindex(lines)
    for part in _PARTS[:3]:
        name = f"{part}_centimes"
        sums[f"{part}_change_centimes"] = _sum(new, name).reindex(lines, fill_value=0) - _sum(ahead, name).reindex(
            lines, fill_value=0
        )
    sums = sums.fillna(0).astype("Int64")
    sums["plan_now_centimes"] = sums.sum(axis=1)
    dates = {"origin_date": now, "previous_origin_date": before, "until_date": until}
    return _total_last(sums.rename_axis("line_code").reset_index().assign(**dates))


def _sum(rows: pd.DataFrame, name: str) -> pd.Series:
    return rows.groupby("line_code")[name].sum().astype("Int64")


def _total_last(table: pd.DataFrame) -> pd.DataFrame:
    last = table["line_code"] == ALL
    return pd.concat([table[~last], table[last]], ignore_index=True)


def against_budget(
    forecasts: pd.DataFrame, daily_flows: pd.DataFrame, budgets: pd.DataFrame, origin: date, proven_to: date
) -> pd.DataFrame:
    """Each month and line: what came, what the plan of `origin` says of the rest of it, and the budget.

    Parameters
    ----------
    forecasts
        The log, one plan an origin, of one currency; the month rows of `origin` count.
    daily_flows
        What came, in the same currency, as for `accuracy.with_actuals`.
    budgets
        `line_code`, `month_date`, `budget_centimes`, in the same currency. Without rows for `all`, it is the sum of the lines.

    Returns
    -------
    Months from January of the year of `origin` to the end of the plan, sorted by line (`all` last) and month: `line_code`, `month_date`,
    `actual_centimes` (what statements tell of by `origin`; null for months not begun), `plan_centimes` (the days after `origin`; null for months
    past), `landing_centimes` (their sum), `budget_centimes`, `budget_gap_centimes` (landing − budget; null without a budget: that is not
    zero) and `is_proven`: whether statements prove the month up to its end or up to `origin`: never one not begun.
    """
    now, known = pd.Timestamp(origin), min(pd.Timestamp(origin), pd.Timestamp(proven_to))
    planned = forecasts[(forecasts["period_code"] == "month") & (forecasts["origin_date"] == now)]
    plan = planned.assign(month_date=_month(planned["target_date"])).set_index(_KEYS)["plan_centimes"].astype("Int64")
    budget = _with_total(budgets).set_index(_KEYS)["budget_centimes"].astype("Int64")
    last = plan.index.get_level_values("month_date").max() if len(plan) else _month(pd.Series([now])).iloc[0]
    months = pd.date_range(f"{origin.year}-01-01", last, freq="MS")
    lines = sorted({*plan.index.get_level_values("line_code"), *budget.index.get_level_values("line_code")})
    rows = pd.MultiIndex.from_product([lines, months], names=_KEYS)
    # What came counts on every account that tells of it: one that went silent does not hide what the others received since.
    came = _monthly(daily_flows[pd.to_datetime(daily_flows["flow_date"]) <= now]).reindex(rows, fill_value=0)
    begun = rows.get_level_values("month_date") <= now
    ends = [month.to_period("M").end_time.normalize() for month in rows.get_level_values("month_date")]
    table = pd.DataFrame({"actual_centimes": came.where(begun), "plan_centimes": plan.reindex(rows)}, index=rows)
    table["landing_centimes"] = table[["actual_centimes", "plan_centimes"]].sum(axis=1, min_count=1)
    table["budget_centimes"] = budget.reindex(rows)
    table = table.astype("Int64")
    table["budget_gap_centimes"] = table["landing_centimes"] - table["budget_centimes"]
    table["is_proven"] = begun & (known >= pd.DatetimeIndex([min(end, now) for end in ends]))
    return _total_last(table.reset_index())


_KEYS = ["line_code", "month_date"]


def _month(days: pd.Series) -> pd.Series:
    dates = pd.to_datetime(days)
    return dates - pd.to_timedelta(dates.dt.day - 1, unit="D")


def _with_total(budgets: pd.DataFrame) -> pd.DataFrame:
    told = budgets.assign(month_date=_month(budgets["month_date"]))[[*_KEYS, "budget_centimes"]]
    if (told["line_code"] == ALL).any():
        return told
    total = told.groupby("month_date")["budget_centimes"].sum().reset_index().assign(line_code=ALL)
    return pd.concat([told, total[told.columns]], ignore_index=True)


def _monthly(daily_flows: pd.DataFrame) -> pd.Series:
    flows = daily_flows[daily_flows["line_code"] != OWN_TRANSFER]
    dated = pd.concat([flows, flows.assign(line_code=ALL)], ignore_index=True)
    dated = dated.assign(month_date=_month(dated["flow_date"]))
    return dated.groupby(_KEYS)["amount_centimes"].sum().astype("Int64")
