"""Cohort and ultimate rates by any dimension, from `cohort_cells`: by count and by amount, and never a young cohort beside an old one.

Three rates, never mixed: the cash rate of a period (`collection_rates`), the cohort rate (paid by an age ÷ what the cohort then owed), the ultimate rate (what a bill
comes to in the end, with its interval). State, communes, utility boards and private clients make no common rate: every table here is by class of debtors.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import t as student

from workbench.errors import WrongUse
from workbench.evidence import Floats
from workbench.recovery.cohort_cells import SUMS
from workbench.recovery.groups import group_keys
from workbench.recovery.portfolios import debtor_class_of

Weight = Literal["count", "amount"]
FEWEST_VINTAGES = 6  # under which nothing is said of how far an ultimate rate may be off
_PARTS: dict[str, tuple[str, str]] = {
    "count": ("paid_count", "bill_count"),
    "amount": ("collected_centimes", "base_centimes"),
}


def cohort_rates(cells: pd.DataFrame, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """Cohort rates by currency, class of debtors, `by` (columns of `cohort_cells`, its vintage too) and age.

    Returns
    -------
    The keys, `age_days`, `is_complete` (all the bills of the row's vintages have lived the age; rates of what is incomplete are those of its older bills), `bill_count`, `paid_count`, `base_centimes`,
    `collected_centimes`, `excess_centimes`, `no_cash_centimes`, `count_rate` and `amount_rate` (0 to 1; null where nothing was owed). Compare rows of one age only. Sums are
    those of the cells.
    """
    table, keys = _keyed(cells, by)
    groups = table.groupby([*keys, "age_days"], dropna=False)
    found = groups[list(SUMS)].sum().join(groups["is_complete"].all()).reset_index()
    return found.assign(**{f"{weight}_rate": _share(found, weight) for weight in _PARTS})


def compared_at_same_age(
    cells: pd.DataFrame, by: str | Sequence[str] = (), apart_months: int = 12, vintage: str = "vintage_ordinal"
) -> pd.DataFrame:
    """Each vintage against the one `apart_months` before it (whole years where the vintage is `vintage_year`), at every age that both have lived whole, and at no other.

    Returns
    -------
    The keys, the vintage, `age_days`, `is_oldest` (the greatest age at which the two can be compared), `count_rate`, `amount_rate`, the same as
    `previous_…`, and `count_change`, `amount_change` (differences of shares). A vintage whose forerunner is not there has no row.
    """
    named = group_keys(by)[1:]
    rates = cohort_rates(cells, [*named, vintage])
    rates = rates[rates["is_complete"]]
    keys = [name for name in rates.columns if name in {*group_keys(by), "debtor_class_code"}]
    step = apart_months // 12 if vintage == "vintage_year" else apart_months
    if step < 1:
        raise WrongUse(f"vintages {apart_months} months apart are the same", "apart_months")
    names = ["count_rate", "amount_rate"]
    earlier = rates[[*keys, vintage, "age_days", *names]].assign(**{vintage: rates[vintage] + step})
    earlier = earlier.rename(columns={name: f"previous_{name}" for name in names})
    found = rates[[*keys, vintage, "age_days", *names]].merge(earlier, on=[*keys, vintage, "age_days"])
    oldest = found.groupby([*keys, vintage], dropna=False)["age_days"].transform("max")
    return found.assign(
        is_oldest=found["age_days"] == oldest,
        count_change=found["count_rate"] - found["previous_count_rate"],
        amount_change=found["amount_rate"] - found["previous_amount_rate"],
    ).sort_values([*keys, vintage, "age_days"], ignore_index=True)


def ultimate_rates(
    cells: pd.DataFrame,
    by: str | Sequence[str] = (),
    weight: Weight = "amount",
    vintage: str = "vintage_ordinal",
    level: float = 0.8,
) -> pd.DataFrame:
    """What a bill comes to by each age, young vintages used as far as they have lived; the last age is as far as the rate can be told.

    What is unpaid at an age ÷ what was unpaid at the age before, on the bills that have lived both, is chained from age to age (product-limit, Kaplan and Meier, by bands of age): each step asks
    all those that lived it and nobody else. The interval leaves out one vintage after the other (jackknife, on the logit): it holds what vintages differ by, large accounts included.

    Returns
    -------
    The keys, `age_days`, `is_last`, `rate`, `low_rate`, `high_rate` (null under six vintages that have lived the age), `vintage_count`, `lived_share` (part of what was billed that has lived
    the age). A step that nobody has lived has no row, nor has any after it.

    Raises `WrongUse` where the cells have no vintage or an unknown weight.
    """
    if weight not in _PARTS:
        raise WrongUse(f"weight is count or amount, not {weight!r}", "weight")
    if vintage not in cells.columns:
        raise WrongUse(f"no column is called {vintage!r}", "cells", f"known: {', '.join(cells.columns)}")
    table, keys = _keyed(cells, by)
    rows = []
    for values, group in table.groupby(keys, dropna=False, sort=True):
        rows += [dict(zip(keys, values, strict=True)) | row for row in _chained(group, weight, vintage, level)]
    names = [*keys, "age_days", "is_last", "rate", "low_rate", "high_rate", "vintage_count", "lived_share"]
    return pd.DataFrame(rows, columns=names)


def _keyed(cells: pd.DataFrame, by: str | Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """Cells with their class of debtors, and the columns of a group: without the class only where segments stand apart anyway."""
    keys = group_keys(by, cells)
    if "segment_code" in keys:
        return cells, keys
    if "segment_code" not in cells.columns:
        raise WrongUse(
            "cells without their segment would pool all debtors into one rate", "cells", "make them by segment_code too"
        )
    return cells.assign(debtor_class_code=debtor_class_of(cells["segment_code"])), [keys[0], "debtor_class_code", *keys[1:]]  # fmt: skip


def _share(table: pd.DataFrame, weight: str) -> pd.Series:
    part, whole = (table[name].astype("float64") for name in _PARTS[weight])
    return (part / whole.where(whole > 0)).astype("Float64")


def _chained(group: pd.DataFrame, weight: Weight, vintage: str, level: float) -> list[dict[str, object]]:
    ages = sorted(group["age_days"].unique())
    vintages = sorted(group[vintage].unique())
    part, whole = _PARTS[weight]
    paid, owed = (_laid(group, name, vintage, vintages, ages) for name in (part, whole))
    rate = _rates(paid.sum(axis=0), owed.sum(axis=0))
    lived = owed.sum(axis=0)
    rows: list[dict[str, object]] = []
    for place, age in enumerate(ages):
        if np.isnan(rate[place]):
            break
        behind = owed[:, place, place] > 0
        low, high = _jackknife(paid, owed, behind, place, level)
        rows.append(
            {
                "age_days": int(age), "is_last": False, "rate": float(rate[place]), "low_rate": low, "high_rate": high,
                "vintage_count": int(behind.sum()), "lived_share": float(lived[place, place] / lived[0, 0]),
            }
        )  # fmt: skip
    if rows:
        rows[-1]["is_last"] = True
    return rows


def _laid(group: pd.DataFrame, name: str, vintage: str, vintages: list[int], ages: list[int]) -> Floats:
    """Amounts (vintages, ages lived, ages): at the age of the last axis, of the bills that have lived the age of the one before."""
    axes = ((vintage, vintages), ("oldest_days", ages), ("age_days", ages))
    place = tuple(np.searchsorted(known, group[column].to_numpy("int64")) for column, known in axes)
    grid = np.zeros((len(vintages), len(ages), len(ages)))
    np.add.at(grid, place, group[name].to_numpy("float64"))
    lived: Floats = np.cumsum(grid[:, ::-1], axis=1)[:, ::-1]
    return lived


def _rates(paid: Floats, owed: Floats) -> Floats:
    """Rate by each age, from (ages lived, ages) of paid and owed; NaN from the first age that nobody lived."""
    unpaid = 1 - np.divide(paid, owed, out=np.full(paid.shape, np.nan), where=owed > 0)
    left = np.empty(len(paid))
    left[0] = unpaid[0, 0]
    for place in range(1, len(paid)):
        before, now = unpaid[place, place - 1], unpaid[place, place]
        left[place] = left[place - 1] * (now / before if before > 0 else np.where(np.isnan(now), np.nan, 1.0))
    found: Floats = np.clip(1 - left, 0, 1)
    return found


def _jackknife(paid: Floats, owed: Floats, behind: np.ndarray, place: int, level: float) -> tuple[float, float]:
    count = int(behind.sum())
    if count < FEWEST_VINTAGES:
        return float("nan"), float("nan")
    least = 0.5 / max(float(count), 1.0) / 1000  # a rate of exactly 1 has an interval too
    whole = logit(np.clip(_rates(paid.sum(axis=0), owed.sum(axis=0))[place], least, 1 - least))
    without = np.array(
        [_rates(paid.sum(axis=0) - paid[v], owed.sum(axis=0) - owed[v])[place] for v in range(len(paid))]
    )
    moved = logit(np.clip(without[~np.isnan(without)], least, 1 - least))
    error = np.sqrt((len(moved) - 1) / len(moved) * np.sum((moved - moved.mean()) ** 2))
    half = student.ppf((1 + level) / 2, count - 1) * error
    return float(expit(whole - half)), float(expit(whole + half))
