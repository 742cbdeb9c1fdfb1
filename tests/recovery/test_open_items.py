"""Mirrors recovery/open_items.py, balances.py, and ageing.py. The tables in the tests are the tables that the functions see."""

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import rows, table
from workbench import store
from workbench.errors import WrongUse
from workbench.intake.profiles import load_profiles
from workbench.pipeline.importing import import_files
from workbench.recovery import ageing, by_origin_year, open_items, unallocated_receipts

INVOICES = table("""
    invoice_id  customer_code  center_code  segment_code  issue_date  due_date    amount_ttc_centimes  source_invoice_id  cancelled_date  currency_code  amount_ht_centimes
    F1          C1             0101         household     2024-01-01  2024-01-31                10000  -                  -               MAD            -
    F2          C1             0101         household     2024-02-01  2024-03-02                 5000  -                  2024-03-01      MAD            -
    F3          C2             0102         state         2024-06-01  -                          7000  -                  -               MAD            -
    F4          C2             0102         state         2024-06-01  2024-07-01                 2000  F1                 -               MAD            -
    F5          C3             0102         state         2024-01-01  2024-01-31                 1000  -                  -               MAD            -
""")
PAYMENTS = table("""
    payment_id  receipt_date  channel_code   amount_centimes  bounced_date  customer_code  center_code  currency_code
    P1          2024-02-10    cheque                    4000  2024-02-20    C1             0101         MAD
    P2          2024-03-01    cash                      3000  -             C1             0101         MAD
    P3          2024-03-05    prepaid_stamp             1000  -             C1             0101         MAD
    P4          2024-03-06    transfer                  1500  -             C1             0101         MAD
    P5          2024-03-07    cash                       250  -             C1             0101         MAD
""")
ALLOCATIONS = table("""
    payment_id  invoice_id  allocation_date  amount_centimes
    P1          F1          2024-02-10                  4000
    P2          F1          2024-03-01                  3000
    P3          F1          2024-03-05                  1000
    P4          F5          2024-03-06                  1500
""")
CREDIT_NOTES = table("""
    credit_note_id  customer_code  currency_code  invoice_id  credit_date  amount_ttc_centimes
    K1              C1             MAD            F1          2024-04-01                   500
    K2              C2             MAD            -           2024-07-01                    40
""")
WRITE_OFFS = table("""
    invoice_id  write_off_date  amount_centimes
    F1          2024-05-01                  200
""")
BOOK = (INVOICES, ALLOCATIONS, PAYMENTS, CREDIT_NOTES, WRITE_OFFS)


@pytest.mark.parametrize(
    ("as_of", "owed"),
    [
        (date(2023, 12, 31), {}),
        (date(2024, 1, 31), {"F1": 10000, "F5": 1000}),
        (date(2024, 2, 15), {"F1": 6000, "F2": 5000, "F5": 1000}),
        (date(2024, 2, 20), {"F1": 10000, "F2": 5000, "F5": 1000}),
        (date(2024, 3, 5), {"F1": 6000, "F5": 1000}),
        (date(2024, 6, 30), {"F1": 5300, "F3": 7000, "F4": 2000, "F5": -500}),
        (date(2024, 7, 1), {"F1": 5300, "F3": 7000, "F4": 2000, "F5": -500, "K2": -40}),
    ],
)
def test_only_events_dated_up_to_the_date_count(as_of: date, owed: dict[str, int]) -> None:
    items = open_items(*BOOK, as_of=as_of)
    assert dict(zip(items["invoice_id"], items["outstanding_centimes"], strict=True)) == owed


def test_stamps_lower_the_balance_and_are_no_receipt() -> None:
    items = open_items(*BOOK, as_of=date(2024, 6, 30)).set_index("invoice_id")
    assert (items.loc["F1", "collected_centimes"], items.loc["F1", "stamps_centimes"]) == (3000, 1000)


