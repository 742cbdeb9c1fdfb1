"""Mirrors cash/models/groups.py: a group raced and forecast, and joint paths drawn of what it missed."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cash.panels import NONE, next_days, panel, weekly
from workbench.cash.models.candidates import NAIVE, Candidate, Points, Window
from workbench.cash.models.groups import Part, Plan, _moves, _widths, forecast_group, paths_of
from workbench.cash.models.panel import Panel
from workbench.evidence import LEVELS, Floats

ROWS = (100, 121, 142)
BOTH_WAYS = np.zeros(3, dtype=np.int8)


def saying(level: float) -> Candidate:
    """A model that says the same of every day and series."""

    def model(window: Window) -> Points:
        told = np.full((len(window.future), window.values.shape[1]), level)
        return Points(told, told)

    return model


def history(count: int = 165, series: int = 3) -> Panel:
    return panel(np.stack([weekly(count, seed) for seed in range(series)], axis=1))


def window_of(past: Panel, ahead: int = 10) -> Window:
    return Window(past.days, past.values, next_days(past, ahead), NONE)


def forecast(past: Panel, columns: list[int], rows: tuple[int, ...] = ROWS, **models: Candidate) -> Part:
    plan = Plan({**models, **NAIVE}, rows, 10, 10, last_days=(5,))
    return forecast_group(past, np.array(columns), window_of(past), [], plan)


def test_a_group_says_what_its_nearest_model_said_and_keeps_its_columns() -> None:
    past = replace(history(), values=np.full((165, 3), 100.0) + np.random.default_rng(1).normal(0, 5, (165, 3)))
    part = forecast(past, [0, 2], tuple(range(60, 155, 10)), far=saying(500.0), near=saying(100.0))
    assert part.columns.tolist() == [0, 2]
    assert part.mean.shape == part.median.shape == part.naive.shape == part.widths.shape == (10, 2)
    assert part.quantiles.shape == (10, 2, len(LEVELS))
    assert part.model_names == ("near", "near")
    assert part.is_naive == (False, False)
    assert part.mean == pytest.approx(100.0)
    assert (np.diff(part.quantiles, axis=-1) >= 0).all()
    assert part.quantiles[..., 2] == pytest.approx(part.median)
    assert set(part.scores["series"]) == {"line0", "line2"}


def test_the_naive_one_holds_where_nothing_is_nearer() -> None:
    steps = np.tile([20.0, 10.0, 0.0, -10.0, -20.0], 33)[:, None] + np.zeros((165, 1))
    part = forecast(panel(steps), [0], far=saying(500.0))
    assert part.is_naive == (True,)
    assert part.median[:, 0] == pytest.approx(np.tile([20.0, 10.0, 0.0, -10.0, -20.0], 2))
    assert part.naive == pytest.approx(part.median)


def test_series_of_a_group_do_not_hang_on_who_is_beside_them() -> None:
    past = history()
    alone, together = forecast(past, [1], flat=saying(100.0)), forecast(past, [0, 1, 2], flat=saying(100.0))
    assert alone.model_names[0] == together.model_names[1]
    for name in ("mean", "median", "quantiles", "naive", "widths", "misses", "drifts"):
        ours, theirs = getattr(alone, name), getattr(together, name)
        assert ours[:, 0] == pytest.approx(theirs[:, 1]), name


def test_what_came_after_the_last_day_of_the_history_is_not_there_to_be_used() -> None:
    past = history()
    spoilt = replace(past, values=np.where(np.arange(165)[:, None] >= 152, past.values * -3, past.values))
    (ours, theirs) = (forecast(each, [0], (100, 121), flat=saying(100.0)) for each in (past, spoilt))
    assert ours.misses == pytest.approx(theirs.misses)
    assert ours.drifts == pytest.approx(theirs.drifts)


def test_without_an_origin_the_usual_model_says_and_nothing_is_scored() -> None:
    part = forecast(history(), [0, 1], (), flat=saying(7.0))
    assert part.model_names == ("flat", "flat")
    assert part.mean == pytest.approx(7.0)
    assert part.scores.empty
    assert (len(part.misses), len(part.drifts)) == (0, 0)
    assert np.isfinite(part.quantiles).all()
    assert np.isfinite(part.widths).all()


def test_a_width_by_hand() -> None:
    """Bands of 25.63 around a day are ten wide; a day without a band is a tenth of the usual miss, √((3² + 4²) ÷ 2) = 3.5355."""
    bands = np.zeros((1, 2, 1, 5))
    bands[0, 0, 0] = [0.0, 0.0, 10.0, 25.63, 30.0]
    misses = np.array([[[3.0], [4.0], [np.nan]]])
    assert _widths(bands, misses)[0, :, 0] == pytest.approx([10.0, 0.35355], abs=1e-5)


def test_moves_by_hand() -> None:
    """Misses 1, 3 and −2, 0 of two origins: levels 2 and −1, moves −1, 1, −1, 1, in widths of 2: halves."""
    misses = np.array([[[1.0], [3.0]], [[-2.0], [0.0]]])
    moves, drifts = _moves(misses, np.full((2, 2, 1), 2.0), step=2)
    assert drifts[:, 0].tolist() == [2.0, -1.0]
    assert moves[:, 0].tolist() == [-0.5, 0.5, -0.5, 0.5]
    first, _ = _moves(misses, np.full((2, 2, 1), 2.0), step=1)  # only the days up to the next origin
    assert first[:, 0].tolist() == [-0.5, -0.5]


def test_what_is_not_known_makes_the_rest_larger_so_that_the_mean_square_stays() -> None:
    """Of four days two are known, 3 and 1: level 2, moves 1 and −1 times √(4 ÷ 2)."""
    misses = np.array([[[3.0], [1.0], [np.nan], [np.nan]]])
    moves, _ = _moves(misses, np.ones((1, 4, 1)), step=4)
    assert moves[:, 0] == pytest.approx([2**0.5, -(2**0.5), 0.0, 0.0])
    assert float((moves**2).mean()) == pytest.approx(1.0)


def part_of(columns: list[int], misses: Floats, widths: Floats, drifts: Floats) -> Part:
    shape = (len(widths), len(columns))
    nothing: Any = np.zeros(shape)
    return Part(
        np.array(columns), nothing, nothing, np.zeros((*shape, 5)), nothing, misses, widths, drifts,
        np.zeros((0, *shape)), (), ("m",) * len(columns), ("m",) * len(columns), (False,) * len(columns), pd.DataFrame(),
    )  # fmt: skip


def test_paths_have_the_mean_asked_for_and_the_width_of_their_bands() -> None:
    rng = np.random.default_rng(5)
    mean = np.array([[10.0, -5.0]] * 8)
    part = part_of([0, 1], rng.standard_normal((200, 2)), np.tile([4.0, 1.0], (8, 1)), np.zeros((0, 2)))
    paths = paths_of(mean, [part], BOTH_WAYS[:2], 600, seed=2)
    assert paths.shape == (600, 8, 2)
    assert paths.mean(axis=0) == pytest.approx(mean, abs=1e-3)
    assert paths.std(axis=0).mean(axis=0) == pytest.approx([4.0, 1.0], rel=0.12)


def test_groups_that_missed_together_move_together_and_a_series_without_a_past_moves_alone() -> None:
    shared = np.random.default_rng(6).standard_normal((120, 1))
    ones = np.ones((12, 1))
    parts = [part_of([place], shared, ones, np.zeros((0, 1))) for place in (0, 1)]
    parts.append(part_of([2], np.zeros((0, 1)), 3 * ones, np.zeros((0, 1))))
    paths = paths_of(np.zeros((12, 3)), parts, BOTH_WAYS, 400, seed=1)
    flat = paths.reshape(-1, 3).astype(float)
    together = np.corrcoef(flat.T)
    assert together[0, 1] == pytest.approx(1.0, abs=1e-4)
    assert abs(together[0, 2]) < 0.3
    assert flat[:, 2].std() == pytest.approx(3.0, rel=0.35)


def test_the_same_seed_draws_the_same_paths_and_another_seed_others() -> None:
    part = part_of([0], np.random.default_rng(7).standard_normal((60, 1)), np.ones((5, 1)), np.array([[1.0], [-1.0]]))
    one, same, other = (paths_of(np.zeros((5, 1)), [part], BOTH_WAYS[:1], 50, seed) for seed in (3, 3, 4))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@given(st.integers(0, 10_000), st.sampled_from([-1, 1]))
def test_paths_of_a_one_sided_series_never_change_side(seed: int, sign: int) -> None:
    rng = np.random.default_rng(seed)
    mean = sign * rng.uniform(0.5, 3.0, (6, 1))
    part = part_of([0], rng.standard_normal((30, 1)), np.full((6, 1), 4.0), rng.standard_normal((4, 1)))
    paths = paths_of(mean, [part], np.array([sign], dtype=np.int8), 80, seed)
    assert (paths * sign >= 0).all()
    assert paths.mean(axis=0) == pytest.approx(mean, rel=1e-3)
