"""Indicators of what is owed on a date: one pass over the items, sums first, ratios after (docs/methods/unpaid_indicators.md).

Every ratio is made from whole centimes and whole days of its group; groups are never averaged. Credits, receipts that no bill took,
stamps and compensations enter no numerator.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import narwhals as nw

from workbench.frames import table_function
from workbench.recovery.balances import on_day

OLD_DAYS = 360
RATIOS = ("dso_days", "unpaid_share", "mean_age_days", "old_share", "due_share", "cohort_rate", "mature_rate")
_HISTORY_DAYS = 31  # a first bill later than this in the window: the twelve months are not all there


def year_before(day: date) -> date:
    """The same day a year earlier; 29 February gives 28."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


@table_function
def indicators(
    items: nw.LazyFrame[Any], as_of: date | str, by: Sequence[str] = ("portfolio_code",)
) -> nw.LazyFrame[Any]:
    """Sums and ratios of `item_balances` on `as_of`, by currency and group.

    Returns
    -------
    `currency_code`, `by`, then in centimes
    `outstanding_centimes` (debit items), `credit_centimes` (items below zero), `due_centimes` (past due, and what has no due date),
    `undated_centimes` (of it, without due date), `old_centimes` (more than `OLD_DAYS` past due), `disputed_centimes`,
    `fell_due_centimes` and `fell_due_unpaid_centimes` (due in the 12 months before `as_of`), `billed_year_centimes` (12 months to
    `as_of`), `cohort_base_centimes` and `cohort_collected_centimes` (bills of these 12 months), `mature_base_centimes` and
    `mature_collected_centimes` (bills of the 12 months before); `item_count`, `undated_count`; and the `RATIOS`, null where there is
    nothing to divide by or, for `dso_days`, where the history is shorter than 12 months.
    """
    day = on_day(as_of)
    keys = ["currency_code", *[name for name in by if name != "currency_code"]]
    amounts = _amounts(day)
    aged = items.with_columns(due_days=day.toordinal() - _ordinal("due_date"))
    named = aged.select(*keys, "issue_date", **amounts)
    summed = named.group_by(*keys).agg(nw.col(*amounts).sum(), first_issue_date=nw.col("issue_date").min())
    summed = summed.with_columns(nw.col(*amounts).cast(nw.Int64))
    return summed.with_columns(**_ratios(day)).drop("overdue_centimes", "centimes_days", "first_issue_date").sort(*keys)


def _amounts(day: date) -> dict[str, nw.Expr]:
    rest, due, issued = (nw.col(name) for name in ("outstanding_centimes", "due_date", "issue_date"))
    year, earlier = year_before(day), year_before(year_before(day))
    net = nw.col("billed_centimes") - nw.col("cancelled_centimes")
    base = net - nw.col("credited_centimes")
    cash = nw.col("collected_centimes")
    debit = nw.when(rest > 0).then(rest).otherwise(0)
    overdue = nw.when((rest > 0) & (due < day)).then(rest).otherwise(0)
    undated = nw.when((rest > 0) & due.is_null()).then(rest).otherwise(0)
    fell_due = (due >= year) & (due < day)
    in_year, in_year_before = (issued > year) & (issued <= day), (issued > earlier) & (issued <= year)
    return {
        "outstanding_centimes": debit,
        "credit_centimes": nw.when(rest < 0).then(rest).otherwise(0),
        "due_centimes": overdue + undated,
        "undated_centimes": undated,
        "overdue_centimes": overdue,
        "old_centimes": nw.when(due < day - timedelta(days=OLD_DAYS)).then(debit).otherwise(0),
        "disputed_centimes": nw.when(nw.col("is_disputed")).then(debit).otherwise(0),
        "fell_due_centimes": nw.when(fell_due).then(base).otherwise(0),
        "fell_due_unpaid_centimes": nw.when(fell_due).then(debit).otherwise(0),
        "billed_year_centimes": nw.when(in_year).then(net).otherwise(0),
        "cohort_base_centimes": nw.when(in_year).then(base).otherwise(0),
        "cohort_collected_centimes": nw.when(in_year).then(cash).otherwise(0),
        "mature_base_centimes": nw.when(in_year_before).then(base).otherwise(0),
        "mature_collected_centimes": nw.when(in_year_before).then(cash).otherwise(0),
        "centimes_days": overdue * nw.col("due_days"),  # null without a due date: in no sum
        "item_count": nw.when(rest > 0).then(1).otherwise(0),
        "undated_count": nw.when((rest > 0) & due.is_null()).then(1).otherwise(0),
    }


def _ratios(day: date) -> dict[str, nw.Expr]:
    has_history = nw.col("first_issue_date") <= year_before(day) + timedelta(days=_HISTORY_DAYS)
    dso = _ratio("outstanding_centimes", "billed_year_centimes") * 365
    return {
        "dso_days": nw.when(has_history).then(dso),
        "unpaid_share": _ratio("fell_due_unpaid_centimes", "fell_due_centimes"),
        "mean_age_days": _ratio("centimes_days", "overdue_centimes"),
        "old_share": _ratio("old_centimes", "due_centimes"),
        "due_share": _ratio("due_centimes", "outstanding_centimes"),
        "cohort_rate": _ratio("cohort_collected_centimes", "cohort_base_centimes"),
        "mature_rate": _ratio("mature_collected_centimes", "mature_base_centimes"),
    }


def _ratio(part: str, whole: str) -> nw.Expr:
    return nw.when(nw.col(whole) > 0).then(nw.col(part).cast(nw.Float64) / nw.col(whole).cast(nw.Float64))


def _ordinal(name: str) -> nw.Expr:
    """Day number of a date, as `date.toordinal`, by whole-number arithmetic: subtracting dates differs from engine to engine."""
    year, month, day = (nw.col(name).dt.year(), nw.col(name).dt.month(), nw.col(name).dt.day())
    year, month, day = (part.cast(nw.Int64) for part in (year, month, day))
    before_march = (nw.lit(14) - month) // 12  # January and February count as months 11 and 12 of the year before
    year, month = year - before_march, month + before_march * 12 - 3
    return day + (month * 153 + 2) // 5 + year * 365 + year // 4 - year // 100 + year // 400 - 306
