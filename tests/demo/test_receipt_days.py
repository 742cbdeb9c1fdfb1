"""Mirrors demo/receipt_days.py: of receipts drawn alike on every day, the planted factors come out, and few days are moved far."""

import json

import numpy as np
import pytest

from tests.demo.conftest import Tiny
from workbench.demo.places import weekday
from workbench.demo.receipt_days import (
    LARGE_PAYER_DAY,
    WEEKDAY,
    as_people_pay,
    feasts,
    on_its_day,
    pay_day_factors,
    ramadan_factors,
)

FIRST, LAST = np.datetime64("2022-01-01"), np.datetime64("2024-12-31")
DAYS = np.arange(FIRST, LAST + 1)
EACH = 500


@pytest.fixture(scope="module")
def moved() -> np.ndarray:
    drawn = np.repeat(DAYS, EACH)
    return as_people_pay(drawn - 40, drawn, np.ones(len(drawn), bool), np.random.default_rng(3))


def per_day(moved: np.ndarray, chosen: np.ndarray) -> float:
    """Receipts of the days chosen, against the number that each would have had."""
    return float(np.isin(moved, DAYS[chosen]).sum() / chosen.sum() / EACH)


def near(name: str, before: int, after: int) -> np.ndarray:
    return np.any([(feast - before <= DAYS) & (feast + after >= DAYS) for feast in feasts(name)], axis=0)


def quiet() -> np.ndarray:
    """Days that no feast moves."""
    return ~near("Aïd Al-Fitr", 32, 3) & ~near("Aïd Al-Adha", 6, 13) & (DAYS > FIRST + 20) & (DAYS < LAST - 20)


def test_weekdays_have_their_shares(moved: np.ndarray) -> None:
    found = np.array([per_day(moved, quiet() & (weekday(DAYS) == day)) for day in range(7)])
    assert found / found[:6].mean() == pytest.approx(WEEKDAY, abs=0.03)
    assert found[6] == 0


def test_pay_day_brings_a_rush(moved: np.ndarray) -> None:
    day = (DAYS - DAYS.astype("datetime64[M]").astype("datetime64[D]")).astype(int) + 1
    rush = (day >= 25) | (day <= 2)
    factors = pay_day_factors()
    assert per_day(moved, quiet() & rush) == pytest.approx(factors["rush"], abs=0.05)
    assert per_day(moved, quiet() & ~rush) == pytest.approx(factors["between"], abs=0.03)


def test_ramadan_is_quieter_then_rushed_and_the_week_of_adha_empty(moved: np.ndarray) -> None:
    factors = ramadan_factors()
    first, rush = near("Aïd Al-Fitr", 29, -8), near("Aïd Al-Fitr", 7, -1)
    assert per_day(moved, first) == pytest.approx(factors["first_weeks"], abs=0.08)
    assert per_day(moved, rush) == pytest.approx(factors["before_fitr"], abs=0.15)
    week, next_week = near("Aïd Al-Adha", 3, 3), near("Aïd Al-Adha", -4, 10)
    assert per_day(moved, week) == pytest.approx(per_day(moved, next_week) * 0.6 / 1.4, rel=0.25)


def test_totals_stay_and_the_mean_day_hardly_moves(moved: np.ndarray) -> None:
    by = (moved - np.repeat(DAYS, EACH)).astype(int)
    assert abs(by.mean()) < 1
    assert by.min() >= -20
    assert by.max() <= 38


def test_transfers_are_left_alone_and_no_receipt_comes_before_its_bill() -> None:
    rng = np.random.default_rng(1)
    day = np.repeat(DAYS, 10)
    issue = day - rng.integers(1, 20, len(day))
    is_shaped = rng.random(len(day)) < 0.5
    found = as_people_pay(issue, day, is_shaped, rng)
    assert (found[~is_shaped] == day[~is_shaped]).all()
    assert (found > issue).all()


def test_the_large_payer_has_its_day_after_the_bill() -> None:
    day = np.array(["2024-03-01", "2024-03-14", "2024-03-29", "2024-02-20"], "datetime64[D]")
    issue = np.array(["2024-01-05", "2024-03-13", "2024-01-05", "2024-02-18"], "datetime64[D]")
    assert on_its_day(issue, day).astype(str).tolist() == ["2024-03-15", "2024-03-15", "2024-03-15", "2024-03-15"]
    assert LARGE_PAYER_DAY == 15


def test_the_key_tells_what_is_planted_and_the_payer_keeps_its_day(tiny: Tiny) -> None:
    told = tiny.key["receipt_days"]
    assert told["weekday_factors"] == list(WEEKDAY)
    payer = told["large_payer"]
    when = tiny.office["payments"].filter(f"customer_code = '{payer['customer_code']}'").project("day(receipt_date)")
    days = [row[0] for row in when.fetchall()]
    assert days
    assert set(days) <= {payer["day_of_month"], payer["day_of_month"] + 1}  # the Monday after a Sunday
    assert json.dumps(told)
