"""What each unit has to collect: ages across, and what changed since the month before and the year before.

Every date is placed on the organisation of its own day; what centres brought or took along in between is in the roll-forward.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from workbench.errors import WrongUse
from workbench.recovery.ageing import UPPER_BOUNDS
from workbench.recovery.balances import on_day
from workbench.recovery.groups import group_keys
from workbench.recovery.indicators import indicators
from workbench.recovery.portfolios import portfolio_of
from workbench.recovery.unit_roll_forward import LEVELS
from workbench.recovery.units import units_on

AGES = ("age_none_centimes", *(f"age_{number}_centimes" for number in range(len(UPPER_BOUNDS) + 1)))


def placed(sums: pd.DataFrame, units: Any, as_of: date | str) -> pd.DataFrame:
    """A table by `center_code` and `segment_code`, with `agency_code` and `directorate_code` on `as_of`, and `portfolio_code`."""
    found = sums.merge(units_on(units, as_of), on="center_code", how="left")
    return found.assign(portfolio_code=portfolio_of(found["segment_code"]))


def unpaid_by_unit(
    now: pd.DataFrame,
    as_of: date | str,
    level: str = "directorate",
    month_before: pd.DataFrame | None = None,
    year_before: pd.DataFrame | None = None,
    by: str | Sequence[str] = (),
) -> pd.DataFrame:
    """A row a unit, largest due first.

    Parameters
    ----------
    now, month_before, year_before
        `unpaid_sums` on `as_of`, at the end of the month before and on the same day a year before, each `placed` on its own day.

    Returns
    -------
    `currency_code`, `unit_code` (null: no known unit), `by`, `AGES` (debit items), `due_centimes`, `outstanding_centimes`, `credit_centimes`,
    `old_share`, `unpaid_share`, `mean_age_days`, `item_count`, `month_change_centimes` and `year_change_centimes` (of what is outstanding),
    `year_due_change_centimes`, `unpaid_share_change` (over a year). A unit that an earlier day does not know had nothing; without
    that day every change is null. Give the sums of one portfolio, or name `portfolio_code` in `by`, before reading `unpaid_share`: key
    accounts and private clients make no common rate.
    """
    if level not in LEVELS:
        raise WrongUse(f"level {level!r} is none of {', '.join(LEVELS)}", "level")
    keys = ["currency_code", "unit_code", *group_keys(by, now)[1:]]
    table = _by_unit(now, level, as_of, keys)
    for prefix, earlier in (("month", month_before), ("year", year_before)):
        before = None if earlier is None else _by_unit(earlier, level, as_of, keys)
        table = _with_changes(table, before, prefix, keys)
    table = table.rename(columns={"year_unpaid_change": "unpaid_share_change"})
    shown = ["due_centimes", "outstanding_centimes", "credit_centimes", "old_share", "unpaid_share", "mean_age_days"]
    changes = ["month_change_centimes", "year_change_centimes", "year_due_change_centimes", "unpaid_share_change"]
    ranked = table.sort_values(["due_centimes", *keys], ascending=[False, *[True] * len(keys)], ignore_index=True)
    return ranked[[*keys, *AGES, *shown, "item_count", *changes]]


def _by_unit(sums: pd.DataFrame, level: str, as_of: date | str, keys: list[str]) -> pd.DataFrame:
    column = LEVELS[level]
    return indicators(sums.assign(unit_code=sums[column] if column else ""), on_day(as_of), keys)


def _with_changes(table: pd.DataFrame, before: pd.DataFrame | None, prefix: str, keys: list[str]) -> pd.DataFrame:
    names = {
        f"{prefix}_change_centimes": "outstanding_centimes",
        f"{prefix}_due_change_centimes": "due_centimes",
        f"{prefix}_unpaid_change": "unpaid_share",
    }
    if before is None or before.empty:
        unknown = {new: "Float64" if old == "unpaid_share" else "Int64" for new, old in names.items()}
        return table.assign(**{new: pd.Series(index=table.index, dtype=kind) for new, kind in unknown.items()})
    earlier = before[[*keys, *names.values()]].rename(columns={old: new for new, old in names.items()})
    merged = table.merge(earlier, on=keys, how="left")
    for new, old in names.items():
        known = merged[new] if old == "unpaid_share" else merged[new].fillna(0)
        merged[new] = merged[old] - known
    return merged
