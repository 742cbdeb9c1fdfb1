"""Open items: what each bill still owes on a date, from the events dated up to it and no other.

billed − allocated − credited − written off. An allocation whose payment bounced by the date no longer counts. Stamps and
compensations lower the balance like any allocation, but are told apart: they are no receipts. A residual item keeps the age of
its source invoice. A bill paid beyond its amount stays with its negative rest: credits are shown, never netted in silence.
"""

from datetime import date
from typing import Any

import narwhals as nw

from workbench.frames import table_function
from workbench.schemas.columns import NO_CASH_CHANNELS

Frame = nw.LazyFrame[Any]


@table_function
def open_items(
    invoices: Frame, payments: Frame, allocations: Frame, credit_notes: Frame, write_offs: Frame, as_of: date
) -> Frame:
    """What is open on `as_of`, one row a bill whose balance is not zero.

    Returns `invoice_id`, `customer_code`, `center_code`, `segment_code`, `issue_date`, `due_date` (of the source invoice where the
    bill is the rest of one), `billed_centimes`, `received_centimes` (cash), `no_cash_centimes` (stamps, compensations),
    `credited_centimes`, `written_off_centimes`, `outstanding_centimes`, `currency_code`; sorted by `invoice_id`. Bills issued after
    `as_of`, or cancelled by then, are not there.
    """
    billed = invoices.filter(
        nw.col("issue_date") <= as_of, nw.col("cancelled_date").is_null() | (nw.col("cancelled_date") > as_of)
    )
    items = _with_source_dates(billed, invoices)
    for events, name in (
        (_counted(allocations, payments, as_of, cash=True), "received_centimes"),
        (_counted(allocations, payments, as_of, cash=False), "no_cash_centimes"),
        (_dated(credit_notes, "credit_date", "amount_ttc_centimes", as_of), "credited_centimes"),
        (_dated(write_offs, "write_off_date", "amount_centimes", as_of), "written_off_centimes"),
    ):
        total = events.group_by("invoice_id").agg(nw.col("amount_centimes").sum().alias(name))
        items = items.join(total, on="invoice_id", how="left").with_columns(nw.col(name).fill_null(0).cast(nw.Int64))
    rest = nw.col("billed_centimes") - nw.col("received_centimes") - nw.col("no_cash_centimes")
    return (
        items.with_columns(
            outstanding_centimes=(rest - nw.col("credited_centimes") - nw.col("written_off_centimes")).cast(nw.Int64)
        )
        .filter(nw.col("outstanding_centimes") != 0)
        .sort("invoice_id")
    )


def _with_source_dates(billed: Frame, invoices: Frame) -> Frame:
    sources = invoices.select(
        nw.col("invoice_id").alias("source_id"),
        nw.col("issue_date").alias("source_issue_date"),
        nw.col("due_date").alias("source_due_date"),
    )
    return billed.join(sources, left_on="source_invoice_id", right_on="source_id", how="left").select(
        "invoice_id",
        "customer_code",
        "center_code",
        "segment_code",
        nw.coalesce("source_issue_date", "issue_date").alias("issue_date"),
        nw.coalesce("source_due_date", "due_date").alias("due_date"),
        nw.col("amount_ttc_centimes").alias("billed_centimes"),
        "currency_code",
    )


def _counted(allocations: Frame, payments: Frame, as_of: date, cash: bool) -> Frame:
    is_cash = ~nw.col("channel_code").is_in(NO_CASH_CHANNELS)  # a payment always has a channel
    standing = payments.filter(
        is_cash if cash else ~is_cash, nw.col("bounced_date").is_null() | (nw.col("bounced_date") > as_of)
    )
    dated = allocations.filter(nw.col("allocation_date") <= as_of)
    return dated.join(standing.select("payment_id"), on="payment_id", how="inner")


def _dated(events: Frame, day: str, amount: str, as_of: date) -> Frame:
    return events.filter(nw.col(day) <= as_of).select("invoice_id", nw.col(amount).alias("amount_centimes"))


@table_function
def unallocated_receipts(payments: Frame, allocations: Frame, as_of: date) -> Frame:
    """Receipts that no bill took in full by `as_of`: `payment_id`, `channel_code`, `receipt_date`, `unallocated_centimes`."""
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
        .select("payment_id", "channel_code", "receipt_date", "unallocated_centimes")
        .sort("payment_id")
    )
