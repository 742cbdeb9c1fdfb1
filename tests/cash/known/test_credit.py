"""Mirrors cash/known/credit.py, with the case worked by hand in docs/methods/known_flows.md."""

from datetime import date

from tests.builders import rows, table, worked
from workbench.cash import credit_room

CASE = worked("known_flows")
LINES = table(CASE["credit"]["lines"])
COLUMNS = ["bank_code", "limit_centimes", "drawn_centimes", "undrawn_centimes", "excess_centimes"]


def test_the_case_worked_by_hand() -> None:
    assert rows(credit_room(LINES, CASE["as_of"])[COLUMNS]) == [tuple(row) for row in CASE["credit"]["rows"]]


def test_an_earlier_day_is_answered_by_what_was_told_then() -> None:
    room = credit_room(LINES, date(2024, 12, 10))
    assert rows(room[["bank_code", "undrawn_centimes", "balance_date"]]) == [("007", 800_000, date(2024, 11, 30))]
    assert len(credit_room(LINES, date(2024, 1, 1))) == 0


def test_a_line_that_ends_before_the_money_is_needed_is_left_out() -> None:
    words = """
    credit_line_id bank_code balance_date limit_centimes drawn_centimes currency_code valid_to_date
    L1             007       2024-11-30   1000           0              MAD           2025-01-31
    L2             007       2024-11-30   500            0              MAD           -
    L3             011       2024-11-30   300            0              MAD           2024-12-15
    """
    found = [
        rows(credit_room(table(words), date(2024, 12, 31), until)[["bank_code", "undrawn_centimes"]])
        for until in (None, date(2025, 1, 31), date(2025, 2, 1), date(2024, 1, 1))
    ]
    assert found == [[("007", 1500)], [("007", 1500)], [("007", 500)], [("007", 1500)]]
