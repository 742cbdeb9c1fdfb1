"""What happened to the bills, month by month, in one pass: the events of every item summed by the month in which they count.

An event counts from its own date, and never before its item is issued: a receipt allocated ahead of its bill counts with the bill.
A payment that bounces is a negative receipt on the day it bounces. Summed up to a date these events are `item_balances` on that date.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import narwhals as nw

from workbench.frames import table_function
from workbench.recovery.balances import EVENTS, on_day
from workbench.recovery.groups import group_keys
from workbench.schemas.columns import NO_CASH_CHANNELS

Table = nw.LazyFrame[Any]
MOVEMENTS = tuple(f"{name}_centimes" for name in ("billed", "cancelled", *EVENTS))
_CREDIT_DESCRIPTORS = ("customer_code", "currency_code")  # all that a credit on no bill says of where it belongs


@table_function
def movements_by_month(
    invoices: Table,
    allocations: Table,
    payments: Table | None = None,
    credit_notes: Table | None = None,
    write_offs: Table | None = None,
    *,
    as_of: date | str,
    by: str | Sequence[str] = ("center_code", "segment_code"),
    cut_on: Sequence[date] = (),
) -> Table:
    """Sums of the events up to `as_of`, by currency, group and month.

    Parameters
    ----------
    cut_on
        Days that begin a part of their month (`units.days_of_change`): what happens under one organisation stays apart from what happens
        under the next.

    Returns
    -------
    `currency_code`, `by` (columns of `invoices`; null for credits on no bill), `month_ordinal` (year × 12 + month − 1) and the columns
    `MOVEMENTS`, each counted positive; with `cut_on` also `part_date`, the first day of the month or of its part. A month or a part without
    event has no row.
    """
    keys = group_keys(by, invoices)
    events = bill_events(invoices, allocations, payments, credit_notes, write_offs, keys)
    day = nw.col("event_date")
    times = {"month_ordinal": day.dt.year().cast(nw.Int64) * 12 + day.dt.month().cast(nw.Int64) - 1}
    if cut_on:
        times["part_date"] = _part_of_month(day, cut_on)
    return (
        events.filter(day <= on_day(as_of))
        .with_columns(**times)
        .group_by(*keys, *times)
        .agg(nw.col(*MOVEMENTS).sum())
        .with_columns(nw.col(*MOVEMENTS).cast(nw.Int64))
        .sort(*keys, *times)
    )


def bill_events(
    invoices: Table,
    allocations: Table,
    payments: Table | None,
    credit_notes: Table | None,
    write_offs: Table | None,
    keys: Sequence[str],
) -> Table:
    """Every event of the bills, each on the day from which it counts: `keys` (columns of `invoices`), `event_date` and `MOVEMENTS`.

    A credit on no bill keeps what it says of its keys; the others are null.
    """
    bills = invoices.select("invoice_id", "issue_date", "cancelled_date", "amount_ttc_centimes", *keys)
    on_bills = bills.select("invoice_id", "issue_date", *keys)
    events = [
        _events(bills, keys, "issue_date", billed_centimes="amount_ttc_centimes"),
        _events(bills, keys, "cancelled_date", cancelled_centimes="amount_ttc_centimes"),
        *_receipts(allocations, payments, on_bills, keys),
    ]
    if credit_notes is not None:
        on_known = credit_notes.select("invoice_id", "credit_date", "amount_ttc_centimes").join(
            on_bills, on="invoice_id"
        )
        events.append(_events(on_known, keys, "credit_date", credited_centimes="amount_ttc_centimes"))
        events.append(_loose(credit_notes, keys))
    if write_offs is not None:
        off = write_offs.select("invoice_id", "write_off_date", "amount_centimes").join(on_bills, on="invoice_id")
        events.append(_events(off, keys, "write_off_date", written_off_centimes="amount_centimes"))
    return nw.concat(events, how="vertical")


def _part_of_month(day: nw.Expr, cut_on: Sequence[date]) -> nw.Expr:
    first = day.dt.truncate("1mo").cast(nw.Date())
    part = first
    for cut in sorted(cut for cut in cut_on if cut.day > 1):
        part = nw.when((day >= cut) & (first < cut)).then(nw.lit(cut)).otherwise(part)
    return part


def _events(rows: Table, keys: Sequence[str], dated: str, **amounts: str | nw.Expr) -> Table:
    """Events of one kind: keys, `event_date` (null dates leave), the amounts given, 0 elsewhere."""
    given = {name: nw.col(value) if isinstance(value, str) else value for name, value in amounts.items()}
    columns = [given.get(name, nw.lit(0)).cast(nw.Int64).alias(name) for name in MOVEMENTS]
    return rows.filter(~nw.col(dated).is_null()).select(
        *keys, *columns, event_date=nw.max_horizontal(dated, "issue_date")
    )


def _receipts(allocations: Table, payments: Table | None, on_bills: Table, keys: Sequence[str]) -> list[Table]:
    amount = nw.col("amount_centimes")
    rows = allocations.select("payment_id", "invoice_id", "allocation_date", "amount_centimes")
    rows = rows.join(on_bills, on="invoice_id")
    if payments is None:
        return [_events(rows, keys, "allocation_date", collected_centimes=amount)]
    rows = rows.join(payments.select("payment_id", "channel_code", "bounced_date"), on="payment_id", how="left")
    rows = rows.filter(nw.col("bounced_date").is_null() | (nw.col("bounced_date") > nw.col("allocation_date")))
    channel = nw.col("channel_code").fill_null("")
    stamp, compensation = (channel == code for code in NO_CASH_CHANNELS)

    def split(sign: int) -> dict[str, nw.Expr]:
        return {
            "collected_centimes": nw.when(~stamp & ~compensation).then(amount * sign).otherwise(0),
            "stamps_centimes": nw.when(stamp).then(amount * sign).otherwise(0),
            "compensations_centimes": nw.when(compensation).then(amount * sign).otherwise(0),
        }

    return [_events(rows, keys, "allocation_date", **split(1)), _events(rows, keys, "bounced_date", **split(-1))]


def _loose(credit_notes: Table, keys: Sequence[str]) -> Table:
    known = [name for name in keys if name in _CREDIT_DESCRIPTORS]
    kinds = {name: nw.Date() if name.endswith("_date") else nw.String() for name in keys}
    missing = [nw.lit(None).cast(kinds[name]).alias(name) for name in keys if name not in known]
    rows = credit_notes.filter(nw.col("invoice_id").is_null()).select(
        *known, *missing, "credit_date", "amount_ttc_centimes", issue_date="credit_date"
    )
    return _events(rows, keys, "credit_date", credited_centimes="amount_ttc_centimes")
