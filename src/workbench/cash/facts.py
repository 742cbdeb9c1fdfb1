"""The cash position as facts: what a page says first, one currency at a time. No sentence here; `reporting.words` finds them."""

import dataclasses
from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from workbench.cash.proof import STATES
from workbench.schemas.facts import Fact, Status, Unit, status_against

CENTRAL_ROLES = ("central", "treasury", "foreign_currency")


def cash_facts(
    position: pd.DataFrame,
    forward: pd.DataFrame,
    states: pd.DataFrame,
    over: pd.DataFrame,
    idle: pd.DataFrame,
    errors: pd.DataFrame,
    as_of: date,
    floor_centimes: int | None,
    share: float | None,
    act_by: date,
    currency_code: str = "MAD",
    limit_count: int | None = None,
    floor_count: int | None = None,
) -> list[Fact]:
    """Facts of one currency, in the order of the page: position, low point, over limit, idle, levelling error, proof, decisions.

    Parameters
    ----------
    position
        Daily position of the office (`positions_by`), up to `as_of`.
    forward, states, over, idle, errors
        As from `forward_positions`, `states_of_accounts`, `over_limit`, `idle_balances` (with `role_code`, where it is known),
        `levelling_error`.
    floor_centimes
        Floor of the office's position in value, where one is set.
    share
        Part of balances proven (`proven_share`).
    limit_count, floor_count
        Accounts of the register, and accounts with a floor; 0 makes what is judged against them unmeasured, None says that they are known.
    act_by
        The next bank day: the last day of every decision but raising cash, which must be decided before the first day below the floor.
    """
    counted = states[states["currency_code"] == currency_code]["state_code"]
    # Where no balance is proven, or fewer accounts have one than have none, what rests on them is not judged.
    is_proven = share != 0 and 2 * int((counted == "missing").sum()) <= len(counted)
    mine = [table[table["currency_code"] == currency_code] for table in (position, forward, states, over, idle, errors)]
    every_state = states  # a statement that is missing is missing in any currency
    position, forward, states, over, idle, errors = mine
    is_known = bool(position.loc[position["day_date"] == pd.Timestamp(as_of), "value_centimes"].notna().any())
    facts = [
        *(
            _judged(fact, is_proven)
            for fact in (
                _position(position, as_of, floor_centimes, currency_code),
                _low_point(forward, floor_centimes, currency_code),
                _over(over, currency_code, len(states), limit_count if is_known else 0),
                _idle(idle, currency_code, floor_count if is_known else 0),
                _levelling(errors, as_of, currency_code, is_known),
            )
        ),
        _proof(states, share),
    ]
    if not is_proven:  # nor is anything asked that rests on them
        over, idle = over.head(0), idle.head(0)
    return facts + decisions(facts, every_state, over, idle, act_by, currency_code)


def _judged(fact: Fact, is_proven: bool) -> Fact:
    return fact if is_proven else dataclasses.replace(fact, status="unmeasured")


def _sum(column: pd.Series) -> int | None:
    return int(column.sum()) if column.notna().any() else None


def _position(position: pd.DataFrame, as_of: date, floor: int | None, currency: str) -> Fact:
    on_day = position[position["day_date"] == pd.Timestamp(as_of)]
    before = position[position["day_date"] == pd.Timestamp(as_of) - pd.Timedelta(days=1)]
    value, previous = _sum(on_day["value_centimes"]), _sum(before["value_centimes"])
    if previous is not None:  # an account first known today brings its balance: that is no change of the position
        previous += int(on_day["entered_centimes"].sum())
    return Fact(
        "value_position",
        value,
        "centimes",
        status=status_against(value, floor),
        target=floor,
        previous=previous,
        currency_code=currency,
        details={"booked_centimes": _sum(on_day["booked_centimes"]), "account_count": _sum(on_day["account_count"])},
    )


def _low_point(forward: pd.DataFrame, floor: int | None, currency: str) -> Fact:
    sums = forward.groupby("day_date")["value_centimes"].sum()
    ends = {pd.Timestamp(str(day)).date(): int(end) for day, end in sums.items()}
    if not ends:
        return Fact("low_point", None, "centimes", status="unmeasured", target=floor, currency_code=currency)
    low_date = min(ends, key=lambda day: (ends[day], day))
    low = ends[low_date]
    days = [] if floor is None else [day for day, end in ends.items() if end < floor]
    return Fact(
        "low_point",
        low,
        "centimes",
        status=status_against(low, floor),
        target=floor,
        previous=next(iter(ends.values())),
        currency_code=currency,
        details={"low_date": low_date, "days_below": days, "ends": list(ends.values())},
    )


