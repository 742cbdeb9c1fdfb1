"""The ranking of centres as it may be published: shrunk, with the places between which each may truly stand, its target and its trend.

A ranking of raw rates blames centres for their communes and small ones for their luck. Here a centre is ranked on what is left once its
mix is taken off, and never without its interval: one year of bills does not order the middle of an office, and the table says so.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import logit

from workbench.errors import WrongUse
from workbench.evidence import Floats
from workbench.recovery.ranking.fair_shares import APART
from workbench.recovery.ranking.funnel import LEVEL as FUNNEL_LEVEL
from workbench.recovery.ranking.funnel import ordinary_spread
from workbench.recovery.ranking.next_year import amount_drift, count_drift, count_effects, shrunk_misses
from workbench.recovery.ranking.places import place_intervals, places
from workbench.recovery.ranking.shrinkage import count_interval, drawn_misses, drawn_shares

Weight = Literal["count", "amount"]
LEVEL = 0.8
FEWEST = 3  # units under which there is no ranking
OWN_STANDARD = 0.5  # part of its own standard from which a unit is compared with itself


def rank_units(
    shares: pd.DataFrame,
    unit: str = "center_code",
    period: str = "vintage_year",
    apart: Sequence[str] = APART,
    weight: Weight = "count",
    level: float = LEVEL,
    targets: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Units of each group and period of `fair_shares`, the best first, each with its interval and its places.

    Parameters
    ----------
    weight
        Bills counted (beta-binomial), or amounts (Bühlmann–Straub, one large account kept from passing for many).
    level
        Of the intervals: a true rate or place lies inside this often.
    targets
        `target_share` by `unit`, or by any of `apart`; a target is of the rate itself, not of the ranking.

    Returns
    -------
    The keys, `reason_code` (`ranked`; `nothing_billed`, `too_few`: fewer than three units; `own_standard`: the unit itself makes half or more of what it is
    compared with; `one_payer`: effective number of accounts under two, amounts only), `unit_count` ranked in the group, `share`, `expected_share`, `index` (actual ÷ expected), `shrunk_share`,
    `low_share`, `high_share` (of the true rate of this period), `effect`, `low_effect`, `high_effect` (shrunk, on the logit), `rank`, `low_rank`, `high_rank`, and with `targets`
    `target_share`, `reaching_share` (how likely the true rate is at least the target) and `target_code` (`reached`, `missed`, `open`). A unit that is not ranked keeps its row,
    with nulls. Shares are null where several classes of debtors stand together.
    """
    _known_weight(weight)
    tables = [_ranked(table, weight, level, keys) for keys, table in _groups(shares, [*apart, period])]
    columns = [*apart, period, unit, "reason_code", "unit_count", "rank", "low_rank", "high_rank", "share", "expected_share", "index", "shrunk_share", "low_share", "high_share", "effect", "low_effect", "high_effect"]  # fmt: skip
    found = pd.concat(tables) if tables else shares.assign(**dict.fromkeys([*columns[len(apart) + 2 :], "_draws"]))
    if targets is not None:
        found = _against_targets(found, targets, unit, apart)
        columns += ["target_share", "reaching_share", "target_code"]
    found = found.sort_values([*apart, period, "rank", unit], na_position="last", ignore_index=True)
    return found[columns]


def funnel_limits(
    shares: pd.DataFrame,
    period: str = "vintage_year",
    apart: Sequence[str] = APART,
    level: float = FUNNEL_LEVEL,
) -> pd.DataFrame:
    """`fair_shares` with the limits between which an ordinary unit of its size falls, by counts of bills.

    Returns
    -------
    The rows given, with `low_share`, `high_share` (of `count_share`; limits of the index × what is expected where there is no rate), `low_index`, `high_index` and
    `funnel_code`: `inside`, `above`, `below`, or `not_measured` (fewer than three units, or nothing billed).
    """
    tables = [_funnelled(table, level) for _, table in _groups(shares, [*apart, period])]
    return pd.concat(tables, ignore_index=True) if tables else shares.assign(funnel_code=pd.Series(dtype="str"))


def unit_trends(
    shares: pd.DataFrame,
    unit: str = "center_code",
    period: str = "vintage_year",
    apart: Sequence[str] = APART,
    weight: Weight = "count",
    level: float = LEVEL,
    alarm_level: float = 0.95,
) -> pd.DataFrame:
    """The last period of each unit against what the years before said of it, and what they say of the next.

    The drift of a centre from year to year is fitted on all pairs of years before the last one for the first, on all pairs for the second;
    both are given what the whole office does in the year (`expected_…`): they tell the centre's own change.

    Returns
    -------
    The keys (the last period), `share`, `expected_share`, `said_low_share`, `said_high_share`, `trend_code` (`better`, `worse`: outside what was said at `alarm_level`; `as_before`;
    `not_measured`: fewer than three years, fewer than three units, or no bill in either year), `next_low_share`, `next_high_share` at `level`, for as many bills and the same mix next year.
    """
    _known_weight(weight)
    tables = [_trend(table, unit, period, weight, (level, alarm_level)) for _, table in _groups(shares, list(apart))]
    names = [*apart, unit, period, "share", "expected_share", "said_low_share", "said_high_share", "trend_code", "next_low_share", "next_high_share"]  # fmt: skip
    if not tables:
        return pd.DataFrame(columns=names)
    return pd.concat(tables)[names].sort_values([*apart, unit], ignore_index=True)


