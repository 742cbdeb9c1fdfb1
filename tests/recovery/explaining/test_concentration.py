"""Mirrors recovery/explaining/concentration.py: the case of docs/methods/debt_concentration.md, and what bounds it."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, table, worked
from workbench.errors import WrongUse
from workbench.recovery.explaining import concentration, pareto_curve

CASE = worked("rate_change")["debts"]


def items_of(amounts: list[int], segment: str = "state") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "invoice_id": [f"F{n}" for n in range(len(amounts))],
            "customer_code": [f"C{n}" for n in range(len(amounts))],
            "segment_code": segment,
            "currency_code": "MAD",
            "outstanding_centimes": amounts,
        }
    )


def test_worked_case() -> None:
    found = concentration(items_of([one * 100 for one in CASE["owed"]]), tops=(1, 2)).iloc[0]
    assert found[["debtor_count", "outstanding_centimes", "pareto_count"]].tolist() == [
        5,
        100_000,
        CASE["pareto_count"],
    ]
    assert found["top_1_share"] == CASE["top_1"]
    assert found["top_2_share"] == CASE["top_2"]
    for name in ("hhi", "effective_count", "gini"):
        assert found[name] == pytest.approx(CASE[name])
    curve = pareto_curve(items_of([one * 100 for one in CASE["owed"]]))
    assert curve["amount_share"].tolist() == pytest.approx([0.5, 0.8, 0.9, 0.96, 1.0])
    assert curve["debtor_share"].tolist() == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])


def test_a_debtor_is_counted_once_credits_lower_nothing_and_groups_stay_apart() -> None:
    items = table("""
        invoice_id  customer_code  segment_code  currency_code  outstanding_centimes
        F1          C1             state         MAD                             300
        F2          C1             state         MAD                             300
        F3          C1             state         MAD                            -500
        F4          -              state         MAD                             200
        F5          -              state         MAD                             200
        F6          C1             state         EUR                             900
        F7          C2             -             MAD                              50
    """)
    found = concentration(items, tops=(1,))[
        ["currency_code", "segment_code", "debtor_count", "outstanding_centimes", "top_1_share"]
    ]
    assert rows(found) == [("EUR", "state", 1, 900, 1.0), ("MAD", "state", 3, 1000, 0.6), ("MAD", None, 1, 50, 1.0)]


@pytest.mark.parametrize("tops", [(), (0,), (10, 1)])
def test_tops_increase(tops: tuple[int, ...]) -> None:
    with pytest.raises(WrongUse):
        concentration(items_of([1]), tops=tops)


def test_a_curve_has_two_ends() -> None:
    with pytest.raises(WrongUse):
        pareto_curve(items_of([1]), points=1)


def test_nothing_owed_is_no_row() -> None:
    assert concentration(items_of([-5])).empty
    assert pareto_curve(items_of([-5])).empty


@settings(max_examples=15, deadline=None)
@given(amounts=st.lists(st.integers(1, 10**12), min_size=1, max_size=80))
def test_figures_lie_where_they_must(amounts: Any) -> None:
    found = concentration(items_of(amounts)).iloc[0]
    whole = sum(amounts)
    assert 1 - 1e-9 <= found["effective_count"] <= len(amounts) + 1e-6
    assert -1e-9 <= found["gini"] < 1
    mean_gap = np.abs(np.subtract.outer(np.array(amounts, float), np.array(amounts, float))).mean()
    assert found["gini"] == pytest.approx(mean_gap / (2 * whole / len(amounts)), abs=1e-9)  # its other definition
    fewest = sorted(amounts, reverse=True)[: found["pareto_count"]]
    assert sum(fewest) >= 0.8 * whole * (1 - 1e-9)
    assert sum(fewest[:-1]) < 0.8 * whole
    curve = pareto_curve(items_of(amounts), points=10)
    assert len(curve) <= 10
    assert (curve["amount_share"].iloc[-1], curve["debtor_share"].iloc[-1]) == (1.0, 1.0)
    assert (curve["amount_share"] >= curve["debtor_share"] - 1e-9).all()
