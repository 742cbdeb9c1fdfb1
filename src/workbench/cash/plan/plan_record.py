"""How far past plans were right, as the page of a plan shows it: scores by horizon and line, causes of misses, changes, trust."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from workbench.cash.judging.accuracy import ALL, accuracy, naive_scales, one_plan_an_origin, with_actuals
from workbench.cash.judging.misses import miss_summary, split_misses
from workbench.cash.judging.plan_changes import against_budget, against_last
from workbench.cash.judging.trust import Trust, day_coverage, trust
from workbench.standards import BankDays


@dataclass(frozen=True)
class Record:
    """What the log of plans says, of one currency; an empty table where it says nothing. See the functions of `accuracy` and `trust`."""

    trust: Trust
    overall: pd.DataFrame  # all lines, all days, one row
    bands: pd.DataFrame  # see `held`
    weeks: pd.DataFrame  # all lines, week by week, one row
    by_horizon: pd.DataFrame
    by_line: pd.DataFrame
    misses: pd.DataFrame  # timing and amount, by line
    matched: pd.DataFrame  # the log beside what came
    changes: pd.DataFrame  # this plan against the last one, by line
    budget: pd.DataFrame  # what the year comes to against the budget, by line and month


PERCENTS = ["wape", "naive_wape", "value_added", "bias"]
NEVER = date(1970, 1, 1)  # the day up to which an office without a statement is proven


def proven_on_all(opening: pd.DataFrame, as_of: date) -> date:
    """The last day that statements prove on every account that counts, at most `as_of`; `NEVER` where there is no statement.

    `opening` has a row an account, `statement_date` the day of its last statement. A late account counts as the others do: what it moved since
    is not known. One that no statement ever told of has moved nothing that a page shows.
    """
    told = opening["statement_date"].dropna()
    return NEVER if told.empty else min(as_of, pd.Timestamp(told.min()).date())


def plan_record(
    log: pd.DataFrame,
    daily_flows: pd.DataFrame,
    budgets: pd.DataFrame,
    bank_days: BankDays,
    as_of: date,
    proven_to: date,
    this_plan: pd.DataFrame | None = None,
) -> Record:
    """The track record on a date, from plans of earlier origins and what has been proven since.

    `log` holds rows of `forecasts`, of one currency; `this_plan` those of the plan shown, where it is not in the log. `proven_to` is the last
    day that statements prove on every account that counts.
    """
    known = one_plan_an_origin(log) if len(log) else log
    every = known if this_plan is None else pd.concat([known[known["origin_date"] < pd.Timestamp(as_of)], this_plan])
    every = every[every["origin_date"] <= pd.Timestamp(as_of)].reset_index(drop=True)
    matched = with_actuals(every, daily_flows, bank_days, proven_to)
    scales = naive_scales(daily_flows, _origins(every), bank_days)
    total = matched[matched["line_code"] == ALL]
    return Record(
        trust=trust(matched),
        overall=accuracy(total, last_days=(), scales=scales),
        bands=held(total),
        weeks=accuracy(total, period="week", last_days=()),
        by_horizon=accuracy(total, scales=scales),
        by_line=accuracy(matched, last_days=(), scales=scales),
        misses=miss_summary(split_misses(matched)),
        matched=matched,
        changes=_or_empty(against_last(matched, as_of)),
        budget=_budget(every, daily_flows, budgets, as_of, proven_to),
    )


def held(matched: pd.DataFrame) -> pd.DataFrame:
    """What the bands of days have held: `band` (80, 95), `share` and its interval `low`, `high` (`day_coverage`); empty where nothing is proven."""
    known = matched[(matched["period_code"] == "day") & matched["actual_centimes"].notna()]
    actual = known["actual_centimes"].to_numpy(float) / 100
    rows = []
    for band, low, high in ((80, "q10_mad", "q90_mad"), (95, "q025_mad", "q975_mad")):
        inside = (known[low].to_numpy() <= actual) & (actual <= known[high].to_numpy())
        share, found = day_coverage(inside, known["target_date"])
        rows.append((band, share, found.low, found.high))
    return pd.DataFrame(rows if len(known) else [], columns=["band", "share", "low", "high"])


def lumpy(scores: pd.DataFrame) -> pd.Series:
    """Whether more was missed than came, or nothing came: a line that moves a few times a year, of which no percentage says how right it was."""
    lumps: pd.Series = ~(scores["wape"] <= 1)
    return lumps


def in_money(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores (`accuracy`) without the percentages of what is `lumpy`: `miss_mad` and `naive_miss_mad` stand for them."""
    return scores.assign(**{name: scores[name].mask(lumpy(scores)) for name in PERCENTS})


def budget_year(budget: pd.DataFrame) -> pd.DataFrame:
    """By line, one calendar year against its budget: the first year of the table (`against_budget`) that has one.

    Only months of a line that have a budget count. `all`, last, is the sum of the lines shown; where the budget has no line, what it says of all.
    Columns: `line_code`, `year`, `actual_centimes`, `plan_centimes`, `landing_centimes`, `budget_centimes`, `budget_gap_centimes`.
    """
    known = budget[budget["budget_centimes"].notna()] if len(budget) else budget
    if known.empty:
        return pd.DataFrame()
    years = pd.to_datetime(known["month_date"]).dt.year
    rows = known[years == years.min()]
    lines = rows[rows["line_code"] != ALL]
    sums = (lines if len(lines) else rows).groupby("line_code", sort=False)[_BUDGET].sum()
    if len(lines):
        sums.loc[ALL] = sums.sum()
    made = sums.astype("Int64").rename_axis("line_code").reset_index()
    made.insert(1, "year", int(years.min()))
    return made


_BUDGET = ["actual_centimes", "plan_centimes", "landing_centimes", "budget_centimes", "budget_gap_centimes"]


def _origins(log: pd.DataFrame) -> Sequence[Any]:
    return sorted(log["origin_date"].unique())


def _or_empty(table: pd.DataFrame | None) -> pd.DataFrame:
    return pd.DataFrame() if table is None else table


def _budget(
    log: pd.DataFrame, flows: pd.DataFrame, budgets: pd.DataFrame, as_of: date, proven_to: date
) -> pd.DataFrame:
    return pd.DataFrame() if budgets.empty else against_budget(log, flows, budgets, as_of, proven_to)
