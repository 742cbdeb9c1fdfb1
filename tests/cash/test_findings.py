"""Mirrors cash/findings.py: what the page says comes from the tables it shows."""

import dataclasses
from datetime import date

import pandas as pd
import pytest

from tests.builders import table
from tests.cash.test_situation import ACCOUNTS, AS_OF, DAYS, LINES, NOTHING_TYPED
from workbench.cash import (
    card_rows,
    cash_tables,
    decisions,
    findings,
    lede,
    month_steps,
    situation,
    tone,
)
from workbench.cash.situation import Situation
from workbench.reporting.words import has, sentences

PLANNED = table("""
    flow_id account_number currency_code amount_centimes flow_kind_code certainty_code counterparty issued_date expected_date settled_date
    F1      A              MAD                     -2000 order_issued   certain        -            2024-12-30  2025-01-02    -
    F2      C              MAD                      -500 cheque_issued  certain        -            2024-12-30  2025-01-02    -
""")


@pytest.fixture
def found() -> Situation:
    return situation(DAYS, LINES, ACCOUNTS, PLANNED, NOTHING_TYPED, as_of=AS_OF)


def test_the_values_of_the_sentences_agree_with_the_tables(found: Situation) -> None:
    said = findings(found, found.facts(), "MAD")
    assert (said["position"], said["booked"], said["floor"], said["margin"]) == (2400, 3000, 1200, 1200)
    assert (said["low"], said["low_date"], said["short"]) == (1000, date(2025, 1, 2), 200)
    assert (said["days_below"], said["worst_day_out"], said["incoming"]) == (5, 2500, 600)
    assert (said["received"], said["paid"], said["net"], said["own_moved"]) == (600, 2600, -2000, 1000)
    assert (said["accounts"], said["banks"], said["directorates"], said["unproven"]) == (3, 2, 2, 1)
    assert (said["top"], said["top_share"]) == (2, pytest.approx(1.0))
    assert tone(said) == {
        "verdict": "alert", "curve": "alert", "moved": "down", "scope": "known", "flows": "out", "proof": "part", "matrix": "debit",
    }  # fmt: skip
    assert card_rows(said)["over"] == [("row_excess", 1600, "mdh"), ("row_aim", 0, "count")]
    assert all(has("treasury/cash_position", label) for rows in card_rows(said).values() for label, _, _ in rows)
    assert lede(said) == ["lede_idle", "lede_over", "lede_unproven"]


def test_every_tone_has_its_sentence() -> None:
    report = "treasury/cash_position"
    keys = [f"verdict_{status}" for status in ("ok", "alert", "info", "stale", "unmeasured")]
    keys += [f"curve_{status}" for status in ("ok", "alert", "info")]
    keys += [f"moved_{way}" for way in ("up", "down", "flat", "none")] + ["scope_known", "scope_bare", "lede_no_floor"]
    keys += [f"cascade_{way}" for way in ("in", "out", "none")] + [f"banks_{way}" for way in ("whole", "part")]
    keys += ["lede_idle", "lede_no_idle", "lede_over", "lede_error", "lede_unproven", "lede_proven"]
    assert [key for key in keys if not has(report, key)] == []
    for name in (
        "raise_cash",
        "cover_overdrafts",
        "sweep_idle",
        "place_idle",
        "obtain_statements",
        "register_accounts",
    ):
        assert {f"decide_{name}", f"decide_{name}_who", f"decide_{name}_otherwise"} <= set(sentences(report))


def test_decisions_name_accounts_by_label_and_count_the_others(found: Situation) -> None:
    asked = {key: (amount, values) for key, amount, _, values in decisions(found.facts(), {"C": "Absent"})}
    assert asked["decide_cover_overdrafts"][0] == 1600
    assert asked["decide_obtain_statements"] == (None, asked["decide_obtain_statements"][1])
    assert asked["decide_obtain_statements"][1]["names"] == "Absent"
    many = [fact for fact in found.facts() if fact.indicator == "decide_place_idle"]
    many[0].details["accounts"].extend("DEFGHIJ")  # type: ignore[attr-defined]
    assert decisions(many, {})[0][3]["names"] == "A, D, E, F, G, H, + 2"


def test_without_a_register_what_is_judged_against_it_is_not_measured() -> None:
    nobody = ACCOUNTS.head(0)
    bare = situation(DAYS, LINES, nobody, PLANNED, NOTHING_TYPED, as_of=AS_OF)
    facts = {fact.indicator: fact for fact in bare.facts()}
    for name in ("idle_balances", "accounts_over_limit"):
        assert (facts[name].value, facts[name].status) == (None, "unmeasured")
    said = findings(bare, bare.facts(), "MAD")
    assert (tone(said)["scope"], lede(said)[0]) == ("bare", "lede_no_floor")
    assert "matrix" not in cash_tables(bare, "MAD")


def test_without_anything_known_nothing_is_said_to_be_zero() -> None:
    before = date(2024, 11, 29)
    bare = situation(DAYS, LINES, ACCOUNTS, PLANNED, NOTHING_TYPED, as_of=before)
    said = findings(bare, bare.facts(), "MAD")
    assert (said["position"], said["booked"], said["margin"], said["low"]) == (None, None, None, None)
    assert tone(said)["proof"] == "part"
    assert isinstance(month_steps(bare, "MAD"), pd.DataFrame)
    assert "matrix" not in cash_tables(bare, "MAD")


def test_two_legs_that_are_probably_one_transfer_are_one_to_confirm(found: Situation) -> None:
    legs = pd.DataFrame(
        {"pair_code": ["paired", "paired", "probable", "probable", "unpaired"], "pair_number": [1, 1, 2, 2, None]}
    )
    own = legs.astype({"pair_number": "Int64"}).assign(currency_code="MAD", amount_centimes=100)
    torn = dataclasses.replace(found, own_transfers=own)
    assert findings(torn, torn.facts(), "MAD")["loose"] == 2
