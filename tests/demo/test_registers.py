"""Mirrors demo/registers.py: workbooks read whole, flows in course that are really on their way, targets and units in force."""

import zipfile
from datetime import date

from tests.demo.conftest import Tiny
from workbench.identifiers import is_rib
from workbench.recovery import units_on


def test_accounts_have_ribs_that_hold_roles_units_and_banks(tiny: Tiny) -> None:
    rows = tiny.office["bank_accounts"].project("account_number, role_code, bank_code, currency_code").fetchall()
    assert len(rows) == 45
    assert all(is_rib(row[0]) and row[0][:3] == row[2] for row in rows)
    roles = [row[1] for row in rows]
    counts = {role: roles.count(role) for role in set(roles)}
    assert counts == {"receipts": 30, "disbursements": 10, "central": 2, "foreign_currency": 2, "treasury": 1}
    assert len({row[2] for row in rows}) == 9
    assert {row[3] for row in rows} == {"MAD", "EUR", "USD"}


def test_every_bill_belongs_to_a_directorate(tiny: Tiny) -> None:
    units = units_on(tiny.office["units"], as_of=date(2022, 6, 30))
    assert units["directorate_code"].nunique() == 10
    billed = {row[0] for row in tiny.office["invoices"].project("center_code").distinct().fetchall()}
    assert billed <= set(units["center_code"])


def test_flows_settled_are_on_the_accounts_and_the_others_are_still_to_come(tiny: Tiny) -> None:
    flows = tiny.office["planned_flows"]
    kinds = {row[0] for row in flows.project("flow_kind_code").distinct().fetchall()}
    assert kinds == {"order_issued", "cheque_issued", "deposit_in_course", "maturity"}
    settled = flows.filter("settled_date is not null").project("reference, amount_centimes, settled_date").fetchall()
    booked = set(tiny.office["bank_transactions"].project("reference, amount_centimes, booking_date").fetchall())
    assert len(settled) > 100
    assert set(settled) <= booked
    coming = flows.filter("settled_date is null").project("issued_date, expected_date, flow_kind_code").fetchall()
    assert {row[2] for row in coming} >= {"cheque_issued", "deposit_in_course"}
    assert all(issued is None or issued <= date(2022, 6, 30) for issued, _, _ in coming)
    assert min(expected for _, expected, _ in coming) >= date(2022, 6, 30)


def test_no_clock_stands_in_a_workbook(tiny: Tiny) -> None:
    books = sorted(tiny.inbox.glob("*.xlsx"))
    assert len(books) == 14
    for path in books:
        with zipfile.ZipFile(path) as book:
            assert {entry.date_time[0] for entry in book.infolist()} == {1980}
            assert b"2022-01-01T00:00:00Z" in book.read("docProps/core.xml")
