"""Mirrors cash/known/credit.py, with the case worked by hand in docs/methods/known_flows.md."""

import tomllib
from datetime import date
from pathlib import Path

from tests.builders import rows, table
from workbench.cash import credit_room

CASE = tomllib.loads((Path(__file__).parents[1] / "cases" / "known_flows.toml").read_text(encoding="utf-8"))
LINES = table(CASE["credit"]["lines"])
COLUMNS = ["bank_code", "limit_centimes", "drawn_centimes", "undrawn_centimes", "excess_centimes"]


def test_the_case_worked_by_hand() -> None:
    assert rows(credit_room(LINES, CASE["as_of"])[COLUMNS]) == [tuple(row) for row in CASE["credit"]["rows"]]


def test_an_earlier_day_is_answered_by_what_was_told_then() -> None:
    room = credit_room(LINES, date(2024, 12, 10))
    assert rows(room[["bank_code", "undrawn_centimes", "balance_date"]]) == [("007", 800_000, date(2024, 11, 30))]
    assert len(credit_room(LINES, date(2024, 1, 1))) == 0
