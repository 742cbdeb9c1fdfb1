"""Mirrors cash/situation.py: the tables of one page agree with one another."""

from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from tests.builders import rows, table
from workbench.cash import Situation, cash_tables, findings, lede, situation, ties, tone
from workbench.errors import OutsideSpan, Unanswerable
from workbench.schemas.tables import TABLES

AS_OF = date(2024, 12, 31)
ACCOUNTS = table("""
    account_number account_label bank_code bank_name directorate_code role_code    currency_code floor_centimes overdraft_limit_centimes statement_lag_days
    A              Central       007       AWB       -                central      MAD                     1000                      500                  -
    B              Recettes      230       CIH       D1               receipts     MAD                      100                        -                  -
    C              Absent        230       CIH       D2               receipts     MAD                      100                        -                  -
    E              Devises       007       AWB       -                foreign_currency EUR                   -                        -                  -
""")
DAYS = table("""
    account_number account_identifier currency_code day_date   opening_centimes closing_centimes is_superseded
    A              a                  MAD           2024-12-30             5000             4000 false
    A              a                  MAD           2024-12-31             4000             4600 false
    B              b                  MAD           2024-12-31                0            -1600 false
    E              e                  EUR           2024-12-31                0              700 false
""")
LINES = table("""
    account_number account_identifier currency_code day_date   day_rank value_date amount_centimes reference counterparty is_superseded is_interim  details
    A              a                  MAD           2024-12-30        1 2024-12-30           -1000 V1        -            false         false  -
    B              b                  MAD           2024-12-31        1 2024-12-31            1000 V1        -            false         false  -
    B              b                  MAD           2024-12-31        2 2024-12-31           -2600 -         -            false         false  -
    A              a                  MAD           2024-12-31        1 2025-01-02             600 -         -            false         false  -
    E              e                  EUR           2024-12-31        1 2024-12-31             700 -         -            false         false  -
""")
NOTHING_PLANNED = TABLES["planned_flows"].arrow.empty_table()
NOTHING_TYPED = TABLES["typed_balances"].arrow.empty_table()


def _situation(as_of: date = AS_OF, days: Any = DAYS, lines: Any = LINES, accounts: Any = ACCOUNTS) -> Situation:
    return situation(days, lines, accounts, NOTHING_PLANNED, NOTHING_TYPED, as_of=as_of)


def test_every_table_of_the_page_tells_the_same_total() -> None:
    found = _situation()
    office = found.office[(found.office["currency_code"] == "MAD") & (found.office["day_date"] == pd.Timestamp(AS_OF))]
    assert rows(office[["booked_centimes", "value_centimes"]]) == [(3000, 2400)]
    for part in (found.by_account, found.by_bank, found.by_bank_and_directorate):
        mine = part[part["currency_code"] == "MAD"]
        assert mine["value_centimes"].sum() == 2400
    first_day = found.forward[(found.forward["currency_code"] == "MAD") & (found.forward["step_count"] == 0)]
    assert first_day["value_centimes"].sum() == 2400
    assert found.currencies() == ["MAD", "EUR"]


def test_an_absent_account_has_no_balance_and_paired_legs_are_no_flows() -> None:
    found = _situation()
    absent = found.by_account[found.by_account["account_number"] == "C"]
    assert rows(absent[["state_code", "booked_centimes", "value_centimes"]]) == [("missing", None, None)]
    month = found.month_flows[found.month_flows["currency_code"] == "MAD"]
    assert month["own_transfer_centimes"].sum() == 0
    assert month["receipt_centimes"].sum() == 600
    assert month["disbursement_centimes"].sum() == -2600


def test_facts_of_each_currency_stand_apart() -> None:
    found = _situation()
    dirhams = {fact.indicator: fact for fact in found.facts()}
    assert (dirhams["value_position"].value, dirhams["value_position"].target) == (2400, 1200)
    assert dirhams["low_point"].value == 2400
    assert dirhams["levelling_error"].value == 1600
    assert dirhams["accounts_over_limit"].details["excess_centimes"] == 1600
    assert dirhams["proven_share"].value == pytest.approx(1.0)
    assert dirhams["decide_obtain_statements"].details["accounts"] == ["C"]
    euros = {fact.indicator: fact for fact in found.facts("EUR")}
    assert (euros["value_position"].value, euros["value_position"].target) == (700, None)
    assert found.without_floor == ["E"]


def test_the_offices_own_floor_goes_before_the_sum_of_those_of_its_accounts() -> None:
    targets = table("""
        indicator_code  unit_code  segment_code  target_value  alert_value  valid_from_date
        value_position  -          -             30.5          -            2024-01-01
    """)
    found = situation(DAYS, LINES, ACCOUNTS, NOTHING_PLANNED, NOTHING_TYPED, as_of=AS_OF, targets=targets)
    facts = {fact.indicator: fact for fact in found.facts()}
    assert (facts["value_position"].target, facts["value_position"].status) == (3050, "alert")
    assert {fact.indicator: fact for fact in found.facts("EUR")}[
        "value_position"
    ].target is None  # the target is in dirhams


