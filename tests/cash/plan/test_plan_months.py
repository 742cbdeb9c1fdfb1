from datetime import date

import numpy as np
import pandas as pd
import pytest

from workbench.cash.models.panel import Panel
from workbench.cash.plan.plan_history import open_days
from workbench.cash.plan.plan_months import Months, month_factors, months_beyond
from workbench.evidence import Floats
from workbench.standards import load_bank_days

BANK = load_bank_days()
CLOSED = np.array([row.day for row in BANK.closed], dtype="datetime64[D]")
FUTURE = open_days(BANK, date(2024, 10, 1), date(2025, 9, 30))


def panel(start: date) -> Panel:
    """One line of the same total each month, on a day that moves (days cannot tell it), and one of every day."""
    days = open_days(BANK, start, date(2024, 9, 30))
    months = days.astype("datetime64[M]")
    rng = np.random.default_rng(2)
    values = np.zeros((len(days), 2))
    for month in np.unique(months):
        values[rng.choice(np.flatnonzero(months == month)), 0] = 1000.0
    values[:, 1] = 50 + rng.normal(0, 1, len(days))
    return Panel(days, values, ("monthly", "daily"), np.array([1, 1], np.int8))


def test_a_line_takes_its_months_from_the_race_that_was_nearer() -> None:
    found = months_beyond(panel(date(2021, 1, 1)), FUTURE, date(2024, 12, 30), CLOSED)
    assert found.months[0] == np.datetime64("2025-01-01")  # December holds days of the thirteen weeks
    assert len(found.months) == 9
    assert found.race["line_code"].tolist() == ["monthly", "daily"]
    assert bool(found.is_used[0])
    np.testing.assert_allclose(found.totals[:, 0], 1000, rtol=0.01)


def test_a_short_history_has_no_race_of_months() -> None:
    found = months_beyond(panel(date(2023, 9, 1)), FUTURE, date(2024, 12, 30), CLOSED)
    assert not found.is_used.any()
    assert found.race.empty


def test_the_race_of_months_takes_the_past_month_ends_that_the_history_has() -> None:
    known = {start: months_beyond(panel(start), FUTURE, date(2024, 12, 30), CLOSED) for start in (date(2023, 2, 1), date(2023, 1, 1), date(2022, 10, 1))}  # fmt: skip
    twenty, twenty_one, two_years = known.values()
    assert twenty.race.empty
    assert not twenty.is_used.any()
    assert twenty_one.race["origin_count"].tolist() == [1, 1]
    assert two_years.race["origin_count"].tolist() == [2, 2]
    assert bool(two_years.is_used[0])
    np.testing.assert_allclose(two_years.totals[:, 0], 1000, rtol=0.01)


def months(*totals: float) -> Months:
    first = np.array(["2025-01", "2025-02"], dtype="datetime64[M]").astype("datetime64[D]")
    return Months(first, np.array(totals).reshape(2, 1), np.array([True]), pd.DataFrame())


@pytest.mark.parametrize(("totals", "shape"), [((500.0, 800.0), 10.0), ((500.0, 800.0), 0.0), ((-5.0, 0.0), 10.0)])
def test_days_of_a_month_add_up_to_its_total_in_the_shape_of_the_calendar(
    totals: tuple[float, float], shape: float
) -> None:
    mean: Floats = np.full((len(FUTURE), 1), shape)
    mean[5:200:3] *= 2
    factors, additions = month_factors(months(*totals), FUTURE, mean, np.array([1], np.int8))
    changed, of_day = mean * factors + additions, FUTURE.astype("datetime64[M]")
    for month, total in zip(("2025-01", "2025-02"), totals, strict=True):
        inside = of_day == np.datetime64(month)
        assert changed[inside].sum() == pytest.approx(max(total, 0.0))  # a line of receipts is never negative
    outside = ~np.isin(of_day, np.array(["2025-01", "2025-02"], dtype="datetime64[M]"))
    np.testing.assert_array_equal(changed[outside], mean[outside])
