"""Mirrors recovery/triangles/book.py, book_problems.py and cells.py: from open items to triangles, and where every centime is."""

from collections import defaultdict
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, table
from tests.recovery.books import FIRST, LAST, books
from tests.recovery.triangles.triangle_cases import GRIDS
from workbench.errors import WrongUse
from workbench.recovery import in_unit, item_balances
from workbench.recovery.triangles import Grid, TriangleBook, triangle_book
from workbench.recovery.triangles.grid import ordinal_of
from workbench.schemas.columns import NO_CASH_CHANNELS

INVOICES = table("""
    invoice_id  customer_code  center_code  segment_code  issue_date  due_date    amount_ttc_centimes  amount_ht_centimes  currency_code  source_invoice_id  cancelled_date
    A           C1             0101         household     2024-01-31  2024-03-01                10000                8000  MAD            -                  -
    B           C1             0102         household     2024-02-05  2024-03-01                20000               16000  MAD            -                  -
    REST        C1             0101         household     2024-02-20  2024-03-01                 4000                3000  MAD            A                  -
    D           C1             0101         household     2024-04-10  2024-05-01                 5000                4000  MAD            -                  -
    GONE        C1             0101         household     2024-02-10  2024-05-01                 9000                8000  MAD            -                  2024-03-10
    S           C9             0101         state         2024-02-10  2024-05-01               100000               90000  MAD            -                  -
""")
PAYMENTS = table("""
    payment_id  customer_code  center_code  receipt_date  channel_code   amount_centimes  currency_code  bounced_date
    P1          C1             0101         2024-01-20    cash                      6000  MAD            -
    P2          C1             0101         2024-03-05    cheque                    4000  MAD            2024-04-02
    P3          C1             0101         2024-03-15    cash                     20500  MAD            -
    P4          C1             0101         2024-03-01    cash                       900  MAD            -
    P5          C1             0101         2024-04-03    prepaid_stamp              700  MAD            -
    P6          C1             0101         2024-04-14    cash                      1000  MAD            -
    P7          C1             0101         2024-04-14    cash                       300  MAD            -
""")
ALLOCATIONS = table("""
    allocation_id  payment_id  invoice_id  allocation_date  amount_centimes  currency_code
    A1             P1          A           2024-01-20                  6000  MAD
    A2             P2          REST        2024-03-05                  4000  MAD
    A3             P3          B           2024-03-15                 20500  MAD
    A4             P4          GONE        2024-03-01                   900  MAD
    A5             P5          B           2024-04-03                   700  MAD
    A6             P6          D           2024-04-14                  1000  MAD
    A7             P7          NOBODY      2024-04-14                   300  MAD
""")
CREDITS = table("""
    credit_note_id  invoice_id  customer_code  credit_kind_code  credit_date  amount_ttc_centimes  currency_code
    K1              B           C1             credit_note       2024-03-05                  1000  MAD
    K2              -           C1             credit_note       2024-03-06                   250  MAD
""")
TABLES = (INVOICES, ALLOCATIONS, PAYMENTS, CREDITS)


def _cells(book: TriangleBook, segment: str = "household") -> list[tuple[Any, ...]]:
    part = book.cells[book.cells["segment_code"] == segment]
    return rows(part[["vintage_date", "age", "collected_centimes", "is_complete"]])


def _codes(book: TriangleBook) -> list[str]:
    return [problem.code for problem in book.problems]


def test_months_by_months() -> None:
    book = triangle_book(*TABLES, as_of="2024-04-15")
    assert _cells(book) == [
        (date(2024, 1, 1), 0, 6000, True),  # paid before its bill: age 0
        (date(2024, 1, 1), 2, 4000, True),  # on the rest, which is of its bill's age
        (date(2024, 1, 1), 3, -4000, False),  # came back on 2 April; April is not over
        (date(2024, 2, 1), 1, 20500, True),
        (date(2024, 2, 1), 2, 0, False),  # a stamp is no cash
        (date(2024, 4, 1), 0, 1000, False),
    ]
    triangle = book.triangle(segment_code="household")
    assert triangle.vintages.astype(str).tolist() == ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"]
    nan = np.nan
    expected = [[60, 60, 100], [0, 205, nan], [0, nan, nan], [nan, nan, nan]]
    assert np.array_equal(triangle.values, np.array(expected, np.float64), equal_nan=True)
    # The rest is no bill, the cancelled bill is in neither part; March billed nothing.
    assert triangle.billed.tolist() == [100, 200, 0, 50]
    assert triangle.keys == {"currency_code": "MAD", "segment_code": "household"}
    stamps = book.cells.query("stamps_centimes != 0")
    assert rows(stamps[["age", "stamps_centimes"]]) == [(2, 700)]
    assert book.cells["credited_centimes"].sum() == 1000  # the credit on no bill is of no vintage


