"""Mirrors cash/models/selection.py: the usual model stays unless beaten for sure; day and total are chosen apart; bands cover what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import t as student

from tests.builders import worked
from workbench.cash.models.race import Race, Told
from workbench.cash.models.selection import (
    MARGIN,
    SURE,
    Choice,
    banded,
    calibrated,
    chosen,
    composed,
    score_table,
    surely_best,
)
from workbench.evidence import LEVELS, Floats

CASES = worked("forecast_selection")
CASE = CASES["choice"]
SIGNS = np.zeros(1, dtype=np.int8)


def told(median: Floats, mean: Floats | None = None) -> Told:
    """What a model said, with bands that are its median."""
    return Told(
        median if mean is None else mean, median, np.ones_like(median), np.repeat(median[..., None], 5, axis=-1)
    )


def race(misses: dict[str, Floats]) -> Race:
    """A race in which nothing came, and each model missed by `misses` (origins, H)."""
    first = next(iter(misses.values()))
    return Race(
        tuple(range(len(first))), np.zeros((*first.shape, 1)), {n: told(m[..., None]) for n, m in misses.items()}
    )


def flat(miss: float, origins: int = 4, horizon: int = 30) -> Floats:
    return np.full((origins, horizon), miss)


@pytest.mark.parametrize("count", [1, 2])
def test_a_rival_must_beat_the_usual_model_clearly(count: int) -> None:
    rivals = dict(zip("ab", (flat(miss) for miss in CASE["rivals"][:count]), strict=False))
    choice = chosen(race({"usual": flat(CASE["usual"]), **rivals}), "usual", ["a"])
    assert choice.name(0) == CASE["winners"][count - 1]


@pytest.mark.parametrize("place", [0, 1])
def test_thin_evidence_does_not_displace_the_usual_model_ample_evidence_does(place: int) -> None:
    case = CASES["evidence"]
    misses = np.tile(case["rival"], case["times"][place])
    saved = 1 - misses / case["usual"]
    margin = student.ppf(SURE, len(saved) - 1) * saved.std(ddof=1) / np.sqrt(len(saved))
    assert margin == pytest.approx(case["margins"][place], abs=5e-5)
    rivals = {"usual": flat(case["usual"], len(misses)), "rival": np.repeat(misses[:, None], 30, axis=1)}
    assert chosen(race(rivals), "usual", ["rival"]).name(0) == case["winners"][place]


def test_two_origins_are_no_evidence_and_a_naive_model_that_always_saves_wins() -> None:
    for origins, runs in ((1, "usual"), (2, "usual"), (3, "naive")):
        misses = {"usual": flat(100.0, origins), "naive": flat(0.0, origins)}
        assert chosen(race(misses), "usual", ["naive"]).name(0) == runs


def test_origins_of_a_series_that_had_not_begun_are_no_evidence() -> None:
    misses = np.stack([np.full((12, 2), 100.0), np.tile([[60.0], [110.0], [100.0]], (4, 2))])
    misses[:, :9, 0] = np.nan
    assert surely_best(misses).tolist() == [0, 1]


@given(arrays(np.float64, (3, 5, 4), elements=st.sampled_from([0.0, 1.0, 3.0, 8.0, 20.0, np.nan])))
def test_what_runs_missed_less_than_the_usual_model_in_whatever_unit(losses: Floats) -> None:
    losses[:, np.isnan(losses).any(axis=0)] = np.nan  # what came is known for all models or for none
    ranks = surely_best(losses)
    assert surely_best(losses * 1024).tolist() == ranks.tolist()
    for series in np.flatnonzero(ranks):
        usual, rival = losses[[0, ranks[series]], :, series]
        assert np.nanmean(rival) < (1 - MARGIN) * np.nanmean(usual)


def test_each_horizon_has_its_model_and_is_named() -> None:
    near = np.where(np.arange(30) < 5, 1.0, 50.0) * np.ones((4, 1))
    choice = chosen(race({"usual": flat(10.0), "near": near}), "usual", ["usual"])
    assert choice.for_day[:, 0].tolist() == [1, 0, 0]
    assert choice.name(0) == "near (1+), usual (6+); usual (total)"
    said = composed({"usual": told(flat(10.0, 1)[..., None]), "near": told(near[:1, :, None])}, choice)
    assert said.median[0, :7, 0].tolist() == [1, 1, 1, 1, 1, 10, 10]


def test_the_mean_of_the_total_is_chosen_apart() -> None:
    skewed = np.tile([0.0, 0.0, 0.0, 0.0, 10.0], (4, 6))[..., None]
    middle, level = np.zeros_like(skewed), np.full_like(skewed, 2.0)
    choice = chosen(Race((1, 2, 3, 4), skewed, {"middle": told(middle), "level": told(level)}), "middle", ["middle"])
    assert (choice.for_day[:, 0].tolist(), choice.for_total.tolist()) == ([0, 0, 0], [1])
    assert choice.name(0) == "middle; level (total)"


def test_a_series_of_which_nothing_came_keeps_the_usual_model() -> None:
    unknown = Race(
        (1,), np.full((1, 30, 1), np.nan), {"usual": told(flat(1.0, 1)[..., None]), "b": told(flat(0.0, 1)[..., None])}
    )
    assert chosen(unknown, "usual", ["b"]).name(0) == "usual"


def test_what_is_composed_is_of_each_series_its_own_model() -> None:
    usual, other = (told(np.full((2, 30, 3), level), np.full((2, 30, 3), -level)) for level in (1.0, 5.0))
    choice = Choice(("usual", "other"), np.array([[0, 1, 0], [0, 1, 1], [0, 1, 0]]), np.array([0, 0, 1]), np.zeros(3, dtype=np.int64), (5, 20))  # fmt: skip
    said = composed({"usual": usual, "other": other}, choice)
    assert said.median[1, [0, 5, 20]].tolist() == [[1, 5, 1], [1, 5, 5], [1, 5, 1]]
    assert said.quantiles[0, 5, :, 4].tolist() == [1, 5, 5]
    assert said.mean[0, 29].tolist() == [-1, -1, -5]


def test_bands_cover_what_they_say_on_fresh_days() -> None:
    generator = np.random.default_rng(5)
    moves = generator.gamma(1.0, 10.0, (40, 63, 3))
    logged, fresh = moves[:20], moves[20:]
    silent = told(np.full((20, 63, 3), 7.0))
    bands = banded(silent, calibrated(silent, logged), np.ones(3, dtype=np.int8))
    for low, high, share in ((1, 3, 0.80), (0, 4, 0.95)):
        inside = (fresh >= bands[..., low]) & (fresh <= bands[..., high])
        assert inside.mean() == pytest.approx(share, abs=0.02)
    assert (bands[..., 2] == 7).all()
    assert (np.diff(bands, axis=-1) >= 0).all()


def test_a_bucket_without_a_miss_takes_the_shift_of_the_one_before() -> None:
    actual = np.where(np.arange(30) < 20, 3.0, np.nan)[None, :, None]
    found = calibrated(told(np.zeros((1, 30, 1))), actual)
    assert found.shifts[2].tolist() == found.shifts[1].tolist()
    assert found.shifts[1, 0, LEVELS.index(0.9)] == 3


def test_scores_name_what_ran_in_each_bucket() -> None:
    actual = np.random.default_rng(3).standard_normal((6, 30, 2)) + 10
    both = Race(
        tuple(range(6)), actual, {"usual": told(np.full_like(actual, 10)), "far": told(np.full_like(actual, 13))}
    )
    choice = chosen(both, "usual", ["far"])
    table = score_table(both, choice, ["x", "y"], actual.reshape(-1, 2), np.zeros(2, dtype=np.int8))
    assert len(table) == 2 * 2 * 3
    assert set(table.loc[table["is_chosen"], "model_name"]) == {"usual"}
    assert set(table.loc[table["is_naive"], "model_name"]) == {"far"}
    usual = table[(table["model_name"] == "usual") & (table["series"] == "x") & (table["first_day"] == 21)].iloc[0]
    came = actual[:, 20:, 0]
    assert usual["wape"] == pytest.approx(np.abs(came - 10).sum() / np.abs(came).sum())
    assert usual["last_day"] == 30
    assert 0.5 < usual["coverage_80"] <= 1


def test_only_naive_models_are_told_so() -> None:
    zeros = np.zeros((3, 1), dtype=np.int64)
    choice = Choice(("calendar", "seasonal_naive"), zeros + 1, zeros[0], zeros[0], (5, 20))
    assert choice.only_among(["seasonal_naive"], 0)
    assert not choice.only_among(["calendar"], 0)
