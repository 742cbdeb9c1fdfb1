"""A row a bill, as exposure tables need it, in the engine: where it stands, when it left and how, what its customer had done before."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import narwhals as nw

from workbench.frames import table_function
from workbench.recovery.receipt_lags import CELL
from workbench.schemas.columns import NO_CASH_CHANNELS

Table = nw.LazyFrame[Any]
LIMIT_DAYS = 56  # a bill paid within them was paid in time
ROUNDS_BACK, ROUNDS = 4, 6  # past behaviour: the bills of a customer four to nine rounds back
PROMPT_SHARE = 2 / 3
_KEPT = ("invoice_id", "center_code", "base", "cohort_week", "left_week", "opened_week", "closed_week", "exit_code", "is_prompt", "is_leak",
         "billed_centimes", "no_cash_centimes", "outstanding_centimes")  # fmt: skip


@table_function
def held_receipts(allocations: Table, payments: Table | None = None, *, as_of: date) -> Table:
    """Allocations dated up to `as_of` of payments that had not bounced by then: `invoice_id`, `allocation_date`, `cash_centimes`, `gone_centimes`."""
    amount, nothing = nw.col("amount_centimes"), nw.lit(0).cast(nw.Int64)
    rows = allocations.filter(nw.col("allocation_date") <= as_of)
    if payments is None:
        return rows.select("invoice_id", "allocation_date", cash_centimes=amount, gone_centimes=nothing)
    known = payments.select("payment_id", "channel_code", "bounced_date")
    rows = rows.select("payment_id", "invoice_id", "allocation_date", "amount_centimes").join(
        known, on="payment_id", how="left"
    )
    rows = rows.filter(nw.col("bounced_date").is_null() | (nw.col("bounced_date") > as_of))
    is_cash = ~nw.col("channel_code").fill_null("").is_in(NO_CASH_CHANNELS)
    cash = nw.when(is_cash).then(amount).otherwise(nothing)
    gone = nw.when(is_cash).then(nothing).otherwise(amount)
    return rows.select("invoice_id", "allocation_date", cash_centimes=cash, gone_centimes=gone)


@table_function
def exposed_bills(
    invoices: Table,
    allocations: Table,
    payments: Table | None,
    credit_notes: Table | None,
    write_offs: Table | None,
    disputes: Table | None,
    handed_over: Table | None,
    calendar: Table,
    kinds: Table,
    amount_edges: Sequence[int],
    *,
    as_of: date,
) -> Table:
    """Bills issued by `as_of` as they stood that evening, weeks from `calendar`, kinds from `kinds` (`CELL`, `kind`).

    `base` is (kind × 3 + class of amount) × 3 + past behaviour. `left_week` is null while a bill is open; a dispute is from `opened_week` to
    `closed_week` (null: still open), both null where it changed nothing.
    """
    bills = _issued(invoices, as_of)
    receipts = held_receipts(allocations, payments, as_of=as_of, lazy=True)
    bills = bills.join(_paid(nw.from_native(receipts)), on="invoice_id", how="left")
    bills = _with(bills, credit_notes, "credit_date", "amount_ttc_centimes", "credited", as_of)
    bills = _with(bills, write_offs, "write_off_date", "amount_centimes", "written_off", as_of)
    bills = _with_left(_with_handed(bills, handed_over, as_of))
    weeks = calendar.select(issue_date="event_date", cohort_week="week", limit_date="limit_date")
    bills = bills.join(weeks, on="issue_date", how="inner")
    bills = _with_behaviour(bills)
    bills = bills.join(kinds, on=list(CELL), how="inner").with_columns(base=_base(amount_edges))
    bills = bills.join(calendar.select(left_date="event_date", left_week="week"), on="left_date", how="left")
    return _with_disputes(bills, disputes, calendar, as_of).select(*_KEPT)


def _issued(invoices: Table, as_of: date) -> Table:
    """Bills of more than nothing; the rest of a bill is of its bill's day."""
    names = ["invoice_id", "customer_code", "issue_date"]
    cancelled = nw.when(nw.col("cancelled_date") <= as_of).then(nw.col("cancelled_date")).alias("cancelled_date")
    described = [cancelled, nw.col("center_code").fill_null(""), *(nw.col(name).fill_null("") for name in CELL)]
    billed = nw.col("amount_ttc_centimes").alias("billed_centimes")
    there = invoices.filter(nw.col("issue_date") <= as_of, nw.col("amount_ttc_centimes") > 0)
    whole = there.filter(nw.col("source_invoice_id").is_null()).select(*names, *described, billed)
    sources = invoices.select(source_invoice_id="invoice_id", source_date="issue_date")
    rests = there.filter(~nw.col("source_invoice_id").is_null()).join(sources, on="source_invoice_id", how="left")
    since = nw.min_horizontal(nw.col("source_date").fill_null(nw.col("issue_date")), nw.col("issue_date"))
    rests = rests.with_columns(issue_date=since).select(*names, *described, billed)
    return nw.concat([whole, rests], how="vertical")


def _paid(receipts: Table) -> Table:
    names = ("cash_centimes", "gone_centimes")
    return receipts.group_by("invoice_id").agg(nw.col(*names).sum().cast(nw.Int64), paid_date=nw.col("allocation_date").max())  # fmt: skip


def _with(bills: Table, events: Table | None, dated: str, amount: str, name: str, as_of: date) -> Table:
    sums, last = f"{name}_centimes", f"{name}_date"
    if events is None:
        return bills.with_columns(**{sums: nw.lit(0).cast(nw.Int64), last: nw.lit(None).cast(nw.Date())})
    known = events.filter(nw.col(dated) <= as_of, ~nw.col("invoice_id").is_null())
    told = known.group_by("invoice_id").agg(**{sums: nw.col(amount).sum().cast(nw.Int64), last: nw.col(dated).max()})
    return bills.join(told, on="invoice_id", how="left").with_columns(**{sums: nw.col(sums).fill_null(0)})


