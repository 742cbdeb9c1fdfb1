"""Beyond the thirteen weeks: totals of months by the monthly race where it has missed less, spread on days by the calendar's shape.

Both ways are tried at past month ends, on the months from the fourth on; a line takes the monthly total where that way has been nearer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.cash.models.calendar_design import Feast
from workbench.cash.models.calendar_model import fit_calendar
from workbench.cash.models.dated_events import DatedEvent, mended
from workbench.cash.models.monthly import monthly_forecast, months_of
from workbench.cash.models.panel import Days, Panel, open_days, open_weekdays, winsorised
from workbench.evidence import Floats

ORIGINS, STEP = 2, 3  # past month ends of the race at most, months apart
TESTED = 9  # months of a test, of which the first `SKIPPED` are the weeks that days are forecast for
SKIPPED = 3
LEAST_MONTHS = 12  # of history at an origin
FEWEST_PATHS = 20  # those of the months are not used: the plan's are
_DAILY, _MONTHLY = "days", "months"


@dataclass(frozen=True)
class Months:
    """Totals of the months after `daily_until`: `months` (M,) first days, `totals` (M, L) in units, `is_used` (L,); `race` a row a line."""

    months: Days
    totals: Floats
    is_used: npt.NDArray[np.bool_]
    race: pd.DataFrame


def months_beyond(
    panel: Panel,
    future: Days,
    daily_until: date,
    closed_days: Days,
    events: Sequence[DatedEvent] = (),
    feasts: tuple[Feast, ...] = (),
) -> Months:
    """The months that lie whole beyond `daily_until`, of the lines whose months are better told as months.

    Nothing is raced where the history (under 21 months) has no past month end to race at: the days then tell the months, and `race` is
    empty. One past month end judges less well than two, and better than taking one way for granted.
    """
    first = np.datetime64(daily_until, "M") + 1
    months = np.unique(future.astype("datetime64[M]"))
    months = months[months >= first]
    none = Months(
        months[:0].astype("datetime64[D]"),
        np.zeros((0, len(panel.names))),
        np.zeros(len(panel.names), bool),
        pd.DataFrame(),
    )
    if not len(panel.days) or not len(months):
        return none
    history = months_of(panel, closed_days)
    origins = min(ORIGINS, 1 + (len(history.days) - LEAST_MONTHS - TESTED) // STEP)
    if origins < 1:
        return none
    race = _race(panel, history, origins, closed_days, events, feasts)
    used = (race["chosen_code"] == _MONTHLY).to_numpy()
    totals = np.zeros((len(months), len(panel.names)))
    if used.any():
        last = history.days[-1].astype("datetime64[M]")
        ahead = int((months[-1] - last).astype(int))
        said = monthly_forecast(_only(history, used), ahead, events, FEWEST_PATHS)
        totals[:, used] = said.mean[np.isin(said.days.astype("datetime64[M]"), months)]
        race.loc[used, "model_name"] = list(said.model_names)
    return Months(months.astype("datetime64[D]"), totals, used, race)


def _race(
    panel: Panel,
    history: Panel,
    origins: int,
    closed_days: Days,
    events: Sequence[DatedEvent],
    feasts: tuple[Feast, ...],
) -> pd.DataFrame:
    """Sum of absolute misses of month totals by days and by months, a row a line, at past month ends."""
    missed = {way: np.zeros(len(panel.names)) for way in (_DAILY, _MONTHLY)}
    actual = np.zeros(len(panel.names))
    for back in range(origins):
        end = len(history.days) - TESTED - back * STEP
        past = Panel(history.days[:end], history.values[:end], history.names, history.signs)
        told = monthly_forecast(past, TESTED, events, FEWEST_PATHS).mean[SKIPPED:]
        daily = _by_days(panel, history.days[end : end + TESTED], closed_days, events, feasts)[SKIPPED:]
        came = history.values[end + SKIPPED : end + TESTED]
        missed[_MONTHLY] += np.nansum(np.abs(told - came), axis=0)
        missed[_DAILY] += np.nansum(np.abs(daily - came), axis=0)
        actual += np.nansum(np.abs(came), axis=0)
    wins = missed[_MONTHLY] < missed[_DAILY]
    whole = np.where(actual > 0, actual, np.nan)
    return pd.DataFrame(
        {
            "line_code": list(panel.names),
            "chosen_code": np.where(wins, _MONTHLY, _DAILY),
            "wape_days": missed[_DAILY] / whole,
            "wape_months": missed[_MONTHLY] / whole,
            "origin_count": origins,
            "model_name": "calendar",
        }
    )


def _by_days(
    panel: Panel, months: Days, closed_days: Days, events: Sequence[DatedEvent], feasts: tuple[Feast, ...]
) -> Floats:
    """Totals of months (M, L) that the calendar model of days says, from what came before them."""
    start, end = months[0], (months[-1].astype("datetime64[M]") + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    before = panel.days < start
    past, _ = mended(Panel(panel.days[before], panel.values[before], panel.names, panel.signs), events)
    days = open_days(start, end, closed_days, open_weekdays(panel.days))
    usual, _ = winsorised(past)
    said = fit_calendar(usual.values, past.days, closed_days, feasts).predict(days).mean
    of_day = days.astype("datetime64[M]")
    return np.stack([said[of_day == month].sum(axis=0) for month in months.astype("datetime64[M]")])


def _only(panel: Panel, chosen: npt.NDArray[np.bool_]) -> Panel:
    names = tuple(name for name, is_in in zip(panel.names, chosen, strict=True) if is_in)
    return Panel(panel.days, panel.values[:, chosen], names, panel.signs[chosen])


def month_factors(found: Months, days: Days, mean: Floats, signs: npt.NDArray[np.int8]) -> tuple[Floats, Floats]:
    """What makes the days of a mean (H, L) add up to the months: factors and additions, both (H, L).

    The calendar's shape is kept where it has the side of the total; where it says nothing, the total is spread evenly. A one-sided line
    whose monthly total is on the wrong side has nothing.
    """
    factors, additions = np.ones_like(mean), np.zeros_like(mean)
    of_day = days.astype("datetime64[M]")
    for row, month in enumerate(found.months.astype("datetime64[M]")):
        inside = np.flatnonzero(of_day == month)
        for line in np.flatnonzero(found.is_used):
            shape, total = float(mean[inside, line].sum()), float(found.totals[row, line])
            if signs[line] and total * signs[line] < 0:
                total = 0.0
            if shape * total > 0 or not total:
                factors[inside, line] = total / shape if shape else 1.0
            else:
                factors[inside, line], additions[inside, line] = 0.0, total / len(inside)
    return factors, additions
