"""Which model of invoices is used where: raced against the naive ones inside the training period, at each horizon, with a log.

Nothing that came after the last day of training is seen by a choice: bills open on that day are open. Three cuts inside it, each with
its own fits; the best of the models meets the best of the naive ones at each use and loses its place where it loses the race.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from workbench.errors import WrongUse
from workbench.recovery.balances import on_day
from workbench.recovery.payment_times.invoice_cash import (
    NAIVE,
    WEEK,
    CashBand,
    cash_of_law,
    cash_of_naive,
    law_scores,
    learn_band,
    mondays,
    noise_floor,
    wape,
)
from workbench.recovery.payment_times.invoice_features import (
    NEVER,
    Bills,
    bills_of,
    learn_level,
    point_in_time_features,
)
from workbench.recovery.payment_times.invoice_models import Settlement, fitted_laws

LAW_USE, NAIVE_LAW = "invoices", "customer_mean"
_CUTS = (0.44, 0.56, 0.67)  # of the training period: fits at them see at least a third of it behind and a third ahead
_WARM_WEEKS = 8  # from a cut to the first origin: the book is then of bills that no fit has seen
_LEAST_DAYS = 180  # of training, under which nothing can be chosen inside it


@dataclass(frozen=True)
class Cut:
    """What every candidate said after a day: laws of `bills` (those settled after it or open), their scores, receipts by (model, weeks)."""

    scores: Mapping[str, Mapping[str, float]]
    cash: Mapping[tuple[str, int], pd.DataFrame]


@dataclass(frozen=True)
class Choice:
    """What each use (`invoices`, `cash_1w`, …) is given: `chosen`, a model or the naive one that beat them all; `best_model`, the best
    of the models, whether it kept its place or not; bands by (model, weeks) of both; the log of the race that decided."""

    chosen: Mapping[str, str]
    best_model: Mapping[str, str]
    bands: Mapping[tuple[str, int], CashBand]
    log: pd.DataFrame


@dataclass(frozen=True)
class InvoiceRace:
    """A race on days after training. `scores`: a row a model; `cash`: a row a (horizon, origin) with its band, of what was chosen and of
    the best model (`is_chosen` tells them apart, where they differ).

    Columns of `scores`: `model_code`, `mae_days`, `brier`, `crps`, and by horizon `wape_1w`, `floor_1w`…; `is_chosen_…` by use.
    """

    choice: Choice
    scores: pd.DataFrame
    cash: pd.DataFrame
    bill_count: int


def use_of(weeks: int) -> str:
    """The name of the use of a horizon."""
    return f"cash_{weeks}w"


def said_after(
    bills: Bills,
    cut: int,
    weeks: Sequence[int],
    until: int,
    scored_to: int,
    more: Mapping[str, Settlement] | None = None,
) -> Cut:
    """Fit every candidate on bills issued before `cut` as known then, and hold it against what came before `until`.

    Bills issued from `cut` to `scored_to` are scored; origins are the Mondays from eight weeks after the cut whose window had ended.
    `more` holds laws made elsewhere (peers), of the same bills in the same order as `tested`.
    """
    train, features, of = _parts(bills, cut)
    laws = dict(fitted_laws(train, features.iloc[: len(train)], cut, features[of])) | dict(more or {})
    seen = bills.at(of)
    scored = (seen.issued >= cut) & (seen.issued < scored_to)
    days = seen.days[scored]
    late_shares = {
        NAIVE_LAW: features["late_share"].to_numpy()[of][scored]
    }  # the naive one says how often, not only when
    scores = {
        name: law_scores(Settlement(law.cumulative[scored]), days, late_share=late_shares.get(name))
        for name, law in laws.items()
    }
    cash: dict[tuple[str, int], pd.DataFrame] = {}
    for each in weeks:
        last = min(until - WEEK * each, int(bills.issued.max()))
        origins = mondays(cut + WEEK * _WARM_WEEKS, last)
        cash |= {(name, each): cash_of_law(law, seen, origins, each) for name, law in laws.items()}
        cash |= {(name, each): cash_of_naive(name, bills, origins, each) for name in NAIVE}
    return Cut(scores, cash)


def _parts(bills: Bills, cut: int) -> tuple[Bills, pd.DataFrame, np.ndarray]:
    """Training bills as known at the cut, the features of all bills, and which of them laws are asked of."""
    features = point_in_time_features(bills, learn_level(bills, cut))
    return bills.at(bills.issued < cut).known_on(cut), features, bills.settled >= cut


def tested(bills: Bills, cut: int) -> tuple[Bills, pd.DataFrame, Bills, pd.DataFrame]:
    """Training bills as known at a cut with their features, and the bills that laws are asked of with theirs: what peers are given."""
    train, features, of = _parts(bills, cut)
    return train, features.iloc[: len(train)], bills.at(of), features[of]


def choose_inside(bills: Bills, train_to: int, weeks: Sequence[int] = (1, 4)) -> Choice:
    """Choose the model of each use and its bands from what was known on the morning of `train_to`.

    Raises `WrongUse` where the training period is too short to race inside it.
    """
    known = bills.known_on(train_to)
    span = train_to - int(known.issued.min(initial=train_to))
    if span < _LEAST_DAYS or not (known.settled < train_to).any():
        raise WrongUse(
            "the training period is too short to choose a model inside it",
            "train_to",
            f"give {_LEAST_DAYS} days at least",
        )
    oldest = int(known.days[known.settled < NEVER].max())
    first = int(known.issued.min())
    cuts = [round((first + span * part - 4) / WEEK) * WEEK + 4 for part in _CUTS]
    runs = [said_after(known, cut, weeks, train_to, train_to - oldest) for cut in cuts]
    log = pd.concat([_law_log(runs), *(_cash_log(runs, each) for each in weeks)], ignore_index=True)
    chosen = _winners(log)
    best = _winners(log[~log["is_naive"]])
    bands = {
        (name, each): learn_band(pd.concat([run.cash[name, each] for run in runs]))
        for each in weeks
        for name in {chosen[use_of(each)], best[use_of(each)]}
    }
    return Choice(chosen, best, bands, log)


def _winners(log: pd.DataFrame) -> dict[str, str]:
    ranked = log.sort_values(["use_code", "is_chosen", "score"], ascending=[True, False, True], kind="stable")
    return {str(use): str(name) for use, name in ranked.groupby("use_code")["model_code"].first().items()}


def _law_log(runs: Sequence[Cut]) -> pd.DataFrame:
    means = {name: float(np.mean([run.scores[name]["crps"] for run in runs])) for name in runs[0].scores}
    return gated(LAW_USE, "crps", means, {NAIVE_LAW}, len(runs))


def _cash_log(runs: Sequence[Cut], weeks: int) -> pd.DataFrame:
    names = [name for name, each in runs[0].cash if each == weeks]
    means, counts = {}, {}
    for name in names:
        found = [wape(run.cash[name, weeks]) for run in runs]
        means[name] = float(np.nanmean(found)) if np.isfinite(found).any() else float("nan")
        counts[name] = sum(int(run.cash[name, weeks]["expected_mad"].notna().sum()) for run in runs)
    log = gated(use_of(weeks), f"wape_{weeks}w", means, {NAIVE_LAW, *NAIVE}, 0)
    return log.assign(origin_count=[counts[name] for name in log["model_code"]])


def gated(use: str, score: str, means: Mapping[str, float], naive: set[str], count: int) -> pd.DataFrame:
    """The log of a race: who was chosen and why the others were not; lower scores win, a tie goes to the naive one.

    Columns: `use_code`, `model_code`, `is_naive`, `score_code`, `score`, `origin_count`, `is_chosen`, `outcome_code` (`chosen`,
    `lost_to_naive`, `lost_to_better`, `not_comparable` where it could say nothing).
    """
    said = {name: value for name, value in means.items() if np.isfinite(value)}
    if not said:
        raise WrongUse(f"no model said anything at {use}", "gated")
    winner = min(said, key=lambda name: (said[name], name not in naive, name))
    bar = min((value for name, value in said.items() if name in naive), default=np.inf)
    rows = []
    for name, value in means.items():
        if name == winner:
            outcome = "chosen"
        elif name not in said:
            outcome = "not_comparable"
        else:
            outcome = "lost_to_naive" if name not in naive and value >= bar else "lost_to_better"
        rows.append((use, name, name in naive, score, value, count, name == winner, outcome))
    columns = ["use_code", "model_code", "is_naive", "score_code", "score", "origin_count", "is_chosen", "outcome_code"]
    return pd.DataFrame(rows, columns=columns)


def race_invoices(
    items: pd.DataFrame,
    train_to: date | str,
    weeks: Sequence[int] = (1, 4),
    more: Mapping[str, Settlement] | None = None,
) -> InvoiceRace:
    """Choose inside the period that ends on the morning of `train_to`, fit there, and hold every candidate against what came after.

    Parameters
    ----------
    items
        As `bills_of` takes it: one row a bill, its settlement date where it has one.
    weeks
        Horizons of the receipts of the open book.
    more
        Laws of peers for the bills of `tested`, scored beside; they never enter the choice.
    """
    bills, cut = bills_of(items), _day_number(train_to)
    choice = choose_inside(bills, cut, weeks)
    until = int(bills.settled[bills.settled < NEVER].max()) + 1
    bills = scored_bills(bills, cut)
    run = said_after(bills, cut, weeks, until, until, more)
    cash = pd.concat([_banded(run, choice, each) for each in weeks], ignore_index=True)
    return InvoiceRace(choice, _score_table(run, choice, weeks), cash, int((bills.issued >= cut).sum()))


def scored_bills(bills: Bills, train_to: int) -> Bills:
    """Bills whose outcome the file can tell: settled, or older at its end than any that was settled in training."""
    until = int(bills.settled[bills.settled < NEVER].max()) + 1
    known = bills.known_on(train_to)
    oldest = int(known.days[known.settled < NEVER].max())
    return bills.at((bills.settled < NEVER) | (bills.issued < until - oldest))


def _day_number(day: date | str) -> int:
    return (on_day(day) - date(1970, 1, 1)).days


def _banded(run: Cut, choice: Choice, weeks: int) -> pd.DataFrame:
    chosen, best = choice.chosen[use_of(weeks)], choice.best_model[use_of(weeks)]
    parts = []
    for model in dict.fromkeys([chosen, best]):
        told = choice.bands[model, weeks].around(run.cash[model, weeks])
        origin_date = pd.to_datetime(told["origin_day"], unit="D").astype("datetime64[s]")
        told = told.drop(columns="origin_day").assign(origin_date=origin_date, horizon_weeks=weeks, model_code=model)
        parts.append(told.assign(is_chosen=model == chosen))
    return pd.concat(parts, ignore_index=True)


def _score_table(run: Cut, choice: Choice, weeks: Sequence[int]) -> pd.DataFrame:
    rows = []
    for name in [*run.scores, *NAIVE]:
        row: dict[str, object] = {"model_code": name, **run.scores.get(name, {})}
        for each in weeks:
            row |= {f"wape_{each}w": wape(run.cash[name, each])}
            if name in run.scores and name != NAIVE_LAW:
                row |= {f"floor_{each}w": noise_floor(run.cash[name, each])}
        rows.append(row | {f"is_chosen_{use}": model == name for use, model in choice.chosen.items()})
    return pd.DataFrame(rows)
