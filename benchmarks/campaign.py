"""The effect of a campaign: how often one is claimed where there is none, and how often a planted one is found.

    python -m benchmarks.campaign [--offices 1000] [--centers 120] [--treated 8] [--peers none|all] [--json]

Offices are synthetic: 12 months before, 6 after, centres of very different sizes and levels, a season, shocks of the office and of each centre, a drift of each centre.
A campaign runs in eight centres drawn by lot, by lot with the others of the lot held out, or chosen among the worst third of the last quarter, as managers do; it adds nothing, two points or five. The
peer is what is done without a method: before and after alone, with the binomial error. There is nothing to read: `--data` is not taken.
"""

import argparse
import json
import os
from importlib.metadata import version
from typing import Any

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import numpy as np
import pandas as pd
from scipy.special import expit

from benchmarks.measuring import most, tell
from workbench.recovery.ranking import CampaignEffect, campaign_effect

BEFORE, AFTER = 12, 6
START = 2023 * 12  # month_ordinal of the first month of the campaign
WAYS = ("lot", "hold_out", "chosen")
POINTS = (0, 2, 5)
TARGETS = {("lot", 0): "≤ 0.07", ("hold_out", 0): "≤ 0.07", ("chosen", 0): "≤ 0.07"} | {
    (way, 5): "≥ 0.95" for way in WAYS
}


def planted(
    seed: int, points: int, way: str, centers: int = 120, treated: int = 8
) -> tuple[pd.DataFrame, list[str], list[str]]:
    """The months of an office whose campaign adds `points`, the centres of the campaign, and those held out (none but for `hold_out`)."""
    rng = np.random.default_rng([27, seed, points, WAYS.index(way)])
    size = np.exp(rng.normal(np.log(350), 0.8, centers)).clip(40, 4000)
    level, months = rng.normal(1.6, 0.35, centers), BEFORE + AFTER
    drift = np.cumsum(rng.normal(0, 0.05, (months, centers)), axis=0)
    season = 0.15 * np.sin(2 * np.pi * np.arange(months) / 12 + rng.uniform(0, 6)) + rng.normal(0, 0.08, months)
    share = expit(level + drift + season[:, None] + rng.normal(0, 0.12, (months, centers)))
    bills = rng.poisson(size, (months, centers)) + 1
    paid = rng.binomial(bills, share)
    quarter = (paid / bills)[BEFORE - 3 : BEFORE].mean(axis=0)
    pool = np.argsort(quarter)[: centers // 3] if way == "chosen" else np.arange(centers)
    who = rng.choice(pool, treated, replace=False)
    share[BEFORE:, who] = np.minimum(share[BEFORE:, who] + points / 100, 0.995)
    paid[BEFORE:, who] = rng.binomial(bills[BEFORE:, who], share[BEFORE:, who])
    rest = np.setdiff1d(np.arange(centers), who)
    held = rng.choice(rest, centers // 4, replace=False) if way == "hold_out" else rest[:0]
    codes = np.array([f"{n:03d}" for n in range(centers)])
    month, center = np.indices(bills.shape).reshape(2, -1)
    table = pd.DataFrame(
        {
            "center_code": codes[center],
            "month_ordinal": START - BEFORE + month,
            "paid_share": (paid / bills).ravel(),
            "size_count": bills.ravel(),
        }
    )
    return table, codes[who].tolist(), codes[held].tolist()


def before_and_after(months: pd.DataFrame, treated: list[str]) -> bool:
    """Whether before and after alone would claim an effect, at 5 %."""
    own = months[months["center_code"].isin(treated)].assign(is_after=lambda table: table["month_ordinal"] >= START)
    parts = own.groupby(["center_code", "is_after"]).agg(share=("paid_share", "mean"), size=("size_count", "sum"))
    variance = (parts["share"] * (1 - parts["share"]) / parts["size"]).sum() / len(treated) ** 2
    mean = parts["share"].unstack().mean()
    return bool(abs(mean[True] - mean[False]) > 1.96 * np.sqrt(variance))


def measured(points: int, way: str, options: argparse.Namespace) -> dict[str, float]:
    """Of many offices: how often an effect is claimed, by us and by the peer; mean estimate and half-width, smallest visible effect, in points."""
    found: list[CampaignEffect] = []
    naive = []
    for seed in range(options.offices):
        months, treated, held = planted(seed, points, way, options.centers, options.treated)
        found.append(campaign_effect(months, treated, START, hold_out=held))
        if options.peers == "all":
            naive.append(before_and_after(months, treated))
    shown = [effect.status_code in ("favourable", "unfavourable") for effect in found]
    figures = {
        "claimed": float(np.mean(shown)),
        "estimate": 100 * float(np.mean([effect.estimate for effect in found])),
        "half_width": 50 * float(np.mean([effect.high - effect.low for effect in found])),
        "smallest_visible": 100 * float(np.mean([effect.smallest_visible for effect in found])),
        "held": float(np.mean([effect.low <= points / 100 <= effect.high for effect in found])),
    }
    return figures | ({"peer_claimed": float(np.mean(naive))} if naive else {})


def race(options: argparse.Namespace) -> dict[str, Any]:
    """Every way and size of effect."""
    ours: dict[str, Any] = {}
    peers: dict[str, Any] = {}
    for way in WAYS:
        for points in POINTS:
            figures = measured(points, way, options)
            if "peer_claimed" in figures:
                peers[f"{way} +{points}"] = {"claimed": figures.pop("peer_claimed")}
            ours[f"{way} +{points}"] = figures
    sizes = {"offices": options.offices, "centers": options.centers, "treated": options.treated}
    return {"ours": ours, "peers": {"before_and_after": peers} if peers else {}, "sizes": sizes, "versions": {name: version(name) for name in ("numpy", "scipy")}}  # fmt: skip


def main() -> None:
    """Run the race and tell it."""
    options = _options()
    result = race(options)
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
        return
    words = {
        "lot": "centres by lot",
        "hold_out": "by lot, others held out",
        "chosen": "centres chosen because they were bad",
    }
    naive = result["peers"].get("before_and_after", {})
    for way in WAYS:
        for points in POINTS:
            ours, peer = result["ours"][f"{way} +{points}"], naive.get(f"{way} +{points}", {}).get("claimed")
            what = f"{words[way]}, {f'+{points} points' if points else 'no effect'}"
            tell(
                "campaign",
                f"{what}: claimed",
                ours["claimed"],
                None,
                "",
                TARGETS.get((way, points), "none"),
                by_before_and_after=peer,
            )
            tell("campaign", f"{what}: estimate", ours["estimate"], None, "points", "none")
        tell("campaign", f"{words[way]}: smallest visible effect", ours["smallest_visible"], None, "points", "none")
        if naive:
            tell(
                "campaign",
                f"{words[way]}, no effect: claimed by before and after alone",
                naive[f"{way} +0"]["claimed"],
                None,
                "",
                "none",
            )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.campaign", description=__doc__)
    parser.add_argument("--offices", type=int, default=most(1000), help="synthetic offices of each kind")
    parser.add_argument("--centers", type=int, default=120)
    parser.add_argument("--treated", type=int, default=8)
    parser.add_argument("--peers", choices=["none", "all"], default="all")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
