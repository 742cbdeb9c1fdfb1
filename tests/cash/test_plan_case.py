"""The case worked by hand in docs/methods/cash_plan.md."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.cash.made_plans import plan
from workbench.cash.plan.plan_history import open_days
from workbench.cash.plan.plan_months import Months, month_factors
from workbench.cash.plan.plan_netting import KnownOfLine, netting
from workbench.money import split_by_weights, split_rows
from workbench.standards import load_bank_days

CASE = tomllib.loads((Path(__file__).parents[1] / "cases" / "cash_plan.toml").read_text(encoding="utf-8"))
DAYS = open_days(load_bank_days(), date(2024, 10, 1), date(2024, 12, 31))
PAST = open_days(load_bank_days(), date(2023, 10, 1), date(2024, 9, 30))


def on_days(count: int, items: dict[Any, float]) -> np.ndarray:
    found = np.zeros(count)
    for day, amount in items.items():
        found[int(day)] = amount
    return found


def test_cut() -> None:
    case = CASE["cut"]
    found = split_rows(np.array(case["totals"]), np.array(case["weights"]))
    assert found.tolist() == case["parts"]
    assert split_by_weights(case["totals"][0], [1, 1, 1]) == case["parts"][0]


def test_netted() -> None:
    case = CASE["netted"]
    estimate = np.array(case["estimate"])
    order = on_days(len(estimate), {case["order_day"]: case["order"]})
    rule = netting(
        "suppliers", DAYS[: len(estimate)], estimate, KnownOfLine(order, order * 0), PAST, np.full(len(PAST), -10.0)
    )
    assert rule.mean(estimate).tolist() == case["left"]


def test_covered() -> None:
    case = CASE["covered"]
    estimate, items = np.full(case["days"], -10.0), on_days(case["days"], case["items"])
    rule = netting(
        "suppliers", DAYS[: case["days"]], estimate, KnownOfLine(items, items), PAST, np.full(len(PAST), -10.0)
    )
    assert rule.covered == case["covered_days"]
    assert float(rule.mean(estimate).sum() + items.sum()) == case["plan"]


def test_calendar() -> None:
    case = CASE["calendar"]
    days = DAYS[: case["days"]]  # all of October
    assert len(np.unique(days.astype("datetime64[M]"))) == 1
    estimate, known = np.full(len(days), -1.0), on_days(len(days), {case["dated"]: case["amount"]})
    months = PAST.astype("datetime64[M]")
    paid = np.where(np.append(months[1:] != months[:-1], True), -100.0, 0.0)
    rule = netting(
        "payroll", days, estimate, KnownOfLine(known, known * 0, [case["dated"]], [case["undated"]]), PAST, paid
    )
    left = rule.mean(estimate)
    assert left[case["undated"]] == left.sum() == case["left_on_undated"]


def test_months() -> None:
    case = CASE["months"]
    days, mean = DAYS[:4], np.array(case["shape"]).reshape(4, 1)
    months = Months(
        np.array(["2024-10-01"], "datetime64[D]"), np.array([[case["total"]]]), np.array([True]), pd.DataFrame()
    )
    factors, additions = month_factors(months, days, mean, np.array([1], np.int8))
    assert (mean * factors + additions)[:, 0].tolist() == case["days"]


def test_bands_and_balances() -> None:
    import dataclasses

    case = CASE["bands"]
    flat = plan([[0, 0, 0]] * 2)
    paths = np.zeros((4, 2, 3), np.float32)
    paths[:, :, 0] = case["paths"]
    made = dataclasses.replace(flat, paths=paths)
    np.testing.assert_allclose(made.flows(period="total")["q10_mad"], case["q10_of_total"], rtol=1e-6)
    np.testing.assert_allclose(made.flows()["q10_mad"].sum(), case["sum_of_q10_of_days"], rtol=1e-6)
    told = CASE["balances"]
    held = plan([[flow, 0, 0] for flow in told["flows"]], balances={"A1": told["opening"], "A2": 0, "C": 0})
    assert held.positions()["value_centimes"].tolist() == told["balances"]
