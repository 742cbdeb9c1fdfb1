"""Mirrors recovery/channels.py."""

import pytest

from tests.builders import rows, table
from workbench.errors import WrongUse
from workbench.recovery.channels import receipts_by

PAYMENTS = table("""
    payment_id  receipt_date  channel_code   amount_centimes  currency_code  bounced_date
    P1          2024-01-01    cash                       100  MAD            -
    P2          2024-03-31    cash                       200  MAD            -
    P3          2024-03-01    cheque                     400  MAD            2024-03-20
    P4          2024-03-01    cheque                     800  MAD            2024-04-20
    P5          2024-03-01    prepaid_stamp             1600  MAD            -
    P6          2024-04-01    cash                      3200  MAD            -
    P7          2024-02-01    cash                      6400  EUR            -
""")


def test_what_came_in_between_two_days_without_what_had_bounced() -> None:
    found = receipts_by(PAYMENTS, "2024-01-01", "2024-03-31")
    assert rows(found[["currency_code", "channel_code", "is_cash", "receipt_count", "received_centimes"]]) == [
        ("EUR", "cash", True, 1, 6400),
        ("MAD", "cash", True, 2, 300),
        ("MAD", "cheque", True, 1, 800),
        ("MAD", "prepaid_stamp", False, 1, 1600),
    ]
    with pytest.raises(WrongUse, match="start 2024-04-01 is after 2024-03-31"):
        receipts_by(PAYMENTS, "2024-04-01", "2024-03-31")
