"""Open items: what each bill still owes on a date, and the receipts that no bill took.

The balance itself is made once, in `balances`; here are the items that are not settled. A bill paid beyond its amount, a payment on
a cancelled bill and a credit note on no bill stay with their negative rest: credits are shown, never netted in silence.
"""

from datetime import date
from typing import Any

import narwhals as nw

from workbench.frames import frame, table_function
from workbench.recovery.balances import item_balances

Frame = nw.LazyFrame[Any]


@table_function(order=("invoice_id",))
def open_items(
    invoices: Frame, payments: Frame, allocations: Frame, credit_notes: Frame, write_offs: Frame, as_of: date
) -> Frame:
    """What is open on `as_of`: the rows and columns of `item_balances` whose balance is not zero, by `invoice_id`."""
    items = frame(item_balances(invoices, allocations, payments, credit_notes, write_offs, as_of=as_of, lazy=True))
    return items.filter(nw.col("outstanding_centimes") != 0)


@table_function
def unallocated_receipts(payments: Frame, allocations: Frame, as_of: date) -> Frame:
    """Receipts that no bill took in full by `as_of`, and those allocated beyond their amount (below zero).

    Columns: `payment_id`, `channel_code`, `receipt_date`, `unallocated_centimes`, `customer_code`, `center_code`, `currency_code`.
    """
    used = (
        allocations.filter(nw.col("allocation_date") <= as_of)
        .group_by("payment_id")
        .agg(used_centimes=nw.col("amount_centimes").sum())
    )
    return (
        payments.filter(
            nw.col("receipt_date") <= as_of, nw.col("bounced_date").is_null() | (nw.col("bounced_date") > as_of)
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
