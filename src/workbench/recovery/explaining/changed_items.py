"""What became overdue, was cured or got worse between two dates, item by item, so that the overdue of one leads to that of the other."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import narwhals as nw

from workbench.errors import WrongUse
from workbench.frames import table_function
from workbench.recovery.ageing import UPPER_BOUNDS, age_bucket
from workbench.recovery.balances import balances_on, on_day
from workbench.recovery.groups import group_keys

CHANGES = ("new", "worsened", "larger", "unchanged", "reduced", "cured", "credited", "written_off")
_SHOWN = ("invoice_id", "customer_code", "center_code", "segment_code", "issue_date", "due_date", "currency_code")
Table = nw.LazyFrame[Any]


@table_function(order=("invoice_id",))
def changed_items(
    invoices: Table,
    allocations: Table,
    payments: Table | None = None,
    credit_notes: Table | None = None,
    write_offs: Table | None = None,
    *,
    opening: date | str,
    as_of: date | str,
) -> Table:
    """Every item overdue on the evening of `opening` or of `as_of`, and what happened to it in between.

    Overdue: more than nil is owed and its due date has passed (without one: always). Raises `WrongUse` where `opening` is after `as_of`.

    Returns
    -------
    Descriptors; `before_centimes` and `after_centimes`, overdue on each day (nil where it was not); `before_bucket` and `after_bucket`, as in `ageing`; `change_code`:
    `new` (overdue now alone); of those that no longer are: `written_off` where anything of it was, `credited` where credits or a cancellation took more of it than receipts, else `cured`; of those
    that still are: `worsened` (in an older bucket), else `larger`, `reduced` or `unchanged` by what is owed. Σ after − Σ before over all is the change of the overdue.
    """
    first, last = on_day(opening), on_day(as_of)
    if first > last:
        raise WrongUse(f"the opening {opening} is after {as_of}", "opening")
    days = {"": last, "before_": first}
    items = balances_on(invoices, allocations, payments, credit_notes, write_offs, days)
    amounts = {}
    for name, mark, day in (("before_centimes", "before_", first), ("after_centimes", "", last)):
        owed = nw.col(f"{mark}outstanding_centimes")
        is_due = (owed > 0) & (nw.col("due_date").is_null() | (nw.col("due_date") < day))
        amounts[name] = nw.when(is_due).then(owed).otherwise(0).cast(nw.Int64)
    buckets = {
        "before_bucket": age_bucket(nw.col("due_date"), first, UPPER_BOUNDS),
        "after_bucket": age_bucket(nw.col("due_date"), last, UPPER_BOUNDS),
        "lost": nw.col("written_off_centimes") - nw.col("before_written_off_centimes"),
        "credited": _between("credited") + _between("cancelled"),
        "paid": _between("collected") + _between("no_cash"),
    }
    known = items.select(*_SHOWN, **amounts, **buckets)
    overdue = known.filter((nw.col("before_centimes") > 0) | (nw.col("after_centimes") > 0))
    return overdue.with_columns(change_code=_change()).drop("lost", "credited", "paid")


def _between(name: str) -> nw.Expr:
    return nw.col(f"{name}_centimes") - nw.col(f"before_{name}_centimes")


def _change() -> nw.Expr:
    before, after = nw.col("before_centimes"), nw.col("after_centimes")
    rules = (
        ("unchanged", after == before),
        ("reduced", after < before),
        ("larger", after > before),
        ("worsened", nw.col("after_bucket") > nw.col("before_bucket")),
        ("cured", after == 0),
        ("credited", (after == 0) & (nw.col("credited") > nw.col("paid"))),
        ("written_off", (after == 0) & (nw.col("lost") > 0)),
        ("new", before == 0),
    )
    code: nw.Expr = nw.lit("unchanged")
    for name, holds in rules:  # the last that holds decides
        code = nw.when(holds).then(nw.lit(name)).otherwise(code)
    return code


@table_function
def changes_by(changed: Table, by: str | Sequence[str] = ("segment_code",)) -> Table:
    """`changed_items` by currency, group and `change_code`: `item_count`, `before_centimes`, `after_centimes`, `change_centimes` (after − before)."""
    keys = [*group_keys(by, changed), "change_code"]
    names = ("before_centimes", "after_centimes")
    summed = changed.group_by(*keys).agg(nw.col(*names).sum(), item_count=nw.len())
    whole = summed.with_columns(nw.col(*names, "item_count").cast(nw.Int64))
    return whole.with_columns(change_centimes=nw.col("after_centimes") - nw.col("before_centimes")).sort(*keys)