def test_the_rest_of_a_bill_keeps_its_age_and_nothing_is_dropped() -> None:
    items = open_items(*BOOK, as_of=date(2024, 6, 30))
    expected = [
        ("MAD", "0101", 4, 1, 5300, 0),
        ("MAD", "0102", -1, 1, 7000, 0),
        ("MAD", "0102", 4, 2, 1500, -500),  # 2,000 to collect, and 500 in favour of another customer
    ]
    assert rows(ageing(items, as_of=date(2024, 6, 30), by=["center_code"])) == expected
    assert rows(ageing(open_items(*BOOK, as_of="2024-06-30"), "2024-06-30", by="center_code")) == expected


def test_two_currencies_are_never_added() -> None:
    items = open_items(*BOOK, as_of=date(2024, 6, 30))
    euros = items.assign(currency_code="EUR", outstanding_centimes=items["outstanding_centimes"] * 2)
    both = pd.concat([items, euros], ignore_index=True)
    for made in (ageing(both, date(2024, 6, 30), by=()), by_origin_year(both, by=())):
        sums = made.groupby("currency_code")["outstanding_centimes"].sum()
        assert dict(sums) == {"MAD": 13800, "EUR": 27600}


def test_a_group_that_is_no_column_is_named() -> None:
    items = open_items(*BOOK, as_of=date(2024, 6, 30))
    with pytest.raises(WrongUse, match=r"no column is called 'centre'.*known: invoice_id"):
        ageing(items, date(2024, 6, 30), by=["centre"])


@given(as_of=st.dates(date(2023, 1, 1), date(2030, 1, 1)), bounds=st.sets(st.integers(0, 3000), min_size=1))
def test_buckets_add_up_to_the_ledger_on_any_date(as_of: date, bounds: set[int]) -> None:
    items = open_items(*BOOK, as_of=as_of)
    aged = ageing(items, as_of=as_of, by=["segment_code"], upper_bounds=sorted(bounds))
    assert aged["outstanding_centimes"].sum() == items["outstanding_centimes"].sum()
    assert aged["item_count"].sum() == len(items)


def test_bounds_that_do_not_increase_are_refused() -> None:
    with pytest.raises(WrongUse, match="must increase: 30, 30"):
        ageing(open_items(*BOOK, as_of=date(2024, 6, 30)), as_of=date(2024, 6, 30), upper_bounds=(30, 30))


def test_receipts_that_no_bill_took_stay_visible() -> None:
    assert rows(unallocated_receipts(PAYMENTS, ALLOCATIONS, as_of=date(2024, 12, 31))) == [
        ("P5", "cash", date(2024, 3, 7), 250, "C1", "0101", "MAD")
    ]


def test_the_receivables_sample_against_independent_sql(tmp_path: Path, real_data: Path) -> None:
    path = real_data / "receivables" / "ibm_accounts_receivable.csv"
    import_files(tmp_path, [path], load_profiles(Path(__file__).resolve().parents[2] / "data" / "profiles"), "test")
    office = store.open_office(tmp_path)
    names = ("invoices", "allocations", "payments", "credit_notes", "write_offs")
    items = open_items(*(office[name] for name in names), as_of=date(2013, 9, 30))
    aged = ageing(items, as_of=date(2013, 9, 30), by=["center_code"])
    ours = {(c, b): (n, v) for _, c, b, n, v, _ in rows(aged)}
    sql = f"""
        with t as (select countryCode c, date '2013-09-30' - strptime(DueDate, '%m/%d/%Y')::date d, cast(InvoiceAmount as decimal(18,2)) a
            from read_csv('{path}', all_varchar=true)
            where strptime(InvoiceDate, '%m/%d/%Y')::date <= date '2013-09-30' and strptime(SettledDate, '%m/%d/%Y')::date > date '2013-09-30')
        select c, case when d <= 0 then 0 when d <= 30 then 1 when d <= 60 then 2 when d <= 90 then 3 when d <= 180 then 4
            when d <= 360 then 5 when d <= 720 then 6 when d <= 1440 then 7 else 8 end b, count(*), cast(sum(a) * 100 as bigint) from t group by all
    """
    theirs = {(c, b): (n, v) for c, b, n, v in duckdb.sql(sql).fetchall()}
    assert ours == theirs
    assert len(theirs) > 5
