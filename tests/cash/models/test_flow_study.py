"""Mirrors cash/models/flow_study.py: figures counted by hand, and nothing later than the origin used."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cash.logs import CALENDAR
from tests.cash.panels import NONE, bank_days
from workbench.cash.models.calendar_model import fit_calendar
from workbench.cash.models.flow_study import LAGS, Study, echoes, effects, lines_of, study
from workbench.errors import WrongUse

FIRST, AS_OF, ORIGIN = date(2025, 1, 2), date(2025, 12, 19), date(2025, 10, 31)


def flows(*extra: tuple[str, str, int], seed: int = 3) -> pd.DataFrame:
    """Counters bring 1,000.00 a weekday and twice that on Mondays, of two accounts; suppliers take 100.00 on Fridays. Synthetic."""
    rng = np.random.default_rng(seed)
    days = [day for day in pd.bdate_range(FIRST, AS_OF) if CALENDAR.is_open(day.date())]
    rows: list[tuple[str, str, Any, int]] = []
    for day in days:
        whole = round(float(rng.normal(200_000 if day.day_of_week == 0 else 100_000, 3_000)))
        rows += [("A1", "receipts_counters", day, whole // 3), ("A2", "receipts_counters", day, whole - whole // 3)]
        if day.day_of_week == 4:
            rows.append(("C", "suppliers", day, -10_000))
    rows += [("A1", line, pd.Timestamp(day), amount) for line, day, amount in extra]
    found = pd.DataFrame(rows, columns=["account_number", "line_code", "flow_date", "amount_centimes"])
    return found.assign(currency_code="MAD").astype({"amount_centimes": "Int64"})


@pytest.fixture(scope="module")
def found() -> Study:
    return study(flows(), "receipts_counters", CALENDAR, AS_OF, ORIGIN, direction="in", horizon=20)


def test_lines_come_with_the_largest_first_and_only_those_begun() -> None:
    table = flows(("works", "2025-03-03", -90_000_000), ("taxes", "2025-12-18", 99_999_999_999))
    assert lines_of(table, AS_OF) == ["taxes", "works", "receipts_counters", "suppliers"]
    assert lines_of(table, ORIGIN) == ["works", "receipts_counters", "suppliers"]
    assert lines_of(table, date(2024, 12, 31)) == []


def test_the_history_is_the_line_of_all_accounts_up_to_the_origin_in_units(found: Study) -> None:
    table = flows()
    mine = table[(table["line_code"] == "receipts_counters") & (table["flow_date"] <= pd.Timestamp(ORIGIN))]
    daily = mine.groupby("flow_date")["amount_centimes"].sum() / 100
    assert found.history["day_date"].tolist() == daily.index.tolist()
    assert found.history["actual_mad"].tolist() == pytest.approx(daily.tolist())
    assert found.history["day_date"].max() == pd.Timestamp(ORIGIN)


def test_what_is_said_stands_beside_what_came_where_it_is_known(found: Study) -> None:
    said = found.said
    assert len(said) == 20
    assert said["day_date"].iloc[0] == pd.Timestamp("2025-11-03")
    assert said["actual_mad"].notna().all()
    late = study(flows(), "receipts_counters", CALENDAR, AS_OF, date(2025, 12, 12), direction="in", horizon=8)
    assert late.said["actual_mad"].notna().tolist() == [True] * 5 + [False] * 3
    levels = said[["q025_mad", "q10_mad", "median_mad", "q90_mad", "q975_mad"]].to_numpy()
    assert (np.diff(levels, axis=1) >= 0).all()
    monday = said["day_date"].dt.day_of_week == 0
    assert said.loc[monday, "median_mad"].mean() == pytest.approx(2_000, rel=0.05)
    assert said.loc[~monday, "median_mad"].mean() == pytest.approx(1_000, rel=0.05)


def test_nothing_after_the_origin_changes_what_is_said_only_what_stands_beside_it(found: Study) -> None:
    spoilt = flows(*[("receipts_counters", day, 7_000_000) for day in ("2025-11-03", "2025-11-10", "2025-12-01")])
    other = study(spoilt, "receipts_counters", CALENDAR, AS_OF, ORIGIN, direction="in", horizon=20)
    for name in ("history", "residuals", "echoes", "effects", "scores"):
        pd.testing.assert_frame_equal(getattr(other, name), getattr(found, name))
    told = [name for name in found.said if name != "actual_mad"]
    pd.testing.assert_frame_equal(other.said[told], found.said[told])
    gap = other.said["actual_mad"] - found.said["actual_mad"]
    assert gap.round(6).tolist() == [70_000.0 * (place in (0, 5, 20)) for place in range(20)]
    assert (other.model_name, other.reason_code) == (found.model_name, found.reason_code)


def test_residuals_are_what_the_calendar_model_leaves_on_the_days_learnt(found: Study) -> None:
    whole = found.residuals["fitted_mad"] + found.residuals["residual_mad"]
    assert whole.tolist() == pytest.approx(found.history["actual_mad"].tolist())
    days = found.history["day_date"].to_numpy().astype("datetime64[D]")
    closed = np.array([row.day for row in CALENDAR.closed], dtype="datetime64[D]")
    fit = fit_calendar(found.history[["actual_mad"]].to_numpy(), days, closed).predict(days)
    assert found.residuals["fitted_mad"].tolist() == pytest.approx(fit.mean[:, 0].tolist())


def test_a_study_without_a_past_or_of_a_day_to_come_is_refused() -> None:
    with pytest.raises(WrongUse, match="the origin 2025-12-22 is after 2025-12-19"):
        study(flows(), "suppliers", CALENDAR, AS_OF, date(2025, 12, 22))
    for line, origin in (("energy", ORIGIN), ("taxes", ORIGIN), ("suppliers", date(2025, 1, 2))):
        with pytest.raises(WrongUse, match=f"no flow of line '{line}' is known by {origin}"):
            study(flows(("taxes", "2025-12-18", 5)), line, CALENDAR, AS_OF, origin)


def test_echoes_by_hand() -> None:
    """1, −1, 1, −1: the mean is 0, the variance 4; one day back −3 ÷ 4, two days back 2 ÷ 4; of four days, two lags."""
    table = echoes(np.array([1.0, -1.0, np.nan, 1.0, -1.0]))
    assert table["lag_days"].tolist() == [1, 2]
    assert table["correlation_share"].tolist() == pytest.approx([-0.75, 0.5])
    assert table["limit_share"].tolist() == pytest.approx([0.98, 0.98])  # 1.96 ÷ √4


@pytest.mark.parametrize("residuals", [[], [np.nan] * 4, [1.0], [1.0, 2.0]])
def test_too_few_residuals_have_no_echo(residuals: list[float]) -> None:
    assert echoes(np.array(residuals, dtype=float)).empty


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=60), st.floats(-1e3, 1e3))
def test_echoes_are_shares_whatever_the_level(residuals: list[float], level: float) -> None:
    table = echoes(np.array(residuals))
    assert len(table) == min(LAGS, len(residuals) - 2)
    assert (table["correlation_share"].abs() <= 1 + 1e-9).all()
    flat = echoes(np.full(len(residuals), level))
    assert flat["correlation_share"].abs().max() <= 1


def test_effects_by_hand() -> None:
    """Four weeks from Monday 6 January 2025: the place of a day in its month counts from the first of January up to eleven, then from the end."""
    days = bank_days("2025-01-06", 20)
    actual = np.where(np.arange(20) % 5 == 0, 10.0, 2.0)
    table = effects(days, NONE, actual, actual / 2).set_index(["effect_code", "place_count"])
    weekday = table.loc["weekday"]
    assert weekday["actual_mad"].tolist() == [10.0, 2.0, 2.0, 2.0, 2.0]
    assert weekday["fitted_mad"].tolist() == [5.0, 1.0, 1.0, 1.0, 1.0]
    assert weekday["day_count"].tolist() == [4] * 5
    places = table.loc["month_place"]
    # Monday 6 January is the fourth weekday of the month; Friday 31 January its last.
    assert places.index.tolist() == [4, 5, 6, 7, 8, 9, 10, 11, *range(-12, 0)]
    assert places.loc[-1, "actual_mad"] == 2.0  # a Friday
    assert places.loc[4, "actual_mad"] == 10.0  # a Monday
    assert table.loc["month"]["day_count"].tolist() == [20]


@given(st.integers(1, 300), st.integers(0, 99))
def test_every_way_to_group_the_days_counts_each_of_them_once(count: int, seed: int) -> None:
    days = bank_days("2024-11-29", count)
    actual = np.random.default_rng(seed).normal(size=count)
    table = effects(days, NONE, actual, np.zeros(count))
    sums = (
        table.assign(total=table["actual_mad"] * table["day_count"])
        .groupby("effect_code")[["day_count", "total"]]
        .sum()
    )
    assert set(sums.index) == {"weekday", "month_place", "month"}
    assert (sums["day_count"] == count).all()
    assert sums["total"].tolist() == pytest.approx([actual.sum()] * 3, abs=1e-6)
