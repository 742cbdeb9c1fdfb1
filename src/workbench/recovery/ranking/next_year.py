"""Where a centre's rate will be next year: its own past believed as far as past years told of the years after them.

A centre drifts from one year to the next. An interval made of one year's counts alone leaves the drift out and holds two times in
three where it says four in five; here how much of an effect lasts, and how far the next year strays, are both fitted on pairs of years.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit
from scipy.stats import norm

from workbench.errors import WrongUse
from workbench.evidence import Floats
from workbench.recovery.ranking.shrinkage import (
    concentration,
    count_interval,
    credibility,
    log_likelihood,
    shrunk_share,
)

_LEAST, _MOST = 1e-6, 1 - 1e-6


@dataclass(frozen=True)
class CountDrift:
    """`lasting`: part of a centre's effect (logit) that is still there a year later; `kappa`: concentration of the next year around it."""

    lasting: float
    kappa: float

    def shares(self, effects: Floats, expected: Floats) -> Floats:
        """The share of next year that each centre's effect and its expected share of next year make."""
        found: Floats = expit(logit(np.clip(expected, _LEAST, _MOST)) + self.lasting * effects)
        return found

    def interval(self, effects: Floats, expected: Floats, billed: Floats, level: float = 0.8) -> tuple[Floats, Floats]:
        """Counts of next year between which a centre falls `level` of the time, both ends in; `billed` is that year's bills, rounded."""
        return count_interval(billed, self.shares(effects, expected), self.kappa, level)


def count_effects(paid: Floats, billed: Floats, expected: Floats) -> Floats:
    """Shrunk effect of each centre in a year, on the logit: that of its shrunk share less that of its expected share."""
    mean = np.clip(expected, _LEAST, _MOST)
    shrunk = shrunk_share(paid, billed, mean, concentration(paid, billed, mean))
    found: Floats = logit(np.clip(shrunk, _LEAST, _MOST)) - logit(mean)
    return found


def count_drift(paid: Floats, billed: Floats, expected: Floats) -> CountDrift:
    """Fitted on all pairs (year, year after) of counts, shape (years, centres); a centre without bills in a year is in no pair of it.

    Raises `WrongUse` with fewer than two years: how far centres drift cannot then be known, and is not guessed.
    """
    if len(paid) < 2:
        raise WrongUse("a single year tells no drift of centres", "years", "give at least two years")
    mean = np.clip(expected, _LEAST, _MOST)
    effects = np.array([count_effects(*year) for year in zip(paid[:-1], billed[:-1], mean[:-1], strict=True)])
    base = logit(mean[1:])
    pair = (billed[:-1] > 0) & (billed[1:] > 0)

    def miss(theta: Floats) -> float:
        around = np.clip(expit(base + theta[0] * effects), _LEAST, _MOST)
        return -float(log_likelihood(paid[1:], billed[1:], around, float(np.exp(theta[1])))[pair].sum())

    found = minimize(miss, [0.8, 4.0], method="Nelder-Mead").x
    return CountDrift(float(found[0]), float(np.exp(np.clip(found[1], -1, 14))))


@dataclass(frozen=True)
class AmountDrift:
    """`lasting`: part of a centre's effect (on the logit) still there a year later; `variance`: of next year's true effect around it."""

    lasting: float
    variance: float

    def interval(self, effects: Floats, noise: Floats, level: float = 0.8) -> tuple[Floats, Floats]:
        """Effects of next year between which a centre falls `level` of the time; `noise` is that year's variance by chance."""
        half = norm.ppf((1 + level) / 2) * np.sqrt(self.variance + noise)
        return self.lasting * effects - half, self.lasting * effects + half


def amount_drift(misses: Floats, noise: Floats) -> AmountDrift:
    """Fitted on all pairs (year, year after) of misses and of their variance by chance, shape (years, centres). Raises as `count_drift`."""
    if len(misses) < 2:
        raise WrongUse("a single year tells no drift of centres", "years", "give at least two years")
    shrunk = shrunk_misses(misses, noise)
    pair = np.isfinite(noise[:-1]) & np.isfinite(noise[1:])

    def miss(theta: Floats) -> float:
        variance = np.exp(2 * theta[1]) + noise[1:]
        return float((np.log(variance) + (misses[1:] - theta[0] * shrunk[:-1]) ** 2 / variance)[pair].sum())

    found = minimize(miss, [0.8, -4.0], method="Nelder-Mead").x
    return AmountDrift(float(found[0]), float(np.exp(2 * found[1])))


def shrunk_misses(misses: Floats, noise: Floats) -> Floats:
    """Misses drawn to zero by Bühlmann and Straub's weight, year by year, shape (years, centres); infinite noise believes nothing."""
    found = np.zeros_like(misses)
    for year, (miss, chance) in enumerate(zip(misses, noise, strict=True)):
        known = np.isfinite(chance)
        between = credibility(miss[known], chance[known])
        found[year, known] = miss[known] * between / (between + chance[known])
    return found
