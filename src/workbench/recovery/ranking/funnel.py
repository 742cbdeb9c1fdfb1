"""Funnel plot: how far from what is expected of it a centre of its size may stand before it is out of line.

Binomial limits cry wolf at a third of ordinary centres, since centres do differ; limits as wide as the centres differ are widened by the very
ones they look for. So the spread is fitted twice, the second time without what the first limits at 98 % leave outside.
"""

import numpy as np

from workbench.evidence import Floats
from workbench.recovery.ranking.shrinkage import concentration, count_interval

FIRST_LEVEL, LEVEL = 0.98, 0.95


def ordinary_spread(paid: Floats, billed: Floats, expected: Floats) -> float:
    """κ of ordinary centres: fitted on all, then without those that its limits at 98 % leave outside (if two and more are left)."""
    first = concentration(paid, billed, expected)
    low, high = count_interval(billed, expected, first, FIRST_LEVEL)
    inside = (np.rint(paid) >= low) & (np.rint(paid) <= high)
    if inside.sum() < 2:
        return first
    return concentration(paid[inside], billed[inside], expected[inside])
