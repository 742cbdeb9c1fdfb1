"""What the bands of receipts told by the receivables held, in plans that were logged or made again.

A line counts in a plan only where the receivables told it there: another plan may have left the same line to the calendar. On the days
of the thirteen weeks its bands are set on misses at earlier origins, so that every day here is out of the sample they were set on.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from workbench.cash.judging.accuracy import ALL
from workbench.evidence import BUCKETS, coverage

TOLD_BY = "receivables+calendar"  # name of the model of such a line
COLUMNS = ["line_code", "bucket_count", "band", "row_count", "day_count", "origin_count", "share", "low", "high"]
_ENDS = {80: ("q10_mad", "q90_mad"), 95: ("q025_mad", "q975_mad")}


def receipt_band_coverage(matched: pd.DataFrame, last_days: tuple[int, ...] = BUCKETS) -> pd.DataFrame:
    """Coverage of the bands of days, of lines told by the receivables.

    Parameters
    ----------
    matched
        As from `accuracy.with_actuals` or `proven_accounts.over_proven`, one plan an origin, of one currency, with `model_name`.
    last_days
        Last bank day ahead of each bucket, as for `accuracy`; `()`: all together.

    Returns
    -------
    A row a line (`all`, last: every such line, each counted for itself), bucket and band (80, 95): `row_count`, `day_count` (days of a line, each
    counted once), `origin_count`, `share` inside, and `low`, `high`: the exact binomial interval of so many days, for plans that
    speak of the same day miss it together. Empty where the receivables told no line of a day that is proven.
    """
    told = matched["period_code"].eq("day") & matched["model_name"].eq(TOLD_BY)
    known = matched[told & matched["actual_centimes"].notna() & matched["q10_mad"].notna()].reset_index(drop=True)
    bucket = np.searchsorted(np.array(last_days), known["horizon_days"].to_numpy(np.int64))
    known = known.assign(bucket_count=bucket)
    groups = [
        (line, number, known[(known["bucket_count"] == number) & ((known["line_code"] == line) | (line == ALL))])
        for line in (*sorted(known["line_code"].unique()), *([ALL] if len(known) else []))
        for number in np.unique(bucket)
    ]
    rows = [(line, number, band, *_held(part, ends)) for line, number, part in groups if len(part) for band, ends in _ENDS.items()]  # fmt: skip
    counts = ["bucket_count", "band", "row_count", "day_count", "origin_count"]
    return pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(counts, "Int64"))


def _held(part: pd.DataFrame, ends: Sequence[str]) -> tuple[int, int, int, float, float, float]:
    actual = part["actual_centimes"].to_numpy(float) / 100
    low, high = (part[name].to_numpy(float) for name in ends)
    share = float(((low <= actual) & (actual <= high)).mean())
    days = len(part[["line_code", "target_date"]].drop_duplicates())
    found = coverage(np.arange(days) < round(share * days))
    return len(part), days, part["origin_date"].nunique(), share, found.low, found.high