def test_days_from_the_day_of_the_bill() -> None:
    book = triangle_book(*TABLES, as_of="2024-04-15", grid=Grid("month", "days", 30))
    assert [cell for cell in _cells(book) if cell[2]][:4] == [
        (date(2024, 1, 1), 0, 6000, True),
        (date(2024, 1, 1), 30, 4000, True),  # 5 March is the 34th day after 31 January
        (date(2024, 1, 1), 60, -4000, False),  # the 62nd; the age is over on 29 April
        (date(2024, 2, 1), 30, 20500, False),  # the bill of 29 February, if there were one, is not 60 days old
    ]
    assert book.triangle(segment_code="household").ages.tolist() == [0, 30]


def test_quarters_by_quarters() -> None:
    book = triangle_book(*TABLES, as_of="2024-04-15", grid=Grid("quarter", "quarters"))
    assert _cells(book) == [
        (date(2024, 1, 1), 0, 30500, True),
        (date(2024, 1, 1), 1, -4000, False),
        (date(2024, 4, 1), 0, 1000, False),
    ]


def test_segments_are_never_pooled_and_any_column_splits_them() -> None:
    book = triangle_book(*TABLES, as_of="2024-04-15", by="center_code")
    assert book.keys == ("currency_code", "segment_code", "center_code")
    assert [tuple(group.values()) for group in book.groups()] == [
        ("MAD", "household", "0101"),
        ("MAD", "household", "0102"),
        ("MAD", "state", "0101"),
    ]
    assert [triangle.keys for triangle in book.triangles()] == book.groups()
    assert book.triangle(center_code="0102").latest[0] == 205
    assert triangle_book(*TABLES, as_of="2024-04-15", by=("center_code", "segment_code")).keys == (
        "currency_code",
        "center_code",
        "segment_code",
    )
    with pytest.raises(WrongUse, match="no column is called 'colour'"):
        triangle_book(*TABLES, as_of="2024-04-15", by="colour")


def test_a_triangle_is_asked_for_by_its_keys() -> None:
    book = triangle_book(*TABLES, as_of="2024-04-15")
    with pytest.raises(WrongUse, match="the keys name 2 triangles"):
        book.triangle()
    with pytest.raises(WrongUse, match="the keys name 0 triangles"):
        book.triangle(segment_code="municipality")
    with pytest.raises(WrongUse, match="no key is called 'center_code'"):
        book.triangle(center_code="0101")
    with pytest.raises(WrongUse, match="no measure is called 'colour'"):
        book.triangle("colour")
    assert book.triangle("credited_centimes", segment_code="household").latest[1] == 10


def test_what_is_wrong_is_told_and_no_centime_is_lost() -> None:
    book = triangle_book(*TABLES, as_of="2024-05-15")
    told = {problem.code: problem for problem in book.problems}
    assert set(told) == {
        "triangle_invoice_cancelled",
        "triangle_invoice_unknown",
        "triangle_hole",
        "triangle_overpaid",
        "triangle_cell_negative",
    }
    assert rows(book.left_out) == [("MAD", "invoice_cancelled", 1, 900), ("MAD", "invoice_unknown", 1, 300)]
    in_all = 6000 + 20500 + 900 + 1000 + 300  # the cheque came back, the stamp is no cash
    assert book.cells["collected_centimes"].sum() + book.left_out["collected_centimes"].sum() == in_all
    assert "MAD / household" in told["triangle_hole"].message("en")
    assert told["triangle_hole"].values["first"] == "2024-04-01"
    assert told["triangle_overpaid"].values["first"] == "2024-02-01"
    assert told["triangle_cell_negative"].values == {
        "key": "MAD / household",
        "count": 1,
        "vintage": "2024-01-01",
        "age": 3,
        "amount": "-40.00",
    }
    for problem in book.problems:
        assert problem.message("fr")
        assert problem.remedy("fr")