def _known_weight(weight: str) -> None:
    if weight not in ("count", "amount"):
        raise WrongUse(f"weight is count or amount, not {weight!r}", "weight")


def _groups(shares: pd.DataFrame, keys: list[str]) -> Iterator[tuple[object, pd.DataFrame]]:
    yield from shares.groupby(keys, dropna=False, sort=True)


def _weighed(table: pd.DataFrame, weight: Weight) -> dict[str, Floats]:
    """Arrays of one group: what is ranked, whatever it is weighted by. Expected shares are made anew: they are shown for one class only."""
    names = ("paid_count", "bill_count", "expected_count", "base_centimes", "collected_centimes", "expected_mad")
    paid, bills, expected, base, collected, expected_mad = (table[name].to_numpy("float64") for name in names)
    mad = base / 100
    with np.errstate(divide="ignore", invalid="ignore"):
        if weight == "count":
            deff = table["design_effect"].to_numpy("float64")
            return {"paid": paid / deff, "size": bills / deff, "mean": expected / bills, "share": paid / bills}
        # In units of the logit: what moves a centre moves a rate near 0 or 1 less than one in the middle.
        slope = table["slope"].to_numpy("float64")
        return {
            "miss": (collected - expected_mad * 100) / base / slope, "noise": table["noise_variance"].to_numpy("float64") / slope**2,
            "slope": slope, "mean": expected_mad / mad, "share": collected / 100 / mad, "size": table["effective_count"].to_numpy("float64"),
        }  # fmt: skip


def _reasons(table: pd.DataFrame, weighed: dict[str, Floats], weight: Weight) -> np.ndarray:
    billed = table["bill_count" if weight == "count" else "base_centimes"].to_numpy("float64") > 0
    reasons = np.where(billed, "ranked", "nothing_billed")
    if weight == "amount":
        lone = ~(weighed["size"] >= 2) | ~np.isfinite(weighed["noise"]) | ~(weighed["noise"] > 0)
        reasons = np.where(billed & lone, "one_payer", reasons)
    reasons = _enough(reasons)
    own = table["own_share"].to_numpy("float64") >= OWN_STANDARD
    return _enough(np.where((reasons == "ranked") & own, "own_standard", reasons))


def _enough(reasons: np.ndarray) -> np.ndarray:
    few = (reasons == "ranked").sum() < FEWEST
    return np.where(few & (reasons == "ranked"), "too_few", reasons)


def _ranked(table: pd.DataFrame, weight: Weight, level: float, _: object) -> pd.DataFrame:
    weighed = _weighed(table, weight)
    reasons = _reasons(table, weighed, weight)
    kept = reasons == "ranked"
    blank = np.full(len(table), np.nan)
    found = table.assign(
        reason_code=reasons, unit_count=int(kept.sum()), share=table[f"{weight}_share"], expected_share=table[f"expected_{weight}_share"],
        index=table[f"{weight}_index"], _draws=None,
        **dict.fromkeys(("rank", "low_rank", "high_rank", "shrunk_share", "low_share", "high_share", "effect", "low_effect", "high_effect"), blank),
    )  # fmt: skip
    if not kept.any():
        return found
    part = {name: values[kept] for name, values in weighed.items()}
    if weight == "count":
        mean = np.clip(part["mean"], 1e-6, 1 - 1e-6)
        drawn = drawn_shares(part["paid"], part["size"], mean)
        effects = logit(drawn) - logit(mean)
    else:
        effects = drawn_misses(part["miss"], part["noise"])
        drawn = np.clip(part["mean"] + part["slope"] * effects, 0, 1)
    low_rank, high_rank = place_intervals(effects, level)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    low_effect, high_effect = np.quantile(effects, [(1 - level) / 2, (1 + level) / 2], axis=0)
    has_rate = found.loc[kept, "share"].notna().to_numpy()
    told = {
        "effect": effects.mean(axis=0),
        "low_effect": low_effect,
        "high_effect": high_effect,
        "rank": places(effects.mean(axis=0)),
        "low_rank": low_rank,
        "high_rank": high_rank,
    }
    told |= {
        name: np.where(has_rate, values, np.nan)
        for name, values in (("shrunk_share", drawn.mean(axis=0)), ("low_share", low), ("high_share", high))
    }
    for name, values in told.items():
        found.loc[kept, name] = values
    found.loc[kept, "_draws"] = pd.Series(list(np.sort(drawn, axis=0).T), index=found.index[kept], dtype="object")
    return found.astype(dict.fromkeys(("rank", "low_rank", "high_rank"), "Int64"))


