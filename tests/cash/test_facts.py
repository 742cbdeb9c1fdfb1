"""Mirrors cash/facts.py: the values behind the verdict, the cards and the decisions."""

from datetime import date

import pandas as pd

from tests.builders import table
from workbench.cash import cash_facts
from workbench.schemas.facts import Fact

AS_OF = date(2024, 12, 31)
ACT_BY = date(2025, 1, 2)
POSITION = table("""
    currency_code day_date   account_count booked_centimes value_centimes entered_centimes
    MAD           2024-12-30             2            5000           4800                0
    MAD           2024-12-31             2            5100           5000               30
    EUR           2024-12-31             1             700            700              700
""")
FORWARD = table("""
    account_number currency_code day_date   value_centimes
    A              MAD           2024-12-31           4000
    B              MAD           2024-12-31           1000
    A              MAD           2025-01-02           1500
    B              MAD           2025-01-02           1000
    A              MAD           2025-01-03           1500
    B              MAD           2025-01-03           2000
""")
STATES = table("""
    account_number currency_code state_code is_registered
    A              MAD           proven     true
    B              MAD           stale      true
    C              MAD           missing    true
    X              MAD           proven     false
    E              EUR           proven     true
""")
OVER = table("""
    account_number currency_code excess_centimes
    B              MAD                       300
""")
IDLE = table("""
    account_number currency_code idle_centimes cost_centimes
    A              MAD                    1200            10
    B              MAD                       0             5
""")
ERRORS = table("""
    currency_code day_date   error_centimes cost_centimes
    MAD           2024-12-30            400             3
    MAD           2024-12-31            500             4
""")
TABLES = (POSITION, FORWARD, STATES, OVER, IDLE, ERRORS)


def _facts(floor: int | None = 3000, tables: tuple[pd.DataFrame, ...] = TABLES) -> dict[str, Fact]:
    found = cash_facts(*tables, as_of=AS_OF, floor_centimes=floor, share=0.75, act_by=ACT_BY)
    return {fact.indicator: fact for fact in found}


def test_position_and_low_point_against_the_floor() -> None:
    facts = _facts()
    position, low = facts["value_position"], facts["low_point"]
    assert (position.value, position.previous, position.status) == (5000, 4830, "ok")  # what entered today is no change
    assert (low.value, low.details["low_date"], low.status) == (2500, date(2025, 1, 2), "alert")
    assert low.details["days_below"] == [date(2025, 1, 2)]
    assert low.details["ends"] == [5000, 2500, 3500]


def test_decisions_come_from_what_is_wrong_most_pressing_first() -> None:
    asked = {name: fact.value for name, fact in _facts().items() if name.startswith("decide_")}
    assert list(asked.items()) == [
        ("decide_raise_cash", 500),
        ("decide_cover_overdrafts", 300),
        ("decide_sweep_idle", 1200),
        ("decide_obtain_statements", 2),
        ("decide_register_accounts", 1),
    ]


def test_a_decision_has_its_last_day_before_the_position_goes_below_the_floor() -> None:
    before = {name: fact.details["before"] for name, fact in _facts().items() if name.startswith("decide_")}
    assert set(before.values()) == {ACT_BY}
    late = cash_facts(*TABLES, as_of=AS_OF, floor_centimes=6000, share=0.75, act_by=ACT_BY)
    raised = next(fact for fact in late if fact.indicator == "decide_raise_cash")
    assert raised.details["before"] == AS_OF  # below the floor today: nothing can wait for tomorrow


def test_idle_levelling_and_proof() -> None:
    facts = _facts()
    assert facts["idle_balances"].details == {
        "account_count": 1, "cost_centimes": 15, "away_centimes": 1200,
    }  # fmt: skip
    assert (facts["levelling_error"].value, facts["levelling_error"].details) == (
        500,
        {"day_count": 2, "cost_centimes": 7},
    )
    assert facts["proven_share"].details["account_count"] == 4  # accounts in dirhams only
    assert facts["proven_share"].status == "watch"


def test_without_a_floor_or_without_data_nothing_is_judged() -> None:
    assert _facts(floor=None)["low_point"].status == "info"
    empty = _facts(tables=tuple(part.head(0) for part in TABLES))
    assert (empty["value_position"].value, empty["value_position"].status) == (None, "unmeasured")
    assert (empty["low_point"].value, empty["low_point"].status) == (None, "unmeasured")
    assert not [name for name in empty if name.startswith("decide_")]


def test_what_is_too_much_on_a_central_account_is_placed_and_not_swept() -> None:
    idle = IDLE.assign(role_code=["central", "receipts"])
    facts = _facts(tables=(*TABLES[:4], idle, ERRORS))
    assert "decide_sweep_idle" not in facts
    assert (facts["decide_place_idle"].value, facts["idle_balances"].details["away_centimes"]) == (1200, 0)


def test_where_no_balance_is_known_nothing_is_zero() -> None:
    facts = _facts(tables=(POSITION.head(0), FORWARD.head(0), STATES, OVER.head(0), IDLE.head(0), ERRORS.head(0)))
    for name in ("value_position", "accounts_over_limit", "idle_balances", "levelling_error"):
        assert (facts[name].value, facts[name].status) == (None, "unmeasured"), name
