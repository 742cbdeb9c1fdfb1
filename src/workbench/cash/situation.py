"""The whole cash situation on a date, made once from the tables of the store: what a page or an analyst looks at."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from workbench.cash.closed import closed_and_empty, without, without_empty_days
from workbench.cash.facts import cash_facts
from workbench.cash.forward import flows_in_course, flows_without_balance, forward_positions, named_flows
from workbench.cash.idle import accounts_without_floor, idle_balances, levelling_error, over_limit
from workbench.cash.own_transfers import MOST_DAYS, flows_by, lines_between, own_transfers
from workbench.cash.positions import (
    ACCOUNT,
    balance_steps,
    daily_positions,
    other_names,
    position_on,
    positions_by,
    value_on_its_way,
)
from workbench.cash.proof import (
    contradictions,
    gaps,
    last_statements,
    proven_share,
    states_of_accounts,
    turned_away,
    typed_apart,
)
from workbench.errors import Unanswerable
from workbench.frames import to_pandas
from workbench.schemas.facts import Fact
from workbench.standards import BankDays, DatedValue, Target, load_bank_days, office_targets, value_on

CURVE_DAYS = 62  # two months of daily positions: the curve, and the last day of the month before
_DESCRIPTION = ["account_label", "bank_code", "bank_name", "directorate_code", "role_code", "floor_centimes"]


@dataclass(frozen=True)
class Situation:
    """Every table of the page, in every currency, and the dated values used; see the functions that make them."""

    as_of: date
    by_account: pd.DataFrame  # a row an account and currency: state, balances, idle, excess, description
    daily: pd.DataFrame  # an account and day, CURVE_DAYS back
    office: pd.DataFrame  # a currency and day
    by_bank: pd.DataFrame  # a bank and currency, on as_of
    by_bank_and_directorate: pd.DataFrame
    flows: pd.DataFrame  # named flows, J+1 to J+5
    forward: pd.DataFrame  # an account and bank day, J to J+5
    unplaced_flows: pd.DataFrame  # flows on accounts without a proven balance
    month_flows: pd.DataFrame  # a directorate and currency, since the first of the month
    own_transfers: pd.DataFrame  # their legs since the first of the month
    idle: pd.DataFrame
    without_floor: list[str]
    over: pd.DataFrame
    errors: pd.DataFrame  # levelling errors of the proven accounts, by day
    states: pd.DataFrame
    gaps: pd.DataFrame
    contradictions: pd.DataFrame  # days on which two names of one account close on different balances
    turned_away: pd.DataFrame  # statements refused or held, CURVE_DAYS back, that nothing took the place of
    typed: pd.DataFrame  # typed by hand: unproven, in no total
    floor: Target | None  # the office's own, in dirhams; None: its register of targets holds none
    values: tuple[DatedValue, ...]  # rates and thresholds used
    next_bank_day: date
    estimated_feasts: list[date]  # feasts that the days of this page rest on and that are only estimated

    def facts(self, currency_code: str = "MAD", floor_centimes: int | None = None) -> list[Fact]:
        """Facts of one currency. Without `floor_centimes` the floor is that of `floor_centimes()`."""
        mine = self.by_account[self.by_account["currency_code"] == currency_code]
        floors = mine["floor_centimes"]
        known = mine[mine["booked_centimes"].notna()]
        return cash_facts(
            self.office,
            self.forward,
            self.states,
            self.over,
            self.idle,
            self.errors,
            as_of=self.as_of,
            floor_centimes=self.floor_centimes(currency_code) if floor_centimes is None else floor_centimes,
            share=proven_share(known.drop(columns="state_code"), self.states),
            act_by=self.next_bank_day,
            currency_code=currency_code,
            limit_count=int(mine["is_registered"].sum()),
            floor_count=int(floors.notna().sum()),
        )

    def floor_centimes(self, currency_code: str = "MAD") -> int | None:
        """The floor of the position: the office's own target (dirhams only), else the sum of its accounts' floors where all have one."""
        if self.floor is not None and currency_code == "MAD":
            return int(self.floor.value * 100)
        floors = self.by_account.loc[self.by_account["currency_code"] == currency_code, "floor_centimes"]
        return int(floors.sum()) if len(floors) and floors.notna().all() else None

    def labels(self) -> dict[str, str]:
        """Label of each account that has one, by number."""
        named = self.by_account[self.by_account["account_label"].notna()]
        return dict(zip(named["account_number"], named["account_label"], strict=True))

    def currencies(self) -> list[str]:
        """Currencies held: dirhams first, then the one in which most accounts are proven, or are held."""
        codes = self.by_account["currency_code"]
        held, proven = codes.value_counts(), codes[self.by_account["state_code"] == "proven"].value_counts()
        return sorted(held.index, key=lambda code: (code != "MAD", -proven.get(code, 0), -held[code], code))


def situation(
    statement_days: Any,
    bank_transactions: Any,
    accounts: Any,
    planned_flows: Any,
    typed_balances: Any,
    as_of: date,
    bank_days: BankDays | None = None,
    targets: Any = None,
    statements: Any = None,
) -> Situation:
    """The cash situation on a date.

    Parameters
    ----------
    statement_days, bank_transactions
        With `account_number` (`banking.resolve`).
    accounts
        Accounts opened by `as_of`, those closed since among them, with `directorate_code` (`banking.describe`).
    planned_flows, typed_balances
        Registers, as in the store; they may be empty.
    statements
        Statements of any status, with `account_number`: those turned away are told.
    targets
        Register of targets: its `value_position` of the whole office is the floor of the position.
    as_of
        Date of the position. Raises `OutsideSpan` where a dated value or the calendar of banks does not cover it, `Unanswerable` where
        nothing at all is known.
    """
    bank_days = bank_days or load_bank_days()
    names = ("idle_balance_rate", "debit_credit_rate_gap", "idle_window_days", "default_statement_lag_days")
    values = tuple(value_on(name, as_of) for name in names)
    rate, gap, window, lag = (dated.value for dated in values)
    every_account = to_pandas(accounts)
    last = last_statements(statement_days, as_of=as_of)
    if every_account.empty and last.empty:
        raise Unanswerable(
            f"no account is registered and no statement holds a balance by {as_of.isoformat()}",
            "cash situation",
            "import statements or the register of accounts, or ask for another date",
        )
    steps = balance_steps(statement_days, bank_transactions, as_of=as_of)
    daily = daily_positions(steps, as_of - timedelta(days=CURVE_DAYS), as_of)
    closed = closed_and_empty(every_account, position_on(daily, as_of), as_of)
    # Closed and empty: nothing is asked of them any more; the flows of their time stay those of own accounts.
    register, last, daily = without(every_account, closed), without(last, closed), without_empty_days(daily, closed)
    today = position_on(daily, as_of)
    others = other_names(statement_days, as_of=as_of)
    contradicted = contradictions(others)
    states = states_of_accounts(register, last, bank_days, as_of, int(lag), contradicted)
    in_course = flows_in_course(planned_flows, last, as_of=as_of)
    flows = named_flows(in_course, value_on_its_way(steps, as_of), bank_days, as_of)
    month = as_of.replace(day=1)  # its first days may hold the second legs of transfers of the last one
    lines = lines_between(bank_transactions, others, start=month - timedelta(days=MOST_DAYS), as_of=as_of)
    marked = own_transfers(lines, set(every_account["account_number"]))
    marked = marked[marked["day_date"] >= pd.Timestamp(month)].reset_index(drop=True)
    proven = states.loc[states["state_code"] == "proven", ACCOUNT]  # a stale balance is no sign of an error of today
    idle = idle_balances(daily, every_account, as_of, rate, int(window))
    idle = idle.merge(every_account[["account_number", "role_code"]], on="account_number", how="left")
    over = over_limit(today, register)
    estimated = bank_days.estimated_between(as_of, bank_days.add(as_of, 5))
    return Situation(
        as_of=as_of,
        by_account=_by_account(states, today, idle, over, register),
        daily=daily,
        office=positions_by(daily, every_account),
        by_bank=positions_by(today, register, ["bank_code", "bank_name"]),
        by_bank_and_directorate=positions_by(today, register, ["bank_code", "bank_name", "directorate_code"]),
        flows=flows,
        forward=forward_positions(today, flows, bank_days, as_of),
        unplaced_flows=flows_without_balance(today, flows),
        month_flows=flows_by(marked, every_account, ["directorate_code"]),
        own_transfers=marked[marked["pair_code"].notna()].reset_index(drop=True),
        idle=idle,
        without_floor=accounts_without_floor(register),
        over=over,
        errors=levelling_error(daily.merge(proven, on=ACCOUNT), every_account, gap),
        states=states,
        gaps=gaps(steps[steps["day_date"] <= pd.Timestamp(as_of)]),
        contradictions=contradicted,
        turned_away=_turned_away(statements, as_of),
        typed=typed_apart(to_pandas(typed_balances), states, as_of),
        floor=None if targets is None else office_targets(to_pandas(targets), as_of).get("value_position"),
        values=values,
        next_bank_day=bank_days.add(as_of, 1),
        estimated_feasts=[feast.day for feast in estimated],
    )


def _turned_away(statements: Any, as_of: date) -> pd.DataFrame:
    if statements is None:
        return pd.DataFrame(columns=["account_number", "currency_code", "closing_date"])
    start = as_of - timedelta(days=CURVE_DAYS)
    found: pd.DataFrame = turned_away(statements, start=start, as_of=as_of)
    return found


def _by_account(
    states: pd.DataFrame, today: pd.DataFrame, idle: pd.DataFrame, over: pd.DataFrame, register: pd.DataFrame
) -> pd.DataFrame:
    # Outer from the states: an account without a statement stays, with no balance, never with zero.
    joined = states.merge(today[[*ACCOUNT, "booked_centimes", "value_centimes"]], on=ACCOUNT, how="left")
    joined = joined.merge(idle[[*ACCOUNT, "idle_centimes", "cost_centimes"]], on=ACCOUNT, how="left")
    joined = joined.merge(over[[*ACCOUNT, "overdraft_limit_centimes", "excess_centimes"]], on=ACCOUNT, how="left")
    joined = joined.merge(register[["account_number", *_DESCRIPTION]], on="account_number", how="left")
    # Nothing above the floor, nothing beyond the limit: that is zero where it could be measured, unknown elsewhere.
    known = joined["value_centimes"].notna()
    for name, measured in (
        ("idle", known & joined["floor_centimes"].notna()),
        ("excess", known & joined["is_registered"]),
    ):
        column = joined[f"{name}_centimes"].astype("Int64")
        joined[f"{name}_centimes"] = column.mask(column.isna() & measured, 0)
    return joined
