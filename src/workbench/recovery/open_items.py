"""Open items: what each bill still owes on a date, and the receipts that no bill took.

The balance itself is made once, in `balances`; here are the items that are not settled. A bill paid beyond its amount, a payment on
a cancelled bill and a credit note on no bill stay with their negative rest: credits are shown, never netted in silence.
"""

from datetime import date
from typing import Any

import narwhals as nw

from workbench.frames import frame, table_function
from workbench.recovery.balances import item_balances, on_day

Frame = nw.LazyFrame[Any]


@table_function(order=("invoice_id",))
def open_items(
    invoices: Frame,
    allocations: Frame,
    payments: Frame | None = None,
    credit_notes: Frame | None = None,
    write_offs: Frame | None = None,
    disputes: Frame | None = None,
    *,
    as_of: date | str,
) -> Frame:
    """What is open on `as_of`: the rows and columns of `item_balances`, from the same tables, whose balance is not zero."""
    tables = (invoices, allocations, payments, credit_notes, write_offs, disputes)
    items = frame(item_balances(*tables, as_of=as_of, lazy=True))
    return items.filter(nw.col("outstanding_centimes") != 0)


@table_function
def unallocated_receipts(payments: Frame, allocations: Frame, as_of: date | str) -> Frame:
    """Receipts that no bill took in full by `as_of`, and those allocated beyond their amount (below zero).

    Columns: `payment_id`, `channel_code`, `receipt_date`, `unallocated_centimes`, `customer_code`, `center_code`, `currency_code`.
    """
    day = on_day(as_of)
    used = (
        allocations.filter(nw.col("allocation_date") <= day)
        .group_by("payment_id")
        .agg(used_centimes=nw.col("amount_centimes").sum())
    )
    return (
        payments.filter(
            nw.col("receipt_date") <= day, nw.col("bounced_date").is_null() | (nw.col("bounced_date") > day)
        )
        .join(used, on="payment_id", how="left")
        .with_columns(
            unallocated_centimes=(nw.col("amount_centimes") - nw.col("used_centimes").fill_null(0)).cast(nw.Int64)
        )
        .filter(nw.col("unallocated_centimes") != 0)
        .select(
            "payment_id",
            "channel_code",
            "receipt_date",
            "unallocated_centimes",
            "customer_code",
            "center_code",
            "currency_code",
        )
        .sort("payment_id")
    )
