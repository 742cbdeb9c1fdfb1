"""Cash expected week by week from hazards: the open book and the bills still to come, by centre and kind of bill, and what is not sure of it.

Amounts are estimates (`_mad`). Chances are conditional on the age that a bill has reached. The doubt is that of every bill by itself and
that of all together: Var = Σ b² p (1 − p) + φ² (Σ b p)², φ learnt from how far past weeks were off one week ahead.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.errors import WrongUse
from workbench.evidence import Floats
from workbench.recovery.bills_to_come import bills_to_come
from workbench.recovery.cohort_receipts import CohortReceipts, on_days, paying_habits, rest_of_week, unnamed_factor
from workbench.recovery.collection_curves import added_up, week_of
from workbench.recovery.payment_times.exposure import CENTER_CLASSES, Exposure
from workbench.recovery.payment_times.hazards import (
    Cubes,
    Hazards,
    Integers,
    bin_of,
    center_ratios,
    cubes_of,
    fit_hazards,
    month_of,
)
from workbench.recovery.receipt_lags import CELL, ReceiptCube
from workbench.recovery.units import units_on

FACTOR_WEEKS = 52  # weeks that φ is learnt from
MIX_WEEKS = 52  # weeks of issue that say to which cells bills to come belong
PATHS = 400


@dataclass(frozen=True)
class WeeklyReceipts:
    """Expected cash of the weeks after an evening, the first one being what is left of the week under way.

    `rows`: `center_code`, `CELL`. `mean` and `own_variance` (rows, weeks); `phi`: relative doubt common to all of a week. `weeks`: numbers counted
    from 1970. `outstanding_mad`, `to_bill_mad` (rows,).
    """

    as_of: date
    weeks: Integers
    rows: pd.DataFrame
    mean: Floats
    own_variance: Floats
    phi: float
    outstanding_mad: Floats
    to_bill_mad: Floats

    def spread(self, rows: npt.NDArray[np.bool_] | None = None) -> Floats:
        """Standard deviation of each week's sum over some rows (all by default)."""
        chosen = np.ones(len(self.rows), bool) if rows is None else rows
        mean, own = self.mean[chosen].sum(axis=0), self.own_variance[chosen].sum(axis=0)
        found: Floats = np.sqrt(own + self.phi**2 * mean**2)
        return found

    def paths(self, seed: int, count: int = PATHS) -> npt.NDArray[np.float32]:
        """Joint paths (count, rows, weeks), never below nil: one draw a week moves all rows, each has one of its own; their mean is `mean`."""
        rng = np.random.default_rng(seed)
        common = rng.standard_normal((count, 1, len(self.weeks)))
        alone = rng.standard_normal((count, *self.mean.shape))
        moved = np.maximum(self.mean * (1 + self.phi * common) + np.sqrt(self.own_variance) * alone, 0)
        size = moved.mean(axis=0)
        ratio = np.divide(self.mean, size, out=np.zeros_like(size), where=size > 0)
        scaled: npt.NDArray[np.float32] = (moved * ratio).astype(np.float32)
        return scaled


@dataclass(frozen=True)
class HazardModel:
    """What was learnt on an evening, see `learn`."""

    cubes: Cubes
    hazards: Hazards
    ratios: pd.Series
    phi: float


def learn(exposure: Exposure, link: str = "cloglog") -> HazardModel:
    """Hazards, ratios of centres and φ of an exposure."""
    cubes = cubes_of(exposure)
    hazards = fit_hazards(cubes, link)
    return HazardModel(cubes, hazards, center_ratios(hazards, cubes), common_factor(hazards, cubes))


def common_factor(hazards: Hazards, cubes: Cubes) -> float:
    """φ: root mean square of (came ÷ expected − 1) of all cash of the last weeks, less what bills by themselves explain."""
    count, exposure = cubes.exposure.weeks, cubes.exposure
    misses, alone = [], []
    for week in range(max(count - FACTOR_WEEKS, 1), count):
        age = week - np.arange(week + 1)
        rate = np.stack([hazards.at(np.int64(cell), age, month_of(np.int64(exposure.first_week + week))) for cell in range(len(cubes.cells))])  # fmt: skip
        share = hazards.cash_share[cubes.kinds][:, bin_of(age)]
        money, bills = cubes.money[:, : week + 1, week], np.maximum(cubes.at_risk[:, : week + 1, week], 1)
        expected = float((money * rate * share).sum())
        if expected > 0:
            misses.append(float(cubes.cash[:, : week + 1, week].sum()) / expected - 1)
            alone.append(float((money**2 / bills * rate * (1 - rate)).sum()) / expected**2)
    if not misses:
        return 0.0
    return float(np.sqrt(max(float(np.mean(np.square(misses))) - float(np.mean(alone)), 0.0)))


