"""The list of a Monday: for each agency the names where an act this week is worth most, and why the others are not on it.

Every dirham owed is on one side: listed, or left out for one reason. Nothing is asked twice: who has just been reminded is given time, who keeps a plan is left in peace.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbench.recovery.balances import on_day
from workbench.recovery.worklist.acts import Act
from workbench.recovery.worklist.chances import chance_alone

MOST = 20  # names of an agency
HORIZON_DAYS = 90  # within which a gain is counted
SOON_DAYS = 30  # a last day to act so near comes first, whatever the amount
LEFT_OUT = ("not_due", "disputed", "lapsed", "payment_plan", "small", "waiting", "no_act", "beyond")
REASONS = ("lapses_soon", "plan_broken", "never_asked", "act_due")
LAST = ("court_action", "seizure")  # acts after which a judge, not an agency, goes on
_KEYS = ["agency_code", "customer_code"]


def monday_items(
    last_days: pd.DataFrame, disputed: Sequence[str], kept_plans: Sequence[str], as_of: date | str
) -> pd.DataFrame:
    """Items owed with what keeps them off the list: `impairment.last_days_to_act` (its columns, and `agency_code`), with `left_out_code`: `not_due` (no due date counts
    as due), `disputed`, `lapsed` (its last day to act has passed), `payment_plan` (its customer keeps one); null where it may be acted upon.

    `disputed`: numbers of bills; `kept_plans`: customers.
    """
    day = pd.Timestamp(on_day(as_of))
    rules = (
        ("payment_plan", last_days["customer_code"].isin(list(kept_plans))),
        ("lapsed", last_days["limitation_code"] == "lapsed"),
        ("disputed", last_days["invoice_id"].isin(list(disputed))),
        ("not_due", (last_days["due_date"] >= day).fillna(False)),
    )
    code = pd.Series(None, index=last_days.index, dtype="object")
    for name, holds in rules:  # the last that holds decides
        code = code.mask(holds, name)
    return last_days.assign(left_out_code=code.astype("str").where(code.notna()))


def monday_names(
    items: pd.DataFrame,
    rates: pd.DataFrame,
    ladders: Mapping[str, Sequence[Act]],
    steps: pd.DataFrame,
    broken_plans: Sequence[str],
    *,
    as_of: date | str,
    smallest_centimes: int,
    most: int = MOST,
    horizon_days: int = HORIZON_DAYS,
) -> pd.DataFrame:
    """A row a customer of an agency with something that may be acted upon, the list first.

    Parameters
    ----------
    items
        `monday_items`.
    rates
        Curves by segment, see `chance_alone`.
    steps
        Last acts: `customer_code`, `step_code`, `opened_date`, known by `as_of`.
    smallest_centimes
        Under which nobody is asked.

    Returns
    -------
    `agency_code`, `place` (1 to `most`; null where left out), `customer_code`, `segment_code`, `due_centimes`, `item_count`, `age_days` (of the oldest, past its due date), `last_act_code`, `last_act_date`,
    `last_date` (the first last day to act still to come), `left_days`, `act_code` (the next of its ladder), `reason_code`, `alone_mad` (expected within the horizon if nobody acts), `acted_mad`
    (if the act is taken), `gain_mad`, `left_out_code` (`small`, `waiting`: the act before is given its time; `no_act`: no act is left, none is due yet, or its segment has none;
    `beyond`: past the `most`-th). Names whose last day is near come first, then the largest gain; equal ones by amount, then by customer.
    """
    day = pd.Timestamp(on_day(as_of))
    names = _by_customer(items[items["left_out_code"].isna()], rates, day, horizon_days)
    names = _with_last_act(names, steps)
    next_acts = [_next_act(row, ladders.get(str(row["segment_code"]), ()), day) for row in names.to_dict("records")]
    names["act_code"] = pd.array([None if act is None else act.act_code for act, _ in next_acts], "str")
    added = np.array([0.0 if act is None else act.added_share for act, _ in next_acts])
    due = names["due_centimes"].to_numpy(np.float64) / 100
    names["acted_mad"] = names["alone_mad"] + (due - names["alone_mad"]) * added
    names["gain_mad"] = names["acted_mad"] - names["alone_mad"]
    why_not = pd.Series([reason for _, reason in next_acts], index=names.index, dtype="object")
    names["left_out_code"] = why_not.mask(names["due_centimes"] < smallest_centimes, "small").astype("str").where(
        (names["due_centimes"] < smallest_centimes) | why_not.notna()
    )  # fmt: skip
    names["reason_code"] = _reasons(names, broken_plans)
    return _placed(names, most)


def _by_customer(items: pd.DataFrame, rates: pd.DataFrame, day: pd.Timestamp, horizon_days: int) -> pd.DataFrame:
    since_bill = (day - items["issue_date"]).dt.days.to_numpy(np.float64)
    due = items["due_date"].where(items["due_date"].notna(), items["issue_date"])
    amount = items["outstanding_centimes"].astype("int64")
    chance = chance_alone(rates, items["segment_code"], since_bill, horizon_days)
    named = items.assign(
        _age=(day - due).dt.days, _alone=chance * amount.to_numpy(np.float64) / 100, _amount=amount,
        agency_code=items["agency_code"].astype("str"), customer_code=items["customer_code"].fillna(items["invoice_id"]),
    )  # fmt: skip
    groups = named.groupby([*_KEYS], dropna=False, sort=True)
    found = groups.agg(
        segment_code=("segment_code", "first"), due_centimes=("_amount", "sum"), item_count=("invoice_id", "size"), age_days=("_age", "max"),
        last_date=("last_date", "min"), left_days=("left_days", "min"),
    ).reset_index()  # fmt: skip
    # A chance that is not known leaves no expectation, rather than one of the other bills alone.
    alone = groups["_alone"].agg(lambda values: values.sum(skipna=False)).to_numpy(np.float64)
    return found.assign(alone_mad=alone, due_centimes=found["due_centimes"].astype("int64"))


def _with_last_act(names: pd.DataFrame, steps: pd.DataFrame) -> pd.DataFrame:
    """The last act of each customer; of two on one day, the further in the register's order."""
    last = steps.sort_values(["customer_code", "opened_date"], kind="stable").drop_duplicates(
        "customer_code", keep="last"
    )
    renamed = last[["customer_code", "step_code", "opened_date"]].rename(
        columns={"step_code": "last_act_code", "opened_date": "last_act_date"}
    )
    found: pd.DataFrame = names.merge(renamed, on="customer_code", how="left")
    return found.astype({"last_act_date": "datetime64[s]"})


