"""Mirrors pipeline/counterparties.py: who pays, by the names and references that banks write."""

from datetime import date

import pandas as pd

from tests.builders import rows, table
from workbench.pipeline.counterparties import counterparties, payment_references

AS_OF = date(2024, 6, 30)
CUSTOMERS = table("""
    customer_code customer_name segment_code     center_code valid_from_date valid_to_date
    00000001      AA            household        C1          2010-01-01      2023-12-31
    00000001      AA            regional_utility C1          2024-01-01      -
    00000002      -             state            C1          2010-01-01      -
    00000003      BB            business         C1          2010-01-01      -
    00000004      BB            business         C2          2012-01-01      -
    00000005      -             household        C1          2024-07-01      -
""")


def test_a_customer_is_named_by_its_number_and_by_its_name_where_that_says_one_segment() -> None:
    found = counterparties(CUSTOMERS, AS_OF)
    named = [row for row in rows(found) if not row[0].startswith("0")]
    assert named == [
        ("BB", "business", date(2010, 1, 1), None),
        ("CLIENT 00000001", "household", date(2010, 1, 1), date(2023, 12, 31)),
        ("CLIENT 00000001", "regional_utility", date(2024, 1, 1), None),
        ("CLIENT 00000002", "state", date(2010, 1, 1), None),
        ("CLIENT 00000003", "business", date(2010, 1, 1), None),
        ("CLIENT 00000004", "business", date(2012, 1, 1), None),
    ]  # AA is of two segments: its name says none; 00000005 was not there yet
    assert {row[0] for row in rows(found)} >= {"00000001", "00000004"}


PAYMENTS = table("""
    payment_id customer_code receipt_date channel_code  amount_centimes currency_code reference
    R1         00000001      2024-01-02   transfer      100             MAD           VIR-9
    R2         00000002      2024-01-02   transfer      100             MAD           -
    R3         00000002      2024-01-02   transfer      100             MAD           VIR-8
    R4         00000002      2024-01-02   transfer      100             MAD           VIR-8
    R5         00000002      2024-01-02   cash          100             MAD           -
    R6         00000002      2024-01-02   transfer      100             MAD           -
    R7         00000002      2024-01-02   transfer      100             MAD           -
    R8         00000002      2024-07-02   transfer      100             MAD           -
    R9         00000002      2024-01-02   transfer      100             MAD           R1
""")
INVOICES = table("""
    invoice_id segment_code  service_code  issue_date
    F1         municipality  works  2022-01-05
    F2         municipality  contribution  2022-01-05
    F3         state         water  2022-01-05
    F4         state         bulk_water  2022-01-05
""")
ALLOCATIONS = table("""
    allocation_id payment_id invoice_id allocation_date
    A1            R1         F1         2024-01-03
    A2            R2         F1         2024-01-03
    A3            R2         F2         2024-01-03
    A4            R3         F3         2024-01-03
    A5            R3         F4         2024-01-03
    A6            R4         F1         2024-01-03
    A7            R5         F1         2024-01-03
    A8            R6         F1         2024-07-01
    A9            R7         F1         2024-01-03
    A10           R7         F3         2024-01-03
    A11           R8         F1         2024-07-03
    A12           R9         F3         2024-01-03
""")


def test_a_reference_leads_to_what_was_paid_and_to_nothing_where_it_was_two_things() -> None:
    found = payment_references(PAYMENTS, ALLOCATIONS, INVOICES, AS_OF)
    assert (
        rows(found)
        == [
            ("R2", "municipality", None),  # works and a contribution
            ("R3", "state", "water"),  # bulk water is water here: only works and contributions are lines of their own
            ("R4", "municipality", "works"),
            ("R7", None, None),
            ("R9", "state", "water"),
            ("VIR-9", "municipality", "works"),
        ]
    )  # R1 is R9's own reference too, VIR-8 is of two payments: left out; R5 is cash, R6 was allocated and R8 came later


def test_later_it_knows_more() -> None:
    later = {row[0] for row in rows(payment_references(PAYMENTS, ALLOCATIONS, INVOICES, date(2024, 12, 31)))}
    assert {"R6", "R8"} <= later


def test_what_a_bill_to_come_is_of_was_not_known() -> None:
    later = INVOICES.assign(issue_date=pd.Timestamp(AS_OF) + pd.Timedelta(days=1))
    assert rows(payment_references(PAYMENTS, ALLOCATIONS, later, AS_OF)) == []
    assert len(payment_references(PAYMENTS, ALLOCATIONS, later, date(2024, 7, 1)))
