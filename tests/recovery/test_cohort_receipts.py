"""Mirrors recovery/cohort_receipts.py: the worked case of docs/methods/cohort_receipts.md, weeks under way, and what is not lost."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows
from tests.recovery.books import FIRST, LAST, books, registers
from tests.recovery.receipt_cases import AS_OF, CASE, CUSTOMERS, UNITS, UNTIL, case_tables
from workbench.errors import WrongUse
from workbench.recovery import (
    cohort_receipts,
    open_book_told,
    open_items,
    origins_between,
    paying_habits,
    receipts_cube,
)

CUBE = receipts_cube(**case_tables(), as_of=AS_OF)


def test_worked_case_of_the_method() -> None:
    found = cohort_receipts(CUBE, UNITS, UNTIL)
    table = found.table()
    assert table["mean_mad"].tolist() == pytest.approx([amount for _, amount in CASE["expected"]["by_day"]], abs=0.005)
    assert table["receipt_date"].dt.strftime("%Y-%m-%d").tolist() == [day for day, _ in CASE["expected"]["by_day"]]
    assert [found.amounts[:7].sum(), found.amounts[7:].sum()] == pytest.approx(CASE["expected"]["weeks"])
    told = found.told.iloc[0]
    assert (told["outstanding_mad"], told["credit_mad"], told["to_bill_mad"]) == (CASE["expected"]["open"], 0, 2000)
    assert set(table["directorate_code"]) == {"D1"}
    assert set(table["channel_code"]) == {"cash"}


def test_in_a_week_under_way_only_what_is_left_of_it_is_expected() -> None:
    # On Monday evening 60 of 114 of a week's receipts are over. A of age 4 has a rate of 0.25: 300 × 0.25·l ÷ (1 − 0.25·(1 − l)).
    tables = case_tables()
    cube = receipts_cube(**tables, as_of=date(2024, 4, 1))
    left = 54 / 114
    rest = 0.25 * left / (1 - 0.25 * (1 - left))
    found = cohort_receipts(cube, UNITS, date(2024, 4, 7))
    assert found.table()["receipt_date"].unique().tolist() == [pd.Timestamp(2024, 4, 2)]
    assert found.amounts.sum() == pytest.approx((300 + 560 + 500) * rest)


def test_a_bill_belongs_to_the_directorate_of_its_centre_on_the_origin() -> None:
    moved = pd.concat(
        [
            UNITS.assign(valid_to_date=pd.Timestamp(2024, 3, 20)).iloc[1:],
            UNITS.iloc[:1],
            UNITS.iloc[:1].assign(unit_code="A2", parent_unit_code="D2"),
            UNITS.iloc[1:].assign(parent_unit_code="A2", valid_from_date=pd.Timestamp(2024, 3, 21)),
        ],
        ignore_index=True,
    )
    assert set(cohort_receipts(CUBE, moved, UNTIL).keys["directorate_code"]) == {"D2"}
    cut = receipts_cube(**case_tables(), as_of=AS_OF, origins=[date(2024, 3, 17)]).on("2024-03-17")
    assert set(cohort_receipts(cut, moved, UNTIL).keys["directorate_code"]) == {"D1"}
    # A centre that no register holds keeps its bills, of no directorate.
    assert set(cohort_receipts(CUBE, moved.iloc[:0], UNTIL).keys["directorate_code"]) == {""}
    assert cohort_receipts(CUBE, moved.iloc[:0], UNTIL).amounts.sum() == pytest.approx(sum(CASE["expected"]["weeks"]))


def test_items_without_a_due_date_are_expected_like_the_others() -> None:
    tables = case_tables()
    dated = tables | {"invoices": tables["invoices"].assign(due_date=pd.Timestamp(2024, 5, 1))}
    assert tables["invoices"]["due_date"].isna().all()
    one, other = (cohort_receipts(receipts_cube(**t, as_of=AS_OF), UNITS, UNTIL) for t in (tables, dated))
    assert (one.amounts == other.amounts).all()


def test_receipts_that_name_no_bill_come_on_top() -> None:
    tables = case_tables()
    loose = tables["payments"].iloc[[0]].assign(payment_id="X", amount_centimes=11_400)
    more = tables | {"payments": pd.concat([tables["payments"], loose], ignore_index=True)}
    found = cohort_receipts(receipts_cube(**more, as_of=AS_OF), UNITS, UNTIL)
    assert found.amounts.sum() == pytest.approx(sum(CASE["expected"]["weeks"]) * 1.1)


def test_a_credit_brings_nothing_and_settles_no_other_bill() -> None:
    tables = case_tables()
    paid_twice = tables["allocations"].iloc[[0]].assign(allocation_id="X", amount_centimes=90_000, allocation_date=pd.Timestamp(2024, 3, 29))  # fmt: skip
    more = tables | {"allocations": pd.concat([tables["allocations"], paid_twice], ignore_index=True)}
    told = cohort_receipts(receipts_cube(**more, as_of=AS_OF), UNITS, UNTIL).told.iloc[0]
    assert (told["outstanding_mad"], told["credit_mad"]) == (1060.0, -600.0)  # A is 600 in credit; B and C stand


def test_what_is_disputed_or_undated_is_told_and_kept() -> None:
    tables = case_tables()
    disputes = pd.DataFrame([{"dispute_id": "D", "invoice_id": "B", "opened_date": pd.Timestamp(2024, 3, 20), "closed_date": pd.NaT}])  # fmt: skip
    due = [pd.Timestamp(2024, 4, 3), pd.NaT, pd.Timestamp(2024, 4, 24)]
    bills = tables["invoices"].assign(due_date=due, amount_ht_centimes=tables["invoices"]["amount_ttc_centimes"])
    items = open_items(bills, tables["allocations"], tables["payments"], disputes=disputes, as_of=AS_OF)
    assert rows(open_book_told(items)) == [("MAD", "household", 136_000, 56_000, 56_000)]


def test_habits_are_of_the_last_year_and_a_new_segment_pays_like_all() -> None:
    habits = paying_habits(CUBE)
    assert habits.shape[0] == pytest.approx([60 / 114, 54 / 114, 0, 0, 0, 0, 0])
    assert habits.of("state") == pytest.approx(habits.of("household"))


def test_an_empty_office_expects_nothing_and_a_past_day_is_refused() -> None:
    empty = {name: table[:0] for name, table in case_tables().items()}
    assert cohort_receipts(receipts_cube(**empty, as_of=AS_OF), UNITS, UNTIL).amounts.size == 0
    with pytest.raises(WrongUse, match="is not after"):
        cohort_receipts(CUBE, UNITS, AS_OF)


def test_origins_are_counted_back_from_the_last() -> None:
    assert origins_between(date(2024, 1, 1), date(2024, 3, 3), 28) == [
        date(2024, 1, 7),
        date(2024, 2, 4),
        date(2024, 3, 3),
    ]


@given(books(), registers(), st.dates(FIRST, LAST), st.integers(1, 120))
@settings(max_examples=12)
def test_nobody_is_expected_to_pay_more_than_is_open_and_to_be_billed(
    tables: tuple[pd.DataFrame, ...], units: pd.DataFrame, day: date, days: int
) -> None:
    invoices = tables[0].assign(service_code="water")
    cube = receipts_cube(invoices, *tables[1:], CUSTOMERS, as_of=LAST, origins=[day]).on(day)
    found = cohort_receipts(cube, units, day + timedelta(days=days))
    told = found.told
    assert (found.amounts >= 0).all()
    assert found.amounts.shape[0] == days
    most = (told["outstanding_mad"] + told["to_bill_mad"]).sum() * 1.25
    assert np.nansum(found.amounts) <= most + 1e-6
    assert found.days[0] == np.datetime64(day + timedelta(days=1))
