"""Mirrors payment_times/exposure.py and exposed_bills.py: the page's case, nothing after the evening, what adds up, states."""

import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.recovery.books import books, typed
from tests.recovery.payment_times.planted import planted
from workbench.errors import WrongUse
from workbench.recovery.payment_times.exposure import Exposure, exposure_tables
from workbench.recovery.payment_times.hazards import cubes_of

CASE = tomllib.loads((Path(__file__).parents[2] / "cases" / "exposure.toml").read_text(encoding="utf-8"))["book"]
TABLES = ("cells", "entries", "exits", "receipts", "book", "ages", "paid")


def invoices_of(bills: list[str], issue: date, amount: int, **more: object) -> pd.DataFrame:
    known = {"customer_code": "C1", "center_code": "K1", "segment_code": "household", "service_code": "water", "issue_date": issue,
             "amount_ttc_centimes": amount, "currency_code": "MAD", "source_invoice_id": None, "cancelled_date": None} | more  # fmt: skip
    return typed([{"invoice_id": bill} | known for bill in bills], " ".join(["invoice_id", *known]))


def case_tables() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    paid = [{"payment_id": f"P{n}", "invoice_id": each["invoice"], "allocation_date": each["day"], "amount_centimes": each["centimes"]}
            for n, each in enumerate(CASE["payments"])]  # fmt: skip
    credit = {"invoice_id": CASE["credit"]["invoice"], "credit_date": CASE["credit"]["day"], "amount_ttc_centimes": CASE["amount_centimes"]}  # fmt: skip
    return (
        invoices_of(CASE["bills"], CASE["issue_date"], CASE["amount_centimes"]),
        typed(paid, "payment_id invoice_id allocation_date amount_centimes"),
        typed([credit], "invoice_id credit_date amount_ttc_centimes"),
    )


def test_tables_are_those_of_the_page() -> None:
    invoices, allocations, credits = case_tables()
    exposure = exposure_tables(invoices, allocations, None, credits, as_of=CASE["as_of"])
    cubes, told = cubes_of(exposure), CASE["tables"]
    assert exposure.first_week == CASE["first_week"]
    assert cubes.at_risk.sum(axis=0)[0].tolist() == told["at_risk"]
    assert cubes.payments.sum(axis=0)[0].tolist() == told["payments"]
    assert cubes.cash.sum(axis=0)[0].tolist() == told["cash_mad"]
    assert cubes.money.sum(axis=0)[0].tolist() == told["money_mad"]
    assert exposure.book["outstanding_centimes"].sum() == told["outstanding_centimes"]
    assert set(exposure.exits["exit_code"]) == {"paid", "credited"}


def equal(one: Exposure, other: Exposure) -> None:
    assert (one.first_week, one.weeks, one.leaks) == (other.first_week, other.weeks, other.leaks)
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


def test_nothing_after_the_evening_changes_a_table() -> None:
    office, day = planted(4_000, weeks=50), date(2022, 9, 25)
    end = pd.Timestamp(day)
    whole = exposure_tables(office.invoices, office.allocations, None, office.credit_notes, as_of=day)
    then = exposure_tables(
        office.invoices[office.invoices["issue_date"] <= end],
        office.allocations[office.allocations["allocation_date"] <= end],
        None,
        office.credit_notes[office.credit_notes["credit_date"] <= end],
        as_of=day,
    )
    equal(whole, then)
    assert len(whole.exits) > 100


def test_past_behaviour_is_what_was_over_on_the_day_of_issue() -> None:
    # A bill every 20 days: four rounds back are 80 days, over the limit of 56; with one every 10 days they are not over.
    for step, behaviour in ((20, {0, 1}), (10, {0})):
        days = pd.date_range("2022-01-03", periods=14, freq=f"{step}D")
        bills = pd.concat([invoices_of([f"F{n:02d}"], day.date(), 10_000) for n, day in enumerate(days)])
        paid = [{"payment_id": f"P{n}", "invoice_id": f"F{n:02d}", "allocation_date": day.date(), "amount_centimes": 10_000}
                for n, day in enumerate(days)]  # fmt: skip
        found = exposure_tables(
            bills, typed(paid, "payment_id invoice_id allocation_date amount_centimes"), as_of="2022-12-25"
        )
        assert set(found.cells.loc[found.entries["cell"], "behaviour_class"]) == behaviour
        assert (found.leaks > 0) == (step == 10)


def test_a_dispute_is_a_state_with_its_own_exits() -> None:
    bills = invoices_of(["F1", "F2", "F3"], date(2022, 1, 4), 10_000)
    paid = typed([{"payment_id": "P", "invoice_id": "F1", "allocation_date": date(2022, 2, 1), "amount_centimes": 10_000}],
                 "payment_id invoice_id allocation_date amount_centimes")  # fmt: skip
    disputes = typed(
        [{"dispute_id": "D1", "invoice_id": "F1", "opened_date": date(2022, 1, 12), "closed_date": date(2022, 1, 19)},
         {"dispute_id": "D2", "invoice_id": "F2", "opened_date": date(2022, 1, 12), "closed_date": None}],
        "dispute_id invoice_id opened_date closed_date")  # fmt: skip
    found = exposure_tables(bills, paid, None, None, None, disputes, as_of="2022-02-06")
    cubes = cubes_of(found)
    is_disputed = cubes.cells["is_disputed"].to_numpy(bool)
    assert cubes.at_risk[~is_disputed].sum(axis=0)[0].tolist() == [3, 3, 1, 2, 2]
    assert cubes.at_risk[is_disputed].sum(axis=0)[0].tolist() == [0, 0, 2, 1, 1]
    assert found.book["outstanding_centimes"].sum() == 20_000


def test_bills_handed_over_leave_the_book() -> None:
    bills = invoices_of(["F1", "F2"], date(2022, 1, 4), 10_000)
    none = typed([], "payment_id invoice_id allocation_date amount_centimes")
    handed = typed([{"invoice_id": "F1", "handed_over_date": date(2022, 1, 12)}], "invoice_id handed_over_date")
    found = exposure_tables(bills, none, handed_over=handed, as_of="2022-01-23")
    assert found.exits["exit_code"].tolist() == ["handed_over"]
    assert found.book["invoice_count"].sum() == 1


@settings(
    max_examples=8, phases=[Phase.explicit, Phase.generate], deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(books())
def test_whatever_the_books_nobody_is_at_risk_twice(tables: tuple[pd.DataFrame, ...]) -> None:
    invoices, allocations, payments, credits, offs = tables
    day = date(2024, 12, 29)
    owed = invoices[(invoices["issue_date"] <= pd.Timestamp(day)) & (invoices["amount_ttc_centimes"] > 0)]
    if owed.empty:
        return
    found = exposure_tables(invoices.assign(service_code="water"), allocations, payments, credits, offs, as_of=day)
    cubes = cubes_of(found)
    assert cubes.at_risk.min() >= 0
    assert found.entries["invoice_count"].sum() == len(owed)
    left = found.exits["invoice_count"].sum()
    assert found.book["invoice_count"].sum() + left == len(owed)
    assert np.isfinite(cubes.money).all()


def test_an_evening_before_the_first_bill_is_refused() -> None:
    invoices, allocations, _ = case_tables()
    with pytest.raises(WrongUse):
        exposure_tables(invoices, allocations, as_of="2021-12-31")
