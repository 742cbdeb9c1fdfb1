"""Places of centres in a ranking, and between which places each may truly stand."""

import numpy as np
import numpy.typing as npt

from workbench.evidence import Floats

Integers = npt.NDArray[np.int64]


def places(values: Floats) -> Integers:
    """Place of each value along the last axis, 1 the highest; equal values in their order."""
    order = np.argsort(-values, axis=-1, kind="stable")
    found = np.empty(values.shape, np.int64)
    np.put_along_axis(found, order, np.broadcast_to(np.arange(1, values.shape[-1] + 1), values.shape), axis=-1)
    return found


def place_intervals(drawn: Floats, level: float = 0.8) -> tuple[Integers, Integers]:
    """First and last place of each centre over draws (draws, centres) of what it may truly be, `level` of the draws inside."""
    ranked = places(drawn)
    low, high = np.quantile(ranked, [(1 - level) / 2, (1 + level) / 2], axis=0, method="nearest")
    return low.astype(np.int64), high.astype(np.int64)
