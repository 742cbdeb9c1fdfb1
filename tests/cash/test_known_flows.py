"""Mirrors cash/known_flows.py, with the case worked by hand in docs/methods/known_flows.md."""

import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from tests.builders import rows, table
from workbench.cash import KnownFlows, gather_known_flows
from workbench.standards import load_bank_days

CASE = tomllib.loads((Path(__file__).parents[1] / "cases" / "known_flows.toml").read_text(encoding="utf-8"))
BANK_DAYS = load_bank_days()
AS_OF, UNTIL = CASE["as_of"], CASE["until"]
ACCOUNTS = table("""
    account_number unit_code role_code     currency_code closed_date
    C              SIEGE     central       MAD           -
    D              DR01      disbursements MAD           -
    X              SIEGE     central       MAD           2024-11-30
""")
REGISTERS = {name: table(text) for name, text in CASE["registers"].items()}


def gathered(as_of: date = AS_OF, until: date = UNTIL, line_of: Any = None, **changed: pd.DataFrame) -> KnownFlows:
    return gather_known_flows(
        **(REGISTERS | changed), as_of=as_of, until=until, bank_days=BANK_DAYS, accounts=ACCOUNTS, line_of=line_of
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
