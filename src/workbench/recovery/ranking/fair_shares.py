"""What is expected of each centre, given its segments, services, billing cycles and ages: indirect standardisation.

A centre that bills communes is paid less of what it bills than one that bills households, whatever its people do. So each kind of bill (a
stratum) is expected to be paid as in the whole office in the same period, and a centre is compared with what its own mix of them makes.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from workbench.errors import WrongUse
from workbench.evidence import Floats
from workbench.recovery.portfolios import debtor_class_of

APART = ("currency_code", "debtor_class_code")
STRATA = ("segment_code", "service_code", "cycle_code", "age_days")
_COUNTS = ("bill_count", "paid_count")
_AMOUNTS = ("base_centimes", "collected_centimes")
_BILL_SQUARES = ("bill_squares", "bill_paid_products", "paid_squares")
_AMOUNT_SQUARES = ("base_squares_mad", "base_collected_mad", "collected_squares_mad")


def fair_shares(
    cells: pd.DataFrame,
    unit: str = "center_code",
    period: str = "vintage_year",
    apart: Sequence[str] = APART,
    strata: Sequence[str] = STRATA,
) -> pd.DataFrame:
    """Actual and expected of each unit and period, by counts and by amounts.

    Parameters
    ----------
    cells
        `cohort_cells` with each bill once (`at_reached_age`): `currency_code`, `unit`, `period`, `segment_code`, those of `strata` that it has,
        `bill_count`, `paid_count`, `base_centimes`, `collected_centimes`, and the squares by customer where they are known.
    apart
        What is never put together: by default currencies and classes of debtors. With `("currency_code",)` a unit gets one index over
        all its classes, and no rate: shares are null, since State, communes, utility boards and private clients make no common rate.
    strata
        What a bill is expected by.

    Returns
    -------
    `apart`, `unit`, `period`, `bill_count`, `paid_count`, `expected_count`, `count_share`, `expected_count_share`, `count_index` (actual ÷
    expected), `design_effect` (≥ 1: how many bills say as much as one, since those of a customer are paid alike); the same of amounts:
    `base_centimes`, `collected_centimes`, `expected_mad`, `amount_share`, `expected_amount_share`, `amount_index`, `effective_count` ((Σw)² ÷ Σw² over
    customers), `noise_variance` (of `amount_share`, by chance), `slope` (what one unit of an effect on the
    logit adds to `amount_share`, given the mix); `own_share`, the part of its own standard that the unit itself makes.
    Null where nothing was billed. Sums of counts and amounts are those of `cells`.

    Raises `WrongUse` where a column is missing.
    """
    table = cells
    if "debtor_class_code" in apart and "debtor_class_code" not in cells.columns:
        table = cells.assign(debtor_class_code=debtor_class_of(cells["segment_code"]))
    kinds = [name for name in strata if name in table.columns]
    needed = [*apart, unit, period, "segment_code", *_COUNTS, *_AMOUNTS]
    if missing := [name for name in needed if name not in table.columns]:
        raise WrongUse(f"no column is called {missing[0]!r}", "cells", f"known: {', '.join(table.columns)}")
    groups = [*apart, period]
    sums = [name for name in (*_COUNTS, *_AMOUNTS, *_BILL_SQUARES, *_AMOUNT_SQUARES) if name in table.columns]
    rows = (
        table.groupby([*groups, *[k for k in kinds if k not in groups], unit], dropna=False)[sums].sum().reset_index()
    )
    rows = _with_expected(rows, [*groups, *[k for k in kinds if k not in groups]])
    found = rows.groupby([*groups, unit], dropna=False).agg(
        **{name: (name, "sum") for name in [*_COUNTS, *_AMOUNTS]},
        expected_count=("_expected_count", "sum"), expected_mad=("_expected_mad", "sum"), _own=("_own", "sum"),
        _count_noise=("_count_noise", "sum"), _binomial=("_binomial", "sum"), _amount_noise=("_amount_noise", "sum"),
        _squares=("_squares", "sum"), _slope=("_slope", "sum"), _class_count=("_class", "nunique"),
    ).reset_index()  # fmt: skip
    return _told(found, [*apart, unit, period])


def _with_expected(rows: pd.DataFrame, stratum: list[str]) -> pd.DataFrame:
    """Rows of unit × stratum with what the office's own rate of the stratum makes of them, and the variances by chance."""
    office = rows.groupby(stratum, dropna=False)[[n for n in rows.columns if n not in stratum and n.endswith(("_count", "_centimes", "_squares", "_products", "_mad"))]].transform("sum")  # fmt: skip
    bills, base = rows["bill_count"].to_numpy("float64"), rows["base_centimes"].to_numpy("float64") / 100
    paid = _divided(office["paid_count"], office["bill_count"])
    collected = _divided(office["collected_centimes"], office["base_centimes"])
    expected_count = np.nan_to_num(bills * paid)
    binomial = np.nan_to_num(bills * paid * (1 - paid))
    return rows.assign(
        _class=debtor_class_of(rows["segment_code"]),
        _expected_count=expected_count,
        _expected_mad=np.nan_to_num(base * collected),
        _slope=np.nan_to_num(base * collected * (1 - collected)),
        _own=np.nan_to_num(expected_count * _divided(rows["bill_count"], office["bill_count"])),
        _binomial=binomial,
        _count_noise=binomial * _clustering(office, paid, "bill"),
        _amount_noise=_amount_noise(rows, office, collected),
        _squares=rows["base_squares_mad"].astype("float64") if "base_squares_mad" in rows else np.nan,
    )


