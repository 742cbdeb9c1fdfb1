"""The position of a plan holds what it says: planted errors of the level, common to all lines, that last for weeks."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from tests.cash import plan_inputs as given
from workbench.cash.models.forecast import forecast_panel
from workbench.cash.plan import plan_lines
from workbench.cash.plan.plan_history import open_days
from workbench.standards import load_bank_days

OFFICES, PAST, COMING, LASTS = 40, 480, 60, 20
DAYS = open_days(load_bank_days(), pd.Timestamp("2022-06-01").date(), pd.Timestamp("2025-01-31").date())
TODAY = int(np.searchsorted(DAYS, np.datetime64(given.AS_OF), side="right"))
LINES = (("R1", "receipts_counters", 1), ("R2", "receipts_counters", 1), ("C", "suppliers", -1))
Floats = npt.NDArray[np.float64]


def planted(seed: int) -> tuple[pd.DataFrame, Floats]:
    """Flows of an office up to the day of the plan, and what came in all on the days after: the level of every line moves every 20 days, and on the first to come."""
    rng = np.random.default_rng(seed)
    count = PAST + COMING
    level = np.repeat(rng.standard_normal(count // LASTS + 1), LASTS)[:count, None] * [25.0, 15.0, -20.0]
    values = np.array([100.0, 60.0, -80.0]) + level + rng.standard_normal((count, 3)) * [30.0, 20.0, 25.0]
    values = np.where(values * [1, 1, -1] > 0, values, 0.0)
    days = pd.DatetimeIndex(DAYS[TODAY - PAST : TODAY].astype("datetime64[s]"))
    parts = [
        pd.DataFrame(
            {
                "account_number": number,
                "line_code": line,
                "flow_date": days,
                "amount_centimes": (values[:PAST, j] * 100).round().astype(np.int64),
            }
        )
        for j, (number, line, _) in enumerate(LINES)
    ]
    flows = pd.concat(parts, ignore_index=True).assign(directorate_code=None, currency_code="MAD", line_count=1)
    return flows, values[PAST:].sum(axis=1)


def held() -> Floats:
    """Shares of days 6 to 20 inside the 80 % and the 95 % band of what came since the day of the plan, over all offices."""
    inside = []
    for seed in range(OFFICES):
        flows, came = planted(seed)
        plan = given.made(flows=flows, forecaster=forecast_panel, paths=200, twelve_months=False)
        moved = np.cumsum(plan.paths.sum(axis=2, dtype=np.float64), axis=1)[:, 5:20]
        low, less, more, high = np.quantile(moved, (0.025, 0.10, 0.90, 0.975), axis=0)
        whole = np.cumsum(came)[5:20]
        inside.append([((less <= whole) & (whole <= more)).mean(), ((low <= whole) & (whole <= high)).mean()])
    return np.mean(inside, axis=0)


def test_a_level_that_is_off_for_weeks_is_in_the_bands_of_the_position(monkeypatch: pytest.MonkeyPatch) -> None:
    of_80, of_95 = held()
    assert 0.70 <= of_80 <= 0.90  # of forty offices: ± 6 points
    assert 0.90 <= of_95 <= 0.98

    def none(misses: Any, moves: Floats, step: int) -> Floats:
        return np.ones(moves.shape[1])

    monkeypatch.setattr(plan_lines, "cumulative_factors", none)
    alone = held()
    assert alone[0] < of_80 - 0.04  # the paths alone hold less
    assert alone[1] < of_95


def test_what_is_widened_still_adds_up() -> None:
    plan = given.made(flows=planted(3)[0], forecaster=forecast_panel, paths=50, twelve_months=False)
    by_line, whole = plan.flows(by=("line_code",)), plan.flows()
    assert by_line.groupby("target_date")["plan_centimes"].sum().tolist() == whole["plan_centimes"].tolist()
    assert plan.paths.mean(axis=0) == pytest.approx(plan.plan / 100, abs=0.05)
    assert (plan.paths[:, :, plan.series["line_code"] == "receipts_counters"] >= 0).all()
