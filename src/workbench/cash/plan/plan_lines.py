"""The forecast of every line of a plan: raced models, receipts that the receivables tell, months beyond the weeks, netted of what is known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.cash.judging.receipt_bands import TOLD_BY
from workbench.cash.models.calendar_design import Feast
from workbench.cash.models.dated_events import DatedEvent
from workbench.cash.models.forecast import PanelForecast
from workbench.cash.plan.plan_ground import Ground
from workbench.cash.plan.plan_months import Months, month_factors, months_beyond
from workbench.cash.plan.plan_netting import KNOWN_ONLY, KnownOfLine, Netting, netting, rules_table
from workbench.cash.plan.plan_receipts import Receipts, as_wide, beside_panel, with_receivables
from workbench.evidence import Floats, cumulative_factors, widened

SUPPLIER, CALENDAR, BOOKED = "supplier", "calendar", "booked"  # sources of known flows that lead the rules of netting


@dataclass(frozen=True)
class LineForecast:
    """What is estimated of L lines on H days, in units, netted of known flows: `mean`, `naive` (H, L; naive is of the whole flow),
    `quantiles` (H, L, levels; NaN where only paths tell), `paths` (P, H, L); a model and a reason a line; and what is told."""

    mean: Floats
    naive: Floats
    quantiles: Floats
    paths: npt.NDArray[np.float32]
    model_names: tuple[str, ...]
    reason_codes: tuple[str, ...]
    scores: pd.DataFrame
    rules: pd.DataFrame
    receipts_race: pd.DataFrame
    months: Months
    notes: pd.DataFrame
    line_models: pd.DataFrame


def forecast_lines(
    ground: Ground,
    expected: pd.DataFrame | None,
    events: Sequence[DatedEvent],
    feasts: tuple[Feast, ...],
    currency_code: str,
    as_of: date,
    forecaster: Callable[..., PanelForecast],
    paths: int,
    seed: int,
    origins: int,
    months: Months | None = None,
) -> LineForecast:
    """Forecast the lines of a plan's ground; see the fields of `LineForecast`. `months`: found already, from the same history."""
    panel, future, closed = ground.panel, ground.future, ground.closed_days
    said = forecaster(panel, future, closed, events, paths=paths, seed=seed, origins=origins, feasts=feasts)
    theirs = None if expected is None else expected[expected["currency_code"] == currency_code]
    receipts = with_receivables(panel, theirs, np.datetime64(as_of, "D"), future, closed, feasts)
    receipts = beside_panel(receipts, panel.names, said.reason_codes, said.scores)
    months = months or months_beyond(panel, future, ground.daily_until, closed, events, feasts)
    factors = _of_position(said, panel.names)  # before anything is done to the paths, which are the same arrays
    made = _Lines(said)
    made.take_receipts(receipts, panel.signs)
    made.take_months(months, ground)
    rules = [_rule(ground, place, made.mean[:, place]) for place in range(len(panel.names))]
    made.net(rules)
    widened(made.paths, made.mean, factors, panel.signs)
    return LineForecast(
        mean=made.mean,
        naive=said.naive,
        quantiles=made.quantiles,
        paths=made.paths,
        model_names=tuple(_name(*each) for each in zip(panel.names, said.model_names, receipts.is_used, strict=True)),
        reason_codes=tuple(
            "known_only" if line in KNOWN_ONLY else "won" if is_told else reason  # of the race that decided
            for line, reason, is_told in zip(panel.names, said.reason_codes, receipts.is_used, strict=True)
        ),
        scores=said.scores,
        rules=rules_table(panel.names, rules, future),
        receipts_race=receipts.race,
        months=months,
        notes=said.notes,
        line_models=_line_models(ground, said, receipts, months),
    )


def _of_position(said: PanelForecast, lines: Sequence[str]) -> Floats:
    """How much the moves of the office's position are widened, (H,), so that bands hold what past origins say; registers alone tell some lines."""
    estimated = np.array([line not in KNOWN_ONLY for line in lines], dtype=bool)
    if said.past is None or not estimated.any():
        return np.ones(len(said.mean))
    estimated &= ~np.isnan(said.past.misses).all(axis=(0, 1))
    moves = said.paths[:, :, estimated].sum(axis=2, dtype=np.float64) - said.mean[:, estimated].sum(axis=1)
    missed = np.nansum(said.past.misses[:, :, estimated], axis=2)
    return cumulative_factors(missed, np.cumsum(moves, axis=1), said.past.step)


