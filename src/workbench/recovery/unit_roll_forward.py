"""Roll-forward by unit and month: opening → movements → transferred → closing, for centres, agencies, directorates and the office.

What happens counts under the unit to which its centre belonged on that day, where the months come cut on the days of change
(`movements_by_month(…, cut_on=days_of_change(units))`); else under the unit of the end of the month. A centre that changes hands takes
its rest along: the column `transferred_centimes` shows it, so that no past is redrawn on today's organisation and every row still ties.
"""

import bisect
import calendar
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from workbench.errors import WrongUse
from workbench.recovery.balances import on_day
from workbench.recovery.groups import group_keys
from workbench.recovery.months import MOVEMENTS
from workbench.recovery.units import days_of_change, units_on

LEVELS = {"center": "center_code", "agency": "agency_code", "directorate": "directorate_code", "office": ""}
FLOWS = (*MOVEMENTS, "transferred_centimes")
_ADDED = ("billed_centimes", "transferred_centimes")


def change_of(table: pd.DataFrame) -> pd.Series:
    """Closing less opening, from the flows of a roll-forward: billed and transferred add, every other flow takes away."""
    taken = [name for name in FLOWS if name not in _ADDED and name in table]
    added = [name for name in _ADDED if name in table]
    return table[added].sum(axis=1) - table[taken].sum(axis=1)


def roll_forward_by_month(
    months: pd.DataFrame,
    units: Any,
    as_of: date | str,
    level: str = "directorate",
    by: str | Sequence[str] = (),
    since: date | str | None = None,
) -> pd.DataFrame:
    """Roll-forward of every unit of a level, month by month.

    Parameters
    ----------
    months
        `movements_by_month` up to `as_of`, by `center_code` and whatever else `by` names, in parts (`part_date`) or not.
    units
        The register `units`, every period of validity. At the levels `center` and `office` it is not asked.
    since
        Evening of the first opening shown (its month's last day counts); default: everything known, from a rest of nothing.

    Returns
    -------
    `unit_code` (null: centre in no register, or no centre), `by`, `currency_code`, `month_end_date`, `opening_centimes`, `FLOWS`,
    `closing_centimes`; opening + billed + transferred − the other flows = closing in every row, transfers add to nil.
    """
    if level not in LEVELS:
        raise WrongUse(f"level {level!r} is none of {', '.join(LEVELS)}", "level")
    day = on_day(as_of)
    keys = group_keys(by, months)
    is_cut = "part_date" in months and level in ("agency", "directorate")
    parts = _parts(months, days_of_change(units) if is_cut else [], day)
    full = _every_part(months, ["center_code", *keys], parts)
    if level == "office":
        placed = full.assign(then_code="", unit_code="")
    elif level == "center":
        placed = full.assign(then_code=full["center_code"], unit_code=full["center_code"])
    else:
        placed = _placed(full, parts, units, LEVELS[level])
    rolled = _by_unit(placed, keys)
    if since is not None:
        first = on_day(since)
        rolled = rolled[rolled["month_ordinal"] > first.year * 12 + first.month - 1]
    ends = {n: _month_end(n, day) for n in rolled["month_ordinal"].unique()}
    rolled.insert(len(keys) + 1, "month_end_date", pd.to_datetime(rolled["month_ordinal"].map(ends)))
    return rolled.drop(columns="month_ordinal").reset_index(drop=True)


def _month_end(ordinal: int, day: date) -> date:
    year, month = divmod(int(ordinal), 12)
    return min(date(year, month + 1, calendar.monthrange(year, month + 1)[1]), day)


