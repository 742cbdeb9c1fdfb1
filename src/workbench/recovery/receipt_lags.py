"""When bills are paid: the cube of what was billed and what came in, by the week of the bill and the week of the event.

It is made once, in the engine, and grows with its cells (centre, segment, service, two weeks), not with the invoices. Weeks begin on
Monday. What happened up to an evening is the sum of the parts of weeks that begin by it, so that one cube answers for every
origin that cut its weeks, from events dated up to that origin only.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.errors import WrongUse
from workbench.frames import frame, table_function, to_pandas
from workbench.recovery.balances import on_day
from workbench.recovery.months import bill_events
from workbench.schemas.columns import NO_CASH_CHANNELS

Table = nw.LazyFrame[Any]
CELL = ("currency_code", "segment_code", "service_code")
_AMOUNTS = ("billed_centimes", "cash_centimes", "no_cash_centimes")
_FEW = 64  # possible kinds a row up to which they are counted in a table


@dataclass(frozen=True)
class ReceiptCube:
    """Three small tables, of events up to `as_of`; `origins` are the evenings for which they also answer.

    `book`: `center_code`, `CELL`, `cohort_date` (Monday of the bill's week), `part_date` (first day of the week or of its part), and what
    was billed, came in as cash (bounced payments out), and left the book otherwise (cancelled, credited, written off, stamps,
    compensations), in centimes. `bills`: `center_code`, `CELL`, `issue_date`, `billed_centimes`. `receipts`: cash by `currency_code`,
    `segment_code`, `channel_code`, `receipt_date`, of every receipt, allocated or not; negative on the day it comes back. An empty text is
    what is not known.
    """

    as_of: date
    origins: tuple[date, ...]
    book: pd.DataFrame
    bills: pd.DataFrame
    receipts: pd.DataFrame

    def on(self, origin: date | str) -> "ReceiptCube":
        """The cube as it would have been made on the evening of an origin. Raises `WrongUse` where it cut no week there."""
        day = on_day(origin)
        if day > self.as_of or not (day in self.origins or day == self.as_of or day.weekday() == 6):
            known = ", ".join(each.isoformat() for each in self.origins)
            raise WrongUse(f"the cube has no cut on {day.isoformat()}", "origin", f"origins it was made for: {known}")
        end = pd.Timestamp(day)
        parts = (
            table[table[name] <= end].reset_index(drop=True)
            for table, name in ((self.book, "part_date"), (self.bills, "issue_date"), (self.receipts, "receipt_date"))
        )
        return ReceiptCube(day, tuple(each for each in self.origins if each <= day), *parts)


def receipts_cube(
    invoices: Any,
    allocations: Any,
    payments: Any,
    credit_notes: Any = None,
    write_offs: Any = None,
    customers: Any = None,
    *,
    as_of: date | str,
    origins: Sequence[date | str] = (),
) -> ReceiptCube:
    """The cube of an office, from tables of `schemas.tables`, of events dated up to `as_of`.

    Parameters
    ----------
    customers
        Segment of the payers, each in its period: without it receipts have no segment.
    origins
        Evenings for which the cube must answer too, see `ReceiptCube.on`; Sundays always do.

    Notes
    -----
    The rest of a bill (`source_invoice_id`) is of the week of its bill. Events before a bill's issue count with it. Bills without
    a due date are in like the others: nothing here asks for one. Credits on no bill settle none: they are left out.
    """
    day = on_day(as_of)
    cuts = tuple(sorted({on_day(each) for each in origins} | {day}))
    first = to_pandas(frame(invoices).select(nw.col("issue_date").min()))["issue_date"].iloc[0]
    weeks = _weeks(day if pd.isna(first) else min(first.date(), day), day, cuts)
    book = book_cells(invoices, allocations, payments, credit_notes, write_offs, weeks, as_of=day)
    bills = billed_days(invoices, as_of=day)
    return ReceiptCube(day, cuts, _plain(book), _plain(bills), _plain(received_days(payments, customers, as_of=day)))


def _weeks(first: date, last: date, cuts: Sequence[date]) -> pd.DataFrame:
    """Every day with the Monday of its week, and with the first day of the part of the week that the cuts make."""
    days = pd.date_range(first - timedelta(days=first.weekday()), last)
    monday = days - pd.to_timedelta(days.day_of_week, unit="D")
    begun = pd.Series(pd.NaT, index=days, dtype=days.dtype)
    after = pd.DatetimeIndex([pd.Timestamp(cut) + pd.Timedelta(days=1) for cut in cuts])
    starts = after[after.isin(days)]
    begun[starts] = starts
    begun = begun.where(begun.notna(), pd.Series(days.where(days == monday), index=days)).ffill()
    return pd.DataFrame({"event_date": days, "week_date": monday, "part_date": begun.to_numpy()})


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    # Sorted by every key, so that equal books make equal cubes whatever the engine's threads did; centimes whole, never missing.
    # Texts are categories: an origin cuts a cube many times over, and their places are all that it looks at.
    amounts = [name for name in table.columns if name.endswith("_centimes")]
    keys = [name for name in table.columns if name not in amounts]
    typed = table.astype(dict.fromkeys(amounts, "int64"))
    for name in keys:
        texts = not name.endswith("_date")
        typed[name] = typed[name].fillna("").astype("category") if texts else typed[name].astype("datetime64[s]")
    return typed.sort_values(keys, ignore_index=True)


def kinds_of(table: pd.DataFrame, names: Sequence[str]) -> tuple[list[tuple[str, ...]], npt.NDArray[np.int64]]:
    """The distinct values of some columns of text, sorted, and the place of each row among them; what is missing is an empty text."""
    key, texts = np.zeros(len(table), np.int64), []
    for name in names:
        codes, values = _coded(table[name])
        key = key * len(values) + codes
        texts.append(values)
    size = math.prod(map(len, texts))
    if size <= _FEW * (len(table) + 1):  # counted in a table of all that could be: a sort is slower
        is_there = np.zeros(size, bool)
        is_there[key] = True
        kinds, place = np.flatnonzero(is_there), (np.cumsum(is_there) - 1)[key]
    else:
        kinds, place = np.unique(key, return_inverse=True)
    parts = []
    for values in reversed(texts):
        kinds, rank = np.divmod(kinds, len(values))
        parts.append([values[at] for at in rank])
    return list(zip(*reversed(parts), strict=True)), place.astype(np.int64)


def _coded(column: pd.Series) -> tuple[npt.NDArray[np.int64], list[str]]:
    """The place of each row among the sorted texts of a column, with an empty text for what is missing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, found = column.cat.codes.to_numpy(np.int64), column.cat.categories
    else:
        codes, found = pd.factorize(column)
    texts = [*map(str, found), ""]
    values = sorted(set(texts))
    rank = {value: place for place, value in enumerate(values)}
    ranks: npt.NDArray[np.int64] = np.array([rank[text] for text in texts], np.int64)[codes]  # −1 is the last: missing
    return ranks, values


@table_function
def book_cells(
    invoices: Table,
    allocations: Table,
    payments: Table,
    credit_notes: Table | None,
    write_offs: Table | None,
    weeks: Table,
    *,
    as_of: date,
) -> Table:
    """What entered and left the book, as `ReceiptCube.book`; `weeks` gives each `event_date` its `week_date` and `part_date`."""
    keys = ["center_code", *CELL, "cohort_date"]
    events = bill_events(_with_cohort(invoices, weeks), allocations, payments, credit_notes, write_offs, keys)
    gone = ("cancelled", "credited", "written_off", "stamps", "compensations")
    no_cash = nw.col("cancelled_centimes")
    for name in gone[1:]:
        no_cash = no_cash + nw.col(f"{name}_centimes")
    return (
        events.filter(nw.col("event_date") <= as_of, ~nw.col("cohort_date").is_null())
        .join(weeks.select("event_date", "part_date"), on="event_date", how="inner")
        .select(
            *keys, "part_date", "billed_centimes", cash_centimes="collected_centimes", no_cash_centimes=no_cash
        )
        .group_by(*keys, "part_date")
        .agg(nw.col(*_AMOUNTS).sum())
        .with_columns(nw.col(*_AMOUNTS).cast(nw.Int64))
    )  # fmt: skip


def _with_cohort(invoices: Table, weeks: Table) -> Table:
    """Bills with the Monday of the week that they are of; a rest is of its bill's week, never of a later one than its own."""
    names = ["invoice_id", "issue_date", "cancelled_date", "amount_ttc_centimes", "center_code", *CELL]
    whole = invoices.filter(nw.col("source_invoice_id").is_null()).select(*names, of_date=nw.col("issue_date"))
    sources = invoices.select(source_invoice_id="invoice_id", source_date="issue_date")
    rests = invoices.filter(~nw.col("source_invoice_id").is_null()).join(sources, on="source_invoice_id", how="left")
    since = nw.min_horizontal(nw.col("source_date").fill_null(nw.col("issue_date")), nw.col("issue_date"))
    items = nw.concat([whole, rests.select(*names, of_date=since)], how="vertical")
    mondays = weeks.select(of_date="event_date", cohort_date="week_date")
    return items.join(mondays, on="of_date", how="left").drop("of_date")


@table_function
def billed_days(invoices: Table, *, as_of: date) -> Table:
    """What was billed, as `ReceiptCube.bills`; a rest is no new bill."""
    keys = ["center_code", *CELL, "issue_date"]
    issued = invoices.filter(nw.col("issue_date") <= as_of, nw.col("source_invoice_id").is_null())
    summed = issued.group_by(*keys).agg(billed_centimes=nw.col("amount_ttc_centimes").sum())
    return summed.with_columns(nw.col("billed_centimes").cast(nw.Int64))


@table_function
def received_days(payments: Table, customers: Table | None = None, *, as_of: date) -> Table:
    """Cash that came in and that went back, as `ReceiptCube.receipts`; stamps and compensations are no cash."""
    keys = ["currency_code", "segment_code", "channel_code", "receipt_date"]
    cash = payments.filter(~nw.col("channel_code").is_in(NO_CASH_CHANNELS), nw.col("receipt_date") <= as_of)
    came = _with_segment(cash, customers)
    names = [*keys, "amount_centimes"]
    back = came.filter(nw.col("bounced_date") <= as_of).with_columns(
        receipt_date=nw.max_horizontal("bounced_date", "receipt_date"),
        amount_centimes=nw.col("amount_centimes") * -1,
    )
    rows = nw.concat([came.select(*names), back.select(*names)], how="vertical")
    summed = rows.group_by(*keys).agg(cash_centimes=nw.col("amount_centimes").sum())
    return summed.with_columns(nw.col("cash_centimes").cast(nw.Int64))


def _with_segment(cash: Table, customers: Table | None) -> Table:
    """Receipts with the payer's segment on their day. A payer of several periods on one day has none: nothing counts twice."""
    rows = cash.select("payment_id", "customer_code", "currency_code", "channel_code", "receipt_date", "amount_centimes", "bounced_date")  # fmt: skip
    if customers is None:
        return rows.with_columns(segment_code=nw.lit(None).cast(nw.String()))
    day, ends = nw.col("receipt_date"), nw.col("valid_to_date")
    periods = customers.select("customer_code", "segment_code", "valid_from_date", "valid_to_date")
    there = rows.select("payment_id", "customer_code", "receipt_date").join(periods, on="customer_code", how="inner")
    held = there.filter(nw.col("valid_from_date") <= day, ends.is_null() | (ends >= day))
    named = held.group_by("payment_id").agg(
        segment_code=nw.col("segment_code").max(), least=nw.col("segment_code").min()
    )
    sole = named.filter(nw.col("segment_code") == nw.col("least")).select("payment_id", "segment_code")
    return rows.join(sole, on="payment_id", how="left")
