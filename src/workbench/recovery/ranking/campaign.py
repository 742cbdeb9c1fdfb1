"""The effect of a campaign (cuts, reminders): only against centres that are like those it was run in, or that were held out by lot.

Before and after alone claims an effect that is not there six times in ten: seasons, the office's own drift, and centres that were chosen
because they had just been bad and would have come back by themselves. Each centre's change is set against that of the centres nearest to it
before, on the level of the year and of the last quarter; the error comes from the centres without a campaign, put through the same measure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import nnls
from scipy.stats import t as student

from workbench.errors import WrongUse
from workbench.evidence import Floats

Integers = npt.NDArray[np.int64]
Against = Literal["matched", "hold_out"]
MATCHES, QUARTER = 5, 3  # centres that each is set against; last months before that are matched apart
PER_LEVEL = 6  # centres without a campaign for each level before that distances are corrected by
FEWEST_FREE = 5  # degrees of freedom of the interval at least: the noise is measured on many centres, not on those of the campaign alone
FEWEST_TREATED, FEWEST_OTHERS, FEWEST_BEFORE = 2, 10, 6
SEEN = 0.84  # quantile of the normal at 80 %: an effect seen eight times in ten


@dataclass(frozen=True)
class CampaignEffect:
    """What a campaign did, in points of the rate (shares, 0.05 = five points).

    `status_code`: `favourable`, `unfavourable`, `not_shown` (the interval holds 0), `not_measurable`, whose `reason_code` is `too_few_treated`,
    `too_few_others`, `too_short` (under six months before, or none after) or empty. `estimate`, `low`, `high` and `smallest_visible` (the least effect that would be
    seen eight times in ten) are null where not measurable. `centers`: a row a centre of the campaign, `center_code`, `before_share`, `after_share`, `gain_share` (its
    change less that of those it is set against), `matched_codes`. `left_out`: centres whose months have a hole, in none of this.
    """

    status_code: str
    reason_code: str
    against: Against
    treated_count: int
    other_count: int
    level: float
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    smallest_visible: float | None = None
    centers: pd.DataFrame | None = None
    left_out: tuple[str, ...] = ()

    def values(self) -> dict[str, Any]:
        """What the sentences `campaign_…` take."""
        names = ("estimate", "low", "high", "smallest_visible", "treated_count", "other_count", "level")
        return {name: getattr(self, name) for name in names}


def campaign_effect(
    months: pd.DataFrame,
    treated: Sequence[str],
    start_ordinal: int,
    hold_out: Sequence[str] = (),
    level: float = 0.95,
) -> CampaignEffect:
    """The effect of a campaign that began in a month, in the centres named.

    Parameters
    ----------
    months
        `center_code`, `month_ordinal` (year × 12 + month − 1, of the bills), `paid_share` **at one age for every month** and `size_count` (bills, or the
        effective number of accounts behind an amount), of one class of debtors: see `rates_by_month`. Months whose bills have not
        reached the age are not in it.
    treated
        Codes of the centres of the campaign.
    start_ordinal
        First month of the campaign; earlier months are before, this one and later ones after.
    hold_out
        Centres kept out **by lot**: the others' change is then set against that of all of these, and of these alone. Without it, against the nearest.

    Raises `WrongUse` for a centre treated that is in no row, one both treated and held out, or a table that repeats a month of a centre.
    """
    _checked(months, treated, hold_out)
    share, size, codes, ordinals, left_out = _laid(months)
    after = int(np.sum(ordinals >= start_ordinal))
    before = len(ordinals) - after
    is_treated = np.isin(codes, list(treated))
    is_other = np.isin(codes, list(hold_out)) if hold_out else ~is_treated
    against: Against = "hold_out" if hold_out else "matched"
    counts = int(is_treated.sum()), int(is_other.sum())
    nothing = CampaignEffect("not_measurable", "", against, *counts, level, left_out=left_out)
    if counts[0] < FEWEST_TREATED:
        return replace(nothing, reason_code="too_few_treated")
    if counts[1] < FEWEST_OTHERS:
        return replace(nothing, reason_code="too_few_others")
    if before < FEWEST_BEFORE or after < 1:
        return replace(nothing, reason_code="too_short")
    who, others = np.flatnonzero(is_treated), np.flatnonzero(is_other)
    change = share[before:].mean(axis=0) - share[:before].mean(axis=0)
    matches = len(others) if hold_out else MATCHES
    counted, nearest = _weights(share[:before], who, others, matches)
    quiet, _ = _weights(share[:before], others, others, matches)
    variance = _noise(share[:before], size[:before], others, quiet, quiet @ change)
    gains = counted @ change
    weight = 1 / variance[who]
    weight /= weight.sum()
    estimate = float(weight @ gains)
    # Centres that serve several of the campaign's are noise that these share: it is counted as often as they serve.
    error = float(np.sqrt((weight @ counted) ** 2 @ variance))
    quantile = float(student.ppf((1 + level) / 2, max(counts[0] - 1, FEWEST_FREE)))
    low, high = estimate - quantile * error, estimate + quantile * error
    status = "favourable" if low > 0 else "unfavourable" if high < 0 else "not_shown"
    table = pd.DataFrame(
        {
            "center_code": codes[who],
            "before_share": share[:before, who].mean(axis=0),
            "after_share": share[before:, who].mean(axis=0),
            "gain_share": gains,
            "matched_codes": [" ".join(codes[row]) for row in nearest],
        }
    )
    smallest = (quantile + SEEN) * error
    return replace(nothing, status_code=status, estimate=estimate, low=low, high=high, smallest_visible=smallest, centers=table)  # fmt: skip


def rates_by_month(cells: pd.DataFrame, age_days: int, weight: Literal["count", "amount"] = "count") -> pd.DataFrame:
    """The months that `campaign_effect` takes, from `cohort_cells` of one currency and class of debtors, with `vintage="month"` and `center_code`.

    Every month is looked at when its bills are `age_days` old, and only if all of them are: a month too young is left out, never compared.
    Returns `center_code`, `month_ordinal`, `paid_share`, `size_count`. Raises `WrongUse` where cells are of several currencies.
    """
    if cells["currency_code"].nunique() > 1:
        raise WrongUse("months of several currencies make no rate", "cells", "take one currency")
    kept = cells[(cells["age_days"] == age_days) & cells["is_complete"]]
    names = ["bill_count", "paid_count", "base_centimes", "collected_centimes", "base_squares_mad"]
    sums = kept.groupby(["center_code", "vintage_ordinal"])[names].sum().astype("float64").reset_index()
    sums = sums.rename(columns={"vintage_ordinal": "month_ordinal"})
    base = sums["base_centimes"] / 100
    if weight == "count":
        share, size = sums["paid_count"] / sums["bill_count"], sums["bill_count"]
    else:
        share, size = sums["collected_centimes"] / 100 / base, base**2 / sums["base_squares_mad"]
    return sums.assign(paid_share=share, size_count=size)[["center_code", "month_ordinal", "paid_share", "size_count"]].dropna(ignore_index=True)  # fmt: skip


def _checked(months: pd.DataFrame, treated: Sequence[str], hold_out: Sequence[str]) -> None:
    known = set(months["center_code"])
    for code in [*treated, *hold_out]:
        if code not in known:
            raise WrongUse(f"no month is known of centre {code!r}", "treated")
    if both := sorted(set(treated) & set(hold_out)):
        raise WrongUse(f"centre {both[0]!r} is in the campaign and held out of it", "hold_out")
    if months.duplicated(["center_code", "month_ordinal"]).any():
        raise WrongUse("a month of a centre is there twice", "months")


def _laid(months: pd.DataFrame) -> tuple[Floats, Floats, Any, Integers, tuple[str, ...]]:
    """Shares and sizes (months, centres) of the centres that have every month, their codes, the months, and the codes of the others."""
    wide = months.pivot(index="month_ordinal", columns="center_code", values=["paid_share", "size_count"])
    share, size = (wide[name].to_numpy("float64", na_value=np.nan) for name in ("paid_share", "size_count"))
    codes = wide["paid_share"].columns.astype("str").to_numpy()
    whole = ~np.isnan(share).any(axis=0) & (size > 0).all(axis=0)
    return share[:, whole], size[:, whole], codes[whole], wide.index.to_numpy(np.int64), tuple(sorted(codes[~whole]))


def _weights(share: Floats, group: Integers, pool: Integers, matches: int) -> tuple[Floats, list[Integers]]:
    """How the change of every centre counts in the gain of each of a group (group, centres), and which centres each is set against.

    A gain is the centre's change less the mean change of those of the pool nearest to it before, less what their remaining distance
    makes: changes of the pool regressed on what they were before (Abadie and Imbens, 2011). Without this the worst of all, which nobody
    is like, would seem to get better by themselves. `share` (months before, centres).
    """
    levels = np.stack([share.mean(axis=0), share[-QUARTER:].mean(axis=0), share[-1]])
    spread = levels.std(axis=1, keepdims=True)
    levels = (levels - levels[:, pool].mean(axis=1, keepdims=True)) / np.where(spread > 1e-9, spread, 1.0)
    used = levels[: max(len(pool) // PER_LEVEL, 1)]
    slopes = np.linalg.pinv(np.column_stack([np.ones(len(pool)), used[:, pool].T]))[
        1:
    ]  # change of the pool → slope of each level
    counted, nearest = np.zeros((len(group), share.shape[1])), []
    for place, center in enumerate(group):
        far = ((levels[:2, pool] - levels[:2, [center]]) ** 2).sum(axis=0)
        order = np.argsort(far, kind="stable")
        near = order[pool[order] != center][:matches]
        counted[place, center] += 1
        counted[place, pool[near]] -= 1 / len(near)
        counted[place, pool] -= (used[:, center] - used[:, pool[near]].mean(axis=1)) @ slopes
        nearest.append(pool[near])
    return counted, nearest


def _noise(share: Floats, size: Floats, others: Integers, quiet: Floats, gains: Floats) -> Floats:
    """Variance of each centre's own change, from the gains of the centres without a campaign (weights `quiet`).

    Drift moves a rate by p(1 − p), counting by the same ÷ n: how much of each, least squares without negative parts.
    """
    level = share.mean(axis=0)
    slope = np.maximum(level * (1 - level), 1e-4)  # a centre that is always paid is no centre without noise
    parts = np.column_stack([slope**2, slope / size.mean(axis=0)])
    made = quiet**2 @ parts  # of a gain, from all the changes in it
    scale = made.sum(axis=1)
    fitted = nnls(made / scale[:, None], gains**2 / scale)[0]
    variance: Floats = np.maximum(parts @ fitted, 1e-12)
    return variance
