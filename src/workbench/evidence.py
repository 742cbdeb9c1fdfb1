"""How a model is believed: rolling origins, scores, conformal calibration, joint paths. Arrays in, figures out; no table, no domain.

Arrays are `float64`, time first: `(days, series)`, forecasts `(horizon, series)`, quantiles `(horizon, series, levels)`,
misses `(origins, horizon, series)`, paths `(paths, horizon, series)`.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LEVELS = (0.025, 0.10, 0.50, 0.90, 0.975)  # of the bands that pages show: 95 % and 80 %, and the median


def rolling_origins(length: int, horizon: int, count: int, step: int) -> list[int]:
    """First test row of each origin, oldest first: the last test ends with the last row, each origin `step` rows after the one before.

    Origins that would leave no row before them are left out.
    """
    last = length - horizon
    return [first for first in range(last - (count - 1) * step, last + 1, step) if first > 0]
