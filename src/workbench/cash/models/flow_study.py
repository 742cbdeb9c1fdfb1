"""One flow under the glass: its history, the models that raced for it, what they left, what the calendar does to it, and what the model
would have said on a past day. Tables, for the eyes of an analyst; the plan itself is made by `plan_making`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from workbench.cash.models.calendar_design import Feast
from workbench.cash.models.calendar_model import fit_calendar
from workbench.cash.models.candidates import month_places
from workbench.cash.models.dated_events import DatedEvent
from workbench.cash.models.forecast import TEST_DAYS, PanelForecast, forecast_panel
from workbench.cash.models.panel import Days, Panel, weekdays
from workbench.cash.plan.plan_history import history_of, open_days
from workbench.errors import WrongUse
from workbench.evidence import Floats
from workbench.standards import BankDays

QUANTILES = ("q025_mad", "q10_mad", "median_mad", "q90_mad", "q975_mad")
LAGS = 25  # bank days up to which residuals are compared with themselves: five weeks
LAST_PLACES = 11  # places of a month from which they are counted from its end
PATHS = 200


@dataclass(frozen=True)
class Study:
    """Tables of one line from one origin, in units of the currency. Nothing after the origin was used by what is said.

    `history`: `day_date`, `actual_mad`, up to the origin. `said`: `day_date`, quantiles, `mean_mad`, `naive_mad`, `actual_mad` (null where
    it is not known yet). `scores`: as from `forecast_panel`. `residuals`: `day_date`, `fitted_mad`, `residual_mad`. `echoes`:
    `lag_days`, `correlation_share` of the residuals with those of so many bank days before, `limit_share` (95 % of what chance gives).
    `effects`: `effect_code` (`weekday`, `month_place`, `month`), `place_count`, `actual_mad`, `fitted_mad`, `day_count`.
    """

    line_code: str
    origin: date
    model_name: str
    reason_code: str
    history: pd.DataFrame
    said: pd.DataFrame
    scores: pd.DataFrame
    residuals: pd.DataFrame
    echoes: pd.DataFrame
    effects: pd.DataFrame


def lines_of(flows: pd.DataFrame, as_of: date) -> list[str]:
    """The lines that have a history by a date, largest first."""
    past = flows[pd.to_datetime(flows["flow_date"]) <= pd.Timestamp(as_of)]
    sizes = past["amount_centimes"].abs().groupby(past["line_code"]).sum()
    return [str(code) for code in sizes.sort_values(ascending=False, kind="stable").index]


def study(
    flows: pd.DataFrame,
    line_code: str,
    bank_days: BankDays,
    as_of: date,
    origin: date,
    feasts: tuple[Feast, ...] = (),
    events: Sequence[DatedEvent] = (),
    direction: str = "both",
    horizon: int = TEST_DAYS,
    candidates: str = "default",
) -> Study:
    """What is known of a line of one currency up to `as_of`, and what would have been said of it at `origin`.

    `flows` is from `daily_flows`. Raises `WrongUse` where the line has no history by the origin, or the origin is after `as_of`.
    """
    if origin > as_of:
        raise WrongUse(
            f"the origin {origin.isoformat()} is after {as_of.isoformat()}", "study", "choose an earlier day"
        )
    mine = flows[flows["line_code"] == line_code]
    whole = history_of(mine, mine.head(0)[["account_number", "line_code"]], {}, bank_days, as_of).panel(
        {line_code: direction}
    )
    known = whole.days <= np.datetime64(origin)
    if not len(whole.names) or not known.any() or not np.nan_to_num(whole.values[known]).any():
        raise WrongUse(f"no flow of line {line_code!r} is known by {origin.isoformat()}", "study", "choose a later day")
    past = Panel(whole.days[known], whole.values[known], whole.names, whole.signs)
    future = open_days(bank_days, origin + pd.Timedelta(days=1), bank_days.add(origin, horizon))
    closed = np.array([row.day for row in bank_days.closed], dtype="datetime64[D]")
    said = forecast_panel(past, future, closed, events, paths=PATHS, candidates=candidates, feasts=feasts)
    residuals = _residuals(past, closed, feasts)
    return Study(
        line_code=line_code,
        origin=origin,
        model_name=said.model_names[0],
        reason_code=said.reason_codes[0],
        history=pd.DataFrame({"day_date": _dates(past.days), "actual_mad": past.values[:, 0]}),
        said=_said(said, whole),
        scores=said.scores.drop(columns="series", errors="ignore"),
        residuals=residuals,
        echoes=echoes(residuals["residual_mad"].to_numpy()),
        effects=effects(past.days, closed, past.values[:, 0], residuals["fitted_mad"].to_numpy()),
    )


def _dates(days: Days) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(days.astype("datetime64[s]"))


def _said(said: PanelForecast, whole: Panel) -> pd.DataFrame:
    came = pd.Series(whole.values[:, 0], index=_dates(whole.days))
    table = pd.DataFrame({"day_date": _dates(said.days)})
    for level, name in enumerate(QUANTILES):
        table[name] = said.quantiles[:, 0, level]
    table["mean_mad"], table["naive_mad"] = said.mean[:, 0], said.naive[:, 0]
    return table.assign(actual_mad=came.reindex(table["day_date"]).to_numpy())


def _residuals(past: Panel, closed: Days, feasts: tuple[Feast, ...]) -> pd.DataFrame:
    """What the calendar model fits on the days it learnt from, and what it leaves."""
    fit = fit_calendar(past.values, past.days, closed, feasts)
    fitted = fit.predict(past.days).mean[:, 0]
    return pd.DataFrame(
        {"day_date": _dates(past.days), "fitted_mad": fitted, "residual_mad": past.values[:, 0] - fitted}
    )


def echoes(residuals: Floats, lags: int = LAGS) -> pd.DataFrame:
    """How far what is left on a day follows what was left so many bank days before: 0 where nothing is left to learn.

    `lag_days` (1 …), `correlation_share`, `limit_share`: 1.96 ÷ √n, beyond which chance alone goes once in twenty.
    """
    known = residuals[~np.isnan(residuals)]
    centred = known - known.mean() if len(known) else known
    variance = float(centred @ centred)
    count = max(0, min(lags, len(centred) - 2))
    values = [float(centred[lag:] @ centred[:-lag]) / variance if variance else 0.0 for lag in range(1, count + 1)]
    limit = 1.96 / np.sqrt(len(centred)) if len(centred) else np.nan
    return pd.DataFrame({"lag_days": range(1, count + 1), "correlation_share": values, "limit_share": limit})


def effects(days: Days, closed: Days, actual: Floats, fitted: Floats) -> pd.DataFrame:
    """Mean of a flow, and of what the calendar model fits, by weekday, by place in the month and by month of the year.

    A place is the rank of a bank day from the first of its month (1 …), or from its end, as a negative number (−1 is the last).
    """
    ranks = month_places(days, closed)
    place = np.where(ranks > LAST_PLACES, LAST_PLACES - ranks, ranks)
    groups = {
        "weekday": weekdays(days) + 1,
        "month_place": place,
        "month": days.astype("datetime64[M]").astype(np.int64) % 12 + 1,
    }
    parts = []
    for code, places in groups.items():
        table = pd.DataFrame({"place_count": places, "actual_mad": actual, "fitted_mad": fitted, "day_count": 1})
        sums = table.groupby("place_count").agg({"actual_mad": "mean", "fitted_mad": "mean", "day_count": "sum"})
        order = sorted(sums.index, key=lambda rank: (rank < 0, rank))
        parts.append(sums.loc[order].reset_index().assign(effect_code=code))
    return pd.concat(parts, ignore_index=True)[["effect_code", "place_count", "actual_mad", "fitted_mad", "day_count"]]
