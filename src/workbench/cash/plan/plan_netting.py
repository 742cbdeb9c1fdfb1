"""What is known takes the place of what is estimated of the same line, so that nothing counts twice and no date is invented.

Three rules, by line: a line that is wholly scheduled has no estimate; a line led by a calendar keeps its amounts and takes the calendar's
dates; any other line gives up, for each known flow, as much of its estimate on the days around. Each rule is a change of days that means and
paths go through alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.cash.lines.flow_rules import UNCLASSIFIED
from workbench.cash.models.panel import Days
from workbench.cash.plan.plan_history import YEAR
from workbench.evidence import Floats

KNOWN_ONLY = (
    "debt_service",
    "placements",
    UNCLASSIFIED,
)  # what no register tells is not in the plan: the first are wholly scheduled, nobody knows what the last is
REACH = 10  # bank days on each side from which a known flow takes its amount
COVER_DAYS = 21  # bank days, a month: the window in which a schedule is weighed against the estimate
COVERED = 0.5  # part of the estimate that a schedule must reach to stand for it
LED = 0.8  # part of a line's amounts that must fall on its few largest days of a month to say that a calendar leads it
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Netting:
    """How an estimate of one line changes: it is moved to `targets` (H,) (−1: dropped), then multiplied by `factors` (H,)."""

    targets: Indices
    factors: Floats
    rule: str = "netted"
    covered: int = 0  # days, from the first, that a schedule stands for

    def mean(self, values: Floats) -> Floats:
        """(H,) estimates after the change."""
        moved: Floats = self._moved(values[None])[0] * self.factors
        return moved

    def paths(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """(P, H) after the change."""
        return self._moved(values) * self.factors.astype(np.float32)

    def _moved(self, values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        if np.array_equal(self.targets, np.arange(len(self.targets))):
            return values
        moved = np.zeros_like(values)
        for day, target in enumerate(self.targets):
            if target >= 0:
                moved[:, target] += values[:, day]
        return moved


@dataclass(frozen=True)
class KnownOfLine:
    """What is known of a line on H days: `amounts` (units), those of them told by a `schedule` of suppliers and those already `booked` by banks,
    with the part of each day that is usually `unbooked` by then (None: nothing is known of it); days that a calendar names with an amount
    (`dated`) and without one (`undated`)."""

    amounts: Floats
    schedule: Floats
    dated: Sequence[int] = field(default_factory=tuple)
    undated: Sequence[int] = field(default_factory=tuple)
    booked: Floats | None = None
    unbooked: Floats | None = None


def netting(line: str, days: Days, estimate: Floats, known: KnownOfLine, past_days: Days, past: Floats) -> Netting:
    """The rule of a line and what it changes.

    Parameters
    ----------
    estimate
        (H,) what a model says, in units, on `days` (H,).
    past
        (T,) what came on `past_days`: whether a calendar leads the line is read off it.
    """
    stay = np.arange(len(days))
    if line in KNOWN_ONLY:
        return Netting(stay, np.zeros(len(days)), "known_only")
    named = sorted({*known.dated, *known.undated})
    if named and is_led(past_days, past, _most_a_month(days, named)):
        return Netting(_to_calendar(days, named, set(known.dated)), np.ones(len(days)), "calendar")
    covered = _covered(estimate, known.schedule)
    amounts, still = known.amounts, np.ones(len(days))
    if (
        known.booked is not None and known.unbooked is not None
    ):  # what is booked of a day says nothing of the days beside it
        amounts, still = amounts - known.booked, known.unbooked
    factors = still * _left(estimate * still, amounts, covered)
    is_netted = bool(known.amounts.any() or known.undated or (still < 1).any())
    # A date without an amount, on a line of other flows too: the estimate stays where it is.
    return Netting(stay, factors, "netted" if is_netted else "estimated", covered)


def is_led(days: Days, values: Floats, count: int) -> bool:
    """Whether the `count` largest days of a month hold most of a line's amounts, over the last year of its history."""
    recent = np.abs(values[-YEAR:])
    months = days[-YEAR:].astype("datetime64[M]")
    whole = float(recent.sum())
    if not whole:
        return False
    largest = sum(float(np.sort(recent[months == month])[-count:].sum()) for month in np.unique(months))
    return largest >= LED * whole


def _most_a_month(days: Days, named: Sequence[int]) -> int:
    return int(np.unique(days[list(named)].astype("datetime64[M]"), return_counts=True)[1].max())


def _to_calendar(days: Days, named: Sequence[int], with_amount: set[int]) -> Indices:
    """Each day of a month that the calendar names goes to the nearest day named in it; what lands on a day of known amount is dropped."""
    months = days.astype("datetime64[M]")
    targets = np.arange(len(days))
    for day in range(len(days)):
        same = [each for each in named if months[each] == months[day]]
        if same:
            nearest = min(same, key=lambda each: (abs(each - day), each))
            targets[day] = -1 if nearest in with_amount else nearest
    return targets


def _covered(estimate: Floats, schedule: Floats) -> int:
    """Days that the schedule stands for: up to its last flow of a month in which it holds half of the estimate at least.

    A list of items due thins out: bills of next month are not in it yet. A retention due in a year stands for no month.
    """
    last = 0
    for start in range(0, len(estimate), COVER_DAYS):
        window = slice(start, start + COVER_DAYS)
        told, guessed = np.abs(schedule[window].sum()), np.abs(estimate[window].sum())
        if not told or told < COVERED * guessed:
            break
        last = start + int(np.flatnonzero(schedule[window])[-1]) + 1
    return last


def _left(estimate: Floats, known: Floats, covered: int) -> Floats:
    """Part of the estimate of each day that is left: none where a schedule covers, elsewhere what known flows around do not take."""
    rest = np.abs(estimate)
    rest[:covered] = 0.0
    sides = np.sign(estimate)
    for day in covered + np.flatnonzero(known[covered:]):
        owed = abs(float(known[day]))
        for near in _around(int(day), len(estimate)):
            if owed <= 0:
                break
            if rest[near] > 0 and sides[near] == np.sign(known[day]):
                taken = min(owed, float(rest[near]))
                rest[near] -= taken
                owed -= taken
    return np.divide(rest, np.abs(estimate), out=np.ones(len(estimate)), where=estimate != 0)


def _around(day: int, length: int) -> list[int]:
    near = [day + step * side for step in range(REACH + 1) for side in ((1, -1) if step else (1,))]
    return [each for each in near if 0 <= each < length]


def rules_table(lines: Sequence[str], found: Sequence[Netting], days: Days) -> pd.DataFrame:
    """What was done with each line, for the page: `line_code`, `rule_code`, `covered_until_date` (last day that a schedule stands for)."""
    ends = [days[each.covered - 1] if each.covered else np.datetime64("NaT", "D") for each in found]
    table = pd.DataFrame({"line_code": list(lines), "rule_code": [each.rule for each in found]})
    return table.assign(covered_until_date=pd.to_datetime(np.array(ends, dtype="datetime64[D]")))
