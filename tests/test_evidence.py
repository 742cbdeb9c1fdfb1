"""Mirrors evidence.py."""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import evidence
from workbench.errors import WrongUse
from workbench.evidence import (
    LEVELS,
    Calibration,
    calibrate,
    conformal_quantile,
    coverage,
    cumulative_factors,
    joint_paths,
    rolling_origins,
    widened,
)

CASES = tomllib.loads((Path(__file__).parent / "cases" / "forecast_scores.toml").read_text(encoding="utf-8"))
SEEDS = st.integers(0, 10_000)


def column(values: list[float]) -> evidence.Floats:
    return np.array(values, dtype=np.float64)[:, None]


def test_the_last_test_ends_with_the_last_row() -> None:
    assert rolling_origins(length=100, horizon=10, count=3, step=20) == [50, 70, 90]
    assert rolling_origins(length=25, horizon=10, count=4, step=10) == [5, 15]


def test_buckets_of_the_horizon() -> None:
    assert evidence.horizon_buckets(22).tolist() == [0] * 5 + [1] * 15 + [2] * 2
    assert evidence.horizon_buckets(3, ()).tolist() == [0, 0, 0]


def test_scores_as_worked_by_hand() -> None:
    case = CASES["scores"]
    actual, forecast = column(case["actual"]), column(case["forecast"])
    assert evidence.mase(actual, forecast, column(case["history"]), case["season"]) == pytest.approx(
        [case["mase"]], abs=1e-6
    )
    for name in ("wape", "smape", "bias", "total_error"):
        assert getattr(evidence, name)(actual, forecast) == pytest.approx([case[name]], abs=1e-6)


def test_pinball_and_crps_as_worked_by_hand() -> None:
    case = CASES["pinball"]
    losses = evidence.pinball(column([case["actual"]]), np.array([[case["quantiles"]]]), tuple(case["levels"]))
    assert losses[0] == pytest.approx(case["losses"])
    paths = np.array(CASES["crps"]["paths"])[:, None, None]
    assert evidence.crps_of_paths(column([CASES["crps"]["actual"]]), paths) == pytest.approx([CASES["crps"]["score"]])


def test_what_is_missing_counts_nowhere() -> None:
    actual, forecast = column([12.0, np.nan, 10.0]), column([11.0, 50.0, 13.0])
    history = column([np.nan, np.nan, *CASES["scores"]["history"]])
    assert evidence.mase(actual, forecast, history, 2) == pytest.approx([CASES["scores"]["mase"]], abs=1e-6)
    assert evidence.wape(actual, forecast) == pytest.approx([CASES["scores"]["wape"]], abs=1e-6)
    assert evidence.bias(actual, forecast) == pytest.approx([CASES["scores"]["bias"]], abs=1e-6)


def test_a_score_without_a_measure_is_no_figure() -> None:
    nothing, still = np.zeros((2, 1)), np.ones((9, 1))
    assert np.isnan(evidence.wape(nothing, still[:2])).all()
    assert np.isnan(evidence.mase(nothing, still[:2], still, 5)).all()
    assert np.isnan(evidence.mase(nothing, still[:2], still[:3], 5)).all()
    assert evidence.smape(nothing, nothing).tolist() == [0.0]


@pytest.mark.parametrize("case", CASES["clopper_pearson"])
def test_the_interval_of_a_coverage_is_exact(case: dict[str, Any]) -> None:
    found = coverage(np.arange(case["count"]) < case["hits"])
    assert (found.share, found.count) == (case["hits"] / case["count"], case["count"])
    assert (found.low, found.high) == pytest.approx((case["low"], case["high"]), abs=1e-6)


def test_the_coverage_of_nothing_says_nothing() -> None:
    found = coverage(np.zeros(0, dtype=bool))
    assert np.isnan(found.share)
    assert (found.low, found.high) == (0.0, 1.0)


@given(hits=st.integers(0, 60), more=st.integers(0, 60))
def test_the_share_is_inside_its_interval(hits: int, more: int) -> None:
    found = coverage(np.arange(hits + more) < hits)
    assert found.low <= found.high
    if found.count:
        assert found.low <= found.share <= found.high


