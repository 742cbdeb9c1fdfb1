"""Where the plan and its paths part: known flows that may slip stay on the register's day in the plan, and come later on the paths."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.cash.plan.plan_paths import LEAST, UNSURE, Slips
from workbench.cash.plan.plan_rows import grid
from workbench.evidence import Floats

Truths = npt.NDArray[np.bool_]


def expected_slips(
    known: pd.DataFrame, series: pd.DataFrame, days: pd.DatetimeIndex, slips: Slips | None
) -> tuple[Floats, Truths]:
    """What flows that may slip bring on average each day, less what the register says, (H, n) in units; and where they may come at all, (H, n).

    A flow slips as on the paths (`plan_paths.with_certain`): announced or overdue, of a source of which enough have been settled. Where none of
    a source was ever late, nothing slips. What comes after the last day is lost to the plan, here as on the paths.
    """
    shift = np.zeros((len(days), len(series)))
    reached = np.zeros(shift.shape, dtype=bool)
    unsure = known[known["certainty_code"].isin(UNSURE)]
    for source, rows in unsure.groupby("flow_source_code", sort=True):
        delays = np.array((slips or {}).get(str(source), ()), dtype=np.int64)
        if len(delays) < LEAST or not delays.any():
            continue
        amounts = grid(rows, series, days) / 100
        shift -= amounts
        reached |= amounts != 0
        for delay, share in enumerate(np.bincount(delays) / len(delays)):
            if share and delay < len(days):
                shift[delay:] += share * amounts[: len(days) - delay]
                reached[delay:] |= amounts[: len(days) - delay] != 0
    return shift, reached
