"""Receipts by channel: what came in between two days, bounced payments out, cash apart from stamps and compensations."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import narwhals as nw

from workbench.errors import WrongUse
from workbench.frames import table_function
from workbench.recovery.balances import on_day
from workbench.schemas.columns import NO_CASH_CHANNELS


@table_function
def receipts_by(
    payments: nw.LazyFrame[Any], start: date | str, as_of: date | str, by: str | Sequence[str] = ("channel_code",)
) -> nw.LazyFrame[Any]:
    """`currency_code`, `by`, `receipt_count`, `received_centimes`, `is_cash` of the receipts dated from `start` to `as_of`, both included.

    A payment that had bounced by `as_of` is none. Raises `WrongUse` where `start` is after `as_of`.
    """
    first, last = on_day(start), on_day(as_of)
    if first > last:
        raise WrongUse(f"the start {start} is after {as_of}", "start")
    keys = ["currency_code", *([by] if isinstance(by, str) else by)]
    inside = payments.filter(
        nw.col("receipt_date") >= first,
        nw.col("receipt_date") <= last,
        nw.col("bounced_date").is_null() | (nw.col("bounced_date") > last),
    ).with_columns(is_cash=~nw.col("channel_code").fill_null("").is_in(NO_CASH_CHANNELS))
    summed = inside.group_by(*keys, "is_cash").agg(
        receipt_count=nw.len(), received_centimes=nw.col("amount_centimes").sum()
    )
    return summed.with_columns(nw.col("receipt_count", "received_centimes").cast(nw.Int64)).sort(*keys)
