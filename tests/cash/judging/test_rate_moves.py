"""Mirrors cash/judging/rate_moves.py; figures worked by hand in docs/methods/scenarios.md."""

from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from tests.builders import rows, worked
from workbench.cash.judging.rate_moves import rate_effects

CASE = worked("scenarios")["rate"]
AS_OF, UNTIL = date(2024, 9, 25), date(2025, 2, 28)


def dated(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**{name: pd.to_datetime(frame[name]) for name in frame if str(name).endswith("_date")})


def loans(**changes: Any) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "loan_id": ["E1", "E1"],
            "due_date": ["2024-10-25", "2025-01-25"],
            "principal_centimes": [50_000_000, 50_000_000],
            "account_number": ["C", "C"],
            "signed_date": [None, None],
            "paid_date": [None, None],
            "rate_kind_code": pd.array([None, None], dtype="str"),
        }
    )
    return dated(frame.assign(**changes))


def placements(**changes: Any) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "account_number": ["P"],
            "start_date": ["2024-09-01"],
            "maturity_date": ["2024-10-01"],
            "closed_date": [None],
            "principal_centimes": [36_000_000],
        }
    )
    return dated(frame.assign(**changes))


def credit_lines() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "credit_line_id": ["L", "L", "L"],
            "bank_code": ["B", "B", "B"],
            "balance_date": ["2024-08-31", "2024-09-20", "2024-10-01"],
            "drawn_centimes": [1, 72_000_000, 9],
        }
    )
    return dated(frame)


def effects(until: date = UNTIL, points: str = CASE["points"], **tables: Any) -> list[tuple[Any, ...]]:
    return rows(rate_effects(tables, AS_OF, until, Decimal(points), {"B": "M"}))


def test_a_loan_as_worked_by_hand() -> None:
    first, second = CASE["loan"]
    both = [("C", "debt_service", date(2024, 10, 25), first), ("C", "debt_service", date(2025, 1, 25), second)]
    assert effects(loans=loans()) == both
    assert effects(date(2024, 12, 31), loans=loans()) == both[:1]
    assert effects(points="-1", loans=loans()) == [(*row[:3], -row[3]) for row in both]
    assert effects(points="0", loans=loans()) == []


def test_a_loan_at_a_fixed_rate_moves_nothing_and_one_that_does_not_tell_does() -> None:
    untold = effects(loans=loans())
    assert effects(loans=loans(rate_kind_code="floating")) == untold != []
    assert effects(loans=loans(rate_kind_code="fixed")) == []


def test_a_loan_signed_later_or_paid_before_moves_nothing() -> None:
    assert effects(loans=loans(signed_date="2024-09-26")) == []
    assert effects(loans=loans(paid_date=["2024-09-20", "2024-09-20"])) == []


def test_a_placement_is_renewed_for_the_same_term() -> None:
    assert effects(placements=placements()) == [("P", "placements", date(2024, 10, 31), CASE["placement"])]
    assert effects(date(2024, 10, 30), placements=placements()) == []
    for changes in ({"closed_date": "2024-09-10"}, {"maturity_date": None}, {"start_date": "2024-09-26"}):
        assert effects(placements=placements(**changes)) == []


def test_credit_drawn_as_last_told_by_the_date_costs_more_at_each_months_end() -> None:
    found = effects(date(2024, 10, 31), credit_lines=credit_lines())
    assert found == [
        ("M", "bank_charges", date(2024, 9, 30), CASE["credit"][0]),
        ("M", "bank_charges", date(2024, 10, 31), CASE["credit"][1]),
    ]
