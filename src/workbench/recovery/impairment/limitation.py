"""The last day to act on every item: after it the claim may be lost (docs/methods/limitation.md).

What a rule says is data (`limitation_rules`); here it is only counted. An item under no rule has no last day, and says so: it is
never taken for one that has time.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.errors import WrongUse
from workbench.frames import frame, table_function, to_pandas
from workbench.recovery.balances import on_day
from workbench.recovery.groups import group_keys
from workbench.recovery.impairment.anniversaries import Days, as_days, months_after
from workbench.recovery.impairment.limitation_rules import PART_PAYMENT, LimitationRule
from workbench.recovery.impairment.steps import CLAIM, steps_on_items

HORIZONS = (30, 90, 365)  # days ahead that a page counts
LIMITATION_STATES = ("lapsed", "running", "lifted", "no_rule")
_NEVER = np.datetime64("NaT", "D")


def last_days_to_act(
    items: Any,
    rules: Sequence[LimitationRule],
    steps: Any = None,
    in_part: Any = None,
    *,
    as_of: date | str,
) -> pd.DataFrame:
    """The last day to act on every item that is owed.

    Parameters
    ----------
    items
        As from `open_items` on `as_of`; what is below zero is no claim, and left out.
    rules
        As from `load_limitation_rules`: that of the item's segment in force on the day of its bill.
    steps
        `enforcement_steps`; one without a bill counts on all bills that its customer had by then. Later ones than `as_of` are not known.
    in_part
        `part_payments` on `as_of`, for the rules that such a payment interrupts.

    Returns
    -------
    One row an item, in the order given: its descriptors; `rule_id`, `status_code` (of the rule); `start_date`; `interrupted_date`, the last act
    that made the years run anew; `last_date`; `left_days`, below zero where it has passed; `limitation_code`: `lapsed`, `running`, `lifted`
    (a step under way suspends the limit: no last day), `no_rule`. An act after the last day revives nothing. A claim whose due date is
    missing runs from the day of its bill.
    """
    day = np.datetime64(on_day(as_of))
    owed = to_pandas(frame(items).filter(nw.col("outstanding_centimes") > 0).select(*CLAIM))
    place = _rule_of(owed, rules)
    years = np.array([0, *(rule.years for rule in rules)])[place + 1]
    is_ruled = place >= 0
    start, last = _first_term(owed, rules, place, years)
    acts = _acts(owed, steps, in_part, day)
    interrupted = _interrupt(acts, rules, place, years, start, last)
    is_lifted = _lifted(acts, rules, place, last, day)
    last = np.where(is_lifted | ~is_ruled, _NEVER, last)
    left = pd.Series((last - day).astype("float64"), index=owed.index).where(~np.isnat(last)).astype("Int64")
    state = np.select([~is_ruled, is_lifted, last < day], ["no_rule", "lifted", "lapsed"], "running")
    ids, statuses = ([None, *(getattr(rule, name) for rule in rules)] for name in ("rule_id", "status"))
    return owed.assign(
        rule_id=pd.Series([ids[n + 1] for n in place], index=owed.index, dtype="str"),
        status_code=pd.Series([statuses[n + 1] for n in place], index=owed.index, dtype="str"),
        start_date=start.astype("datetime64[s]"),
        interrupted_date=interrupted.astype("datetime64[s]"),
        last_date=last.astype("datetime64[s]"),
        left_days=left,
        limitation_code=pd.Series(state, index=owed.index, dtype="str"),
    )


def lapsing(
    last_days: pd.DataFrame, by: str | Sequence[str] = ("segment_code",), horizons: Sequence[int] = HORIZONS
) -> pd.DataFrame:
    """How many items, and how much, have lapsed or will lapse within so many days, by currency and group, from `last_days_to_act`.

    Returns
    -------
    `currency_code`, `by`; `…_count` and `…_centimes` of `lapsed`, of `within_30`, `within_90`, `within_365` (each holds the one before; the last day itself
    is still within), of `later`, `lifted`, `no_rule`, and of all (`item_count`, `outstanding_centimes`): lapsed + within the last horizon +
    later + lifted + no_rule = all. `first_last_date` is the earliest last day still to come. Raises `WrongUse` where horizons do not increase from above 0.
    """
    if not horizons or min(horizons) < 1 or list(horizons) != sorted(set(horizons)):
        raise WrongUse(f"bounds must increase: {', '.join(map(str, horizons))}", "horizons")
    keys = group_keys(by, last_days)
    state, left = last_days["limitation_code"], last_days["left_days"]
    is_running = state == "running"
    parts = {name: state == name for name in ("lapsed", "lifted", "no_rule")}
    parts |= {f"within_{days}": is_running & (left <= days).fillna(False) for days in horizons}
    parts["later"] = is_running & (left > horizons[-1]).fillna(False)
    amounts = {}
    for name in ("lapsed", *(f"within_{days}" for days in horizons), "later", "lifted", "no_rule"):
        amounts[f"{name}_count"] = parts[name].astype("Int64")
        amounts[f"{name}_centimes"] = last_days["outstanding_centimes"].astype("Int64").where(parts[name], 0)
    amounts |= {
        "item_count": state.notna().astype("Int64"),
        "outstanding_centimes": last_days["outstanding_centimes"].astype("Int64"),
    }
    table = last_days[keys].assign(**amounts, first_last_date=last_days["last_date"].where(is_running))
    groups = table.groupby(keys, dropna=False)
    return groups[list(amounts)].sum().join(groups[["first_last_date"]].min()).reset_index()


@table_function
def part_payments(
    items: nw.LazyFrame[Any],
    allocations: nw.LazyFrame[Any],
    payments: nw.LazyFrame[Any] | None = None,
    *,
    as_of: date | str,
) -> nw.LazyFrame[Any]:
    """What was received on items still owed (`open_items` on `as_of`) by then: `invoice_id`, `step_code` (`part_payment`), `opened_date`.

    Without what bounced by then. A payment in part may tell that the debtor owns the debt: a rule says whether it interrupts.
    """
    day = on_day(as_of)
    owed = items.filter(nw.col("outstanding_centimes") > 0).select("invoice_id")
    counted = allocations.filter(nw.col("allocation_date") <= day).select("payment_id", "invoice_id", "allocation_date")
    counted = counted.join(owed, on="invoice_id")
    if payments is not None:
        known = payments.select("payment_id", "bounced_date")
        counted = counted.join(known, on="payment_id", how="left")
        counted = counted.filter(nw.col("bounced_date").is_null() | (nw.col("bounced_date") > day))
    named = counted.select("invoice_id", step_code=nw.lit(PART_PAYMENT), opened_date=nw.col("allocation_date"))
    return named.unique().sort("invoice_id", "opened_date")


def _rule_of(owed: pd.DataFrame, rules: Sequence[LimitationRule]) -> npt.NDArray[np.int64]:
    """The place of each item's rule; −1 where none holds."""
    place = np.full(len(owed), -1, np.int64)
    segment, issued = owed["segment_code"].fillna("").to_numpy(), as_days(owed["issue_date"])
    for number, rule in enumerate(rules):
        holds = (segment == rule.segment_code) & (issued >= np.datetime64(rule.valid_from))
        if rule.valid_to is not None:
            holds &= issued <= np.datetime64(rule.valid_to)
        place[holds] = number
    return place