def _with_handed(bills: Table, handed_over: Table | None, as_of: date) -> Table:
    if handed_over is None:
        return bills.with_columns(handed_over_date=nw.lit(None).cast(nw.Date()))
    known = handed_over.filter(nw.col("handed_over_date") <= as_of).group_by("invoice_id")
    return bills.join(known.agg(handed_over_date=nw.col("handed_over_date").min()), on="invoice_id", how="left")


def _with_left(bills: Table) -> Table:
    """When a bill left and how: the last event of those that left nothing of it, or the day it was handed over, if earlier."""
    cash, gone = nw.col("cash_centimes").fill_null(0), nw.col("gone_centimes").fill_null(0)
    is_cancelled = ~nw.col("cancelled_date").is_null()
    otherwise = nw.col("credited_centimes") + nw.col("written_off_centimes")
    rest = nw.when(is_cancelled).then(0).otherwise(nw.col("billed_centimes") - cash - gone - otherwise)
    credited = nw.max_horizontal("credited_date", "cancelled_date")
    bills = bills.with_columns(outstanding_centimes=rest, credited_date=credited)
    last = nw.max_horizontal("paid_date", "credited_date", "written_off_date", "issue_date")
    settled = nw.when(nw.col("outstanding_centimes") <= 0).then(last)
    bills = bills.with_columns(settled_date=settled)
    handed, done = nw.col("handed_over_date"), nw.col("settled_date")
    is_handed = ~handed.is_null() & (done.is_null() | (handed < done))
    kind = (
        nw.when(is_handed).then(nw.lit("handed_over"))
        .when(done == nw.col("written_off_date")).then(nw.lit("written_off"))
        .when(done == nw.col("credited_date")).then(nw.lit("credited"))
        .otherwise(nw.lit("paid"))
    )  # fmt: skip
    left = nw.when(is_handed).then(nw.max_horizontal("handed_over_date", "issue_date")).otherwise(done)
    # Without cash the whole of what left is no cash; stamps are told with the receipts.
    lost = nw.when(left.is_null()).then(0).otherwise(nw.col("billed_centimes") - cash - gone)
    return bills.with_columns(left_date=left, exit_code=kind, no_cash_centimes=lost.cast(nw.Int64))


def _with_behaviour(bills: Table) -> Table:
    """Past behaviour known on the day of issue: bills of earlier rounds paid in time, all older than the limit on that day."""
    in_time = (nw.col("exit_code") == "paid") & (nw.col("left_date") <= nw.col("limit_date"))
    bills = bills.with_columns(is_prompt=nw.when(in_time.fill_null(False)).then(1).otherwise(0))
    order = ["issue_date", "invoice_id"]
    back = {name: nw.col(of).shift(ROUNDS_BACK).over("customer_code", order_by=order) for name, of in (("then", "is_prompt"), ("then_date", "limit_date"))}  # fmt: skip
    bills = bills.with_columns(**back)
    share = nw.col("then").rolling_mean(ROUNDS, min_samples=1).over("customer_code", order_by=order)
    is_leak = (nw.col("then_date") >= nw.col("issue_date")).fill_null(False)
    return bills.with_columns(prompt_share=nw.when(~is_leak).then(share), is_leak=nw.when(is_leak).then(1).otherwise(0))


def _base(edges: Sequence[int]) -> nw.Expr:
    amount, share = nw.col("billed_centimes"), nw.col("prompt_share")
    size = nw.when(amount < edges[0]).then(0).when(amount < edges[1]).then(1).otherwise(2)
    habit = nw.when(share.is_null()).then(0).when(share > PROMPT_SHARE - 1e-9).then(1).otherwise(2)
    return (nw.col("kind") * 3 + size) * 3 + habit


def _with_disputes(bills: Table, disputes: Table | None, calendar: Table, as_of: date) -> Table:
    """From the first dispute's opening to the last one's end; one opened and over, or the bill settled, within a week changed nothing."""
    nothing = nw.lit(None).cast(nw.Int64)
    if disputes is None:
        return bills.with_columns(opened_week=nothing, closed_week=nothing)
    told = nw.when(nw.col("closed_date") <= as_of).then(nw.col("closed_date"))
    known = disputes.filter(nw.col("opened_date") <= as_of).with_columns(closed_date=told)
    spells = known.group_by("invoice_id").agg(
        opened_date=nw.col("opened_date").min(), closed_date=nw.col("closed_date").max(), open_count=nw.col("closed_date").is_null().sum()
    )  # fmt: skip
    spells = spells.with_columns(closed_date=nw.when(nw.col("open_count") == 0).then(nw.col("closed_date")))
    for name in ("opened", "closed"):
        spells = spells.join(
            calendar.select(**{f"{name}_date": "event_date", f"{name}_week": "week"}), on=f"{name}_date", how="left"
        )
    bills = bills.join(spells.select("invoice_id", "opened_week", "closed_week"), on="invoice_id", how="left")
    opened, closed, left = nw.col("opened_week"), nw.col("closed_week"), nw.col("left_week")
    began = nw.max_horizontal("opened_week", "cohort_week")
    counts = (~opened.is_null()) & (left.is_null() | (left > began)) & (closed.is_null() | (closed > began))
    return bills.with_columns(opened_week=nw.when(counts).then(began), closed_week=nw.when(counts).then(closed))
