"""Mirrors cash/known/known_flows.py, with the case worked by hand in docs/methods/known_flows.md."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, table, worked
from workbench.cash import KnownFlows, gather_known_flows, known_flows
from workbench.cash.known.known_flows import redated
from workbench.errors import OutsideSpan
from workbench.standards import load_bank_days
from workbench.standards.business_days import BankDays

CASE = worked("known_flows")
BANK_DAYS = load_bank_days()
AS_OF, UNTIL = CASE["as_of"], CASE["until"]
ACCOUNTS = table("""
    account_number unit_code role_code     currency_code closed_date
    C              SIEGE     central       MAD           -
    D              DR01      disbursements MAD           -
    X              SIEGE     central       MAD           2025-01-10
""")
REGISTERS = {name: table(text) for name, text in CASE["registers"].items()}
EMPTY = {name: register.iloc[:0] for name, register in REGISTERS.items()}


def gathered(as_of: date = AS_OF, until: date = UNTIL, line_of: Any = None, **changed: pd.DataFrame) -> KnownFlows:
    given_tables = REGISTERS | changed
    return gather_known_flows(
        **given_tables, as_of=as_of, until=until, bank_days=BANK_DAYS, accounts=ACCOUNTS, line_of=line_of
    )


FOUND = gathered()


def test_the_case_worked_by_hand() -> None:
    columns = ["flow_date", "amount_centimes", "flow_source_code", "line_code", "is_moved"]
    assert sorted(rows(FOUND.flows[columns])) == sorted(tuple(row) for row in CASE["flows"]["rows"])
    assert FOUND.flows["amount_centimes"].sum() == CASE["flows"]["total"]
    assert Counter(FOUND.left_out["left_out_code"]) == CASE["flows"]["left_out"]
    assert rows(FOUND.matched[["flow_source_code", "match_code"]]) == [tuple(row) for row in CASE["flows"]["matched"]]
    day, amount = CASE["flows"]["longer"]
    assert (day, amount) in rows(gathered(until=date(2025, 9, 30)).flows[["flow_date", "amount_centimes"]])


def test_what_rests_on_an_estimated_feast_says_so_and_what_is_late_is_no_longer_certain() -> None:
    by_source = FOUND.flows.set_index("flow_source_code")
    assert by_source["is_date_estimated"].to_dict()["placement"]
    assert not by_source["is_date_estimated"].to_dict()["order"]
    assert by_source["certainty_code"].to_dict()["cheque"] == "overdue"
    assert by_source["certainty_code"].to_dict()["booked"] == "certain"


def test_a_kept_order_takes_the_supplier_it_pays() -> None:
    order = FOUND.flows.set_index("flow_id").loc["OV1"]
    assert (order["supplier_code"], order["counterparty"], order["line_code"]) == ("F1", "ALPHA", "suppliers")


def test_an_order_debited_already_stands_for_its_schedule_too() -> None:
    settled = REGISTERS["planned_flows"].assign(settled_date=pd.Timestamp("2024-12-31"))
    found = gathered(planned_flows=settled)
    assert not set(found.flows["flow_source_code"]) & {"order", "loan", "maturity"}
    assert len(found.matched) == 3


def test_a_line_booked_stands_for_its_order_and_takes_its_line() -> None:
    way = table("""
        account_number currency_code day_date   amount_centimes reference counterparty
        D              MAD           2025-01-03          -15000 OV1       -
    """)
    found = gathered(on_its_way=way)
    booked = found.flows[found.flows["flow_source_code"] == "booked"]
    assert rows(booked[["amount_centimes", "line_code", "supplier_code"]]) == [(-15000, "suppliers", "F1")]
    assert "order" not in set(found.flows["flow_source_code"])


def test_a_table_of_lines_is_asked_last_word() -> None:
    line_of = pd.DataFrame({"flow_id": ["CH1", "calendar/TVA-2024-12"], "line_code": ["suppliers", "energy"]})
    lines = gathered(line_of=line_of).flows.set_index("flow_id")["line_code"]
    assert (lines["CH1"], lines["calendar/TVA-2024-12"]) == ("suppliers", "energy")


def test_rows_on_accounts_that_cannot_bear_them_are_told() -> None:
    loans = table("""
        loan_id lender due_date   principal_centimes interest_centimes account_number currency_code
        L1      B      2025-01-08                100                 1 X              MAD
        L2      B      2025-01-09                100                 2 C              EUR
        L3      B      2025-01-10                100                 3 X              MAD
    """)
    found = gathered(**(EMPTY | {"loans": loans}))
    assert rows(found.flows[["flow_id"]]) == [("loan/L1/2025-01-08",)]  # X closes on the 10th
    told = rows(found.left_out[["left_out_code", "amount_centimes"]])
    assert sorted(told) == [("account_closed", -103), ("currency_differs", -102)]


def test_a_calendar_that_ends_inside_the_horizon_is_refused_with_what_to_add() -> None:
    short = BankDays(tuple(row for row in BANK_DAYS.closed if row.day.year < 2026))
    with pytest.raises(OutsideSpan, match="add the closed days of 2026, 2027") as error:
        known_flows(**EMPTY, as_of=AS_OF, until=date(2027, 1, 5), bank_days=short, accounts=ACCOUNTS)
    assert "jours de fermeture" in error.value.said("fr")


def test_empty_registers_give_an_empty_plan() -> None:
    found = gathered(**EMPTY)
    assert (len(found.flows), len(found.matched), len(found.left_out)) == (0, 0, 0)
    assert list(found.flows.columns) == list(FOUND.flows.columns)


def test_without_any_account_nothing_is_planned_and_nothing_breaks() -> None:
    nobody = ACCOUNTS.assign(closed_date=pd.NaT).iloc[:0]
    found = known_flows(**EMPTY, as_of=AS_OF, until=UNTIL, bank_days=BANK_DAYS, accounts=nobody)
    assert found.empty


DAYS = st.dates(date(2024, 12, 1), date(2025, 4, 30))
DRAWN = st.lists(
    st.tuples(
        DAYS,
        st.integers(1, 9999),
        st.none() | st.dates(date(2024, 11, 1), date(2025, 2, 1)),
        st.none() | st.dates(date(2024, 12, 1), date(2025, 2, 1)),
        st.sampled_from([None, "following", "preceding", "modified_following"]),
    ),
    max_size=8,
)


def _loans(drawn: list[tuple[Any, ...]]) -> pd.DataFrame:
    made = [
        (f"L{n}", "B", pd.Timestamp(due), amount, n, "C", "MAD", pd.Timestamp(signed), pd.Timestamp(paid), rule)
        for n, (due, amount, signed, paid, rule) in enumerate(drawn)
    ]
    columns = "loan_id lender due_date principal_centimes interest_centimes account_number currency_code signed_date paid_date day_rule_code"
    return pd.DataFrame(made, columns=columns.split())


@settings(max_examples=20)
@given(DRAWN, st.dates(date(2024, 12, 31), date(2025, 3, 31)), st.integers(0, 60))
def test_a_longer_horizon_holds_the_flows_of_a_shorter_one(
    drawn: list[tuple[Any, ...]], until: date, more: int
) -> None:
    tables = EMPTY | {"loans": _loans(drawn)}
    short, long = gathered(until=until, **tables).flows, gathered(until=until + timedelta(days=more), **tables).flows
    assert rows(long[long["flow_date"] <= pd.Timestamp(until)]) == rows(short)


@settings(max_examples=20)
@given(DRAWN)
def test_what_the_registers_say_and_nothing_else_is_in_the_plan(drawn: list[tuple[Any, ...]]) -> None:
    known = {
        (due, amount + n)
        for n, (due, amount, signed, paid, _) in enumerate(drawn)
        if (signed is None or signed <= AS_OF) and (paid is None or paid > AS_OF)
    }
    found = gathered(until=date(2025, 12, 31), **(EMPTY | {"loans": _loans(drawn)})).flows
    assert -found["amount_centimes"].sum() == sum(
        amount + n
        for n, (_, amount, signed, paid, _) in enumerate(drawn)
        if (signed is None or signed <= AS_OF) and (paid is None or paid > AS_OF)
    )
    assert {(due, -amount) for due, amount in rows(found[["due_date", "amount_centimes"]])} == known
    assert all(BANK_DAYS.is_open(day) and day > AS_OF for (day,) in rows(found[["flow_date"]]))


@settings(max_examples=10)
@given(st.permutations(range(6)))
def test_the_order_of_rows_decides_nothing(order: list[int]) -> None:
    shuffled = {
        name: register.iloc[[place for place in order if place < len(register)]].reset_index(drop=True)
        for name, register in REGISTERS.items()
    }
    assert rows(gathered(**shuffled).flows) == rows(FOUND.flows)


def test_flows_on_the_bank_days_of_another_calendar_are_those_gathered_on_it() -> None:
    same = redated(FOUND, AS_OF, BANK_DAYS, UNTIL)
    pd.testing.assert_frame_equal(same.flows, FOUND.flows)
    pd.testing.assert_frame_equal(same.left_out, FOUND.left_out)
    estimated = [feast.day for feast in BANK_DAYS.estimated_between(AS_OF, UNTIL)]
    other = BANK_DAYS.moved({day: day + timedelta(days=1) for day in estimated})
    again = gather_known_flows(**REGISTERS, as_of=AS_OF, until=UNTIL, bank_days=other, accounts=ACCOUNTS)
    assert rows(again.flows[["flow_id", "flow_date"]]) != rows(FOUND.flows[["flow_id", "flow_date"]])
    pd.testing.assert_frame_equal(redated(FOUND, AS_OF, other, UNTIL).flows, again.flows)
