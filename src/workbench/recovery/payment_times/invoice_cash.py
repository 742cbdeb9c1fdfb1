"""Receipts of the open book over the next weeks: what models of invoices say, what the naive ones say, how wide the band must be.

A bill in the book is as old as it is: the chance that counts is conditional on the age reached. Bills share a mood: independent bills
would give Var = Σb²p(1 − p); a common factor adds φ²(Σbp)², and the band is then as wide as past misses ask.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.evidence import Floats, conformal_quantile
from workbench.recovery.payment_times.invoice_features import Bills, Days
from workbench.recovery.payment_times.invoice_models import Settlement

WEEK = 7
NAIVE = ("book_share", "last_year")
COLUMNS = ("origin_day", "actual_mad", "expected_mad", "variance", "book_mad")
_WARM = 8  # weeks of a file before its book says anything


def mondays(first: int, last: int) -> list[int]:
    """Day numbers of the Mondays from `first` to `last`, both included."""
    return list(range(first + (4 - first) % WEEK, last + 1, WEEK))  # 1970-01-05, day 4, was a Monday


def book_on(bills: Bills, origin: int) -> npt.NDArray[np.int64]:
    """Rows of the bills open on the morning of a day: issued before it, not settled before it."""
    return np.flatnonzero((bills.issued < origin) & (bills.settled >= origin)).astype(np.int64)


def came(bills: Bills, origin: int, weeks: int) -> tuple[float, float]:
    """What the book of a morning brought within some weeks, and the book itself."""
    book = book_on(bills, origin)
    return float(bills.amount[book][bills.settled[book] < origin + WEEK * weeks].sum()), float(bills.amount[book].sum())


def cash_of_law(law: Settlement, bills: Bills, origins: Sequence[int], weeks: int) -> pd.DataFrame:
    """`COLUMNS` a row an origin; row i of the law is bill i. `variance` is that of independent bills, in squared units of money."""
    rows = []
    for origin in origins:
        book = book_on(bills, origin)
        amount = bills.amount[book]
        p = law.chance(book, origin - bills.issued[book], WEEK * weeks)
        actual, size = came(bills, origin, weeks)
        rows.append((origin, actual, p @ amount, amount**2 @ (p * (1 - p)), size))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def cash_of_naive(name: str, bills: Bills, origins: Sequence[int], weeks: int) -> pd.DataFrame:
    """`book_share`: the book × the mean share that earlier books brought; `last_year`: what the book of 52 weeks before brought.

    Only windows that had ended by the origin count. `expected_mad` is missing where there was none.
    """
    first = int(bills.issued.min()) + WEEK * _WARM if len(bills) else 0
    rows = []
    for origin in origins:
        actual, book = came(bills, origin, weeks)
        if name == "book_share":
            ended = [came(bills, day, weeks) for day in mondays(first, origin - WEEK * weeks)]
            shares = [part / whole for part, whole in ended if whole > 0]
            said = book * float(np.mean(shares)) if shares else np.nan
        else:
            before = origin - 52 * WEEK
            said = came(bills, before, weeks)[0] if before >= first - WEEK * _WARM else np.nan
        rows.append((origin, actual, said, 0.0, book))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def wape(cash: pd.DataFrame) -> float:
    """Σ|actual − expected| ÷ Σ actual over the origins where something was said; NaN where nothing was."""
    said = cash[cash["expected_mad"].notna()]
    whole = float(said["actual_mad"].sum())
    return float((said["actual_mad"] - said["expected_mad"]).abs().sum()) / whole if whole > 0 else float("nan")


def noise_floor(cash: pd.DataFrame) -> float:
    """The WAPE to expect of one who knows every chance exactly (those of the model are taken to be so): √(2/π) Σsd ÷ Σ expected."""
    return float(np.sqrt(2 / np.pi) * np.sqrt(cash["variance"]).sum() / cash["expected_mad"].sum())


@dataclass(frozen=True)
class CashBand:
    """Half-width of a band: `factor` × √(variance + `phi`² expected²), from the misses of past origins."""

    phi: float
    factor: float
    level: float

    def around(self, cash: pd.DataFrame) -> pd.DataFrame:
        """The table with `low_mad` and `high_mad`, between nothing and the whole book."""
        half = self.factor * _spread(cash, self.phi)
        low, high = (cash["expected_mad"] + sign * half for sign in (-1, 1))
        return cash.assign(low_mad=low.clip(lower=0.0), high_mad=np.minimum(high, cash["book_mad"]))


def learn_band(past: pd.DataFrame, level: float = 0.8) -> CashBand:
    """φ by moments from past misses, then the conformal factor (split conformal on |miss| ÷ spread) that makes the band hold.

    φ² = max(0, Σ(miss² − variance) ÷ Σ expected²). Where past origins are few the furthest miss decides.
    """
    said = past[past["expected_mad"].notna()]
    miss = said["actual_mad"] - said["expected_mad"]
    size = float((said["expected_mad"] ** 2).sum())
    phi = float(np.sqrt(max(0.0, float((miss**2 - said["variance"]).sum()) / size))) if size > 0 else 0.0
    spread = _spread(said, phi)
    scores: Floats = (miss.abs().to_numpy() / np.where(spread > 0, spread, 1.0))[:, None]
    return CashBand(phi, float(conformal_quantile(scores, level)[0]), level)


def _spread(cash: pd.DataFrame, phi: float) -> Floats:
    spread: Floats = np.sqrt((cash["variance"] + phi**2 * cash["expected_mad"] ** 2).to_numpy(np.float64))
    return spread


def law_scores(law: Settlement, days: Days, late: int = 30, late_share: Floats | None = None) -> dict[str, float]:
    """`mae_days` of the median, `brier` of "later than `late` days", `crps` in days, of laws (n, ages) against the days that came (n,).

    `late_share`: the chance to be late, where it is said apart from the law. NaN of no bill.
    """
    if len(days) == 0:
        return dict.fromkeys(("mae_days", "brier", "crps"), float("nan"))
    by, ages = law.settled_by, np.arange(law.cumulative.shape[1])
    median = (by < 0.5).sum(axis=1)
    is_late = 1 - by[:, late] if late_share is None else late_share
    return {
        "mae_days": float(np.abs(median - np.minimum(days, len(ages))).mean()),
        "brier": float(((is_late - (days > late)) ** 2).mean()),
        "crps": float(((by - (days[:, None] <= ages)) ** 2).sum(axis=1).mean()),
    }
