"""Exposure tables: what entered, left and brought money, by cell, week of issue and week, summed in the engine.

A bill enters once and leaves once; what has not left is at risk to the end, so no row a bill and week is ever made. The tables grow with
cells and weeks, not with bills. Weeks begin on Monday and are counted from that of 1 January 1970. Only what is dated up to `as_of` is
read; the past behaviour of a bill is what was known on the day it was issued.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from workbench.errors import WrongUse
from workbench.frames import frame, kept, table_function, to_pandas
from workbench.recovery.balances import on_day
from workbench.recovery.collection_curves import week_of
from workbench.recovery.payment_times.exposed_bills import LIMIT_DAYS, exposed_bills, held_receipts
from workbench.recovery.receipt_lags import CELL

Table = nw.LazyFrame[Any]
CENTER_CLASSES = 6
AMOUNT_EDGES = (20_000, 100_000)  # centimes: a household's bill, a shop's, a large one
EXITS = ("paid", "credited", "written_off", "handed_over", "disputed", "settled_dispute")
_SETTLED = LIMIT_DAYS // 7 + 1  # weeks after which it is known whether a bill was paid in time
_LARGEST = 100_000_000  # units: a bill above counts as one of this in the doubt, or squares pass 64 bits
_DIGITS = (3, 3, 2)  # classes of amount, of past behaviour, of dispute


@dataclass(frozen=True)
class Exposure:
    """Small tables of an evening; `cell` is the place of a row of `cells`.

    `cells`: `CELL`, `center_class`, `amount_class`, `behaviour_class` (0 no history, 1 prompt, 2 slow), `is_disputed`. `entries`: `cell`,
    `cohort_week`, `week` (later than the cohort where a state is entered), `invoice_count`, `amount_centimes`. `exits`: the same with `exit_code`
    (see `EXITS`) in place of the amount. `receipts`: `payment_count`, `cash_centimes`, `gone_centimes` (stamps, compensations). `book`: `center_code`,
    `cell`, `cohort_week`, `invoice_count`, `outstanding_centimes`, `square_sum` (Σ outstanding², in units). `ages`: `center_code`, `cell`,
    `age_weeks` reached, `invoice_count`. `paid`: `center_code`, `cell`, `payment_count`. `leaks`: bills whose past behaviour was not over
    on their day of issue, counted as without history. `left_out`: bills of nothing or less.
    """

    as_of: date
    first_week: int
    weeks: int
    cells: pd.DataFrame
    entries: pd.DataFrame
    exits: pd.DataFrame
    receipts: pd.DataFrame
    book: pd.DataFrame
    ages: pd.DataFrame
    paid: pd.DataFrame
    leaks: int
    left_out: int


def exposure_tables(
    invoices: Any,
    allocations: Any,
    payments: Any = None,
    credit_notes: Any = None,
    write_offs: Any = None,
    disputes: Any = None,
    handed_over: Any = None,
    *,
    as_of: date | str,
    amount_edges: Sequence[int] = AMOUNT_EDGES,
) -> Exposure:
    """The exposure tables of an office, from tables of `schemas.tables`, of events dated up to `as_of`.

    Parameters
    ----------
    payments
        Without it allocations count as cash that never bounced. A payment that bounced by `as_of` is no payment.
    handed_over
        `invoice_id`, `handed_over_date`: bills that another collects from then on; they leave the book.
    amount_edges
        Where the second and the third class of amounts begin, in centimes.

    Notes
    -----
    Raises `WrongUse` where no bill was issued by `as_of`. What precedes its bill counts on the bill's day; what follows its exit does not count.
    """
    day = on_day(as_of)
    first = to_pandas(frame(invoices).select(nw.col("issue_date").min()))["issue_date"].iloc[0]
    if pd.isna(first) or first.date() > day:
        raise WrongUse(f"no bill was issued by {day.isoformat()}", "as_of")
    calendar = _calendar(first.date(), day)
    keys = _numbered(to_pandas(_kinds(invoices, day, [*CELL])), "kind")
    bills = exposed_bills(invoices, allocations, payments, credit_notes, write_offs, disputes, handed_over, calendar, keys, tuple(amount_edges), as_of=day, lazy=True)  # fmt: skip
    with kept(bills) as held:
        end = int(week_of(np.datetime64(day) + 1))
        classes = _center_classes(to_pandas(_early(held, last_week=end - _SETTLED)))
        places = len(keys) * CENTER_CLASSES * int(np.prod(_DIGITS))
        classed = _classed(held, classes, lazy=True)
        receipts = held_receipts(allocations, payments, as_of=day, lazy=True)
        with kept(_flows(receipts, classed, calendar, lazy=True)) as flows:
            tables = {"receipts": _received(flows), "paid": _paid(flows, end=end)}
        tables |= {"entries": _entries(classed), "exits": _exits(classed), "book": _book(classed), "ages": _ages(classed, end=end - 1)}  # fmt: skip
        told = to_pandas(_told(held))
    sorted_tables = {name: _plain(table) for name, table in tables.items()}
    start = int(calendar["week"].iloc[0])
    return Exposure(
        day,
        start,
        end - start,
        _cells(keys, places),
        **sorted_tables,
        leaks=int(told["leaks"].iloc[0]),
        left_out=_left_out(invoices, day),
    )


def _calendar(first: date, last: date) -> pd.DataFrame:
    days = pd.date_range(first - timedelta(days=first.weekday()), last)
    return pd.DataFrame({"event_date": days, "week": week_of(days), "limit_date": days + pd.Timedelta(days=LIMIT_DAYS)})


@table_function
def _kinds(invoices: Table, day: date, names: list[str]) -> Table:
    return invoices.filter(nw.col("issue_date") <= day).select(*(nw.col(name).fill_null("") for name in names)).unique()


def _numbered(kinds: pd.DataFrame, name: str) -> pd.DataFrame:
    ordered = kinds.sort_values(list(kinds.columns), ignore_index=True)
    return ordered.assign(**{name: np.arange(len(ordered))})


def _left_out(invoices: Any, day: date) -> int:
    issued = frame(invoices).filter(nw.col("issue_date") <= day, nw.col("amount_ttc_centimes") <= 0)
    return int(to_pandas(issued.select(count=nw.len()))["count"].iloc[0])


@table_function
def _early(bills: Table, last_week: int) -> Table:
    known = bills.filter(nw.col("cohort_week") < last_week).with_columns(group=nw.col("base") // 3)
    return known.group_by("center_code", "group").agg(n=nw.len(), prompt=nw.col("is_prompt").sum())


def _center_classes(early: pd.DataFrame) -> pd.DataFrame:
    """Centres in classes of equal size by bills paid in time against what their segments and amounts would give.

    Without them past behaviour takes the effect of the centre: a slow centre makes its customers look slow.
    """
    typed = early.assign(n=early["n"].astype("float64"), prompt=early["prompt"].astype("float64"))
    sums = typed.groupby("group")[["n", "prompt"]].transform("sum")
    typed["expected"] = typed["n"] * sums["prompt"] / sums["n"]
    by_center = typed.groupby("center_code")[["prompt", "expected"]].sum()
    ratio = by_center["prompt"] / by_center["expected"].where(by_center["expected"] > 0)
    rank = ratio.fillna(1.0).rank(method="first").sub(1)
    place = (rank * CENTER_CLASSES // max(len(rank), 1)).astype("int64")
    return pd.DataFrame({"center_code": place.index.astype("str"), "center_class": place.to_numpy()})


@table_function
def _classed(bills: Table, classes: Table) -> Table:
    # A centre too young to be judged is of the middle class.
    joined = bills.join(classes, on="center_code", how="left")
    place = nw.col("center_class").fill_null(CENTER_CLASSES // 2)
    per_kind = _DIGITS[0] * _DIGITS[1]
    cell = (nw.col("base") // per_kind * CENTER_CLASSES + place) * per_kind + nw.col("base") % per_kind
    return joined.with_columns(cell=cell * 2).drop("center_class", "base")


@table_function
def _flows(receipts: Table, bills: Table, calendar: Table) -> Table:
    """Receipts of each centre, cell, week of issue and week in which they count, in the state that their bill was in."""
    weeks = calendar.select(allocation_date="event_date", week="week")
    known = bills.select("invoice_id", "center_code", "cell", "cohort_week", "left_week", "opened_week", "closed_week")
    joined = receipts.join(known, on="invoice_id").join(weeks, on="allocation_date", how="left")
    week = nw.max_horizontal(nw.col("week").fill_null(nw.col("cohort_week")), nw.col("cohort_week"))
    moved = joined.with_columns(week=week).filter(
        nw.col("left_week").is_null() | (nw.col("week") <= nw.col("left_week"))
    )
    is_open = (nw.col("week") > nw.col("opened_week")) & (
        nw.col("closed_week").is_null() | (nw.col("week") <= nw.col("closed_week"))
    )
    state = nw.col("cell") + nw.when(is_open.fill_null(False)).then(1).otherwise(0)
    summed = moved.with_columns(cell=state).group_by("center_code", "cell", "cohort_week", "week")
    sums = {name: nw.col(name).sum().cast(nw.Int64) for name in ("cash_centimes", "gone_centimes")}
    return summed.agg(payment_count=nw.len().cast(nw.Int64), **sums)


@table_function
def _received(flows: Table) -> Table:
    summed = flows.group_by("cell", "cohort_week", "week")
    return summed.agg(payment_count=nw.col("payment_count").sum(), cash_centimes=nw.col("cash_centimes").sum(), gone_centimes=nw.col("gone_centimes").sum())  # fmt: skip


@table_function
def _paid(flows: Table, end: int) -> Table:
    return (
        flows.filter(nw.col("week") < end)
        .with_columns(cell=nw.col("cell") // 2 * 2)
        .group_by("center_code", "cell")
        .agg(payment_count=nw.col("payment_count").sum())
    )


@table_function
def _entries(bills: Table) -> Table:
    keys = ["cell", "cohort_week", "week"]
    issued = bills.select("cell", "cohort_week", amount_centimes="billed_centimes", week="cohort_week")
    opened = bills.filter(~nw.col("opened_week").is_null()).select(
        "cohort_week", "opened_week", "closed_week", "left_week", "cell", amount_centimes=nw.lit(0).cast(nw.Int64)
    )
    closed = opened.filter(
        ~nw.col("closed_week").is_null(), nw.col("left_week").is_null() | (nw.col("left_week") > nw.col("closed_week"))
    )
    states = [
        opened.select(cell=nw.col("cell") + 1, cohort_week="cohort_week", amount_centimes="amount_centimes", week=nw.col("opened_week") + 1),
        closed.select("cell", "cohort_week", "amount_centimes", week=nw.col("closed_week") + 1),
    ]  # fmt: skip
    rows = [each.select(*keys, "amount_centimes") for each in (issued, *states)]
    return nw.concat(rows, how="vertical").group_by(*keys).agg(invoice_count=nw.len(), amount_centimes=nw.col("amount_centimes").sum())  # fmt: skip


@table_function
def _exits(bills: Table) -> Table:
    keys = ["cell", "cohort_week", "week", "exit_code"]
    left, opened, closed = (nw.col(name) for name in ("left_week", "opened_week", "closed_week"))
    is_disputed = ((left > opened) & (closed.is_null() | (left <= closed))).fill_null(False)
    gone = bills.filter(~left.is_null()).select(
        "cohort_week", "exit_code", "no_cash_centimes", cell=nw.col("cell") + nw.when(is_disputed).then(1).otherwise(0), week=left
    )  # fmt: skip
    spells = bills.filter(~opened.is_null())
    nothing = nw.lit(0).cast(nw.Int64)
    began = spells.select("cohort_week", "cell", week=opened, exit_code=nw.lit("disputed"), no_cash_centimes=nothing)
    over = spells.filter(~closed.is_null(), left.is_null() | (left > closed)).select(
        "cohort_week", cell=nw.col("cell") + 1, week=closed, exit_code=nw.lit("settled_dispute"), no_cash_centimes=nothing
    )  # fmt: skip
    rows = [each.select(*keys, "no_cash_centimes") for each in (gone, began, over)]
    return nw.concat(rows, how="vertical").group_by(*keys).agg(invoice_count=nw.len(), gone_centimes=nw.col("no_cash_centimes").sum())  # fmt: skip


@table_function
def _book(bills: Table) -> Table:
    still = bills.filter(nw.col("left_week").is_null())
    is_open = (~nw.col("opened_week").is_null()) & nw.col("closed_week").is_null()
    rest = nw.col("outstanding_centimes")
    size = nw.min_horizontal(rest // 100, nw.lit(_LARGEST))
    rows = still.with_columns(cell=nw.col("cell") + nw.when(is_open).then(1).otherwise(0), square_sum=size * size)
    summed = rows.group_by("center_code", "cell", "cohort_week")
    return summed.agg(invoice_count=nw.len(), outstanding_centimes=rest.sum(), square_sum=nw.col("square_sum").sum())


@table_function
def _ages(bills: Table, end: int) -> Table:
    last = nw.min_horizontal(nw.col("left_week").fill_null(end), nw.lit(end))
    rows = bills.with_columns(age_weeks=last - nw.col("cohort_week")).filter(nw.col("age_weeks") >= 0)
    return rows.group_by("center_code", "cell", "age_weeks").agg(invoice_count=nw.len())


@table_function
def _told(bills: Table) -> Table:
    return bills.select(leaks=nw.col("is_leak").sum())


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    texts = ("center_code", "exit_code")
    keys = [name for name in table.columns if not name.endswith(("_count", "_centimes", "_sum"))]
    typed = table.astype({name: "int64" for name in table.columns if name not in texts})
    return typed.sort_values(keys, ignore_index=True)


def _cells(keys: pd.DataFrame, places: int) -> pd.DataFrame:
    """What each number of a cell says."""
    number = np.arange(places)
    amount, behaviour, dispute = _DIGITS
    per_class = amount * behaviour * dispute
    kinds = keys.iloc[number // (CENTER_CLASSES * per_class)].reset_index(drop=True)
    return kinds.assign(
        center_class=number // per_class % CENTER_CLASSES,
        amount_class=number // (behaviour * dispute) % amount,
        behaviour_class=number // dispute % behaviour,
        is_disputed=number % dispute == 1,
    )
