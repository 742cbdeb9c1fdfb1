"""What lowers no debt and has to stay in sight: receipts that no bill took, and balances in favour of customers."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import pandas as pd

from workbench.frames import table_function
from workbench.recovery.balances import on_day
from workbench.recovery.groups import group_keys
from workbench.schemas.columns import NO_CASH_CHANNELS

WAIT_BOUNDS = (30, 90, 180)  # days since the receipt


@table_function
def waiting_receipts(
    loose: nw.LazyFrame[Any], as_of: date | str, by: str | Sequence[str] = ("channel_code",)
) -> nw.LazyFrame[Any]:
    """`unallocated_receipts` on `as_of`, by currency and group, with how long they have waited.

    Returns
    -------
    `currency_code`, `by`, `is_cash` (stamps and compensations are none), `receipt_count`, `unallocated_centimes`, `wait_0_centimes`
    (0–30 days), `wait_1_centimes` (31–90), `wait_2_centimes` (91–180), `wait_3_centimes` (more), `oldest_date`. Receipts allocated
    beyond their amount stand apart, with the same columns, where `is_over_allocated` is true: they are netted against nothing.
    """
    day = on_day(as_of)
    rest, received = nw.col("unallocated_centimes"), nw.col("receipt_date")
    wait = nw.lit(len(WAIT_BOUNDS))
    for number, days in reversed(list(enumerate(WAIT_BOUNDS))):
        wait = nw.when(received >= day - timedelta(days=days)).then(nw.lit(number)).otherwise(wait)
    waits = {
        f"wait_{n}_centimes": nw.when(nw.col("wait") == n).then(rest).otherwise(0) for n in range(len(WAIT_BOUNDS) + 1)
    }
    keys = [*group_keys(by, loose), "is_cash", "is_over_allocated"]
    marked = loose.with_columns(
        wait=wait, is_cash=~nw.col("channel_code").is_in(NO_CASH_CHANNELS), is_over_allocated=rest < 0
    )
    return (
        marked.select(*keys, "unallocated_centimes", "receipt_date", **waits)
        .group_by(*keys)
        .agg(
            nw.col("unallocated_centimes", *waits).sum(),
            receipt_count=nw.len(),
            oldest_date=nw.col("receipt_date").min(),
        )
        .with_columns(nw.col("unallocated_centimes", *waits, "receipt_count").cast(nw.Int64))
        .sort(*keys)
    )


def waiting_by(waiting: pd.DataFrame, by: str | Sequence[str]) -> pd.DataFrame:
    """`waiting_receipts` of fewer groups, from those of more: the same table, row for row."""
    keys = [*group_keys(by, waiting), "is_cash", "is_over_allocated"]
    amounts = [name for name in waiting.columns if name.endswith(("_centimes", "_count"))]
    groups = waiting.groupby(keys, dropna=False)
    return groups[amounts].sum().join(groups[["oldest_date"]].min()).reset_index()[[*keys, *amounts, "oldest_date"]]


@table_function
def customer_credits(items: nw.LazyFrame[Any], by: str | Sequence[str] = ("credit_code",)) -> nw.LazyFrame[Any]:
    """Items below zero, by currency and group: why, how many, how much (negative), since when.

    `credit_code` is `no_bill` (a credit note on no bill), `cancelled` (paid, then cancelled) or `overpaid` (paid or credited beyond
    the bill). Columns: `currency_code`, `by`, `item_count`, `credit_centimes`, `oldest_date` (of issue).
    """
    keys = group_keys(by)
    why = nw.when(nw.col("cancelled_centimes") != 0).then(nw.lit("cancelled")).otherwise(nw.lit("overpaid"))
    why = nw.when(nw.col("billed_centimes") == 0).then(nw.lit("no_bill")).otherwise(why)
    return (
        items.filter(nw.col("outstanding_centimes") < 0)
        .with_columns(credit_code=why)
        .group_by(*keys)
        .agg(
            item_count=nw.len(),
            credit_centimes=nw.col("outstanding_centimes").sum(),
            oldest_date=nw.col("issue_date").min(),
        )
        .with_columns(nw.col("item_count", "credit_centimes").cast(nw.Int64))
        .sort(*keys)
    )
