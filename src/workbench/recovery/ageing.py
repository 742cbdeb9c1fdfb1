"""Ageing: what is owed on a date, by how long it has been due.

The buckets partition the open items that come in: nothing is dropped for want of a due date, and credits stay negative in the
bucket of their own date, so that the buckets always add up to the ledger. Which items are open is decided in `open_items`.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import narwhals as nw

from workbench.errors import WrongUse
from workbench.frames import table_function
from workbench.recovery.balances import on_day
from workbench.recovery.groups import group_keys

UPPER_BOUNDS = (0, 30, 60, 90, 180, 360, 720, 1440)  # days past due: the balance âgée of the monthly report
NO_DUE_DATE = -1


@table_function
def ageing(
    items: nw.LazyFrame[Any],
    as_of: date | str,
    by: str | Sequence[str] = ("center_code",),
    upper_bounds: Sequence[int] = UPPER_BOUNDS,
) -> nw.LazyFrame[Any]:
    """What is outstanding and the number of items, by currency, group and age.

    Parameters
    ----------
    items
        As from `open_items`; settled items that `item_balances` holds too would be counted.
    by
        Columns of `items`. Raises `WrongUse` for one that is none, and where `upper_bounds` does not increase.

    Returns
    -------
    `currency_code`, `by`, `age_bucket`, `item_count`, `outstanding_centimes` (all that is open: the buckets add up to the ledger) and
    `credit_centimes`, what is below zero in it: without credits, outstanding − credit is left to collect. With the default bounds bucket 0
    is not yet due, bucket 1 is 1–30 days past due, bucket 7 is 721–1440 days and bucket 8 the rest; no due date is bucket −1.
    """
    if not upper_bounds or list(upper_bounds) != sorted(set(upper_bounds)):
        raise WrongUse(f"bounds must increase: {', '.join(map(str, upper_bounds))}", "upper_bounds")
    keys = group_keys(by, items)
    aged = items.select(
        *keys, "outstanding_centimes", age_bucket=age_bucket(nw.col("due_date"), on_day(as_of), upper_bounds)
    )
    return _added(aged, [*keys, "age_bucket"])


@table_function
def by_origin_year(items: nw.LazyFrame[Any], by: str | Sequence[str] = ("center_code",)) -> nw.LazyFrame[Any]:
    """The same by currency, group and year of the bill (`origin_year`, exercice d'origine): columns as in `ageing`."""
    keys = group_keys(by, items)
    dated = items.select(*keys, "outstanding_centimes", origin_year=nw.col("issue_date").dt.year().cast(nw.Int64))
    return _added(dated, [*keys, "origin_year"])


def _added(items: nw.LazyFrame[Any], keys: list[str]) -> nw.LazyFrame[Any]:
    rest = nw.col("outstanding_centimes")
    sums = {
        "item_count": nw.len(),
        "outstanding_centimes": rest.sum(),
        "credit_centimes": nw.col("credit_centimes").sum(),
    }
    credit = nw.when(rest < 0).then(rest).otherwise(0)
    added = items.with_columns(credit_centimes=credit).group_by(*keys).agg(**sums)
    return added.with_columns(nw.col(*sums).cast(nw.Int64)).sort(*keys)


def age_bucket(due_date: nw.Expr, as_of: date, upper_bounds: Sequence[int]) -> nw.Expr:
    """The bucket of a due date, as `ageing` numbers them."""
    # Compared with cut-off dates: subtracting dates gives another type on every engine.
    bucket = nw.lit(len(upper_bounds))
    for number, days in reversed(list(enumerate(upper_bounds))):
        bucket = nw.when(due_date >= as_of - timedelta(days=days)).then(nw.lit(number)).otherwise(bucket)
    return nw.when(due_date.is_null()).then(nw.lit(NO_DUE_DATE)).otherwise(bucket)
