"""When a bill will be settled: discrete hazards by the day, of which the law of the settlement day follows.

A row a day that a bill was open teaches: paid that day or not; a bill still open is censored, never dropped. Two learners with
faults of their own, boosted trees and a logit on splines, both on the customer's level; their mean errs less than either.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.evidence import Floats
from workbench.recovery.payment_times.invoice_features import NEVER, Bills

Hazard = Callable[[pd.DataFrame], Floats]  # features and `age` in days, a row a day → chance to be settled that day
RAW = (
    "usual_days",
    "late_share",
    "settled_count",
    "spread_days",
    "last_days",
    "open_count",
    "is_electronic",
    "log_amount",
)
SMALL = ("level", "is_electronic", "log_amount", "open_count", "spread_days", "disputed_share")
_LINEAR = ("level", "is_electronic", "log_amount", "open_count", "disputed_share")
_YOUNG_FILE = 90  # first days of a file: customers have no history worth the name
_LEAST, _AHEAD = 60, 35  # days: the shortest law, and how far it goes past the oldest age seen
_SURE = 40.0  # a cumulative hazard after which nothing is open
_BELIEVED = 1e-9  # chances are kept within it of 0 and 1


@dataclass(frozen=True)
class Settlement:
    """Cumulative hazard of each bill by age in days, (n, ages): 1 − exp(−it) is the chance to be settled by the end of that day."""

    cumulative: Floats

    @property
    def settled_by(self) -> Floats:
        """The chance to be settled by each age, (n, ages)."""
        return -np.expm1(-self.cumulative)

    def chance(self, rows: npt.NDArray[np.integer], age: npt.NDArray[np.integer], days: int) -> Floats:
        """The chance that bills, open after `age` whole days (0: just issued), are settled within the next `days`."""
        told: Floats = -np.expm1(self._until(rows, age) - self._until(rows, age + days))
        return told

    def _until(self, rows: npt.NDArray[np.integer], age: npt.NDArray[np.integer]) -> Floats:
        # Past the last age the hazard of its last week goes on: a bill older than any seen is neither lost nor sure.
        last = self.cumulative.shape[1] - 1
        slope = (self.cumulative[rows, last] - self.cumulative[rows, last - 7]) / 7
        inside = np.where(age > 0, self.cumulative[rows, np.clip(age - 1, 0, last)], 0.0)
        until: Floats = inside + slope * np.maximum(age - 1 - last, 0)
        return until


def ages_modelled(train: Bills, before: int) -> int:
    """How many ages in days a law has: from 0 to some weeks past the oldest age that training saw."""
    seen = np.minimum(train.settled, before) - train.issued
    return int(max(seen.max(initial=0), _LEAST)) + _AHEAD + 1


def bill_days(train: Bills, features: pd.DataFrame, before: int) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
    """A row for each day that a bill was open before a day (its features and `age`), and whether it was settled on it."""
    paid = train.settled < before
    rows = np.where(paid, train.days, before - 1 - train.issued) + 1
    age = np.arange(rows.sum()) - np.repeat(np.cumsum(rows) - rows, rows)
    settled = np.zeros(len(age), np.int64)
    settled[np.cumsum(rows) - 1] = paid
    return features.loc[features.index.repeat(rows)].assign(age=age), settled


def boosted_hazard(train: Bills, features: pd.DataFrame, before: int, columns: tuple[str, ...], usual: str) -> Hazard:
    """Boosted trees on `columns`, the age, and the age less the usual days (the column `usual`)."""
    from sklearn.ensemble import (
        HistGradientBoostingClassifier,  # here: a second to load, which no other command should wait for
    )

    days, settled = bill_days(train, features, before)

    def columns_of(rows: pd.DataFrame) -> Floats:
        return np.column_stack([rows[list(columns)].to_numpy(np.float64), rows["age"], rows["age"] - rows[usual]])

    model = HistGradientBoostingClassifier(
        max_iter=100, learning_rate=0.05, max_leaf_nodes=7, min_samples_leaf=100, l2_regularization=1,
        early_stopping=False, random_state=0,
    ).fit(columns_of(days), settled)  # fmt: skip
    return lambda rows: np.asarray(model.predict_proba(columns_of(rows))[:, 1], np.float64)


def spline_hazard(train: Bills, features: pd.DataFrame, before: int) -> Hazard:
    """Logit on splines of the age and of the age less the level, their products, and the small features."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import SplineTransformer, StandardScaler

    grown = train.issued >= train.issued.min(initial=NEVER) + _YOUNG_FILE
    grown = grown if grown.sum() >= 100 else np.ones(len(train), bool)
    days, settled = bill_days(train.at(grown), features[grown], before)

    def two(rows: pd.DataFrame) -> Floats:
        return np.column_stack([(rows["age"] - rows["level"]).clip(-45, 35), rows["age"].clip(0, 75)])

    spline = SplineTransformer(6, extrapolation="linear", knots="quantile").fit(two(days))
    scale = StandardScaler().fit(days[list(_LINEAR)].to_numpy(np.float64))

    def columns_of(rows: pd.DataFrame) -> Floats:
        ages, small = two(rows), scale.transform(rows[list(_LINEAR)].to_numpy(np.float64))
        products = [ages[:, :1] * ages[:, 1:] / 100, ages[:, :1] * small[:, :1] / 10, ages[:, 1:] * small[:, 4:] / 30]
        return np.hstack([spline.transform(ages), small, *products])

    model = LogisticRegression(solver="newton-cholesky").fit(columns_of(days), settled)
    return lambda rows: np.asarray(model.predict_proba(columns_of(rows))[:, 1], np.float64)


def settlement(hazard: Hazard, features: pd.DataFrame, ages: int) -> Settlement:
    """The law of the settlement day of each bill, from its hazards at ages 0 … `ages` − 1."""
    rows = features.loc[features.index.repeat(ages)].assign(age=np.tile(np.arange(ages), len(features)))
    chances = np.clip(hazard(rows), _BELIEVED, 1 - _BELIEVED).reshape(len(features), ages)
    return Settlement(np.cumsum(-np.log1p(-chances), axis=1))


def mean_of(laws: list[Settlement]) -> Settlement:
    """The law whose chance to be settled by each age is the mean of those of several laws."""
    open_share = np.mean([np.exp(-law.cumulative) for law in laws], axis=0)
    return Settlement(-np.log(np.maximum(open_share, 1e-30)))


def usual_days_law(features: pd.DataFrame, ages: int) -> Settlement:
    """The naive law: every bill is settled when its customer's running mean says, to the day; one older than that, at once."""
    past = np.arange(ages)[None, :] - np.rint(features["usual_days"].to_numpy())[:, None] + 1
    return Settlement(_SURE * np.maximum(past, 0.0))


def fitted_laws(train: Bills, features: pd.DataFrame, before: int, of: pd.DataFrame) -> Mapping[str, Settlement]:
    """Every candidate's law for the bills whose features are `of`, learnt from training bills as known before a day."""
    ages = ages_modelled(train, before)
    boosted = settlement(boosted_hazard(train, features, before, SMALL, "level"), of, ages)
    splines = settlement(spline_hazard(train, features, before), of, ages)
    return {
        "customer_mean": usual_days_law(of, ages),
        "boosted_history": settlement(boosted_hazard(train, features, before, RAW, "usual_days"), of, ages),
        "boosted_level": boosted,
        "spline_level": splines,
        "mean_of_two": mean_of([boosted, splines]),
    }
