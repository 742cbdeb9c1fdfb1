"""Mirrors pipeline/receipt_lines.py: the line of a kind of receipt, and the accounts that got its money lately."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.builders import table
from workbench.errors import SchemaError
from workbench.pipeline.receipt_lines import account_shares, load_receipt_lines
from workbench.schemas.columns import CHANNELS, NO_CASH_CHANNELS, SEGMENTS

PROJECT = Path(__file__).resolve().parents[2]
HEADER = "segment_code,service_code,channel_code,line_code,source\n"
AS_OF = date(2024, 6, 30)


def test_every_kind_of_cash_receipt_is_on_a_line_of_the_plan() -> None:
    lines = load_receipt_lines()
    with (PROJECT / "data" / "reference" / "flow_lines.csv").open(encoding="utf-8") as file:
        known = {row["line_code"] for row in csv.DictReader(file)}
    cash = [channel for channel in CHANNELS if channel not in NO_CASH_CHANNELS]
    found = {lines.line_of(segment, "water", channel) for segment in SEGMENTS for channel in cash}
    assert found <= known
    assert set(lines.by_kind.values()) <= known


def test_a_service_of_its_own_goes_before_every_service() -> None:
    lines = load_receipt_lines()
    assert lines.line_of("municipality", "contribution", "transfer") == "contributions"
    assert lines.line_of("municipality", "water", "transfer") == "receipts_public"
    assert lines.line_of("municipality", "contribution", "cash") == "receipts_counters"


def test_a_payer_without_a_segment_is_on_the_line_of_all_or_on_none() -> None:
    lines = load_receipt_lines()
    assert lines.line_of("", "", "cash") == "receipts_counters"
    assert lines.line_of("", "", "transfer") == "unclassified"
    assert lines.line_of("household", "", "bitcoin") == "unclassified"


def test_groups_share_neither_channel_nor_line() -> None:
    assert [(sorted(channels), sorted(fed)) for channels, fed in load_receipt_lines().groups()] == [
        (["cash", "cheque"], ["receipts_counters"]),
        (["direct_debit", "electronic", "operator"], ["receipts_electronic"]),
        (["transfer"], ["contributions", "receipts_bulk", "receipts_other", "receipts_public", "works"]),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("segment_code,line_code\n", "columns are"),
        (HEADER + "landlord,,cash,works,x\n", "« landlord » is no segment_code"),
        (HEADER + "state,,compensation,works,x\n", "« compensation » is no channel_code"),
        (HEADER + "state,,cash,works,\n", "line_code or source is missing"),
        (HEADER + "state,,cash,works,x\nstate,,cash,taxes,x\n", "is given twice"),
    ],
)
def test_what_does_not_hold_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "receipt_lines.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SchemaError, match=message) as told:
        load_receipt_lines(path)
    assert "receipt_lines.csv:" in str(told.value)


FLOWS = table("""
    account_number  directorate_code  line_code        currency_code  flow_date   amount_centimes
    A1              D1                receipts_public  MAD            2024-05-02             1000
    A2              D2                receipts_public  MAD            2024-05-02             3000
    T               HQ                receipts_public  MAD            2024-05-03             8000
    OLD             D1                receipts_public  MAD            2023-05-03           900000
    NEXT            D1                receipts_public  MAD            2024-07-01           900000
    BACK            D1                receipts_public  MAD            2024-05-03             -500
    A1              D1                works            MAD            2024-05-03              500
""")


def shares(keys: list[tuple[str, str, float]]) -> tuple[list[str], np.ndarray]:
    frame = pd.DataFrame([row[:2] for row in keys], columns=["line_code", "directorate_code"]).assign(currency_code="MAD")  # fmt: skip
    accounts, found = account_shares(FLOWS, AS_OF, frame, np.array([row[2] for row in keys]))
    return (accounts["line_code"] + " " + accounts["account_number"]).tolist(), found


def test_accounts_of_the_office_take_a_part_of_every_directorate_as_large_as_their_own() -> None:
    names, found = shares([("receipts_public", "D1", 50.0), ("receipts_public", "D2", 150.0)])
    assert names == ["receipts_public A1", "receipts_public A2", "receipts_public T", "works A1"]
    # Of D1: 10 of its own, and a quarter (50 of 200) of the Treasury's 80; of D2 30 and three quarters.
    assert found == pytest.approx(np.array([[10 / 30, 0, 20 / 30, 0], [0, 30 / 90, 60 / 90, 0]]))


def test_what_has_no_directorate_goes_where_the_line_goes_and_an_unused_line_nowhere() -> None:
    _, found = shares([("receipts_public", "", 1.0), ("receipts_bulk", "D1", 1.0), ("works", "D2", 1.0)])
    assert found == pytest.approx(np.array([[10 / 120, 30 / 120, 80 / 120, 0], [0, 0, 0, 0], [0, 0, 0, 1]]))
