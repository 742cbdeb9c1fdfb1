"""Mirrors pipeline/receipts.py: the worked case in value, lags learnt, receipts on their way, and nothing from after the origin."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from tests.pipeline.receipt_flows import flows_of
from tests.recovery.receipt_cases import AS_OF, CASE, UNITS, case_tables
from workbench.errors import OutsideSpan
from workbench.pipeline.receipt_lines import ReceiptLines, load_receipt_lines
from workbench.pipeline.receipts import LAGS, bank_lags, expected_at_origins, expected_receipts, office_cube
from workbench.recovery import ReceiptCube, receipts_cube
from workbench.standards import load_bank_days

LAG = CASE["in_value"]["lag_days"]
EMPTY = {"credit_notes": None, "write_offs": None}
CUBE = office_cube(case_tables() | EMPTY, AS_OF, (date(2024, 3, 20),))  # type: ignore[operator]
FLOWS = flows_of(CUBE, {"cash": LAG})
LATER = date(2024, 4, 21)  # a week more than the case: its second week is in value then


def grid(first: date, last: date) -> np.ndarray:
    days = load_bank_days().ordinals(first, last)
    return days.loc[days["is_ouvre"], "day_date"].to_numpy("datetime64[D]")


def test_worked_case_in_value() -> None:
    found = expected_receipts(CUBE, FLOWS, UNITS, LATER).table
    assert found["line_code"].unique().tolist() == ["receipts_counters"]
    assert found["account_number"].unique().tolist() == ["A1"]
    told = dict(zip(found["flow_date"].dt.strftime("%Y-%m-%d"), found["mean_mad"], strict=True))
    case = dict(CASE["in_value"]["by_day"])
    assert {day: round(told[day], 2) for day in case} == pytest.approx(case, abs=0.006)
    # Tuesday 26 March's 140 were in value on Thursday: nothing of March is still on its way.
    assert min(told) == "2024-04-03"


def test_what_was_received_and_is_not_in_value_yet_is_expected_once() -> None:
    cube = CUBE.on(date(2024, 3, 20))
    known = FLOWS[FLOWS["flow_date"] <= pd.Timestamp(2024, 3, 20)]
    with_it = expected_receipts(cube, known, UNITS, date(2024, 3, 24)).table
    without = expected_receipts(cube, known, UNITS, date(2024, 3, 24), with_received=False).table
    on_its_way = with_it["mean_mad"].sum() - without["mean_mad"].sum()
    assert on_its_way == pytest.approx(400)  # A's of Tuesday 19, in value on the 21st; B's of Monday is there
    assert with_it.loc[with_it["mean_mad"] > 399, "flow_date"].tolist() == [pd.Timestamp(2024, 3, 21)]


def test_nothing_from_after_the_origin_is_used() -> None:
    origin = date(2024, 3, 20)
    tables = case_tables()
    dated = {"invoices": "issue_date", "allocations": "allocation_date", "payments": "receipt_date"}
    cut = {name: table[table[dated[name]] <= pd.Timestamp(origin)] if name in dated else table for name, table in tables.items()}  # fmt: skip
    alone = expected_receipts(
        receipts_cube(**cut, as_of=origin), FLOWS[FLOWS["flow_date"] <= pd.Timestamp(origin)], UNITS, LATER
    )
    at_once = expected_at_origins(CUBE, [origin], (LATER - origin).days, FLOWS, UNITS)
    assert set(at_once["origin_date"]) == {pd.Timestamp(origin)}
    pd.testing.assert_frame_equal(at_once.drop(columns="origin_date"), alone.table)
    assert (at_once["flow_date"] > pd.Timestamp(origin)).all()


def random_cube(days: int, seed: int) -> ReceiptCube:
    """Receipts of three channels on every working day."""
    rng = np.random.default_rng(seed)
    when = pd.bdate_range("2023-01-02", periods=days)
    receipts = pd.concat(
        [
            pd.DataFrame({"currency_code": "MAD", "segment_code": "household", "channel_code": name, "receipt_date": when, "cash_centimes": rng.integers(1_000, 90_000, days)})
            for name in ("cash", "cheque", "operator")
        ]
    )  # fmt: skip
    return ReceiptCube(when[-1].date(), (), pd.DataFrame(), pd.DataFrame(), receipts)


def test_the_days_of_each_channel_are_learnt_though_two_share_a_line() -> None:
    cube = random_cube(300, 4)
    lags = {"cash": 2, "cheque": 4, "operator": 0}
    channels, found = bank_lags(cube, flows_of(cube, lags), load_receipt_lines(), grid(date(2022, 12, 1), cube.as_of))
    assert dict(zip(channels, found.argmax(axis=1).tolist(), strict=True)) == lags
    assert found.max(axis=1) == pytest.approx(np.ones(3), abs=0.02)
    assert found.sum(axis=1) == pytest.approx(np.ones(3))


def test_one_giant_day_at_the_bank_changes_no_lag() -> None:
    cube = random_cube(300, 4)
    lags = {"cash": 2, "cheque": 4, "operator": 0}
    flows = flows_of(cube, lags)
    odd = flows.copy()
    odd.loc[odd.index[100], "amount_centimes"] = 10**12
    days = grid(date(2022, 12, 1), cube.as_of)
    plain, found = (bank_lags(cube, each, load_receipt_lines(), days)[1] for each in (flows, odd))
    assert found == pytest.approx(plain, abs=0.1)  # left as it came, the giant alone would decide of them


def test_a_channel_of_which_nothing_is_known_is_in_value_at_once() -> None:
    channels, found = bank_lags(CUBE, FLOWS[:0], load_receipt_lines(), grid(date(2024, 1, 1), AS_OF))
    assert channels == ["cash"]
    assert found.tolist() == [[1.0] + [0.0] * (LAGS - 1)]


def test_what_has_no_line_or_no_account_is_shown_apart() -> None:
    no_line = expected_receipts(CUBE, FLOWS, UNITS, LATER, lines=ReceiptLines({}))
    assert len(no_line.table) == 0
    assert no_line.unplaced["line_code"].unique().tolist() == ["unclassified"]
    no_account = expected_receipts(CUBE, FLOWS[:0], UNITS, LATER)
    assert len(no_account.table) == 0
    assert no_account.unplaced["mean_mad"].sum() == pytest.approx(no_line.unplaced["mean_mad"].sum(), rel=0.7)
    assert no_account.unplaced["account_number"].isna().all()


def test_a_calendar_that_ends_inside_the_horizon_is_refused() -> None:
    with pytest.raises(OutsideSpan, match="2031"):
        expected_receipts(CUBE, FLOWS, UNITS, date(2031, 6, 30))
