"""Mirrors recovery/explaining/changed_items.py: what came, went and got worse leads from one overdue to the other."""

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, table
from tests.recovery.books import FIRST, LAST, books
from workbench.errors import WrongUse
from workbench.recovery import open_items
from workbench.recovery.explaining import CHANGES, changed_items, changes_by

INVOICES = table("""
    invoice_id  customer_code  center_code  segment_code  issue_date  due_date    amount_ttc_centimes  amount_ht_centimes  currency_code  source_invoice_id  cancelled_date
    CURED       C1             0101         household     2024-01-01  2024-02-01                  100  -                   MAD            -                  -
    NEW         C1             0101         household     2024-03-01  2024-04-01                  200  -                   MAD            -                  -
    OLDER       C1             0101         household     2024-01-01  2024-03-15                  300  -                   MAD            -                  -
    PART        C1             0101         household     2023-01-01  2023-02-01                  400  -                   MAD            -                  -
    LOST        C1             0101         household     2023-01-01  2023-02-01                  500  -                   MAD            -                  -
    CREDIT      C1             0101         household     2024-01-01  2024-02-01                  600  -                   MAD            -                  -
    GONE        C1             0101         household     2024-01-01  2024-02-01                  700  -                   MAD            -                  2024-04-02
    SAME        C1             0101         household     2023-01-01  2023-02-01                  800  -                   MAD            -                  -
    BACK        C1             0101         household     2023-01-01  2023-02-01                  900  -                   MAD            -                  -
    UNDATED     C1             0101         household     2024-01-01  -                            50  -                   MAD            -                  -
    YOUNG       C1             0101         household     2024-04-01  2024-06-01                   60  -                   MAD            -                  -
""")
PAYMENTS = table("""
    payment_id  channel_code  receipt_date  bounced_date
    P1          cash          2024-04-03    -
    P2          cash          2024-04-03    -
    P3          cheque        2024-03-01    2024-04-04
""")
ALLOCATIONS = table("""
    payment_id  invoice_id  allocation_date  amount_centimes
    P1          CURED       2024-04-03                   100
    P2          PART        2024-04-03                   150
    P3          BACK        2024-03-01                   250
""")
CREDITS = table("""
    credit_note_id  invoice_id  customer_code  credit_date  amount_ttc_centimes  currency_code
    K1              CREDIT      C1             2024-04-05                   600  MAD
""")
WRITE_OFFS = table("""
    write_off_id  invoice_id  write_off_date  amount_centimes
    W1            LOST        2024-04-06                  500
""")
EVENTS = (INVOICES, ALLOCATIONS, PAYMENTS, CREDITS, WRITE_OFFS)


def test_each_item_says_what_happened_to_it() -> None:
    found = changed_items(*EVENTS, opening="2024-03-31", as_of="2024-04-30")
    told = {row[0]: row[1:] for row in rows(found[["invoice_id", "change_code", "before_centimes", "after_centimes"]])}
    assert told == {
        "CURED": ("cured", 100, 0),
        "NEW": ("new", 0, 200),
        "OLDER": ("worsened", 300, 300),
        "PART": ("reduced", 400, 250),
        "LOST": ("written_off", 500, 0),
        "CREDIT": ("credited", 600, 0),
        "GONE": ("credited", 700, 0),
        "SAME": ("unchanged", 800, 800),
        "BACK": ("larger", 650, 900),
        "UNDATED": ("unchanged", 50, 50),
    }
    assert {code for code, *_ in told.values()} == set(CHANGES)


def test_totals_by_segment() -> None:
    found = changes_by(changed_items(*EVENTS, opening="2024-03-31", as_of="2024-04-30", lazy=True))
    credited = found[found["change_code"] == "credited"]
    assert rows(credited) == [("MAD", "household", "credited", 1300, 0, 2, -1300)]
    assert int(found["change_centimes"].sum()) == 2500 - 4100


def test_the_opening_comes_first() -> None:
    with pytest.raises(WrongUse):
        changed_items(*EVENTS, opening="2024-05-01", as_of="2024-04-30")


@settings(max_examples=8, deadline=None)
@given(book=books(), days=st.tuples(st.dates(FIRST, LAST), st.dates(FIRST, LAST)))
def test_the_changes_lead_from_one_overdue_to_the_other(book: Any, days: tuple[date, date]) -> None:
    first, last = sorted(days)
    found = changed_items(*book, opening=first, as_of=last)
    for day, column in ((first, "before_centimes"), (last, "after_centimes")):
        items = open_items(*book, as_of=day)
        is_overdue = (items["outstanding_centimes"] > 0) & ~(items["due_date"] >= pd.Timestamp(day))
        assert int(found[column].sum()) == int(items.loc[is_overdue, "outstanding_centimes"].sum())
    assert set(found["change_code"]) <= set(CHANGES)
    assert not found["invoice_id"].duplicated().any()
    assert int(changes_by(found, ("center_code",))["item_count"].sum()) == len(found)
