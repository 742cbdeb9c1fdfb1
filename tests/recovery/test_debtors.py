"""Mirrors recovery/debtors.py."""

from datetime import date

import pytest

from tests.builders import rows, table
from workbench.errors import WrongUse
from workbench.recovery import top_debtors

ITEMS = table("""
    invoice_id  customer_code  segment_code  center_code  currency_code  issue_date  due_date    outstanding_centimes  is_disputed
    F1          C1             state         0101         MAD            2022-01-01  2022-02-01                  4000  true
    F2          C1             state         0102         MAD            2024-01-01  2024-02-01                  1000  false
    F3          C1             state         0101         MAD            2024-06-01  2024-07-15                  9000  false
    F4          C1             state         0101         MAD            2024-01-01  2024-02-01                 -4900  false
    F5          C2             state         0101         MAD            2024-01-01  -                           2000  false
    F6          C3             household     0201         MAD            2024-01-01  2024-06-29                  3000  false
    F7          C4             household     0201         MAD            2024-06-01  2024-07-01                  8000  false
    F8          C5             state         0101         EUR            2024-01-01  2024-02-01               1000000  false
""")
PAYMENTS = table("""
    customer_code  receipt_date  bounced_date  channel_code
    C1             2024-03-01    -             transfer
    C1             2024-04-01    2024-04-05    cheque
    C1             2024-05-01    -             compensation
    C1             2024-07-01    -             transfer
""")
AS_OF = date(2024, 6, 30)


def test_names_stand_by_what_is_due_with_age_share_dispute_and_last_receipt() -> None:
    found = top_debtors(ITEMS, AS_OF, PAYMENTS, count=2)
    names = [
        "rank",
        "customer_code",
        "center_code",
        "outstanding_centimes",
        "due_centimes",
        "old_centimes",
        "oldest_days",
        "item_count",
        "is_disputed",
    ]
    assert rows(found[names]) == [
        (1, "C1", "0101", 14000, 5000, 4000, 880, 3, True),
        (2, "C3", "0201", 3000, 3000, 0, 1, 1, False),
    ]
    assert list(found["due_share"]) == [0.5, 0.3]
    assert list(found["cumulative_share"]) == [0.5, 0.8]
    assert rows(found[["disputed_centimes", "last_receipt_date"]]) == [(4000, date(2024, 3, 1)), (0, None)]


def test_what_has_no_due_date_is_due_and_what_is_not_due_names_nobody() -> None:
    found = top_debtors(ITEMS, AS_OF)
    assert list(found["customer_code"]) == ["C1", "C3", "C2"]
    assert rows(found[["oldest_date", "last_receipt_date"]])[2] == (None, None)
    assert found["cumulative_share"].iloc[-1] == 1.0


def test_another_currency_is_another_list_and_nobody_is_no_error() -> None:
    assert list(top_debtors(ITEMS, AS_OF, currency_code="EUR")["due_centimes"]) == [1000000]
    assert top_debtors(ITEMS, AS_OF, PAYMENTS, currency_code="USD").empty
    with pytest.raises(WrongUse, match="0 names"):
        top_debtors(ITEMS, AS_OF, count=0)
