"""Loss rates by age from the office's own history: what of a dirham at each age will never come (docs/methods/loss_rates.md).

Roll rates carry the money from one age to the next; what is written off on the way is lost, and what is still owed at the end of
the time given to the last age counts as lost too. The same chain says when the rest comes, hence what waiting for it costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.errors import WrongUse
from workbench.recovery.groups import group_keys
from workbench.recovery.impairment.loss_windows import FATES

Floats = npt.NDArray[np.float64]
NORMAL_80 = 1.2815515655446004  # half width of an 80 % interval, in standard errors


@dataclass(frozen=True)
class _Chain:
    """Shares of a step by age: collected, credited, written off, remaining; `to_next` of what remains of age 0."""

    collected: Floats
    credited: Floats
    written_off: Floats
    remaining: Floats
    to_next: float
    is_seen: npt.NDArray[np.bool_]


def loss_rates(
    windows: pd.DataFrame,
    by: str | Sequence[str] = ("segment_code",),
    *,
    step_months: int = 1,
    follow_months: int = 12,
    yearly_rate: float = 0.0,
) -> pd.DataFrame:
    """The loss rate of every age of every group, with an 80 % interval.

    Parameters
    ----------
    windows
        `loss_windows` with the same `step_months`.
    follow_months
        What is still owed so many months after it came to the last age counts as lost. Raises `WrongUse` where it is no multiple of `step_months`.
    yearly_rate
        Rate at which receipts to come are discounted, a fraction a year, each at the middle of its step; 0: waiting costs nothing.

    Returns
    -------
    `currency_code`, `by`, `age_step`, `exposure_centimes` (all windows), `loss_share`, `collected_share`, `credited_share` (they add up to one),
    `time_value_share` (collected − its worth today), `loss_low_share`, `loss_high_share` (jackknife over windows; null with one window), `unseen_count`: ages from this one
    on, in which nothing ever stood: nothing is known to be paid there, and all of it is taken to go on, at the last age as lost.
    """
    if follow_months < step_months or follow_months % step_months or yearly_rate <= -1:
        raise WrongUse(
            f"{follow_months} months are no whole number of steps of {step_months}", "follow_months", "as in 24 and 1"
        )
    keys = group_keys(by, windows)
    ages = int(windows["age_step"].max()) + 1 if len(windows) else 0
    ages = max(ages, int(windows["next_step"].max()) + 1) if len(windows) else 0
    parts = []
    for group, mine in windows.groupby(keys, dropna=False):
        every = sorted(mine["window"].unique())
        step = (ages, follow_months // step_months, (1 + yearly_rate) ** (-step_months / 12))
        found, chain = _solved(mine, *step)
        apart = [_solved(mine[mine["window"] != one], *step)[0][0] for one in every] if len(every) > 1 else []
        spread = _jackknife(np.array(apart)) if apart else np.full(ages, np.nan)
        exposure = mine.groupby("age_step")["exposure_centimes"].sum().reindex(range(ages), fill_value=0)
        rows = pd.DataFrame(
            dict(zip(keys, group if isinstance(group, tuple) else (group,), strict=True)), index=range(ages)
        )
        parts.append(
            rows.assign(
                age_step=range(ages),
                exposure_centimes=exposure.to_numpy(),
                loss_share=found[0],
                collected_share=found[1],
                credited_share=found[2],
                time_value_share=found[1] - found[3],
                loss_low_share=np.clip(found[0] - NORMAL_80 * spread, 0, 1),
                loss_high_share=np.clip(found[0] + NORMAL_80 * spread, 0, 1),
                unseen_count=np.cumsum(~chain.is_seen[::-1])[::-1],
            )
        )
    names = [*keys, "age_step", "exposure_centimes", *_SHARES, "unseen_count"]
    return pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)


_SHARES = (
    "loss_share",
    "collected_share",
    "credited_share",
    "time_value_share",
    "loss_low_share",
    "loss_high_share",
)


def _chain(mine: pd.DataFrame, ages: int) -> _Chain:
    sums = (
        mine.groupby("age_step")[["exposure_centimes", *FATES]]
        .sum()
        .reindex(range(ages), fill_value=0)
        .astype("float64")
    )
    exposure = sums["exposure_centimes"].to_numpy()
    is_seen = exposure > 0
    shares = {fate: np.divide(sums[fate].to_numpy(), exposure, out=np.zeros(ages), where=is_seen) for fate in FATES}
    shares["remaining_centimes"][~is_seen] = 1.0
    young = mine[mine["age_step"] == 0]
    whole = float(young["remaining_centimes"].sum())
    moved = float(young.loc[young["next_step"] == 1, "remaining_centimes"].sum())
    collected, credited, written_off, remaining = (shares[fate] for fate in FATES)
    return _Chain(collected, credited, written_off, remaining, moved / whole if whole > 0 else 1.0, is_seen)


def _solved(mine: pd.DataFrame, ages: int, follow: int, worth: float) -> tuple[Floats, _Chain]:
    """Lost, collected, credited and the worth today of what is collected, (4, ages), of a dirham at each age; `worth` of one a step later."""
    chain = _chain(mine, ages)
    step = np.array([chain.written_off, chain.collected, chain.credited, chain.collected * np.sqrt(worth)])
    later = np.array([1.0, 1.0, 1.0, worth])
    found = np.zeros((4, ages))
    stays = chain.remaining[-1]
    steps = np.arange(follow)
    for row in range(4):  # the last age: what is left of it after `follow` steps is lost
        found[row, -1] = step[row, -1] * float(np.sum((stays * later[row]) ** steps))
    found[0, -1] += stays**follow
    for age in range(ages - 2, -1, -1):
        found[:, age] = step[:, age] + chain.remaining[age] * later * found[:, age + 1]
    # Of what is not yet due some is not yet due a step later: it comes round again.
    again = chain.remaining[0] * (1 - chain.to_next)
    if ages > 1 and again < 1:
        onward = chain.remaining[0] * chain.to_next * later * found[:, 1]
        found[:, 0] = (step[:, 0] + onward) / (1 - again * later)
    return found, chain


def _jackknife(apart: Floats) -> Floats:
    """Standard error of an estimate from its values without each window in turn, (windows, ages) → (ages,)."""
    count = len(apart)
    spread: Floats = np.sqrt((count - 1) / count * np.sum((apart - apart.mean(axis=0)) ** 2, axis=0))
    return spread
