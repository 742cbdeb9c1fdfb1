"""Mirrors cash/judging/risk_drivers.py; figures worked by hand in docs/methods/cash_risk.md."""

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.cash.judging.risk_drivers import variance_shares

CASES = tomllib.loads((Path(__file__).parent.parent / "cases" / "cash_risk.toml").read_text(encoding="utf-8"))


def test_shares_of_two_lines_as_worked_by_hand() -> None:
    case = CASES["drivers"]
    lines = pd.DataFrame({"line_code": list(case["lines"])})
    found = variance_shares(np.array(list(case["lines"].values()), float).T, lines, 0.25).set_index("line_code")
    for name in ("variance_share", "tail_mad"):
        assert dict(found[name]) == pytest.approx(case[name])


def test_what_does_not_vary_drives_nothing() -> None:
    found = variance_shares(np.full((5, 2), 0.1), pd.DataFrame({"line_code": ["a", "b"]}), 0.1)
    assert found["variance_share"].isna().all()
    assert list(found["tail_mad"]) == [0.0, 0.0]


@given(st.integers(2, 40), st.integers(1, 8), st.integers(0, 2**32))
def test_shares_add_up_to_one_and_tails_to_what_is_lacking(paths: int, lines: int, seed: int) -> None:
    drawn = np.random.default_rng(seed).normal(0, 10, (paths, lines))
    found = variance_shares(drawn, pd.DataFrame({"line_code": [str(n) for n in range(lines)]}), 0.1)
    total = drawn.sum(axis=1)
    assert found["variance_share"].sum() == pytest.approx(1.0)
    worst = np.sort(total)[: max(1, int(paths * 0.1))]
    assert found["tail_mad"].sum() == pytest.approx(worst.mean() - total.mean())
    assert found["mean_mad"].sum() == pytest.approx(total.mean())
