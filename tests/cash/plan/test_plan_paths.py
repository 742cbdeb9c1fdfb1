from datetime import date

import numpy as np
import pandas as pd

from tests.builders import table
from workbench.cash.known.late_values import LateValues
from workbench.cash.plan.plan_paths import LEAST, measured_slips, with_certain, with_late_values
from workbench.cash.plan.plan_rows import grid
from workbench.standards import load_bank_days

DAYS = pd.DatetimeIndex(pd.bdate_range("2024-10-01", periods=10)).as_unit("s")
SERIES = pd.DataFrame({"account_number": ["A"], "line_code": ["x"]})
KNOWN = table("""
account_number line_code flow_date  amount_centimes certainty_code flow_source_code
A              x         2024-10-01 1_000           certain        order
A              x         2024-10-02 2_000           announced      supplier
""")


def test_what_is_certain_is_on_its_day_of_every_path() -> None:
    sure = [grid(KNOWN, SERIES, DAYS), np.zeros((10, 1), np.int64)]
    paths = with_certain(np.zeros((5, 10, 1), np.float32), KNOWN, SERIES, DAYS, sure, None, 1)
    assert (paths[:, 0, 0] == 10).all()
    assert (paths[:, 1, 0] == 20).all()


def test_what_is_announced_comes_after_the_delays_that_its_like_have_had() -> None:
    sure = [grid(KNOWN, SERIES, DAYS), np.zeros((10, 1), np.int64)]
    slips = {"supplier": [0] * LEAST + [4] * LEAST}
    paths = with_certain(np.zeros((400, 10, 1), np.float32), KNOWN, SERIES, DAYS, sure, slips, 1)
    assert (paths[:, 0, 0] == 10).all()
    assert set(np.flatnonzero(paths[:, :, 0].sum(axis=0))) == {0, 1, 5}
    assert 120 < (paths[:, 5, 0] > 0).sum() < 280
    few = with_certain(np.zeros((5, 10, 1), np.float32), KNOWN, SERIES, DAYS, sure, {"supplier": [4] * 3}, 1)
    assert (few[:, 1, 0] == 20).all()  # three are too few to know


def test_delays_are_counted_in_bank_days_from_what_was_settled_by_then() -> None:
    planned = table("""
    flow_kind_code expected_date settled_date
    order_issued   2024-09-06    2024-09-09
    order_issued   2024-09-10    2024-09-09
    order_issued   2024-09-12    -
    cheque_issued  2024-09-12    2024-10-15
    """)
    due = table("""
    due_date   clearing_date paid_date
    2024-09-02 2024-09-05    2024-09-05
    """)
    none = due.head(0)
    found = measured_slips(planned, due, none, none, as_of=date(2024, 9, 30), bank_days=load_bank_days())
    assert found == {"order": [0, 1], "supplier": [3]}


def test_what_a_balance_did_not_hold_on_past_days_is_on_the_first_day_of_as_many_paths() -> None:
    rows = table("""
    place account_number line_code currency_code amount_centimes
    0     A              x         MAD           -700
    0     B              x         MAD           -900
    1     A              x         EUR           -500
    """)
    paths = with_late_values(np.zeros((400, 10, 1), np.float32), LateValues(rows, 4), SERIES, "MAD", 1)
    assert set(paths[:, 0, 0].tolist()) == {0.0, -7.0}  # B has no series, euros are not dirhams
    assert 60 < (paths[:, 0, 0] < 0).sum() < 140  # a day of four
    assert not paths[:, 1:].any()
    assert not with_late_values(np.zeros((5, 10, 1), np.float32), None, SERIES, "MAD", 1).any()
