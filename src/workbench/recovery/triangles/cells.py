"""Cells of triangles, summed in the engine: what happened to the bills of a month at each age, and what was billed in it.

Made of the same events as the month's movements (`months.bill_events`): an event before its bill counts with the bill, at age 0; a
payment that bounces is a negative receipt on the day it bounces. Cancelled bills are in no cell, nor what was paid on them: it is owed back. The
rest of a bill (`source_invoice_id`) is no new bill: what comes in on it counts in the vintage, and from the day, of its bill.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import pandas as pd

from workbench.frames import table_function
from workbench.recovery.balances import EVENTS
from workbench.recovery.groups import group_keys
from workbench.recovery.months import bill_events
from workbench.schemas.columns import NO_CASH_CHANNELS

Table = nw.LazyFrame[Any]
MEASURES = tuple(f"{name}_centimes" for name in EVENTS)


def cell_keys(by: str | Sequence[str], invoices: Any = None) -> list[str]:
    """The columns by which triangles are told apart: currency, segment, then those named. Segments are never pooled into one rate."""
    keys = group_keys(by, invoices)
    return keys if "segment_code" in keys else [keys[0], *group_keys("segment_code", invoices)[1:], *keys[1:]]


@table_function
def event_cells(
    invoices: Table,
    allocations: Table,
    payments: Table | None,
    credit_notes: Table | None,
    write_offs: Table | None,
    days: Table | None,
    *,
    as_of: date,
    by: Sequence[str],
    spell_days: int,
) -> Table:
    """Sums of the events up to `as_of` by `by`, `bill_month` (ordinal) and `event_place`, columns `MEASURES`.

    `event_place` is the month of the event (ordinal) or, with `days` (`event_date`, `day_ordinal`), how many spells of `spell_days` days it
    comes after its bill.
    """
    keys = [*by, "bill_date"]
    items = _standing(invoices, as_of).with_columns(cancelled_date=nw.lit(None).cast(nw.Date()))
    events = bill_events(items, allocations, payments, credit_notes, write_offs, keys)
    events = events.filter(nw.col("event_date") <= as_of, ~nw.col("bill_date").is_null())
    if days is None:
        place = month_of("event_date")
    else:
        bills = days.select(bill_date="event_date", bill_ordinal="day_ordinal")
        events = events.join(days, on="event_date", how="inner").join(bills, on="bill_date", how="inner")
        place = (nw.col("day_ordinal") - nw.col("bill_ordinal")) // spell_days
    groups = [*by, "bill_month", "event_place"]
    happened = nw.col(MEASURES[0]) != 0
    for name in MEASURES[1:]:
        happened = happened | (nw.col(name) != 0)
    return (
        events.filter(happened)
        .select(*by, *MEASURES, bill_month=month_of("bill_date"), event_place=place)
        .group_by(*groups)
        .agg(nw.col(*MEASURES).sum())
        .with_columns(nw.col(*MEASURES).cast(nw.Int64))
        .sort(*groups)
    )


@table_function
def billed_months(invoices: Table, *, as_of: date, by: Sequence[str]) -> Table:
    """What was billed up to `as_of` and not cancelled by then: `by`, `bill_month`, `invoice_count`, `billed_centimes`; rests are no bills."""
    issued = _standing(invoices, as_of).filter(nw.col("issue_date") <= as_of, nw.col("source_invoice_id").is_null())
    return (
        issued.select(*by, "amount_ttc_centimes", bill_month=month_of("issue_date"))
        .group_by(*by, "bill_month")
        .agg(invoice_count=nw.len(), billed_centimes=nw.col("amount_ttc_centimes").sum())
        .with_columns(nw.col("invoice_count", "billed_centimes").cast(nw.Int64))
        .sort(*by, "bill_month")
    )


@table_function
def receipts_left_out(invoices: Table, allocations: Table, payments: Table | None = None, *, as_of: date) -> Table:
    """Cash counted on bills up to `as_of` that is in no cell, so that cells and this add up to what was allocated.

    `currency_code` (of the allocation), `reason_code` (`invoice_unknown`, `invoice_cancelled`, `invoice_later`: counted on a bill issued after
    `as_of`), `allocation_count`, `collected_centimes`. Stamps, compensations and payments that had bounced are no cash.
    """
    counted = allocations.filter(nw.col("allocation_date") <= as_of)
    if payments is not None:
        channels = payments.select("payment_id", "channel_code", "bounced_date")
        counted = counted.join(channels, on="payment_id", how="left").filter(
            ~nw.col("channel_code").fill_null("").is_in(NO_CASH_CHANNELS),
            nw.col("bounced_date").is_null() | (nw.col("bounced_date") > as_of),
        )
    told = invoices.select("invoice_id", "issue_date", "cancelled_date", known=nw.lit(1))
    counted = counted.select("invoice_id", "currency_code", "amount_centimes").join(told, on="invoice_id", how="left")
    reason = (
        nw.when(nw.col("known").is_null())
        .then(nw.lit("invoice_unknown"))
        .when(nw.col("issue_date") > as_of)
        .then(nw.lit("invoice_later"))
        .when(nw.col("cancelled_date") <= as_of)
        .then(nw.lit("invoice_cancelled"))
    )
    groups = ["currency_code", "reason_code"]
    return (
        counted.with_columns(reason_code=reason)
        .filter(~nw.col("reason_code").is_null())
        .group_by(*groups)
        .agg(allocation_count=nw.len(), collected_centimes=nw.col("amount_centimes").sum())
        .with_columns(nw.col("allocation_count", "collected_centimes").cast(nw.Int64))
        .sort(*groups)
    )


@table_function
def first_bill(invoices: Table, *, as_of: date) -> Table:
    """One row: `first_date` of all bills, whenever issued, and of those up to `as_of` `issued_count`."""
    issued = nw.when(nw.col("issue_date") <= as_of).then(1).otherwise(0)
    rows = invoices.select("issue_date", issued=issued)
    return rows.select(first_date=nw.col("issue_date").min(), issued_count=nw.col("issued").sum())


def day_ordinals(first: date, last: date) -> pd.DataFrame:
    """Every day from `first` to `last` with its place (`day_ordinal`): engines subtract places, never dates."""
    days = pd.date_range(first, max(last, first + timedelta(days=1)))
    return pd.DataFrame({"event_date": days, "day_ordinal": range(len(days))})


def month_of(name: str) -> nw.Expr:
    """The month of a date: year × 12 + month − 1."""
    return nw.col(name).dt.year().cast(nw.Int64) * 12 + nw.col(name).dt.month().cast(nw.Int64) - 1


def _standing(invoices: Table, as_of: date) -> Table:
    """Bills and rests not cancelled by `as_of`, with the day of their bill (`bill_date`); a rest is of its bill's day, never of a later one than its own."""
    items = invoices.filter(nw.col("cancelled_date").is_null() | (nw.col("cancelled_date") > as_of))
    whole = items.filter(nw.col("source_invoice_id").is_null()).with_columns(bill_date=nw.col("issue_date"))
    sources = invoices.select(source_invoice_id="invoice_id", source_date="issue_date")
    rests = items.filter(~nw.col("source_invoice_id").is_null()).join(sources, on="source_invoice_id", how="left")
    since = nw.min_horizontal(nw.col("source_date").fill_null(nw.col("issue_date")), nw.col("issue_date"))
    return nw.concat([whole, rests.with_columns(bill_date=since).select(*whole.columns)], how="vertical")
