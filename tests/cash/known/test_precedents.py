"""Mirrors cash/known/precedents.py: precedents that agree give a line, those that do not give none."""

from datetime import date

from tests.builders import rows, table
from workbench.cash import lines_by_precedent, lines_on_their_way

BOOKED = table("""
    account_number currency_code value_date amount_centimes counterparty reference line_code
    D              MAD           2024-11-12            -100 ALPHA        OV011001  suppliers
    D              MAD           2024-11-22            -200 BETA         OV011002  suppliers
    D              MAD           2024-12-12            -300 GAMMA        OV012001  suppliers
    D              MAD           2024-12-25            -900 -            PAIE01200 payroll
    T              MAD           2024-12-02             500 CLIENT1      R0001     receipts_public
    T              MAD           2024-12-03             500 CLIENT1      R0002     receipts_public
    T              MAD           2024-12-04             500 CLIENT1      R0003     receipts_public
    T              MAD           2024-12-04             500 CLIENT2      R0004     receipts_bulk
    T              MAD           2024-12-04             500 CLIENT3      R0005     unclassified
    T              MAD           2025-01-02             700 CLIENT1      R0006     receipts_public
""")
FLOWS = table("""
    flow_id account_number amount_centimes counterparty reference
    F1      D                         -777 OMEGA        OV013009
    F2      D                          777 OMEGA        OV013009
    F3      D                         -777 -            PAIE01300
    F4      T                          777 client1      R0007
    F5      T                          777 CLIENT4      R0008
    F6      E                         -777 -            OV013010
    F7      D                         -777 -            -
""")


def test_a_flow_takes_the_line_of_those_before_it_where_they_agree() -> None:
    # F2 runs the other way; F3 has one precedent only; F5 has the shape of lines that went two ways; F6 is known by its shape alone.
    found = lines_by_precedent(FLOWS, BOOKED)
    assert rows(found) == [("F1", "suppliers"), ("F4", "receipts_public"), ("F6", "suppliers")]
    assert len(lines_by_precedent(FLOWS, BOOKED.iloc[:0])) == 0
    assert len(lines_by_precedent(FLOWS.iloc[:0], BOOKED)) == 0


def test_lines_booked_come_in_value_on_their_value_date() -> None:
    way = lines_on_their_way(BOOKED, date(2024, 12, 31))
    assert rows(way[["day_date", "amount_centimes", "line_code"]]) == [(date(2025, 1, 2), 700, "receipts_public")]