@pytest.mark.parametrize("case", CASES["conformal"])
def test_conformal_quantiles_as_worked_by_hand(case: dict[str, Any]) -> None:
    assert conformal_quantile(column(case["scores"]), case["level"]).tolist() == [case["quantile"]]
    with_gaps = column([np.nan, *case["scores"], np.nan])
    assert conformal_quantile(with_gaps, case["level"]).tolist() == [case["quantile"]]
    assert conformal_quantile(column([np.nan]), case["level"]).tolist() == [0.0]


def test_a_series_with_few_origins_leans_on_the_misses_of_all() -> None:
    case = CASES["pooled"]
    actual = np.array(case["actual"])[None]
    told = calibrate(actual, np.zeros((*actual.shape, 1)), np.ones(actual.shape), (0.5,), (), case["pool"])
    assert told.shifts[0, :, 0] == pytest.approx(case["shifts"], abs=1e-6)
    assert told.counts.tolist() == [[4, 4]]
    alone = calibrate(actual, np.zeros((*actual.shape, 1)), np.ones(actual.shape), (0.5,), (), pool=0)
    assert alone.shifts[0, :, 0].tolist() == [3.0, 30.0]


def test_bands_too_narrow_are_widened_to_what_they_promise() -> None:
    rng = np.random.default_rng(5)
    actual = rng.standard_normal((12, 63, 4)) * np.array([1.0, 5.0, 20.0, 100.0])
    scale = np.broadcast_to(np.array([1.0, 5.0, 20.0, 100.0]), actual.shape)
    narrow = scale[..., None] * np.array([-0.2, -0.1, 0.0, 0.1, 0.2])
    told = calibrate(actual, narrow, scale)
    new = rng.standard_normal((63, 4)) * scale[0]
    bands = told.apply(narrow[0], scale[0])
    assert 0.72 < coverage((new >= bands[..., 1]) & (new <= bands[..., 3])).share < 0.88
    assert 0.91 < coverage((new >= bands[..., 0]) & (new <= bands[..., 4])).share < 0.99


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(WrongUse, match="differ in shape"):
        calibrate(np.zeros((2, 3, 1)), np.zeros((2, 3, 1, 4)), np.ones((2, 3, 1)))


def test_no_origin_leaves_the_quantiles_as_they_are() -> None:
    told = calibrate(np.zeros((0, 7, 2)), np.zeros((0, 7, 2, 5)), np.ones((0, 7, 2)))
    said = np.sort(np.random.default_rng(1).standard_normal((7, 2, 5)))
    assert np.array_equal(told.apply(said, np.ones((7, 2))), said)


@given(seed=SEEDS)
def test_calibrated_quantiles_never_cross_and_keep_their_side(seed: int) -> None:
    rng = np.random.default_rng(seed)
    told = Calibration(LEVELS, (5, 20), rng.standard_normal((3, 3, 5)), np.ones((3, 3), np.int64))
    signs = np.array([1, -1, 0])
    bands = told.apply(rng.standard_normal((25, 3, 5)), rng.random((25, 3)), signs)
    assert (np.diff(bands, axis=-1) >= 0).all()
    assert (bands[:, 0] >= 0).all()
    assert (bands[:, 1] <= 0).all()


def paths_of(seed: int, signs: list[int] | None = None, **more: Any) -> tuple[evidence.Floats, evidence.Floats]:
    rng = np.random.default_rng(seed)
    mean = rng.random((21, 3)) * np.array([10.0, -10.0, 1.0])
    given_signs = None if signs is None else np.array(signs)
    return mean, joint_paths(mean, rng.standard_normal((90, 3)) * 8, 200, seed, signs=given_signs, **more).astype(
        np.float64
    )


@given(seed=SEEDS)
def test_the_mean_of_the_paths_is_the_mean_and_no_side_is_crossed(seed: int) -> None:
    mean, paths = paths_of(seed, [1, -1, 0])
    assert paths.mean(axis=0) == pytest.approx(mean, abs=1e-4)
    assert (paths[:, :, 0] >= 0).all()
    assert (paths[:, :, 1] <= 0).all()


