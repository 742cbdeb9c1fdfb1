"""Bornhuetter–Ferguson: young vintages bring what older ones have shown that bills bring, not a multiple of their first receipts.

Bornhuetter, R. and Ferguson, R. (1972), The actuary and IBNR, PCAS 59. What is still to come = billed × the rate known before × the share of it that is
not due yet: a vintage of which a tenth is in says little of itself, and a factor of ten would make much of it (docs/methods/triangles.md).
"""

from dataclasses import dataclass

import numpy as np

from workbench.errors import WrongUse
from workbench.recovery.triangles.chain_ladder import ChainLadder, Completed, chain_ladder
from workbench.recovery.triangles.triangle import Floats, Triangle

MATURE_SHARE = 0.9  # of the ultimate that is in: a vintage from there on tells the rate of younger ones
MATURE_COUNT = 12  # vintages that tell it, the latest


@dataclass(frozen=True)
class PriorRate:
    """The rate known before: `rate` (ultimate ÷ billed), from `count` vintages, as `source_code` says: `mature_vintages`; `cape_cod` where
    none is mature (all that is in ÷ all that should be in); `given`; `none`.

    `variance`: of a vintage's rate around it, per unit of currency billed; NaN where fewer than two vintages tell it. `weight`: what those vintages were billed.
    """

    rate: float
    count: int
    source_code: str
    variance: float
    weight: float


@dataclass(frozen=True)
class BornhuetterFerguson(Completed):
    """What the model says, and the rate that it took for known."""

    prior: PriorRate


def prior_rate(
    base: Completed, mature_share: float = MATURE_SHARE, count: int = MATURE_COUNT, given: float | None = None
) -> PriorRate:
    """The rate of the vintages that are old enough, as a model carries them on.

    `mature_share`: share that must be in. `count`: how many, the latest. `given`: a rate set by hand takes the place of theirs; their spread around it
    stays. Raises `WrongUse` where `mature_share` is not in ]0, 1].
    """
    if not 0 < mature_share <= 1:
        raise WrongUse(f"a share of maturity lies above 0 and up to 1, not at {mature_share}", "mature_share")
    billed, developed = base.triangle.billed, base.developed_so_far
    is_known = (np.nan_to_num(billed) > 0) & ~np.isnan(base.ultimates)
    mature = np.flatnonzero(is_known & (np.nan_to_num(developed) >= mature_share - 1e-9))[-count:]
    weight = float(billed[mature].sum())
    rates = base.ultimates[mature] / billed[mature]
    rate, source = (float(base.ultimates[mature].sum()) / weight, "mature_vintages") if len(mature) else _cape_cod(base)
    if given is not None:
        rate, source = given, "given"
    freedom = len(mature) - (given is None)
    variance = float((billed[mature] * (rates - rate) ** 2).sum()) / freedom if len(mature) > 1 else float("nan")
    return PriorRate(rate, len(mature), source, variance, weight)


def _cape_cod(base: Completed) -> tuple[float, str]:
    expected = base.triangle.billed * base.developed_so_far
    there = (np.nan_to_num(expected) > 0) & ~np.isnan(base.triangle.latest)
    whole = float(expected[there].sum())
    return (float(base.triangle.latest[there].sum()) / whole, "cape_cod") if whole > 0 else (float("nan"), "none")


def bornhuetter_ferguson(
    triangle: Triangle, base: Completed | None = None, prior: PriorRate | None = None
) -> BornhuetterFerguson:
    """Ultimates = in so far + billed × prior rate × share still to come.

    Parameters
    ----------
    triangle
        With `billed`; a vintage billed nothing, or of which no cell is over, has no estimate: NaN.
    base
        The model whose shares by age are taken (its seasons too), and whose mature vintages make the rate; the chain ladder by default.
    prior
        From `prior_rate`, with other settings or a rate given.

    Notes
    -----
    With d the share due, b what was billed and q the rate, the error adds up four doubts: the vintage's own rate, as mature vintages differ (v b d²); when
    its money comes, as the cells of the base differ from what it says (φ b q d (1 − d): what comes early does not come later); the prior rate; the
    shares by age, from Mack's errors of the factors. It is NaN where fewer than two vintages are mature.
    """
    ladder = base if isinstance(base, ChainLadder) else chain_ladder(triangle)
    model = base or ladder
    known = prior or prior_rate(model)
    rows, reached = np.arange(len(triangle.billed)), triangle.reached
    billed = np.where((triangle.billed > 0) & (reached >= 0), triangle.billed, np.nan)
    is_later = np.arange(len(triangle.ages)) > reached[:, None]
    start = model.developed[rows, np.maximum(reached, 0)]
    due = np.where(is_later, model.developed - start[:, None], 0.0)  # of the ultimate, since the last age reached
    expected = billed[:, None] * known.rate * due
    full = np.where(is_later, triangle.latest[:, None] + expected, triangle.values)
    timing = _dispersion(model) * np.maximum(expected, 0) * np.clip(1 - due, 0, 1)
    chance = known.variance * billed[:, None] * due**2 + timing
    doubts = _doubts(ladder)
    gradients = _gradients(model.developed, reached) * (billed * known.rate)[:, None, None]
    of_rate = (billed[:, None] * due) ** 2 * _doubt_of_rate(known)
    errors = np.where(is_later, np.sqrt(chance + of_rate + (gradients**2 * doubts).sum(axis=2)), 0.0)
    there = is_later[:, -1] & ~np.isnan(full[:, -1])
    of_shares = (gradients[there, -1].sum(axis=0) ** 2 * doubts).sum()
    shared = float((billed[there] * due[there, -1]).sum()) ** 2 * _doubt_of_rate(known) + of_shares
    total = float(np.sqrt(chance[there, -1].sum() + shared)) if there.any() else 0.0
    return BornhuetterFerguson("bornhuetter_ferguson", triangle, full, errors, total, model.developed, known)


def _doubt_of_rate(known: PriorRate) -> float:
    return known.variance / known.weight if known.count > 1 else float("nan")


def _dispersion(base: Completed) -> float:
    """Pearson's φ of known cells around the shares by age of their own vintage's ultimate; NaN where nothing is left to tell it."""
    means = base.ultimates[:, None] * np.diff(base.developed, axis=1, prepend=0.0)
    amounts = base.triangle.increments
    told = ~np.isnan(amounts) & (np.nan_to_num(means) > 0)
    freedom = int(told.sum() - told.any(axis=1).sum() - told.any(axis=0).sum() + 1)
    squares = np.where(told, (amounts - means) ** 2 / np.where(told, means, 1.0), 0.0)
    return float(squares.sum()) / freedom if freedom > 0 else float("nan")


def _doubts(ladder: ChainLadder) -> Floats:
    """(m − 1,): relative variance of each estimated factor."""
    shared = ladder.factors**2 * ladder.bases
    found: Floats = np.divide(ladder.variances, shared, out=np.full(len(shared), np.nan), where=shared > 0)
    return found


def _gradients(developed: Floats, reached: np.ndarray) -> Floats:
    """(n, m, m − 1): how the share due from the age reached to each age answers to each factor (relative change)."""
    steps = np.arange(developed.shape[1] - 1)
    ages = np.arange(developed.shape[1])
    answers = np.where(steps >= ages[:, None], 1.0, 0.0)  # the share by an age answers to the factors beyond it
    start = np.maximum(reached, 0)
    here = developed[np.arange(len(developed)), start]
    moved: Floats = developed[:, :, None] * answers[None] - (here[:, None] * answers[start])[:, None, :]
    return moved
