"""The tables of the page of the cash plan, in its order: codes and amounts, no sentence. A table that has nothing to say is left out.

`plan_ties` are the equalities that a page proves before it is published.
"""

from typing import Any

import numpy as np
import pandas as pd

from workbench.cash.judging.scenario_files import PLAN
from workbench.cash.plan.outlook import Outlook, group_sums, known_marks, low_accounts, within
from workbench.cash.plan.plan_layout import (
    Column,
    actual_weeks,
    chained,
    group_of,
    total_of,
    treasurer_layout,
    with_plans,
)
from workbench.cash.plan.plan_record import budget_year, in_money

TRUST_TABLES = [
    "by_horizon",
    "position_bands",
    "by_line",
    "by_directorate",
    "by_account",
    "override_gains",
    "misses",
    "changes",
    "budget",
]
FOLDED_TABLES = ("by_directorate", "by_account", "budget")  # they wait behind « Données »
PAST_WEEKS = 4  # of the treasurer's sheet: actual, plan and gap
QUANTILES = ["q025_mad", "q10_mad", "q90_mad", "q975_mad"]
_KINDS = {
    "mdh": "planned_position_centimes placeable_centimes financing_centimes value_centimes low_centimes beyond_centimes timing_size_centimes amount_size_centimes previous_plan_centimes "
    "plan_now_centimes actual_centimes plan_centimes landing_centimes budget_centimes at_risk_centimes buffer_centimes receipt_centimes "
    "disbursement_centimes known_centimes estimated_centimes override_centimes overdue_centimes blocked_centimes paid_centimes limit_centimes "
    "drawn_centimes undrawn_centimes draw_centimes moved_centimes",
    "mdh+": "override_gain_centimes added_centimes change_centimes low_change_centimes gap_to_plan_centimes passed_gap_centimes unproven_centimes known_change_centimes "
    "estimated_change_centimes override_change_centimes budget_gap_centimes",
    "pct0": "wape_receivables wape_calendar wape_panel wape_panel_calendar coverage_80 coverage_80_low coverage_80_high coverage_95 coverage_95_low coverage_95_high "
    "timing_share variance_share judged_share",
    "pct": "wape naive_wape value_added bias override_value_added passed_share below_share",
    "mad_unit": "pinball_mad",
    "word": "chosen_code feeding_code bucket_count direction effect_code kind_code told_code nature_code",
    "model": "model_name months_model_name",
    "count": "override_count item_count step_count",
}
_PLANNED = {"value_centimes": "planned_position_centimes"}  # said apart from the position that was
MARK_KINDS = {"amount_centimes": "mdh+", "day_date": "day", "flow_name": "code"}
PLAN_KINDS = {name: kind for kind, names in _KINDS.items() for name in names.split()}
GROUP_COLUMNS = {"receipt_centimes": "receipts", "disbursement_centimes": "payments", "financing_centimes": "financing"}
STEPS_SHOWN = "scenario_code step_count kind_code told_code about moved_centimes beyond_centimes added_centimes nature_code source"
RACE_SHOWN = (
    "line_code chosen_code wape_receivables wape_calendar won_count origin_count wape_panel wape_panel_calendar"
)
UNCLASSIFIED_SHOWN = "label_shape direction line_count amount_centimes first_date last_date"
JUDGED = "row_count judged_share wape naive_wape value_added bias"
SCORES = "row_count mase wape naive_wape value_added bias coverage_80 coverage_80_low coverage_80_high coverage_95"
LINE_SCORES = SCORES.replace("wape naive_wape", "miss_mad naive_miss_mad wape naive_wape")
OVERRIDES_SHOWN = "override_id entered_by entered_at line_code account_number flow_date amount_centimes note"
HELPED = (
    "line_code override_count override_gain_centimes override_value_added"  # what overrides of past plans were worth
)
OVERDUE_SHOWN = [
    "supplier_name",
    "supplier_code",
    "item_count",
    "oldest_days",
    "overdue_centimes",
    "blocked_centimes",
    "paid_centimes",
]


