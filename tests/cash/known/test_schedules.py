"""Mirrors cash/known/schedules.py: every register in one shape, as it was known on a date."""

from datetime import date

import pytest

from tests.builders import rows, table
from workbench.cash.known import schedules

AS_OF = date(2024, 12, 31)
LOANS = table("""
    loan_id lender due_date   principal_centimes interest_centimes account_number currency_code signed_date paid_date
    E1      B      2024-12-20                100                 5 C              MAD           -           -
    E1      B      2025-03-20                100                 4 C              MAD           2020-01-01  2025-03-20
    E1      B      2024-09-20                100                 6 C              MAD           2020-01-01  2024-09-20
    E2      B      2025-03-20                100                 6 C              MAD           2025-01-01  -
""")


def test_a_row_is_known_from_its_signature_to_its_payment() -> None:
    found = schedules.loan_rows(LOANS, AS_OF)
    assert rows(found[["flow_id", "amount_centimes"]]) == [("loan/E1/2024-12-20", -105), ("loan/E1/2025-03-20", -104)]
    later = schedules.loan_rows(LOANS, date(2025, 4, 1))
    assert rows(later[["flow_id", "amount_centimes"]]) == [("loan/E1/2024-12-20", -105), ("loan/E2/2025-03-20", -106)]


def test_a_register_without_its_optional_columns_is_read_all_the_same() -> None:
    plain = LOANS.drop(columns=["signed_date", "paid_date"])
    assert len(schedules.loan_rows(plain, AS_OF)) == 4
    assert list(schedules.loan_rows(plain, AS_OF).columns) == schedules.COLUMNS


def test_an_agreed_instalment_comes_on_the_line_of_its_customer() -> None:
    plans = table("""
        plan_id customer_code segment_code  signed_date due_date   amount_centimes currency_code
        P1      1             utility_board -           2025-01-02             100 MAD
        P2      2             -             -           2025-01-02             100 MAD
    """)
    found = schedules.instalment_rows(plans, AS_OF)
    assert found["line_code"].tolist() == ["receipts_bulk", "unclassified"]
    assert found["account_number"].isna().all()


def test_a_supplier_is_paid_from_the_one_disbursements_account_of_its_unit() -> None:
    items = table("""
        company_code fiscal_year document_number document_line supplier_code supplier_name due_date   amount_centimes currency_code reference center_code
        1000         2024        1               001           F1            ALPHA         2025-01-02            -100 MAD           -         DR01
        1000         2024        2               001           F1            ALPHA         2025-01-02            -100 MAD           -         DR02
        1000         2024        3               001           F1            ALPHA         2025-01-02            -100 MAD           -         -
    """)
    accounts = table("""
        account_number unit_code role_code
        A              DR01      disbursements
        B              DR01      receipts
        C              DR02      disbursements
        D              DR02      disbursements
    """)
    assert rows(schedules.supplier_rows(items, accounts)[["account_number"]]) == [("A",), (None,), (None,)]


@pytest.mark.parametrize("count", [0, 1])
def test_types_are_the_same_with_rows_and_without(count: int) -> None:
    found = schedules.loan_rows(LOANS.iloc[:count], AS_OF)
    assert str(found["amount_centimes"].dtype) == "Int64"
    assert str(found["due_date"].dtype) == "datetime64[us]"
