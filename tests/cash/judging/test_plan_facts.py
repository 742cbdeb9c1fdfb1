"""Mirrors cash/judging/plan_facts.py."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.builders import table
from tests.cash.test_risk import CASES, DAYS, nineteen
from workbench.cash.judging.headroom import lines_to_draw, suppliers_to_pay
from workbench.cash.judging.plan_facts import plan_decisions_asked, plan_facts
from workbench.cash.judging.risk import buffer_needed, low_point, risk_by_day
from workbench.cash.judging.trust import Trust
from workbench.evidence import coverage
from workbench.schemas.facts import Fact

TRUST = Trust("partly", pd.DataFrame(index=range(6)), 0.2, 4, coverage(np.arange(10) < 8))


def facts(floor: int | None, trust: Trust = TRUST) -> dict[str, Fact]:
    plan = CASES["paths"]["plan_centimes"]
    by_day = risk_by_day(nineteen(), plan, DAYS, floor, 0.90)
    buffer = None if floor is None else buffer_needed(nineteen(), floor, 0.90)
    found = plan_facts(22_000, floor, by_day, low_point(nineteen(), plan, DAYS), buffer, 2, trust, 0.90)
    return {fact.indicator: fact for fact in found}


def test_what_the_plan_says_first() -> None:
    found = facts(10_000)
    assert [(name, fact.value, fact.status) for name, fact in found.items()] == [
        ("plan_position", 22_000, "ok"),
        ("plan_low_point", 16_000, "ok"),
        ("below_floor", pytest.approx(2 / 19), "watch"),
        ("buffer", 1_000, "watch"),
        ("days_of_cover", 2, "info"),
        ("plan_trust", 0.2, "watch"),
    ]
    second = DAYS[1].date()
    assert found["below_floor"].details == {"first_date": second, "likeliest_date": second}
    assert found["buffer"].details == {"confidence": 0.90, "at_risk_centimes": 8_000}
    assert found["plan_trust"].details["origin_count"] == 6


def test_statuses_follow_the_floor() -> None:
    assert {name: fact.status for name, fact in facts(30_000).items()} == {
        "plan_position": "alert",
        "plan_low_point": "alert",
        "below_floor": "alert",
        "buffer": "watch",
        "days_of_cover": "info",
        "plan_trust": "watch",
    }
    low = facts(5_000)
    assert (low["below_floor"].value, low["below_floor"].status) == (0.0, "ok")
    assert low["below_floor"].details == {"first_date": None, "likeliest_date": None}
    assert low["buffer"].value == -4_000


def test_without_a_floor_and_without_plans_nothing_is_judged() -> None:
    found = facts(None, Trust("unmeasured", pd.DataFrame(), float("nan"), 0, coverage(np.zeros(0, bool))))
    statuses = {name: (fact.value, fact.status) for name, fact in found.items()}
    assert statuses["plan_low_point"] == (16_000, "info")
    for name in ("below_floor", "buffer", "plan_trust"):
        assert statuses[name] == (None, "unmeasured"), name


def decisions(buffer: int | None, credit: pd.DataFrame, suppliers: pd.DataFrame, **given: Any) -> list[tuple[Any, ...]]:
    placeable = given.get("placeable", table("term_days day_date placeable_centimes\n7 2026-06-09 0\n30 2026-06-30 -"))
    found = plan_decisions_asked(buffer, given.get("by"), credit, suppliers, placeable, date(2026, 6, 2))
    return [(fact.indicator, fact.value, fact.details["before"]) for fact in found]


def test_what_is_lacking_is_drawn_and_the_rest_raised() -> None:
    credit = pd.DataFrame({"bank_code": ["B1", "B2"], "undrawn_centimes": [400, 700]})
    lines = lines_to_draw(credit, 1_500, date(2026, 6, 30))
    nobody = pd.DataFrame({"supplier_code": ["S"], "overdue_centimes": [-1], "oldest_days": [3]})
    asked = decisions(1_500, lines, suppliers_to_pay(nobody, -1_500), by=date(2026, 6, 20))
    assert asked == [("decide_draw", 1_100, date(2026, 6, 20)), ("decide_raise", 400, date(2026, 6, 2))]
    assert decisions(None, credit.head(0), nobody.head(0)) == []


def test_what_is_to_spare_is_paid_and_placed() -> None:
    owed = pd.DataFrame({"supplier_code": ["S1", "S2"], "overdue_centimes": [-300, -900], "oldest_days": [90, 5]})
    placeable = table("term_days day_date placeable_centimes\n7 2026-06-09 500\n30 2026-06-30 200")
    found = plan_decisions_asked(
        -1_000, None, pd.DataFrame(), suppliers_to_pay(owed, 1_000), placeable, date(2026, 6, 2)
    )
    assert [(fact.indicator, fact.value) for fact in found] == [
        ("decide_pay_suppliers", 300),
        ("decide_place", 500),
        ("decide_place", 200),
    ]
    assert found[0].details == {"before": date(2026, 6, 2), "suppliers": ["S1"], "unpaid_centimes": 900}
    assert found[1].details == {"before": date(2026, 6, 2), "until_date": date(2026, 6, 9), "term_days": 7}
