"""The tables of the cash page, in its order, one currency at a time: codes and amounts, no sentence.

A table that has nothing to say is left out. `ties` are the equalities that a page proves before it is published.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from workbench.cash.own_transfers import half_transfers
from workbench.cash.situation import Situation
from workbench.schemas.facts import Fact
from workbench.standards import values_table

DAY = ["day_date", "opening_centimes", "flow_centimes", "gap_centimes", "booked_centimes", "value_centimes"]
NAMES = ["account_number", "currency_code", "counted_identifier", "account_identifier"]
BALANCES = ["booked_centimes", "value_centimes"]
UNKNOWN = "unknown"  # directorate of an account that the register does not place


def cash_tables(found: Situation, currency_code: str) -> dict[str, pd.DataFrame]:
    """The tables of the page by key; empty ones are left out. `accounts_all` and `typed` hold every currency, each row its own."""
    daily = _of(found.office, currency_code)
    in_month = daily["day_date"] >= pd.Timestamp(found.as_of.replace(day=1))
    loose = found.own_transfers[found.own_transfers["pair_code"] != "paired"]
    state = ["currency_code", "statement_date", "state_code", *BALANCES, "idle_centimes", "excess_centimes"]
    flow = ["account_number", "flow_date", "flow_kind_code", "amount_centimes", "currency_code"]
    tables: dict[str, pd.DataFrame] = {
        "curve": daily[["day_date", *BALANCES]],
        "coming": _of(found.forward, currency_code).groupby("day_date", as_index=False)[["value_centimes"]].sum(),
        "bridge": _bridge(found, currency_code),
        "cascade": forward_steps(found, currency_code),
        "matrix": _matrix(found, currency_code),
        "roles": _by_role(found, currency_code),
        "idle_by": _idle_by_directorate(found, currency_code),
        "month": _placed(_of(found.month_flows, currency_code)).drop(columns="currency_code"),
        "moved": month_steps(found, currency_code),
        "days": daily.loc[in_month, DAY],
        "banks": _by_bank(found, currency_code),
        "turned_away": found.turned_away,
        "gaps": _of(found.gaps, currency_code).drop(columns="currency_code"),
        "contradictions": _contradictions(found),
        "unplaced": found.unplaced_flows[flow],
        "typed": _typed(found),
        "own": loose[["account_number", "day_date", "amount_centimes", "currency_code", "reference", "pair_code"]],
        "feasts": pd.DataFrame({"day_date": pd.to_datetime(found.estimated_feasts)}),
        "accounts_all": found.by_account[["account_label", "account_number", *state]],
        "rates": values_table(found.values),
    }
    return {key: table.reset_index(drop=True) for key, table in tables.items() if len(table)}


def _typed(found: Situation) -> pd.DataFrame:
    typed = found.typed[["account_number", "currency_code", "balance_date", "balance_centimes", "entered_by"]]
    return typed.assign(entered_at=pd.to_datetime(found.typed["entered_at"], utc=True).dt.tz_localize(None))


def _contradictions(found: Situation) -> pd.DataFrame:
    """A row two names that contradict each other: how many days, since when, and what each says on the last of them."""
    days = found.contradictions
    spans = days.groupby(NAMES, as_index=False).agg(torn_count=("day_date", "size"), since_date=("day_date", "min"))
    last = days.sort_values("day_date").groupby(NAMES).tail(1)
    shown = [
        "account_number",
        "currency_code",
        "torn_count",
        "since_date",
        "day_date",
        "counted_identifier",
        "counted_centimes",
    ]
    return spans.merge(last, on=NAMES)[[*shown, "account_identifier", "closing_centimes", "difference_centimes"]]


def curves(found: Situation, currency_code: str) -> tuple[list[int], list[int]]:
    """The position in value of the last two months and its ends of day from J to J+5, hundredths: what two cards draw."""
    past = _of(found.office, currency_code)["value_centimes"].dropna()
    ends = _of(found.forward, currency_code).groupby("day_date")["value_centimes"].sum()
    return [int(value) for value in past], [int(value) for value in ends]


def forward_steps(found: Situation, currency_code: str) -> pd.DataFrame:
    """From the position of J to that of J+5: `label` (a day or a kind of flow), `certainty_code`, `amount_centimes`, `is_level`.

    One row a day, kind and certainty; a day is a level. Flows without a proven balance are in no day, so not here.
    """
    ends = _of(found.forward, currency_code).groupby("day_date")["value_centimes"].sum()
    balances = _of(found.by_account, currency_code)
    known = set(balances.loc[balances["value_centimes"].notna(), "account_number"])
    flows = _of(found.flows, currency_code)
    flows = flows[flows["account_number"].isin(known)]
    rows: list[tuple[object, str | None, int, bool]] = []
    for number, (day, end) in enumerate(ends.items()):
        if number:
            today = flows[flows["flow_date"] == day].groupby(["flow_kind_code", "certainty_code"], as_index=False)
            sums = today[["amount_centimes"]].sum().itertuples(index=False, name=None)
            rows += [(kind, certainty, int(amount), False) for kind, certainty, amount in sums]
        rows.append((day, None, int(end), True))
    return pd.DataFrame(rows, columns=["label", "certainty_code", "amount_centimes", "is_level"])


def month_steps(found: Situation, currency_code: str) -> pd.DataFrame:
    """From the balance in bank at the start of the month to that of the day: received, paid, own transfers, gaps; a cascade."""
    office = _of(found.office, currency_code)
    month = office[office["day_date"] >= pd.Timestamp(found.as_of.replace(day=1))]
    if month.empty:
        return pd.DataFrame(columns=["label", "amount_centimes", "is_level"])
    flows = _of(found.month_flows, currency_code)
    sums = flows[["receipt_centimes", "disbursement_centimes", "own_transfer_centimes"]].sum()
    # Else nothing is known of its first day, and no balance stands there.
    is_whole = month["day_date"].iloc[0] == pd.Timestamp(found.as_of.replace(day=1))
    opening, closing = int(month["opening_centimes"].iloc[0]) if is_whole else 0, int(month["booked_centimes"].iloc[-1])
    rows = [("opening", opening, True)] if is_whole else []
    rows += [(str(name), int(amount), False) for name, amount in sums.items()]
    # What moved without a line, or began inside the month: shown, so that the steps close.
    rest = closing - opening - int(sums.sum())
    rows += [("unexplained", rest, False)] if rest else []
    return pd.DataFrame([*rows, ("closing", closing, True)], columns=["label", "amount_centimes", "is_level"])


def _bridge(found: Situation, currency_code: str) -> pd.DataFrame:
    """From the balance in bank to the position in value, then to the margin above the floor where one is set."""
    mine = _of(found.by_account, currency_code)
    booked, value = int(mine["booked_centimes"].sum()), int(mine["value_centimes"].sum())
    rows = [("booked_centimes", booked), ("in_course", value - booked), ("value_centimes", value)]
    floor = found.floor_centimes(currency_code)
    if floor is not None:
        rows += [("floor_centimes", -floor), ("margin", value - floor)]
    return pd.DataFrame(rows, columns=["passage_code", "amount_centimes"])


def _matrix(found: Situation, currency_code: str) -> pd.DataFrame:
    """Nothing where no bank is known: a register is missing, and one row would say nothing."""
    table = _placed(_of(found.by_bank_and_directorate, currency_code))
    columns = ["bank_name", "directorate_code", "value_centimes"]
    return table[columns] if table["bank_name"].notna().any() else table[columns].head(0)


def _idle_by_directorate(found: Situation, currency_code: str) -> pd.DataFrame:
    mine = _placed(_of(found.by_account, currency_code))
    mine = mine[(mine["idle_centimes"].fillna(0) > 0) | (mine["cost_centimes"].fillna(0) > 0)]
    sums = mine.groupby("directorate_code", as_index=False).agg(
        account_count=("idle_centimes", lambda idle: int((idle.fillna(0) > 0).sum())),
        idle_centimes=("idle_centimes", "sum"),
        cost_centimes=("cost_centimes", "sum"),
    )
    return sums.sort_values(["idle_centimes", "directorate_code"], ascending=[False, True])


def _by_bank(found: Situation, currency_code: str) -> pd.DataFrame:
    mine = _of(found.by_account, currency_code)
    mine = mine.assign(bank_name=mine["bank_name"].fillna(mine["account_number"]))
    sums = mine.groupby("bank_name", as_index=False).agg(
        account_count=("account_number", "size"),
        proven_count=("state_code", lambda codes: int((codes == "proven").sum())),
        booked_centimes=("booked_centimes", _known_sum),
        value_centimes=("value_centimes", _known_sum),
    )
    return sums.assign(in_course_centimes=sums["value_centimes"] - sums["booked_centimes"])


def _by_role(found: Situation, currency_code: str) -> pd.DataFrame:
    """What accounts are for; nothing where the register tells it of none."""
    mine = _of(found.by_account, currency_code)
    mine = mine.assign(role_code=mine["role_code"].fillna(UNKNOWN)) if mine["role_code"].notna().any() else mine.head(0)
    return mine.groupby("role_code", as_index=False).agg(
        account_count=("account_number", "size"),
        booked_centimes=("booked_centimes", _known_sum),
        value_centimes=("value_centimes", _known_sum),
    )


def _known_sum(balances: pd.Series) -> Any:
    """The sum of the balances that are known; unknown where none is, which is not zero."""
    return balances.sum(min_count=1)


def _placed(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(directorate_code=table["directorate_code"].fillna(UNKNOWN))


def ties(found: Situation, facts: Sequence[Fact], currency_code: str) -> list[tuple[str, int, int]]:
    """The equalities of the page: (what, one figure, the other). Each figure comes from a table of its own."""
    position = next(fact for fact in facts if fact.indicator == "value_position")
    low = next(fact for fact in facts if fact.indicator == "low_point")
    accounts, office = _of(found.by_account, currency_code), _of(found.office, currency_code)
    value, booked = position.value or 0, position.details["booked_centimes"] or 0
    bridge = _bridge(found, currency_code)
    margin = int(bridge["amount_centimes"].iloc[-1]) if position.target is not None else value
    moved = office["opening_centimes"] + office["flow_centimes"] + office["gap_centimes"]
    return [
        ("accounts = office, in value", int(accounts["value_centimes"].sum()), value),
        ("accounts = office, booked", int(accounts["booked_centimes"].sum()), booked),
        ("banks = office", int(_of(found.by_bank, currency_code)["value_centimes"].sum()), value),
        ("opening + flows + gaps = closing", int(moved.sum()), int(office["booked_centimes"].sum())),
        ("margin of the passage = position - floor", margin, value - int(position.target or 0)),
        ("J of the forward position = office", low.previous or 0, value),
        (
            "own transfers add up to those whose other leg is of the month before",
            int(_of(found.month_flows, currency_code)["own_transfer_centimes"].sum()),
            int(_of(half_transfers(found.own_transfers), currency_code)["amount_centimes"].sum()),
        ),
    ]


def _of(table: pd.DataFrame, currency_code: str) -> pd.DataFrame:
    return table[table["currency_code"] == currency_code]