def _against_targets(found: pd.DataFrame, targets: pd.DataFrame, unit: str, apart: Sequence[str]) -> pd.DataFrame:
    keys = [name for name in (*apart, unit) if name in targets.columns]
    if not keys:
        raise WrongUse("targets name no unit and no group", "targets", f"one of {', '.join([*apart, unit])}")
    joined = found.merge(targets[[*keys, "target_share"]], on=keys, how="left", validate="many_to_one")
    reaching = [
        np.nan if draws is None or pd.isna(target) or pd.isna(share) else float(np.mean(draws >= target))
        for draws, target, share in zip(joined["_draws"], joined["target_share"], joined["share"], strict=True)
    ]
    odds = np.array(reaching)
    codes = np.select([odds >= 0.9, odds <= 0.1, ~np.isnan(odds)], ["reached", "missed", "open"], "not_measured")
    return joined.assign(reaching_share=odds, target_code=codes)


def _funnelled(table: pd.DataFrame, level: float) -> pd.DataFrame:
    weighed = _weighed(table, "count")
    kept = weighed["size"] > 0
    low, high = (np.full(len(table), np.nan) for _ in range(2))
    codes = np.full(len(table), "not_measured", dtype=object)
    if kept.sum() >= FEWEST:
        paid, size, mean = (weighed[name][kept] for name in ("paid", "size", "mean"))
        ends = count_interval(size, mean, ordinary_spread(paid, size, mean), level)
        whole, count = np.rint(size), np.rint(paid)
        low[kept], high[kept] = (end / np.maximum(whole, 1) for end in ends)
        codes[kept] = np.select([count < ends[0], count > ends[1]], ["below", "above"], "inside")
    has_rate = table["count_share"].notna().to_numpy()
    mean = np.where(
        weighed["mean"] > 0, weighed["mean"], np.nan
    )  # nothing expected of a class that never pays: no index
    found: pd.DataFrame = table.assign(
        low_share=np.where(has_rate, low, np.nan), high_share=np.where(has_rate, high, np.nan),
        low_index=low / mean, high_index=high / mean, funnel_code=codes.astype("str"),
    )  # fmt: skip
    return found


def _trend(table: pd.DataFrame, unit: str, period: str, weight: Weight, levels: tuple[float, float]) -> pd.DataFrame:
    years = sorted(table[period].unique())
    last = table[table[period] == years[-1]].reset_index(drop=True)
    blank = np.full(len(last), np.nan)
    found: pd.DataFrame = last.assign(
        share=last[f"{weight}_share"], expected_share=last[f"expected_{weight}_share"], trend_code="not_measured",
        **dict.fromkeys(("said_low_share", "said_high_share", "next_low_share", "next_high_share"), blank),
    )  # fmt: skip
    units = last[unit].tolist()
    by_year = [table[table[period] == year].set_index(unit).reindex(units) for year in years]
    weighed = [_weighed(part, weight) for part in by_year]
    grid = {name: np.array([np.nan_to_num(part[name], nan=0.0) for part in weighed]) for name in weighed[0]}
    if weight == "amount":
        grid["noise"] = np.array([np.where(part["noise"] > 0, part["noise"], np.inf) for part in weighed])
    if len(units) < FEWEST or len(years) < 2:
        return found
    if len(years) >= 3:
        low, high = _said(grid, slice(0, -1), -2, -1, weight, levels[1])
        both = (grid["size"][-1] > 0) & (grid["size"][-2] > 0)
        share = weighed[-1]["share"]
        codes = np.select(
            [~both, share < low - 1e-12, share > high + 1e-12], ["not_measured", "worse", "better"], "as_before"
        )
        found = found.assign(
            said_low_share=np.where(both, low, np.nan), said_high_share=np.where(both, high, np.nan), trend_code=codes
        )
    low, high = _said(grid, slice(None), -1, -1, weight, levels[0])
    alive = grid["size"][-1] > 0
    return found.assign(next_low_share=np.where(alive, low, np.nan), next_high_share=np.where(alive, high, np.nan))


def _said(
    grid: dict[str, Floats], fitted: slice, known: int, told: int, weight: Weight, level: float
) -> tuple[Floats, Floats]:
    """Shares between which the year `told` falls, from the effects of the year `known` and the drift of the years `fitted`."""
    if weight == "count":
        drift = count_drift(grid["paid"][fitted], grid["size"][fitted], grid["mean"][fitted])
        effects = count_effects(grid["paid"][known], grid["size"][known], grid["mean"][known])
        low, high = drift.interval(effects, grid["mean"][told], grid["size"][told], level)
        size = np.maximum(np.rint(grid["size"][told]), 1)
        return low / size, high / size
    drifts = amount_drift(grid["miss"][fitted], grid["noise"][fitted])
    shrunk = shrunk_misses(grid["miss"][fitted], grid["noise"][fitted])[known if fitted.stop is None else -1]
    low, high = drifts.interval(shrunk, grid["noise"][told], level)
    mean, slope = grid["mean"][told], grid["slope"][told]
    return np.clip(mean + slope * low, 0, 1), np.clip(mean + slope * high, 0, 1)
