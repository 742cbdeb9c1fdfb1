"""Mirrors money.py."""

import tomllib
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import money
from workbench.errors import AmountError, AmountNotExact
from workbench.money import estimated_centimes, split_rows

CASES = tomllib.loads((Path(__file__).parent / "cases" / "money.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "centimes"),
    [
        ("1.234,56-", ",", ".", -123456),
        ("1\u202f234,5", ",", money.SPACES, 123450),
        ("1\u00a0234\u00a0567,89", ",", money.SPACES, 123456789),
        ("−5", ",", money.SPACES, -500),
        ("12.3400", ".", ",", 1234),
        (",07", ",", money.SPACES, 7),
        ("+ 7,00", ",", money.SPACES, 700),
    ],
)
def test_amounts_as_senders_write_them(text: str, decimal: str, thousands: str, centimes: int) -> None:
    assert money.read_centimes(text, decimal, thousands) == centimes


@pytest.mark.parametrize("text", ["", "-", "12..34", "1,2,3", "12 34,5", "1.234,56", "NaN", "1e5", "--5", "١٢"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(AmountError, match="not an amount"):
        money.read_centimes(text)


def test_finer_than_a_hundredth_is_refused_and_never_rounded() -> None:
    with pytest.raises(AmountNotExact, match=r"7,123"):
        money.read_centimes("7,123")
    with pytest.raises(AmountError, match="larger"):
        money.read_centimes("9" * 18 + ",00")


@given(st.lists(st.integers(-(10**15), 10**15)))
def test_a_column_reads_as_its_texts_do(amounts: list[int]) -> None:
    texts = [f"{'-' if a < 0 else ''}{abs(a) // 100},{abs(a) % 100:02d}" for a in amounts]
    column, problems = money.centimes_column(pa.array(texts, pa.string()))
    assert column.to_pylist() == amounts == [money.read_centimes(text) for text in texts]
    assert problems == []


def test_a_column_names_the_rows_that_it_cannot_read() -> None:
    column, problems = money.centimes_column(pa.array(["1 234,56", "12..3", None, "7,123", "8,1200", "5-"]))
    assert column.to_pylist() == [123456, None, None, None, 812, -500]
    assert [(row, type(error).__name__) for row, error in problems] == [(1, "AmountError"), (3, "AmountNotExact")]


@pytest.mark.parametrize(("value", "rounded"), [("0.5", 1), ("-0.5", -1), ("1.5", 2), ("2.5", 3), ("-2.4999", -2)])
def test_halves_go_away_from_zero(value: str, rounded: int) -> None:
    assert money.round_half_away(Decimal(value)) == rounded


@given(st.integers(-(10**18), 10**18), st.integers(1, 10**9))
def test_rounding_is_symmetrical_and_within_a_half(numerator: int, denominator: int) -> None:
    rounded = money.divide_rounded(numerator, denominator)
    assert abs(2 * (numerator - rounded * denominator)) <= denominator
    assert money.divide_rounded(-numerator, denominator) == -rounded == money.divide_rounded(numerator, -denominator)


@pytest.mark.parametrize("case", CASES["interest"], ids=lambda case: case["source"][:40])
def test_worked_interest(case: dict[str, Any]) -> None:
    interest = case["nombres"] * Fraction(case["rate"]) / case["base"]
    assert money.round_half_away(interest) == case["expected_centimes"]


@pytest.mark.parametrize("case", CASES["year_fraction"], ids=lambda case: case["day_count"])
def test_worked_day_counts(case: dict[str, Any]) -> None:
    fraction = money.year_fraction(case["start"], case["end"], case["day_count"])
    assert fraction == Fraction(case["numerator"], case["denominator"])
    assert money.year_fraction(case["end"], case["start"], case["day_count"]) == -fraction


def test_simple_interest_over_a_leap_year() -> None:
    args = (1_000_000_00, Decimal("0.03"), date(2024, 1, 1), date(2025, 1, 1))
    assert money.simple_interest(*args, "act/360") == 3_050_000
    assert money.simple_interest(*args, "act/365") == 3_008_219
    assert money.simple_interest(*args, "act/act") == 3_000_000


def test_vat_of_an_amount() -> None:
    assert money.at_rate(45_00, Decimal("0.10")) == 4_50


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1).filter(any))
def test_shares_add_up_to_the_centime(total: int, weights: list[int]) -> None:
    parts = money.split_by_weights(total, weights)
    assert sum(parts) == total
    assert all(abs(part - Fraction(total * w, sum(weights))) < 1 for part, w in zip(parts, weights, strict=True))


def test_weights_of_nothing_are_refused() -> None:
    with pytest.raises(AmountError, match="nothing"):
        money.split_by_weights(100, [0, 0])


@given(
    st.lists(
        st.tuples(st.integers(-(10**15), 10**15), st.lists(st.integers(0, 10**6), min_size=3, max_size=3)),
        min_size=1,
        max_size=5,
    )
)
def test_rows_are_split_as_one_total_is(rows: list[tuple[int, list[int]]]) -> None:
    kept = [(total, weights) for total, weights in rows if sum(weights)]
    if kept:
        found = split_rows(
            np.array([total for total, _ in kept]), np.array([weights for _, weights in kept], dtype=float)
        )
        assert found.sum(axis=1).tolist() == [total for total, _ in kept]
        for row, (total, weights) in zip(found.tolist(), kept, strict=True):
            exact = [Fraction(total) * weight / sum(weights) for weight in weights]
            assert all(abs(part - share) <= 1 + abs(total) // 10**8 for part, share in zip(row, exact, strict=True))


def test_a_total_on_no_weight_is_refused_and_nothing_is_split_into_nothing() -> None:
    with pytest.raises(AmountError, match="weights"):
        split_rows(np.array([5]), np.zeros((1, 2)))
    assert split_rows(np.array([0]), np.zeros((1, 2))).tolist() == [[0, 0]]


def test_estimates_round_half_away_from_zero() -> None:
    assert estimated_centimes(np.array([0.125, -0.125, 1.234, -0.001])).tolist() == [13, -13, 123, 0]
