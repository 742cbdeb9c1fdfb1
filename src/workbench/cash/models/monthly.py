"""The forecast of monthly flows: ETS, SARIMAX, Theta and unobserved components in a race with the same month of last year.

A daily panel is summed into whole months first. Beyond the weeks that are forecast by the day, a plan takes its months from here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from threadpoolctl import threadpool_limits

from workbench.cash.models.candidates import Candidate, Points, Window, last_of, last_value, middles, zero
from workbench.cash.models.dated_events import DatedEvent, mended
from workbench.cash.models.forecast import PanelForecast, assembled, groups_of
from workbench.cash.models.groups import Plan, forecast_group
from workbench.cash.models.library_models import for_months
from workbench.cash.models.panel import Days, Panel, notes_table, open_days, open_weekdays, winsorised
from workbench.cash.models.race import origin_rows
from workbench.cash.models.routing import RACE, routes
from workbench.cash.models.smoothing import exponential_smoothing
from workbench.errors import WrongUse

YEAR = 12
ENOUGH = 24  # known months under which a series is short
LAST_MONTHS = (3, 6)  # of the horizon buckets: 1–3, 4–6, 7 and later
_KNOWN = 0.8  # share of the days of a month under which its total is not known


def months_of(panel: Panel, closed_days: Days) -> Panel:
    """The totals of the whole months of a daily panel; `days` are the first days of the months.

    A month is whole where the panel spans all its bank days. A total of which some days are missing is that of the known days × all days ÷
    known days; missing where under 80 % are known.
    """
    days = panel.days.astype("datetime64[D]")
    first, last = days.min().astype("datetime64[M]"), days.max().astype("datetime64[M]")
    every = open_days(
        first.astype("datetime64[D]"), (last + 1).astype("datetime64[D]") - 1, closed_days, open_weekdays(days)
    )
    months = np.arange(first, last + 1)
    whole = [month for month in months if _spans(days, every[every.astype("datetime64[M]") == month])]
    values = np.full((len(whole), len(panel.names)), np.nan)
    for row, month in enumerate(whole):
        inside = panel.values[days.astype("datetime64[M]") == month]
        known, count = (~np.isnan(inside)).sum(axis=0), int((every.astype("datetime64[M]") == month).sum())
        total = np.nansum(inside, axis=0) * count / np.maximum(known, 1)
        values[row] = np.where(known >= _KNOWN * count, total, np.nan)
    return replace(panel, days=np.array(whole, dtype="datetime64[M]").astype("datetime64[D]"), values=values)


def _spans(days: Days, of_month: Days) -> bool:
    return len(of_month) > 0 and bool(days[0] <= of_month[0] and days[-1] >= of_month[-1])


def monthly_forecast(
    panel: Panel,
    horizon: int,
    events: Sequence[DatedEvent] = (),
    paths: int = 400,
    seed: int = 0,
    origins: int = 4,
) -> PanelForecast:
    """Forecast the `horizon` months after the last of a panel of months (`months_of`), in the manner of `forecast.forecast_panel`.

    `days` of the result are the first days of the months. The usual model is the average of ETS, SARIMAX and Theta; the race has `origins`
    past origins, three months apart. Horizon buckets are months 1–3, 4–6, 7 and later. Raises `WrongUse` where months are
    missing from the panel, given twice or out of order, or none is to come.
    """
    months = panel.days.astype("datetime64[M]")
    if horizon < 1 or not len(months) or (np.diff(months.astype(np.int64)) != 1).any():
        raise WrongUse("the months of the history do not follow each other, or none is to come", "panel")
    panel = replace(panel, days=months.astype("datetime64[D]"))
    future = (months[-1] + np.arange(1, horizon + 1)).astype("datetime64[D]")
    fit, told = mended(panel, events, YEAR)
    window = Window(panel.days, panel.values, future, future[:0], year=YEAR)
    reasons = routes(fit.values, ENOUGH, YEAR)
    with threadpool_limits(1):
        parts = [
            forecast_group(panel, columns, window, events, _plan(route, len(months), horizon, origins))
            for route, columns in groups_of(reasons).items()
        ]
    return assembled(panel, future, parts, reasons, paths, seed, notes_table([*told, *winsorised(fit)[1]]))


def _plan(route: str, length: int, horizon: int, origins: int) -> Plan:
    rows = [] if route in ("constant", "ended") else origin_rows(length, horizon, origins, 3, ENOUGH, near=3)
    usual = "ets+sarimax+theta" if route == RACE else ""
    return Plan(_models(route), rows, horizon, min(3, horizon), LAST_MONTHS, ("same_month",), usual, YEAR)


def _models(route: str) -> Mapping[str, Candidate]:
    simple = {"recent_months": recent_months, "same_month": same_month}
    certain = {"constant": {"last_value": last_value}, "ended": {"zero": zero}}
    if route in certain:
        return {**certain[route], **simple}
    return simple if route == "sparse" else {**simple, "month_smoothing": month_smoothing, **for_months()}


def same_month(window: Window) -> Points:
    """The same month, the last time it came; the last month known where there was none."""
    values = last_of(window.values, window.month)
    return Points(values, values)


def recent_months(window: Window) -> Points:
    """Mean and median of the last twelve months."""
    mean, median = (np.tile(row, (len(window.future), 1)) for row in middles(window.values[-YEAR:]))
    return Points(mean, median)


def month_smoothing(window: Window) -> Points:
    """A level and months that follow (ETS(A,N,A))."""
    mean, middle = exponential_smoothing(window.values, window.month)
    return Points(np.nan_to_num(mean), np.nan_to_num(middle))
