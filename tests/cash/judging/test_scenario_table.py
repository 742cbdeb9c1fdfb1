"""Mirrors cash/judging/scenario_table.py."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from tests.builders import rows
from tests.cash import made_plans
from workbench.cash.judging.scenario_table import compare

ESTIMATED = [[100, 10, 0], [200, 20, -53_000], [300, 30, 400], [400, 40, 500]]


def late() -> object:
    steps = pd.DataFrame({"beyond_centimes": pd.array([25], dtype="Int64")})
    plan = made_plans.plan([[0, 10, 0], [0, 20, -53_000], [300, 30, 0], [400, 40, 0]], spread=30.0)
    return dataclasses.replace(plan, notes={"scenario_steps": steps})


def test_plans_stand_beside_one_another_with_what_each_changes() -> None:
    days, summary = compare({"plan": made_plans.plan(ESTIMATED, spread=30.0), "late": late()})  # type: ignore[dict-item]
    assert list(days) == ["scenario_code", "day_date", "value_centimes", "q10_mad", "q90_mad"]
    assert list(days["scenario_code"]) == ["plan"] * 4 + ["late"] * 4
    assert list(days["value_centimes"]) == [53_110, 330, 1_060, 2_000, 53_010, 30, 360, 800]
    assert (days["q10_mad"] < days["value_centimes"] / 100).all()
    second = pd.Timestamp("2024-09-27").date()
    assert rows(summary.drop(columns="passed_share")) == [
        ("plan", 330, second, -51_000, 0, 0, 0),
        ("late", 30, second, -52_200, 25, -1_200, -300),
    ]
    # The floor is 100.00: of four paths, the one that gains 90 a day passes it on no day.
    assert list(summary["passed_share"]) == [0.75, 0.75]


def test_pairs_one_at_a_time_and_no_plan_to_compare_with() -> None:
    _, summary = compare(iter([("late", late())]))  # type: ignore[list-item]
    assert summary["change_centimes"].isna().all()
    days, nothing = compare({})
    assert days.empty
    assert nothing.empty


def test_only_the_thirteen_weeks_are_compared_and_no_floor_is_no_probability() -> None:
    plan = dataclasses.replace(made_plans.plan(np.ones((70, 3))), floor_centimes=None)
    days, summary = compare({"plan": plan})
    assert len(days) == 65
    assert summary["passed_share"].isna().all()
    assert summary["total_centimes"].tolist() == [195]


def test_without_a_known_balance_there_is_no_low_point() -> None:
    plan = made_plans.plan(ESTIMATED, balances={"A1": None, "A2": None, "C": None})
    _, summary = compare({"plan": plan})
    unknown = ["low_centimes", "low_date", "passed_share", "total_centimes", "change_centimes"]
    assert summary[unknown].isna().all(axis=None)
    assert summary["beyond_centimes"].tolist() == [0]


@pytest.mark.parametrize("spread", [0.0, 30.0])
def test_the_same_plan_changes_nothing(spread: float) -> None:
    plan = made_plans.plan(ESTIMATED, spread=spread)
    _, summary = compare({"plan": plan, "same": plan})
    assert summary[["change_centimes", "low_change_centimes"]].to_numpy().tolist() == [[0, 0], [0, 0]]