def plan_tables(found: Outlook) -> dict[str, pd.DataFrame]:
    """The tables of the page by key; empty ones are left out."""
    tables: dict[str, pd.DataFrame] = {
        "history": found.beside.position[["day_date", "value_centimes"]].dropna(),
        "fan": _ahead(found),
        "marks": known_marks(found),
        "named_marks": known_marks(found)[["mark_number", "day_date", "flow_name", "amount_centimes"]],
        "weeks": weeks_layout(found),
        "months": months_layout(found),
        "directorates": _by_directorate(found),
        "low_accounts": low_accounts(found).rename(columns=_PLANNED),
        "drivers": found.drivers[["line_code", "mean_mad", "variance_share", "tail_mad"]],
        "days": found.by_day.drop(columns=["q025_mad", "q975_mad"]).rename(columns=_PLANNED),
        "terms": found.placeable.dropna(),
        "credit": _columns(found.credit, "bank_code limit_centimes drawn_centimes undrawn_centimes draw_centimes"),
        "overdue": _columns(found.overdue, " ".join(OVERDUE_SHOWN)),
        "scenarios": found.beside.scenarios,
        "scenario_lows": _scenario_lows(found),
        "scenario_steps": _columns(found.beside.scenario_steps, STEPS_SHOWN),
        "unclassified": _columns(found.beside.unclassified, UNCLASSIFIED_SHOWN),
        "overrides": _overrides(found),
        "unplaced": _unplaced(found),
        "stale": _stale(found),
        "models": _models(found),
        "receipts_race": _columns(found.plan.notes.get("receipts_race", pd.DataFrame()), RACE_SHOWN),
    }
    tables |= _recorded(found)
    return {key: table.reset_index(drop=True) for key, table in tables.items() if len(table)}


def _recorded(found: Outlook) -> dict[str, pd.DataFrame]:
    """What past plans were worth: a score needs its count and its interval beside it."""
    record = found.beside.record
    if record is None:
        return {}
    misses = (
        record.misses[
            ["line_code", "gap_to_plan_centimes", "timing_size_centimes", "amount_size_centimes", "timing_share"]
        ]
        if len(record.misses)
        else record.misses
    )
    return {
        "by_horizon": _columns(record.by_horizon, f"bucket_count {SCORES} pinball_mad"),
        "by_line": _columns(_all_last(in_money(record.by_line)), f"line_code {LINE_SCORES} is_level"),
        "by_directorate": _columns(record.by_directorate, f"directorate_code {JUDGED}"),
        "by_account": _by_account(found, record.by_account),
        "position_bands": position_bands(record.positions),
        "override_gains": _columns(_all_last(_typed(record.by_line)), f"{HELPED} is_level"),
        "misses": _all_last(misses),
        "changes": record.changes.drop(columns=["origin_date", "previous_origin_date", "until_date"], errors="ignore"),
        "budget": _all_last(budget_year(record.budget).drop(columns="year", errors="ignore")),
        "trend": _columns(record.trust.trend, "origin_date wape naive_wape value_added coverage_80"),
    }


def _by_account(found: Outlook, scores: pd.DataFrame) -> pd.DataFrame:
    """Scores of accounts, each judged on its own statements."""
    if scores.empty:
        return scores
    names = found.beside.accounts.drop_duplicates("account_number").set_index("account_number")["account_label"]
    label = scores["account_number"].map(names)
    told = scores.assign(account_label=label.where(label.notna(), scores["account_number"]))
    return _columns(
        told, "account_label account_number row_count wape naive_wape value_added bias coverage_80 coverage_95"
    )


def position_bands(positions: pd.DataFrame) -> pd.DataFrame:
    """What the bands of the position held (`position_coverage`), a row a week ahead, 80 and 95 % side by side."""
    if positions.empty:
        return positions
    keys = ["week_count", "plan_count", "apart_count", "judged_share"]
    names = {"share": "", "low": "_low", "high": "_high"}
    parts = [
        positions[positions["band"] == band]
        .set_index(keys)[list(names)]
        .rename(columns={name: f"coverage_{band}{end}" for name, end in names.items()})
        for band in (80, 95)
    ]
    return pd.concat(parts, axis=1).reset_index()


def _all_last(table: pd.DataFrame) -> pd.DataFrame:
    """Lines, the sum of all of them last, as a level."""
    if table.empty:
        return table
    is_all = table["line_code"] == "all"
    return pd.concat([table[~is_all], table[is_all]]).assign(
        is_level=[*[False] * int((~is_all).sum()), *[True] * int(is_all.sum())]
    )


def _columns(table: pd.DataFrame, names: str) -> pd.DataFrame:
    return table[[name for name in names.split() if name in table]]


def _ahead(found: Outlook) -> pd.DataFrame:
    position = within(found, found.position, "day_date")
    return position[["day_date", "value_centimes", "median_mad", *QUANTILES]]


def week_columns(found: Outlook) -> list[Column]:
    """The weeks asked for, each opening on the closing of the one before. The last one may be cut by the end of the plan's days."""
    daily = found.daily.rename(columns={"plan_centimes": "amount_centimes"})
    starts = daily["target_date"] - pd.to_timedelta(daily["target_date"].dt.day_of_week, unit="D")
    return chained(daily.assign(target_date=starts), found.position_centimes, "week")