def _clustering(office: pd.DataFrame, share: Floats, kind: str) -> Floats:
    """Variance of the number of bills paid, customers by customers, ÷ that of as many bills each paid for itself; at least 1."""
    if any(name not in office for name in _BILL_SQUARES):
        return np.ones(len(office))
    bills, products, paid = (office[name].to_numpy("float64") for name in _BILL_SQUARES)
    by_customer = paid - 2 * share * products + share**2 * bills
    alone = office["bill_count"].to_numpy("float64") * share * (1 - share)
    found: Floats = np.maximum(np.divide(by_customer, alone, out=np.ones(len(office)), where=alone > 0), 1.0)
    return found


def _amount_noise(rows: pd.DataFrame, office: pd.DataFrame, share: Floats) -> Floats:
    """Variance by chance of what a unit collects in a stratum (dirhams²): Σw² of its customers × that of a customer's share in the office."""
    if any(name not in rows for name in _AMOUNT_SQUARES):
        return np.full(len(rows), np.nan)
    base, products, collected = (office[name].to_numpy("float64") for name in _AMOUNT_SQUARES)
    of_a_share = _divided(collected - 2 * share * products + share**2 * base, base)
    found: Floats = np.nan_to_num(np.maximum(of_a_share, 0) * rows["base_squares_mad"].to_numpy("float64"))
    return found


def _told(found: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    bills, base = found["bill_count"].to_numpy("float64"), found["base_centimes"].to_numpy("float64") / 100
    one_class = (found["_class_count"] <= 1).to_numpy()
    collected = found["collected_centimes"].to_numpy("float64") / 100
    shares = {
        "count_share": _divided(found["paid_count"], bills),
        "expected_count_share": _divided(found["expected_count"], bills),
        "amount_share": _divided(collected, base),
        "expected_amount_share": _divided(found["expected_mad"], base),
    }
    return found.assign(
        **{name: np.where(one_class, share, np.nan) for name, share in shares.items()},
        count_index=_divided(found["paid_count"], found["expected_count"]),
        design_effect=np.maximum(np.nan_to_num(_divided(found["_count_noise"], found["_binomial"]), nan=1.0), 1.0),
        amount_index=_divided(collected, found["expected_mad"]),
        effective_count=_divided(base**2, found["_squares"]),
        noise_variance=_divided(found["_amount_noise"], base**2),
        slope=_divided(found["_slope"], base),
        own_share=_divided(found["_own"], found["expected_count"]),
    )[
        [
            *keys, "bill_count", "paid_count", "expected_count", "count_share", "expected_count_share", "count_index", "design_effect",
            "base_centimes", "collected_centimes", "expected_mad", "amount_share", "expected_amount_share", "amount_index",
            "effective_count", "noise_variance", "slope", "own_share",
        ]
    ].sort_values(keys, ignore_index=True)  # fmt: skip


def _divided(part: pd.Series | Floats, whole: pd.Series | Floats) -> Floats:
    over, under = np.asarray(part, "float64"), np.asarray(whole, "float64")
    found: Floats = np.divide(over, under, out=np.full(len(over), np.nan), where=under > 0)
    return found
