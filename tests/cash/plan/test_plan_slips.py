"""Mirrors cash/plan/plan_slips.py; and what a plan says on the days of flows that may slip."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.builders import table
from tests.cash.made_plans import described
from tests.cash.plan_inputs import history, known, made
from workbench.cash.plan.forecast_log import log_rows
from workbench.cash.plan.plan_paths import LEAST, with_certain
from workbench.cash.plan.plan_rows import grid
from workbench.cash.plan.plan_slips import expected_slips

DAYS = pd.DatetimeIndex(pd.bdate_range("2024-10-01", periods=6)).as_unit("s")
SERIES = described([("C", "suppliers")], {"C": ("c", "b", "d")})[["account_number", "line_code"]]
CHEQUES = """
flow_id account_number line_code flow_date  amount_centimes certainty_code flow_source_code
q1      C              suppliers 2024-10-02 -1_554          announced      cheque
"""
QUANTILES = ["q025_mad", "q10_mad", "median_mad", "q90_mad", "q975_mad"]


def test_what_comes_on_average_is_the_amount_shared_among_the_days_of_its_like() -> None:
    flows = table("""
    account_number line_code flow_date  amount_centimes certainty_code flow_source_code
    C              suppliers 2024-10-02 -1_000          announced      cheque
    C              suppliers 2024-10-08 -2_000          overdue        cheque
    C              suppliers 2024-10-03 -4_000          certain        cheque
    C              suppliers 2024-10-03 -8_000          announced      order
    """)
    slips = {"cheque": [0] * 15 + [2] * 15, "order": [5] * (LEAST - 1)}
    late, may_slip = expected_slips(flows, SERIES, DAYS, slips)
    assert late[:, 0].tolist() == [0.0, 5.0, 0.0, -5.0, 0.0, 10.0]  # half of the last one falls after the days
    assert may_slip[:, 0].tolist() == [False, True, False, True, False, True]
    for none in (None, {"cheque": [0] * 60}):
        late, may_slip = expected_slips(flows, SERIES, DAYS, none)
        assert not late.any()
        assert not may_slip.any()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_mean_of_the_paths_is_the_plan_and_what_slips(seed: int) -> None:
    rng = np.random.default_rng(seed)
    flows = pd.DataFrame(
        {
            "account_number": "C",
            "line_code": "suppliers",
            "flow_date": DAYS[rng.integers(0, 4, 5)],
            "amount_centimes": rng.integers(-9_000, -1_000, 5),
            "certainty_code": "announced",
            "flow_source_code": "cheque",
        }
    )
    slips = {"cheque": rng.integers(0, 4, 60).tolist()}
    sure = [grid(flows, SERIES, DAYS), np.zeros((6, 1), np.int64)]
    paths = with_certain(np.zeros((20_000, 6, 1), np.float32), flows, SERIES, DAYS, sure, slips, seed)
    late, _ = expected_slips(flows, SERIES, DAYS, slips)
    np.testing.assert_allclose(paths.mean(axis=0), sure[0] / 100 + late, atol=1.5)


def cheque_late(delays: list[int], **more: Any) -> pd.DataFrame:
    """Days of the line and of all, of a plan that knows one cheque of a line that nothing else tells of."""
    plan = made(
        flows=history().query("line_code != 'suppliers'"), known=known(CHEQUES), slips={"cheque": delays}, **more
    )
    found = log_rows(plan, pd.Timestamp("2024-10-01", tz="UTC")).to_pandas()
    return found[found["period_code"] == "day"].set_index(["line_code", "target_date"]).sort_index()


def test_the_bands_of_a_day_know_the_delays_that_the_plan_itself_measures() -> None:
    days = cheque_late([1] * 60)
    line = days.loc["suppliers"]
    on_day, next_day = line.iloc[1], line.iloc[2]
    assert [on_day["plan_centimes"], next_day["plan_centimes"]] == [-1_554, 0]  # the plan keeps the register's day
    assert on_day[["mean_mad", *QUANTILES]].tolist() == [0.0] * 6
    assert next_day[["mean_mad", *QUANTILES]].tolist() == [-15.54] * 6


def test_delays_of_several_days_widen_the_band_of_each() -> None:
    line = cheque_late([0] * 30 + [1] * 30, paths=200).loc["suppliers"]
    for day in (1, 2):
        row = line.iloc[day]
        assert row["mean_mad"] == pytest.approx(-7.77)
        assert (row["q025_mad"], row["q975_mad"]) == (pytest.approx(-15.54), 0.0)
    assert line.iloc[3][["mean_mad", *QUANTILES]].tolist() == [0.0] * 6


@pytest.mark.parametrize("delays", [[1] * 60, [0] * 30 + [1] * 30, [0] * 20 + [3] * 40])
def test_the_mean_of_every_row_lies_in_its_band(delays: list[int]) -> None:
    days = cheque_late(delays, paths=200)
    inside = (days["q025_mad"] <= days["mean_mad"] + 0.01) & (days["mean_mad"] <= days["q975_mad"] + 0.01)
    assert inside.all()


def test_days_on_which_nothing_may_slip_keep_the_bands_of_the_model() -> None:
    orders = CHEQUES.replace("announced", "certain  ")
    for words, slips in ((CHEQUES, None), (CHEQUES, {"cheque": [0] * 60}), (orders, {"cheque": [1] * 60})):
        told = made(known=known(words), slips=slips).line_quantiles
        assert told is not None
        assert told.late is None
        assert not np.isnan(told.values[:, told.lines.index("suppliers")]).any()
    told = made(known=known(CHEQUES), slips={"cheque": [1] * 60}).line_quantiles
    assert told is not None
    blank = np.isnan(told.values[:, told.lines.index("suppliers"), 0])
    assert np.flatnonzero(blank).tolist() == [1, 2]
