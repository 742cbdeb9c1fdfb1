from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.cash.models.panel import Panel
from workbench.cash.plan.plan_history import open_days
from workbench.cash.plan.plan_receipts import _Race, as_wide, beside_panel, with_receivables
from workbench.standards import load_bank_days

BANK = load_bank_days()
AS_OF = date(2024, 9, 30)
DAYS = open_days(BANK, date(2022, 9, 1), AS_OF)
FUTURE = open_days(BANK, date(2024, 10, 1), date(2025, 9, 30))
CLOSED = np.array([row.day for row in BANK.closed], dtype="datetime64[D]")
NOW = np.datetime64(AS_OF, "D")


def office(seed: int = 3) -> tuple[Panel, np.ndarray]:
    """Two lines of receipts; what was billed moves the first one (no calendar can know it) and says nothing of the second."""
    rng = np.random.default_rng(seed)
    every = np.concatenate([DAYS, FUTURE])
    billed = 100 + 80 * rng.standard_normal(len(every) // 10 + 1).repeat(10)[: len(every)]
    first = np.maximum(billed[: len(DAYS)] + rng.normal(0, 5, len(DAYS)), 0)
    second = np.maximum(100 + rng.normal(0, 5, len(DAYS)), 0)
    return Panel(DAYS, np.stack([first, second], axis=1), ("told", "noise"), np.array([1, 1], np.int8)), billed


def expected(billed: np.ndarray, origins: int = 18) -> pd.DataFrame:
    """At every origin the receivables know what was billed of the first line, and say of the second what is not so."""
    every = np.concatenate([DAYS, FUTURE])
    rng = np.random.default_rng(9)
    parts = []
    for origin in [NOW, *(DAYS[-1 - 21 * count] for count in range(1, origins + 1))]:
        inside = (every > origin) & (every <= origin + np.timedelta64(91, "D"))
        for line, amounts in (("told", billed[inside]), ("noise", rng.uniform(0, 300, inside.sum()))):
            days = every[inside].astype("datetime64[s]")
            parts.append(
                pd.DataFrame(
                    {
                        "origin_date": origin.astype("datetime64[s]"),
                        "flow_date": days,
                        "line_code": line,
                        "mean_mad": amounts,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def test_a_line_is_told_by_the_one_that_has_missed_less() -> None:
    panel, billed = office()
    found = with_receivables(panel, expected(billed), NOW, FUTURE, CLOSED)
    assert found.race["chosen_code"].tolist() == ["receivables", "calendar"]
    assert found.race["origin_count"].tolist() == [6, 6]
    assert (found.race["wape_receivables"] < found.race["wape_calendar"]).tolist() == [True, False]
    assert found.is_used.tolist() == [True, False]
    inside = found.days
    assert (
        np.abs(found.mean[inside, 0] - billed[len(DAYS) :][inside]).mean() < 20
    )  # the residual is learnt from what calendars cannot tell
    assert FUTURE[inside][-1] <= NOW + np.timedelta64(91, "D")  # beyond what the receivables tell, the calendar alone


def test_one_giant_day_of_the_past_does_not_change_what_the_receivables_tell() -> None:
    panel, billed = office()
    plain = with_receivables(panel, expected(billed), NOW, FUTURE, CLOSED)
    values = panel.values.copy()
    values[300, 0] = 1e6  # of a line that gets a hundred a day
    odd = with_receivables(replace(panel, values=values), expected(billed), NOW, FUTURE, CLOSED)
    assert odd.is_used.tolist() == plain.is_used.tolist() == [True, False]
    inside = plain.days
    assert odd.mean[inside, 0].sum() == pytest.approx(plain.mean[inside, 0].sum(), rel=0.02)
    width, usual = (np.diff(each.quantiles[inside, 0][:, [1, -2]]).mean() for each in (odd, plain))
    assert width < 1.25 * usual


def test_the_future_of_an_origin_tells_nothing_of_the_race() -> None:
    panel, billed = office()
    table = expected(billed)
    later = table.assign(mean_mad=table["mean_mad"].where(table["origin_date"] < pd.Timestamp(AS_OF), 7.0))
    before, after = (with_receivables(panel, each, NOW, FUTURE, CLOSED).race for each in (table, later))
    pd.testing.assert_frame_equal(before, after)


def test_without_a_past_or_without_a_table_the_calendar_alone_says() -> None:
    panel, billed = office()
    none = with_receivables(panel, None, NOW, FUTURE, CLOSED)
    assert not none.is_used.any()
    only_now = expected(billed).query("origin_date == '2024-09-30'")
    assert not with_receivables(panel, only_now, NOW, FUTURE, CLOSED).is_used.any()
    few = with_receivables(panel, expected(billed, origins=4), NOW, FUTURE, CLOSED)
    assert (few.race["origin_count"] == 0).all()
    assert not few.is_used.any()
    only_past = expected(billed).query("origin_date < '2024-09-30'")
    assert not with_receivables(panel, only_past, NOW, FUTURE, CLOSED).is_used.any()


def scored(chosen: float, calendar: float | None) -> pd.DataFrame:
    """Scores of line `told` as the race of models gives them: the chosen model, and the calendar where it ran."""
    models = [("smoothing", chosen, True), *([("calendar", calendar, False)] if calendar else [])]
    days = ((1, 5), (6, 20), (21, 63))
    return pd.DataFrame(
        [("told", name, first, last, wape, chose) for name, wape, chose in models for first, last in days],
        columns=["series", "model_name", "first_day", "last_day", "wape", "is_chosen"],
    )


@pytest.mark.parametrize(
    ("chosen", "calendar", "reason", "kept"),
    [
        (0.45, 0.50, "won", True),  # 0.36 / 0.41 is under 0.45 / 0.50
        (
            0.40,
            0.50,
            "won",
            False,
        ),  # the model that was chosen is nearer to its calendar than the receivables to theirs
        (0.35, None, "naive_holds", False),
        (0.36, None, "won", True),
        (0.37, None, "sparse", False),  # nearer, by under 5 %
        (0.38, None, "sparse", True),
    ],
)
def test_the_receivables_must_also_beat_what_the_race_of_models_chose(
    chosen: float, calendar: float | None, reason: str, kept: bool
) -> None:
    panel, billed = office()
    found = with_receivables(panel, expected(billed), NOW, FUTURE, CLOSED)
    race = found.race.assign(wape_calendar=[0.41, 0.4], wape_receivables=[0.36, 0.5])
    judged = beside_panel(replace(found, race=race), panel.names, (reason, "won"), scored(chosen, calendar))
    assert judged.is_used.tolist() == [kept, False]
    assert judged.race["chosen_code"].tolist() == ["receivables" if kept else "panel", "calendar"]


def test_a_routed_line_is_given_up_only_to_three_tests_won_and_nothing_stands_for_a_model_without_a_score() -> None:
    panel, billed = office()
    found = with_receivables(panel, expected(billed), NOW, FUTURE, CLOSED)
    few = replace(found, race=found.race.assign(won_count=2))
    for reasons, each, kept in (
        (("ended", "won"), found, True),
        (("ended", "won"), few, False),
        (("won", "won"), few, True),
    ):
        assert beside_panel(each, panel.names, reasons, pd.DataFrame()).is_used[0] == kept
    poor = replace(found, race=found.race.assign(wape_calendar=3.0, wape_receivables=0.97))
    assert not beside_panel(poor, panel.names, ("ended", "won"), pd.DataFrame()).is_used.any()


def test_bands_are_set_on_the_misses_of_the_receivables_themselves() -> None:
    panel, billed = office()
    found = with_receivables(panel, expected(billed), NOW, FUTURE, CLOSED)
    told = found.quantiles[found.days, 0]
    assert (np.diff(told, axis=1) >= 0).all()
    assert np.isnan(found.quantiles[~found.days, 0]).all()
    assert np.isnan(found.quantiles[:, 1]).all()
    assert (
        told[:, 3] - told[:, 1]
    ).mean() < 60  # what is billed moves by 80 a day: of the calendar alone 80 % would be about 205 wide
    came = np.maximum(billed[len(DAYS) :][found.days], 0)
    assert ((came >= told[:, 1]) & (came <= told[:, 3])).mean() > 0.7


def test_bands_worked_by_hand() -> None:
    misses = np.arange(-4.0, 5.0)[:, None, None]  # nine tests of a day
    race = _Race(pd.DataFrame(), 100 + misses, np.full((9, 1, 1), 100.0), np.ones((9, 1, 1)))
    bands = race.bands(np.array([[50.0]]), np.array([[2.0]]), np.array([1], np.int8))
    assert bands[0, 0, 1:4].tolist() == [42.0, 50.0, 58.0]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 99), st.floats(0.1, 9.0), st.sampled_from([0, 1, -1]))
def test_paths_are_made_as_wide_as_a_band_and_keep_their_mean_and_side(seed: int, width: float, sign: int) -> None:
    rng = np.random.default_rng(seed)
    moves = rng.gamma(2.0, 1.0, (200, 30)) * (sign or 1) + (0 if sign else rng.normal(0, 3, (200, 30)))
    paths = moves.astype(np.float32)
    mean = paths.mean(axis=0).astype(np.float64)
    edges = np.array([-1, -0.5, 0, 0.5, 1]) * width
    made = as_wide(paths, mean, mean[:, None] + edges, sign)
    np.testing.assert_allclose(made.mean(axis=0), mean, rtol=1e-3, atol=1e-3)
    assert not sign or (made * sign >= 0).all()
    before, after = ((np.quantile(each, 0.9, 0) - np.quantile(each, 0.1, 0))[:5].mean() for each in (paths, made))
    if not sign:
        assert after == pytest.approx(np.clip(width, before / 2, before * 2), rel=1e-2)
    assert after <= 2.01 * before
