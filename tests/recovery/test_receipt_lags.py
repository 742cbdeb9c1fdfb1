"""Mirrors recovery/receipt_lags.py: the cube ties to the ledger, and cut on an evening it is that of what was known then."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, table
from tests.recovery.books import FIRST, LAST, books, registers
from tests.recovery.receipt_cases import CUSTOMERS, known_on
from workbench.errors import WrongUse
from workbench.recovery import cohort_receipts, item_balances, receipts_cube
from workbench.recovery.receipt_lags import ReceiptCube, kinds_of

Books = tuple[pd.DataFrame, ...]


def with_service(tables: Books) -> Books:
    return (tables[0].assign(service_code="water"), *tables[1:])


def cube_of(tables: Books, as_of: date, origins: tuple[date, ...] = ()) -> ReceiptCube:
    return receipts_cube(*with_service(tables), CUSTOMERS, as_of=as_of, origins=origins)


def plain(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    return rows(frame.astype({name: "str" for name in frame.columns if frame[name].dtype == "category"}))


@given(books(), st.dates(FIRST, LAST))
@settings(max_examples=12)
def test_what_is_left_in_the_cube_is_the_open_ledger(tables: Books, day: date) -> None:
    cube = cube_of(tables, LAST, (day,)).on(day)
    rest = cube.book["billed_centimes"] - cube.book["cash_centimes"] - cube.book["no_cash_centimes"]
    items = item_balances(*tables, as_of=day)
    on_bills = items[~items["invoice_id"].isin(tables[3]["credit_note_id"])]
    expected = on_bills.groupby("currency_code")["outstanding_centimes"].sum().astype(int)
    found = rest.groupby(cube.book["currency_code"].astype(str)).sum()
    assert found[found != 0].to_dict() == expected[expected != 0].to_dict()
    assert cube.book["cash_centimes"].sum() == on_bills["collected_centimes"].sum()


@given(books(), registers(), st.dates(FIRST, LAST), st.dates(FIRST, LAST))
@settings(max_examples=12)
def test_an_origin_of_a_cube_is_the_cube_of_what_was_known_then(
    tables: Books, units: pd.DataFrame, day: date, other: date
) -> None:
    cut, alone = cube_of(tables, LAST, (day, other)).on(day), cube_of(known_on(tables, day), day, (min(day, other),))
    for name in ("book", "bills", "receipts"):
        assert plain(getattr(cut, name)) == plain(getattr(alone, name))
    until = day + timedelta(days=91)
    one, two = cohort_receipts(cut, units, until), cohort_receipts(alone, units, until)
    pd.testing.assert_frame_equal(one.keys, two.keys)
    assert one.amounts == pytest.approx(two.amounts)


BILLS = table("""
    invoice_id  customer_code  center_code  segment_code  service_code  issue_date  due_date    amount_ttc_centimes  amount_ht_centimes  currency_code  source_invoice_id  cancelled_date
    OLD         C1             0101         household     water         2024-01-10  -                         10000                8000  MAD            -                  -
    REST        C1             0101         household     water         2024-02-20  2024-03-01                  500                 400  MAD            OLD                -
    GONE        C2             0101         household     water         2024-01-12  2024-02-12                  900                 800  MAD            -                  2024-01-30
""")
PAID = table("""
    payment_id  customer_code  center_code  receipt_date  channel_code   amount_centimes  currency_code  bounced_date
    P1          C1             0101         2024-01-20    cheque                    3000  MAD            2024-01-29
    P2          C1             0101         2024-01-31    cash                      2000  MAD            -
    P3          C1             0101         2024-02-01    prepaid_stamp              700  MAD            -
    P4          C9             0101         2024-02-02    cash                       100  MAD            -
""")
COUNTED = table("""
    allocation_id  payment_id  invoice_id  allocation_date  amount_centimes  currency_code
    A1             P1          OLD         2024-01-20                 3000  MAD
    A2             P2          OLD         2024-01-31                 2000  MAD
    A3             P3          OLD         2024-02-01                  700  MAD
""")


def made(as_of: date, origins: tuple[date, ...] = ()) -> ReceiptCube:
    return receipts_cube(BILLS, COUNTED, PAID, customers=CUSTOMERS, as_of=as_of, origins=origins)


def test_weeks_of_bills_and_events() -> None:
    book = made(date(2024, 3, 31)).book
    names = ["cohort_date", "part_date", "billed_centimes", "cash_centimes", "no_cash_centimes"]
    monday = date(2024, 1, 8)
    assert rows(book[names]) == [
        (monday, monday, 10_900, 0, 0),
        (monday, date(2024, 1, 15), 0, 3_000, 0),
        # The cheque came back, cash came, a stamp came, the bill issued twice was cancelled: all in one week.
        (monday, date(2024, 1, 29), 0, -1_000, 1_600),
        (monday, date(2024, 2, 19), 500, 0, 0),  # the rest of a bill is of its bill's week
    ]


def test_receipts_without_a_bill_are_cash_too_and_stamps_are_none() -> None:
    found = made(date(2024, 3, 31)).receipts[["segment_code", "channel_code", "receipt_date", "cash_centimes"]]
    assert plain(found) == [
        ("", "cash", date(2024, 2, 2), 100),
        ("household", "cash", date(2024, 1, 31), 2_000),
        ("household", "cheque", date(2024, 1, 20), 3_000),
        ("household", "cheque", date(2024, 1, 29), -3_000),
    ]


def test_an_origin_cuts_its_week_and_no_other_day_answers() -> None:
    cube = made(date(2024, 3, 31), (date(2024, 1, 30),))
    assert cube.on("2024-01-30").book["no_cash_centimes"].sum() == 900
    assert cube.on(date(2024, 2, 4)).as_of == date(2024, 2, 4)  # a Sunday: weeks end there anyhow
    for day in (date(2024, 1, 31), date(2024, 4, 7)):
        with pytest.raises(WrongUse, match="no cut on"):
            cube.on(day)


def test_rests_are_no_new_bills() -> None:
    assert plain(made(date(2024, 3, 31)).bills[["issue_date", "billed_centimes"]]) == [
        (date(2024, 1, 10), 10_000),
        (date(2024, 1, 12), 900),
    ]


def test_a_payer_of_two_segments_on_one_day_has_none() -> None:
    twice = pd.concat([CUSTOMERS, CUSTOMERS.assign(segment_code="business")], ignore_index=True)
    cube = receipts_cube(BILLS, COUNTED, PAID, customers=twice, as_of=date(2024, 3, 31))
    assert set(cube.receipts["segment_code"]) == {""}
    assert cube.receipts["cash_centimes"].sum() == 2_100


def test_an_office_without_a_bill_has_an_empty_cube() -> None:
    cube = receipts_cube(BILLS[:0], COUNTED[:0], PAID[:0], customers=CUSTOMERS, as_of=date(2024, 3, 31))
    assert (len(cube.book), len(cube.bills), len(cube.receipts)) == (0, 0, 0)


def test_kinds_are_sorted_and_what_is_missing_is_an_empty_text() -> None:
    frame = pd.DataFrame({"a": ["y", None, "x", "y"], "b": ["1", "2", "1", "1"]})
    kinds, place = kinds_of(frame, ["a", "b"])
    assert kinds == [("", "2"), ("x", "1"), ("y", "1")]
    assert place.tolist() == [2, 0, 1, 2]
