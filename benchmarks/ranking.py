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

from benchmarks.measuring import most, tell
from tests.demo.in_memory import Made
from workbench.demo.customers import PAID as DEMO_PAID
from workbench.demo.customers import Customers
from workbench.demo.places import CENTERS as DEMO_CENTERS
from workbench.demo.places import center_code
from workbench.recovery.cohort_cells import at_reached_age, cohort_cells
from workbench.recovery.cohort_rates import compared_at_same_age, ultimate_rates
from workbench.recovery.ranking import fair_shares, funnel_limits, rank_units, unit_trends
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
        "next_year_held": _next_year(shares),
    }
    figures |= _funnel(planted)
    return figures | _rates(planted) | (_money(planted) if with_money else {})


def _of_year(table: pd.DataFrame, year: int) -> pd.DataFrame:
    return table[table["vintage_year"] == 2021 + year].sort_values("center_code", ignore_index=True)


def _blamed(place: np.ndarray, truth: np.ndarray) -> float:
    """Part of the last twelve that are truly better than the median."""
    return float(((place > CENTERS - 12) & (truth > np.median(truth))).sum() / 12)


def _next_year(shares: pd.DataFrame) -> float:
    """How often the last year fell in what the years before said of it, given its own mix and the office's own year."""
    return float((unit_trends(shares, apart=TOGETHER, alarm_level=0.8)["trend_code"] == "as_before").mean())


def _funnel(planted: Planted) -> dict[str, float]:
    odd = planted.rng.choice(CENTERS, ODD, replace=False)
    paid = planted.paid.copy()
    paid[-1, odd] = planted.rng.binomial(planted.bills[-1, odd], expit(logit(planted.share[-1, odd]) + ODD_BY))
    codes = _of_year(funnel_limits(fair_shares(planted.cells(paid), apart=TOGETHER), apart=TOGETHER), YEARS - 1)[
        "funnel_code"
    ]
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
        expected = shares.assign(expected=shares["expected_mad"] * 100 / base)[
            ["vintage_year", "center_code", "expected", "slope"]
        ]
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


# ── the demo office

AGES = (30, 60, 90, 180, 365)
PRIVATE = {"household": DEMO_PAID[0], "business": DEMO_PAID[1]}
# Of what is paid a little never counts: 1 % of the cheques (8 %) and 5 % of the debits (3 %) come back, and three in ten of these are not paid again.
NEVER_COUNTS = 0.3 * (0.01 * 0.08 + 0.05 * 0.03)


def demo_cells(office: Customers, basis: str = "ttc") -> pd.DataFrame:
    """Cells by month of a demo office, its water alone: works are a mixture of their own."""
    tables = Made(office).tables
    events = [tables[name] for name in ("invoices", "allocations", "payments", "credit_notes", "write_offs")]
    cells = cohort_cells(*events, as_of=office.last_day, ages=AGES, basis=basis)
    return cells[cells["service_code"] == "water"]


def one_demo(options: argparse.Namespace, seed: int) -> dict[str, float]:
    """What a demo office with planted centre effects says: how often its centre-years' rates, its ultimate rates and its next year are held."""
    office = Customers(options.customers, options.months, seed, center_effect=EFFECT, center_drift=DRIFT)
    cells = demo_cells(office)
    shares = fair_shares(_late_private(cells))
    found = rank_units(shares).query("reason_code == 'ranked'")
    true = _true_shares(office, cells, found)
    held = (found["low_share"] <= true) & (true <= found["high_share"])
    last = ultimate_rates(cells, "segment_code", "count").query("is_last & segment_code in ['household', 'business']")
    centers = _true_ultimates(office, cells)
    inside = [low <= centers[segment] <= high for segment, low, high in zip(last["segment_code"], last["low_rate"], last["high_rate"], strict=True)]  # fmt: skip
    return {
        "held": float(held.sum()),
        "center_years": len(found),
        "ultimates_held": float(sum(inside)),
        "ultimates": len(inside),
    }


def _late_private(cells: pd.DataFrame) -> pd.DataFrame:
    """Bills of private clients once, at an age at which all that will be paid is."""
    kept = cells[cells["segment_code"].isin(list(PRIVATE))].assign(
        vintage_year=lambda table: table["vintage_ordinal"] // 12
    )
    once = at_reached_age(kept)
    return once[once["age_days"] >= 180]


def _places_of(codes: pd.Series) -> np.ndarray:
    numbers = {center_code(number): number for number in range(DEMO_CENTERS)}
    return codes.map(numbers).to_numpy("int64")


def _true_shares(office: Customers, cells: pd.DataFrame, found: pd.DataFrame) -> np.ndarray:
    """The planted share of the bills of each centre-year, given its segments."""
    bills = (
        _late_private(cells)
        .groupby(["center_code", "vintage_year", "segment_code"])["bill_count"]
        .sum()
        .unstack(fill_value=0)
    )
    bills = bills.reindex(pd.MultiIndex.from_frame(found[["center_code", "vintage_year"]]))
    effect = office.center_effects[found["vintage_year"].to_numpy("int64") - 2022, _places_of(found["center_code"])]
    paid = sum(bills[name].to_numpy("float64") * expit(logit(share) + effect) for name, share in PRIVATE.items())
    return paid * (1 - NEVER_COUNTS) / bills.sum(axis=1).to_numpy("float64")


