"""What is owed to suppliers on a date, and who has waited for how long: from the lists that SAP prints (FBL1N)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from workbench.frames import to_pandas

_LIST = "extract_scope_code"
_AMOUNTS = ["overdue_centimes", "blocked_centimes"]


def open_supplier_items(
    suppliers_due: Any, as_of: date, lists_cover: Sequence[str] = ("company_code",)
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Items posted by `as_of` and open on it; and those that no list can call open or settled.

    Parameters
    ----------
    suppliers_due
        As in the store. An item is known from its posting date (else its document date, else always).
    lists_cover
        What an open-items list holds whole: an item that a later list of the same group, printed by `as_of`, leaves out was cleared.

    Returns
    -------
    Two tables with the columns of `suppliers_due`. The second holds items of lists without their clearings (scope `postings`): they may
    be paid already, so they are in no plan.
    """
    items = to_pandas(suppliers_due)
    day = pd.Timestamp(as_of)
    posted = pd.to_datetime(items["posting_date"]).fillna(pd.to_datetime(items["document_date"]))
    cleared = pd.to_datetime(items["clearing_date"])
    known = items[~(posted > day) & ~(cleared <= day)]
    untold = known[_LIST] == "postings"
    gone = _left_out_since(known, items, day, lists_cover)
    order = ["company_code", "fiscal_year", "document_number", "document_line"]
    return (
        known[~untold & ~gone].sort_values(order, ignore_index=True),
        known[untold].sort_values(order, ignore_index=True),
    )


def _left_out_since(known: pd.DataFrame, items: pd.DataFrame, day: pd.Timestamp, cover: Sequence[str]) -> pd.Series:
    """Items of an open-items list that a later one, printed by the day, no longer holds."""
    printed, is_open = pd.to_datetime(items["extract_date"]), items[_LIST] == "open_items"
    lists = items[is_open & (printed <= day)].assign(printed=printed)
    newest = lists.groupby(list(cover))["printed"].max().rename("newest").reset_index()
    after = known[list(cover)].merge(newest, on=list(cover), how="left")["newest"].set_axis(known.index)
    return (known[_LIST] == "open_items") & (pd.to_datetime(known["extract_date"]) < after)


def overdue_suppliers(suppliers_due: Any, as_of: date, lists_cover: Sequence[str] = ("company_code",)) -> pd.DataFrame:
    """Suppliers owed something whose due date has passed on `as_of`, the longest waiting first.

    Returns a row a supplier and currency: `supplier_code`, `supplier_name`, `currency_code`, `item_count`, `overdue_centimes` (free to be
    paid) and `blocked_centimes` (SAP payment block), both negative as what is owed, `oldest_days` (calendar days since the oldest due
    date). Credits of a supplier that are due lower what it is owed. An item without a due date is not overdue.
    """
    items, _ = open_supplier_items(suppliers_due, as_of, lists_cover)
    due = pd.to_datetime(items["due_date"])
    late = items.assign(oldest_days=(pd.Timestamp(as_of) - due).dt.days.astype("Int64"))[due <= pd.Timestamp(as_of)]
    blocked = is_blocked(late)
    late = late.assign(
        item_count=1,
        overdue_centimes=late["amount_centimes"].where(~blocked, 0),
        blocked_centimes=late["amount_centimes"].where(blocked, 0),
    )
    grouped = late.groupby(["supplier_code", "currency_code"], dropna=False)
    found = grouped.agg(
        supplier_name=("supplier_name", "first"),
        item_count=("item_count", "sum"),
        overdue_centimes=("overdue_centimes", "sum"),
        blocked_centimes=("blocked_centimes", "sum"),
        oldest_days=("oldest_days", "max"),
    ).reset_index()
    found = found.astype(dict.fromkeys(["item_count", *_AMOUNTS, "oldest_days"], "Int64"))
    columns = ["supplier_code", "supplier_name", "currency_code", "item_count", *_AMOUNTS, "oldest_days"]
    found = found.sort_values(["oldest_days", "supplier_code"], ascending=[False, True], ignore_index=True)
    return found[columns]


def is_blocked(items: pd.DataFrame) -> pd.Series:
    """Whether SAP holds an item back from payment."""
    return items["payment_block_code"].astype("str").str.strip().fillna("") != ""
