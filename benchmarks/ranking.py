"""Fair ranking of centres against raw rates, on planted offices whose truth is known, and on the demo office with planted centre effects.

    python -m benchmarks.ranking [--offices 60] [--money 12] [--demo 5] [--customers 50000] [--months 36] [--peers none|all] [--json]

A planted office is synthetic: 120 centres of very different sizes, each with its own mix of four kinds of client, four years; on the logit a centre is
off by 0.30, a centre in a year by 0.15 more, the office in a year by 0.15. Told: the error of a place in the ranking against that of raw rates (the peer), how often intervals
hold the truth, how many ordinary centres the funnel accuses and how many planted ones it finds. The demo office is made with planted centre effects too, one a seed. There is
nothing to read: `--data` is not taken.
"""

import argparse
import json
import os
from importlib.metadata import version
from typing import Any

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from benchmarks.measuring import tell
from workbench.recovery.ranking import fair_shares, funnel, rank_units, trend
from workbench.recovery.ranking.places import places

CENTERS, YEARS = 120, 4
PAID = np.array([0.93, 0.88, 0.62, 0.35])  # by kind of client, within 90 days
KINDS = np.array(["household", "business", "state", "municipality"])
EFFECT, DRIFT, OFFICE = 0.30, 0.15, 0.15  # standard deviations on the logit
ODD, ODD_BY = 6, -1.2  # centres put out of line for the funnel
TOGETHER = ("currency_code",)  # one index over all classes: actual ÷ expected, no rate


class Planted:
    """A planted office: `bills`, `paid` (years, centres, kinds), their true shares, and the true effect of each centre and year."""

    def __init__(self, seed: int) -> None:
        rng = self.rng = np.random.default_rng([26, seed])
        mix = np.array([rng.dirichlet(part) for part in np.array([8, 1, 0.6, 0.6]) * rng.gamma(2, 0.5, (CENTERS, 1))])
        size = np.exp(rng.normal(np.log(400), 1, CENTERS)).clip(30, 8000)
        growth = rng.gamma(50, 1 / 50, (YEARS, CENTERS, 4))
        self.effect = rng.normal(0, EFFECT, CENTERS) + rng.normal(0, DRIFT, (YEARS, CENTERS))
        self.bills = rng.poisson(size[None, :, None] * mix * growth)
        self.bills[:, :, 0] += self.bills.sum(axis=2) == 0
        office = rng.normal(0, OFFICE, YEARS)[:, None, None]
        self.share = expit(logit(PAID) + office + self.effect[:, :, None])
        self.paid = rng.binomial(self.bills, self.share)

    def cells(self, paid: np.ndarray | None = None) -> pd.DataFrame:
        """The office as `cohort_cells` would give it; amounts are a dirham a bill, so that nothing is told of them."""
        paid = self.paid if paid is None else paid
        year, center, kind = np.indices(self.bills.shape).reshape(3, -1)
        table = pd.DataFrame(
            {
                "currency_code": "MAD",
                "center_code": np.array([f"{n:03d}" for n in range(CENTERS)])[center],
                "segment_code": KINDS[kind],
                "vintage_year": 2021 + year,
                "bill_count": self.bills.ravel(),
                "paid_count": paid.ravel(),
            }
        )
        return table.assign(base_centimes=table["bill_count"] * 100, collected_centimes=table["paid_count"] * 100)

    def money(self) -> tuple[pd.DataFrame, np.ndarray]:
        """The office with an amount a bill, some very large, each of a customer of its own; and the true share of amounts of each centre and year."""
        flat = self.bills.ravel()
        of = np.repeat(np.arange(len(flat)), flat)
        kind = of % 4
        amount = np.rint(np.exp(self.rng.normal(np.array([5, 6.5, 8, 8])[kind], 1.0)) * 100)
        share = self.share.ravel()[of]
        collected = amount * (self.rng.random(len(of)) < share)

        def summed(values: np.ndarray) -> np.ndarray:
            return np.bincount(of, values, len(flat))

        table = self.cells().assign(
            base_centimes=summed(amount).astype(np.int64),
            collected_centimes=summed(collected).astype(np.int64),
            base_squares_mad=summed(amount**2) / 1e4,
            base_collected_mad=summed(amount * collected) / 1e4,
            collected_squares_mad=summed(collected**2) / 1e4,
        )
        truth = summed(amount * share).reshape(self.bills.shape).sum(axis=2)
        return table, truth / summed(amount).reshape(self.bills.shape).sum(axis=2)


