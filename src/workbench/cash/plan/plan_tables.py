"""A cash plan read as tables: flows by any columns and period, positions, balances along the paths, and its name.

Amounts in centimes are sums of integers: every table adds up to every other. Quantiles are those of summed paths.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.errors import WrongUse
from workbench.evidence import LEVELS

if TYPE_CHECKING:
    from workbench.cash.plan.plan import CashPlan, LineQuantiles

Floats = npt.NDArray[np.float64]
PERIODS = ("day", "week", "month", "total")
ACCOUNT_COLUMNS = ("account_number", "account_label", "bank_code", "directorate_code")  # of what holds a balance
QUANTILES = ("q025_mad", "q10_mad", "median_mad", "q90_mad", "q975_mad")
ROUNDING = 2.0**-22  # of a float32, twice: once when the paths are made, once when an amount is added to them
PARTS = ("known", "estimated", "override", "plan")


def flows(
    plan: "CashPlan", by: Sequence[str] = (), period: str = "day", until: date | None = None, bands: bool = True
) -> pd.DataFrame:
    """Amounts of a plan by columns of its `series` and by period, sorted.

    Parameters
    ----------
    by
        Columns of `plan.series`; none: everything together.
    period
        `day`, `week` (from Monday), `month` or `total`.
    until
        Last day that counts. Without it: days, weeks and months go to the end of the plan, the total to `daily_until` (13 weeks).
    bands
        Whether quantiles are asked for: without them a table of many groups takes a fraction of the time.

    Returns
    -------
    `by…`, `target_date` (first day that the period covers: the first week, month and the total begin on the day after `as_of`),
    `last_date` (its last bank day), `horizon_days` (bank days from the origin to it), `known_centimes`, `estimated_centimes`,
    `override_centimes`, `plan_centimes`, `mean_mad` (the plan in units, announced flows being as late as
    their like have been on average), `median_mad`, `q025_mad`, `q10_mad`, `q90_mad`, `q975_mad` (of the paths; by line and day the calibrated ones
    of its model, where it has some and nothing may slip), `naive_mad`. Where announced flows slip, the plan may lie outside its own band.

    Raises `WrongUse` for a column or period that there is not.
    """
    _known_names(by, plan.series.columns)
    if period not in PERIODS:
        raise WrongUse(f"there is no period {period!r}", "plan.flows", "day, week, month, total")
    last = until or (plan.daily_until if period == "total" else plan.days[-1].date())
    count = int(np.searchsorted(plan.days.to_numpy(), np.datetime64(last), side="right"))
    starts, bins = _bins(plan, period, count)
    keys, groups = _groups(plan.series, by)
    table = _frame(keys, by, starts)
    ends = np.searchsorted(bins, np.arange(len(starts)), side="right")
    table["last_date"] = np.tile(plan.days[ends - 1].to_numpy(), len(keys))
    table["horizon_days"] = pd.array(np.tile(ends.astype(np.int64), len(keys)), dtype="Int64")
    for part in PARTS:
        amounts = _added(_summed(getattr(plan, part)[:count], groups, len(keys)), bins, len(starts))
        table[f"{part}_centimes"] = pd.array(amounts.T.ravel(), dtype="Int64")
    late = _added(_summed(_late(plan, count), groups, len(keys)), bins, len(starts)).T.ravel()
    table["mean_mad"] = table["plan_centimes"].to_numpy(dtype=np.int64) / 100 + late
    if bands:
        quantiles = _joined(_of_levels(part) for part in _binned_paths(plan, groups, len(keys), bins, len(starts)))
        if tuple(by) == ("line_code",) and period == "day":
            quantiles = _calibrated(plan, keys["line_code"], quantiles)
        sizes = _added(_summed(_sizes(plan, count), groups, len(keys)), bins, len(starts))
        quantiles = _certain(quantiles, table["mean_mad"].to_numpy(), sizes.T)
        for level, name in enumerate(QUANTILES):
            table[name] = quantiles[:, :, level].ravel()
    table["naive_mad"] = _added(_summed(plan.naive[:count], groups, len(keys)), bins, len(starts)).T.ravel()
    return table


def positions(plan: "CashPlan", by: Sequence[str] = (), until: date | None = None) -> pd.DataFrame:
    """Balances in value at the end of each bank day to `until` (else the end of the plan), by columns of accounts.

    A row a group and day: `opening_centimes`, `flow_centimes`, `value_centimes` (opening + flow), `median_mad` and `q…_mad` of the
    balance, from the paths. Accounts whose opening is not known are left out of every group, and so are their flows; a group of
    none but such accounts is shown with null balances. Raises `WrongUse` where `by` is not of accounts (a line has no balance).
    """
    _known_names(by, ACCOUNT_COLUMNS)
    last = until or plan.days[-1].date()
    count = int(np.searchsorted(plan.days.to_numpy(), np.datetime64(last), side="right"))
    opening, keep = _openings(plan)
    keys, groups = _groups(opening, by)
    start = np.zeros(len(keys), dtype=np.int64)
    np.add.at(start, groups[keep], opening["value_centimes"].to_numpy()[keep].astype(np.int64))
    of_series, counted = _series_groups(plan, opening, groups, keep)
    flow = _summed(plan.plan[:count, counted], of_series, len(keys))
    value = start + np.cumsum(flow, axis=0)
    bands = _joined(
        _of_levels(np.cumsum(part, axis=1) + start[low : low + part.shape[2]] / 100)
        for low, part in _grouped_paths(plan.paths[:, :count, counted], of_series, len(keys))
    )
    moved = _summed(_sizes(plan, count)[:, counted], of_series, len(keys))
    late = np.cumsum(_summed(_late(plan, count)[:, counted], of_series, len(keys)), axis=0)
    bands = _certain(bands, (value / 100 + late).T, (np.abs(start) / 100 + np.cumsum(moved, axis=0)).T)
    table = _frame(keys, by, plan.days[:count]).rename(columns={"target_date": "day_date"})
    known = np.repeat(np.bincount(groups[keep], minlength=len(keys)) > 0, count)
    for name, values in (("opening", value - flow), ("flow", flow), ("value", value)):
        table[f"{name}_centimes"] = pd.array(values.T.ravel(), dtype="Int64")
        table.loc[~known, f"{name}_centimes"] = pd.NA
    for level, name in enumerate(QUANTILES):
        table[name] = np.where(known, bands[:, :, level].ravel(), np.nan)
    return table


def balance_paths(plan: "CashPlan", by: str | None = None) -> Any:
    """Balances in value along the paths, `float64` in units of the currency: (P, H) of the office, or by the values of a column of accounts.

    Accounts whose opening is not known are left out, with their flows: see `positions`.
    """
    names = () if by is None else (by,)
    _known_names(names, ACCOUNT_COLUMNS)
    opening, keep = _openings(plan)
    keys, groups = _groups(opening, names)
    start = np.zeros(len(keys))
    np.add.at(start, groups[keep], opening["value_centimes"].to_numpy()[keep].astype(np.int64) / 100)
    of_series, counted = _series_groups(plan, opening, groups, keep)
    found: dict[Any, Floats] = {}
    for low, part in _grouped_paths(plan.paths[:, :, counted], of_series, len(keys)):
        for offset in range(part.shape[2]):
            number = low + offset
            found[keys.iloc[number].iloc[0] if by else None] = start[number] + np.cumsum(part[:, :, offset], axis=1)
    return found if by else found[None]


def plan_id(plan: "CashPlan") -> str:
    """`plan-` and 16 hexadecimal digits: a hash of origin, currency, known import, parameters, series, opening balances and amounts.

    Amounts are centimes, already rounded: the last digit of a float, which may differ from one machine to another, names no plan.
    """
    told = {
        "as_of": plan.as_of.isoformat(),
        "currency": plan.currency_code,
        "known": plan.known_import_id,
        "daily_until": plan.daily_until.isoformat(),
        "parameters": dict(plan.parameters),
        "series": plan.series.astype("string").fillna("").to_numpy().tolist(),
        "opening": plan.opening.astype("string").fillna("").to_numpy().tolist(),
    }
    digest = hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode())
    digest.update(plan.days.to_numpy().astype("datetime64[D]").astype(np.int64).tobytes())
    for amounts in (plan.known, plan.estimated, plan.override):
        digest.update(np.ascontiguousarray(amounts).tobytes())
    return f"plan-{digest.hexdigest()[:16]}"


def _known_names(by: Sequence[str], there: Any) -> None:
    if wrong := [name for name in by if name not in there]:
        raise WrongUse(f"{wrong[0]!r} is no column to add up by", "cash plan", ", ".join(there))


def _groups(table: pd.DataFrame, by: Sequence[str]) -> tuple[pd.DataFrame, npt.NDArray[np.intp]]:
    """The groups of a table in order of their keys (nulls last), and the group of each row."""
    if not by:
        return pd.DataFrame(index=range(1)), np.zeros(len(table), dtype=np.intp)
    numbers = table.groupby(list(by), sort=True, dropna=False).ngroup().to_numpy()
    keys = table[list(by)].assign(_number=numbers).drop_duplicates("_number").sort_values("_number")
    return keys.drop(columns="_number").reset_index(drop=True), numbers.astype(np.intp)


def _bins(plan: "CashPlan", period: str, count: int) -> tuple[pd.DatetimeIndex, npt.NDArray[np.intp]]:
    """First day covered by each period, and the period of each day."""
    days, first = plan.days[:count], pd.Timestamp(plan.as_of + timedelta(days=1))
    if period == "day":
        return days, np.arange(count)
    if period == "total":
        return pd.DatetimeIndex([first]), np.zeros(count, dtype=np.intp)
    starts = (
        days - pd.to_timedelta(days.day_of_week, unit="D") if period == "week" else days.to_period("M").to_timestamp()
    )
    found, bins = np.unique(starts.to_numpy(), return_inverse=True)
    return pd.DatetimeIndex(np.maximum(found, first.to_datetime64())), bins.astype(np.intp)


def _frame(keys: pd.DataFrame, by: Sequence[str], starts: pd.DatetimeIndex) -> pd.DataFrame:
    table = keys.loc[np.repeat(np.arange(len(keys)), len(starts)), list(by)].reset_index(drop=True)
    table["target_date"] = np.tile(starts.to_numpy(), len(keys))
    return table


def _summed(values: Any, groups: npt.NDArray[np.intp], count: int) -> Any:
    """(H, n) → (H, groups)."""
    added = np.zeros((count, len(values)), dtype=values.dtype)
    np.add.at(added, groups, values.T)
    return added.T


def _added(values: Any, bins: npt.NDArray[np.intp], count: int) -> Any:
    """(H, G) → (periods, G)."""
    added = np.zeros((count, values.shape[1]), dtype=values.dtype)
    np.add.at(added, bins, values)
    return added


def _grouped_paths(
    paths: npt.NDArray[np.float32], groups: npt.NDArray[np.intp], count: int, most: int = 1 << 25
) -> Iterator[tuple[int, Floats]]:
    """Paths added up by group, a block of groups at a time (`most` cells, in float64): the first group, (P, H, groups of the block)."""
    size = max(1, most // max(1, paths.shape[0] * paths.shape[1]))
    for low in range(0, count, size):
        width = min(size, count - low)
        block = np.zeros((*paths.shape[:2], width))
        for number in np.flatnonzero((groups >= low) & (groups < low + width)):
            block[:, :, groups[number] - low] += paths[:, :, number]
        yield low, block


def _binned_paths(
    plan: "CashPlan", groups: npt.NDArray[np.intp], count: int, bins: npt.NDArray[np.intp], bin_count: int
) -> Iterator[Floats]:
    firsts = np.searchsorted(bins, np.arange(bin_count))
    for _, block in _grouped_paths(plan.paths[:, : len(bins)], groups, count):
        yield block if bin_count == len(bins) else np.add.reduceat(block, firsts, axis=1)


def _joined(blocks: Iterable[Floats]) -> Floats:
    """Quantiles of all groups (G, periods, levels); of no group, none: a currency that is held and never moved has no line."""
    found = list(blocks)
    return np.concatenate(found) if found else np.zeros((0, 0, len(LEVELS)))


def _of_levels(paths: Floats) -> Floats:
    """(P, H, G) → (G, H, levels)."""
    found: Floats = np.quantile(paths, LEVELS, axis=0)
    return found.transpose(2, 1, 0)


def _own(plan: "CashPlan") -> "LineQuantiles | None":
    """What is told of the very paths of a plan; None where they were changed since."""
    told = plan.line_quantiles
    return told if told is not None and told.paths is plan.paths else None


def _calibrated(plan: "CashPlan", lines: pd.Series, quantiles: Floats) -> Floats:
    """Quantiles (G, H, levels) by line, the model's own in the place of the paths' where they are known."""
    told = _own(plan)
    if told is None:
        return quantiles
    places = {line: place for place, line in enumerate(told.lines)}
    found = quantiles.copy()
    for group, line in enumerate(lines):
        if line in places:
            own = told.values[: found.shape[1], places[line]]
            found[group] = np.where(np.isnan(own), found[group], own)
    return found


def _late(plan: "CashPlan", count: int) -> Floats:
    """What announced flows bring on average less what the plan says of them (H, n), in units; 0 where nothing slips."""
    told = _own(plan)
    return np.zeros(plan.known[:count].shape) if told is None or told.late is None else told.late[:count]


def _sizes(plan: "CashPlan", count: int) -> Floats:
    """Sums of the absolute parts of the plan (H, n), in units: what the rounding of paths is measured by."""
    parts = [np.abs(getattr(plan, part)[:count]) / 100 for part in PARTS[:3]]
    found: Floats = np.sum([*parts, np.abs(_late(plan, count))], axis=0)
    return found


def _certain(quantiles: Floats, expected: Floats, sizes: Floats) -> Floats:
    """Quantiles (G, H, levels), those of an amount that is certain being the amount itself (`expected`, in units, as many as `sizes`).

    Paths are float32: what stands alike on all of them differs from their mean by their rounding, a 2⁻²³ of what was added up, at most.
    """
    target = np.reshape(expected, quantiles.shape[:2])[:, :, None]
    room = ROUNDING * sizes.reshape(quantiles.shape[:2])[:, :, None]
    is_certain = (quantiles[:, :, :1] == quantiles[:, :, -1:]) & (np.abs(quantiles[:, :, :1] - target) <= room)
    return np.where(is_certain, target, quantiles)


def _openings(plan: "CashPlan") -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """A row an account of the plan or of the openings, described; and which of them have a known balance."""
    described = plan.series[list(ACCOUNT_COLUMNS)].drop_duplicates("account_number")
    opening = plan.opening[["account_number", "value_centimes"]]
    others = [name for name in ACCOUNT_COLUMNS[1:] if name in plan.opening]
    table = described.merge(opening, on="account_number", how="outer")
    for name in others:  # an account without any series is described by its opening
        told = plan.opening.set_index("account_number")[name]
        table[name] = table[name].where(table[name].notna(), table["account_number"].map(told))
    table = table.sort_values("account_number", ignore_index=True)
    return table, table["value_centimes"].notna().to_numpy(dtype=bool)


def _series_groups(
    plan: "CashPlan", opening: pd.DataFrame, groups: npt.NDArray[np.intp], keep: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """The group of each series of an account with a known balance, and which series those are."""
    row = {number: at for at, number in enumerate(opening["account_number"])}
    rows = np.array([row[number] for number in plan.series["account_number"]], dtype=np.intp)
    counted = keep[rows] if len(rows) else np.zeros(0, dtype=bool)
    return groups[rows][counted] if len(rows) else np.zeros(0, dtype=np.intp), counted
