"""Indicators of what is owed on a date: one pass over the items, sums first, ratios after (docs/methods/unpaid_indicators.md).

Every ratio is made from whole centimes and whole days of its group; groups are never averaged. Credits, receipts that no bill took,
stamps and compensations enter no numerator.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from workbench.frames import table_function
from workbench.recovery.ageing import NO_DUE_DATE, UPPER_BOUNDS, age_bucket
from workbench.recovery.balances import on_day
from workbench.recovery.groups import group_keys

OLD_DAYS = 360
RATIOS = (
    "dso_days",
    "term_days",
    "unpaid_share",
    "mean_age_days",
    "old_share",
    "due_share",
    "cohort_rate",
    "mature_rate",
)
_HISTORY_DAYS = 31  # a first bill later than this in the window: the twelve months are not all there


def year_before(day: date) -> date:
    """The same day a year earlier; 29 February gives 28."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def month_before(day: date) -> date:
    """The same day a month earlier; the last day of a month gives the last day of the one before."""
    end = day.replace(day=1) - timedelta(days=1)
    is_end = (day + timedelta(days=1)).day == 1
    return end if is_end or day.day > end.day else end.replace(day=day.day)


@table_function
def unpaid_sums(
    items: nw.LazyFrame[Any], as_of: date | str, by: str | Sequence[str] = ("center_code", "segment_code")
) -> nw.LazyFrame[Any]:
    """What `indicators` and the tables by unit are made of: one pass over `item_balances` on `as_of`, settled items too.

    Returns
    -------
    `currency_code`, `by`, `first_issue_date`, `item_count` (open debit items), `undated_count`, and in centimes
    `outstanding` (debit items), `credit` (items below zero), `due` (past due, and what has no due date), `undated` (of it, without
    due date), `overdue` (of it, dated), `old` (more than `OLD_DAYS` past due), `disputed`, `fell_due` and `fell_due_unpaid` (due in
    the 12 months before `as_of`), `billed_year` (12 months to `as_of`), `cohort_base` and `cohort_collected` (bills of these 12
    months), `mature_base` and `mature_collected` (bills of the 12 months before), and `age_none`, `age_0` … `age_8`: the debit items
    by the default buckets of `ageing`; `centimes_days` is the overdue weighted by its days, `term_centimes_days` the billing of 12
    months (`termed`: what has a due date) weighted by the days from issue to due date.
    """
    day = on_day(as_of)
    keys = group_keys(by, items)
    amounts = unpaid_amounts(day)
    named = with_ages(items, {"": day}).select(*keys, "issue_date", **amounts)
    summed = named.group_by(*keys).agg(nw.col(*amounts).sum(), first_issue_date=nw.col("issue_date").min())
    return summed.with_columns(nw.col(*amounts).cast(nw.Int64)).sort(*keys)


def indicators(sums: pd.DataFrame, as_of: date | str, by: str | Sequence[str] = ("segment_code",)) -> pd.DataFrame:
    """`unpaid_sums` of every group that `by` names, with the `RATIOS` of each.

    A ratio is null where there is nothing to divide by, for `dso_days` where the first bill of the group is less than 12 months old,
    for `mature_rate` less than 24.
    `dso_days` = outstanding ÷ billed in 12 months × 365; `unpaid_share` = unpaid ÷ fallen due in 12 months; `term_days` = days
    from issue to due date of these bills, weighted; `mean_age_days` = overdue weighted by its days; `old_share` and `due_share` of what is due and outstanding; `cohort_rate` and `mature_rate` = cash ÷ (billed −
    credited) on the bills of the last 12 months, and of the 12 before; a cancelled bill is in neither part.
    """
    day = on_day(as_of)
    keys = group_keys(by, sums)
    names = [name for name in sums.columns if name.endswith(("_centimes", "_count", "centimes_days"))]
    groups = sums.groupby(keys, dropna=False)
    table = groups[names].sum().reset_index()
    first = groups["first_issue_date"].min().reset_index(drop=True)
    margin = timedelta(days=_HISTORY_DAYS)
    has_history = first <= pd.Timestamp(year_before(day) + margin)
    has_two_years = first <= pd.Timestamp(year_before(year_before(day)) + margin)

    def ratio(part: str, whole: str) -> pd.Series:
        over, under = (table[name].to_numpy("float64") for name in (part, whole))
        found = np.divide(over, under, out=np.full(len(table), np.nan), where=under > 0)
        return pd.Series(found, index=table.index, dtype="Float64")  # NaN is null there

    return table.assign(
        dso_days=(ratio("outstanding_centimes", "billed_year_centimes") * 365).where(has_history),
        unpaid_share=ratio("fell_due_unpaid_centimes", "fell_due_centimes"),
        mean_age_days=ratio("centimes_days", "overdue_centimes"),
        term_days=ratio("term_centimes_days", "termed_centimes"),
        old_share=ratio("old_centimes", "due_centimes"),
        due_share=ratio("due_centimes", "outstanding_centimes"),
        cohort_rate=ratio("cohort_collected_centimes", "cohort_base_centimes"),
        mature_rate=ratio("mature_collected_centimes", "mature_base_centimes").where(has_two_years),
    )


