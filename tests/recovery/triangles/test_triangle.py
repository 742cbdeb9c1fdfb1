"""Mirrors recovery/triangles/triangle.py: what is known, what was known before, holes."""

import numpy as np
import pytest
from hypothesis import given, settings

from tests.recovery.triangles.triangle_cases import case, of_rows, staircases
from workbench.errors import WrongUse
from workbench.recovery.triangles import Triangle


def test_the_last_known_amount_of_each_vintage() -> None:
    triangle = case("hand")
    assert triangle.reached.tolist() == [2, 1, 0]
    assert triangle.latest.tolist() == [165, 320, 150]
    assert triangle.increments[0].tolist() == [100, 50, 15]
    assert triangle.last_period == 2


def test_hidden_diagonals_are_those_of_the_calendar() -> None:
    before = case("hand").hidden(1)
    assert before.latest[:2].tolist() == [150, 200]
    assert np.isnan(before.latest[2])
    assert before.reached.tolist() == [1, 0, -1]


def test_a_hole_is_told_and_the_increment_after_it_is_not_known() -> None:
    triangle = Triangle.of([[100, np.nan, 165], [200, 320, np.nan]])
    assert triangle.is_hole.tolist() == [[False, True, False], [False, False, False]]
    assert np.isnan(triangle.increments[0, 1:]).all()
    assert triangle.reached.tolist() == [2, 1]
    assert len(triangle.table()) == 4


def test_sizes_that_differ_and_triangles_of_nothing_are_refused() -> None:
    with pytest.raises(WrongUse, match="of other sizes"):
        Triangle.of([[1.0, 2.0]], billed=[1.0, 2.0])
    with pytest.raises(WrongUse, match="no cell of the triangle is known"):
        _ = Triangle.of([[np.nan, np.nan]]).last_period


def test_ages_beyond_the_question_are_cut() -> None:
    cut = of_rows([[1, 2, 3], [4, 5], [6]], [10, 10, 10]).up_to(2)
    assert cut.values.shape == cut.periods.shape == (3, 2)
    assert cut.reached.tolist() == [1, 1, 0]


@settings(max_examples=20)
@given(triangle=staircases())
def test_rows_hold_every_known_cell(triangle: Triangle) -> None:
    table = triangle.table()
    assert len(table) == triangle.is_known.sum()
    assert table["increment_mad"].sum() == pytest.approx(triangle.latest.sum())
