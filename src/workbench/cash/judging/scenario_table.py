"""Scenarios on one table: the balance day by day, and what each changes at the low point and over the 13 weeks."""

import dataclasses
import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from workbench.cash.judging.scenario_files import PLAN
from workbench.cash.judging.scenarios import STEPS
from workbench.cash.plan.plan import CashPlan
from workbench.evidence import Floats


def compare(
    plans: Mapping[str, CashPlan] | Iterable[tuple[str, CashPlan]],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Plans by scenario code beside one another, on the days to their `daily_until`.

    Parameters
    ----------
    plans
        Plans by code, or pairs one at a time (`scenarios.each_scenario`): only their balances are kept. `plan` is the plan itself.

    Returns
    -------
    days
        A row a plan and bank day, in the order given: `scenario_code`, `day_date`, `value_centimes`, `q10_mad`, `q90_mad` (of the balance). Each
        plan has its own bank days: a feast on another date closes other banks.
    summary
        A row a plan: `scenario_code`, `low_centimes`, `low_date` (lowest point of the plan and its day, the first of several), `passed_share`
        (paths that have been below the floor; null without a floor), `total_centimes` (what comes less what goes in the 13
        weeks), `change_centimes` (that total − the plan's), `low_change_centimes` (low point − the plan's; both null where `plan` is
        not given), `beyond_centimes` (moved beyond the plan's last day, so in no table).
    """
    pairs = plans.items() if isinstance(plans, Mapping) else plans
    days, rows = [], []
    for code, plan in pairs:
        positions, lowest = _balances(plan)
        days.append(positions.assign(scenario_code=code)[_DAYS])
        rows.append(_summary(code, plan, positions, lowest))
    table = pd.concat(days, ignore_index=True) if days else pd.DataFrame(columns=_DAYS)
    return table, _against_plan(pd.DataFrame(rows, columns=_FIRST))


_DAYS = ["scenario_code", "day_date", "value_centimes", "q10_mad", "q90_mad"]
_FIRST = ["scenario_code", "low_centimes", "low_date", "passed_share", "total_centimes", "beyond_centimes"]


def _balances(plan: CashPlan) -> tuple[pd.DataFrame, Floats]:
    """Positions to `daily_until` with their band, and the lowest balance of each path: paths are added up once, and no further."""
    count = int(plan.days.searchsorted(pd.Timestamp(plan.daily_until), side="right"))
    short = {name: getattr(plan, name)[:count] for name in ("days", "known", "estimated", "override", "naive")}
    plan = dataclasses.replace(plan, paths=plan.paths[:, :count], **short)
    # What adds up needs no path; one is the least that a plan holds.
    positions = dataclasses.replace(plan, paths=plan.paths[:1]).positions()
    known, balances = positions["value_centimes"].notna(), plan.balance_paths()
    low, high = (np.where(known, np.quantile(balances, level, axis=0), np.nan) for level in (0.10, 0.90))
    return positions.assign(q10_mad=low, q90_mad=high), balances.min(axis=1)


def _summary(code: str, plan: CashPlan, positions: pd.DataFrame, lowest: Floats) -> tuple[object, ...]:
    value, share = positions["value_centimes"], math.nan
    if plan.floor_centimes is not None and value.notna().all():
        share = float(np.mean(lowest < plan.floor_centimes / 100))
    steps = plan.notes.get(STEPS)
    beyond = 0 if steps is None else int(steps["beyond_centimes"].sum())
    if value.isna().all():  # no balance is known to add to
        return code, pd.NA, pd.NaT, share, pd.NA, beyond
    at = int(value.to_numpy(np.int64).argmin())
    return (
        code,
        int(value.iloc[at]),
        positions["day_date"].iloc[at],
        share,
        int(positions["flow_centimes"].sum()),
        beyond,
    )


def _against_plan(summary: pd.DataFrame) -> pd.DataFrame:
    centimes = [name for name in _FIRST if name.endswith("_centimes")]
    summary = summary.astype(dict.fromkeys(centimes, "Int64"))
    plan = summary[summary["scenario_code"] == PLAN].head(1)
    for name, changed in (("total_centimes", "change_centimes"), ("low_centimes", "low_change_centimes")):
        reference = plan[name].iloc[0] if len(plan) else pd.NA
        summary[changed] = summary[name] - reference
    return summary