def _over(over: pd.DataFrame, currency: str, account_count: int, limit_count: int | None) -> Fact:
    details: dict[str, Any] = {"excess_centimes": int(over["excess_centimes"].sum()), "account_count": account_count}
    if limit_count == 0:  # no register, no limit: nothing can be measured against it
        details["excess_centimes"] = None
        return Fact("accounts_over_limit", None, "count", "unmeasured", 0, currency_code=currency, details=details)
    status: Status = "alert" if len(over) else "ok"
    return Fact("accounts_over_limit", len(over), "count", status, 0, currency_code=currency, details=details)


def _idle(idle: pd.DataFrame, currency: str, floor_count: int | None) -> Fact:
    now = idle[idle["idle_centimes"].fillna(0) > 0]
    # The cost is that of the span: an account back at its floor today was above it before.
    details: dict[str, Any] = {
        "account_count": len(now),
        "cost_centimes": int(idle["cost_centimes"].sum()),
        "away_centimes": int(now.loc[~_is_central(now), "idle_centimes"].sum()),
    }
    if floor_count == 0:  # without a floor, what is too much is not known
        details = dict.fromkeys(details)
        return Fact("idle_balances", None, "centimes", "unmeasured", currency_code=currency, details=details)
    status: Status = "watch" if len(now) else "ok"
    value = int(now["idle_centimes"].sum())
    return Fact("idle_balances", value, "centimes", status, currency_code=currency, details=details)


def _is_central(accounts: pd.DataFrame) -> pd.Series:
    """Accounts where levelling ends: what is too much there is placed, or less is drawn. Without roles, none is known to be one."""
    if "role_code" not in accounts:
        return pd.Series(False, index=accounts.index)
    return accounts["role_code"].isin(CENTRAL_ROLES)


def _levelling(errors: pd.DataFrame, as_of: date, currency: str, is_known: bool = True) -> Fact:
    if not is_known:  # no balance, no debit beside a credit
        nothing = {"day_count": None, "cost_centimes": None}
        return Fact("levelling_error", None, "centimes", "unmeasured", 0, currency_code=currency, details=nothing)
    today = errors[errors["day_date"] == pd.Timestamp(as_of)]
    value = int(today["error_centimes"].sum())
    return Fact(
        "levelling_error",
        value,
        "centimes",
        status="watch" if value else "ok",
        target=0,
        currency_code=currency,
        details={"day_count": len(errors), "cost_centimes": int(errors["cost_centimes"].sum())},
    )


def _proof(states: pd.DataFrame, share: float | None) -> Fact:
    counts = states["state_code"].value_counts()
    unproven = len(states) - int(counts.get("proven", 0))
    unregistered = int((~states["is_registered"]).sum())
    status: Status = "unmeasured" if share is None else "watch" if unproven or unregistered else "ok"
    details = {f"{code}_count": int(counts.get(code, 0)) for code in STATES} | {"unregistered_count": unregistered}
    return Fact(
        "proven_share", share, "share", status=status, target=1.0, details=details | {"account_count": len(states)}
    )


def decisions(
    facts: Sequence[Fact],
    states: pd.DataFrame,
    over: pd.DataFrame,
    idle: pd.DataFrame,
    act_by: date,
    currency: str,
) -> list[Fact]:
    """What the page asks to decide, most pressing first: one fact a decision, `indicator` `decide_…`, its amount as value.

    `details` hold `before`, the last day to decide, and the `accounts` concerned.
    """
    low = next(fact for fact in facts if fact.indicator == "low_point")
    asked: list[Fact] = []

    def ask(name: str, value: int, unit: Unit, status: Status, before: date = act_by, **details: Any) -> None:
        told = {"before": before} | details
        asked.append(Fact(f"decide_{name}", value, unit, status, currency_code=currency, details=told))

    if low.status == "alert":
        first = min(low.details["days_below"])
        known = {"low_date": low.details["low_date"], "low": low.value, "floor": low.target}
        ask("raise_cash", low.target - low.value, "centimes", "alert", min(act_by, first), **known)
    if len(over):
        excess = int(over["excess_centimes"].sum())
        ask("cover_overdrafts", excess, "centimes", "alert", accounts=list(over["account_number"]))
    asleep = idle[idle["idle_centimes"].fillna(0) > 0]
    for name, some in (("sweep_idle", asleep[~_is_central(asleep)]), ("place_idle", asleep[_is_central(asleep)])):
        if len(some):
            cost, amount = int(some["cost_centimes"].sum()), int(some["idle_centimes"].sum())
            ask(name, amount, "centimes", "watch", accounts=list(some["account_number"]), cost=cost)
    torn = states[states["state_code"] == "contradicted"]
    if len(torn):
        ask("settle_contradictions", len(torn), "count", "watch", accounts=list(torn["account_number"]))
    late = states[states["state_code"].isin(["stale", "missing"])]
    if len(late):
        ask("obtain_statements", len(late), "count", "watch", accounts=list(late["account_number"]))
    unknown = states[~states["is_registered"]]
    if len(unknown):
        ask("register_accounts", len(unknown), "count", "watch", accounts=list(unknown["account_number"]))
    return asked
