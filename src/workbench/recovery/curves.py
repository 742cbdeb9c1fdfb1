"""Cumulative collection by vintage: of what was billed in a month, how much cash had come in after each month."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import narwhals as nw

from workbench.frames import table_function
from workbench.recovery.balances import on_day
from workbench.recovery.groups import group_keys


@table_function
def cumulative_curves(
    invoices: nw.LazyFrame[Any], allocations: nw.LazyFrame[Any], as_of: date | str, by: str | Sequence[str] = ()
) -> nw.LazyFrame[Any]:
    """Cash on the bills of each month (vintage), month after month, up to `as_of`, by currency and columns of `invoices`.

    `allocations` are those of receipts: leave stamps, compensations and bounced payments out before. `vintage_ordinal` is
    year × 12 + month − 1; `age_months` counts from the month of the bill. Months without cash have no row.
    """
    day = on_day(as_of)
    by = group_keys(by, invoices)
    keys = [*by, "vintage_ordinal"]
    bills = invoices.filter(nw.col("issue_date") <= day)
    # A day is lighter to carry through the join than its month; bills are added up by day before a month is made of it.
    billed = (
        bills.group_by(*by, "issue_date")
        .agg(billed_centimes=nw.col("amount_ttc_centimes").sum())
        .select(*by, "billed_centimes", vintage_ordinal=_month("issue_date"))
        .group_by(*keys)
        .agg(billed_centimes=nw.col("billed_centimes").sum())
    )
    collected = (
        allocations.filter(nw.col("allocation_date") <= day)
        .select("invoice_id", "amount_centimes", "allocation_date")
        .join(bills.select("invoice_id", "issue_date", *by), on="invoice_id", how="inner")
        .select(*by, "amount_centimes", vintage_ordinal=_month("issue_date"), paid_ordinal=_month("allocation_date"))
        .group_by(*keys, "paid_ordinal")
        .agg(collected_centimes=nw.col("amount_centimes").sum().cast(nw.Int64))
    )
    cash = nw.col("collected_centimes").cum_sum().over(*keys, order_by="paid_ordinal").cast(nw.Int64)
    share = nw.col("cumulative_centimes").cast(nw.Float64) / nw.col("billed_centimes").cast(nw.Float64)
    return (
        collected.with_columns(cumulative_centimes=cash)
        .join(billed, on=keys, how="left")
        .select(
            *keys,
            (nw.col("paid_ordinal") - nw.col("vintage_ordinal")).alias("age_months"),
            "collected_centimes",
            "cumulative_centimes",
            nw.col("billed_centimes").cast(nw.Int64),
        )
        .with_columns(cumulative_share=share)
        .sort(*keys, "age_months")
    )


def _month(name: str) -> nw.Expr:
    return nw.col(name).dt.year().cast(nw.Int64) * 12 + nw.col(name).dt.month().cast(nw.Int64) - 1
