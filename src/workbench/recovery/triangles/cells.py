"""Cells of triangles, summed in the engine: what happened to the bills of a month at each age, and what was billed in it.

The events are those of the month's movements (`months.bill_events`): an event before its bill counts with the bill, at age 0; a payment
that bounces is a negative receipt on the day it bounces. Cancelled bills are in no cell, nor what was paid on them: it is owed back. The
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
from workbench.schemas.columns import NO_CASH_CHANNELS

Table = nw.LazyFrame[Any]
MEASURES = tuple(f"{name}_centimes" for name in EVENTS)
_CASH, _STAMP, _COMPENSATION, _CREDIT, _WRITE_OFF = range(len(EVENTS))


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
    """Sums of the events up to `as_of` by `by`, `bill_month` (ordinal), `event_place` and `event_kind` (place in `EVENTS`): `amount_centimes`.

    `event_place` is the month of the event (ordinal) or, with `days` (`event_date`, `day_ordinal`), how many spells of `spell_days` days it
    comes after its bill.
    """
    # Events stay narrow until each is joined to its bill, once.
    events = nw.concat(_events(allocations, payments, credit_notes, write_offs, as_of), how="vertical")
    bills = _standing(invoices, as_of).select("invoice_id", "issue_date", "bill_date", *by)
    placed = events.filter(nw.col("amount_centimes") != 0).join(bills, on="invoice_id", how="inner")
    placed = placed.with_columns(event_date=nw.max_horizontal("event_date", "issue_date"))
    if days is None:
        place = month_of("event_date")
    else:
        starts = days.select(bill_date="event_date", bill_ordinal="day_ordinal")
        placed = placed.join(days, on="event_date", how="inner").join(starts, on="bill_date", how="inner")
        place = (nw.col("day_ordinal") - nw.col("bill_ordinal")) // spell_days
    groups = [*by, "bill_month", "event_place", "event_kind"]
    return (
        placed.select(*by, "event_kind", "amount_centimes", bill_month=month_of("bill_date"), event_place=place)
        .group_by(*groups)
        .agg(nw.col("amount_centimes").sum())
        .with_columns(nw.col("amount_centimes").cast(nw.Int64))
        .sort(*groups)
    )


def _events(
    allocations: Table, payments: Table | None, credit_notes: Table | None, write_offs: Table | None, as_of: date
) -> list[Table]:
    """What happened to bills up to `as_of`: `invoice_id`, `event_date`, `amount_centimes`, `event_kind`; a payment that comes back is below zero."""
    counted = allocations.filter(nw.col("allocation_date") <= as_of)
    counted = counted.select("payment_id", "invoice_id", "amount_centimes", event_date="allocation_date")
    if payments is None:
        found = [_of_kind(counted, nw.lit(_CASH))]
    else:
        channels = payments.select("payment_id", "channel_code", "bounced_date")
        stamp, compensation = (nw.col("channel_code") == code for code in NO_CASH_CHANNELS)
        kind = nw.when(stamp).then(_STAMP).when(compensation).then(_COMPENSATION).otherwise(_CASH)
        bounced = nw.col("bounced_date")
        held = counted.join(channels, on="payment_id", how="left")
        held = held.filter(bounced.is_null() | (bounced > nw.col("event_date")))
        back = counted.join(channels.filter(bounced <= as_of), on="payment_id", how="inner")
        back = back.filter(bounced > nw.col("event_date")).with_columns(
            event_date=bounced, amount_centimes=nw.col("amount_centimes") * -1
        )
        found = [_of_kind(held, kind), _of_kind(back, kind)]
    if credit_notes is not None:
        credited = credit_notes.filter(nw.col("credit_date") <= as_of)
        credited = credited.select("invoice_id", event_date="credit_date", amount_centimes="amount_ttc_centimes")
        found.append(_of_kind(credited, nw.lit(_CREDIT)))
    if write_offs is not None:
        lost = write_offs.filter(nw.col("write_off_date") <= as_of)
        lost = lost.select("invoice_id", "amount_centimes", event_date="write_off_date")
        found.append(_of_kind(lost, nw.lit(_WRITE_OFF)))
    return found


def _of_kind(rows: Table, kind: nw.Expr) -> Table:
    # A pandas table of nothing does not know its types: each part is told them.
    invoice, day, amount = nw.col("invoice_id"), nw.col("event_date"), nw.col("amount_centimes")
    typed = {
        "invoice_id": invoice.cast(nw.String),
        "event_date": day.cast(nw.Date),
        "amount_centimes": amount.cast(nw.Int64),
    }
    return rows.select(**typed, event_kind=kind.cast(nw.Int64))


@table_function
def billed_months(invoices: Table, *, as_of: date, by: Sequence[str]) -> Table:
    """What was billed up to `as_of` and not cancelled by then: `by`, `bill_month`, `invoice_count`, `billed_centimes`; rests are no bills."""
    issued = _standing(invoices, as_of).filter(nw.col("source_invoice_id").is_null())
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
    told = invoices.select("invoice_id", "issue_date", "cancelled_date", known=nw.lit(1))
    reason = (
        nw.when(nw.col("known").is_null())
        .then(nw.lit("invoice_unknown"))
        .when(nw.col("issue_date") > as_of)
        .then(nw.lit("invoice_later"))
        .when(nw.col("cancelled_date") <= as_of)
        .then(nw.lit("invoice_cancelled"))
    )
    # Those left out are few: only they are looked up among the payments.
    counted = counted.select("payment_id", "invoice_id", "currency_code", "amount_centimes")
    counted = counted.join(told, on="invoice_id", how="left").with_columns(reason_code=reason)
    counted = counted.filter(~nw.col("reason_code").is_null())
    if payments is not None:
        channels = payments.select("payment_id", "channel_code", "bounced_date")
        counted = counted.join(channels, on="payment_id", how="left").filter(
            ~nw.col("channel_code").fill_null("").is_in(NO_CASH_CHANNELS),
            nw.col("bounced_date").is_null() | (nw.col("bounced_date") > as_of),
        )
    groups = ["currency_code", "reason_code"]
    return (
        counted.group_by(*groups)
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
    """Bills and rests issued and not cancelled by `as_of`, with the day of their bill (`bill_date`); a rest is of its bill's day, never of a later one than its own."""
    cancelled = nw.col("cancelled_date")
    items = invoices.filter(nw.col("issue_date") <= as_of, cancelled.is_null() | (cancelled > as_of))
    whole = items.filter(nw.col("source_invoice_id").is_null()).with_columns(bill_date=nw.col("issue_date"))
    sources = invoices.select(source_invoice_id="invoice_id", source_date="issue_date")
    rests = items.filter(~nw.col("source_invoice_id").is_null()).join(sources, on="source_invoice_id", how="left")
    since = nw.min_horizontal(nw.col("source_date").fill_null(nw.col("issue_date")), nw.col("issue_date"))
    return nw.concat([whole, rests.with_columns(bill_date=since).select(*whole.columns)], how="vertical")
