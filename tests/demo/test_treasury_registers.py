"""Mirrors demo/treasury_registers.py, treasury_choices.py, placements.py and supplier_lists.py: registers agree with what is booked."""

from datetime import date

import pandas as pd
import pytest

from tests.demo.conftest import Tiny
from workbench import banking, cash
from workbench.demo.bank_kinds import K
from workbench.demo.customers import Customers
from workbench.demo.disbursements import disbursements
from workbench.demo.placements import placement_lines, placements
from workbench.demo.places import month_of
from workbench.standards import load_bank_days

AS_OF = date(2022, 6, 30)
NAMES = ("loans", "payment_calendar", "suppliers_due", "placements", "payment_plans", "agreements", "planned_flows")
NO_WAY = pd.DataFrame({"account_number": [], "currency_code": [], "day_date": [], "amount_centimes": []})


@pytest.fixture(scope="module")
def found(tiny: Tiny) -> cash.KnownFlows:
    accounts = banking.describe(tiny.office["bank_accounts"], tiny.office["units"], as_of=AS_OF)
    return cash.gather_known_flows(
        *(tiny.office[name] for name in NAMES),
        NO_WAY,
        as_of=AS_OF,
        bank_days=load_bank_days(),
        until=date(2023, 6, 30),
        accounts=accounts,
    )


def test_every_register_is_read_and_brings_what_was_planted(tiny: Tiny, found: cash.KnownFlows) -> None:
    planted = tiny.key["treasury"]
    sums = found.flows.groupby("flow_source_code")["amount_centimes"].sum()
    assert sums["loan"] == planted["loan_to_come_centimes"]
    assert sums["supplier"] == planted["suppliers"]["coming_centimes"]
    assert sums["agreement"] == planted["agreements_to_come_centimes"]
    assert sums["instalment"] == planted["instalments_to_come_centimes"]
    placed = found.flows["line_code"] == "placements"
    assert found.flows[placed]["amount_centimes"].sum() == planted["placements_to_come_centimes"]
    lines = found.flows[(found.flows["flow_source_code"] == "calendar") & (found.flows["currency_code"] == "MAD")]
    assert lines.groupby("line_code")["amount_centimes"].sum().to_dict() == planted["calendar_to_come_centimes"]
    left = found.left_out["left_out_code"].value_counts().to_dict()
    assert left.pop("amount_missing") == planted["calendar_days_without_amount"]
    assert left == {"overdue": len(planted["suppliers"]["overdue"]), "blocked": len(planted["suppliers"]["blocked"])}


def test_next_month_is_what_the_office_will_pay(tiny: Tiny, found: cash.KnownFlows) -> None:
    """Suppliers, payroll, energy and tax of July, to the centime, on the very days and accounts."""
    numbers = _accounts(tiny)
    truth: dict[tuple[str, date], int] = {}
    for part in disbursements(Customers(300, 6, 1), 6):
        for kind, account, day, amount in zip(
            *(part[n].tolist() for n in ("kind", "account", "booking", "amount")), strict=True
        ):
            if kind in (K["supplier"], K["payroll"], K["energy"], K["tax"]):
                truth[numbers[account], day] = truth.get((numbers[account], day), 0) + amount
    told = found.flows[found.flows["flow_source_code"].isin(["supplier", "calendar"])]
    july = (
        told[told["flow_date"] < pd.Timestamp(2022, 8, 1)]
        .groupby(["account_number", "flow_date"])["amount_centimes"]
        .sum()
    )
    assert {(number, day.date()): int(amount) for (number, day), amount in july.items()} == truth


def _accounts(tiny: Tiny) -> list[str]:
    rows = tiny.office["bank_accounts"].project("account_number, ledger_account_code").fetchall()
    return [number for number, code in sorted(rows, key=lambda row: int(row[1][-4:]))]


def test_what_the_past_paid_is_on_the_accounts(tiny: Tiny) -> None:
    booked = set(tiny.office["bank_transactions"].project("amount_centimes, booking_date").fetchall())
    paid = tiny.office["loans"].filter("paid_date is not null")
    rows = paid.project("- principal_centimes - interest_centimes, paid_date").fetchall()
    calendar = (
        tiny.office["payment_calendar"].filter("paid_date is not null").project("amount_centimes, paid_date").fetchall()
    )
    placed = tiny.office["placements"].project("- principal_centimes, start_date").fetchall()
    back = (
        tiny.office["placements"]
        .filter("closed_date is not null")
        .project("principal_centimes + interest_centimes, closed_date")
    )
    for told in (rows, calendar, placed, back.fetchall()):
        assert len(told) >= 2
        assert set(told) <= booked


def test_suppliers_left_behind_are_told_and_the_blocked_one_apart(tiny: Tiny) -> None:
    planted = tiny.key["treasury"]["suppliers"]
    overdue = cash.overdue_suppliers(tiny.office["suppliers_due"], AS_OF)
    assert overdue["overdue_centimes"].sum() == sum(row["amount_centimes"] for row in planted["overdue"])
    assert overdue["blocked_centimes"].sum() == sum(row["amount_centimes"] for row in planted["blocked"])
    assert set(overdue["oldest_days"]) == {12, 95, 20}


def test_the_rest_of_the_registers(tiny: Tiny) -> None:
    room = cash.credit_room(tiny.office["credit_lines"], AS_OF)
    assert room["bank_code"].tolist() == ["007", "011", "101"]  # the fourth line has ended
    assert room["undrawn_centimes"].tolist()[2] == 0
    budget = tiny.office["budgets"].project("line_code, budget_centimes > 0").distinct().fetchall()
    assert {("receipts_bulk", True), ("debt_service", False), ("energy", False), ("payroll", False)} <= set(budget)
    lines = {row[0] for row in tiny.office["overrides"].project("line_code").fetchall()}
    assert len(lines) == 3
    assert {"recettes_diverses"} == lines - {"receipts_public", "suppliers"}


def test_placements_come_back_after_their_term_and_hang_on_the_month_alone() -> None:
    office = Customers(3_000, 15, 1)
    every = list(placements(office, 0, 15))
    moved: dict[str, list[int]] = {}
    for month in range(19):
        for part in placement_lines(office, month):
            assert month_of(part["booking"])[0] == month
            moved.setdefault(str(part["reference"][0]), []).append(int(part["amount"][0]))
    assert [moved[one.number] for one in every] == [[-one.principal, one.principal + one.interest] for one in every]
    assert {int((one.matures - one.start).astype(int)) for one in every} == {91}
    assert len(every) == 14