def _line_models(ground: Ground, said: PanelForecast, receipts: Receipts, months: Months) -> pd.DataFrame:
    """`line_code`, `model_name` (days of the thirteen weeks), `months_model_name` (beyond; null where the plan ends with the weeks)."""
    race = months.race
    monthly = {} if not len(race) else dict(zip(race["line_code"], race["model_name"], strict=True))
    goes_on = bool((ground.future > np.datetime64(ground.daily_until)).any())
    rows = []
    for place, line in enumerate(ground.panel.names):
        daily = said.model_names[place]
        beyond = _name(line, str(monthly[line]) if months.is_used[place] and line in monthly else daily, False)
        rows.append((line, _name(line, daily, bool(receipts.is_used[place])), beyond if goes_on else None))
    return pd.DataFrame(rows, columns=["line_code", "model_name", "months_model_name"])


def _name(line: str, model: str, is_of_receivables: bool) -> str:
    if line in KNOWN_ONLY:
        return "known"
    return TOLD_BY if is_of_receivables else model


class _Lines:
    """Mean, paths and quantiles of lines while the plan changes them, together."""

    def __init__(self, said: PanelForecast) -> None:
        self.mean, self.paths, self.quantiles = said.mean.copy(), said.paths, said.quantiles.copy()

    def take_receipts(self, found: Receipts, signs: npt.NDArray[np.int8]) -> None:
        """Put the mean of the receivables in place of the model's on the days that they tell of, with the bands of their own misses; paths
        keep their moves, as wide as those bands."""
        inside = found.days
        for line in np.flatnonzero(found.is_used):
            before, after = self.mean[inside, line], found.mean[inside, line]
            ratio = np.divide(after, before, out=np.zeros_like(after), where=before * after > 0)
            self.paths[:, inside, line] *= ratio.astype(np.float32)
            self.paths[:, inside, line] += np.where(ratio == 0, after, 0).astype(np.float32)
            self.mean[inside, line] = after
            self.quantiles[inside, line] = found.quantiles[inside, line]
            self.paths[:, inside, line] = as_wide(
                self.paths[:, inside, line], after, found.quantiles[inside, line], int(signs[line])
            )

    def take_months(self, found: Months, ground: Ground) -> None:
        """Make the days of the months beyond add up to their totals, where months were nearer."""
        factors, additions = month_factors(found, ground.future, self.mean, ground.panel.signs)
        changed = (factors != 1) | (additions != 0)
        self.mean = self.mean * factors + additions
        self.paths *= factors.astype(np.float32)
        self.paths += additions.astype(np.float32)
        self.quantiles[changed] = np.nan

    def net(self, rules: Sequence[Netting]) -> None:
        """Give up what is known."""
        for line, rule in enumerate(rules):
            self.mean[:, line] = rule.mean(self.mean[:, line])
            self.paths[:, :, line] = rule.paths(self.paths[:, :, line])
            if rule.rule in ("calendar", "known_only"):
                self.quantiles[:, line] = np.nan
            else:
                self.quantiles[:, line] *= rule.factors[:, None]


def _rule(ground: Ground, place: int, estimate: Floats) -> Netting:
    line = ground.panel.names[place]
    known = ground.known[ground.known["line_code"] == line]
    dates = ground.undated[ground.undated["line_code"] == line]
    of_calendar = known[known["flow_source_code"] == CALENDAR]
    told = KnownOfLine(
        amounts=_by_day(ground, known),
        schedule=_by_day(ground, known[known["flow_source_code"] == SUPPLIER]),
        dated=_places(ground, of_calendar),
        undated=_places(ground, dates),
        booked=_by_day(ground, known[known["flow_source_code"] == BOOKED]),
        unbooked=_unbooked(ground, line),
    )
    return netting(line, ground.future, estimate, told, ground.panel.days, ground.panel.values[:, place])


def _unbooked(ground: Ground, line: str) -> Floats | None:
    """The part of each day that banks have usually not booked on the day of the plan; None where the habits of the line are not known."""
    told = ground.booked_ahead[ground.booked_ahead["line_code"] == line]
    if told.empty:
        return None
    left = np.ones(len(ground.days))
    for lead, share in zip(told["lead_days"], told["booked_share"], strict=True):
        left[int(lead) - 1 : int(lead)] = 1.0 - share
    return left


def _by_day(ground: Ground, rows: pd.DataFrame) -> Floats:
    found = np.zeros(len(ground.days))
    np.add.at(found, _places(ground, rows), rows["amount_centimes"].to_numpy(dtype=np.float64) / 100)
    return found


def _places(ground: Ground, rows: pd.DataFrame) -> list[int]:
    return [
        int(place) for place in ground.days.get_indexer(pd.DatetimeIndex(rows["flow_date"]).as_unit("s")) if place >= 0
    ]
