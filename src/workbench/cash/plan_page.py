"""The tables of the page of the cash plan, in its order: codes and amounts, no sentence. A table that has nothing to say is left out.

`plan_ties` are the equalities that a page proves before it is published.
"""

import numpy as np
import pandas as pd

from workbench.cash.outlook import Outlook
from workbench.cash.plan_findings import known_marks, low_accounts, within
from workbench.cash.plan_layout import Column, actual_weeks, chained, total_of, treasurer_layout, with_plans

PAST_WEEKS = 4  # of the treasurer's sheet: actual, plan and gap
QUANTILES = ["q025_mad", "q10_mad", "q90_mad", "q975_mad"]
PLAN_KINDS = {"placeable_centimes": "mdh", "value_centimes": "mdh", "change_centimes": "mdh+", "margin_centimes": "mdh+"}
OVERDUE_SHOWN = ["supplier_name", "supplier_code", "item_count", "oldest_days", "overdue_centimes", "blocked_centimes", "paid_centimes"]


def plan_tables(found: Outlook) -> dict[str, pd.DataFrame]:
    """The tables of the page by key; empty ones are left out."""
    tables: dict[str, pd.DataFrame] = {
        "history": found.beside.position[["day_date", "value_centimes"]].dropna(),
        "fan": _ahead(found),
        "marks": known_marks(found),
        "weeks": weeks_layout(found),
        "months": months_layout(found),
        "directorates": _by_directorate(found),
        "low_accounts": low_accounts(found),
        "drivers": found.drivers[["line_code", "mean_mad", "variance_share", "tail_mad"]],
        "days": found.by_day.drop(columns=["q025_mad", "q975_mad"]),
        "terms": found.placeable.dropna(),
        "credit": _columns(found.credit, "bank_code limit_centimes drawn_centimes undrawn_centimes draw_centimes"),
        "overdue": _columns(found.overdue, " ".join(OVERDUE_SHOWN)),
        "scenarios": found.beside.scenarios,
        "scenario_lows": scenario_lows(found),
        "unclassified": found.beside.unclassified,
        "stale": _stale(found),
        "models": _models(found),
    }
    tables |= {name: table for name, table in found.plan.notes.items() if isinstance(table, pd.DataFrame)}
    tables |= dict(found.beside.judged)
    return {key: table.reset_index(drop=True) for key, table in tables.items() if len(table)}


def _columns(table: pd.DataFrame, names: str) -> pd.DataFrame:
    return table[[name for name in names.split() if name in table]]


def _ahead(found: Outlook) -> pd.DataFrame:
    position = within(found, found.plan.positions(), "day_date")
    return position[["day_date", "value_centimes", "median_mad", *QUANTILES]]


def _planned(found: Outlook, period: str) -> pd.DataFrame:
    flows = found.plan.flows(by=("line_code",), period=period)
    return flows.rename(columns={"plan_centimes": "amount_centimes"})[["line_code", "target_date", "amount_centimes"]]


def week_columns(found: Outlook) -> list[Column]:
    """The weeks asked for, each opening on the closing of the one before. The last one may be cut by the end of the plan's days."""
    daily = within(found, _planned(found, "day"), "target_date")
    starts = daily["target_date"] - pd.to_timedelta(daily["target_date"].dt.weekday, unit="D")
    return chained(daily.assign(target_date=starts), found.position_centimes, "week")


def month_columns(found: Outlook) -> list[Column]:
    """Every month of the plan; the first begins on the day after its date."""
    return chained(_planned(found, "month"), found.position_centimes, "month")


def weeks_layout(found: Outlook) -> pd.DataFrame:
    """Lines × weeks and their total, with the lowest balance of each week and the low end of the 80 % band of its closing below."""
    columns = week_columns(found)
    table = treasurer_layout([*columns, total_of(columns)], found.beside.lines)
    position = within(found, found.plan.positions(), "day_date")
    weeks = position["day_date"] - pd.to_timedelta(position["day_date"].dt.weekday, unit="D")
    lowest = position.groupby(weeks)["value_centimes"].min()
    band = position.groupby(weeks)["q10_mad"].last().mul(100).round().astype("int64")
    below = {"lowest": (lowest, int(lowest.min())), "low_80": (band, int(band.iloc[-1]))}
    for code, (by_week, total) in below.items():
        values = [int(by_week[column.target_date]) for column in columns] + [total]
        table.loc[len(table)] = [code, True, *values]
    return table


def months_layout(found: Outlook) -> pd.DataFrame:
    """Lines × months and their total, with the lowest balance of each month below."""
    columns = month_columns(found)
    table = treasurer_layout([*columns, total_of(columns)], found.beside.lines)
    position = found.plan.positions()
    months = position["day_date"].dt.to_period("M").dt.start_time
    lowest = position.groupby(months)["value_centimes"].min()
    table.loc[len(table)] = ["lowest", True, *(int(lowest[c.target_date]) for c in columns), int(lowest.min())]
    return table