def _true_ultimates(office: Customers, cells: pd.DataFrame) -> dict[str, float]:
    """The planted share of all bills of each private segment that have lived a year, whatever their centre."""
    old = cells[(cells["age_days"] == AGES[-1]) & cells["segment_code"].isin(list(PRIVATE))]
    effect = office.center_effects[
        old["vintage_ordinal"].to_numpy("int64") // 12 - 2022, _places_of(old["center_code"])
    ]
    share = expit(logit(old["segment_code"].map(PRIVATE).to_numpy("float64")) + effect) * (1 - NEVER_COUNTS)
    paid = (old["bill_count"].astype("float64") * share).groupby(old["segment_code"]).sum()
    return (paid / old.groupby("segment_code")["bill_count"].sum()).to_dict()


def breaks(options: argparse.Namespace) -> dict[str, float]:
    """Whether the change of VAT and the two cut-overs fool the rates of a demo office in which no centre differs."""
    office = Customers(options.customers, options.months, 1)
    cells = demo_cells(office)
    before_tax = demo_cells(office, "ht")
    moved = {}
    for name, table in (("ttc", cells), ("ht", before_tax)):
        changes = compared_at_same_age(table, "segment_code").query(
            "segment_code == 'household' and age_days == 90 and vintage_ordinal >= 24288"
        )
        moved[name] = float(changes["amount_change"].abs().mean())
    shares = fair_shares(_late_private(cells))
    accused = funnel_limits(shares)["funnel_code"].isin(["above", "below"]).mean()
    turned = unit_trends(shares)["trend_code"].isin(["better", "worse"]).mean()
    return {"moved_ttc": moved["ttc"], "moved_ht": moved["ht"], "accused": float(accused), "turned": float(turned)}


# ── told


def race(options: argparse.Namespace) -> dict[str, Any]:
    """All parts; a part asked for no office is empty."""
    rows = pd.DataFrame([one_office(seed, seed < options.money) for seed in range(options.offices)])
    ours = {name: float(value) for name, value in rows.mean().items()}
    raw = {"rank_error": ours.pop("raw_rank_error"), "blamed": ours.pop("raw_blamed")}
    plain = {"amounts_held": ours.pop("amounts_held_plain")} if options.money else {}
    demo: dict[str, float] = {}
    if options.demo:
        parts = pd.DataFrame([one_demo(options, seed) for seed in range(1, options.demo + 1)]).sum()
        demo = {"held": parts["held"] / parts["center_years"], "center_years": parts["center_years"]}
        demo |= {"ultimates_held": parts["ultimates_held"] / parts["ultimates"], "ultimates": parts["ultimates"]}
        demo |= breaks(options)
    sizes = {name: getattr(options, name) for name in ("offices", "money", "demo", "customers", "months")}
    peers = {"raw_rates": raw, "plain_n": plain} if options.peers == "all" else {}
    return {"ours": ours, "demo": demo, "peers": peers, "sizes": sizes, "versions": {name: version(name) for name in ("numpy", "scipy", "pandas")}}  # fmt: skip


def main() -> None:
    """Run the race and tell it."""
    options = _options()
    result = race(options)
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
        return
    ours, raw, demo = result["ours"], result["peers"].get("raw_rates", {}), result["demo"]
    tell("ranking", "error of a place among 120, against raw rates", ours["rank_error"], raw.get("rank_error"), "places", "≤ 0.6" if raw else "none")  # fmt: skip
    tell("ranking", "of the last twelve, better than the median", ours["blamed"], raw.get("blamed"), "", "none")
    _between("80 % intervals of places hold", ours["ranks_held"], 0.75, 0.85)
    tell("ranking", "mean width of an interval of places", ours["rank_width"], None, "places", "none")
    _between("80 % intervals of a year's true rate hold", ours["rates_held"], 0.75, 0.85)
    _between("80 % intervals of next year, drift in, hold", ours["next_year_held"], 0.75, 0.85)
    if "amounts_held" in ours:
        _between("80 % intervals by amounts hold", ours["amounts_held"], 0.75, 0.85)
    if plain := result["peers"].get("plain_n"):
        tell("ranking", "the same, large accounts forgotten", plain["amounts_held"], None, "", "none")
    _between("funnel at 95 %: ordinary centres accused", ours["false_alarms"], 0.02, 0.06)
    tell("ranking", "funnel at 95 %: centres put 1.2 out of line, found", ours["odd_found"], None, "", "none")
    if demo:
        _between(f"demo office, {demo['center_years']:.0f} centre-years: 80 % intervals of rates hold", demo["held"], 0.75, 0.85)  # fmt: skip
        tell("ranking", f"demo office: 80 % intervals of {demo['ultimates']:.0f} ultimate rates hold", demo["ultimates_held"], None, "", "none")  # fmt: skip
        tell("ranking", "demo office: change of VAT, households at 90 days, rate moved by", demo["moved_ttc"], None, "", "≤ 0.01")  # fmt: skip
        tell("ranking", "demo office: the same before tax", demo["moved_ht"], None, "", "≤ 0.01")
        tell("ranking", "demo office without effects, cut-overs in: centre-years accused by the funnel", demo["accused"], None, "", "≤ 0.06")  # fmt: skip
        tell("ranking", "demo office without effects, cut-overs in: centres said to turn", demo["turned"], None, "", "≤ 0.06")  # fmt: skip


def _between(what: str, value: float, least: float, most_of_it: float) -> None:
    tell("ranking", what, value, None, "", f"≥ {least}")
    tell("ranking", f"{what} (no more)", value, None, "", f"≤ {most_of_it}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ranking", description=__doc__)
    parser.add_argument("--offices", type=int, default=most(60), help="planted offices")
    parser.add_argument("--money", type=int, default=most(12), help="of them, those whose amounts are looked at too")
    parser.add_argument("--demo", type=int, default=5, help="demo offices with planted effects, a seed each")
    parser.add_argument("--customers", type=int, default=most(50_000), help="of a demo office")
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--peers", choices=["none", "all"], default="all")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
