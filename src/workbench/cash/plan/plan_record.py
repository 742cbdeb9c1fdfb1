"""How far past plans were right, as the page of a plan shows it: scores by horizon and line, causes of misses, changes, trust."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbench.cash.judging.accuracy import (
    ALL,
    QUANTILES,
    accuracy,
    in_band,
    judged_share,
    naive_scales,
    one_plan_an_origin,
)
from workbench.cash.judging.misses import miss_summary, split_misses
from workbench.cash.judging.plan_changes import against_budget, against_last
from workbench.cash.judging.position_bands import position_coverage
from workbench.cash.judging.proven_accounts import Proof, over_proven
from workbench.cash.judging.trust import Trust, day_coverage, trust
from workbench.cash.lines.flow_rules import OWN_TRANSFER
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
    by_account: pd.DataFrame  # each account for itself
    by_directorate: pd.DataFrame  # over its accounts that are proven: no band
    misses: pd.DataFrame  # timing and amount, by line
    matched: pd.DataFrame  # the log beside what came
    changes: pd.DataFrame  # this plan against the last one, by line
    budget: pd.DataFrame  # what the year comes to against the budget, by line and month
    positions: pd.DataFrame = field(
        default_factory=pd.DataFrame
    )  # what the bands of the position held, by week ahead (`position_coverage`)
    silent: tuple[str, ...] = ()  # accounts of the plans judged that totals do not wait for
    judged_share: float = float("nan")  # part of the plans' days that is judged


PERCENTS = ["wape", "naive_wape", "value_added", "bias"]


def plan_record(
    log: pd.DataFrame,
    daily_flows: pd.DataFrame,
    budgets: pd.DataFrame,
    bank_days: BankDays,
    as_of: date,
    proof: Proof,
    this_plan: pd.DataFrame | None = None,
    by_account: pd.DataFrame | None = None,
    positions: pd.DataFrame | None = None,
    balances: pd.DataFrame | None = None,
) -> Record:
    """The track record on a date, from plans of earlier origins and what has been proven since.

    `log` holds rows of `forecasts`, of one currency, `by_account` and `positions` those of `account_forecasts` and `position_forecasts`;
    `this_plan` those of the plan shown, where it is not in the log. `proof` says how far statements prove each account; `balances` holds what the
    accounts held: `account_number`, `day_date`, `value_centimes`.
    """
    known = one_plan_an_origin(log) if len(log) else log
    every = known if this_plan is None else pd.concat([known[known["origin_date"] < pd.Timestamp(as_of)], this_plan])
    every = every[every["origin_date"] <= pd.Timestamp(as_of)].reset_index(drop=True)
    accounts, held_weekly = (_of_plans(table, every) for table in (by_account, positions))
    matched = over_proven(every, accounts, daily_flows, bank_days, proof)
    scales = naive_scales(daily_flows, _origins(every), bank_days)
    total = matched[matched["line_code"] == ALL]
    days = total[(total["period_code"] == "day") & total["actual_centimes"].notna()]
    return Record(
        trust=trust(matched),
        overall=accuracy(total, last_days=(), scales=scales),
        bands=held(total),
        weeks=accuracy(total, period="week", last_days=()),
        by_horizon=accuracy(total, scales=scales),
        by_line=accuracy(matched, last_days=(), scales=scales),
        by_account=_each(every, accounts, daily_flows, bank_days, proof, "account_number"),
        by_directorate=_each(every, accounts, daily_flows, bank_days, proof, "directorate_code"),
        misses=miss_summary(split_misses(matched)),
        matched=matched,
        changes=_or_empty(against_last(matched, as_of)),
        budget=_budget(every, daily_flows, budgets, as_of, proof.on_all),
        positions=position_coverage(held_weekly, balances, proof),
        silent=tuple(sorted(proof.silent & set(accounts["account_number"]))) if len(accounts) else (),
        judged_share=judged_share(days),
    )


def _of_plans(table: pd.DataFrame | None, log: pd.DataFrame) -> pd.DataFrame:
    """The rows of the plans of the log."""
    if table is None or table.empty or log.empty:
        return pd.DataFrame()
    return table[table["plan_id"].isin(log["plan_id"].unique())].reset_index(drop=True)


def _each(
    log: pd.DataFrame, by_account: pd.DataFrame, daily_flows: pd.DataFrame, bank_days: BankDays, proof: Proof, by: str
) -> pd.DataFrame:
    """Scores of every account, or of every directorate over its accounts that are proven, all days together.

    An account has the bands that the plan gave it. A directorate has none: its days are judged on the mean, for medians do not add up.
    """
    if by_account.empty:
        return pd.DataFrame()
    origins = log[["plan_id", "is_made_again"]].drop_duplicates()
    totals = by_account[(by_account["line_code"] == ALL) & by_account[by].notna()].merge(origins, on="plan_id")
    if by != "account_number":
        keys = [
            "plan_id",
            "origin_date",
            "currency_code",
            "is_made_again",
            by,
            "period_code",
            "target_date",
            "horizon_days",
        ]
        sums = ["plan_centimes", "override_centimes", "naive_mad"]
        totals = totals.groupby(keys, as_index=False)[sums].sum()
        totals = totals.assign(**dict.fromkeys(QUANTILES, np.nan))
        totals["median_mad"] = totals["plan_centimes"].to_numpy(float) / 100
    names = by_account.drop_duplicates("account_number", keep="last").set_index("account_number")
    owner = names.index.to_series() if by == "account_number" else names[by]
    parts = by_account[(by_account["line_code"] != ALL) & by_account[by].notna()]
    flows = daily_flows[daily_flows["line_code"] != OWN_TRANSFER]
    flows = flows.assign(line_code=flows["account_number"].map(owner)).dropna(subset="line_code")
    matched = over_proven(
        totals.assign(line_code=totals[by]), parts.assign(line_code=parts[by]), flows, bank_days, proof
    )
    return accuracy(matched, last_days=()).rename(columns={"line_code": by})


def held(matched: pd.DataFrame) -> pd.DataFrame:
    """What the bands of days have held: `band` (80, 95), `share` and its interval `low`, `high` (`day_coverage`); empty where nothing is proven."""
    known = matched[(matched["period_code"] == "day") & matched["actual_centimes"].notna() & matched["q10_mad"].notna()]
    actual = known["actual_centimes"].to_numpy(float) / 100
    rows = []
    for band, low, high in ((80, "q10_mad", "q90_mad"), (95, "q025_mad", "q975_mad")):
        share, found = day_coverage(in_band(actual, known[low], known[high]), known["target_date"])
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
