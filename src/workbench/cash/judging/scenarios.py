"""Scenarios: what if the State pays late, a payer moves, volumes change, a feast falls a day later, a bank closes, rates move.

A scenario acts on a cash plan and gives a cash plan, so that every table and every risk is read from it as from the plan. Each step says
what it did: moved to another day, fallen beyond the last day, added in all; what it could not do is told, never done halfway.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.cash.judging.feast_moves import feasts_elsewhere
from workbench.cash.judging.plan_moves import (
    Indices,
    Moved,
    Truths,
    add_amounts,
    columns_of,
    day_on_or_after,
    move_amounts,
    move_days,
    scale_days,
)
from workbench.cash.judging.rate_moves import rate_effects
from workbench.cash.judging.scenario_files import Add, Close, Delay, Feast, Move, Rate, Scale, Scenario, Span
from workbench.cash.lines.flow_rules import load_lines
from workbench.cash.plan.plan import CashPlan

STEPS = "scenario_steps"  # the note of a plan that says what each step did
IN_HAND = ("booked", "deposit")  # sources of known flows that have reached a bank: no payer makes them late
FEASTS = (
    "moved_feasts"  # the note of a plan made again that says which feasts fell on another date (`feasts_elsewhere`)
)


@dataclass(frozen=True)
class Surroundings:
    """What some steps need besides the plan; a step whose table is absent is told, not done.

    `loans`, `placements`, `credit_lines` (registers), `feasts` (movable feasts: `name`, `start`,
    `end`, `status`), `replan`: makes the plan again with other feasts.
    """

    loans: pd.DataFrame | None = None
    placements: pd.DataFrame | None = None
    credit_lines: pd.DataFrame | None = None
    feasts: pd.DataFrame | None = None
    replan: Callable[[pd.DataFrame], CashPlan] | None = None


@dataclass(frozen=True)
class _Done:
    moved: Moved
    told: str = "done"
    about: str = ""  # the bank, counterparty or account concerned, as text


def apply(plan: CashPlan, scenario: Scenario, around: Surroundings | None = None) -> CashPlan:
    """The plan under a scenario, step after step.

    Its `notes` hold `scenario_steps`, a row a step: `step_count`, `kind_code`, `told_code` (`done`; `nothing_found`: no flow of the plan is
    concerned; `not_made_again`: a feast moves and nothing can make the plan again; `unknown_account`; `no_register`; `past_date`: by the date of the plan), `about`,
    `moved_centimes`, `beyond_centimes`, `added_centimes`. The sum of the plan is that before + added − beyond, to the centime,
    save for a feast, which makes another plan.
    """
    around, rows = around or Surroundings(), []
    for number, step in enumerate(scenario.steps, start=1):
        done = _DOERS[step.kind](plan, step, around)
        plan = done.moved.plan
        sums = (done.moved.moved_centimes, done.moved.beyond_centimes, done.moved.added_centimes)
        rows.append((number, step.kind, done.told, done.about, *sums))
    columns = ["step_count", "kind_code", "told_code", "about"]
    amounts = ["moved_centimes", "beyond_centimes", "added_centimes"]
    told = pd.DataFrame(rows, columns=columns + amounts).astype(dict.fromkeys(["step_count", *amounts], "Int64"))
    parameters = {**plan.parameters, "scenario": scenario.code}
    return dataclasses.replace(plan, notes={**plan.notes, STEPS: told}, parameters=parameters)


def each_scenario(
    plan: CashPlan, scenarios: Mapping[str, Scenario], around: Surroundings | None = None
) -> Iterator[tuple[str, CashPlan]]:
    """`("plan", plan)`, then each scenario's code and plan, one at a time: a plan of an office's size holds hundreds of megabytes of paths."""
    yield "plan", plan
    for code, scenario in scenarios.items():
        yield code, apply(plan, scenario, around)


def _days_of(plan: CashPlan, span: Span) -> Truths:
    chosen = np.ones(len(plan.days), bool)
    if span.start:
        chosen &= np.asarray(plan.days >= pd.Timestamp(span.start))
    if span.end:
        chosen &= np.asarray(plan.days <= pd.Timestamp(span.end))
    if span.months:
        chosen &= np.asarray(plan.days.month.isin(span.months))
    return chosen


def _missing(plan: CashPlan, lines: tuple[str, ...]) -> str:
    """The lines of a step that the plan does not hold: told beside what was done with the others."""
    return ", ".join(sorted(set(lines) - set(plan.series["line_code"])))


def _delay(plan: CashPlan, step: Delay, around: Surroundings) -> _Done:
    columns, days = columns_of(plan, line_code=step.lines), _days_of(plan, step)
    later = day_on_or_after(plan, plan.days + pd.Timedelta(days=step.days))
    target = np.where(days, later, np.arange(len(days)))
    missing = _missing(plan, step.lines)
    if not len(columns) or not days.any():
        return _Done(Moved(plan), "nothing_found", missing)
    return _Done(move_days(plan, columns, target, step.share), about=missing)


def _scale(plan: CashPlan, step: Scale, around: Surroundings) -> _Done:
    columns, days = columns_of(plan, line_code=step.lines), _days_of(plan, step)
    missing = _missing(plan, step.lines)
    if not len(columns) or not days.any():
        return _Done(Moved(plan), "nothing_found", missing)
    return _Done(scale_days(plan, columns, days, step.factor, step.known), about=missing)


def _close(plan: CashPlan, step: Close, around: Surroundings) -> _Done:
    bank = step.bank_code or _most_used_bank(plan)
    columns = columns_of(plan, bank_code=[bank])
    shut = np.zeros(len(plan.days), bool)
    if step.after_days is not None and step.days is not None:
        shut[step.after_days : step.after_days + step.days] = True
    elif step.start and step.end:
        shut |= np.asarray((plan.days >= pd.Timestamp(step.start)) & (plan.days <= pd.Timestamp(step.end)))
    if not len(columns) or not shut.any():
        return _Done(Moved(plan), "nothing_found", bank or "")
    reopens = int(np.flatnonzero(shut)[-1]) + 1
    return _Done(move_days(plan, columns, np.where(shut, reopens, np.arange(len(shut)))), about=bank or "")


def _most_used_bank(plan: CashPlan) -> str | None:
    """The bank through which most passes, in and out; the first by its code of several."""
    banks = _passing(plan).groupby("bank_code")["passing"].sum()
    return str(banks.idxmax()) if len(banks) else None


def _busiest_accounts(plan: CashPlan) -> dict[str, str]:
    """The account of each bank through which most passes: it bears what the bank charges."""
    accounts = _passing(plan).groupby(["bank_code", "account_number"])["passing"].sum().reset_index()
    accounts = accounts.sort_values(["passing", "account_number"], ascending=[False, True])
    first = accounts.drop_duplicates("bank_code")
    return dict(zip(first["bank_code"].astype(str), first["account_number"].astype(str), strict=True))


def _passing(plan: CashPlan) -> pd.DataFrame:
    return plan.series.assign(passing=np.abs(plan.plan).sum(axis=0))


def _move(plan: CashPlan, step: Move, around: Surroundings) -> _Done:
    flows = plan.notes.get("flows", pd.DataFrame())
    if step.to is not None and step.to <= plan.as_of:
        return _Done(Moved(plan), "past_date", f"{step.to:%d/%m/%Y}")
    if "flow_date" not in flows:
        return _Done(Moved(plan), "no_register", step.counterparty or step.flow_id or "")
    columns = _columns_of_flows(plan, flows)
    chosen, name = _chosen(flows, columns >= 0, step)
    if not chosen.any():
        return _Done(Moved(plan), "nothing_found", name)
    days = pd.DatetimeIndex(flows.loc[chosen, "flow_date"])
    later = pd.DatetimeIndex([step.to] * len(days)) if step.to else days + pd.Timedelta(days=step.days or 0)
    # What would have come before the first day comes on it: a plan has no yesterday.
    targets, amounts = day_on_or_after(plan, later), flows.loc[chosen, "amount_centimes"].to_numpy(np.int64)
    moved = move_amounts(plan, columns[chosen], day_on_or_after(plan, days), targets, amounts)
    return _Done(dataclasses.replace(moved, plan=_with_dates(moved.plan, chosen, targets)), about=name)


def _columns_of_flows(plan: CashPlan, flows: pd.DataFrame) -> Indices:
    """The column of each known flow in the plan; -1 where the plan does not hold it."""
    series = {key: n for n, key in enumerate(zip(plan.series["account_number"], plan.series["line_code"], strict=True))}
    keys = zip(flows["account_number"], flows["line_code"], strict=True)
    is_held = pd.to_datetime(flows["flow_date"]).isin(plan.days) & (flows["currency_code"] == plan.currency_code)
    return np.where(is_held, np.array([series.get(key, -1) for key in keys], np.int64), -1)


def _chosen(flows: pd.DataFrame, held: Truths, step: Move) -> tuple[Truths, str]:
    """The known flows that a step means, and the name that they were found by."""
    if step.flow_id is not None:
        return held & (flows["flow_id"] == step.flow_id).to_numpy(bool, na_value=False), step.flow_id
    name, counterparty = step.counterparty, flows["counterparty"]
    if name is None:
        held = held & _promised(flows)
        largest = flows[held].sort_values(["amount_centimes", "flow_id"], ascending=[False, True]).head(1)
        if largest.empty:
            return held, ""
        name = str(largest["counterparty"].iloc[0])
    return held & (counterparty == name).to_numpy(bool, na_value=False), name


def _promised(flows: pd.DataFrame) -> Truths:
    """Receipts that a named payer has still to make: not what a bank has in hand or gives back at a maturity."""
    lines = {line.line_code for line in load_lines() if line.direction == "in"}
    found = (flows["amount_centimes"] > 0) & flows["counterparty"].notna() & flows["line_code"].isin(lines)
    if "flow_source_code" in flows:
        found &= ~flows["flow_source_code"].isin(IN_HAND)
    return found.to_numpy(bool, na_value=False)


def _with_dates(plan: CashPlan, chosen: Truths, targets: Indices) -> CashPlan:
    """The table of known flows with the new dates; what fell beyond the plan is no longer in it."""
    flows, inside = plan.notes["flows"].copy(), targets < len(plan.days)
    rows = flows.index[chosen]
    flows.loc[rows[inside], "flow_date"] = plan.days[targets[inside]].to_numpy()
    flows = flows.drop(index=rows[~inside]).reset_index(drop=True)
    return dataclasses.replace(plan, notes={**plan.notes, "flows": flows})


def _feast(plan: CashPlan, step: Feast, around: Surroundings) -> _Done:
    """The plan made again with estimated feasts near its weeks on the other date; those announced stay where they are."""
    if around.feasts is None or around.replan is None:
        return _Done(Moved(plan), "not_made_again")
    others, moved = feasts_elsewhere(around.feasts, plan, step.days)
    if moved.empty:
        return _Done(Moved(plan), "nothing_found")
    other = around.replan(others)
    other = dataclasses.replace(other, notes={**other.notes, FEASTS: moved})
    return _Done(Moved(other), about=", ".join(sorted(set(moved["name"]))))


def _rate(plan: CashPlan, step: Rate, around: Surroundings) -> _Done:
    tables: dict[str, Any] = {name: getattr(around, name) for name in step.on}
    if all(table is None for table in tables.values()):
        return _Done(Moved(plan), "no_register")
    effects = rate_effects(tables, plan.as_of, plan.days[-1].date(), step.points, _busiest_accounts(plan))
    held = effects[effects["account_number"].isin(plan.series["account_number"])]
    if held.empty:
        return _Done(Moved(plan), "nothing_found")
    absent = ", ".join(name for name, table in tables.items() if table is None)
    return _Done(add_amounts(plan, held), about=absent)


def _add(plan: CashPlan, step: Add, around: Surroundings) -> _Done:
    if step.account_number not in {*plan.series["account_number"], *plan.opening["account_number"]}:
        return _Done(Moved(plan), "unknown_account", step.account_number)
    if step.date <= plan.as_of:
        return _Done(Moved(plan), "past_date", f"{step.date:%d/%m/%Y}")
    row = {"account_number": step.account_number, "line_code": step.line_code, "amount_centimes": step.amount}
    added = pd.DataFrame([row | {"day_date": pd.Timestamp(step.date)}])
    return _Done(add_amounts(plan, added), about=step.note)


_DOERS: Mapping[str, Callable[[CashPlan, Any, Surroundings], _Done]] = {
    "delay": _delay,
    "move": _move,
    "scale": _scale,
    "feast": _feast,
    "close": _close,
    "rate": _rate,
    "add": _add,
}