def treasurer_sheet(found: Outlook, past_weeks: int = PAST_WEEKS) -> pd.DataFrame:
    """The sheet of the workbook: past weeks as actual, plan and gap, then the weeks of the plan, then its months."""
    as_of = pd.Timestamp(found.plan.as_of)
    past = actual_weeks(found.beside.actual, found.beside.position, as_of, past_weeks) if len(found.beside.actual) else []
    told = with_plans(past, found.beside.log, as_of) if len(found.beside.log) else past
    return treasurer_layout([*told, *week_columns(found), *month_columns(found)], found.beside.lines)


def _by_directorate(found: Outlook) -> pd.DataFrame:
    daily = within(found, found.plan.flows(by=("directorate_code", "line_code"), period="day"), "target_date")
    sums = daily.groupby(["directorate_code", "line_code"], as_index=False)["plan_centimes"].sum()
    amount = sums["plan_centimes"]
    parts = sums.assign(receipt_centimes=amount.clip(lower=0), disbursement_centimes=amount.clip(upper=0))
    names = ["receipt_centimes", "disbursement_centimes", "plan_centimes"]
    made = parts.groupby("directorate_code", as_index=False)[names].sum()
    return made.sort_values(["plan_centimes", "directorate_code"], ascending=[False, True])


def scenario_lows(found: Outlook) -> pd.DataFrame:
    """A row a scenario, the plan first: low point, its day, what it takes from the plan's low point, margin over the floor."""
    curves = found.beside.scenarios
    if curves.empty:
        return curves
    at = curves.groupby("scenario_code", sort=False)["value_centimes"].idxmin()
    table = curves.loc[at, ["scenario_code", "value_centimes", "day_date"]].reset_index(drop=True)
    plan = int(table.loc[table["scenario_code"] == "plan", "value_centimes"].iloc[0])
    table["change_centimes"] = table["value_centimes"] - plan
    if found.plan.floor_centimes is not None:
        table["margin_centimes"] = table["value_centimes"] - found.plan.floor_centimes
    return table.sort_values("value_centimes", kind="stable")


def _stale(found: Outlook) -> pd.DataFrame:
    opening = found.plan.opening
    unproven = opening[opening["state_code"] != "proven"]
    names = found.beside.accounts[["account_number", "account_label"]]
    return unproven.merge(names, on="account_number", how="left")[["account_label", "account_number", "value_centimes", "state_code"]]


def _models(found: Outlook) -> pd.DataFrame:
    """What really ran, by line: models, why, and how much of the line is known, estimated and added by a person within the weeks."""
    series = found.plan.series.groupby("line_code", as_index=False).agg(
        model_name=("model_name", lambda names: ", ".join(sorted(set(names)))), reason_code=("reason_code", "first")
    )
    daily = within(found, found.plan.flows(by=("line_code",), period="day"), "target_date")
    parts = [f"{part}_centimes" for part in ("known", "estimated", "override", "plan")]
    return series.merge(daily.groupby("line_code", as_index=False)[parts].sum(), on="line_code")


def plan_ties(found: Outlook) -> list[tuple[str, int, int]]:
    """The equalities of the page: (what, one figure, the other). Each figure comes from a table of its own."""
    plan, days = found.plan, len(found.days)
    office = plan.positions()
    end = int(office["value_centimes"].iloc[days - 1])
    by_account = plan.positions(by=("account_number",))
    last = by_account[by_account["day_date"] == office["day_date"].iloc[days - 1]]
    daily = within(found, plan.flows(by=("line_code",), period="day"), "target_date")
    by_directorate = _by_directorate(found)
    weeks, months = week_columns(found), month_columns(found)
    parts = sum(int(daily[f"{part}_centimes"].sum()) for part in ("known", "estimated", "override"))
    return [
        ("opening of the plan = position", int(office["opening_centimes"].iloc[0]), found.position_centimes),
        ("accounts = office, at the end", int(last["value_centimes"].sum()), end),
        ("lines = office, over the weeks", found.position_centimes + int(daily["plan_centimes"].sum()), end),
        ("known + estimated + overrides = plan", parts, int(daily["plan_centimes"].sum())),
        ("directorates = office", int(by_directorate["plan_centimes"].sum()), int(daily["plan_centimes"].sum())),
        ("weeks end where the plan ends", weeks[-1].closing_centimes, end),
        ("months end where the plan ends", months[-1].closing_centimes, int(office["value_centimes"].iloc[-1])),
        ("low point = lowest day", found.low.value_centimes, int(np.min(office["value_centimes"].to_numpy()[:days]))),
    ]
