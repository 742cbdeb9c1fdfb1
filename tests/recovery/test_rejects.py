"""Mirrors recovery/rejects.py: what came back, of what was presented in twelve months and can come back."""

import tomllib
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, table
from tests.recovery.books import FIRST, LAST, books
from workbench.recovery import reject_rates

CASE = tomllib.loads((Path(__file__).resolve().parents[1] / "cases" / "unpaid_indicators.toml").read_text("utf-8"))
PAYMENTS = table("""
    payment_id  channel_code  receipt_date  amount_centimes  currency_code  bounced_date
    P1          cheque        2024-01-10              60000  MAD            2024-01-20
    P2          cheque        2024-02-10             340000  MAD            -
    P3          cheque        2024-06-30              40000  MAD            2024-07-02
    P4          direct_debit  2024-03-01              10000  MAD            -
    P5          cash          2024-03-01             999000  MAD            -
    P6          transfer      2024-03-01               5000  MAD            2024-03-02
    P7          transfer      2024-03-01              15000  MAD            -
    P8          cheque        2023-06-30              70000  MAD            2023-07-10
    P9          cheque        2024-03-01                100  EUR            -
""")


def test_the_worked_case_by_channel_and_what_it_leaves_out() -> None:
    found = reject_rates(PAYMENTS, date(2024, 6, 30))
    shown = [
        "currency_code",
        "channel_code",
        "presented_count",
        "rejected_count",
        "presented_centimes",
        "rejected_centimes",
    ]
    assert rows(found[shown]) == [
        ("EUR", "cheque", 1, 0, 100, 0),
        ("MAD", "cheque", 3, 1, 440000, 60000),
        ("MAD", "direct_debit", 1, 0, 10000, 0),
        ("MAD", "transfer", 2, 1, 20000, 5000),
    ]
    cheques = found.set_index(["currency_code", "channel_code"]).loc[("MAD", "cheque")]
    assert cheques["reject_share"] == pytest.approx(CASE["rejects"]["amount_share"], abs=5e-7)
    assert cheques["reject_count_share"] == pytest.approx(CASE["rejects"]["count_share"], abs=5e-7)


def test_nothing_presented_is_no_rate_and_no_row() -> None:
    assert len(reject_rates(PAYMENTS.head(0), date(2024, 6, 30))) == 0


@settings(max_examples=10)
@given(book=books(), as_of=st.dates(FIRST, LAST))
def test_what_came_back_is_what_the_year_lost(book: tuple[pd.DataFrame, ...], as_of: date) -> None:
    payments = book[2]
    found = reject_rates(payments, as_of, by=("center_code",))
    year = payments[
        (payments["receipt_date"] > pd.Timestamp(as_of) - pd.DateOffset(years=1))
        & (payments["receipt_date"] <= pd.Timestamp(as_of))
    ]
    back = year[year["bounced_date"] <= pd.Timestamp(as_of)]
    assert int(found["rejected_centimes"].sum()) == int(back["amount_centimes"].sum())
    assert (found["rejected_count"] <= found["presented_count"]).all()