def test_statements_without_a_register_still_give_a_position() -> None:
    bare = TABLES["bank_accounts"].arrow.append(pa.field("directorate_code", pa.string())).empty_table()
    found = _situation(accounts=bare)
    facts = {fact.indicator: fact for fact in found.facts()}
    assert facts["value_position"].value == 2400
    assert facts["accounts_over_limit"].value is None  # no register, no limit to measure against
    assert facts["decide_register_accounts"].value == 3  # of every currency


def test_a_register_without_statements_says_that_all_are_missing() -> None:
    facts = {fact.indicator: fact for fact in _situation(as_of=date(2024, 11, 29)).facts()}
    assert facts["value_position"].value is None
    assert facts["proven_share"].details["missing_count"] == 3


def _with_a_closed_account(swept: int) -> Situation:
    """Account K, closed on the 20th, holds 900 until the 19th, when `swept` of them go to A under one reference."""
    accounts = table("""
        account_number account_label bank_code bank_name directorate_code role_code currency_code floor_centimes overdraft_limit_centimes statement_lag_days closed_date
        K              Fermé         013       BMCI      D2               receipts  MAD           -              -                        60                 2024-12-20
    """)
    days = table(f"""
        account_number account_identifier currency_code day_date   opening_centimes closing_centimes is_superseded
        K              k                  MAD           2024-12-02              900              900 false
        K              k                  MAD           2024-12-19              900              {900 - swept} false
        A              a                  MAD           2024-12-19          {5000 - swept}          5000 false
    """)
    lines = table(f"""
        account_number account_identifier currency_code day_date   day_rank value_date amount_centimes reference counterparty is_superseded is_interim  details
        K              k                  MAD           2024-12-19        1 2024-12-19            {-swept} N1        -            false         false  -
        A              a                  MAD           2024-12-19        1 2024-12-19             {swept} N1        -            false         false  -
    """)
    every = [pd.concat(pair, ignore_index=True) for pair in ((DAYS, days), (LINES, lines), (ACCOUNTS, accounts))]
    return _situation(days=every[0], lines=every[1], accounts=every[2])


def test_an_account_closed_and_empty_asks_for_nothing_and_its_flows_stay_those_of_an_own_account() -> None:
    found, before = _with_a_closed_account(900), _situation()
    facts, usual = ({fact.indicator: fact for fact in each.facts()} for each in (found, before))
    assert "K" not in set(found.by_account["account_number"]) | set(found.states["account_number"])
    assert found.without_floor == before.without_floor
    for name in ("value_position", "decide_obtain_statements", "proven_share"):
        assert (facts[name].value, facts[name].target, facts[name].details) == (
            usual[name].value, usual[name].target, usual[name].details
        ), name  # fmt: skip
    assert "decide_register_accounts" not in facts
    # By hand: 900 swept inside the office, so received and paid are those of the month without it.
    month = found.month_flows[found.month_flows["currency_code"] == "MAD"].set_index("directorate_code")
    assert (month.loc["D2", "own_transfer_centimes"], month["own_transfer_centimes"].sum()) == (-900, 0)
    assert (month["receipt_centimes"].sum(), month["disbursement_centimes"].sum()) == (600, -2600)
    assert all(left == right for _, left, right in ties(found, found.facts(), "MAD"))
    assert rows(found.office.loc[found.office["day_date"] == "2024-12-10", ["account_count", "booked_centimes"]]) == [
        (1, 900)
    ]


def test_an_account_closed_with_a_balance_is_not_proven_and_its_statement_is_asked_for() -> None:
    found = _with_a_closed_account(600)
    mine = found.by_account[found.by_account["account_number"] == "K"]
    assert rows(mine[["state_code", "booked_centimes"]]) == [("stale", 300)]
    facts = {fact.indicator: fact for fact in found.facts()}
    assert facts["decide_obtain_statements"].details["accounts"] == ["C", "K"]
    assert all(left == right for _, left, right in ties(found, found.facts(), "MAD"))


def test_nothing_at_all_or_a_date_out_of_span_is_refused() -> None:
    bare = TABLES["bank_accounts"].arrow.append(pa.field("directorate_code", pa.string())).empty_table()
    with pytest.raises(Unanswerable, match="2024-11-29"):
        _situation(as_of=date(2024, 11, 29), accounts=bare)
    with pytest.raises(OutsideSpan, match="2031-01-02"):
        _situation(as_of=date(2031, 1, 2))


