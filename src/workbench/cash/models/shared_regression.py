"""Many series on one design: one weighted singular value decomposition serves ridge and least absolute errors, all series, all penalties.

Values are `(T, n)`, a NaN is missing and weighs nothing; designs `(T, k)`.
"""

from dataclasses import dataclass

import numpy as np

from workbench.evidence import Floats

PENALTIES = tuple(10.0 ** (power / 2) for power in range(-4, 7))
FILLS = 8  # times that a missing day is filled with what the fit says of it


@dataclass(frozen=True)
class Linear:
    """Coefficients (k, n) on the columns less `center` (k,), and `intercept` (n,)."""

    center: Floats
    coefficients: Floats
    intercept: Floats

    def predict(self, design: Floats) -> Floats:
        """What it says of the rows of a design (H, k): (H, n)."""
        return (design - self.center) @ self.coefficients + self.intercept


@dataclass(frozen=True)
class SharedDesign:
    """A weighted design, centred and decomposed: rows × `root` = `left` · `sizes` · `right`."""

    share: Floats
    root: Floats
    center: Floats
    left: Floats
    sizes: Floats
    right: Floats

    @classmethod
    def of(cls, design: Floats, weights: Floats) -> "SharedDesign":
        """Decompose a design (T, k) whose rows weigh `weights` (T,)."""
        share = weights / weights.sum()
        root = np.sqrt(share * len(share))[:, None]
        center = share @ design
        left, sizes, right = np.linalg.svd((design - center) * root, full_matrices=False)
        kept = sizes > 1e-7 * max(sizes[0], 1e-300)
        return cls(share, root, center, left[:, kept], sizes[kept], right[kept])

    def linear(self, turned: Floats, intercept: Floats) -> Linear:
        """Coefficients on the columns of the design from those on its singular vectors."""
        return Linear(self.center, self.right.T @ turned, intercept)

    def fitted(self, turned: Floats, intercept: Floats) -> Floats:
        """What coefficients on the singular vectors say of the rows learnt from."""
        return self.left @ (self.sizes[:, None] * turned) / self.root + intercept


@dataclass(frozen=True)
class RidgeFit:
    """A ridge fit, the `penalty` chosen a series (n,), what it says of the rows learnt from, `fitted` (T, n), and their `own` weight (T, n).

    Of the miss m of a row whose own weight is h, the fit without that row would have missed m ÷ (1 − h).
    """

    linear: Linear
    penalty: Floats
    fitted: Floats
    own: Floats


def fit_ridge(
    shared: SharedDesign, values: Floats, penalties: tuple[float, ...] = PENALTIES, one_penalty: bool = False
) -> RidgeFit:
    """Ridge of all series, the penalty of each by generalised cross-validation (Golub, Heath & Wahba, 1979).

    With `one_penalty` all series share one, so that the fit of a sum is the sum of fits. Missing days are filled with what the fit says.
    """
    missing = np.isnan(values)
    filled = np.where(missing, _weighted_mean(values, shared.share), values) if missing.any() else values
    fit = _ridge(shared, filled, penalties, one_penalty)
    for _ in range(FILLS if missing.any() else 0):
        filled = np.where(missing, fit.fitted, filled)
        fit = _ridge(shared, filled, penalties, one_penalty)
    return fit


def _ridge(shared: SharedDesign, values: Floats, penalties: tuple[float, ...], one_penalty: bool) -> RidgeFit:
    tried, sizes = np.array(penalties), shared.sizes[:, None]
    intercept = shared.share @ values
    target = (values - intercept) * shared.root
    turned, whole = shared.left.T @ target, (target**2).sum(axis=0)
    kept = sizes**2 / (sizes**2 + tried)  # (rank, penalties)
    missed = whole - (2 * kept - kept**2).T @ turned**2  # (penalties, n)
    scores = missed / (len(values) - 1 - kept.sum(axis=0)).clip(1e-9)[:, None] ** 2
    if one_penalty:  # a score in units of the spread of its series, else one large series chooses for all
        scores = np.repeat((scores / np.maximum(whole, 1e-300)).sum(axis=1)[:, None], values.shape[1], axis=1)
    best = scores.argmin(axis=0)
    turned = sizes / (sizes**2 + tried[best]) * turned
    own = shared.left**2 @ kept + shared.share[:, None]
    return RidgeFit(shared.linear(turned, intercept), tried[best], shared.fitted(turned, intercept), own[:, best])


def fit_quantile(
    shared: SharedDesign, values: Floats, penalty: Floats, start: Floats, level: float = 0.5, rounds: int = 25
) -> tuple[Linear, Floats]:
    """Quantile regression of all series with a ridge penalty, and what it says of the rows learnt from.

    Minimises Σ w ρ(y − Xb) ÷ s + penalty |b|² ÷ (2 s²), with s the mean absolute move around the median of each series, by alternating
    directions (Boyd et al., 2011, §6.4): each round is a ridge on the same decomposition, then a shrinkage of the misses. `penalty` (n,);
    `start` (T, n) a first fit. Single precision: the answer is one of statistics, and twice as fast.
    """
    middle = quantiles_of(values, (0.5,))[:, 0]
    size = np.nan_to_num(_weighted_mean(np.abs(values - middle), shared.share))
    size = np.where(size > 0, size, 1.0)
    missing = np.isnan(values)
    target = (np.where(missing, start, values) / size).astype(np.float32)
    unbound = missing if missing.any() else np.array(False)  # where nothing is missing, one bound serves all days
    up, down = (np.where(unbound, 0, bound).astype(np.float32) for bound in (level, level - 1))
    inward = np.ascontiguousarray(
        (shared.left * shared.root).T, dtype=np.float32
    )  # of centred columns: no mean to take off
    outward = (shared.left * shared.sizes / shared.root).astype(np.float32)
    shrink = (shared.sizes[:, None] / (shared.sizes[:, None] ** 2 + penalty)).astype(np.float32)
    share, clipped = shared.share.astype(np.float32), np.zeros_like(target)
    wanted, moved = (start / size).astype(np.float32), np.empty_like(target)
    for _ in range(rounds):  # the dual is the last clipped miss with its sign turned, which saves an array
        intercept = share @ wanted
        turned = shrink * (inward @ wanted)
        said = outward @ turned
        said += intercept
        np.subtract(target, said, out=moved)
        moved += clipped
        np.clip(moved, down, up, out=clipped)
        np.subtract(target, moved, out=wanted)
        wanted += np.multiply(2, clipped, out=moved)
    linear = shared.linear(turned * size, intercept * size)
    return linear, said * size


def _weighted_mean(values: Floats, share: Floats) -> Floats:
    weights = np.where(np.isnan(values), 0.0, share[:, None])
    found: Floats = (weights * np.nan_to_num(values)).sum(axis=0) / np.maximum(weights.sum(axis=0), 1e-300)
    return found


def quantiles_of(values: Floats, levels: tuple[float, ...]) -> Floats:
    """Quantiles (n, levels) of each column of (T, n), NaN left out; NaN for a column of NaN. (numpy's own goes column by column.)"""
    ordered = np.sort(values, axis=0)  # NaN last
    last = np.maximum((~np.isnan(values)).sum(axis=0) - 1, 0)
    places = np.array(levels)[:, None] * last
    below = places.astype(np.int64)
    low, high = (np.take_along_axis(ordered, row, axis=0) for row in (below, np.minimum(below + 1, last)))
    found: Floats = (low + (places - below) * (high - low)).T
    return found
