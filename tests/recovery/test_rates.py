"""Mirrors recovery/rates.py, curves.py, units.py, allocation_rules.py and ledger_items.py: the worked case of docs/methods/collection_rates.md, and what must always tie."""

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, table
from workbench.errors import Unanswerable, WrongUse
from workbench.recovery import (
    allocate_oldest_first,
    by_origin_year,
    collection_rates,
    cumulative_curves,
    in_unit,
    item_balances,
    movements,
    open_items_from_ledger,
    roll_forward,
    units_on,
)

INVOICES = table("""
    invoice_id  customer_code  center_code  segment_code  issue_date  due_date    amount_ttc_centimes  amount_ht_centimes  currency_code  source_invoice_id  cancelled_date
    OLD         C1             0101         household     2023-06-01  2023-07-01                10000                8000  MAD            -                  -
    NEW         C1             0101         household     2024-02-01  2024-03-01                20000               16000  MAD            -                  -
    REST        C2             0101         state         2024-05-01  2024-06-01                  500                 400  MAD            OLD                -
    GONE        C2             0101         state         2024-05-01  2024-06-01                  900                 800  MAD            -                  2024-06-01
""")
PAYMENTS = table("""
    payment_id  customer_code  center_code  receipt_date  channel_code   amount_centimes  currency_code  bounced_date
    P1          C1             0101         2024-03-01    cash                     15000  MAD            -
    P2          C1             0101         2024-03-01    transfer                  3000  MAD            -
    P3          C1             0101         2024-04-01    prepaid_stamp              600  MAD            -
    P4          C1             0101         2024-04-01    cheque                     700  MAD            2024-04-20
    P5          C2             0101         2024-04-02    cash                       650  MAD            -
""")
ALLOCATIONS = table("""
    allocation_id  payment_id  invoice_id  allocation_date  amount_centimes  currency_code
    A1             P1          NEW         2024-03-01                 15000  MAD
    A2             P2          OLD         2024-03-01                  3000  MAD
    A3             P3          NEW         2024-04-01                   600  MAD
    A4             P4          NEW         2024-04-01                   700  MAD
""")
CREDITS = table("""
    credit_note_id  invoice_id  customer_code  credit_kind_code  credit_date  amount_ttc_centimes  currency_code
    K1              NEW         C1             credit_note       2024-03-05                  1000  MAD
    K2              OLD         C1             relief            2024-03-05                  2000  MAD
    K3              -           C2             credit_note       2024-03-06                   250  MAD
""")
WRITE_OFFS = table("""
    write_off_id  invoice_id  write_off_date  amount_centimes  currency_code
    W1            OLD         2024-06-15                  100  MAD
""")
TABLES = (INVOICES, ALLOCATIONS, PAYMENTS, CREDITS, WRITE_OFFS)


def _moved(as_of: date, opening: date = date(2023, 12, 31)) -> Any:
    return movements(*TABLES, opening=opening, as_of=as_of)


def _balances(as_of: date) -> dict[str, int]:
    items = item_balances(*TABLES, as_of=as_of)
    return dict(zip(items["invoice_id"], items["outstanding_centimes"], strict=True))


def test_worked_case_of_the_method() -> None:
    household = (
        collection_rates(_moved(date(2024, 12, 31)), date(2024, 12, 31)).query("segment_code == 'household'").iloc[0]
    )
    assert [round(household[name] * 100, 1) for name in ("current_rate", "arrears_rate", "global_rate")] == [
        78.9,
        37.5,
        66.7,
    ]
    assert household["with_no_cash_rate"] == pytest.approx((18000 + 600) / 27000)


def test_the_rest_of_an_old_bill_is_arrears() -> None:
    moved = _moved(date(2024, 12, 31)).set_index("invoice_id")
    assert list(moved.loc[["OLD", "NEW", "REST"], "was_issued_before"]) == [True, False, True]


def test_rates_on_what_is_due_leave_the_rest_out() -> None:
    due = collection_rates(_moved(date(2024, 2, 15)), date(2024, 2, 15), by=("currency_code",), due_only=True).iloc[0]
    assert (due["current_base_centimes"], due["arrears_base_centimes"]) == (0, 10000)
    assert pd.isna(due["current_rate"])
    with pytest.raises(WrongUse, match="ttc or ht"):
        collection_rates(_moved(date(2024, 2, 15)), date(2024, 2, 15), basis="net")
    with pytest.raises(WrongUse, match="is after"):
        _moved(date(2023, 1, 1))


