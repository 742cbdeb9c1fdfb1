"""Taux de rejet: of the receipts presented in twelve months, how many came back, by number and by amount."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import narwhals as nw

from workbench.frames import table_function
from workbench.recovery.balances import on_day
from workbench.recovery.groups import group_keys
from workbench.recovery.indicators import year_before

CAN_COME_BACK = ("cheque", "direct_debit")


@table_function
def reject_rates(
    payments: nw.LazyFrame[Any], as_of: date | str, by: str | Sequence[str] = ("channel_code",)
) -> nw.LazyFrame[Any]:
    """Receipts of the twelve months to `as_of` that had come back by then, by currency and group.

    Cheques and direct debits, and any other channel of which something came back: what cannot come back would only dilute the rate.
    A receipt presented again is presented twice.

    Returns
    -------
    `currency_code`, `by`, `presented_count`, `rejected_count`, `presented_centimes`, `rejected_centimes`, `reject_count_share`,
    `reject_share` (of the amount; both 0 to 1, null where nothing was presented).
    """
    day = on_day(as_of)
    keys = group_keys(by, payments)
    presented = payments.filter(nw.col("receipt_date") > year_before(day), nw.col("receipt_date") <= day)
    back = ~nw.col("bounced_date").is_null() & (nw.col("bounced_date") <= day)
    marked = presented.select(
        *dict.fromkeys([*keys, "channel_code"]),
        presented_centimes="amount_centimes",
        rejected_count=nw.when(back).then(1).otherwise(0),
        rejected_centimes=nw.when(back).then(nw.col("amount_centimes")).otherwise(0),
    )
    has_rejects = (
        marked.filter(nw.col("rejected_count") > 0).select("channel_code").unique().with_columns(did=nw.lit(True))
    )
    counted = marked.join(has_rejects, on="channel_code", how="left").filter(
        nw.col("channel_code").is_in(CAN_COME_BACK) | ~nw.col("did").is_null()
    )
    amounts = ("presented_centimes", "rejected_count", "rejected_centimes")
    return (
        counted.group_by(*keys)
        .agg(nw.col(*amounts).sum(), presented_count=nw.len())
        .select(*keys, *[nw.col(n).cast(nw.Int64) for n in ("presented_count", "rejected_count", *amounts[::2])])
        .with_columns(
            reject_count_share=_share("rejected_count", "presented_count"),
            reject_share=_share("rejected_centimes", "presented_centimes"),
        )
        .sort(*keys)
    )


def _share(part: str, whole: str) -> nw.Expr:
    return nw.when(nw.col(whole) > 0).then(nw.col(part).cast(nw.Float64) / nw.col(whole).cast(nw.Float64))
