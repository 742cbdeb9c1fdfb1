"""Mirrors cash/models/routing.py: a flow too poor for a race says why."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cash.panels import weekly
from workbench.cash.models.routing import RACE, routes
from workbench.evidence import Floats

MISSING = np.full(300, np.nan)


def sparse(count: int = 300, every: int = 21) -> Floats:
    return np.where(np.arange(count) % every == every - 1, 500.0, 0.0)


@pytest.mark.parametrize(
    ("series", "route"),
    [
        (weekly(300), RACE),
        (np.zeros(300), "constant"),
        (np.full(300, 7.0), "constant"),
        (np.concatenate([MISSING[:297], [5.0, 6.0, 7.0]]), "short"),
        (MISSING, "short"),
        (np.concatenate([MISSING[:241], weekly(59)]), "short"),
        (np.concatenate([MISSING[:240], weekly(60)]), RACE),
        (np.concatenate([weekly(234), np.zeros(66)]), "ended"),
        (np.concatenate([weekly(236), np.zeros(64)]), RACE),
        (sparse(), "sparse"),
        (sparse(300, 100), "sparse"),  # rests of 100 days: 99 without a flow are no end
        (np.concatenate([sparse(100, 90), np.zeros(181)]), "sparse"),
        (np.concatenate([[5.0], np.zeros(299)]), "ended"),
        (np.concatenate([np.zeros(100), [5.0], np.zeros(199)]), "sparse"),  # one flow ever, less than a year ago
    ],
)
def test_the_route_of_a_series(series: Floats, route: str) -> None:
    assert routes(series[:, None]) == (route,)


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 1e9))
def test_the_route_does_not_depend_on_the_unit_nor_the_side(seed: int, unit: float) -> None:
    values = np.random.default_rng(seed).choice([0.0, 0.0, 1.0, 2.0, np.nan], (120, 4))
    assert routes(values) == routes(values * unit) == routes(-values)