def weekly_receipts(
    model: HazardModel, until: date, coming: pd.DataFrame | None = None, left: float = 1.0
) -> WeeklyReceipts:
    """Expected cash from the evening of the exposure to the week of `until`.

    Parameters
    ----------
    coming
        Bills still to come, as from `bills_to_come`.
    left
        Part of a week's receipts that is still to come in the week under way; 1 on a Sunday.

    Notes
    -----
    Raises `WrongUse` where `until` is not after the evening.
    """
    exposure = model.cubes.exposure
    if until <= exposure.as_of:
        raise WrongUse(f"{until.isoformat()} is not after {exposure.as_of.isoformat()}", "until")
    now = exposure.first_week + exposure.weeks
    weeks = np.arange(now, int(week_of(np.datetime64(until))) + 1)
    items = _items(model, coming)
    rows, of_row = _rows(items)
    mean, variance = np.zeros((len(rows), len(weeks))), np.zeros((len(rows), len(weeks)))
    alive = np.ones(len(items))
    cell, cohort = items["place"].to_numpy(np.int64), items["cohort_week"].to_numpy(np.int64)
    money, square, ratio = (items[name].to_numpy(np.float64) for name in ("money", "square", "ratio"))
    kind = model.cubes.kinds[cell]
    for step, week in enumerate(weeks.astype(np.int64)):
        bins = bin_of(week - cohort)
        rate = 1 - (1 - model.hazards.at(cell, week - cohort, month_of(week))) ** ratio
        gone = model.hazards.others[kind, bins]
        if step == 0 and left < 1:
            rate, gone = rest_of_week(rate, np.array(left)), rest_of_week(gone, np.array(left))
        rate, gone = np.where(cohort <= week, rate, 0.0), np.where(cohort <= week, gone, 0.0)
        cash = np.minimum(rate * model.hazards.cash_share[kind, bins], 1.0)
        mean[:, step] = added_up(of_row, money * alive * cash, len(rows))
        variance[:, step] = added_up(of_row, square * alive * cash * (1 - alive * cash), len(rows))
        alive *= (1 - np.minimum(rate * model.hazards.settled_share[kind, bins], 1.0)) * (1 - gone)
    is_open = items["is_open"].to_numpy(bool)
    parts = (added_up(of_row, np.where(chosen, money, 0.0), len(rows)) for chosen in (is_open, ~is_open))
    return WeeklyReceipts(exposure.as_of, weeks, rows, mean, variance, model.phi, *parts)


def _items(model: HazardModel, coming: pd.DataFrame | None) -> pd.DataFrame:
    """Open bills and bills to come, summed by centre, cell and week of issue: money, Σ b², ratio of the centre."""
    cubes = model.cubes
    book = cubes.exposure.book
    items = pd.DataFrame({
        "center_code": book["center_code"],
        "place": np.searchsorted(cubes.numbers, book["cell"].to_numpy(np.int64)),
        "cohort_week": book["cohort_week"],
        "money": book["outstanding_centimes"].to_numpy(np.float64) / 100,
        "square": book["square_sum"].to_numpy(np.float64),
        "is_open": True,
    })  # fmt: skip
    if coming is not None and len(coming):
        items = pd.concat([items, _placed(model, coming)], ignore_index=True)
    items["ratio"] = items["center_code"].map(model.ratios).fillna(1.0).astype("float64")
    for position, name in enumerate(CELL):
        names = cubes.cells[CELL[position]].to_numpy(object)
        items[name] = pd.Series(names[items["place"].to_numpy(np.int64)], index=items.index, dtype="str")
    return items


