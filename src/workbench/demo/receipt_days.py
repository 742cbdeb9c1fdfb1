"""The days on which customers of the made-up office pay: weekday, pay day, Ramadan and feasts, a large payer with a day of its own.

Planted truth, written to the answer key. A receipt is drawn by its lag, then moved by a few days or whole weeks: totals stay, and mean
lags stay near those documented. Everything here is synthetic; no figure is one of a real office.
"""

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.demo.places import Array, weekday
from workbench.standards import load_bank_days

Days = npt.NDArray[np.datetime64]

# Receipts of a day of the week against their mean over the six days on which counters open, Monday first.
WEEKDAY = (1.30, 1.05, 1.00, 0.95, 1.10, 0.60, 0.0)
RUSH_FIRST, RUSH_LAST = 25, 2  # pay day: from this day of the month to that one of the next
TO_RUSH = 0.13  # part of the receipts of the days between, paid on the same weekday of the nearest rush instead
MIDDLE = 13  # up to this day of the month the nearest rush is the one before
RAMADAN_DAYS, BEFORE_FITR = 29, 7
OUT_OF_RAMADAN = (
    0.20  # part of the receipts of Ramadan's first weeks that wait for the last seven days before the feast
)
ADHA_REACH = 3  # days on each side of the feast that make its week
OUT_OF_ADHA = 0.40  # part of that week's receipts that come a week later
LARGE_PAYER, LARGE_PAYER_DAY = 4, 15  # a bulk customer that pays on this day of the month
_WEEK = np.arange(-3, 4)


@functools.cache
def feasts(name: str) -> Days:
    """The first days of a feast, in order, from the workbench's own table of closed days."""
    found = [row.day for row in load_bank_days().closed if name in row.name and f"{name} (2e" not in row.name]
    return np.array(found, dtype="datetime64[D]")


def _feasts_near(name: str, day: Days) -> Days:
    known = feasts(name)
    reach = np.timedelta64(RAMADAN_DAYS, "D")
    near: Days = known[(known >= day.min() - reach) & (known <= day.max() + reach)] if len(day) else known[:0]
    return near


def as_people_pay(issue: Days, day: Days, is_shaped: Array, rng: np.random.Generator) -> Days:
    """Days of receipts as planted; those not `is_shaped` (transfers, direct debits) stay, none comes before the day after its bill."""
    drawn = rng.random((4, len(day)))
    moved = _to_weekday(day, drawn[0])
    moved = _to_rush(moved, drawn[1])
    moved = _to_fitr(moved, drawn[2])
    moved = _after_adha(moved, drawn[3])
    kept: Days = np.where(is_shaped & (moved > issue), moved, day)
    return kept


def on_its_day(issue: Days, day: Days) -> Days:
    """The day of the month that the large payer keeps, the nearest to each day that comes after the bill."""
    month = day.astype("datetime64[M]")
    tries = np.stack([(month + n).astype("datetime64[D]") + (LARGE_PAYER_DAY - 1) for n in (-1, 0, 1, 2)])
    distance = np.abs((tries - day).astype(np.int64)) + np.where(tries > issue, 0, 10_000)
    found: Days = tries[distance.argmin(axis=0), np.arange(len(day))]
    return found


def _to_weekday(day: Days, drawn: Array) -> Days:
    """A day within three days of each, by the weight of its weekday: any seven days hold every weekday once, so shares come out exact."""
    near = day[:, None] + _WEEK.astype("timedelta64[D]")
    ends = np.cumsum(np.array(WEEKDAY)[weekday(near)], axis=1)
    place = (drawn[:, None] * ends[:, -1:] >= ends).sum(axis=1)
    found: Days = day + _WEEK[np.minimum(place, len(_WEEK) - 1)].astype("timedelta64[D]")
    return found


def _of_month(day: Days) -> npt.NDArray[np.int64]:
    found: npt.NDArray[np.int64] = (day - day.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    return found


def _to_rush(day: Days, drawn: Array) -> Days:
    """One or two whole weeks to the nearest rush, so that the weekday stays; February's lacks a weekday, and its payers do not wait."""
    of_month = _of_month(day)
    step = np.where(of_month <= MIDDLE, -7, 7).astype("timedelta64[D]")
    one, two = day + step, day + 2 * step
    there = np.where(_in_rush(one), one, two)
    goes = (drawn < TO_RUSH) & ~_in_rush(day) & _in_rush(there)
    moved: Days = np.where(goes, there, day)
    return moved


def _in_rush(day: Days) -> npt.NDArray[np.bool_]:
    of_month = _of_month(day)
    found: npt.NDArray[np.bool_] = (of_month >= RUSH_FIRST) | (of_month <= RUSH_LAST)
    return found


def _to_fitr(day: Days, drawn: Array) -> Days:
    moved = day.copy()
    for feast in _feasts_near("Aïd Al-Fitr", day):
        to_feast = (feast - day).astype(np.int64)
        waits = (drawn < OUT_OF_RAMADAN) & (to_feast > BEFORE_FITR) & (to_feast <= RAMADAN_DAYS)
        weeks = (to_feast - 1) // 7  # the same weekday, from one to seven days before the feast
        moved = np.where(waits, day + (weeks * 7).astype("timedelta64[D]"), moved)
    return moved


def _after_adha(day: Days, drawn: Array) -> Days:
    moved = day.copy()
    for feast in _feasts_near("Aïd Al-Adha", day):
        is_near = np.abs((day - feast).astype(np.int64)) <= ADHA_REACH
        moved = np.where(is_near & (drawn < OUT_OF_ADHA), day + np.timedelta64(7, "D"), moved)
    return moved


def truth(large_payer: int) -> dict[str, Any]:
    """What is planted here, for the answer key. Factors are receipts against the same days had nobody moved."""
    return {
        "channels": ["cash", "operator", "electronic", "cheque"],
        "weekday_factors": list(WEEKDAY),
        "pay_day": {"first": RUSH_FIRST, "last": RUSH_LAST, "moved_share": TO_RUSH, "factors": pay_day_factors()},
        "ramadan": {
            "days": RAMADAN_DAYS,
            "moved_share": OUT_OF_RAMADAN,
            "rush_days": BEFORE_FITR,
            "factors": ramadan_factors(),
        },
        "adha": {"reach_days": ADHA_REACH, "moved_share": OUT_OF_ADHA, "moved_days": 7},
        "large_payer": None
        if large_payer < 0
        else {"customer_code": f"{large_payer:08d}", "day_of_month": LARGE_PAYER_DAY},
    }


def pay_day_factors() -> dict[str, float]:
    """Receipts of the rush and of the days between, over the four years from 2021, whose every day is drawn alike."""
    day = np.arange(np.datetime64("2021-01-01"), np.datetime64("2025-01-01"))
    share = float(_in_rush(day).mean())
    return {"rush": round(1 + TO_RUSH * (1 - share) / share, 4), "between": round(1 - TO_RUSH, 4)}


def ramadan_factors() -> dict[str, float]:
    """The same for the first weeks of Ramadan and for the days before the feast."""
    waiting = RAMADAN_DAYS - BEFORE_FITR
    return {
        "first_weeks": round(1 - OUT_OF_RAMADAN, 4),
        "before_fitr": round(1 + OUT_OF_RAMADAN * waiting / BEFORE_FITR, 4),
    }
