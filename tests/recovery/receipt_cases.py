"""The worked case of docs/methods/cohort_receipts.md as tables, and a cut of any books: only what was known on an evening."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from tests.recovery.books import typed

CASE: dict[str, Any] = tomllib.loads((Path(__file__).parents[1] / "cases" / "cohort_receipts.toml").read_text())
AS_OF, UNTIL = date.fromisoformat(CASE["as_of"]), date.fromisoformat(CASE["until"])
UNITS = typed(
    [
        {"unit_code": "A1", "unit_level_code": "agency", "parent_unit_code": "D1", "valid_from_date": "2020-01-01"},
        {"unit_code": "0101", "unit_level_code": "center", "parent_unit_code": "A1", "valid_from_date": "2020-01-01"},
    ],
    "unit_code unit_level_code parent_unit_code valid_from_date valid_to_date",
)
CUSTOMERS = typed(
    [{"customer_code": "C1", "segment_code": "household", "valid_from_date": "2020-01-01"}],
    "customer_code segment_code valid_from_date valid_to_date",
)


def case_tables() -> dict[str, pd.DataFrame]:
    bill = {"customer_code": "C1", "center_code": "0101", "segment_code": "household", "service_code": "water"}
    bills = [
        bill | {"invoice_id": row["id"], "issue_date": row["issued"], "amount_ttc_centimes": row["amount"] * 100, "currency_code": "MAD"}
        for row in CASE["bills"]
    ]  # fmt: skip
    paid = [(row["id"], day, amount * 100) for row in CASE["bills"] for day, amount in row["receipts"]]
    payments = [
        {"payment_id": f"P{n}", "customer_code": "C1", "center_code": "0101", "receipt_date": day, "channel_code": "cash", "amount_centimes": amount, "currency_code": "MAD"}
        for n, (_, day, amount) in enumerate(paid)
    ]  # fmt: skip
    allocations = [
        {"allocation_id": f"A{n}", "payment_id": f"P{n}", "invoice_id": bill_id, "allocation_date": day, "amount_centimes": amount, "currency_code": "MAD"}
        for n, (bill_id, day, amount) in enumerate(paid)
    ]  # fmt: skip
    return {
        "invoices": typed(bills, "invoice_id customer_code center_code segment_code service_code issue_date due_date amount_ttc_centimes currency_code source_invoice_id cancelled_date"),
        "allocations": typed(allocations, "allocation_id payment_id invoice_id allocation_date amount_centimes currency_code"),
        "payments": typed(payments, "payment_id customer_code center_code receipt_date channel_code amount_centimes currency_code bounced_date"),
        "customers": CUSTOMERS,
    }  # fmt: skip


def known_on(tables: tuple[pd.DataFrame, ...], day: date) -> tuple[pd.DataFrame, ...]:
    """Invoices, allocations, payments, credit notes and write-offs as they stood on the evening of a day.

    A payment dated after its allocation is known with it: its channel says what was counted.
    """
    end = pd.Timestamp(day)
    dated = ("issue_date", "allocation_date", "receipt_date", "credit_date", "write_off_date")
    cut: list[pd.DataFrame] = []
    for table, name in zip(tables, dated, strict=True):
        there = table[name] <= end
        if name == "receipt_date":
            there |= table["payment_id"].isin(cut[1]["payment_id"])
        rows = table[there].reset_index(drop=True).copy()
        for later in ("cancelled_date", "bounced_date"):
            if later in rows.columns:
                rows[later] = rows[later].where(rows[later] <= end)
        cut.append(rows)
    return tuple(cut)
