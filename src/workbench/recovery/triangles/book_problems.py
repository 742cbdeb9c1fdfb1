"""What is wrong with the receipts and bills that triangles are made of, told as problems; nothing is mended in silence."""

from datetime import date
from typing import Any

import pandas as pd

from workbench.schemas.checking import Problem

CASH = "collected_centimes"
_MARKS = {"triangle_hole": "is_hole", "triangle_billed_nothing": "is_nothing", "triangle_overpaid": "is_beyond"}


def before_first_bill(as_of: date, first: Any) -> tuple[Problem, ...]:
    """The problem of an office that had billed nothing by `as_of`; `first` is the day of its first bill, or missing."""
    if pd.isna(first):
        return (Problem("triangle_without_bills", "warning", {"as_of": as_of.isoformat()}, table_name="invoices"),)
    values = {"as_of": as_of.isoformat(), "first": pd.Timestamp(first).date().isoformat()}
    return (Problem("triangle_before_first_bill", "warning", values, None, None, "invoices", "issue_date"),)


def book_problems(
    cells: pd.DataFrame, vintages: pd.DataFrame, left_out: pd.DataFrame, keys: list[str], step: int
) -> tuple[Problem, ...]:
    """Problems of the tables of a `TriangleBook`, one a kind and group: holes, vintages billed nothing or paid beyond what they were billed,
    cells below zero, receipts in no cell. `step`: months of a vintage."""
    found = [_of_left_out(row) for row in left_out.to_dict("records")]
    marked = vintages.assign(
        is_hole=_is_after_hole(vintages, keys, step),
        is_nothing=vintages["billed_centimes"] <= 0,
        is_beyond=(vintages[CASH] > vintages["billed_centimes"]) & (vintages["billed_centimes"] > 0),
    )
    for code, mark in _MARKS.items():
        for key, rows in marked[marked[mark]].groupby(keys, dropna=False, sort=True):
            told, first = _key_text(key), rows["vintage_date"].min()
            values = {"key": told, "count": len(rows), "first": first.date().isoformat()}
            found.append(Problem(code, "warning", values, None, None, "invoices", "issue_date", told))
    below = cells[cells["is_complete"] & (cells[CASH] < 0)]
    for key, rows in below.groupby(keys, dropna=False, sort=True):
        told, worst = _key_text(key), rows.sort_values(CASH, kind="stable").iloc[0]
        values = {"key": told, "count": len(rows), "vintage": _day(worst), "age": int(worst["age"])}
        values["amount"] = _amount(worst[CASH])
        place = ("allocations", "amount_centimes", told)
        found.append(Problem("triangle_cell_negative", "warning", values, None, None, *place))
    return tuple(found)


def _of_left_out(row: dict[Any, Any]) -> Problem:
    code = f"triangle_{row['reason_code']}"
    values = {
        "count": int(row["allocation_count"]),
        "amount": _amount(row[CASH]),
        "currency": str(row["currency_code"]),
    }
    return Problem(code, "warning", values, None, None, "allocations", "invoice_id", str(row["currency_code"]))


def _is_after_hole(vintages: pd.DataFrame, keys: list[str], step: int) -> pd.Series:
    """Whether the vintage just before is missing, although an older one is there."""
    ordered = vintages.sort_values([*keys, "vintage_date"])
    months = ordered["vintage_date"].dt.year * 12 + ordered["vintage_date"].dt.month
    gap = months.groupby([ordered[key] for key in keys], dropna=False).diff()
    found: pd.Series = (gap > step).reindex(vintages.index)
    return found


def _key_text(key: Any) -> str:
    return " / ".join("–" if pd.isna(part) else str(part) for part in key)


def _day(row: Any) -> str:
    return str(row["vintage_date"].date().isoformat())


def _amount(centimes: Any) -> str:
    value = int(centimes)
    return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}"