def month_columns(found: Outlook) -> list[Column]:
    """Every month of the plan; the first begins on the day after its date."""
    flows = found.plan.flows(by=("line_code",), period="month")
    flows = flows.rename(columns={"plan_centimes": "amount_centimes"})
    starts = flows["target_date"].dt.to_period("M").dt.start_time
    return chained(flows.assign(target_date=starts), found.position_centimes, "month")


def weeks_layout(found: Outlook) -> pd.DataFrame:
    """Lines × weeks and their total, with the lowest balance of each week and the low end of the 80 % band of its closing below."""
    columns = week_columns(found)
    table = treasurer_layout([*columns, total_of(columns)], found.beside.lines)
    position = within(found, found.position, "day_date")
    weeks = position["day_date"] - pd.to_timedelta(position["day_date"].dt.day_of_week, unit="D")
    lowest = position.groupby(weeks)["value_centimes"].min()
    band = position.groupby(weeks)["q10_mad"].last().mul(100).round().astype("int64")
    below = {"lowest": (lowest, int(lowest.min())), "low_80": (band, int(band.iloc[-1]))}
    rows = [[code, *(int(by[c.target_date]) for c in columns), total] for code, (by, total) in below.items()]
    return _with_levels(table, rows)


def _with_levels(table: pd.DataFrame, rows: list[list[Any]]) -> pd.DataFrame:
    """A layout with rows below its closing that are in no sum: (code, an amount a column)."""
    more = pd.DataFrame([[code, True, *amounts] for code, *amounts in rows], columns=table.columns)
    return pd.concat([table, more.astype(table.dtypes.to_dict())], ignore_index=True)


def months_layout(found: Outlook) -> pd.DataFrame:
    """Lines × months and their total, with the lowest balance of each month below."""
    columns = month_columns(found)
    table = treasurer_layout([*columns, total_of(columns)], found.beside.lines)
    position = found.position
    months = position["day_date"].dt.to_period("M").dt.start_time
    lowest = position.groupby(months)["value_centimes"].min()
    return _with_levels(table, [["lowest", *(int(lowest[c.target_date]) for c in columns), int(lowest.min())]])


def treasurer_sheet(found: Outlook, past_weeks: int = PAST_WEEKS) -> pd.DataFrame:
    """The sheet of the workbook: past weeks as actual, plan and gap, then the weeks of the plan, then its months."""
    as_of = pd.Timestamp(found.plan.as_of)
    past = (
        actual_weeks(found.beside.actual, found.beside.position, as_of, past_weeks) if len(found.beside.actual) else []
    )
    told = with_plans(past, found.beside.log, as_of) if len(found.beside.log) else past
    return treasurer_layout([*told, *week_columns(found), *month_columns(found)], found.beside.lines)


def _by_directorate(found: Outlook) -> pd.DataFrame:
    """Receipts, payments, financing and other of each directorate: the groups of the weeks (`group_of`), so that both tables agree."""
    sums = found.plan.flows(by=("directorate_code", "line_code"), period="total", until=found.until)
    groups, amount = sums["line_code"].map(group_of(found.beside.lines)).fillna("financing"), sums["plan_centimes"]
    parts = sums.assign(**{name: amount.where(groups == group, 0) for name, group in GROUP_COLUMNS.items()})
    names = [*GROUP_COLUMNS, "plan_centimes"]
    made = parts.groupby("directorate_code", as_index=False, dropna=False)[names].sum()
    return made.sort_values(["plan_centimes", "directorate_code"], ascending=[False, True])


def _scenario_lows(found: Outlook) -> pd.DataFrame:
    """A row a scenario, the lowest first: low point and its day, chance of passing the floor, what it changes over the weeks."""
    shown = [
        "scenario_code",
        "low_centimes",
        "low_date",
        "low_change_centimes",
        "passed_share",
        "change_centimes",
    ]
    sums = found.beside.scenario_sums
    if sums.empty:
        return sums
    effects = [_effect(found, code) for code in sums["scenario_code"]]
    return sums[shown].assign(effect_code=effects).sort_values("low_centimes", kind="stable")


def _effect(found: Outlook, code: str) -> str:
    """What became of a scenario: `base` (the plan), `nothing` done, `outside` the weeks, done in `part`, or `whole`."""
    curves, steps = found.beside.scenarios, found.beside.scenario_steps
    if code == PLAN:
        return "base"
    done = steps.loc[steps["scenario_code"] == code, "told_code"] == "done" if len(steps) else pd.Series([True])
    if not done.any():
        return "nothing"
    mine, base = (
        curves[curves["scenario_code"] == one].set_index("day_date")["value_centimes"] for one in (code, PLAN)
    )
    return "outside" if mine.equals(base) else "whole" if done.all() else "part"