def one_office(seed: int, with_money: bool = False) -> dict[str, float]:
    """Every figure of one planted office, shares of centres but for the errors and widths, which are places."""
    planted = Planted(seed)
    shares = fair_shares(planted.cells(), apart=TOGETHER)
    year = YEARS - 2
    found = _of_year(rank_units(shares, apart=TOGETHER), year)
    truth = planted.effect[year]
    true_place, raw = places(truth), planted.paid[year].sum(axis=1) / planted.bills[year].sum(axis=1)
    shrunk = found["rank"].to_numpy("int64")
    low, high = found["low_rank"].to_numpy("int64"), found["high_rank"].to_numpy("int64")
    figures = {
        "rank_error": float(np.abs(shrunk - true_place).mean()),
        "raw_rank_error": float(np.abs(places(raw) - true_place).mean()),
        "blamed": _blamed(shrunk, truth),
        "raw_blamed": _blamed(places(raw), truth),
        "ranks_held": float(((true_place >= low) & (true_place <= high)).mean()),
        "rank_width": float((high - low).mean()),
        "next_year_held": _next_year(planted, shares),
    }
    figures |= _funnel(planted)
    return figures | _rates(planted) | (_money(planted) if with_money else {})


def _of_year(table: pd.DataFrame, year: int) -> pd.DataFrame:
    return table[table["vintage_year"] == 2021 + year].sort_values("center_code", ignore_index=True)


def _blamed(place: np.ndarray, truth: np.ndarray) -> float:
    """Part of the last twelve that are truly better than the median."""
    return float(((place > CENTERS - 12) & (truth > np.median(truth))).sum() / 12)


def _next_year(planted: Planted, shares: pd.DataFrame) -> float:
    """How often the last year fell in what the years before said of it, given its own mix and the office's own year."""
    from workbench.recovery.ranking.rank_units import _said, _weighed

    weighed = [_weighed(_of_year(shares, year), "count") for year in range(YEARS)]
    grid = {name: np.array([part[name] for part in weighed]) for name in weighed[0]}
    low, high = _said(grid, slice(0, -1), -2, -1, "count", 0.8)
    return float(((grid["share"][-1] >= low - 1e-12) & (grid["share"][-1] <= high + 1e-12)).mean())


def _funnel(planted: Planted) -> dict[str, float]:
    odd = planted.rng.choice(CENTERS, ODD, replace=False)
    paid = planted.paid.copy()
    paid[-1, odd] = planted.rng.binomial(planted.bills[-1, odd], expit(logit(planted.share[-1, odd]) + ODD_BY))
    codes = _of_year(funnel(fair_shares(planted.cells(paid), apart=TOGETHER), apart=TOGETHER), YEARS - 1)["funnel_code"]
    is_odd = np.isin(np.arange(CENTERS), odd)
    outside = codes.isin(["above", "below"]).to_numpy()
    return {"false_alarms": float(outside[~is_odd].mean()), "odd_found": float(outside[is_odd].mean())}


def _rates(planted: Planted) -> dict[str, float]:
    """How often the interval of a true rate of private clients holds it: the one class that every centre has in number."""
    private = planted.cells()
    private = private[private["segment_code"].isin(["household", "business"])]
    found = rank_units(fair_shares(private)).query("reason_code == 'ranked'")
    bills, share = planted.bills[:, :, :2], planted.share[:, :, :2]
    truth = (bills * share).sum(axis=2) / np.maximum(bills.sum(axis=2), 1)
    true = truth[found["vintage_year"] - 2021, found["center_code"].astype(int)]
    return {"rates_held": float(((found["low_share"] <= true) & (true <= found["high_share"])).mean())}


def _money(planted: Planted) -> dict[str, float]:
    cells, truth = planted.money()
    held = {}
    for name, table in (("amounts_held", cells), ("amounts_held_plain", _as_if_many(cells))):
        shares = fair_shares(table, apart=TOGETHER)
        base = shares["base_centimes"].to_numpy("float64")
        found = rank_units(shares, apart=TOGETHER, weight="amount").query("reason_code == 'ranked'")
        expected = shares.assign(expected=shares["expected_mad"] * 100 / base)[["vintage_year", "center_code", "expected", "slope"]]
        merged = found.merge(expected, on=["vintage_year", "center_code"])
        true = truth[merged["vintage_year"] - 2021, merged["center_code"].astype(int)]
        effect = (true - merged["expected"]) / merged["slope"]
        held[name] = float(((merged["low_effect"] <= effect) & (effect <= merged["high_effect"])).mean())
    return held


def _as_if_many(cells: pd.DataFrame) -> pd.DataFrame:
    """The same amounts as if every bill of a cell were of one size: what forgetting large accounts comes to."""
    bills = cells["bill_count"].clip(lower=1)
    paid = cells["paid_count"]
    base, collected = cells["base_centimes"] / 100, cells["collected_centimes"] / 100
    return cells.assign(base_squares_mad=base**2 / bills, base_collected_mad=base * collected / bills, collected_squares_mad=collected**2 / paid.clip(lower=1))  # fmt: skip


if __name__ == "__main__":
    import time
    t=time.time()
    rows = pd.DataFrame([one_office(seed, seed < 6) for seed in range(40)])
    print(rows.mean(), time.time()-t)
