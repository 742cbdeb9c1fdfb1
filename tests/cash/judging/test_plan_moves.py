"""Mirrors cash/judging/plan_moves.py: what a move takes from a day is on another day or told as beyond, to the centime."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cash.made_plans import plan
from workbench.cash.judging.plan_moves import (
    TRACKS,
    Moved,
    add_amounts,
    columns_of,
    day_on_or_after,
    move_amounts,
    move_days,
    scale_days,
    share_of,
)
from workbench.cash.plan.plan import CashPlan

DAYS = [[100, 200, -1000], [10, 20, 0], [1, 2, 0], [5, 5, 5], [0, 0, -7]]  # five days, A1 and A2 receive, C pays
KNOWN = [[0, 0, -50], [40, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]
ALL_COLUMNS = np.arange(3)
LAST = 5  # the index of no day: beyond
PARTS = st.lists(st.lists(st.integers(-100_000, 100_000), min_size=3, max_size=3), min_size=5, max_size=5)


def later(days: int) -> np.ndarray:
    return np.minimum(np.arange(5) + days, LAST)


def mean_of(found: CashPlan) -> np.ndarray:
    return found.paths.mean(axis=0) * 100


def test_a_day_of_the_plan_is_found_and_a_day_beyond_is_the_number_of_days() -> None:
    made = plan(DAYS)  # from Thursday 26 September 2024
    asked = pd.DatetimeIndex(["2024-09-20", "2024-09-26", "2024-09-28", "2024-10-02", "2024-10-03"])
    assert day_on_or_after(made, asked).tolist() == [0, 0, 2, 4, 5]


def test_columns_are_chosen_by_every_column_named() -> None:
    made = plan(DAYS)
    assert columns_of(made, line_code=["receipts_counters"]).tolist() == [0, 1]
    assert columns_of(made, line_code=["receipts_counters"], bank_code=["022"]).tolist() == [1]
    assert columns_of(made, line_code=["payroll"], bank_code=["022"]).tolist() == []
    assert columns_of(made).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("amount", "share", "part"),
    [
        (100, "0.5", 50),
        (3, "0.5", 2),  # a half goes away from zero
        (-3, "0.5", -2),
        (1, "0.5", 1),
        (-1, "0.5", -1),
        (10, "0.333", 3),
        (7, "1.1", 8),  # 7.7
        (0, "0.5", 0),
        (9_007_199_254_740_993, "1", 9_007_199_254_740_993),  # beyond what a float holds
    ],
)
def test_a_share_is_rounded_once_half_away_from_zero(amount: int, share: str, part: int) -> None:
    assert share_of(np.array([amount]), Decimal(share)).tolist() == [part]


def test_everything_two_days_later_by_hand() -> None:
    found = move_days(plan(DAYS, KNOWN), np.array([0, 1]), later(2))
    assert found.plan.estimated.tolist() == [[0, 0, -1000], [0, 0, 0], [100, 200, 0], [10, 20, 5], [1, 2, -7]]
    assert found.plan.known[:, 0].tolist() == [0, 0, 0, 40, 0]
    assert found.plan.known[:, 2].tolist() == [-50, 0, 0, 0, 0]  # not asked for
    assert (found.moved_centimes, found.beyond_centimes) == (100 + 200 + 10 + 20 + 1 + 2 + 40, 5 + 5)
    assert mean_of(found.plan) == pytest.approx(found.plan.plan, abs=0.01)


def test_half_of_a_day_stays_and_a_day_that_is_its_own_target_is_left_as_it_is() -> None:
    target = np.array([3, 1, 2, 3, 4])
    found = move_days(plan(DAYS, spread=2.0), np.array([0]), target, Decimal("0.5"))
    assert found.plan.estimated[:, 0].tolist() == [50, 10, 1, 55, 0]
    assert (found.moved_centimes, found.beyond_centimes) == (50, 0)
    width = np.ptp(found.plan.paths[:, :, 0], axis=0)
    assert width == pytest.approx([2.0, 4.0, 4.0, 6.0, 4.0])  # half of the spread of the day goes with it


def test_known_amounts_move_one_by_one_and_paths_with_them() -> None:
    made = plan(DAYS, KNOWN)
    found = move_amounts(made, np.array([2, 0, 0]), np.array([0, 1, 1]), np.array([2, 5, 4]), np.array([-50, 30, 10]))
    assert found.plan.known.tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, -50], [0, 0, 0], [10, 0, 0]]
    assert (found.moved_centimes, found.beyond_centimes) == (-50 + 10, 30)
    assert found.plan.estimated.tolist() == DAYS
    assert mean_of(found.plan) == pytest.approx(found.plan.plan, abs=0.01)
    still = move_amounts(made, np.array([0]), np.array([1]), np.array([1]), np.array([40]))
    assert (still.moved_centimes, still.plan.known.tolist()) == (0, KNOWN)


def test_what_is_estimated_is_scaled_and_what_is_known_only_where_asked() -> None:
    days = np.array([False, True, False, True, False])
    made = plan(DAYS, KNOWN, spread=1.0)
    found = scale_days(made, np.array([0]), days, Decimal("0.5"), with_known=False)
    assert found.plan.estimated[:, 0].tolist() == [100, 5, 1, 3, 0]  # 5 × ½ is 2.5: 3
    assert found.plan.known[:, 0].tolist() == [0, 40, 0, 0, 0]
    assert found.added_centimes == -5 - 2
    assert np.ptp(found.plan.paths[:, :, 0], axis=0) == pytest.approx([2.0, 1.0, 2.0, 1.0, 2.0])
    assert mean_of(found.plan) == pytest.approx(found.plan.plan, abs=0.51)
    both = scale_days(made, np.array([0]), days, Decimal(2), with_known=True)
    assert both.plan.known[:, 0].tolist() == [0, 80, 0, 0, 0]
    assert both.added_centimes == 10 + 5 + 40


def test_an_override_is_never_scaled() -> None:
    typed = [[0, 0, 0], [7, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]
    found = scale_days(plan(DAYS, KNOWN, typed), np.array([0]), np.ones(5, bool), Decimal(0), with_known=True)
    assert found.plan.plan[:, 0].tolist() == [0, 7, 0, 0, 0]
    assert mean_of(found.plan)[:, 0] == pytest.approx([0, 7, 0, 0, 0], abs=0.01)


def amounts(*rows: tuple[str, str, str, int]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["account_number", "line_code", "day_date", "amount_centimes"])
    return table.assign(day_date=pd.to_datetime(table["day_date"]))


def test_amounts_more_are_overrides_on_the_next_day_of_the_plan_and_may_make_a_series() -> None:
    made = plan(DAYS, balances={"A1": 1000, "A2": 2000, "C": 50_000, "D": 7})
    described = made.opening.assign(account_label=["a", "b", "c", "d"], bank_code="099", directorate_code="DR9")
    made = replace(made, opening=described)
    found = add_amounts(
        made,
        amounts(
            ("A1", "receipts_counters", "2024-09-28", 300),  # a Saturday: Monday, the third day
            ("A1", "energy", "2024-09-26", -40),
            ("D", "energy", "2024-10-02", -5),  # an account without any flow
            ("A1", "energy", "2024-12-31", -9),  # after the plan
        ),
    )
    series = found.plan.series
    assert series["account_number"].tolist() == ["A1", "A2", "C", "A1", "D"]
    assert series["line_code"].tolist()[3:] == ["energy", "energy"]
    assert series["directorate_code"].tolist()[3:] == ["DR1", "DR9"]
    assert found.plan.override.tolist() == [[0, 0, 0, -40, 0], [0] * 5, [300, 0, 0, 0, 0], [0] * 5, [0, 0, 0, 0, -5]]
    assert (found.added_centimes, found.beyond_centimes, found.moved_centimes) == (300 - 40 - 5 - 9, -9, 0)
    assert {found.plan.known.shape, found.plan.naive.shape, found.plan.paths.shape[1:]} == {(5, 5)}
    assert mean_of(found.plan) == pytest.approx(found.plan.plan, abs=0.01)
    assert made.override.shape == (5, 3)  # the plan before is as it was


@given(
    PARTS,
    PARTS,
    st.lists(st.integers(0, 5), min_size=5, max_size=5),
    st.decimals("0", "1", places=3),
    st.sets(st.integers(0, 2)),
)
def test_a_move_loses_nothing(
    estimated: list[list[int]], known: list[list[int]], target: list[int], share: Decimal, chosen: set[int]
) -> None:
    made = plan(estimated, known)
    columns = np.array(sorted(chosen), dtype=np.int64)
    found = move_days(made, columns, np.array(target), share)
    before, after = made.plan, found.plan.plan
    assert after.sum() == before.sum() - found.beyond_centimes
    others = [column for column in range(3) if column not in chosen]
    assert np.array_equal(after[:, others], before[:, others])
    assert np.array_equal(found.plan.paths[:, :, others], made.paths[:, :, others])
    _as_it_was(made, estimated, known)


@given(PARTS, PARTS, st.decimals("0", "3", places=2), st.booleans())
def test_a_scale_says_all_that_it_adds_and_one_changes_nothing(
    estimated: list[list[int]], known: list[list[int]], factor: Decimal, with_known: bool
) -> None:
    made = plan(estimated, known)
    found = scale_days(made, ALL_COLUMNS, np.array([True, False, True, True, False]), factor, with_known)
    assert found.plan.plan.sum() == made.plan.sum() + found.added_centimes
    assert np.array_equal(found.plan.plan[[1, 4]], made.plan[[1, 4]])
    same: Moved = scale_days(made, ALL_COLUMNS, np.ones(5, bool), Decimal(1), with_known)
    assert np.array_equal(same.plan.plan, made.plan)
    assert np.array_equal(same.plan.paths, made.paths)
    _as_it_was(made, estimated, known)


def _as_it_was(made: CashPlan, estimated: list[list[int]], known: list[list[int]]) -> None:
    tracks = {"estimated": estimated, "known": known, "override": [[0] * 3] * 5}
    for name in TRACKS:
        assert getattr(made, name).tolist() == tracks[name]
