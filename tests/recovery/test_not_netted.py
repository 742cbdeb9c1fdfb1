"""Mirrors recovery/not_netted.py: what lowers no debt stays in sight, whole."""

from datetime import date

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, table
from tests.recovery.books import FIRST, LAST, books
from workbench.recovery import customer_credits, item_balances, unallocated_receipts, waiting_by, waiting_receipts

LOOSE = table("""
    payment_id  channel_code   receipt_date  unallocated_centimes  currency_code
    P1          transfer       2024-06-01                     100  MAD
    P2          transfer       2024-05-31                      20  MAD
    P3          transfer       2023-01-01                       3  MAD
    P4          transfer       2024-06-15                     -50  MAD
    P5          prepaid_stamp  2024-06-15                       7  MAD
""")


def test_receipts_wait_by_channel_and_age_and_none_is_netted() -> None:
    found = waiting_receipts(LOOSE, date(2024, 6, 30))
    assert rows(found) == [
        ("MAD", "prepaid_stamp", False, False, 7, 7, 0, 0, 0, 1, date(2024, 6, 15)),
        ("MAD", "transfer", True, False, 123, 120, 0, 0, 3, 3, date(2023, 1, 1)),
        ("MAD", "transfer", True, True, -50, -50, 0, 0, 0, 1, date(2024, 6, 15)),
    ]


def test_credits_say_why_they_are_there() -> None:
    items = table("""
        invoice_id  currency_code  issue_date  billed_centimes  cancelled_centimes  outstanding_centimes
        F1          MAD            2024-01-01             1000                   0                  -200
        F2          MAD            2024-02-01             1000                1000                 -1000
        K1          MAD            2024-03-01                0                   0                   -40
        F3          MAD            2024-01-01             1000                   0                   500
    """)
    assert rows(customer_credits(items)) == [
        ("MAD", "cancelled", 1, -1000, date(2024, 2, 1)),
        ("MAD", "no_bill", 1, -40, date(2024, 3, 1)),
        ("MAD", "overpaid", 1, -200, date(2024, 1, 1)),
    ]


@settings(max_examples=10)
@given(book=books(), as_of=st.dates(FIRST, LAST))
def test_nothing_that_waits_is_lost(book: tuple[pd.DataFrame, ...], as_of: date) -> None:
    loose = unallocated_receipts(book[2], book[1], as_of=as_of)
    waiting = waiting_receipts(loose, as_of, by=("center_code",))
    assert int(waiting["unallocated_centimes"].sum()) == int(loose["unallocated_centimes"].sum())
    both = waiting_receipts(loose, as_of, by=("channel_code", "center_code"))
    pd.testing.assert_frame_equal(waiting_by(both, ("center_code",)), waiting, check_dtype=False)
    ages = waiting[[f"wait_{n}_centimes" for n in range(4)]].sum().sum()
    assert int(ages) == int(loose["unallocated_centimes"].sum())
    items = item_balances(*book, as_of=as_of)
    below = items[items["is_credit"]]["outstanding_centimes"].sum()
    assert int(customer_credits(items, by=("segment_code", "credit_code"))["credit_centimes"].sum()) == int(below)
