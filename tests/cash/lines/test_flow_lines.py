"""Mirrors cash/lines/flow_lines.py: every line on one line of the plan or told, nothing lost, in value on bank days."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import rows, table
from tests.cash.flow_books import CASE, accounts_of, bank_lines, case_lines, counterparties_of, references_of
from workbench.cash import (
    FlowRule,
    balance_steps,
    booked_lines,
    classify,
    daily_flows,
    flow_totals,
    flows_on_their_way,
    lines_tie,
    load_lines,
    load_rules,
)
from workbench.errors import OutsideSpan
from workbench.standards import load_bank_days

RULES = load_rules()
BANK_DAYS = load_bank_days()
AS_OF = date(2024, 1, 12)
LINES = [line.line_code for line in load_lines()]
FOUND = classify(case_lines(), RULES, accounts_of(), counterparties_of(), references_of())


def rule(line: str, priority: int = 1, first: str = "2015-01-01", last: str | None = None, **asked: str) -> FlowRule:
    direction = asked.pop("direction", "")
    end = None if last is None else date.fromisoformat(last)
    return FlowRule(f"{line}-{first}", line, date.fromisoformat(first), end, priority, direction, asked, "test")


def codes(lines: pd.DataFrame, rules: Sequence[FlowRule] = RULES, *known: Any) -> list[str]:
    return list(classify(lines, rules, accounts_of(), *known)["line_code"])


def test_the_case_by_hand() -> None:
    assert FOUND["line_code"].tolist() == [row[9] for row in CASE["lines"]]
    flows = daily_flows(FOUND, accounts_of(), BANK_DAYS, AS_OF)
    expected: dict[tuple[Any, ...], int] = {}
    for account, currency, _, _, _, _, amount, _, _, line, flow_day in CASE["lines"]:
        if line != "own_transfer":
            key = (account, line, currency, flow_day)
            expected[key] = expected.get(key, 0) + amount
    got = flows[["account_number", "line_code", "currency_code", "flow_date", "amount_centimes"]]
    assert {row[:4]: row[4] for row in rows(got)} == expected
    assert dict(zip(flows["account_number"], flows["directorate_code"], strict=True)) == {
        "A": "DR01", "D": "DR01", "E": "head_office", "T": "head_office",
    }  # fmt: skip


def test_the_case_by_hand_ties() -> None:
    totals = flow_totals(FOUND).set_index(["currency_code", "line_code"])["amount_centimes"]
    by_hand, mine = CASE["MAD"], totals["MAD"]
    told = {"unclassified", "own_transfer"}
    assert mine["unclassified"] == by_hand["unclassified"]
    assert mine["own_transfer"] == by_hand["own_transfer"]
    assert mine[~mine.index.isin(told)].sum() == by_hand["classified"]
    assert mine.sum() == by_hand["change"]
    assert totals["EUR"].to_dict() == {"suppliers": -3000}  # a currency keeps to itself


def test_a_rule_that_changes_on_a_date_changes_the_lines_from_that_day() -> None:
    rules = [
        rule("suppliers", last="2024-01-31", label_pattern="^VIR ONEE"),
        rule("energy", first="2024-02-01", label_pattern="^VIR ONEE"),
    ]
    days = [date(2014, 12, 31), date(2015, 1, 1), date(2024, 1, 31), date(2024, 2, 1), date(2030, 1, 1)]
    lines = bank_lines(*({"day_date": day, "label": "VIR ONEE 12"} for day in days))
    assert codes(lines, rules) == ["unclassified", "suppliers", "suppliers", "energy", "energy"]


def test_the_first_rule_that_holds_decides_and_all_that_it_asks_must_hold() -> None:
    rules = [
        rule("taxes", 1, label_pattern="^VIR", account_role="treasury"),
        rule("works", 2, label_pattern="^VIR", direction="in"),
        rule("suppliers", 3, label_pattern="^VIR"),
    ]
    lines = bank_lines(
        {"label": "VIR 1", "account_number": "T"}, {"label": "VIR 1"}, {"label": "VIR 1", "amount_centimes": -5}, {"label": "AVIR"}
    )  # fmt: skip
    assert codes(lines, rules) == ["taxes", "works", "suppliers", "unclassified"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"label": "Versement Espèces  AG9"}, "receipts_counters"),  # spelling, accents and spaces are no matter
        (
            {"label": "CHEQUE IMPAYE R1", "amount_centimes": -100},
            "receipts_counters",
        ),  # what comes back goes to its line
        ({"label": "PRELEVEMENT REJETE R1", "amount_centimes": -100}, "receipts_electronic"),
        ({"label": "CHEQUE EMIS 4000", "amount_centimes": -100, "account_number": "D"}, "suppliers"),
        (
            {"label": "CHEQUE EMIS 4000", "amount_centimes": -100},
            "unclassified",
        ),  # not from an account that pays suppliers
        (
            {"format_code": "camt053", "operation_code": "PMNT-ICDT-TAXP", "amount_centimes": -100},
            "taxes",
        ),  # no label at all
        ({"format_code": "mt940", "operation_code": "62"}, "unclassified"),  # another format's code
        ({"label": "VIR RECU CLIENT 00000012", "amount_centimes": 0}, "unclassified"),
        ({}, "unclassified"),
    ],
)
def test_the_rules_of_the_reference_folder(line: dict[str, Any], expected: str) -> None:
    assert codes(bank_lines(line), RULES, counterparties_of(), references_of()) == [expected]


@pytest.mark.parametrize(
    "line",
    [
        {"counterparty": " client 00000012 "},
        {"details": "autre chose\nNPYCLIENT 00000012"},
        {"label": "VIR RECU CLIENT 00000012"},
        {"reference": " R1 "},
    ],
)
def test_a_payer_is_known_by_its_field_the_details_the_label_or_the_payment_it_names(line: dict[str, Any]) -> None:
    found = classify(bank_lines(line), RULES, accounts_of(), counterparties_of(), references_of(("R1", "utility_board", None)))  # fmt: skip
    assert rows(found[["segment_code", "line_code"]]) == [("utility_board", "receipts_bulk")]


def test_an_unknown_payer_stays_unclassified_and_without_customers_so_do_all() -> None:
    lines = bank_lines(
        {"label": "VIR RECU CLIENT 00000012"}, {"label": "VIR RECU CLIENT 00000013"}, {"label": "VIR RECU 00000012"}
    )
    assert codes(lines, RULES, counterparties_of()) == ["receipts_bulk", "unclassified", "unclassified"]
    assert codes(lines) == ["unclassified"] * 3


def test_a_payer_has_the_segment_of_the_day_and_none_where_two_hold() -> None:
    known = counterparties_of(
        ("CLIENT 1", "household", date(2020, 1, 1), date(2023, 12, 31)),
        ("CLIENT 1", "regional_utility", date(2024, 1, 1), None),
        ("CLIENT 2", "household", date(2020, 1, 1), None),
        ("CLIENT 2", "state", date(2020, 1, 1), None),
    )
    days = (date(2023, 12, 31), date(2024, 1, 1), date(2019, 1, 1))
    lines = bank_lines(*({"day_date": day, "counterparty": "CLIENT 1"} for day in days), {"counterparty": "CLIENT 2"})
    assert codes(lines, RULES, known) == ["receipts_other", "receipts_bulk", "unclassified", "unclassified"]


def test_what_a_payment_paid_goes_before_who_paid_it() -> None:
    paid = references_of(("R1", "state", "contribution"), ("R2", None, "water"), ("R3", "state", None))
    lines = bank_lines(*({"reference": name, "counterparty": "CLIENT 00000012"} for name in ("R1", "R2", "R3", "R4")))
    assert codes(lines, RULES, counterparties_of(), paid) == [
        "contributions",
        "receipts_bulk",
        "receipts_public",
        "receipts_bulk",
    ]


def test_a_leg_without_its_partner_is_no_own_transfer_but_told() -> None:
    lines = bank_lines({"label": "NIVELLEMENT", "counterparty": "D"}, {"label": "NIVELLEMENT", "reference": "N1"})
    found = classify(lines, RULES, accounts_of())
    assert rows(found[["pair_code", "line_code"]]) == [("unpaired", "unclassified"), (None, "unclassified")]


def test_nothing_is_classified_where_nothing_is_given() -> None:
    empty = classify(bank_lines(), RULES, accounts_of(), counterparties_of(), references_of())
    assert {"line_code", "rule_id", "segment_code", "service_code", "pair_code"} <= set(empty.columns)
    assert len(daily_flows(empty, accounts_of(), BANK_DAYS, AS_OF)) == len(flow_totals(empty)) == 0


def test_flows_in_value_after_the_date_are_on_their_way_and_no_history() -> None:
    lines = bank_lines(
        {"label": "VERSEMENT ESPECES", "value_date": date(2024, 1, 15)},
        {"label": "VERSEMENT ESPECES", "value_date": date(2024, 1, 13), "amount_centimes": 7},  # a Saturday
    )
    found = classify(lines, RULES, accounts_of())
    for as_of, past, coming in (
        (AS_OF, {}, {"2024-01-15": 107}),
        (date(2024, 1, 13), {"2024-01-12": 7}, {"2024-01-15": 100}),
    ):
        both = [make(found, accounts_of(), BANK_DAYS, as_of) for make in (daily_flows, flows_on_their_way)]
        shown = [dict(zip(flows["flow_date"].astype(str), flows["amount_centimes"], strict=True)) for flows in both]
        assert shown == [past, coming]  # asked on a Saturday, what is in value then is in the balance already


def test_an_account_that_is_not_in_the_register_keeps_its_flows_without_a_directorate() -> None:
    found = classify(bank_lines({"account_number": "Z", "label": "REMISE CHEQUES"}), RULES, accounts_of())
    assert rows(daily_flows(found, accounts_of(), BANK_DAYS, AS_OF)) == [
        ("Z", None, "receipts_counters", "MAD", AS_OF, 100, 1)
    ]


def test_a_value_date_outside_the_calendar_counts_on_the_day_booked() -> None:
    found = classify(bank_lines({"value_date": date(1950, 1, 2)}), RULES, accounts_of())
    flows = daily_flows(found, accounts_of(), BANK_DAYS, AS_OF)
    assert flows["flow_date"].tolist() == [pd.Timestamp(BANK_DAYS.add(found["day_date"].iloc[0].date(), 0))]
    with pytest.raises(OutsideSpan, match="bank_days"):
        daily_flows(found, accounts_of(), BANK_DAYS, date(2031, 1, 2))


DAYS = table("""
    account_number account_identifier currency_code day_date   opening_centimes closing_centimes is_superseded
    A              a                  MAD           2024-01-02             1000             1300 false
    A              a                  MAD           2024-01-04             1350             1150 false
    A              a                  MAD           2024-01-09             1150             9999 true
    A              other              MAD           2024-01-04             1350             1150 false
    A              a                  MAD           2024-02-05             1150             1151 false