def test_the_same_seed_gives_the_same_paths() -> None:
    assert np.array_equal(paths_of(3)[1], paths_of(3)[1])
    assert not np.array_equal(paths_of(3)[1], paths_of(4)[1])


def test_series_that_move_together_do_so_in_the_paths() -> None:
    rng = np.random.default_rng(2)
    moves = rng.standard_normal((200, 1))
    paths = joint_paths(np.zeros((20, 2)), np.hstack([moves, -moves]), 300, 1)
    assert np.abs(paths.sum(axis=2)).max() < 1e-4  # what one gains the other loses, on every day of every path


def test_misses_of_the_level_widen_totals_more_than_days() -> None:
    rng = np.random.default_rng(2)
    moves, drifts = rng.standard_normal((300, 1)), rng.standard_normal((12, 1)) * 0.5
    still, adrift = (joint_paths(np.zeros((60, 1)), moves, 2000, 1, block=1, drifts=d) for d in (None, drifts))
    assert adrift[:, 0].std() < 1.3 * still[:, 0].std()
    assert adrift.sum(axis=1).std() > 2 * still.sum(axis=1).std()


def test_the_spread_of_a_day_is_the_one_given() -> None:
    spread, moves = np.linspace(1, 10, 30)[:, None], np.random.default_rng(1).standard_normal((500, 1))
    paths = joint_paths(np.zeros((30, 1)), moves / moves.std(), 4000, 1, spread=spread)
    assert paths.std(axis=0)[:, 0] == pytest.approx(spread[:, 0], rel=0.1)


def test_a_short_past_gives_paths_too() -> None:
    assert joint_paths(np.ones((10, 1)), np.ones((3, 1)), 5, 1).shape == (5, 10, 1)


MOVES = np.cumsum(
    np.random.default_rng(6).standard_normal((4000, 60)), axis=1
)  # a band of 80 %: 1.2816 √day on each side


def test_paths_that_held_what_came_are_left_as_they_are() -> None:
    assert (cumulative_factors(MOVES[:12] * 0.5, MOVES, 21) == 1).all()
    assert (cumulative_factors(np.full((12, 60), np.nan), MOVES, 21) == 1).all()
    assert (cumulative_factors(np.zeros((0, 60)), MOVES, 21) == 1).all()


def test_the_factor_of_misses_twice_as_large_by_hand() -> None:
    half = np.quantile(np.abs(MOVES), 0.8, axis=0)
    asked = cumulative_factors(np.tile(2 * half, (12, 1)), MOVES, 21)
    assert asked[2] == pytest.approx(1 + 12 / 16)  # twelve origins, four doubted: the middle of days 1 to 5
    assert asked[40] == pytest.approx(1 + (1 + 11 * 21 / 60) / (5 + 11 * 21 / 60))  # tests that overlap count for 4.85
    assert cumulative_factors(np.tile(2 * half, (1, 1)), MOVES, 21)[2] == 1  # one origin says nothing
    assert cumulative_factors(np.tile(9 * half, (12, 1)), MOVES, 21).max() == 2  # the most


def test_what_is_added_up_is_wider_and_still_adds_up() -> None:
    mean, paths = paths_of(4, [1, -1, 0])
    drawn, factors = paths.astype(np.float32), np.linspace(1, 2, 21)
    widened(drawn, mean, factors, np.array([0, 0, 0]))
    moved = np.cumsum(drawn.astype(np.float64) - mean, axis=1)
    assert moved == pytest.approx(np.cumsum(paths - mean, axis=1) * factors[:, None], abs=1e-2)
    sided = paths.astype(np.float32)
    widened(sided, mean, factors, np.array([1, -1, 0]))
    assert (sided[:, :, 0] >= 0).all()
    assert (sided[:, :, 1] <= 0).all()
    assert sided.mean(axis=0) == pytest.approx(mean, abs=1e-3)
