"""Collection rates: taux exercice, arriérés and global, cash only, with one definition (docs/methods/collection_rates.md).

Stamps, compensations, credit notes and write-offs are columns of their own, never receipts.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import narwhals as nw

from workbench.errors import WrongUse
from workbench.frames import table_function
from workbench.recovery.balances import EVENTS, balances_on, on_day
from workbench.recovery.groups import group_keys
from workbench.recovery.without_tax import before_tax

Table = nw.LazyFrame[Any]


@table_function
def movements(
    invoices: Table,
    allocations: Table,
    payments: Table | None = None,
    credit_notes: Table | None = None,
    write_offs: Table | None = None,
    *,
    opening: date | str,
    as_of: date | str,
) -> Table:
    """What happened to every item between the evening of `opening` and that of `as_of`.

    Returns
    -------
    One row an item: its descriptors, `opening_centimes`, `billed_centimes`, `cancelled_centimes`, `EVENTS`, `no_cash_centimes`
    (stamps and compensations together), `closing_centimes` (opening + billed − cancelled − events = closing), `was_issued_before` (by `opening`; the rest of an old bill is old) and `is_cancelled` (by `as_of`). A payment that bounced in the
    period is a negative receipt of the period.
    """
    if on_day(opening) > on_day(as_of):
        raise WrongUse(f"the opening {opening} is after {as_of}", "opening")
    days = {"": on_day(as_of), "before_": on_day(opening)}
    items = balances_on(invoices, allocations, payments, credit_notes, write_offs, days)
    return items.select(
        "invoice_id", "customer_code", "center_code", "segment_code", "issue_date", "due_date", "currency_code",
        "amount_ht_centimes", **moved_between("before_", "", on_day(opening)),
    )  # fmt: skip


def moved_between(before: str, until: str, opening: date, mark: str = "") -> dict[str, nw.Expr]:
    """The columns of `movements` from two days of `balances_on`, by the prefixes of their columns; names begin with `mark`."""
    names = [f"{name}_centimes" for name in ("billed", "cancelled", *EVENTS, "no_cash")]
    columns = {
        "amount_ttc_centimes": nw.col(f"{until}billed_centimes"),
        "opening_centimes": nw.col(f"{before}outstanding_centimes"),
        **{name: nw.col(f"{until}{name}") - nw.col(f"{before}{name}") for name in names},
        "closing_centimes": nw.col(f"{until}outstanding_centimes"),
        "was_issued_before": nw.col("issue_date") <= opening,
        "is_cancelled": nw.col(f"{until}cancelled_centimes") != 0,
    }
    return {f"{mark}{name}": value for name, value in columns.items()}


@table_function
def roll_forward(moved: Table, by: str | Sequence[str] = ("segment_code",)) -> Table:
    """Opening, each movement and closing, by currency and group, from `movements`; the identity holds in every row."""
    keys = group_keys(by, moved)
    names = ["opening_centimes", *[f"{n}_centimes" for n in ("billed", "cancelled", *EVENTS)], "closing_centimes"]
    return moved.group_by(*keys).agg(nw.col(*names).sum()).with_columns(nw.col(*names).cast(nw.Int64)).sort(*keys)


@table_function
def collection_rates(
    moved: Table,
    as_of: date | str,
    by: str | Sequence[str] = ("segment_code",),
    basis: str = "ttc",
    due_only: bool = False,
) -> Table:
    """The three rates by currency and group, from `movements` between the 31 December before and `as_of`.

    exercice = receipts on the year's bills ÷ (those bills − credit notes on them); arriérés = receipts on older bills ÷ (their
    rest at the opening − credits on it), an older bill never below zero: what one customer paid too much settles no debt of another; global = both numerators ÷ both denominators. A cancelled bill leaves both: what was paid on it is owed back, and collects no other.
    `basis="ht"` takes every amount × HT ÷ TTC of its own bill, rounded once a bill, half away from zero; a bill without HT,
    or with an HT beyond its TTC, counts in full; where no bill says its HT there is no such rate. `due_only` keeps what was due by `as_of` (sur échu); a bill without a due date is not in it. Credits on no bill are no debt: they are left out.

    Returns
    -------
    `currency_code`, `by`, `current_base_centimes`, `current_collected_centimes`, `arrears_base_centimes`, `arrears_collected_centimes`,
    `no_cash_centimes` (stamps and compensations), `current_rate`, `arrears_rate`, `global_rate`, `with_no_cash_rate` (0 to 1;
    null where nothing was to be collected).
    """
    if basis not in ("ttc", "ht"):
        raise WrongUse(f"basis is ttc or ht, not {basis!r}", "basis")
    keys = group_keys(by, moved)
    kept = moved.filter(nw.col("amount_ttc_centimes") != 0, ~nw.col("is_cancelled"))
    if due_only:
        kept = kept.filter(nw.col("due_date") <= on_day(as_of))
    base = (
        nw.col("opening_centimes")
        + nw.col("billed_centimes")
        - nw.col("cancelled_centimes")
        - nw.col("credited_centimes")
    )
    told = nw.when(~nw.col("amount_ht_centimes").is_null()).then(1).otherwise(0)
    kept = kept.with_columns(base_centimes=base, told_count=told if basis == "ht" else nw.lit(1))
    parts = ("base_centimes", "collected_centimes", "no_cash_centimes")
    if basis == "ht":
        kept = kept.with_columns(*[before_tax(name) for name in parts])
    old = nw.col("was_issued_before")
    split = kept.select(
        *keys,
        "no_cash_centimes",
        "told_count",
        current_base_centimes=nw.when(~old).then(nw.col("base_centimes")).otherwise(0),
        current_collected_centimes=nw.when(~old).then(nw.col("collected_centimes")).otherwise(0),
        arrears_base_centimes=nw.when(old & (nw.col("base_centimes") > 0)).then(nw.col("base_centimes")).otherwise(0),
        arrears_collected_centimes=nw.when(old).then(nw.col("collected_centimes")).otherwise(0),
    )
    names = [
        "current_base_centimes",
        "current_collected_centimes",
        "arrears_base_centimes",
        "arrears_collected_centimes",
        "no_cash_centimes",
        "told_count",
    ]
    summed = split.group_by(*keys).agg(nw.col(*names).sum()).with_columns(nw.col(*names).cast(nw.Int64))
    cash = nw.col("current_collected_centimes") + nw.col("arrears_collected_centimes")
    owed = nw.col("current_base_centimes") + nw.col("arrears_base_centimes")
    return (
        summed.with_columns(
            current_rate=_ratio(nw.col("current_collected_centimes"), nw.col("current_base_centimes")),
            arrears_rate=_ratio(nw.col("arrears_collected_centimes"), nw.col("arrears_base_centimes")),
            global_rate=_ratio(cash, owed),
            with_no_cash_rate=_ratio(cash + nw.col("no_cash_centimes"), owed),
        )
        .drop("told_count")
        .sort(*keys)
    )


def _ratio(part: nw.Expr, whole: nw.Expr) -> nw.Expr:
    return nw.when((whole > 0) & (nw.col("told_count") > 0)).then(part.cast(nw.Float64) / whole.cast(nw.Float64))
