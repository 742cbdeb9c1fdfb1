"""How far a centre's own figure is believed: beta-binomial for counts, Bühlmann and Straub's credibility for amounts.

Arrays in, figures out, a place a centre. How much centres differ is itself not known exactly: every value of it counts here by its
likelihood, so that an office of eight centres gets wider intervals than one of a hundred and twenty.
"""

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import betaln, gammaln
from scipy.stats import beta

from workbench.evidence import Floats

DRAWS = 2000
_SPREADS = np.concatenate([[0.0], np.geomspace(1e-3, 4.0, 90)])  # standard deviations of centres that are tried
_MANY = 20_000  # bills from which counts are as good as a share
_LEAST, _MOST = 1e-9, 1 - 1e-9
_KAPPA = (-1.0, 14.0)  # logarithm of the concentrations searched: beyond it centres do not differ


def log_likelihood(paid: Floats, billed: Floats, mean: Floats, kappa: float | Floats) -> Floats:
    """Of counts around their expected shares, by centre, up to a constant; `kappa` may have more axes before that of the centres."""
    a, b = mean * kappa, (1 - mean) * kappa
    found: Floats = betaln(paid + a, billed - paid + b) - betaln(a, b)
    return found


def concentration(paid: Floats, billed: Floats, mean: Floats) -> float:
    """κ of the beta-binomial around expected shares, the most likely one: large where centres differ little.

    `paid` of `billed` bills, and the share expected of each centre, shape (centres,); counts may be effective ones, not whole.
    """
    mean = np.clip(mean, _LEAST, _MOST)

    def miss(log_kappa: float) -> float:
        return -float(log_likelihood(paid, billed, mean, float(np.exp(log_kappa))).sum())

    return float(np.exp(minimize_scalar(miss, bounds=_KAPPA, method="bounded").x))


def shrunk_share(paid: Floats, billed: Floats, mean: Floats, kappa: float) -> Floats:
    """(y + κ m) ÷ (n + κ): the share of each centre, drawn to the one expected of it the more the fewer its bills."""
    found: Floats = (paid + kappa * mean) / (billed + kappa)
    return found


def drawn_shares(paid: Floats, billed: Floats, mean: Floats, draws: int = DRAWS, seed: int = 0) -> Floats:
    """Shares that each centre may truly have, given its counts and those of the others; shape (draws, centres).

    Each draw takes a spread of centres by its likelihood (flat on its standard deviation), then every centre's beta posterior. A centre
    without a bill is drawn around what is expected of it. Equal arguments give equal draws.
    """
    rng = np.random.default_rng([seed, len(mean)])
    mean = np.clip(mean, _LEAST, _MOST)
    spreads = np.geomspace(np.exp(-_KAPPA[1] / 2), np.exp(-_KAPPA[0] / 2), 90)
    kappas = spreads**-2.0
    likely = log_likelihood(paid, billed, mean, kappas[:, None]).sum(axis=1)
    kappa = rng.choice(kappas, draws, p=_weights(likely, spreads))[:, None]
    found: Floats = rng.beta(paid + mean * kappa, billed - paid + (1 - mean) * kappa)
    return np.clip(found, _LEAST, _MOST)


def count_interval(billed: Floats, mean: Floats, kappa: float, level: float) -> tuple[Floats, Floats]:
    """Counts between which a beta-binomial of `kappa` around `mean` falls at least `level` of the time, both ends in, shape (centres,).

    Numbers of bills are rounded. Beyond 20,000 bills the share's beta law of the same variance stands for it, at a hundredth of the cost.
    """
    size, mean = np.rint(billed), np.clip(mean, _LEAST, _MOST)
    ends = np.array([(1 - level) / 2, (1 + level) / 2])
    found = np.array([_ends(n, m, kappa, ends) for n, m in zip(size, mean, strict=True)]).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _ends(size: float, mean: float, kappa: float, ends: Floats) -> Floats:
    a, b = mean * kappa, (1 - mean) * kappa
    if size > _MANY:
        like = (kappa + 1) * size / (
            kappa + size
        ) - 1  # concentration of the beta law with the variance of the counted share
        found: Floats = np.rint(beta.ppf(ends, mean * like, (1 - mean) * like) * size)
        return found
    k = np.arange(size + 1)
    ways = gammaln(size + 1) - gammaln(k + 1) - gammaln(size - k + 1)
    below = np.cumsum(np.exp(ways + betaln(k + a, size - k + b) - betaln(a, b)))
    return np.minimum(np.searchsorted(below, ends - 1e-12), size).astype(np.float64)


def credibility(misses: Floats, noise: Floats) -> float:
    """Variance between centres of their effects, the most likely one; 0 where they differ by chance alone.

    `misses`: (share collected − share expected) ÷ what a unit of the logit adds to it; `noise`: its variance by chance, which one large account keeps large; shape (centres,).
    A centre's credibility is then variance ÷ (variance + its noise), Bühlmann and Straub's weight.
    """
    spreads = np.linspace(0, 4, 2001)
    return float(spreads[np.argmax(_normal(misses, noise, spreads))] ** 2)


def drawn_misses(misses: Floats, noise: Floats, draws: int = DRAWS, seed: int = 0) -> Floats:
    """What each centre's effect may truly be, from misses and noise as in `credibility`; shape (draws, centres), as `drawn_shares` for amounts."""
    rng = np.random.default_rng([seed, len(misses), 1])
    spreads = _SPREADS
    widths = np.gradient(spreads)
    variance = rng.choice(spreads**2, draws, p=_weights(_normal(misses, noise, spreads), widths))[:, None]
    believed = variance / (variance + noise)
    found: Floats = believed * misses + np.sqrt(believed * noise) * rng.standard_normal((draws, len(misses)))
    return found


def _normal(misses: Floats, noise: Floats, spreads: Floats) -> Floats:
    variance = spreads[:, None] ** 2 + noise
    found: Floats = -0.5 * (np.log(variance) + misses**2 / variance).sum(axis=1)
    return found


def _weights(log_likelihoods: Floats, widths: Floats) -> npt.NDArray[np.float64]:
    weight = np.exp(log_likelihoods - log_likelihoods.max()) * widths
    found: npt.NDArray[np.float64] = weight / weight.sum()
    return found
