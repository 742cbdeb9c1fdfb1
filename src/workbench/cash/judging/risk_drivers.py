"""Which lines drive the low point: shares of the balance's variance on that day, and what they lack where it goes badly.

The balance is the opening plus the sum over lines of what came in since, so its variance is the sum of the covariances of each line
with it: the shares add up to one. A share below zero is a line that moves against the others.
"""

import pandas as pd

from workbench.evidence import Floats


def variance_shares(line_paths: Floats, lines: pd.DataFrame, worst: float) -> pd.DataFrame:
    """A row a line, largest share first.

    Parameters
    ----------
    line_paths
        What each line brings from the first day to the low point, `(paths, lines)`, in units of the currency.
    lines
        A row a line, in the order of `line_paths`: its `line_code`, or other names.
    worst
        Share of the paths that are the bad ones (0.10: the tenth with the lowest balance; at least one path).

    Returns
    -------
    The columns of `lines`, `mean_mad` (what the line brings on average), `variance_share` (covariance with the balance ÷ its variance; null
    where the balance does not vary; they add up to one), `tail_mad` (mean over the bad paths − mean over all: they add up to what
    the balance lacks there).
    """
    total = line_paths.sum(axis=1)
    centred, apart = line_paths - line_paths.mean(axis=0), total - total.mean()
    variance = float(apart @ apart)
    # Sums in another order leave a rounding error of their own: what is that small does not vary.
    varies = variance > 1e-18 * max(float(total @ total), 1.0)
    count = max(1, int(len(total) * worst))
    bad = total.argsort(kind="stable")[:count]
    found = lines.assign(
        mean_mad=line_paths.mean(axis=0),
        variance_share=(apart @ centred) / variance if varies else float("nan"),
        tail_mad=centred[bad].mean(axis=0),
    )
    order = found["variance_share"].fillna(0.0).sort_values(ascending=False, kind="stable").index
    return found.loc[order].reset_index(drop=True)
