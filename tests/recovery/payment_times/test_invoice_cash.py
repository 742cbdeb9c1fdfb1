"""Mirrors payment_times/invoice_cash.py: chances given the age reached, naive receipts, bands from past misses."""

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.recovery.payment_times.made_bills import made_bills
from workbench.recovery.payment_times.invoice_cash import (
    book_on,
    came,
    cash_of_law,
    cash_of_naive,
    law_scores,
    learn_band,
    mondays,
    noise_floor,
    wape,
)
from workbench.recovery.payment_times.invoice_features import bills_of
from workbench.recovery.payment_times.invoice_models import Settlement

CASE = tomllib.loads((Path(__file__).parents[2] / "cases" / "invoice_times.toml").read_text(encoding="utf-8"))


def cash(actual: list[float], expected: list[float], variance: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"actual_mad": actual, "expected_mad": expected, "variance": variance, "book_mad": 1000.0})


def test_a_chance_is_conditional_on_the_age_reached() -> None:
    case = CASE["conditional"]
    law = Settlement(-np.log1p(-np.pad(np.array([case["by"]]), ((0, 0), (0, 8)), mode="edge")))
    assert law.chance(np.array([0]), np.array([case["age"]]), case["days"])[0] == pytest.approx(case["chance"])


@given(
    st.lists(st.floats(1e-4, 0.5), min_size=10, max_size=30), st.integers(0, 50), st.integers(1, 20), st.integers(1, 20)
)
def test_chances_of_two_spans_make_that_of_both(hazards: list[float], age: int, first: int, second: int) -> None:
    law = Settlement(np.cumsum(-np.log1p(-np.array([hazards])), axis=1))
    rows, ages = np.array([0]), np.array([age])
    one, two = law.chance(rows, ages, first), law.chance(rows, ages + first, second)
    assert law.chance(rows, ages, first + second) == pytest.approx(1 - (1 - one) * (1 - two))


def test_bands_are_those_of_the_page() -> None:
    case = CASE["band"]
    band = learn_band(cash(case["actual"], case["expected"], case["variance"]))
    assert band.phi == pytest.approx(case["phi"], abs=1e-6)
    assert band.factor == pytest.approx(case["factor"], abs=1e-6)
    told = band.around(cash([90.0], [100.0], [16.0])).iloc[0]
    assert (told["low_mad"], told["high_mad"]) == pytest.approx((80.0, 120.0))  # the furthest past miss, again


def test_a_band_is_never_under_nothing_nor_over_the_book() -> None:
    band = learn_band(cash([1900.0, 0.0], [900.0, 900.0], [0.0, 0.0]))
    told = band.around(cash([900.0], [900.0], [0.0])).iloc[0]
    assert (told["low_mad"], told["high_mad"]) == (0.0, 1000.0)


def test_the_book_and_what_it_brought_add_up() -> None:
    bills = bills_of(made_bills())
    origin = int(bills.issued[300])
    book = book_on(bills, origin)
    assert (bills.issued[book] < origin).all()
    actual, whole = came(bills, origin, 60)
    assert actual == whole == pytest.approx(bills.amount[book].sum())  # nothing takes longer than 60 weeks


def test_mondays_are_mondays() -> None:
    days = mondays(19_000, 19_060)
    assert {(day - 4) % 7 for day in days} == {0}
    assert days[0] - 19_000 < 7
    assert 19_060 - days[-1] < 7


def test_naive_receipts_use_only_windows_that_had_ended() -> None:
    items = made_bills(800, 25, 700)
    bills, origin = bills_of(items), int(bills_of(items).issued[0]) + 450
    origin += (4 - origin) % 7
    later = items.assign(
        settled_date=items["settled_date"].where(items["settled_date"] < pd.Timestamp(0) + pd.Timedelta(days=origin))
    )
    for name in ("book_share", "last_year"):
        one, two = (cash_of_naive(name, each, [origin], 4)["expected_mad"].iloc[0] for each in (bills, bills_of(later)))
        assert one == pytest.approx(two)
    assert np.isnan(cash_of_naive("last_year", bills, [int(bills.issued[0]) + 100], 4)["expected_mad"].iloc[0])


def test_a_sure_law_has_no_floor_and_no_miss() -> None:
    items = made_bills()
    bills = bills_of(items)
    sure = np.where(
        np.arange(120)[None, :] >= bills.days[:, None], 40.0 * (np.arange(120) - bills.days[:, None] + 1), 0.0
    )
    origins = mondays(int(bills.issued[100]), int(bills.issued[400]))
    told = cash_of_law(Settlement(sure), bills, origins, 4)
    assert wape(told) < 1e-9
    assert noise_floor(told) < 1e-6
    assert law_scores(Settlement(sure), bills.days) == pytest.approx({"mae_days": 0.0, "brier": 0.0, "crps": 0.0})
