"""Mirrors recovery/payment_curves.py."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import worked
from workbench.errors import WrongUse
from workbench.recovery.payment_curves import median_age_days, moved_receipts, unpaid_curve

CASE = worked("payment_curves")
DAYS = np.arange("2024-01-01", "2024-01-21", dtype="datetime64[D]")
AMOUNTS = np.array([CASE["moved"]["first"]] * CASE["moved"]["first_count"] + [CASE["moved"]["then"]] * CASE["moved"]["then_count"])  # fmt: skip


def rates() -> pd.DataFrame:
    case = CASE["curve"]
    columns = {"age_days": "ages", "rate": "rates", "low_rate": "low", "high_rate": "high"}
    return pd.DataFrame({name: case[key] for name, key in columns.items()})


def test_a_curve_worked_by_hand() -> None:
    found = unpaid_curve(rates().sample(frac=1, random_state=1))
    case = CASE["curve"]
    assert found["age_days"].tolist() == case["ages"]
    assert found["unpaid_share"].tolist() == pytest.approx(case["unpaid"])
    assert found["hazard_share"].tolist() == pytest.approx(case["hazard"])
    assert found["low_unpaid_share"].tolist() == pytest.approx([1 - rate for rate in case["high"]])
    assert found["high_unpaid_share"].tolist() == pytest.approx([1 - rate for rate in case["low"]])
    assert median_age_days(found) == case["median_days"]
    assert median_age_days(found.head(1)) is None


def test_where_all_is_paid_no_hazard_is_told() -> None:
    found = unpaid_curve(rates().assign(rate=[0.5, 1.0, 1.0]))
    assert found["hazard_share"].iloc[1] == 1.0
    assert np.isnan(found["hazard_share"].iloc[2])


def test_rates_of_two_groups_are_refused() -> None:
    with pytest.raises(WrongUse, match=r"several groups.*keep one group"):
        unpaid_curve(pd.concat([rates(), rates()]))


def test_receipts_moved_worked_by_hand() -> None:
    case = CASE["moved"]
    found = moved_receipts(DAYS, AMOUNTS, case["shifts"], case["horizons"])
    assert found["mean_mad"].tolist() == case["mean"]
    base = found.set_index(["shift_days", "horizon_days"])["mean_mad"]
    change = [value - base[0, horizon] for (_, horizon), value in base.items()]
    assert found["change_mad"].tolist() == change


def test_days_that_are_missing_or_too_few_are_refused() -> None:
    with pytest.raises(WrongUse, match="do not follow each other"):
        moved_receipts(DAYS[::2], AMOUNTS[::2], [0], [5])
    with pytest.raises(WrongUse, match=r"for 20 days, 23 are asked for.*for longer"):
        moved_receipts(DAYS, AMOUNTS, [-3], [20])


@given(
    st.lists(st.floats(0, 1e6), min_size=40, max_size=40),
    st.lists(st.integers(-10, 40), min_size=1, max_size=5, unique=True),
)
def test_who_pays_later_brings_no_more_and_moving_back_is_moving_forward(
    amounts: list[float], shifts: list[int]
) -> None:
    days = np.arange("2024-01-01", "2024-02-10", dtype="datetime64[D]")
    values = np.array(amounts)
    found = moved_receipts(days, values, sorted(shifts), [30])
    assert (np.diff(found["mean_mad"]) <= 1e-6).all()
    direct = [values[: max(30 - shift, 0)].sum() for shift in sorted(shifts)]
    assert found["mean_mad"].tolist() == pytest.approx(direct)
