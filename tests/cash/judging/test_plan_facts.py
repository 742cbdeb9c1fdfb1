"""Mirrors cash/judging/plan_facts.py: what the page judges and asks, from a made-up outlook and from it changed by hand."""

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.builders import table
from tests.cash import plans
from tests.cash.judging.test_risk import CASES, DAYS, nineteen
from workbench.cash import Outlook, outlook
from workbench.cash.judging.headroom import lines_to_draw, suppliers_to_pay
from workbench.cash.judging.plan_facts import plan_facts, verdict_status
from workbench.cash.judging.risk import buffer_needed, low_point, risk_by_day
from workbench.cash.plan.outlook import low_accounts
from workbench.schemas.facts import Fact

M = plans.M
FIRST = date(2024, 10, 1)  # the first bank day: the last day of what presses


@pytest.fixture(scope="module")
def found() -> Outlook:
    return outlook(plans.made_up(), plans.beside())


def by_hand(found: Outlook, floor: int | None) -> dict[str, Fact]:
    """The facts of the nineteen paths of `cash_risk.toml`, worked by hand in docs/methods/cash_risk.md."""
    plan = CASES["paths"]["plan_centimes"]
    changed = {
        "plan": replace(found.plan, floor_centimes=floor),
        "confidence": 0.90,
        "by_day": risk_by_day(nineteen(), plan, DAYS, floor, 0.90),
        "low": low_point(nineteen(), plan, DAYS),
        "buffer_centimes": None if floor is None else buffer_needed(nineteen(), floor, 0.90),
        "cover_days": 2,
        "credit": found.credit.head(0),
    }
    return plan_facts(replace(found, **changed))


def asked(facts: dict[str, Fact]) -> dict[str, tuple[Any, Any]]:
    return {name: (fact.value, fact.details["before"]) for name, fact in facts.items() if name.startswith("decide_")}


def test_the_facts_of_the_case_worked_by_hand(found: Outlook) -> None:
    facts = by_hand(found, 10_000)
    assert [(name, fact.value, fact.status) for name, fact in facts.items()][1:5] == [
        ("plan_low_point", 16_000, "ok"),
        ("below_floor", pytest.approx(2 / 19), "watch"),
        ("buffer", 1_000, "alert"),  # no credit line covers it
        ("days_of_cover", 2, "info"),
    ]
    second = DAYS[1].date()
    assert (facts["below_floor"].details["first_date"], facts["below_floor"].details["worst_date"]) == (second, second)
    assert facts["decide_raise"].value == 1_000
    assert "decide_place" not in facts  # who lacks does not place
    assert verdict_status(facts) == "watch"


def test_statuses_follow_the_floor(found: Outlook) -> None:
    high = by_hand(found, 30_000)
    assert {high[name].status for name in ("plan_low_point", "below_floor", "buffer")} == {"alert"}
    assert verdict_status(high) == "alert"
    low = by_hand(found, 5_000)
    assert (low["below_floor"].value, low["below_floor"].status, low["buffer"].value) == (0.0, "ok", -4_000)
    assert (low["below_floor"].details["first_date"], low["below_floor"].details["worst_date"]) == (None, None)
    assert verdict_status(low) == "ok"
    none = by_hand(found, None)
    assert (none["plan_low_point"].status, none["plan_position"].status) == ("info", "info")
    assert [(none[name].value, none[name].status) for name in ("below_floor", "buffer")] == [(None, "unmeasured")] * 2
    assert verdict_status(none) == "info"


def test_an_office_with_room_pays_then_places_for_the_term_that_is_worth_most(found: Outlook) -> None:
    facts = plan_facts(found)
    place = facts["decide_place"]
    worth = found.placeable["placeable_centimes"] * found.placeable["term_days"]
    assert int(place.value) * place.details["term_days"] == worth.max()
    assert asked(facts)["decide_pay"] == (7 * M + 50, FIRST)
    assert facts["decide_pay"].details == {"before": FIRST, "suppliers": ["F1", "F2"], "unpaid_centimes": 0}
    assert "decide_draw" not in facts
    assert (facts["plan_trust"].details["trust_code"], facts["plan_trust"].status) in {
        ("holds", "ok"),
        ("partly", "watch"),
        ("not_yet", "alert"),
    }