""")
STORED = table("""
    account_number account_identifier currency_code day_date   day_rank booking_date value_date amount_centimes format_code operation_code label reference counterparty details is_superseded is_interim
    A              a                  MAD           2024-01-02        1 2024-01-02   2024-01-02             300 cfonb120    62             -     -         -            -       false         false
    A              a                  MAD           2024-01-04        1 2024-01-04   2024-01-04            -150 cfonb120    70             -     -         -            -       false         false
    A              a                  MAD           2024-01-04        2 2024-01-04   2024-01-05             -50 cfonb120    99             -     -         -            -       false         false
    A              other              MAD           2024-01-04        1 2024-01-04   2024-01-04            -200 mt940       NMSC           -     -         -            -       false         false
    A              a                  MAD           2024-01-09        1 2024-01-09   2024-01-09            8849 cfonb120    62             -     -         -            -       true          false
    A              a                  MAD           2024-01-10        1 2024-01-10   2024-01-10               5 cfonb120    62             -     -         -            -       false         true
    A              a                  MAD           2024-02-05        1 2024-02-05   2024-02-05               1 cfonb120    62             -     -         -            -       false         false
""")


def test_lines_that_count_tie_to_the_change_of_the_balance() -> None:
    others = DAYS[DAYS["account_identifier"] == "other"]
    lines = booked_lines(STORED, others, as_of=AS_OF)
    assert lines["amount_centimes"].tolist() == [
        300,
        -150,
        -50,
    ]  # not the other name's, nor superseded, nor interim, nor later
    assert len(booked_lines(STORED, others, as_of=AS_OF, start=date(2024, 1, 3))) == 2
    found = classify(lines, RULES, accounts_of())
    (tied,) = lines_tie(found, balance_steps(DAYS, STORED, as_of=AS_OF)).to_dict("records")
    assert tied == {
        "account_number": "A", "currency_code": "MAD", "classified_centimes": 150, "unclassified_centimes": -50,
        "own_transfer_centimes": 0, "gap_centimes": 50, "change_centimes": 150, "difference_centimes": 0,
    }  # fmt: skip
    lost = lines_tie(found.iloc[1:], balance_steps(DAYS, STORED, as_of=AS_OF))
    assert lost["difference_centimes"].tolist() == [300]


LABELS = (
    "VERSEMENT ESPECES AG1",
    "NIVELLEMENT",
    "VIR RECU CLIENT 00000012",
    "FRAIS DE TENUE DE COMPTE",
    "=1+1",
    "",
    None,
)
LINE = st.fixed_dictionaries(
    {
        "account_number": st.sampled_from("ADTEZ"), "currency_code": st.sampled_from(["MAD", "EUR"]),
        "day_date": st.dates(date(2024, 1, 2), AS_OF), "amount_centimes": st.integers(-(10**12), 10**12),
        "label": st.sampled_from(LABELS), "reference": st.sampled_from(["N1", "R000000000077", None]),
        "operation_code": st.sampled_from(["05", "NMSC", None]), "counterparty": st.sampled_from(["A", "CLIENT 00000034", None]),
        "value_date": st.dates(date(2023, 12, 28), date(2024, 1, 20)),
    }
)  # fmt: skip


@settings(max_examples=40)
@given(lines=st.lists(LINE, max_size=12), seed=st.integers(0, 2**16))
def test_every_line_gets_one_line_of_the_plan_and_nothing_is_lost_in_whatever_order(
    lines: list[dict[str, Any]], seed: int
) -> None:
    table = bank_lines(*lines)
    found = classify(table, RULES, accounts_of(), counterparties_of(), references_of())
    assert found["line_code"].isin([*LINES, "unclassified", "own_transfer"]).all()
    assert (found["rule_id"].notna() == found["line_code"].isin(LINES)).all()
    assert found["amount_centimes"].tolist() == table["amount_centimes"].tolist()
    flows = [make(found, accounts_of(), BANK_DAYS, AS_OF) for make in (daily_flows, flows_on_their_way)]
    kept = found[found["line_code"] != "own_transfer"]
    assert sum(int(each["amount_centimes"].sum()) for each in flows) == int(kept["amount_centimes"].sum())
    assert sum(int(each["line_count"].sum()) for each in flows) == len(kept)
    mixed = table.iloc[np.random.default_rng(seed).permutation(len(table))]
    again = classify(mixed, RULES, accounts_of(), counterparties_of(), references_of())
    # Which of two equal legs pairs may hang on their order; how much goes to each line may not.
    assert rows(flow_totals(again)) == rows(flow_totals(found))
