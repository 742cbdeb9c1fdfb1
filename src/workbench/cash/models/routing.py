"""Which series can be raced, and which are too short, too sparse, constant or ended for it: a reason each, as on the page.

A model with a hundred columns says nothing of a flow seen six times: such a flow is given a simple model, and the reader is told.
"""

import numpy as np
import numpy.typing as npt

from workbench.evidence import Floats

ENOUGH = 60  # known days under which a series is short
SPARSE = 0.15  # share of days with a flow, under which a series is sparse
_YEAR = 250  # bank days of a year
_QUARTER = 0.26  # of a year: 65 bank days

RACE = "race"


def routes(values: Floats, enough: int = ENOUGH, year: int = _YEAR) -> tuple[str, ...]:
    """The route of each series of `(T, n)` values, NaN where missing: `constant`, `ended`, `short`, `sparse` or `race`.

    `constant`: every known value is the same (all zeros too), at least three of them. `ended`: flows, then none for a quarter (65 bank days)
    and for more than twice the longest rest before; with one flow ever, none for a year. `short`: under 60 known days. `sparse`: flows on
    fewer than 15 % of the known days of the last year. For months, `enough` and `year` are other.
    """
    return tuple(_route(values[:, j], enough, year) for j in range(values.shape[1]))


def _route(series: Floats, enough: int, year: int) -> str:
    known = series[~np.isnan(series)]
    if len(known) >= 3 and (known == known[0]).all():
        return "constant"
    flows = np.flatnonzero(known)
    if len(flows) and len(known) - 1 - flows[-1] > _longest_rest(flows, year):
        return "ended"
    if len(known) < enough:
        return "short"
    last = known[-year:]
    return "sparse" if np.count_nonzero(last) < SPARSE * len(last) else RACE


def _longest_rest(flows: npt.NDArray[np.int64], year: int) -> float:
    return max(_QUARTER * year, 2 * int(np.diff(flows).max())) if len(flows) > 1 else year