def test_what_is_lacking_is_drawn_and_the_rest_found(found: Outlook) -> None:
    credit = pd.DataFrame({"bank_code": ["B1", "B2"], "undrawn_centimes": [400, 700]})
    drawn = lines_to_draw(credit, 1_500, date(2024, 12, 30))
    nobody = suppliers_to_pay(found.beside.overdue, -1_500)
    lacking = replace(
        found,
        buffer_centimes=1_500,
        credit=drawn,
        overdue=nobody,
        draw_before=date(2024, 10, 20),
        placeable=found.placeable,
    )
    facts = plan_facts(lacking)
    assert asked(facts) == {"decide_draw": (1_100, date(2024, 10, 20)), "decide_raise": (400, FIRST)}
    assert facts["decide_draw"].details["banks"] == ["B2", "B1"]
    covered = plan_facts(replace(lacking, buffer_centimes=1_100))
    assert (covered["buffer"].status, "decide_raise" in covered) == ("watch", False)


def test_without_registers_and_log_nothing_is_asked_of_them_and_no_trust_is_claimed() -> None:
    empty = pd.DataFrame()
    bare = outlook(plans.made_up(floor=None), plans.beside(record=None, overdue=empty, credit=empty))
    facts = plan_facts(bare)
    assert (facts["plan_trust"].value, facts["plan_trust"].status) == (None, "unmeasured")
    assert asked(facts) == {}


def test_only_accounts_that_no_sweep_feeds_are_asked_for(found: Outlook) -> None:
    floors = pd.array([10**15, 10**15, 10**15], dtype="Int64")
    accounts = plans.accounts().assign(floor_centimes=floors)

    def fed(sweeps: pd.DataFrame) -> Any:
        facts = plan_facts(replace(found, beside=replace(found.beside, accounts=accounts, sweeps=sweeps)))
        return asked(facts).get("decide_feed")

    habits = table("account_number sweep_code\nC-00 fed\nR-01 fed\nR-02 emptied")
    assert fed(pd.DataFrame()) == (3, FIRST)
    assert fed(habits) == (1, FIRST)  # the central account: what it lacks the office lacks
    assert fed(habits.iloc[1:2]) == (2, FIRST)
    low = low_accounts(replace(found, beside=replace(found.beside, accounts=accounts, sweeps=habits)))
    assert list(low["feeding_code"]) == ["person", "sweep", "sweep"]


def test_an_account_that_a_sweep_empties_is_asked_for_where_it_would_be_overdrawn(found: Outlook) -> None:
    beside = replace(found.beside, sweeps=table("account_number sweep_code\nR-01 emptied"))
    floors = pd.array([None, 10**15, None], dtype="Int64")
    ends = found.plan.positions(by=("account_number",), until=found.until)
    lowest = int(ends.loc[ends["account_number"] == "R-01", "value_centimes"].min())
    opening = found.plan.opening.copy()
    opening.loc[opening["account_number"] == "R-01", "value_centimes"] -= lowest + 1
    drained = replace(found.plan, opening=opening)
    beside = replace(beside, accounts=plans.accounts().assign(floor_centimes=floors))
    codes = [
        low_accounts(replace(found, plan=plan, beside=beside))["feeding_code"].tolist()
        for plan in (found.plan, drained)
    ]
    assert codes == [["sweep"], ["person"]]


def test_what_the_plan_doubts_is_asked_without_an_amount(found: Outlook) -> None:
    notes = {"estimated_feasts": [date(2024, 10, 3), date(2025, 3, 31)], "problems": ["refused"]}
    accounts = plans.accounts().assign(floor_centimes=pd.array([20 * M, 2 * M, 10**15], dtype="Int64"))
    unknown = table("label_shape amount_centimes\nVIR -300\nCHQ 200")
    beside = replace(found.beside, accounts=accounts, unclassified=unknown)
    facts = plan_facts(replace(found, plan=replace(found.plan, notes=notes), beside=beside))
    told = asked(facts)
    assert list(told)[-4:] == ["decide_feed", "decide_refused", "decide_feasts", "decide_classify"]
    assert [told[name] for name in list(told)[-4:]] == [(1, FIRST), (1, FIRST), (1, None), (500, None)]
    assert facts["decide_feasts"].details["days"] == [date(2024, 10, 3)]
    assert [facts[name].unit for name in list(told)[-4:]] == ["count", "count", "count", "centimes"]
