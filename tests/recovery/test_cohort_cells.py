"""Mirrors recovery/cohort_cells.py: bills as they stood at an age, each once, nothing of a bill too young, totals that add up."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings

from tests.builders import rows, table, worked
from tests.recovery.books import LAST, books
from workbench.errors import WrongUse
from workbench.recovery.cohort_cells import at_reached_age, cohort_cells, left_out_bills, with_cycles

CASE = worked("cohort_rates")
AS_OF = date.fromisoformat(CASE["as_of"])


def case_tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    bills = pd.DataFrame(
        [
            {
                "invoice_id": bill["id"], "customer_code": bill["id"], "center_code": "0101", "segment_code": "household", "service_code": "water",
                "issue_date": pd.Timestamp(bill["issued"]), "due_date": pd.NaT, "amount_ttc_centimes": bill["amount"] * 100,
                "amount_ht_centimes": bill["amount"] * 80, "currency_code": "MAD", "source_invoice_id": None, "cancelled_date": pd.NaT,
            }
            for bill in CASE["bills"]
        ]
    )  # fmt: skip
    paid = [(bill["id"], *receipt) for bill in CASE["bills"] for receipt in bill["receipts"]]
    allocations = pd.DataFrame(
        {
            "allocation_id": [f"L{n}" for n in range(len(paid))],
            "payment_id": [f"P{n}" for n in range(len(paid))],
            "invoice_id": [invoice for invoice, *_ in paid],
            "allocation_date": pd.to_datetime([day for _, day, _ in paid]),
            "amount_centimes": [amount * 100 for *_, amount in paid],
            "currency_code": "MAD",
        }
    )
    return bills.astype({"source_invoice_id": "str", "cancelled_date": "datetime64[s]", "due_date": "datetime64[s]"}), allocations  # fmt: skip


def cells_of(**changes: Any) -> pd.DataFrame:
    bills, allocations = case_tables()
    return cohort_cells(bills, allocations, **{"as_of": AS_OF, "ages": tuple(CASE["ages"])} | changes)


def test_worked_case_of_the_method() -> None:
    found = cells_of().groupby("age_days")[["base_centimes", "collected_centimes", "bill_count", "paid_count"]].sum()
    expected = CASE["expected"]
    assert (found["base_centimes"] / 100).tolist() == expected["base"]
    assert (found["collected_centimes"] / 100).tolist() == expected["collected"]
    assert found["bill_count"].tolist() == expected["bill_count"]
    assert found["paid_count"].tolist() == expected["paid_count"]


def test_each_bill_is_there_once_at_the_greatest_age_that_it_has_lived() -> None:
    once = at_reached_age(cells_of(vintage="none"))
    assert rows(once[["age_days", "bill_count", "base_centimes"]]) == [(30, 1, 80_000), (60, 2, 150_000)]


def test_a_month_is_complete_at_an_age_once_its_last_day_has_lived_it() -> None:
    january, february = 2024 * 12, 2024 * 12 + 1
    found = cells_of().set_index(["vintage_ordinal", "age_days"])["is_complete"]
    assert bool(found[(january, 60)])  # 31 January + 60 days = 31 March
    assert bool(found[(february, 30)])
    assert (february, 60) not in found.index
    before = cells_of(as_of=date(2024, 3, 29)).set_index(["vintage_ordinal", "age_days"])["is_complete"]
    assert not before[(january, 60)]
    assert not before[(february, 30)]  # 29 February + 30 days = 30 March


def test_before_tax_every_amount_loses_the_tax_of_its_own_bill() -> None:
    found = cells_of(basis="ht").groupby("age_days")[["base_centimes", "collected_centimes"]].sum()
    assert rows(found) == [(184_000, 48_000), (120_000, 100_000)]


EVENTS = table("""
    invoice_id  customer_code  center_code  segment_code  service_code  issue_date  amount_ttc_centimes  amount_ht_centimes  currency_code  source_invoice_id  cancelled_date
    OVER        C1             0101         household     water         2024-01-01                10000                   -  MAD            -                  -
    STAMP       C2             0101         household     water         2024-01-01                10000                   -  MAD            -                  -
    LATE        C3             0101         household     water         2024-01-01                10000                   -  MAD            -                  2024-02-15
    GONE        C4             0101         household     water         2024-01-01                10000                   -  MAD            -                  2024-01-10
    MINUS       C5             0101         household     water         2024-01-01                -5000                   -  MAD            -                  -
    SOURCE      C6             0101         household     water         2024-01-01                10000                   -  MAD            -                  -
    REST        C9             0202         state         water         2024-03-20                 4000                   -  MAD            SOURCE             -
    EARLY       C7             0101         household     water         2024-01-20                10000                   -  MAD            -                  -
""")  # fmt: skip
PAYMENTS = table("""
    payment_id  customer_code  center_code  receipt_date  channel_code   amount_centimes  currency_code  bounced_date
    P1          C1             0101         2024-01-11    cash                     15000  MAD            -
    P2          C2             0101         2024-01-11    prepaid_stamp            10000  MAD            -
    P3          C6             0101         2024-01-11    cheque                   10000  MAD            2024-01-25
    P4          C7             0101         2024-01-05    cash                     10000  MAD            -
    P5          C8             0101         2024-01-05    cash                      7000  MAD            -