def test_a_receipt_on_a_bill_to_come_waits_for_it() -> None:
    book = triangle_book(*TABLES, as_of="2024-01-25")
    assert book.groups() == []
    assert rows(book.left_out) == [("MAD", "invoice_later", 1, 6000)]


def test_an_evening_before_the_first_bill_says_so() -> None:
    book = triangle_book(*TABLES, as_of="2023-12-31")
    assert (len(book.cells), len(book.vintages)) == (0, 0)
    assert _codes(book) == ["triangle_before_first_bill"]
    assert book.problems[0].values == {"as_of": "2023-12-31", "first": "2024-01-31"}
    assert list(book.triangles()) == []
    with pytest.raises(WrongUse, match="the keys name 0 triangles"):
        book.triangle()
    none = triangle_book(INVOICES.iloc[:0], ALLOCATIONS.iloc[:0], as_of="2023-12-31", grid=Grid("month", "days"))
    assert _codes(none) == ["triangle_without_bills"]


def test_a_vintage_of_rests_alone_was_billed_nothing_and_keeps_its_receipts() -> None:
    lost = INVOICES.assign(
        source_invoice_id=INVOICES["source_invoice_id"].where(INVOICES["invoice_id"] != "REST", "LOST")
    )
    kept = lost[lost["invoice_id"].isin(["A", "REST"])].assign(issue_date=pd.Timestamp(2024, 2, 20))
    kept.loc[kept["invoice_id"] == "A", "issue_date"] = pd.Timestamp(2024, 3, 20)
    book = triangle_book(kept, ALLOCATIONS, PAYMENTS, as_of="2024-03-31")
    triangle = book.triangle()
    assert triangle.billed.tolist() == [0, 100]
    assert triangle.latest.tolist() == [40, 60]
    assert "triangle_billed_nothing" in _codes(book)


def test_a_segment_that_no_bill_says_has_its_own_triangle() -> None:
    unsaid = INVOICES.assign(segment_code=INVOICES["segment_code"].where(INVOICES["invoice_id"] != "B", None))
    book = triangle_book(unsaid, ALLOCATIONS, PAYMENTS, as_of="2024-04-15")
    assert [group["segment_code"] for group in book.groups()] == [None, "household", "state"]
    assert book.triangle(segment_code=None).latest[0] == 205
    assert [triangle.latest.tolist()[0] for triangle in book.triangles()] == [205, 100, 0]


def test_a_centre_that_changed_directorate_takes_its_bills_along_and_an_unknown_one_keeps_its_own() -> None:
    units = table("""
        unit_code  unit_level_code  parent_unit_code  valid_from_date  valid_to_date
        A1         agency           D1                2020-01-01       -
        A2         agency           D2                2020-01-01       -
        0101       center           A1                2020-01-01       2024-03-31
        0101       center           A2                2024-04-01       -
    """)
    for day, directorate in (("2024-03-31", "D1"), ("2024-04-15", "D2")):
        placed = in_unit(INVOICES, units, day)
        book = triangle_book(placed, *TABLES[1:], as_of=day, by="directorate_code")
        plain = triangle_book(*TABLES, as_of=day)
        assert {group["directorate_code"] for group in book.groups()} == {None, directorate}
        assert book.cells["collected_centimes"].sum() == plain.cells["collected_centimes"].sum()
        assert book.vintages["billed_centimes"].sum() == plain.vintages["billed_centimes"].sum()
        assert book.triangle(segment_code="household", directorate_code=None).latest[0] == 205


# ── any book, any grid


