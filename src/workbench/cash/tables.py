"""The tables of the cash page, in its order, one currency at a time: codes and amounts, no sentence.

A table that has nothing to say is left out. `ties` are the equalities that a page proves before it is published.
"""

from collections.abc import Sequence

import pandas as pd

from workbench.cash.facts import decisions_table
from workbench.cash.situation import Situation
from workbench.schemas.facts import Fact

DAY = ["day_date", "opening_centimes", "flow_centimes", "gap_centimes", "booked_centimes", "value_centimes"]
TOTALLED = ("where", "idle", "month")  # tables whose amounts are of one currency and of one moment


def cash_tables(found: Situation, facts: Sequence[Fact], currency_code: str) -> dict[str, pd.DataFrame]:
    """The tables of the page by key; empty ones are left out. `accounts_all` and `typed` hold every currency, each row its own."""
    forward, flows, daily = (_of(table, currency_code) for table in (found.forward, found.flows, found.office))
    idle = _of(found.idle, currency_code)
    in_month = daily["day_date"] >= pd.Timestamp(found.as_of.replace(day=1))
    loose = found.own_transfers[found.own_transfers["pair_code"] != "paired"]
    kinds = ["flow_date", "flow_kind_code", "certainty_code"]
    flow_sums = flows.groupby(kinds, as_index=False)[["amount_centimes"]].sum()
    moves = ["opening_centimes", "flow_centimes", "value_centimes"]
    where = ["bank_name", "directorate_code", "account_count", "booked_centimes", "value_centimes"]
    state = ["currency_code", "statement_date", "state_code", "booked_centimes", "value_centimes", "excess_centimes"]
    tables: dict[str, pd.DataFrame] = {
        "decisions": decisions_table(facts, found.labels()),
        "forward": forward.groupby("day_date", as_index=False)[moves].sum(),
        "coming": flow_sums,
        "unplaced": found.unplaced_flows[
            ["account_number", "flow_date", "flow_kind_code", "amount_centimes", "currency_code"]
        ],
        "where": _of(found.by_bank_and_directorate, currency_code)[where],
        "idle": idle.assign(account_label=idle["account_number"].map(found.labels()))[
            ["account_label", "floor_centimes", "idle_centimes", "cost_centimes"]
        ],
        "month": _of(found.month_flows, currency_code).drop(columns="currency_code"),
        "days": daily.loc[in_month, DAY],
        "gaps": _of(found.gaps, currency_code).drop(columns="currency_code"),
        "typed": found.typed[["account_number", "currency_code", "balance_date", "balance_centimes", "entered_by"]],
        "own": loose[["account_number", "day_date", "amount_centimes", "currency_code", "reference", "pair_code"]],
        "feasts": pd.DataFrame({"day_date": pd.to_datetime(found.estimated_feasts)}),
        "accounts_all": found.by_account[["account_label", "account_number", *state]],
    }
    return {key: table.reset_index(drop=True) for key, table in tables.items() if len(table)}


def ties(found: Situation, facts: Sequence[Fact], currency_code: str) -> list[tuple[str, int, int]]:
    """The equalities of the page: (what, one figure, the other). Each figure comes from a table of its own."""
    position = next(fact for fact in facts if fact.indicator == "value_position")
    low = next(fact for fact in facts if fact.indicator == "low_point")
    accounts, office = _of(found.by_account, currency_code), _of(found.office, currency_code)
    value, booked = position.value or 0, position.details["booked_centimes"] or 0
    moved = office["opening_centimes"] + office["flow_centimes"] + office["gap_centimes"]
    return [
        ("accounts = office, in value", int(accounts["value_centimes"].sum()), value),
        ("accounts = office, booked", int(accounts["booked_centimes"].sum()), booked),
        ("banks = office", int(_of(found.by_bank, currency_code)["value_centimes"].sum()), value),
        ("opening + flows + gaps = closing", int(moved.sum()), int(office["booked_centimes"].sum())),
        ("J of the forward position = office", low.previous or 0, value),
        (
            "own transfers add up to nothing",
            int(_of(found.month_flows, currency_code)["own_transfer_centimes"].sum()),
            0,
        ),
    ]


def _of(table: pd.DataFrame, currency_code: str) -> pd.DataFrame:
    return table[table["currency_code"] == currency_code]