def with_ages(items: nw.LazyFrame[Any], days: Mapping[str, date]) -> nw.LazyFrame[Any]:
    """Items with `due_number` and `issue_number` (days as numbers), and `…age_bucket` on each day, by the prefix of its columns.

    Named before they are used, so that no engine works them out once for every sum.
    """
    numbered = _with_day_number(_with_day_number(items, "due_date", "due_number"), "issue_date", "issue_number")
    buckets = {f"{each}age_bucket": age_bucket(nw.col("due_date"), day, UPPER_BOUNDS) for each, day in days.items()}
    return numbered.with_columns(**buckets)


def unpaid_amounts(day: date, each: str = "", by_age: bool = True) -> dict[str, nw.Expr]:
    """What `unpaid_sums` adds up for a day, by name, from columns of `with_ages` that begin with the prefix `each`."""
    due, issued = nw.col("due_date"), nw.col("issue_date")
    rest, billed, cancelled, credited, cash = (
        nw.col(f"{each}{name}_centimes") for name in ("outstanding", "billed", "cancelled", "credited", "collected")
    )
    year, earlier = year_before(day), year_before(year_before(day))
    net = billed - cancelled
    # A cancelled bill leaves both sides of a rate: what was paid on it is owed back, what was credited on it had no debt to lower.
    stands = cancelled == 0
    base = nw.when(stands).then(net - credited).otherwise(0)
    cash = nw.when(stands).then(cash).otherwise(0)
    debit = nw.when(rest > 0).then(rest).otherwise(0)
    overdue = nw.when((rest > 0) & (due < day)).then(rest).otherwise(0)
    undated = nw.when((rest > 0) & due.is_null()).then(rest).otherwise(0)
    fell_due = (due >= year) & (due < day)
    in_year, in_year_before = issued > year, (issued > earlier) & (issued <= year)
    termed = nw.when(in_year & ~due.is_null()).then(net).otherwise(0)
    return {
        "outstanding_centimes": debit,
        "credit_centimes": nw.when(rest < 0).then(rest).otherwise(0),
        "due_centimes": overdue + undated,
        "undated_centimes": undated,
        "overdue_centimes": overdue,
        "old_centimes": nw.when(due < day - timedelta(days=OLD_DAYS)).then(debit).otherwise(0),
        "disputed_centimes": nw.when(nw.col(f"{each}is_disputed")).then(debit).otherwise(0),
        "fell_due_centimes": nw.when(fell_due).then(base).otherwise(0),
        "fell_due_unpaid_centimes": nw.when(fell_due).then(debit).otherwise(0),
        "billed_year_centimes": nw.when(in_year).then(net).otherwise(0),
        "cohort_base_centimes": nw.when(in_year).then(base).otherwise(0),
        "cohort_collected_centimes": nw.when(in_year).then(cash).otherwise(0),
        "mature_base_centimes": nw.when(in_year_before).then(base).otherwise(0),
        "mature_collected_centimes": nw.when(in_year_before).then(cash).otherwise(0),
        "centimes_days": overdue * (day.toordinal() - nw.col("due_number")),  # null without a due date: in no sum
        "termed_centimes": termed,
        "term_centimes_days": termed * (nw.col("due_number") - nw.col("issue_number")),
        "item_count": nw.when(rest > 0).then(1).otherwise(0),
        "undated_count": nw.when((rest > 0) & due.is_null()).then(1).otherwise(0),
        **(_ages(rest, nw.col(f"{each}age_bucket")) if by_age else {}),
    }


def _ages(rest: nw.Expr, bucket: nw.Expr) -> dict[str, nw.Expr]:
    ages = {"age_none": NO_DUE_DATE} | {f"age_{number}": number for number in range(len(UPPER_BOUNDS) + 1)}
    return {
        f"{name}_centimes": nw.when((rest > 0) & (bucket == number)).then(rest).otherwise(0)
        for name, number in ages.items()
    }


def _with_day_number(items: nw.LazyFrame[Any], name: str, number: str) -> nw.LazyFrame[Any]:
    """The day number of a date, as `date.toordinal`, from its year and its place in it: subtracting dates differs from engine to engine."""
    years = nw.col(name).dt.year().cast(nw.Int64) - 1
    leaps = [sign * (years / every).floor().cast(nw.Int64) for sign, every in ((1, 4), (-1, 100), (1, 400))]
    day = nw.col(name).dt.ordinal_day().cast(nw.Int64)
    return items.with_columns((years * 365 + leaps[0] + leaps[1] + leaps[2] + day).alias(number))