def _next_act(row: Mapping[Any, Any], ladder: Sequence[Act], day: pd.Timestamp) -> tuple[Act | None, str | None]:
    """The next act of the ladder and nothing, or why there is none to take this week."""
    if row["last_act_code"] in LAST:
        return None, "no_act"
    done = {act.act_code: act.rank for act in ladder}.get(str(row["last_act_code"]), 0)
    later = [act for act in ladder if act.rank > done]
    if not later:
        return None, "no_act"
    if not pd.isna(row["last_act_date"]) and (day - row["last_act_date"]).days < _given(ladder, done):
        return None, "waiting"
    act = later[0]
    return (act, None) if row["age_days"] >= act.after_days else (None, "no_act")


def _given(ladder: Sequence[Act], done: int) -> int:
    """Days that the act before is given; one outside the ladder (an acknowledgement, a plan) as many as the first."""
    return next((act.wait_days for act in ladder if act.rank == done), ladder[0].wait_days)


def _reasons(names: pd.DataFrame, broken_plans: Sequence[str]) -> pd.Series:
    is_near = (names["left_days"] <= SOON_DAYS).fillna(False)
    chosen = [is_near, names["customer_code"].isin(list(broken_plans)), names["last_act_code"].isna()]
    found = np.select([one.to_numpy(dtype=bool) for one in chosen], list(REASONS[:3]), REASONS[3])
    return pd.Series(found, index=names.index, dtype="str")


def _placed(names: pd.DataFrame, most: int) -> pd.DataFrame:
    is_off = names["left_out_code"].notna()
    order = names.assign(
        _off=is_off,
        _near=names["reason_code"] != REASONS[0],
        _gain=-names["gain_mad"].fillna(-1.0),
        _due=-names["due_centimes"],
    ).sort_values(["agency_code", "_off", "_near", "_gain", "_due", "customer_code"], kind="stable", ignore_index=True)
    place = order.groupby("agency_code", dropna=False).cumcount() + 1
    listed = ~order["_off"] & (place <= most)
    found = order.assign(place=place.astype("Int64").where(listed))
    found["left_out_code"] = found["left_out_code"].mask(~order["_off"] & ~listed, "beyond")
    names_shown = [
        "agency_code", "place", "customer_code", "segment_code", "due_centimes", "item_count", "age_days", "last_act_code", "last_act_date", "last_date", "left_days",
        "act_code", "reason_code", "alone_mad", "acted_mad", "gain_mad", "left_out_code",
    ]  # fmt: skip
    return found[names_shown]
