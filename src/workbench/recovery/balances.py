"""Balances of all items on a date, settled and cancelled ones too: what rates and the roll-forward are made of.

balance = billed − cancelled − collected − stamps − compensations − credited − written off. A payment that bounced by the date
is no payment. Nothing is netted: an item below zero is a credit, flagged, and credits on no bill are items of their own.
"""

from datetime import date
from typing import Any

import narwhals as nw

from workbench.frames import table_function

EVENTS = ("collected", "stamps", "compensations", "credited", "written_off")
_STAMP, _COMPENSATION = "prepaid_stamp", "compensation"


def on_day(as_of: date | str) -> date:
    """A date, or its ISO text as notebooks hold it."""
    return date.fromisoformat(as_of) if isinstance(as_of, str) else as_of


@table_function
def item_balances(
    invoices: nw.LazyFrame[Any],
    allocations: nw.LazyFrame[Any],
    payments: nw.LazyFrame[Any] | None = None,
    credit_notes: nw.LazyFrame[Any] | None = None,
    write_offs: nw.LazyFrame[Any] | None = None,
    disputes: nw.LazyFrame[Any] | None = None,
    *,
    as_of: date | str,
) -> nw.LazyFrame[Any]:
    """Every item issued by `as_of`, settled ones too: what was billed, what was counted on it, what is left.

    Tables are those of `schemas.tables`. Without `payments`, allocations count as cash that never bounced.

    Returns
    -------
    One row an item: `invoice_id`, `customer_code`, `center_code`, `segment_code`, `issue_date` and `due_date` (of the source bill
    where the item is the rest of one), `currency_code`, `amount_ht_centimes`, `billed_centimes`, `cancelled_centimes`, one column
    for each of `EVENTS`, `outstanding_centimes`, `is_credit`, `is_disputed`.
    """
    day = on_day(as_of)
    items = _items(invoices, day)
    items = items.join(_counted(allocations, payments, day), on="invoice_id", how="left")
    items = _with_sums(items, credit_notes, "credit_date", "amount_ttc_centimes", "credited_centimes", day)
    items = _with_sums(items, write_offs, "write_off_date", "amount_centimes", "written_off_centimes", day)
    names = [f"{name}_centimes" for name in EVENTS]
    items = items.with_columns(nw.col(*names).fill_null(0).cast(nw.Int64))
    if credit_notes is not None:
        items = nw.concat([items, _loose_credits(credit_notes, items.columns, day)], how="vertical")
    left = nw.col("billed_centimes") - nw.col("cancelled_centimes")
    for name in names:
        left = left - nw.col(name)
    items = items.with_columns(outstanding_centimes=left.cast(nw.Int64)).with_columns(
        is_credit=nw.col("outstanding_centimes") < 0
    )
    return _flag_disputes(items, disputes, day)


def _items(invoices: nw.LazyFrame[Any], day: date) -> nw.LazyFrame[Any]:
    source = invoices.select(source_invoice_id="invoice_id", source_issue_date="issue_date", source_due_date="due_date")
    cancelled = nw.when(nw.col("cancelled_date") <= day).then(nw.col("amount_ttc_centimes")).otherwise(0)
    # The source's dates are taken together: a due date that the source lacks is missing, not the rest's own.
    is_rest = ~nw.col("source_issue_date").is_null()
    return (
        invoices.filter(nw.col("issue_date") <= day)
        .join(source, on="source_invoice_id", how="left")
        .select(
            "invoice_id",
            "customer_code",
            "center_code",
            "segment_code",
            nw.when(is_rest).then(nw.col("source_issue_date")).otherwise(nw.col("issue_date")).alias("issue_date"),
            nw.when(is_rest).then(nw.col("source_due_date")).otherwise(nw.col("due_date")).alias("due_date"),
            "currency_code",
            "amount_ht_centimes",
            nw.col("amount_ttc_centimes").alias("billed_centimes"),
            cancelled.cast(nw.Int64).alias("cancelled_centimes"),
        )
    )


def _counted(allocations: nw.LazyFrame[Any], payments: nw.LazyFrame[Any] | None, day: date) -> nw.LazyFrame[Any]:
    counted = allocations.filter(nw.col("allocation_date") <= day)
    if payments is None:
        counted = counted.with_columns(channel_code=nw.lit("cash"))
    else:
        kept = payments.select("payment_id", "channel_code", "bounced_date")
        counted = counted.join(kept, on="payment_id", how="left")
        counted = counted.filter(nw.col("bounced_date").is_null() | (nw.col("bounced_date") > day))
    amount, channel = nw.col("amount_centimes"), nw.col("channel_code").fill_null("")
    return (
        counted.select(
            "invoice_id",
            collected_centimes=nw.when((channel != _STAMP) & (channel != _COMPENSATION)).then(amount).otherwise(0),
            stamps_centimes=nw.when(channel == _STAMP).then(amount).otherwise(0),
            compensations_centimes=nw.when(channel == _COMPENSATION).then(amount).otherwise(0),
        )
        .group_by("invoice_id")
        .agg(nw.col("collected_centimes", "stamps_centimes", "compensations_centimes").sum())
    )


def _with_sums(
    items: nw.LazyFrame[Any], events: nw.LazyFrame[Any] | None, dated: str, amount: str, name: str, day: date
) -> nw.LazyFrame[Any]:
    if events is None:
        return items.with_columns(nw.lit(0).cast(nw.Int64).alias(name))
    known = events.filter((nw.col(dated) <= day) & ~nw.col("invoice_id").is_null()).select(
        "invoice_id", nw.col(amount).alias(name)
    )
    return items.join(known.group_by("invoice_id").agg(nw.col(name).sum()), on="invoice_id", how="left")


def _loose_credits(credit_notes: nw.LazyFrame[Any], columns: list[str], day: date) -> nw.LazyFrame[Any]:
    known = {
        "invoice_id": nw.col("credit_note_id"),
        "issue_date": nw.col("credit_date"),
        "credited_centimes": nw.col("amount_ttc_centimes"),
    }
    nothing = {
        "center_code": nw.String(),
        "segment_code": nw.String(),
        "due_date": nw.Date(),
        "amount_ht_centimes": nw.Int64(),
    }
    loose = credit_notes.filter((nw.col("credit_date") <= day) & nw.col("invoice_id").is_null())
    made = []
    for name in columns:
        if name in nothing:
            made.append(nw.lit(None).cast(nothing[name]).alias(name))
        elif name.endswith("_centimes") and name not in known:
            made.append(nw.lit(0).cast(nw.Int64).alias(name))
        else:
            made.append(known.get(name, nw.col(name)).alias(name))
    return loose.select(*made)


def _flag_disputes(items: nw.LazyFrame[Any], disputes: nw.LazyFrame[Any] | None, day: date) -> nw.LazyFrame[Any]:
    if disputes is None:
        return items.with_columns(is_disputed=nw.lit(False))
    still_open = nw.col("closed_date").is_null() | (nw.col("closed_date") > day)
    disputed = (
        disputes.filter((nw.col("opened_date") <= day) & still_open)
        .select("invoice_id")
        .unique()
        .with_columns(is_disputed=nw.lit(True))
    )
    return items.join(disputed, on="invoice_id", how="left").with_columns(nw.col("is_disputed").fill_null(False))