def test_tables_of_the_page_leave_out_what_is_empty_and_their_figures_tie() -> None:
    found = _situation()
    facts = found.facts()
    shown = cash_tables(found, "MAD")
    assert list(shown) == [
        *("curve", "coming", "bridge", "cascade", "matrix", "roles", "idle_by", "month", "moved", "days", "banks"),
        *("accounts_all", "rates"),
    ]
    assert all(left == right for _, left, right in ties(found, facts, "MAD"))
    excess = shown["accounts_all"][["account_number", "excess_centimes"]]
    assert rows(excess) == [("A", 0), ("B", 1600), ("C", None), ("E", 0)]


def test_a_figure_that_was_changed_no_longer_ties() -> None:
    found = _situation()
    facts = found.facts()
    found.by_account.loc[0, "value_centimes"] += 1
    broken = [what for what, left, right in ties(found, facts, "MAD") if left != right]
    assert broken == ["accounts = office, in value", "margin of the passage = position - floor"]


def test_a_transfer_over_the_first_of_the_month_is_one_and_the_page_still_ties() -> None:
    days = table("""
        account_number account_identifier currency_code day_date   opening_centimes closing_centimes is_superseded
        A              a                  MAD           2024-11-29             5000             4300 false
        B              b                  MAD           2024-12-02                0              700 false
    """)
    lines = table("""
        account_number account_identifier currency_code day_date   day_rank value_date amount_centimes reference counterparty is_superseded is_interim details
        A              a                  MAD           2024-11-29        1 2024-11-29            -700 V9        -            false         false      -
        B              b                  MAD           2024-12-02        1 2024-12-02             700 V9        -            false         false      -
    """)
    found = _situation(as_of=date(2024, 12, 2), days=days, lines=lines)
    month = found.month_flows[found.month_flows["currency_code"] == "MAD"]
    assert (month["own_transfer_centimes"].sum(), month["receipt_centimes"].sum()) == (700, 0)
    assert [what for what, left, right in ties(found, found.facts(), "MAD") if left != right] == []


# Account A comes under two names on the 31st: the same day, its lines brought twice.
SECOND_NAME = table("""
    account_number account_identifier currency_code day_date   opening_centimes closing_centimes is_superseded
    A              a2                 MAD           2024-12-31             4000             4600 false
""")
SECOND_LINES = table("""
    account_number account_identifier currency_code day_date   day_rank value_date amount_centimes reference counterparty is_superseded is_interim  details
    A              a2                 MAD           2024-12-31        1 2025-01-02             600 -         -            false         false  -
""")


def test_a_movement_that_comes_under_two_names_of_one_account_counts_once() -> None:
    once = _situation()
    found = _situation(days=pd.concat([DAYS, SECOND_NAME]), lines=pd.concat([LINES, SECOND_LINES]))
    pd.testing.assert_frame_equal(found.month_flows, once.month_flows)
    pd.testing.assert_frame_equal(found.by_account, once.by_account)
    assert all(left == right for _, left, right in ties(found, found.facts(), "MAD"))
    assert found.contradictions.empty
    assert "contradictions" not in cash_tables(found, "MAD")


def test_two_names_that_close_on_different_balances_prove_nothing() -> None:
    torn = SECOND_NAME.assign(closing_centimes=4100)
    found = _situation(days=pd.concat([DAYS, torn]), lines=pd.concat([LINES, SECOND_LINES]))
    state = found.by_account.set_index(["account_number", "currency_code"])["state_code"]
    assert state["A", "MAD"] == "contradicted"
    assert state["B", "MAD"] == "proven"
    shown = cash_tables(found, "MAD")["contradictions"]
    assert rows(
        shown[["account_number", "torn_count", "counted_centimes", "closing_centimes", "difference_centimes"]]
    ) == [("A", 1, 4600, 4100, -500)]
    facts = found.facts()
    asked = {fact.indicator: fact for fact in facts}
    assert asked["decide_settle_contradictions"].details["accounts"] == ["A"]
    assert asked["proven_share"].value == pytest.approx(1600 / 6200)
    said = findings(found, facts, "MAD")
    assert (said["contradicted"], said["unproven"]) == (1, 2)  # A torn, C missing
    assert tone(said)["proof"] == "split"
    assert lede(said)[-1] == "lede_contradicted"


def test_a_list_without_balances_under_a_second_name_counts_nothing_twice() -> None:
    listed = SECOND_NAME.assign(closing_centimes=pd.array([None], dtype="Int64"))
    found = _situation(days=pd.concat([DAYS, listed]), lines=pd.concat([LINES, SECOND_LINES]))
    pd.testing.assert_frame_equal(found.month_flows, _situation().month_flows)
    assert found.contradictions.empty
