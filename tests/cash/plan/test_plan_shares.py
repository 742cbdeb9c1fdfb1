from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from workbench.cash.plan.plan_history import History, history_of, open_days
from workbench.cash.plan.plan_shares import shares, split_lines, split_paths
from workbench.standards import load_bank_days

AS_OF = date(2024, 9, 30)
BANK = load_bank_days()
CLOSED = np.array([row.day for row in BANK.closed], dtype="datetime64[D]")
FUTURE = open_days(BANK, date(2024, 10, 1), date(2024, 12, 31))


def two_accounts(seed: int = 0) -> History:
    """A is paid at the start of each month, B at its end; C got a third of what a quiet line gets, D the rest."""
    days = open_days(BANK, date(2023, 6, 1), AS_OF)
    months = days.astype("datetime64[M]")
    place = np.array([(months[:row] == months[row]).sum() for row in range(len(days))])
    rng = np.random.default_rng(seed)
    values = np.stack(
        [
            np.where(place < 5, 100.0, 1.0),
            np.where(place > 15, 100.0, 1.0),
            rng.uniform(1, 2, len(days)),
            rng.uniform(2, 4, len(days)),
        ],
        axis=1,
    )
    series = pd.DataFrame({"account_number": list("ABCD"), "line_code": ["x", "x", "y", "y"]})
    return History(days, values, series, ("x", "y"), np.array([0, 0, 1, 1]))


def test_an_account_has_the_part_of_its_own_days() -> None:
    history = two_accounts()
    found = shares(history, FUTURE, CLOSED, (), np.ones((len(FUTURE), 4), bool), np.array([1, 1], np.int8))
    np.testing.assert_allclose(found[:, :2].sum(axis=1), 1)
    assert found[1, 0] > 0.8  # 2 October
    assert found[20, 0] < 0.2  # 30 October
    assert 0.25 < found[:, 2].mean() < 0.42


def test_one_giant_day_of_an_account_gives_it_no_larger_part() -> None:
    history = two_accounts()
    values = history.values.copy()
    values[-30, [0, 2]] = 1e6
    asked = (FUTURE, CLOSED, (), np.ones((len(FUTURE), 4), bool), np.array([1, 1], np.int8))
    plain, odd = shares(history, *asked), shares(replace(history, values=values), *asked)
    assert np.abs(odd - plain).mean(axis=0).max() < 0.03


def test_a_closed_account_gives_its_part_to_the_open_ones() -> None:
    is_open = np.ones((len(FUTURE), 4), bool)
    is_open[:, 0] = False
    found = shares(two_accounts(), FUTURE, CLOSED, (), is_open, np.array([1, 1], np.int8))
    assert (found[:, 0] == 0).all()
    assert (found[:, 1] == 1).all()


def test_accounts_of_a_path_add_up_to_the_line_and_their_mean_is_their_part() -> None:
    history = two_accounts()
    signs = np.array([1, 1], np.int8)
    weights = shares(history, FUTURE, CLOSED, (), np.ones((len(FUTURE), 4), bool), signs)
    lines = np.random.default_rng(1).gamma(4, 25, (200, len(FUTURE), 2)).astype(np.float32)
    found = split_paths(lines, history, weights, signs, 3)
    np.testing.assert_allclose(found[:, :, :2].sum(axis=2), lines[:, :, 0], rtol=1e-4)
    np.testing.assert_allclose(found[:, :, 2:].sum(axis=2), lines[:, :, 1], rtol=1e-4)
    assert (found >= 0).all()
    got, wanted = found.mean(axis=0), lines.mean(axis=0)[:, [0, 0, 1, 1]] * weights
    assert np.abs(got - wanted).max() < 0.03 * wanted.max()
    assert (found[:, :, 2] / lines[:, :, 1]).std() > 0.02  # an account moves by itself
    np.testing.assert_array_equal(found, split_paths(lines, history, weights, signs, 3))


totals = arrays.arrays(np.int64, (4, 3), elements=st.integers(-(10**15), 10**15))
weights_of = arrays.arrays(np.float64, (4, 7), elements=st.floats(0, 1e6))


@settings(max_examples=100, deadline=None)
@given(totals, weights_of)
def test_lines_are_cut_to_the_centime_whatever_the_weights(lines: np.ndarray, weights: np.ndarray) -> None:
    line_of = np.array([0, 0, 0, 1, 1, 2, 2])
    weights = weights + 1e-3
    found = split_lines(lines, line_of, weights)
    for line in range(3):
        assert found[:, line_of == line].sum(axis=1).tolist() == lines[:, line].tolist()
    assert (np.sign(found) * np.sign(lines[:, line_of]) >= 0).all()  # no account on the other side of its line


def test_unknown_days_after_the_last_statement_hold_what_the_quarter_before_brought() -> None:
    days = open_days(BANK, date(2024, 3, 1), AS_OF)
    flows = pd.DataFrame(
        {
            "account_number": "A",
            "line_code": "x",
            "flow_date": days[:-10].astype("datetime64[s]"),
            "amount_centimes": 500,
        }
    )
    none = flows[["account_number", "line_code"]].head(0)
    known = history_of(flows, none, {"A": days[-11].astype(object)}, BANK, AS_OF)
    np.testing.assert_allclose(known.values[-10:, 0], 5.0)
    proven = history_of(flows, none, {"A": AS_OF}, BANK, AS_OF)
    assert (proven.values[-10:, 0] == 0).all()


def test_a_giant_day_of_the_quarter_does_not_come_again_on_unknown_days() -> None:
    days = open_days(BANK, date(2024, 3, 1), AS_OF)
    amounts = np.full(len(days) - 10, 500)
    amounts[-20] = 10**9
    flows = pd.DataFrame(
        {
            "account_number": "A",
            "line_code": "x",
            "flow_date": days[:-10].astype("datetime64[s]"),
            "amount_centimes": amounts,
        }
    )
    none = flows[["account_number", "line_code"]].head(0)
    found = history_of(flows, none, {"A": days[-11].astype(object)}, BANK, AS_OF)
    np.testing.assert_allclose(found.values[-10:, 0], 5.0)
    assert found.values.max() == 1e7  # the day itself is told as it was


def test_a_line_keeps_its_side_only_where_its_history_never_left_it() -> None:
    days = open_days(BANK, date(2024, 8, 1), AS_OF).astype("datetime64[s]")
    flows = pd.DataFrame(
        {"account_number": "A", "line_code": ["x", "y"] * 10, "flow_date": days[:20], "amount_centimes": [5, -5] * 10}
    )
    history = history_of(flows, flows.head(0)[["account_number", "line_code"]], {}, BANK, AS_OF)
    assert history.panel({"x": "in", "y": "in"}).signs.tolist() == [1, 0]
