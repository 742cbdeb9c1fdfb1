"""Mirrors recovery/months.py: the events of the months add up to the balances, whatever the book and the date."""

from datetime import date
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, table
from tests.recovery.books import FIRST, LAST, books
from workbench.recovery import MOVEMENTS, item_balances, movements_by_month

INVOICES = table("""
    invoice_id  customer_code  center_code  segment_code  issue_date  due_date    amount_ttc_centimes  amount_ht_centimes  currency_code  source_invoice_id  cancelled_date
    F1          C1             0101         household     2024-01-10  2024-02-10                10000                8000  MAD            -                  -
    F2          C1             0101         household     2024-02-10  2024-03-10                 3000                2500  MAD            -                  2024-03-05
""")
PAYMENTS = table("""
    payment_id  receipt_date  channel_code   amount_centimes  bounced_date
    P1          2024-01-15    cheque                    4000  2024-03-02
    P2          2024-01-20    cash                      3000  -
    P3          2024-02-01    prepaid_stamp              500  -
""")
ALLOCATIONS = table("""
    payment_id  invoice_id  allocation_date  amount_centimes
    P1          F1          2024-01-15                  4000
    P2          F2          2024-01-20                  3000
    P3          F1          2024-02-01                   500
""")


def test_a_bounce_is_a_negative_receipt_of_its_month_and_nothing_counts_before_its_bill() -> None:
    months = movements_by_month(INVOICES, ALLOCATIONS, PAYMENTS, as_of=date(2024, 3, 31), by=())
    names = ["month_ordinal", "billed_centimes", "cancelled_centimes", "collected_centimes", "stamps_centimes"]
    assert rows(months[names]) == [
        (24288, 10000, 0, 4000, 0),
        (24289, 3000, 0, 3000, 500),
        (24290, 0, 3000, -4000, 0),
    ]


def _sums(frame: pd.DataFrame, keys: list[str]) -> list[dict[str, Any]]:
    summed = frame.groupby(keys, dropna=False)[list(MOVEMENTS)].sum().reset_index()
    summed = summed[(summed[list(MOVEMENTS)] != 0).any(axis=1)]
    return [dict(zip(summed.columns, row, strict=True)) for row in rows(summed.sort_values(keys))]


@settings(max_examples=30)
@given(book=books(), as_of=st.dates(FIRST, LAST))
def test_months_add_up_to_the_balances_of_any_day(book: tuple[pd.DataFrame, ...], as_of: date) -> None:
    keys = ["center_code", "segment_code", "currency_code"]
    months = movements_by_month(*book, as_of=as_of)
    assert _sums(months, keys) == _sums(item_balances(*book, as_of=as_of), keys)
