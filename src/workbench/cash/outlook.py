"""The whole outlook of cash on a date: a plan, its risk, what it rests on and how far plans were right before. What a page looks at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from workbench.cash.headroom import draw_by, lines_to_draw, placeable_until, suppliers_to_pay
from workbench.cash.risk import LowPoint, buffer_needed, days_of_cover, low_point, risk_by_day
from workbench.cash.risk_drivers import variance_shares
from workbench.evidence import Floats

TERMS_DAYS = (7, 14, 28, 60, 91)  # calendar days for which cash is usually placed
WORST = 0.10  # the paths that are called bad: the tenth with the lowest balance
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Beside:
    """Tables that a page shows beside a plan. Each may be empty: what is not there is said to be missing, never taken for zero.

    `lines` are those of `load_lines`; `position` is `day_date`, `value_centimes` of the office up to the date; `actual` is
    `daily_flows`; `known` is `known_flows`; `overdue` and `credit` come from their registers; `log` holds the rows of `forecasts`.
    """

    lines: pd.DataFrame
    position: pd.DataFrame
    actual: pd.DataFrame
    known: pd.DataFrame
    log: pd.DataFrame
    budgets: pd.DataFrame
    overdue: pd.DataFrame
    credit: pd.DataFrame
    accounts: pd.DataFrame  # account_number, account_label, floor_centimes
    scenarios: pd.DataFrame  # scenario_code, day_date, value_centimes, q10_mad, q90_mad; `plan` among them
    scenario_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # fr and en by code
    unclassified: pd.DataFrame = field(default_factory=pd.DataFrame)
    judged: Mapping[str, pd.DataFrame] = field(default_factory=dict)  # tables of accuracy, by key


@dataclass(frozen=True)
class Outlook:
    """A plan over some weeks, with its risk; see the functions of `risk`, `risk_drivers` and `headroom`."""

    plan: Any
    beside: Beside
    until: date  # last day of the weeks asked for
    confidence: float
    by_day: pd.DataFrame
    low: LowPoint
    buffer_centimes: int | None  # what must be had besides; negative: to spare; None: no floor, or too few paths
    drivers: pd.DataFrame
    overdue: pd.DataFrame
    credit: pd.DataFrame
    placeable: pd.DataFrame
    draw_before: date | None
    cover_days: int | None

    @property
    def days(self) -> pd.DatetimeIndex:
        """The bank days of the weeks asked for."""
        return self.plan.days[self.plan.days <= pd.Timestamp(self.until)]

    def names(self, lang: str) -> dict[str, dict[str, str]]:
        """Words of codes that are data: labels of lines and scenarios, by the column that holds the code."""
        lines = dict(zip(self.beside.lines["line_code"], self.beside.lines[f"label_{lang}"], strict=True))
        scenarios = {code: labels[lang] for code, labels in self.beside.scenario_labels.items()}
        return {"line_code": lines, "row_code": lines, "scenario_code": scenarios}

    @property
    def position_centimes(self) -> int:
        """The position in value on the date of the plan: that of accounts whose balance is known."""
        return int(self.plan.opening["value_centimes"].sum())


def outlook(plan: Any, beside: Beside, weeks: int = 13, confidence: float = CONFIDENCE) -> Outlook:
    """A plan over `weeks` weeks, what it risks and what it allows; `confidence` is that of every promise."""
    until = min(plan.as_of + timedelta(weeks=weeks), plan.daily_until)
    inside = np.asarray(plan.days <= pd.Timestamp(until))
    days, balances = plan.days[inside], np.asarray(plan.balance_paths(), float)[:, inside]
    position = plan.positions()
    ends = position.loc[inside, "value_centimes"].to_numpy()
    floor = plan.floor_centimes
    by_day = risk_by_day(balances, ends, days, floor, confidence)
    low = low_point(balances, ends, days)
    buffer = None if floor is None else buffer_needed(balances, floor, confidence)
    overdue = suppliers_to_pay(beside.overdue, None if buffer is None else -buffer) if len(beside.overdue) else beside.overdue
    paid = int(overdue["paid_centimes"].sum()) if len(overdue) else 0
    return Outlook(
        plan=plan,
        beside=beside,
        until=until,
        confidence=confidence,
        by_day=by_day,
        low=low,
        buffer_centimes=buffer,
        drivers=_drivers(plan, low),
        overdue=overdue,
        credit=lines_to_draw(beside.credit, buffer, low.last_date) if len(beside.credit) else beside.credit,
        placeable=placeable_until(by_day, TERMS_DAYS, paid),
        draw_before=None if floor is None else draw_by(balances, days, floor, confidence),
        cover_days=_cover(plan, inside, floor),
    )


def _drivers(plan: Any, low: LowPoint) -> pd.DataFrame:
    """Shares of the lines in the variance of the balance on the day of the low point."""
    through = np.asarray(plan.days <= pd.Timestamp(low.day))
    codes = sorted(plan.series["line_code"].unique())
    made: list[Floats] = []
    for code in codes:
        columns = np.flatnonzero(plan.series["line_code"].to_numpy() == code)
        made.append(plan.paths[:, through][:, :, columns].sum(axis=(1, 2), dtype=np.float64))
    return variance_shares(np.stack(made, axis=1), pd.DataFrame({"line_code": codes}), WORST)


def _cover(plan: Any, inside: Any, floor: int | None) -> int | None:
    """Bank days paid by what there is, without one receipt, down to the floor where there is one."""
    daily = plan.flows(by=("line_code",), period="day")
    daily = daily[daily["target_date"].isin(plan.days[inside])]
    wide = daily.pivot_table(index="target_date", columns="line_code", values="plan_centimes", aggfunc="sum", fill_value=0)
    opening = int(plan.opening["value_centimes"].sum())
    return days_of_cover(opening, wide.to_numpy(dtype=np.int64), floor or 0)