""")
PAID = table("""
    allocation_id  payment_id  invoice_id  allocation_date  amount_centimes  currency_code
    A1             P1          OVER        2024-01-11                 15000  MAD
    A2             P2          STAMP       2024-01-11                 10000  MAD
    A3             P3          SOURCE      2024-01-11                 10000  MAD
    A4             P4          EARLY       2024-01-05                 10000  MAD
    A5             P5          NOBODY      2024-01-05                  7000  MAD
""")
ON = date(2024, 3, 31)


def test_over_payment_stamps_bounced_cheques_and_what_is_cancelled_later() -> None:
    found = cohort_cells(EVENTS, PAID, PAYMENTS, as_of=ON, ages=(0, 30, 60), by="segment_code", vintage="none")
    at = found.groupby("age_days")[["bill_count", "paid_count", "base_centimes", "collected_centimes", "excess_centimes", "no_cash_centimes"]].sum()  # fmt: skip
    # At 0 days nothing is cancelled yet, and EARLY's receipt, ahead of its bill, counts with it.
    assert tuple(at.loc[0]) == (6, 1, 60_000, 10_000, 0, 0)
    # At 30 days: GONE is gone; OVER is paid, 50.00 beyond; the stamp is no cash; the cheque of SOURCE came back.
    assert tuple(at.loc[30]) == (5, 2, 50_000, 20_000, 5_000, 10_000)
    # At 60 days: LATE is gone too; the rest of SOURCE came on day 79, and EARLY is 71 days old.
    assert tuple(at.loc[60]) == (4, 2, 40_000, 20_000, 5_000, 10_000)
    assert set(found["segment_code"]) == {"household"}  # a rest is of its bill, wherever it was put


def test_what_no_cohort_holds_is_told_so_that_totals_add_up() -> None:
    found = left_out_bills(EVENTS, PAID, as_of=ON).set_index("reason_code")
    assert {code: tuple(row) for code, row in found[["row_count", "amount_centimes"]].iterrows()} == {
        "below_zero": (1, -5_000),
        "cancelled": (2, 20_000),
        "too_young": (1, 4_000),
        "unknown_bill": (1, 7_000),
        "before_bill": (1, 10_000),
    }


def test_a_day_before_the_first_bill_has_no_cell_and_wrong_ages_are_refused() -> None:
    assert cells_of(as_of=date(2023, 12, 31)).empty
    assert left_out_bills(*case_tables(), as_of=date(2023, 12, 31))["reason_code"].tolist() == ["not_issued"]
    for wrong in ((), (60, 30), (30, 30), (-1,)):
        with pytest.raises(WrongUse, match="whole days that rise"):
            cells_of(ages=wrong)
    with pytest.raises(WrongUse, match="vintage is one of"):
        cells_of(vintage="week")
    with pytest.raises(WrongUse, match="basis is ttc or ht"):
        cells_of(basis="net")
    with pytest.raises(WrongUse, match="no column is called 'town'"):
        cells_of(by="town")


def test_cycles_are_read_from_how_often_a_customer_is_billed() -> None:
    def bills(who: str, months: list[int]) -> list[tuple[str, str, pd.Timestamp]]:
        return [(who, "water", pd.Timestamp(2023, month, 3)) for month in months]

    every = [*bills("M", [1, 2, 3, 5]), *bills("T", [1, 3, 5]), *bills("Q", [1, 4, 7, 10]), *bills("Y", [1, 8]), *bills("U", [5])]  # fmt: skip
    made = pd.DataFrame(every, columns=["customer_code", "service_code", "issue_date"])
    found = with_cycles(made, as_of=date(2023, 12, 31)).df().drop_duplicates("customer_code")
    assert dict(zip(found["customer_code"], found["cycle_code"], strict=True)) == {
        "M": "monthly", "T": "two_monthly", "Q": "quarterly", "Y": "longer", "U": "unknown",
    }  # fmt: skip


@given(books())
@settings(max_examples=12, deadline=None)
def test_shares_are_shares_and_later_events_change_no_age(book: tuple[pd.DataFrame, ...]) -> None:
    by = ("center_code", "segment_code")
    found = cohort_cells(*book, as_of=LAST, by=by, ages=(30, 180))
    assert (found["paid_count"] <= found["bill_count"]).all()
    assert (found["collected_centimes"] <= found["base_centimes"]).all()
    assert (found[["base_centimes", "collected_centimes", "excess_centimes", "bill_count"]] >= 0).all().all()
    # A month earlier every age that was lived said the same of the bills that had lived it.
    earlier = LAST - timedelta(days=200)
    keys = ["currency_code", *by, "vintage_ordinal", "age_days"]
    before = cohort_cells(*book, as_of=earlier, by=by, ages=(30, 180))
    complete = before[before["is_complete"]].groupby(keys, dropna=False)[["bill_count", "base_centimes", "collected_centimes"]].sum()  # fmt: skip
    now = found.groupby(keys, dropna=False)[["bill_count", "base_centimes", "collected_centimes"]].sum()
    assert now.loc[complete.index].astype("int64").equals(complete.astype("int64"))