def _by_hand(tables: tuple[pd.DataFrame, ...], as_of: date, grid: Grid) -> dict[tuple[Any, ...], int]:
    """Cash by currency, segment, vintage and age, one allocation at a time."""
    invoices, allocations, payments = tables[:3]
    bills = {bill["invoice_id"]: bill for bill in invoices.to_dict("records")}
    paid = {payment["payment_id"]: payment for payment in payments.to_dict("records")}
    cells: dict[tuple[Any, ...], int] = defaultdict(int)
    for part in allocations.to_dict("records"):
        bill, payment = bills[part["invoice_id"]], paid[part["payment_id"]]
        if pd.notna(bill["cancelled_date"]) and bill["cancelled_date"].date() <= as_of:
            continue
        if payment["channel_code"] in NO_CASH_CHANNELS:
            continue
        if pd.notna(payment["bounced_date"]) and payment["bounced_date"] <= part["allocation_date"]:
            continue
        of = bill["issue_date"]
        if pd.notna(bill["source_invoice_id"]):
            of = min(of, bills[bill["source_invoice_id"]]["issue_date"])
        for day, sign in ((part["allocation_date"], 1), (payment["bounced_date"], -1)):
            if pd.isna(day) or max(day, bill["issue_date"]).date() > as_of:
                continue
            day = max(day, bill["issue_date"])
            month, event = ordinal_of(of.date()), ordinal_of(day.date())
            place = (day - of).days // grid.days if grid.age == "days" else event
            age = int(grid.age_of(np.array([month]), np.array([place]))[0]) * grid.age_step
            vintage = month // grid.vintage_months * grid.vintage_months
            segment = None if pd.isna(bill["segment_code"]) else bill["segment_code"]
            cells[bill["currency_code"], segment, vintage, age] += sign * part["amount_centimes"]
    return {key: amount for key, amount in cells.items() if amount}


@settings(max_examples=8)
@given(tables=books(), as_of=st.dates(FIRST, LAST), grid=GRIDS)
def test_cells_are_those_counted_one_by_one(tables: tuple[pd.DataFrame, ...], as_of: date, grid: Grid) -> None:
    book = triangle_book(*tables, as_of=as_of, grid=grid)
    found = {
        (currency, segment, ordinal_of(vintage), age): amount
        for currency, segment, vintage, age, amount in rows(
            book.cells[["currency_code", "segment_code", "vintage_date", "age", "collected_centimes"]]
        )
        if amount
    }
    assert found == _by_hand(tables, as_of, grid)
    assert (book.cells["age"] >= 0).all()


@settings(max_examples=5)
@given(tables=books(), as_of=st.dates(FIRST, LAST), grid=GRIDS)
def test_cells_and_what_is_left_out_are_the_receipts_of_the_balances(
    tables: tuple[pd.DataFrame, ...], as_of: date, grid: Grid
) -> None:
    book = triangle_book(*tables, as_of=as_of, grid=grid)
    balances = item_balances(*tables, as_of=as_of)
    late = book.left_out.query("reason_code == 'invoice_later'")["collected_centimes"].sum()
    in_all = book.cells["collected_centimes"].sum() + book.left_out["collected_centimes"].sum() - late
    assert in_all == balances["collected_centimes"].sum()
    bills = tables[0]
    is_standing = bills["cancelled_date"].isna() | (bills["cancelled_date"] > pd.Timestamp(as_of))
    on_standing = balances[balances["invoice_id"].isin(bills.loc[is_standing, "invoice_id"])]
    for measure in ("collected", "stamps", "compensations", "credited", "written_off"):
        assert book.cells[f"{measure}_centimes"].sum() == on_standing[f"{measure}_centimes"].sum()
    standing = balances[balances["invoice_id"].isin(tables[0].query("source_invoice_id.isna()")["invoice_id"])]
    billed = standing["billed_centimes"].sum() - standing["cancelled_centimes"].sum()
    assert book.vintages["billed_centimes"].sum() == billed


@settings(max_examples=5)
@given(tables=books(), days=st.tuples(st.dates(FIRST, LAST), st.dates(FIRST, LAST)), grid=GRIDS)
def test_a_cell_that_is_over_does_not_move(
    tables: tuple[pd.DataFrame, ...], days: tuple[date, date], grid: Grid
) -> None:
    invoices = tables[0].assign(cancelled_date=pd.NaT)  # a bill cancelled later leaves every cell, by definition
    early, late = (triangle_book(invoices, *tables[1:], as_of=day, grid=grid) for day in sorted(days))
    then = early.cells[early.cells["is_complete"]].drop(columns="is_complete")
    now = late.cells.drop(columns="is_complete")
    kept = {tuple(row) for row in rows(now)}
    assert [row for row in rows(then) if tuple(row) not in kept] == []