def _first_term(
    owed: pd.DataFrame, rules: Sequence[LimitationRule], place: npt.NDArray[np.int64], years: npt.NDArray[np.int64]
) -> tuple[Days, Days]:
    """The day each item's years run from, and the last day, before any act."""
    issued, due = as_days(owed["issue_date"]), as_days(owed["due_date"])
    by_year = np.array([False, *(rule.start_code == "year_of_origin" for rule in rules)])[place + 1]
    new_year = issued.astype("datetime64[Y]").astype("datetime64[D]")
    start = np.where(by_year, new_year, np.where(np.isnat(due), issued, due))
    start = np.where(place >= 0, start, _NEVER)
    # 1 January counts, so the last of four years is 31 December; a due date does not: the last day is the same day, years later.
    return start, months_after(start, years * 12) - by_year.astype("timedelta64[D]")


def _acts(owed: pd.DataFrame, steps: Any, in_part: Any, day: np.datetime64) -> pd.DataFrame:
    """Steps and part payments by then, with `row`: the place of their item in `owed`."""
    parts = [] if steps is None else [steps_on_items(owed, steps)]
    if in_part is not None:
        received = to_pandas(frame(in_part))
        row = pd.Index(owed["invoice_id"]).get_indexer(received["invoice_id"])
        parts.append(received.assign(row=row, closed_date=_NEVER)[row >= 0])
    names = ["row", "step_code", "opened_date", "closed_date"]
    typed = [part[names].astype({"opened_date": "datetime64[s]", "closed_date": "datetime64[s]"}) for part in parts]
    acts = pd.concat(typed, ignore_index=True) if typed else pd.DataFrame(columns=names)
    known: pd.DataFrame = acts[as_days(acts["opened_date"]) <= day].sort_values(["row", "opened_date"], kind="stable")
    return known


def _asked(acts: pd.DataFrame, codes: Sequence[frozenset[str]], place: npt.NDArray[np.int64]) -> pd.DataFrame:
    """The acts whose step is among the codes of the rule of their item."""
    rule = place[acts["row"].to_numpy("int64")]
    holds = [number >= 0 and code in codes[number] for number, code in zip(rule, acts["step_code"], strict=True)]
    return acts[np.array(holds, bool)]


def _interrupt(
    acts: pd.DataFrame,
    rules: Sequence[LimitationRule],
    place: npt.NDArray[np.int64],
    years: npt.NDArray[np.int64],
    start: Days,
    last: Days,
) -> Days:
    """Move `last` by the acts that interrupt, in their order; the last such act of each item."""
    found = np.full(len(last), _NEVER)
    mine = _asked(acts, [rule.interrupting for rule in rules], place).drop_duplicates(["row", "opened_date"])
    turn = mine.groupby("row").cumcount().to_numpy()
    row, opened = mine["row"].to_numpy("int64"), as_days(mine["opened_date"])
    for number in range(int(turn.max(initial=-1)) + 1):  # the first act of every item, then the second
        now = turn == number
        rows, days = row[now], opened[now]
        in_time = (days >= start[rows]) & (days <= last[rows])
        rows, days = rows[in_time], days[in_time]
        found[rows] = days
        last[rows] = months_after(days, years[rows] * 12)
    return found


def _lifted(
    acts: pd.DataFrame, rules: Sequence[LimitationRule], place: npt.NDArray[np.int64], last: Days, day: np.datetime64
) -> npt.NDArray[np.bool_]:
    """Whether a step that lifts the limit was taken in time and is still under way."""
    mine = _asked(acts, [rule.lifting for rule in rules], place)
    row, closed = mine["row"].to_numpy("int64"), as_days(mine["closed_date"])
    holds = (np.isnat(closed) | (closed > day)) & (as_days(mine["opened_date"]) <= last[row])
    lifted = np.zeros(len(last), bool)
    lifted[row[holds]] = True
    return lifted
