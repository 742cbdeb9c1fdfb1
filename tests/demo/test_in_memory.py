"""Mirrors tests/demo/in_memory.py: made in memory, an office is the one that its files bring; expected receipts run on the imported one."""

from datetime import date

import pandas as pd

from tests.demo.conftest import Tiny
from tests.demo.in_memory import Made
from workbench import banking, cash
from workbench.demo.customers import Customers
from workbench.pipeline.flow_history import classified_lines
from workbench.pipeline.receipts import expected_receipts, office_cube
from workbench.standards import load_bank_days

AS_OF = date(2022, 6, 30)


def test_tables_in_memory_are_those_that_files_bring(tiny: Tiny) -> None:
    tables = Made(Customers(300, 6, 1)).tables
    bills = tables["invoices"]
    stands = "cancelled_date is null"
    assert len(bills) == tiny.one("invoices", "count(*)", stands)
    assert bills["amount_ttc_centimes"].sum() == tiny.one("invoices", "sum(amount_ttc_centimes)", stands)
    twice = {row["again"] for row in tiny.key["faults"]["duplicate_payments"]}
    stored = tiny.office["payments"].project("payment_id, receipt_date, channel_code, amount_centimes").fetchall()
    paid = tables["payments"]
    rows = zip(
        paid["payment_id"], paid["receipt_date"].dt.date, paid["channel_code"], paid["amount_centimes"], strict=True
    )
    assert sorted(row for row in stored if row[0] not in twice) == sorted(rows)
    assert len(tables["credit_notes"]) == tiny.one("credit_notes", "count(*)")


def test_expected_receipts_of_an_imported_office_are_on_accounts_and_lines_that_it_has(tiny: Tiny) -> None:
    office, bank_days = tiny.office, load_bank_days()
    accounts = banking.describe(office["bank_accounts"], office["units"], as_of=AS_OF)
    flows = cash.daily_flows(classified_lines(office, AS_OF), accounts, bank_days, AS_OF)
    found = expected_receipts(
        office_cube(office, AS_OF), flows, office["units"], date(2022, 9, 29), bank_days=bank_days
    )
    assert set(found.table["account_number"]) <= set(accounts["account_number"])
    assert {"receipts_bulk", "receipts_counters", "receipts_electronic", "receipts_public"} <= set(
        found.table["line_code"]
    )
    assert found.table["flow_date"].min() > pd.Timestamp(AS_OF)
    assert all(bank_days.is_open(day.date()) for day in found.table["flow_date"].unique())
    last_quarter = flows[
        flows["line_code"].isin(found.table["line_code"]) & (flows["flow_date"] > pd.Timestamp(2022, 3, 31))
    ]
    received = last_quarter["amount_centimes"].astype("int64").sum() / 100
    assert 0.5 < found.table["mean_mad"].sum() / received < 2