def _placed(model: HazardModel, coming: pd.DataFrame) -> pd.DataFrame:
    """Bills to come on cells, as the last year's bills of their kind and of their centre's class were."""
    cubes, exposure = model.cubes, model.cubes.exposure
    entries = exposure.entries
    lately = entries[entries["cohort_week"] >= exposure.first_week + exposure.weeks - MIX_WEEKS]
    lately = lately if len(lately) else entries
    place = np.searchsorted(cubes.numbers, lately["cell"].to_numpy(np.int64))
    amount = pd.Series(lately["amount_centimes"].to_numpy(np.float64) / 100).groupby(place).sum()
    bills = pd.Series(lately["invoice_count"].to_numpy(np.float64)).groupby(place).sum()
    mix = cubes.cells.iloc[amount.index][[*CELL, "center_class"]].assign(
        place=amount.index, money=amount.to_numpy(), mean_bill=(amount / bills).to_numpy()
    )
    mix = mix[mix["money"] > 0]
    class_of = exposure.ages.assign(center_class=exposure.ages["cell"] // 18 % CENTER_CLASSES)
    of_center = class_of.groupby("center_code")["center_class"].first()
    told = coming.assign(
        cohort_week=week_of(coming["issue_date"]),
        center_class=coming["center_code"].map(of_center).fillna(CENTER_CLASSES // 2).astype("int64"),
    )
    told = told.groupby(["center_code", *CELL, "center_class", "cohort_week"])["mean_mad"].sum().reset_index()
    own = mix.assign(share=mix["money"] / mix.groupby([*CELL, "center_class"])["money"].transform("sum"))
    found = told.merge(own, on=[*CELL, "center_class"], how="left")
    rest = found.loc[found["place"].isna(), list(told.columns)].drop(columns="center_class")
    of_kind = mix.assign(share=mix["money"] / mix.groupby(list(CELL))["money"].transform("sum"))
    found = pd.concat([found[found["place"].notna()], rest.merge(of_kind, on=list(CELL))], ignore_index=True)
    money = found["mean_mad"] * found["share"]
    return pd.DataFrame({
        "center_code": found["center_code"], "place": found["place"].astype("int64"), "cohort_week": found["cohort_week"],
        "money": money, "square": money * found["mean_bill"], "is_open": False,
    })  # fmt: skip


def _rows(items: pd.DataFrame) -> tuple[pd.DataFrame, Integers]:
    keys = ["center_code", *CELL]
    grouped = items.groupby(keys, sort=True)
    rows = grouped.size().reset_index()[keys]
    place = np.asarray(grouped.ngroup(), np.int64)
    return rows, place


def hazard_receipts(
    model: HazardModel, cube: ReceiptCube, units: Any, until: date, planned: Any = None
) -> tuple[CohortReceipts, WeeklyReceipts]:
    """Expected receipts of an evening by day, directorate, kind and channel, as `cohort_receipts` gives them, and by centre and week.

    `cube` must be of the evening of the model. Receipts that name no bill come on top, as in `cohort_receipts`; both answers hold them.
    """
    if cube.as_of != model.cubes.exposure.as_of:
        raise WrongUse("the cube and the exposure are not of one evening", "cube")
    habits = paying_habits(cube)
    done = (cube.as_of.weekday() + 1) % 7
    left = float((habits.mix[-1] @ habits.shape)[done:].sum())
    weekly = weekly_receipts(model, until, bills_to_come(cube, until, planned), left)
    factor = unnamed_factor(cube)
    weekly = WeeklyReceipts(**{**weekly.__dict__, "mean": weekly.mean * factor, "own_variance": weekly.own_variance * factor**2})  # fmt: skip
    is_mapped = isinstance(units, pd.DataFrame) and "directorate_code" in units
    places = (units if is_mapped else units_on(units, cube.as_of)).dropna(subset="directorate_code")
    of_center = dict(zip(places["center_code"], places["directorate_code"], strict=True))
    directorates = ["", *sorted(set(of_center.values()))]
    cells = sorted({tuple(row) for row in weekly.rows[list(CELL)].itertuples(index=False)})
    cell = np.array([cells.index(tuple(row)) for row in weekly.rows[list(CELL)].itertuples(index=False)], np.int64)
    place = np.array([directorates.index(of_center.get(code, "")) for code in weekly.rows["center_code"]], np.int64)
    sums = np.zeros((len(cells), len(directorates), len(weekly.weeks)))
    np.add.at(sums, (cell, place), weekly.mean)
    days, keys, amounts = on_days(cube, cells, directorates, sums, habits, until)
    weekly = _cut(weekly, cell, sums[:, :, -1].sum(axis=1), _last_week(cells, days, keys, amounts))
    told = pd.DataFrame({name: [each[at] for each in cells] for at, name in enumerate(CELL)}, dtype="str")
    told["outstanding_mad"] = added_up(cell, weekly.outstanding_mad, len(cells))
    told["credit_mad"] = 0.0
    told["to_bill_mad"] = added_up(cell, weekly.to_bill_mad, len(cells))
    told["mean_mad"] = added_up(cell, weekly.mean.sum(axis=1), len(cells))
    return CohortReceipts(cube.as_of, days, keys, amounts, told), weekly


def _last_week(
    cells: list[tuple[str, ...]], days: npt.NDArray[np.datetime64], keys: pd.DataFrame, amounts: Floats
) -> Floats:
    """What the days told bring in the week of the last of them, by kind."""
    inside = week_of(days) == week_of(days)[-1]
    row = np.array([cells.index(tuple(each)) for each in keys[list(CELL)].itertuples(index=False)], np.int64)
    return added_up(row, amounts[inside].sum(axis=0), len(cells))


def _cut(weekly: WeeklyReceipts, cell: Integers, whole: Floats, told: Floats) -> WeeklyReceipts:
    """The last week as far as its days are told: weeks then add up to days on any evening."""
    part = np.divide(told, whole, out=np.zeros_like(whole), where=whole > 0)[cell]
    mean, own = weekly.mean.copy(), weekly.own_variance.copy()
    mean[:, -1] *= part
    own[:, -1] *= part
    return WeeklyReceipts(**{**weekly.__dict__, "mean": mean, "own_variance": own})