def _unplaced(found: Outlook) -> pd.DataFrame:
    """Known flows that the plan does not hold, within the weeks, by line and reason: how many, from when, how much where it is known."""
    told = found.plan.notes.get("unplaced")
    if told is None or not len(told):
        return pd.DataFrame()
    keys = ["line_code", "left_out_code"]
    near = told[~(pd.to_datetime(told["due_date"]) > pd.Timestamp(found.until))].assign(item_count=1)
    sums = near.groupby(keys, as_index=False, dropna=False).agg(
        item_count=("item_count", "sum"),
        due_date=("due_date", "min"),
        amount_centimes=("amount_centimes", lambda a: a.sum(min_count=1)),
    )
    ordered: pd.DataFrame = sums.sort_values(["left_out_code", "item_count"], ascending=[True, False], kind="stable")
    return ordered


def _overrides(found: Outlook) -> pd.DataFrame:
    """What people added to the plan within the weeks: who, when, why, on which line, account and day."""
    typed = found.plan.notes.get("overrides")
    if typed is None or not len(typed):
        return pd.DataFrame()
    near = typed[pd.to_datetime(typed["flow_date"]) <= pd.Timestamp(found.until)]
    return _columns(near.sort_values(["flow_date", "override_id"], kind="stable"), OVERRIDES_SHOWN)


def _typed(by_line: pd.DataFrame) -> pd.DataFrame:
    """The lines of past plans to which somebody added something."""
    return by_line[by_line["override_count"] > 0] if "override_count" in by_line else by_line.head(0)


def _stale(found: Outlook) -> pd.DataFrame:
    opening = found.plan.opening
    unproven = opening[opening["state_code"] != "proven"]
    names = found.beside.accounts[["account_number", "account_label"]]
    told = unproven.drop(columns="account_label", errors="ignore").merge(names, on="account_number", how="left")
    return _columns(told, "account_label account_number value_centimes statement_date state_code")


def _models(found: Outlook) -> pd.DataFrame:
    """What really ran, by line: models (of the months beyond where it is another one), why, and how much of the line is known, estimated and
    added by a person within the weeks."""
    keys = ["line_code", "model_name", "reason_code"]
    sums = found.plan.flows(by=keys, period="total", until=found.until)
    parts = [f"{part}_centimes" for part in ("known", "estimated", "override", "plan")]
    told = found.plan.notes.get("line_models")
    if told is None:
        return sums[[*keys, *parts]]
    beyond = sums["line_code"].map(told.set_index("line_code")["months_model_name"])
    beyond = beyond.mask(beyond == sums["model_name"])
    more = ["months_model_name"] if beyond.notna().any() else []
    return sums.assign(months_model_name=beyond)[[*keys[:2], *more, keys[2], *parts]]


def plan_ties(found: Outlook) -> list[tuple[str, int, int]]:
    """The equalities of the page: (what, one figure, the other). Each figure comes from a table of its own."""
    plan, days = found.plan, len(found.days)
    office, daily = found.position, found.daily
    end = int(office["value_centimes"].iloc[days - 1])
    by_account = plan.positions(by=("account_number",), until=found.until)
    last = by_account[by_account["day_date"] == office["day_date"].iloc[days - 1]]
    by_directorate = _by_directorate(found)
    weeks, months = week_columns(found), month_columns(found)
    sums = group_sums(found)
    groups = [(group, name, sums[group]) for name, group in GROUP_COLUMNS.items()]
    parts = sum(int(daily[f"{part}_centimes"].sum()) for part in ("known", "estimated", "override"))
    return [
        ("opening of the plan = position", int(office["opening_centimes"].iloc[0]), found.position_centimes),
        ("accounts = office, at the end", int(last["value_centimes"].sum()), end),
        ("lines = office, over the weeks", found.position_centimes + int(daily["plan_centimes"].sum()), end),
        ("known + estimated + overrides = plan", parts, int(daily["plan_centimes"].sum())),
        ("directorates = office", int(by_directorate["plan_centimes"].sum()), int(daily["plan_centimes"].sum())),
        *((f"{group} of directorates = weeks", int(by_directorate[name].sum()), left) for group, name, left in groups),
        ("weeks end where the plan ends", weeks[-1].closing_centimes, end),
        ("months end where the plan ends", months[-1].closing_centimes, int(office["value_centimes"].iloc[-1])),
        ("low point = lowest day", found.low.value_centimes, int(np.min(office["value_centimes"].to_numpy()[:days]))),
    ]
