"""Mirrors recovery/triangles/diagnostics.py: residuals along three axes, Mack's test for a calendar effect."""

import numpy as np
import pytest

from tests.recovery.triangles.triangle_cases import QUARTERS, case, of_rows, planted
from workbench.errors import WrongUse
from workbench.recovery.triangles import (
    bornhuetter_ferguson,
    calendar_test,
    chain_ladder,
    over_dispersed_poisson,
    residuals,
    residuals_by,
)


def test_residuals_of_the_hand_case() -> None:
    cells = residuals(chain_ladder(case("hand")))
    told = [(150 - 100 * 470 / 300) / np.sqrt(2 / 3 * 100), (320 - 200 * 470 / 300) / np.sqrt(2 / 3 * 200), 0]
    assert cells.sort_values(["age", "vintage_date"])["residual"].tolist() == pytest.approx(told)
    by_age = residuals_by(cells, "age")
    assert by_age["cell_count"].tolist() == [2, 1]
    assert by_age["z"][0] == pytest.approx(by_age["mean"][0] * np.sqrt(2))


def test_squares_of_residuals_add_up_to_the_cells_that_are_free() -> None:
    found = residuals(over_dispersed_poisson(case("genins")))
    assert (found["residual"] ** 2).sum() == pytest.approx(55 - 19)
    steps = residuals(chain_ladder(case("genins")))
    assert steps.groupby("age")["residual"].apply(lambda part: (part**2).sum())[1] == pytest.approx(8)  # nine pairs


def test_a_calendar_effect_shows_along_periods_and_nowhere_else_once_it_is_in_the_model() -> None:
    triangle = planted(QUARTERS)
    plain = residuals_by(residuals(over_dispersed_poisson(triangle)), "period")
    assert plain["is_unusual"].any()
    ages = residuals_by(residuals(over_dispersed_poisson(triangle)), "age")
    assert ages["mean"].abs().max() < plain["mean"].abs().max()
    with_seasons = over_dispersed_poisson(triangle, "season")
    assert with_seasons.dispersion < 1e-9


def test_the_published_test_of_a_calendar_effect() -> None:
    found = calendar_test(case("raa"))
    assert (found.found, found.expected) == (14, 12.875)
    assert found.variance == pytest.approx(3.978, abs=1e-3)
    assert found.p_value > 0.5


@pytest.mark.parametrize("name", ["raa", "genins", "abc", "ukmotor"])
def test_the_package_says_the_same(name: str) -> None:
    package = pytest.importorskip("chainladder", reason="the chainladder package is not installed")
    sample = package.load_sample(name)
    peer = sample.valuation_correlation(p_critical=0.1, total=True)
    cells = sample.values[0, 0]
    found = calendar_test(of_rows([[value for value in row if value == value] for row in cells.tolist()]))
    assert found.found == peer.z.values.ravel()[0]
    assert found.expected == pytest.approx(peer.z_expectation.values.ravel()[0])
    assert found.variance == pytest.approx(peer.z_variance.values.ravel()[0])


def test_a_calendar_effect_is_found() -> None:
    effects = np.tile([0.4, 2.5], 8)
    found = calendar_test(planted(effects))
    assert found.found < found.expected
    assert found.p_value < 0.01


def test_a_triangle_too_small_to_compare_says_nothing() -> None:
    assert np.isnan(calendar_test(of_rows([[100, 150], [80]])).p_value)


def test_other_axes_and_models_are_refused() -> None:
    with pytest.raises(WrongUse, match="residuals are along"):
        residuals_by(residuals(chain_ladder(case("hand"))), "colour")
    with pytest.raises(WrongUse, match="has no residuals of its own"):
        residuals(bornhuetter_ferguson(case("hand")))  # type: ignore[arg-type]
