"""Mirrors recovery/rate_readings.py: one definition, and each other reading apart."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, table
from tests.recovery.books import FIRST, LAST, books
from workbench.recovery import collection_rates, item_balances, movements, passage, rate_readings, rate_sums_to

CASE = tomllib.loads((Path(__file__).resolve().parents[1] / "cases" / "unpaid_indicators.toml").read_text("utf-8"))[
    "rates"
]
BILLS = f"""
    invoice_id  customer_code  center_code  segment_code  issue_date  due_date    amount_ttc_centimes  amount_ht_centimes  currency_code  source_invoice_id  cancelled_date
    OLD         C1             0101         household     2023-06-01  2023-07-01  {CASE["opening"]}    5000                MAD            -                  -
    NEW         C1             0101         household     2024-02-01  2025-01-15  {CASE["billed"]}     -                   MAD            -                  -
"""
PAYMENTS = table("""
    payment_id  channel_code   bounced_date
    P1          cash           -
    P2          transfer       -
    P3          prepaid_stamp  -
""")
ALLOCATIONS = table(f"""
    payment_id  invoice_id  allocation_date  amount_centimes
    P1          NEW         2024-03-01       {CASE["collected"][0]}
    P2          OLD         2024-03-01       {CASE["collected"][1]}
    P3          NEW         2024-04-01       {CASE["stamps"]}
""")
CREDITS = table(f"""
    credit_note_id  invoice_id  customer_code  credit_date  amount_ttc_centimes  currency_code
    K1              NEW         C1             2024-03-05   {CASE["credited"][0]}  MAD
    K2              OLD         C1             2024-03-05   {CASE["credited"][1]}  MAD
""")
WRITE_OFFS = table("invoice_id  write_off_date  amount_centimes")


def _readings(as_of: date) -> dict[str, Any]:
    events = (table(BILLS), ALLOCATIONS, PAYMENTS, CREDITS, WRITE_OFFS)
    return dict(rate_readings(rate_sums_to(events, as_of)).iloc[0])


def test_the_worked_case_and_the_answers_it_is_not() -> None:
    found = _readings(date(2024, 12, 31))
    for name in ("current_rate", "arrears_rate", "global_rate"):
        assert found[name] == pytest.approx(CASE[name], abs=5e-7)
    assert round(found["global_rate"], 3) not in CASE["not_these"]
    assert found["with_no_cash_rate"] == pytest.approx(18_600 / 27_000)


def test_each_other_reading_has_its_own_name_and_answer() -> None:
    found = _readings(date(2024, 12, 31))
    assert pd.isna(found["due_current_rate"])  # the new bill falls due in 2025
    assert found["due_global_rate"] == pytest.approx(3_000 / 8_000)
    assert found["ht_arrears_rate"] == pytest.approx(1_500 / 4_000)  # half of every amount of the old bill is tax
    assert found["ht_current_rate"] == pytest.approx(15_000 / 19_000)  # no amount before tax: in full
    assert found["rolling_plain_rate"] == pytest.approx(18_000 / (20_000 - 3_000))
    assert found["previous_current_rate"] == 0.0
    assert pd.isna(found["previous_arrears_rate"])


def test_a_bill_paid_too_much_settles_no_debt_of_another() -> None:
    twice = ALLOCATIONS.assign(
        invoice_id="OLD", allocation_date=pd.Timestamp(2023, 12, 1), amount_centimes=16_000
    ).head(1)
    other = table(BILLS).assign(invoice_id=["OLD", "OTHER"], issue_date=pd.Timestamp(2023, 6, 1))
    events = (other, twice, PAYMENTS, CREDITS.head(0), WRITE_OFFS)
    found = dict(rate_readings(rate_sums_to(events, date(2024, 12, 31))).iloc[0])
    assert found["arrears_base_centimes"] == 20_000  # not 20 000 less the 6 000 that another customer paid too much
    moved = movements(*events, opening=date(2023, 12, 31), as_of=date(2024, 12, 31))
    assert collection_rates(moved, date(2024, 12, 31))["arrears_base_centimes"].sum() == 20_000


def test_a_global_rate_without_older_bills_is_none() -> None:
    found = _readings(date(2023, 12, 31))
    assert pd.isna(found["rolling_global_rate"])
    assert pd.isna(found["previous_global_rate"])


def test_the_passage_of_the_year_closes_and_tells_old_from_new() -> None:
    events = (table(BILLS), ALLOCATIONS, PAYMENTS, CREDITS, WRITE_OFFS)
    found = dict(passage(rate_sums_to(events, date(2024, 12, 31))).iloc[0])
    assert [found[f"{name}_centimes"] for name in ("opening", "billed", "old_collected", "current_credited", "closing")] == [
        10_000, 20_000, 3_000, 1_000, 8_400,
    ]  # fmt: skip
    names = list(found)[2:]
    taken = sum(
        found[name] for name in names if name not in ("opening_centimes", "billed_centimes", "closing_centimes")
    )
    assert found["opening_centimes"] + found["billed_centimes"] - taken == found["closing_centimes"]


@settings(max_examples=6)
@given(book=books(), as_of=st.dates(FIRST, LAST))
def test_the_first_readings_are_the_rates_of_the_definition(book: tuple[pd.DataFrame, ...], as_of: date) -> None:
    keys = ["currency_code", "segment_code"]
    found = rate_readings(rate_sums_to(book, as_of))
    moved = movements(*book, opening=date(as_of.year - 1, 12, 31), as_of=as_of)
    for prefix, more in (("", {}), ("due_", {"due_only": True}), ("ht_", {"basis": "ht"})):
        expected = collection_rates(moved, as_of, keys, **more).set_index(keys)
        mine = found.set_index(keys).reindex(expected.index)
        for name in ("current_rate", "arrears_rate", "global_rate"):
            assert rows(mine[[f"{prefix}{name}"]]) == [
                (None if value is None else pytest.approx(value),) for (value,) in rows(expected[[name]])
            ]


@settings(max_examples=6)
@given(book=books(), as_of=st.dates(FIRST, LAST))
def test_receipts_of_the_rates_are_those_of_the_ledger(book: tuple[pd.DataFrame, ...], as_of: date) -> None:
    found = rate_readings(rate_sums_to(book, as_of), by=())
    now = item_balances(*book, as_of=as_of)["collected_centimes"].sum()
    before = item_balances(*book, as_of=date(as_of.year - 1, 12, 31))["collected_centimes"].sum()
    told = found["current_collected_centimes"].sum() + found["arrears_collected_centimes"].sum()
    assert int(told) == int(now - before)
