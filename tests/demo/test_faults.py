"""Mirrors demo/faults.py and answer_key.py: each fault of the key is really in the files, and recoverable from them."""

from collections import Counter
from datetime import date
from typing import Any

import numpy as np

from tests.demo.conftest import Tiny
from workbench import banking
from workbench.demo.accounts import receipts_index
from workbench.demo.bank_days import bank_day
from workbench.demo.bank_kinds import KINDS
from workbench.recovery import unallocated_receipts

END = date(2022, 6, 30)


def lines(tiny: Tiny) -> Any:
    names = (tiny.office["account_aliases"], tiny.office["bank_accounts"])
    return banking.resolve(tiny.office["bank_transactions"], *names)


def test_receipts_that_name_no_bill_are_those_planted(tiny: Tiny) -> None:
    found = unallocated_receipts(tiny.office["payments"], tiny.office["allocations"], as_of=date(2030, 1, 1))
    planted = tiny.key["faults"]["unallocated_receipts"]
    assert sorted(found["payment_id"]) == sorted(row["payment_id"] for row in planted)
    assert planted != []


def test_bills_cancelled_and_bills_without_due_date_are_those_planted(tiny: Tiny) -> None:
    bills = tiny.office["invoices"].project("invoice_id, amount_ttc_centimes, cancelled_date, due_date").fetchall()
    cancelled = {row["invoice_id"]: row["amount_centimes"] for row in tiny.key["faults"]["cancelled_bills"]}
    assert {row[0]: row[1] for row in bills if row[2]} == cancelled
    assert len(cancelled) == 12  # two a month
    undated = {row["invoice_id"] for row in tiny.key["faults"]["undated_bills"]}
    assert {row[0] for row in bills if row[3] is None} == undated
    assert len(undated) == 2


def test_bills_paid_twice_are_those_planted(tiny: Tiny) -> None:
    planted = tiny.key["faults"]["duplicate_payments"]
    assert planted != []
    paid = {
        row[0]: row[1:]
        for row in tiny.office["payments"]
        .project("payment_id, customer_code, amount_centimes, channel_code, receipt_date")
        .fetchall()
    }
    bill = dict(tiny.office["allocations"].project("payment_id, invoice_id").fetchall())
    for row in planted:
        one, two = paid[row["payment_id"]], paid[row["again"]]
        assert one[:3] == two[:3]
        assert (two[3] - one[3]).days == 3
        assert bill.get(row["again"], bill.get(row["payment_id"])) == bill.get(
            row["payment_id"], bill.get(row["again"])
        )
    bills = dict(tiny.office["invoices"].project("invoice_id, amount_ttc_centimes").fetchall())
    counted: Counter[str] = Counter()
    back = {r[0] for r in tiny.office["payments"].filter("bounced_date is not null").project("payment_id").fetchall()}
    for payment, invoice, amount in (
        tiny.office["allocations"].project("payment_id, invoice_id, amount_centimes").fetchall()
    ):
        counted[invoice] += 0 if payment in back else amount
    twice = {bill[row["again"]] for row in planted if row["again"] in bill and row["payment_id"] in bill}
    assert {invoice for invoice, amount in counted.items() if amount > bills[invoice]} == twice


def test_the_fee_taken_twice_stands_twice_on_its_account(tiny: Tiny) -> None:
    (fee,) = tiny.key["faults"]["duplicate_fees"]
    found = lines(tiny)
    kind = next(kind for kind in KINDS if kind.name == "fee")
    fees = found[found["label"].str.startswith(kind.label)]
    counts = Counter(zip(fees["account_number"], fees["reference"], fees["amount_centimes"], strict=True))
    again = {key: count for key, count in counts.items() if count > 1}
    assert again == {(fee["account"], fee["reference"], fee["amount_centimes"]): 2}


def test_value_dates_beyond_what_was_agreed_are_those_planted(tiny: Tiny) -> None:
    found = lines(tiny)
    late = set()
    for kind in KINDS:
        mine = found[found["label"].str.startswith(kind.label) & (found["amount_centimes"] > 0)]
        booking = mine["booking_date"].to_numpy().astype("datetime64[D]")
        agreed = bank_day(booking, kind.value_days)
        wrong = mine[mine["value_date"].to_numpy().astype("datetime64[D]") != agreed]
        late |= set(zip(wrong["account_number"], wrong["reference"], strict=True))
    planted = tiny.key["faults"]["value_date_errors"]
    assert len(planted) == 2
    assert late == {(row["account"], row["reference"]) for row in planted}


def test_an_account_sleeps_from_the_month_planted_on(tiny: Tiny) -> None:
    idle = tiny.key["faults"]["idle_account"]
    floors = dict(
        tiny.office["bank_accounts"]
        .filter("role_code = 'receipts'")
        .project("account_number, floor_centimes")
        .fetchall()
    )
    # All the others gave what they held in value above their floor on the last bank day.
    found = lines(tiny)
    later = found[found["value_date"].dt.date > END].groupby("account_number")["amount_centimes"].sum()
    held = {
        number: tiny.key["closings"][number] - int(later.get(number, 0)) - floor for number, floor in floors.items()
    }
    assert [number for number, amount in held.items() if amount > 0] == [idle["account"]]
    swept = found[found["label"].str.startswith("NIVELLEMENT VERS") & (found["account_number"] == idle["account"])]
    assert len(swept) > 0
    assert str(swept["day_date"].max())[:10] < idle["since"]


def test_cash_of_one_agency_comes_late_while_it_is_held_back(tiny: Tiny) -> None:
    """Cash received and not yet deposited: only the agency planted ever owes more than four bank days of it."""
    held = tiny.key["faults"]["lapped_cash"]
    first, last = np.datetime64(held["first"]), np.datetime64(held["last"])
    cash = tiny.office["payments"].filter("channel_code = 'cash'").project("center_code, receipt_date, amount_centimes")
    received: dict[str, Counter[Any]] = {}
    for center, day, amount in cash.fetchall():
        due = bank_day(np.array([np.datetime64(day)]), 1)[0]
        received.setdefault(f"AG{center[1:4]}", Counter())[due] += amount
    found = lines(tiny)
    deposits = found[found["label"].str.startswith("VERSEMENT ESPECES")]
    unbanked = unread(tiny)
    late = set()
    for agency, due in received.items():
        mine = deposits[deposits["label"].str.endswith(agency)]
        banked = Counter(
            dict(zip(mine["booking_date"].to_numpy().astype("datetime64[D]"), mine["amount_centimes"], strict=True))
        )
        if agency[2:4] not in unbanked and any(
            banked[day] != amount for day, amount in due.items() if day <= np.datetime64(END)
        ):
            late.add(agency)
    assert late == {held["agency"]}
    assert (str(first), str(last)) == ("2022-04-01", "2022-06-30")


def unread(tiny: Tiny) -> set[str]:
    """Directorates whose account of the counters has a statement refused or missing."""
    faults = tiny.key["faults"]
    numbers = sorted(tiny.key["closings"], key=lambda number: number[-5:-2])
    places = {faults[name]["account"] for name in ("statement_unbalanced", "statement_missing")}
    return {f"{d + 1:02d}" for d in range(10) if numbers[receipts_index(d, 0)] in places}