def test_without_tax_each_bill_takes_its_own_ratio() -> None:
    household = (
        collection_rates(_moved(date(2024, 12, 31)), date(2024, 12, 31), basis="ht")
        .query("segment_code == 'household'")
        .iloc[0]
    )
    assert (household["current_collected_centimes"], household["current_base_centimes"]) == (12000, 15200)


def test_a_bounced_cheque_counts_until_it_bounces() -> None:
    assert _balances(date(2024, 4, 19))["NEW"] == 20000 - 15000 - 600 - 700 - 1000
    assert _balances(date(2024, 4, 20))["NEW"] == 20000 - 15000 - 600 - 1000


def test_a_rest_keeps_the_age_of_its_bill_and_a_cancelled_bill_goes() -> None:
    items = item_balances(*TABLES, as_of=date(2024, 6, 30)).set_index("invoice_id")
    assert items.loc["REST", "due_date"] == pd.Timestamp(2023, 7, 1)
    assert items.loc["GONE", "outstanding_centimes"] == 0
    assert items.loc["K3", "outstanding_centimes"] == -250
    assert items.loc["K3", "is_credit"]


def test_a_receipt_without_a_bill_goes_to_the_oldest_of_its_customer() -> None:
    loose = table("""
        payment_id  customer_code  currency_code  receipt_date  unallocated_centimes
        P5          C2             MAD            2024-04-02                     650
    """)
    proposed = allocate_oldest_first(item_balances(*TABLES, as_of=date(2024, 5, 31)), loose)
    assert rows(proposed[["invoice_id", "allocation_date", "amount_centimes"]]) == [
        ("GONE", date(2024, 5, 1), 150),
        ("REST", date(2024, 4, 2), 500),
    ]


def test_years_of_origin_hold_every_item() -> None:
    assert rows(by_origin_year(item_balances(*TABLES, as_of=date(2024, 5, 31)), by=())) == [
        ("MAD", 2023, 2, 5500, 0),
        ("MAD", 2024, 3, 4050, -250),  # the credit note on no bill
    ]


def test_a_centre_belongs_where_it_stood_on_the_date() -> None:
    units = table("""
        unit_code  unit_level_code  parent_unit_code  valid_from_date  valid_to_date
        A1         agency           D1                2020-01-01       -
        A2         agency           D2                2020-01-01       -
        0101       center           A1                2020-01-01       2024-03-31
        0101       center           A2                2024-04-01       -
    """)
    assert rows(units_on(units, date(2024, 3, 31))) == [("0101", "A1", "D1")]
    assert rows(units_on(units, "2024-04-01")) == [("0101", "A2", "D2")]
    items = item_balances(*TABLES, as_of=date(2024, 4, 1))
    assert len(in_unit(items, units, date(2024, 4, 1))) == len(items)
    assert in_unit(items, units, date(2024, 4, 1), "D1").empty


@settings(max_examples=10, deadline=None)
@given(days=st.tuples(st.dates(date(2023, 1, 1), date(2024, 12, 31)), st.dates(date(2023, 1, 1), date(2024, 12, 31))))
def test_the_roll_forward_ties_between_any_two_dates(days: tuple[date, date]) -> None:
    opening, as_of = sorted(days)
    rolled = roll_forward(_moved(as_of, opening), by=("currency_code",))
    events = ["cancelled", "collected", "stamps", "compensations", "credited", "written_off"]
    for row in rolled.to_dict("records"):
        assert (
            row["opening_centimes"] + row["billed_centimes"] - sum(row[f"{e}_centimes"] for e in events)
            == row["closing_centimes"]
        )
    assert rolled["closing_centimes"].sum() == sum(_balances(as_of).values())


def test_curves_end_at_what_came_in() -> None:
    assert rows(cumulative_curves(INVOICES, ALLOCATIONS, as_of=date(2024, 3, 31)))[0][2:6] == (9, 3000, 3000, 10000)