def _parts(months: pd.DataFrame, changes: Sequence[date], day: date) -> pd.DataFrame:
    """Every month, cut where the organisation changes inside it: `month_ordinal`, `part_number` in order, first and last day, and whether
    the part opens or closes its month."""
    last = day.year * 12 + day.month - 1
    first = int(months["month_ordinal"].min()) if len(months) else last
    rows = []
    for ordinal in range(first, last + 1):
        year, month = divmod(ordinal, 12)
        start, end = date(year, month + 1, 1), _month_end(ordinal, day)
        starts = [start, *(change for change in changes if start < change <= end)]
        ends = [*(later - timedelta(days=1) for later in starts[1:]), end]
        rows += [(ordinal, a, b, a == start, b == end) for a, b in zip(starts, ends, strict=True)]
    parts = pd.DataFrame(rows, columns=["month_ordinal", "part_date", "part_end", "opens", "closes"])
    parts.insert(1, "part_number", range(len(parts)))
    return parts.astype({"month_ordinal": "Int64", "part_number": "Int64"})


def _every_part(months: pd.DataFrame, keys: list[str], parts: pd.DataFrame) -> pd.DataFrame:
    """Each group in each part of a month, those without event too, with opening and closing."""
    starts = pd.to_datetime(parts["part_date"])
    if len(parts) > parts["month_ordinal"].nunique():  # the part in which each row begins, on whatever days it was cut
        begun = starts.searchsorted(pd.to_datetime(months["part_date"]), side="right") - 1
        numbered = months.assign(part_number=pd.array(begun, dtype="Int64"))
    else:
        numbered = months.merge(parts[["month_ordinal", "part_number"]], on="month_ordinal")
    summed = numbered.groupby([*keys, "part_number"], dropna=False)[list(MOVEMENTS)].sum().reset_index()
    full = months[keys].drop_duplicates().merge(parts, how="cross")
    full = full.merge(summed, on=[*keys, "part_number"], how="left")
    full[list(MOVEMENTS)] = full[list(MOVEMENTS)].fillna(0).astype("Int64")
    full = full.sort_values([*keys, "part_number"], ignore_index=True)
    change = change_of(full)
    full["closing_centimes"] = change.groupby([full[key] for key in keys], dropna=False).cumsum()
    full["opening_centimes"] = full["closing_centimes"] - change
    return full


def _placed(full: pd.DataFrame, parts: pd.DataFrame, units: Any, column: str) -> pd.DataFrame:
    """The unit of each centre at the end of the part (`unit_code`) and at the end of the part before (`then_code`)."""
    changes, known, maps = days_of_change(units), {}, []
    for number, end in enumerate([parts["part_date"].iloc[0] - timedelta(days=1), *parts["part_end"]], -1):
        organisation = bisect.bisect_right(changes, end)  # between two changes it is one and the same: asked once
        if organisation not in known:
            known[organisation] = units_on(units, end)[["center_code", column]].rename(columns={column: "unit_code"})
        maps.append(known[organisation].assign(part_number=number))
    mapping = pd.concat(maps, ignore_index=True).astype({"part_number": "Int64"})
    before = mapping.rename(columns={"unit_code": "then_code"}).assign(part_number=mapping["part_number"] + 1)
    keys = ["center_code", "part_number"]
    return full.merge(mapping, on=keys, how="left").merge(before, on=keys, how="left")


def _by_unit(placed: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Units month by month: a month opens with its first part and closes with its last, what flows in the parts adds up."""
    index = ["unit_code", *keys, "month_ordinal"]
    before = placed.drop(columns="unit_code").rename(columns={"then_code": "unit_code"})
    moves = placed["then_code"].fillna("") != placed["unit_code"].fillna("")
    parts = [
        placed[[*index, *MOVEMENTS]],
        placed[placed["closes"]][[*index, "closing_centimes"]],
        before[before["opens"]][[*index, "opening_centimes"]],
        placed[moves][[*index, "opening_centimes"]].rename(columns={"opening_centimes": "transferred_centimes"}),
        before[moves][[*index]].assign(transferred_centimes=-before[moves]["opening_centimes"]),
    ]
    names = ["opening_centimes", *FLOWS, "closing_centimes"]
    stacked = pd.concat(parts, ignore_index=True)
    stacked[names] = stacked[names].fillna(0).astype("Int64")
    return stacked.groupby(index, dropna=False)[names].sum().reset_index().sort_values(index, ignore_index=True)
