"""What is wrong with the receipts and bills that triangles are made of, told as problems; nothing is mended in silence."""

from datetime import date
from typing import Any

import pandas as pd

from workbench.schemas.checking import Problem

CASH = "collected_centimes"


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
    for key, rows in vintages.groupby(keys, dropna=False, sort=True):
        found += _of_vintages(_key_text(key), rows, step)
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


def _of_vintages(key: str, rows: pd.DataFrame, step: int) -> list[Problem]:
    months = rows["vintage_date"].dt.year * 12 + rows["vintage_date"].dt.month - 1
    missing = sorted(set(range(int(months.min()), int(months.max()) + 1, step)) - set(months))
    holes = [f"{month // 12}-{month % 12 + 1:02d}-01" for month in missing]
    nothing = rows[rows["billed_centimes"] <= 0]
    beyond = rows[(rows[CASH] > rows["billed_centimes"]) & (rows["billed_centimes"] > 0)]
    told = [
        ("triangle_hole", holes),
        ("triangle_billed_nothing", [_day(row) for _, row in nothing.iterrows()]),
        ("triangle_overpaid", [_day(row) for _, row in beyond.iterrows()]),
    ]
    return [
        Problem(code, "warning", {"key": key, "count": len(days), "first": days[0]}, None, None, "invoices", "issue_date", key)
        for code, days in told
        if days
    ]  # fmt: skip


def _key_text(key: Any) -> str:
    return " / ".join("–" if pd.isna(part) else str(part) for part in key)


def _day(row: Any) -> str:
    return str(row["vintage_date"].date().isoformat())


def _amount(centimes: Any) -> str:
    value = int(centimes)
    return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}"