def _ledger(scope: str) -> pd.DataFrame:
    return table(f"""
        company_code  fiscal_year  document_number  document_line  customer_code  center_code  document_date  due_date    posting_date  clearing_date  amount_centimes  currency_code  source_document_number  source_fiscal_year  source_document_line  extract_date  extract_scope_code
        1000          2023         100              1              C1             0101         2023-06-01     2023-07-01  2023-06-01    2024-03-01               10000  MAD            -                       -                   -                     2024-06-30    {scope}
        1000          2024         200              1              C1             0101         2024-03-01     2024-03-01  2024-03-01    -                         4000  MAD            100                     2023                1                     2024-06-30    {scope}
    """)


def test_sap_items_open_on_the_day_keep_the_age_of_their_bill() -> None:
    items = open_items_from_ledger(_ledger("all_items"), as_of=date(2024, 3, 31))
    assert rows(items[["document_number", "issue_date", "outstanding_centimes"]]) == [("200", date(2023, 6, 1), 4000)]
    assert list(open_items_from_ledger(_ledger("all_items"), as_of=date(2024, 2, 28))["document_number"]) == ["100"]


def test_an_open_items_list_refuses_another_day() -> None:
    with pytest.raises(Unanswerable, match="2024-06-30 cannot tell what was open on 2024-03-31"):
        open_items_from_ledger(_ledger("open_items"), as_of=date(2024, 3, 31))


def test_an_all_items_list_cannot_tell_what_was_cleared_after_it_was_printed() -> None:
    with pytest.raises(Unanswerable, match="2024-06-30 cannot tell what was still open on 2024-07-31"):
        open_items_from_ledger(_ledger("all_items"), as_of=date(2024, 7, 31))
    with pytest.raises(Unanswerable, match="tells no clearing"):
        open_items_from_ledger(_ledger("postings"), as_of=date(2024, 6, 30))


def test_open_items_lists_of_every_month_answer_their_days_where_each_holds_all_of_its_company() -> None:
    # 100 left the list of February: it was cleared in between. 200 stands in both, and bears the date of the last.
    lists = _ledger("open_items").assign(
        clearing_date=pd.NaT,
        posting_date=pd.Timestamp("2024-01-02"),
        extract_date=pd.to_datetime(["2024-01-31", "2024-02-29"]),
    )
    for day, numbers in ((date(2024, 1, 31), ["100", "200"]), (date(2024, 2, 29), ["200"])):
        found = open_items_from_ledger(lists, as_of=day, lists_cover=("company_code",))
        assert list(found["document_number"]) == numbers
        with pytest.raises(Unanswerable):
            open_items_from_ledger(lists, as_of=day)
    with pytest.raises(Unanswerable, match="2024-01-31, 2024-02-29"):
        open_items_from_ledger(lists, as_of=date(2024, 2, 15), lists_cover=("company_code",))


def test_what_was_paid_on_a_cancelled_bill_collects_no_other() -> None:
    # B: 20.00, paid, then cancelled: owed back. C: 30.00, nothing paid. Of the 30.00 to collect nothing came in.
    bills = table("""
        invoice_id  customer_code  center_code  segment_code  issue_date  due_date    amount_ttc_centimes  amount_ht_centimes  currency_code  source_invoice_id  cancelled_date
        B           C1             0101         households    2023-02-01  2023-03-01                 2000                1800  MAD            -                  2023-04-15
        C           C2             0101         households    2023-02-01  2023-03-01                 3000                2700  MAD            -                  -
    """)
    counted = table("""
        allocation_id  payment_id  invoice_id  allocation_date  amount_centimes  currency_code
        A1             P1          B           2023-03-05                  2000  MAD
    """)
    moved = movements(bills, counted, opening=date(2022, 12, 31), as_of=date(2023, 6, 30))
    found = collection_rates(moved, date(2023, 6, 30)).iloc[0]
    assert (found["current_base_centimes"], found["current_collected_centimes"], found["current_rate"]) == (
        3000,
        0,
        0.0,
    )
    in_march = collection_rates(
        movements(bills, counted, opening=date(2022, 12, 31), as_of=date(2023, 3, 31)), date(2023, 3, 31)
    )
    assert in_march["current_rate"].iloc[0] == pytest.approx(2000 / 5000)
