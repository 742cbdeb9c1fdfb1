"""How much of what is owed hangs on how few debtors: the curve of Pareto and its figures, by group, groups never pooled
(docs/methods/debt_concentration.md)."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from workbench.errors import WrongUse
from workbench.frames import frame, to_pandas
from workbench.recovery.groups import group_keys

TOPS = (1, 10, 50)  # debtors whose part of the whole is told
PARETO_SHARE = 0.8


def concentration(items: Any, by: str | Sequence[str] = ("segment_code",), tops: Sequence[int] = TOPS) -> pd.DataFrame:
    """Figures of concentration of what is owed, by currency and group.

    Parameters
    ----------
    items
        As from `open_items`: its debit items; credits lower no debt. An item without a customer is a debtor of its own, never one with the others.

    Returns
    -------
    `currency_code`, `by`, `debtor_count`, `outstanding_centimes`, `top_1_share`, `top_10_share`, `top_50_share`, `pareto_count` (fewest debtors that owe `PARETO_SHARE` of it), `hhi` (Σ
    share², 1: one debtor), `effective_count` (1 ÷ hhi: so many debtors of equal size), `gini`. Raises `WrongUse` where `tops` does not increase.
    """
    if not tops or min(tops) < 1 or list(tops) != sorted(set(tops)):
        raise WrongUse(f"bounds must increase: {', '.join(map(str, tops))}", "tops")
    keys = group_keys(by)
    rows = []
    for group, owed in _debts(items, keys):
        sums = np.cumsum(owed)
        whole, count = int(sums[-1]), len(owed)
        share = owed / whole
        hhi = float(np.sum(share**2))
        place = np.arange(count, 0, -1)  # of the smallest first, counted from 1, while the largest stands first
        rows.append(
            dict(zip(keys, group, strict=True))
            | {"debtor_count": count, "outstanding_centimes": whole}
            | {f"top_{top}_share": int(sums[min(top, count) - 1]) / whole for top in tops}
            | {
                "pareto_count": int(np.searchsorted(sums, PARETO_SHARE * whole - 1e-9)) + 1,
                "hhi": hhi,
                "effective_count": 1 / hhi,
            }
            | {"gini": float(2 * np.sum(place * share) / count - (count + 1) / count)}
        )
    figures = [
        "debtor_count",
        "outstanding_centimes",
        *[f"top_{top}_share" for top in tops],
        "pareto_count",
        "hhi",
        "effective_count",
        "gini",
    ]
    return pd.DataFrame(rows, columns=[*keys, *figures])


def pareto_curve(items: Any, by: str | Sequence[str] = ("segment_code",), points: int = 50) -> pd.DataFrame:
    """The curve of Pareto by currency and group: `debtor_count`, `debtor_share` (of the debtors, the largest first), `amount_share` (of what they owe).

    At most `points` points a group, spread evenly over the debtors, the first and the last among them. Items as in `concentration`; raises
    `WrongUse` for fewer than two points.
    """
    if points < 2:
        raise WrongUse(f"a curve of {points} points is none", "points")
    keys = group_keys(by)
    parts = []
    for group, owed in _debts(items, keys):
        sums, count = np.cumsum(owed), len(owed)
        place = np.unique(np.rint(np.linspace(1, count, min(points, count))).astype(np.int64))
        curve = pd.DataFrame(
            {"debtor_count": place, "debtor_share": place / count, "amount_share": sums[place - 1] / sums[-1]}
        )
        parts.append(pd.DataFrame(dict(zip(keys, group, strict=True)), index=curve.index).join(curve))
    names = [*keys, "debtor_count", "debtor_share", "amount_share"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)


def _debts(items: Any, keys: list[str]) -> list[tuple[tuple[Any, ...], Any]]:
    """Of each group what each debtor owes, the largest first."""
    debtor = nw.coalesce("customer_code", "invoice_id")
    owed = frame(items).filter(nw.col("outstanding_centimes") > 0).select(*keys, "outstanding_centimes", debtor=debtor)
    sums = owed.group_by(*keys, "debtor").agg(nw.col("outstanding_centimes").sum())
    table = to_pandas(sums.with_columns(nw.col("outstanding_centimes").cast(nw.Int64)).sort(*keys))
    return [
        (group if isinstance(group, tuple) else (group,), np.sort(mine["outstanding_centimes"].to_numpy("int64"))[::-1])
        for group, mine in table.groupby(keys, dropna=False)
    ]
