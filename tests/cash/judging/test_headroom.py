"""Mirrors cash/judging/headroom.py; figures worked by hand in docs/methods/cash_risk.md."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import rows, table, worked
from workbench.cash.judging.headroom import draw_by, lines_to_draw, placeable_until, suppliers_to_pay
from workbench.cash.judging.risk import buffer_needed, rank_of

CASES = worked("cash_risk")


def overdue() -> pd.DataFrame:
    return pd.DataFrame(CASES["suppliers"]["overdue"], columns=["supplier_code", "overdue_centimes", "oldest_days"])


def credit() -> pd.DataFrame:
    lines = pd.DataFrame(CASES["draw"]["lines"], columns=["bank_code", "undrawn_centimes", "valid_to_date"])
    return lines.assign(valid_to_date=pd.to_datetime(lines["valid_to_date"].replace("", None)))


def test_suppliers_are_paid_oldest_first_as_worked_by_hand() -> None:
    found = suppliers_to_pay(overdue(), CASES["suppliers"]["spare_centimes"])
    assert [list(row) for row in rows(found[["supplier_code", "paid_centimes"]])] == CASES["suppliers"]["paid"]
    assert list(found["running_centimes"]) == [1_500, 1_500, 4_500, 5_500, 5_900]


@pytest.mark.parametrize("spare", [None, -1, 0])
def test_nobody_is_paid_with_what_is_lacking(spare: int | None) -> None:
    assert suppliers_to_pay(overdue(), spare)["paid_centimes"].sum() == 0
    assert suppliers_to_pay(overdue().head(0), spare).empty


@given(st.integers(-1_000, 10_000), st.lists(st.integers(-2_000, 500), min_size=1, max_size=12))
def test_never_more_than_there_is_to_spare_and_never_a_younger_debt_before_an_older(
    spare: int, amounts: list[int]
) -> None:
    days = list(range(len(amounts), 0, -1))
    suppliers = pd.DataFrame({"oldest_days": days, "overdue_centimes": amounts})
    found = suppliers_to_pay(suppliers.assign(supplier_code="S"), spare)
    assert found["paid_centimes"].sum() <= max(0, spare)
    debts = found[found["overdue_centimes"] < 0]
    assert debts["paid_centimes"].gt(0).to_numpy().tolist() == sorted(debts["paid_centimes"].gt(0), reverse=True)


def test_credit_lines_are_drawn_largest_first_as_worked_by_hand() -> None:
    case = CASES["draw"]
    until = date.fromisoformat(case["needed_until"])
    found = lines_to_draw(credit(), case["lacking_centimes"], until)
    assert [list(row) for row in rows(found[["bank_code", "draw_centimes"]])] == case["draws"]
    assert lines_to_draw(credit().drop(columns="valid_to_date"), 10**9, until)["draw_centimes"].sum() == 61_000
    assert lines_to_draw(credit(), None, until)["draw_centimes"].sum() == 0
    assert lines_to_draw(credit(), 10**9, until)["draw_centimes"].sum() == 11_000


def test_money_comes_before_the_floor_is_passed() -> None:
    days = pd.DatetimeIndex(["2026-06-01", "2026-06-02", "2026-06-03"])
    n = np.arange(1, 20)
    balances = np.column_stack([200 + n, 70 + 10 * n, 150 + n]).astype(float)
    # The second lowest passes 100 on the second day: 10.00 must be there that day.
    assert draw_by(balances, days, 10_000, 0.90) == date(2026, 6, 2)
    assert draw_by(balances, days, 9_000, 0.90) is None
    assert draw_by(balances[:3], days, 10_000, 0.90) is None


@given(st.integers(20, 60), st.integers(0, 2**32))
def test_drawn_on_the_last_day_fewer_than_k_paths_are_broken_on_all_days_together(count: int, seed: int) -> None:
    balances = np.random.default_rng(seed).normal(0, 100, (count, 6)).cumsum(axis=1).round()
    days = pd.bdate_range("2026-06-01", periods=6)
    day, lacking = draw_by(balances, days, 0, 0.90), buffer_needed(balances, 0, 0.90)
    assert (day is None) == (lacking is not None and lacking <= 0)
    if day is not None and lacking is not None:
        helped = balances + np.where(days >= pd.Timestamp(day), lacking / 100, 0.0)
        assert (helped.min(axis=1) < -0.01).sum() < rank_of(count, 0.90)


def test_what_can_be_placed_by_term() -> None:
    by_day = table("""
        day_date    placeable_centimes
        2026-06-01               9_000
        2026-06-04               7_000
        2026-06-08               2_500
        2026-06-09                   -
        2026-06-12                   -
    """)
    # 7 days from Monday 1 June end on the 8th; 5 end on Saturday the 6th: back on the 8th too. 30 come back after the last day known.
    found = placeable_until(by_day, [5, 7, 8, 9, 11, 30], 500)
    assert rows(found) == [
        (5, date(2026, 6, 4), date(2026, 6, 8), 6_500),
        (7, date(2026, 6, 4), date(2026, 6, 8), 6_500),
        (8, date(2026, 6, 8), date(2026, 6, 9), 2_000),
        (9, date(2026, 6, 9), date(2026, 6, 12), None),
        (11, date(2026, 6, 9), date(2026, 6, 12), None),
    ]
    assert list(placeable_until(by_day, [8], 10**6)["placeable_centimes"]) == [0]
