"""Ageing: what is owed on a date, by how long it has been due.

The buckets partition the open items that come in: nothing is dropped for want of a due date, and credits stay negative in the
bucket of their own date, so that the buckets always add up to the ledger. Which items are open is decided in `open_items`.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import narwhals as nw

from workbench.frames import table_function

UPPER_BOUNDS = (0, 30, 60, 90, 180, 360, 720, 1440)  # days past due: the balance âgée of the monthly report
NO_DUE_DATE = -1


@table_function
def ageing(
    items: nw.LazyFrame[Any],
    as_of: date,
    by: Sequence[str] = ("center_code",),
    upper_bounds: Sequence[int] = UPPER_BOUNDS,
) -> nw.LazyFrame[Any]:
    """Outstanding amount and number of items, by group and age.

    With the default bounds bucket 0 is not yet due, bucket 1 is 1–30 days past due, bucket 7 is 721–1440 days and bucket 8 the
    rest; items without a due date are bucket −1. Raises `ValueError` where `upper_bounds` does not increase.
    """
    if not upper_bounds or list(upper_bounds) != sorted(set(upper_bounds)):
        raise ValueError(f"upper_bounds must increase: {tuple(upper_bounds)}")
    return (
        items.with_columns(age_bucket=age_bucket(nw.col("due_date"), as_of, upper_bounds))
        .group_by(*by, "age_bucket")
        .agg(item_count=nw.len(), outstanding_centimes=nw.col("outstanding_centimes").sum())
        .with_columns(nw.col("item_count", "outstanding_centimes").cast(nw.Int64))
        .sort(*by, "age_bucket")
    )


@table_function
def by_origin_year(items: nw.LazyFrame[Any], by: Sequence[str] = ("center_code",)) -> nw.LazyFrame[Any]:
    """Outstanding amount and number of items, by group and year of the bill (`origin_year`, exercice d'origine)."""
    return (
        items.with_columns(origin_year=nw.col("issue_date").dt.year().cast(nw.Int64))
        .group_by(*by, "origin_year")
        .agg(item_count=nw.len(), outstanding_centimes=nw.col("outstanding_centimes").sum())
        .with_columns(nw.col("item_count", "outstanding_centimes").cast(nw.Int64))
        .sort(*by, "origin_year")
    )


def age_bucket(due_date: nw.Expr, as_of: date, upper_bounds: Sequence[int]) -> nw.Expr:
    """The bucket of a due date, as `ageing` numbers them."""
    # Compared with cut-off dates: subtracting dates gives another type on every engine.
    bucket = nw.lit(len(upper_bounds))
    for number, days in reversed(list(enumerate(upper_bounds))):
        bucket = nw.when(due_date >= as_of - timedelta(days=days)).then(nw.lit(number)).otherwise(bucket)
    return nw.when(due_date.is_null()).then(nw.lit(NO_DUE_DATE)).otherwise(bucket)
