"""Mirrors pipeline/plan_receivables.py: the grid of past origins, and the same receipts by line as the tables by account."""

from datetime import date, timedelta

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pipeline.receipt_flows import flows_of
from tests.recovery.receipt_cases import AS_OF, CASE, UNITS, case_tables
from workbench.frames import connection
from workbench.pipeline import plan_receivables
from workbench.pipeline.plan_receivables import COLUMNS, GRID, MOST_ORIGINS, STEP_DAYS, Receivables, past_origins
from workbench.pipeline.receipts import expected_receipts, office_cube
from workbench.standards import load_bank_days

BANK = load_bank_days()
ORIGIN, LATER = date(2024, 3, 17), date(2024, 4, 21)
CUBE = office_cube(case_tables() | {"credit_notes": None, "write_offs": None}, AS_OF)  # type: ignore[operator]
FLOWS = flows_of(CUBE, {"cash": CASE["in_value"]["lag_days"]})


def office() -> dict[str, object]:
    tables = case_tables()
    invoices = connection().from_arrow(pa.Table.from_pandas(tables["invoices"]))
    return {**tables, "credit_notes": None, "write_offs": None, "units": UNITS, "invoices": invoices}


def flows_from(first: date) -> pd.DataFrame:
    return pd.DataFrame({"flow_date": [pd.Timestamp(first)]})


@given(st.dates(date(2021, 1, 1), date(2025, 12, 31)))
def test_past_origins_are_on_one_grid_whatever_the_date(as_of: date) -> None:
    found = past_origins(flows_from(date(2019, 1, 2)), as_of, BANK)
    assert len(found) == MOST_ORIGINS or found[0] > date(2019, 1, 2)
    assert all((origin - GRID).days % STEP_DAYS == 0 and origin.weekday() == 6 for origin in found)
    assert found[-1] < as_of <= found[-1] + timedelta(days=STEP_DAYS)
    week_later = past_origins(flows_from(date(2019, 1, 2)), as_of + timedelta(days=7), BANK)
    assert len(set(found) & set(week_later)) >= len(found) - 1


def test_a_short_past_has_no_origin() -> None:
    assert past_origins(flows_from(date(2024, 1, 2)), date(2024, 3, 31), BANK) == []
    assert past_origins(flows_from(date(2024, 1, 2))[:0], date(2024, 3, 31), BANK) == []


def test_by_line_it_is_what_the_accounts_add_up_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_receivables, "past_origins", lambda *_: [ORIGIN])
    monkeypatch.setattr(plan_receivables, "TOLD_DAYS", 10)
    shared = Receivables(office(), [date(2024, 3, 24), AS_OF], BANK)
    found = shared.expected(FLOWS, AS_OF, LATER)
    assert found is not None
    assert list(found.columns) == COLUMNS
    for origin, until in ((ORIGIN, BANK.add(ORIGIN, 10)), (AS_OF, LATER)):
        whole = expected_receipts(CUBE.on(origin), FLOWS, UNITS, until).table
        asked = found[found["origin_date"] == pd.Timestamp(origin)].drop(columns="origin_date").reset_index(drop=True)
        by_line = whole.groupby(["flow_date", "line_code", "currency_code"])["mean_mad"].sum().reset_index()
        pd.testing.assert_frame_equal(asked, by_line, check_dtype=False)
    again = shared.expected(FLOWS, AS_OF, LATER)
    pd.testing.assert_frame_equal(again, found)


def test_lines_that_no_account_got_are_in_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_receivables, "past_origins", lambda *_: [ORIGIN])
    found = Receivables(office(), [AS_OF], BANK).expected(FLOWS[:0], AS_OF, LATER)
    assert found is not None
    assert found.empty


def test_an_office_without_bills_expects_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_receivables, "past_origins", lambda *_: [ORIGIN])
    empty = office()
    empty["invoices"] = empty["invoices"].limit(0)  # type: ignore[attr-defined]
    assert Receivables(empty, [AS_OF], BANK).expected(FLOWS, AS_OF, LATER) is None
