"""Mirrors cash/known/supplier_items.py: what is owed on a date, by lists of each scope; who has waited for how long."""

import tomllib
from datetime import date
from pathlib import Path

from tests.builders import rows, table
from workbench.cash import open_supplier_items, overdue_suppliers

CASE = tomllib.loads((Path(__file__).parents[1] / "cases" / "known_flows.toml").read_text(encoding="utf-8"))
ITEMS = table(CASE["registers"]["suppliers_due"])
LISTS = table("""
    company_code fiscal_year document_number document_line supplier_code supplier_name document_date posting_date due_date   clearing_date amount_centimes currency_code payment_block_code extract_date extract_scope_code
    1000         2024        1               001           F1            ALPHA         2024-11-05    2024-11-05   2024-12-10 -                       -100 MAD           -                  2024-12-15   open_items
    1000         2024        2               001           F1            ALPHA         2024-11-05    2024-11-05   2024-12-10 -                       -200 MAD           -                  2024-12-30   open_items
    2000         2024        3               001           F1            ALPHA         2024-11-05    2024-11-05   2024-12-10 -                       -400 MAD           -                  2024-12-15   open_items
    3000         2024        4               001           F1            ALPHA         2024-11-05    2024-11-05   2024-12-10 -                       -800 MAD           -                  2024-12-30   postings
    3000         2024        5               001           F1            ALPHA         2024-11-05    -            2024-12-10 2024-12-31             -1600 MAD           -                  2025-01-31   all_items
    3000         2024        6               001           F1            ALPHA         2025-01-02    -            2024-12-10 -                      -3200 MAD           -                  2025-01-31   all_items
    3000         2024        7               001           F1            ALPHA         2024-11-05    2024-11-05   -          -                       6400 MAD           -                  2025-01-31   all_items
""")


def test_the_case_worked_by_hand() -> None:
    found = overdue_suppliers(ITEMS, CASE["as_of"])
    columns = ["supplier_code", "overdue_centimes", "blocked_centimes", "oldest_days"]
    assert rows(found[columns]) == [tuple(row) for row in CASE["overdue"]["rows"]]
    assert len(overdue_suppliers(ITEMS.iloc[:0], CASE["as_of"])) == 0


def test_a_later_list_of_open_items_settles_what_it_leaves_out() -> None:
    held, untold = open_supplier_items(LISTS, date(2024, 12, 30))
    assert held["document_number"].tolist() == [
        "2",
        "3",
        "5",
        "7",
    ]  # of company 2000 there is no later list; 5 was cleared on the 31st
    assert untold["document_number"].tolist() == ["4"]
    before, _ = open_supplier_items(LISTS, date(2024, 12, 20))
    assert before["document_number"].tolist() == ["1", "2", "3", "5", "7"]
    after, _ = open_supplier_items(LISTS, date(2024, 12, 31))
    assert after["document_number"].tolist() == ["2", "3", "7"]


def test_an_item_without_a_due_date_is_not_overdue() -> None:
    (row,) = rows(overdue_suppliers(LISTS, date(2024, 12, 30))[["item_count", "overdue_centimes", "oldest_days"]])
    assert row == (3, -2200, 20)
