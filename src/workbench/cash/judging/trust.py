"""Can I trust this number: how the last plans did on the same days ahead, one after the other, and what follows from it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.cash.judging.accuracy import ALL, accuracy, in_band, judged_share
from workbench.evidence import Coverage, coverage

ORIGINS = 12
DAYS_AHEAD = 20  # bank days, a month: recent plans are proven that far, and every plan is judged on the same stretch
FEWEST = 4  # origins below which nothing is said

TrustCode = Literal["holds", "partly", "not_yet", "unmeasured"]


@dataclass(frozen=True)
class Trust:
    """What the last plans came to.

    `holds`: more right than the naive forecast, and the 80 % band may really hold 80 %; `partly`: one of the two; `not_yet`: none;
    `unmeasured`: too few plans. `trend` is from `trust_trend`; `value_added` is 1 − mean WAPE ÷ mean WAPE of the naive forecast (NaN:
    not known); `better_count` plans beat it; `coverage_80` counts each day once, however many plans spoke of it; `judged_share` is the part of these
    plans that is judged (NaN: nothing is).
    """

    trust_code: TrustCode
    trend: pd.DataFrame
    value_added: float
    better_count: int
    coverage_80: Coverage
    judged_share: float = float("nan")

    @property
    def origin_count(self) -> int:
        """Plans judged."""
        return len(self.trend)


def trust_trend(
    matched: pd.DataFrame, line_code: str = ALL, days_ahead: int = DAYS_AHEAD, origins: int = ORIGINS
) -> pd.DataFrame:
    """Scores of the last origins of which the first `days_ahead` bank days are all proven, oldest first.

    `matched` is from `accuracy.with_actuals` or `proven_accounts.over_proven`, one plan an origin, of one currency. Returns `origin_date`, `is_made_again` (a plan made later
    from what was known then) and the columns of `accuracy` from `row_count` on, over those days together.
    """
    judged = _judged(matched, line_code, days_ahead, origins)
    scores = accuracy(judged, ("origin_date", "is_made_again"), last_days=())
    return scores.drop(columns="bucket_count").sort_values("origin_date", ignore_index=True)


def trust(
    matched: pd.DataFrame,
    line_code: str = ALL,
    days_ahead: int = DAYS_AHEAD,
    origins: int = ORIGINS,
    fewest: int = FEWEST,
) -> Trust:
    """Whether the last plans can be trusted on a line, from the same stretch of days ahead of each (`trust_trend`, `day_coverage`)."""
    judged = _judged(matched, line_code, days_ahead, origins)
    trend = trust_trend(matched, line_code, days_ahead, origins)
    actual = judged["actual_centimes"].to_numpy(float, na_value=np.nan) / 100
    banded = judged["q10_mad"].notna().to_numpy() & judged["q90_mad"].notna().to_numpy()
    inside = in_band(actual, judged["q10_mad"], judged["q90_mad"])
    _, band = day_coverage(inside[banded], judged.loc[banded, "target_date"])
    naive = float(trend["naive_wape"].mean()) if len(trend) else float("nan")
    added = 1 - float(trend["wape"].mean()) / naive if naive > 0 else float("nan")
    told = int(added > 0) + int(band.low <= 0.80 <= band.high)
    codes: tuple[TrustCode, ...] = ("not_yet", "partly", "holds")
    code: TrustCode = codes[told] if len(trend) >= fewest else "unmeasured"
    return Trust(code, trend, added, int((trend["value_added"] > 0).sum()), band, judged_share(judged))


def day_coverage(inside: npt.NDArray[np.bool_], target_dates: pd.Series) -> tuple[float, Coverage]:
    """Share of rows inside a band (0 without any), and its coverage with an interval that counts the days spoken of, not the rows of a log.

    Plans made a week apart speak of the same days, and miss them together: the rows would make the exact interval too narrow.
    """
    days = target_dates.nunique()
    share = float(inside.mean()) if days else 0.0
    return share, coverage(np.arange(days) < round(share * days))


def _judged(matched: pd.DataFrame, line_code: str, days_ahead: int, origins: int) -> pd.DataFrame:
    days = matched[(matched["period_code"] == "day") & (matched["line_code"] == line_code)]
    days = days[days["horizon_days"] <= days_ahead]
    counts = days.groupby("origin_date")["actual_centimes"].count()
    whole = counts[counts == days_ahead].index.sort_values()[-origins:]
    return days[days["origin_date"].isin(whole)]
