"""Mirrors pipeline/receipts_gate.py and receipts_outlook.py: who serves and why, sums that agree, what a page says of it."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.demo.in_memory import Made
from workbench.demo.customers import Customers
from workbench.pipeline.receipts_gate import FIRST, MODELS, WEEKS, Gate, receipts_gate
from workbench.pipeline.receipts_outlook import outlook_findings, outlook_tables, outlook_ties, payers_of
from workbench.reporting.words import has
from workbench.standards import load_bank_days

AS_OF = date(2023, 7, 30)


@pytest.fixture(scope="module")
def tables() -> dict[str, Any]:
    made: dict[str, Any] = dict(Made(Customers(400, 19, 3)).tables)
    made.setdefault("disputes", pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in _DISPUTES.items()}))
    return made


@pytest.fixture(scope="module")
def gate(tables: dict[str, Any]) -> Gate:
    return receipts_gate(tables, AS_OF, origins=5)


_DISPUTES = {"dispute_id": "str", "invoice_id": "str", "opened_date": "datetime64[s]", "closed_date": "datetime64[s]"}


def test_the_least_bad_serves(gate: Gate) -> None:
    for _, rows in gate.table.groupby(["segment_code", "span"]):
        assert rows["is_serving"].sum() == 1
        assert rows.loc[rows["is_serving"], "wape"].item() == rows["wape"].min()
        assert set(rows["model_code"]) == set(MODELS)
    for row in gate.table[gate.table["is_serving"]].itertuples():
        first, end = ((0, FIRST), (FIRST, WEEKS))[row.span]
        place = gate.segments.index(row.segment_code)
        assert gate.chosen[place, first:end].tolist() == gate.said[row.model_code][place, first:end].tolist()


def test_a_span_that_is_not_over_is_not_judged(gate: Gate) -> None:
    counts = gate.table.groupby("span")["origin_count"].max()
    assert counts[1] < counts[0]
    assert gate.misses["miss_4"].notna().all()
    assert gate.misses["miss_13"].isna().any()


def test_sums_of_the_page_agree(gate: Gate) -> None:
    assert [left - right for _, left, right in outlook_ties(gate)] == [0, 0]
    said, tables = outlook_findings(gate), outlook_tables(gate)
    assert said["expected_13"] == tables["weeks"]["expected_centimes"].sum()
    assert said["key_4"] + said["private_4"] == said["expected_4"]
    assert said["low_4"] <= said["expected_4"] <= said["high_4"]
    assert (tables["weeks"]["low_centimes"] <= tables["weeks"]["high_centimes"]).all()
    assert len(tables["race"]) == said["races"] == 2 * len(gate.segments)


def test_a_past_too_short_serves_cohort_rates_and_gives_no_band() -> None:
    tables = dict(Made(Customers(200, 9, 3)).tables)
    tables.setdefault("disputes", pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in _DISPUTES.items()}))
    early = receipts_gate(tables, date(2022, 8, 28), origins=3)
    assert set(early.table.loc[early.table["is_serving"], "model_code"]) == {"cohorts"}
    assert np.isnan(early.band(FIRST)[2])
    assert not outlook_findings(early)["is_measured"]


def test_every_table_of_the_page_has_its_sentences(gate: Gate) -> None:
    for name in outlook_tables(gate):
        assert has("recovery/expected_receipts", name)
        assert has("recovery/expected_receipts", f"sheet_{name}")


def test_the_largest_debtors_are_told_on_bank_days_within_what_is_owed(gate: Gate, tables: dict[str, Any]) -> None:
    found = payers_of(tables, gate)
    assert found["owed_centimes"].is_monotonic_decreasing
    assert (found["within_centimes"].fillna(0) <= found["owed_centimes"]).all()
    bank_days = load_bank_days()
    for name in ("early_date", "likely_date", "late_date"):
        assert all(bank_days.is_open(day.date()) for day in found[name].dropna())
    said = found.dropna(subset=["likely_date"])
    assert (said["early_date"] <= said["likely_date"]).all()
    assert (found[["unsaid_centimes", "disputed_centimes"]].sum(axis=1) <= found["owed_centimes"]).all()
