"""Mirrors recovery/worklist/chances.py."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import worked
from workbench.recovery.worklist import chance_alone

CASE = worked("worklist")["chance"]
RATES = pd.DataFrame({"segment_code": "household", "age_days": CASE["ages"], "rate": CASE["rates"]})


def chances(ages: list[float], segment: str = "household", rates: pd.DataFrame = RATES) -> list[float]:
    return list(chance_alone(rates, pd.Series([segment] * len(ages)), np.array(ages, np.float64), CASE["horizon"]))


def test_chances_worked_by_hand() -> None:
    assert chances(CASE["at"]) == pytest.approx(CASE["chance"], abs=1e-6)


def test_past_the_ages_of_the_books_the_last_horizon_goes_on() -> None:
    assert chances([150, 500, 5000]) == pytest.approx([0.075 / 0.175] * 3)


def test_a_segment_without_a_curve_has_no_chance_and_one_paid_in_full_none_left() -> None:
    assert np.isnan(chances([10], "state")).all()
    assert chances([300], rates=RATES.assign(rate=[0.5, 1.0, 1.0])) == [0.0]


@given(st.lists(st.floats(0, 0.999), min_size=3, max_size=3), st.lists(st.floats(0, 2000), min_size=1, max_size=20))
def test_a_chance_lies_between_nothing_and_all(rates: list[float], ages: list[float]) -> None:
    found = chances(ages, rates=RATES.assign(rate=rates))
    assert all(-1e-9 <= one <= 1 + 1e-9 for one in found)
