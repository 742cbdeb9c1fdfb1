"""Mirrors recovery/triangles/hidden_diagonals.py: what was hidden is not seen, and the naive model is beaten or wins."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recovery.triangles.triangle_cases import CASES, QUARTERS, case, of_rows, planted, staircases
from workbench.errors import WrongUse
from workbench.recovery.triangles import MODELS, Triangle, chain_ladder, hidden_diagonals, models_for, race_of_models

LADDER = {"chain_ladder": chain_ladder}


def test_worked_case_of_the_method() -> None:
    said = hidden_diagonals(case("hand"), LADDER, count=1)
    told = said[said["vintage_date"] == pd.Timestamp(1971, 1, 1)].iloc[0]
    assert told["said_mad"] == pytest.approx(CASES["hand"]["hidden"]["next"] - 200)
    assert told["came_mad"] == pytest.approx(CASES["hand"]["hidden"]["came"] - 200)
    assert (told["age"], told["hidden_count"]) == (1, 1)
    # The third vintage had not begun; the second step was told by nobody: the first vintage has no figure.
    assert len(said) == 2
    assert said["said_mad"].isna().sum() == 1


@settings(max_examples=15)
@given(triangle=staircases(), factor=st.floats(1.1, 9), hidden=st.integers(1, 3))
def test_what_was_hidden_is_not_seen(triangle: Triangle, factor: float, hidden: int) -> None:
    late = triangle.periods > triangle.last_period - hidden
    other = replace(triangle, values=np.where(late, triangle.values * factor, triangle.values))
    one, two = (hidden_diagonals(each, LADDER, count=1, horizon=hidden) for each in (triangle, other))
    assert one["said_mad"].equals(two["said_mad"])
    assert not len(one) or not one["came_mad"].equals(two["came_mad"])


def test_several_periods_ahead_are_said_in_one_sum() -> None:
    said = hidden_diagonals(case("genins"), LADDER, count=1, horizon=2)
    before = chain_ladder(case("genins").hidden(2))
    row = said[said["vintage_date"] == pd.Timestamp(1975, 1, 1)].iloc[0]
    assert row["said_mad"] == pytest.approx(before.full[5, 4] - before.triangle.latest[5])
    assert row["came_mad"] == case("genins").values[5, 4] - case("genins").values[5, 2]
    assert row["error_mad"] == before.errors[5, 4]


def test_models_run_where_the_triangle_has_what_they_ask_for() -> None:
    assert list(models_for(case("raa"))) == ["naive", "chain_ladder", "poisson"]
    assert list(models_for(case("hand"))) == ["naive", "chain_ladder", "poisson", "bornhuetter_ferguson"]
    assert list(models_for(planted(QUARTERS))) == list(MODELS)


def test_seasons_win_where_there_are_seasons() -> None:
    race = race_of_models(hidden_diagonals(planted(QUARTERS), count=3)).set_index("model_code")
    best = race.index[race["is_best"]]
    assert list(best) in (["poisson_seasons"], ["bornhuetter_ferguson_seasons"])
    assert race.loc["poisson_seasons", "wape"] < 1e-6
    assert race.loc["naive", "wape"] > 0.2
    assert race["cell_count"].nunique() == 1


def test_the_naive_model_keeps_its_place_where_nothing_beats_it() -> None:
    cells = {"hidden_count": [1, 1], "vintage_date": [1, 2], "age": [1, 1], "came_mad": [10.0, 20.0]}
    said = pd.concat(
        [
            pd.DataFrame({**cells, "model_code": name, "said_mad": values, "error_mad": np.nan, "is_inside": pd.NA})
            for name, values in (("naive", [11.0, 20.0]), ("a_model", [10.0, 21.0]), ("silent", [np.nan, np.nan]))
        ]
    )
    race = race_of_models(said).set_index("model_code")
    assert race.loc["naive", "is_best"]
    assert not race.loc["a_model", "is_best"]
    assert "silent" not in race.index
    assert race.loc["a_model", ["wape", "bias", "total_error"]].tolist() == pytest.approx([1 / 30] * 3)
    assert np.isnan(race.loc["naive", "coverage_80"])


def test_triangles_race_apart_by_their_keys() -> None:
    parts = [hidden_diagonals(replace(case(name), keys={"segment_code": name}), count=2) for name in ("raa", "genins")]
    race = race_of_models(pd.concat(parts), by=["segment_code"])
    assert race.groupby("segment_code")["is_best"].sum().tolist() == [1, 1]
    assert (race["wape"] > 0).all()


def test_too_small_a_triangle_races_on_nothing() -> None:
    assert len(hidden_diagonals(of_rows([[100]]), count=2)) == 0
    assert len(race_of_models(hidden_diagonals(of_rows([[100]]), count=2))) == 0
    with pytest.raises(WrongUse, match="at least one diagonal is hidden"):
        hidden_diagonals(case("hand"), count=0)
