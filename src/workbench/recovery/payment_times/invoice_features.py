"""What an office knew of a bill on the day it issued it: the customer's settled bills, his open ones, the bill itself.

Nothing of a bill's own future is in: not its settlement, not its dispute (a dispute is known by the day the bill was settled, and
counts as history of the next ones). Two sorted arrays answer for every bill at once, so the cost is that of sorting.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from workbench.errors import SchemaError, WrongUse
from workbench.evidence import Floats

Days = npt.NDArray[np.int64]
NEVER = 2**40  # day number of what has not happened
LATE_DAYS = 30  # beyond them a bill counts as late
NEEDED = ("customer_code", "issue_date", "settled_date", "amount_centimes")
FEATURES = ("level", "usual_days", "late_share", "settled_count", "spread_days", "last_days", "open_count", "disputed_share",
            "is_electronic", "log_amount")  # fmt: skip
_LEAST_WEIGHT = 0.01  # a customer without settled bills has the office's level, however little it weighs
_PRIOR_BILLS = 2.0  # weight of the office beside a customer's own bills, for the plain means
_PRIOR_DISPUTES = (1.0, 5.0)  # one disputed in five bills, until the customer's own tell
_FIRST = (
    27.0,
    0.36,
    8.0,
)  # mean, late share and spread before anything was settled: they touch the first bills of a file only


@dataclass(frozen=True)
class Bills:
    """Bills in the order of their issue: days are numbers since 1970; `settled` is `NEVER` where it is not known."""

    customer: npt.NDArray[np.int64]
    issued: Days
    settled: Days
    amount: Floats
    is_electronic: Floats
    was_disputed: Floats

    def __len__(self) -> int:
        return len(self.issued)

    @property
    def days(self) -> Days:
        """Days from issue to settlement; huge where not settled."""
        return self.settled - self.issued

    def at(self, rows: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> "Bills":
        """Some of them."""
        return Bills(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def known_on(self, day: int) -> "Bills":
        """Those issued before a day, as they were known that morning: what was settled since is open."""
        there = self.at(self.issued < day)
        later = there.settled >= day
        hidden = np.where(later, 0.0, there.was_disputed)
        return Bills(
            there.customer, there.issued, np.where(later, NEVER, there.settled), there.amount, there.is_electronic, hidden
        )  # fmt: skip


def bills_of(items: pd.DataFrame) -> Bills:
    """Bills of a table: `customer_code`, `issue_date`, `settled_date` (missing: open), `amount_centimes` (one currency), and, where
    the office knows them, `is_electronic` (sent so, known at issue) and `was_disputed` (known once settled).

    Raises `SchemaError` where a column is absent, an issue date is missing or a bill was settled before its issue; `WrongUse` where
    two currencies are in one table.
    """
    if absent := [name for name in NEEDED if name not in items.columns]:
        raise SchemaError(f"columns are absent: {', '.join(absent)}", "items")
    if "currency_code" in items.columns and items["currency_code"].nunique() > 1:
        raise WrongUse("bills of two currencies are in one table", "items", "race one currency at a time")
    if items["issue_date"].isna().any() or items["customer_code"].isna().any() or items["amount_centimes"].isna().any():
        raise SchemaError("a bill without customer, issue date or amount cannot be placed", "items")
    issued, settled = _day_numbers(items["issue_date"]), _day_numbers(items["settled_date"])
    if (settled < issued).any():
        raise SchemaError(f"{int((settled < issued).sum())} bills are settled before their issue", "items.settled_date")
    flags = [
        items[name].fillna(False).to_numpy(np.float64) if name in items.columns else np.zeros(len(items))
        for name in ("is_electronic", "was_disputed")
    ]
    amount = items["amount_centimes"].to_numpy(np.float64) / 100
    # The order of a file is not information: bills of one day are put in the order of what is known of them at issue.
    customer = pd.factorize(items["customer_code"], sort=True)[0].astype(np.int64)
    order = np.lexsort((flags[0], amount, customer, issued))
    electronic, disputed = flags
    return Bills(customer[order], issued[order], settled[order], amount[order], electronic[order], disputed[order])


def _day_numbers(dates: pd.Series) -> Days:
    days = pd.to_datetime(dates).to_numpy("datetime64[D]")
    return np.where(np.isnat(days), NEVER, days.astype(np.int64))


@dataclass(frozen=True)
class LevelRule:
    """How a customer's level is made: days that an electronic bill and the log of the amount add, and the weight of the office.

    Learnt from bills settled before a day; the level of a bill is then made of what was settled before *its own* issue.
    """

    effects: Floats
    office_weight: float

    def shift(self, bills: Bills) -> Floats:
        """Days that the way of sending and the amount add to a bill, (n,)."""
        moved: Floats = np.column_stack([bills.is_electronic, np.log1p(bills.amount)]) @ self.effects
        return moved


def learn_level(bills: Bills, before: int) -> LevelRule:
    """Within-customer effects of electronic bills and amount, and the shrinkage of a customer's mean, from what was settled before a day.

    A customer who turns to electronic bills pays sooner from then on: his plain mean is wrong after the turn, his mean net of it is not.
    """
    known = bills.at(bills.settled < before)
    if len(known) < 2:
        return LevelRule(np.zeros(2), 1.0)
    columns = np.column_stack([known.is_electronic, np.log1p(known.amount), known.days])
    place = np.unique(known.customer, return_inverse=True)[1]
    counts = np.bincount(place)
    means = np.column_stack([np.bincount(place, column) / counts for column in columns.T])
    within = columns - means[place]
    effects: Floats = np.linalg.lstsq(within[:, :2], within[:, 2], rcond=None)[0].astype(np.float64)
    rest = within[:, 2] - within[:, :2] @ effects
    noise = float(rest @ rest) / max(len(known) - len(counts), 1)
    centres = means[:, 2] - means[:, :2] @ effects
    between = max(float(centres.var(ddof=1)) - noise * float((1 / counts).mean()), 1.0) if len(counts) > 1 else 1.0
    return LevelRule(effects, max(noise / between, _LEAST_WEIGHT))


def point_in_time_features(bills: Bills, rule: LevelRule) -> pd.DataFrame:
    """`FEATURES` of each bill, from bills settled before the day of its issue; row i is bill i.

    `level`: usual days of the customer for a bill sent this way, shrunk to the office's; `usual_days`, `late_share`: plain means;
    `settled_count`, `spread_days`, `last_days`: of his settled bills; `open_count`: his bills open that morning; `disputed_share`:
    of his settled bills.
    """
    shift, days = rule.shift(bills), np.where(bills.settled < NEVER, bills.days, 0).astype(np.float64)
    values = np.column_stack([days - shift, days, days > LATE_DAYS, days**2, bills.was_disputed])
    own, office = _Settled(bills, values, by_customer=True), _Settled(bills, values, by_customer=False)
    n, everybody = own.count, np.maximum(office.count, 1)
    there = office.count > 0
    level, mean, late = (
        np.where(there, office.sums[:, j] / everybody, first) for j, first in enumerate((_FIRST[0], *_FIRST[:2]))
    )
    few = np.maximum(n, 1)
    variance = np.maximum(own.sums[:, 3] - own.sums[:, 1] ** 2 / few, 0) / np.maximum(n - 1, 1)
    return pd.DataFrame(
        {
            "level": (own.sums[:, 0] + rule.office_weight * level) / (n + rule.office_weight) + shift,
            "usual_days": (own.sums[:, 1] + _PRIOR_BILLS * mean) / (n + _PRIOR_BILLS),
            "late_share": (own.sums[:, 2] + _PRIOR_BILLS * late) / (n + _PRIOR_BILLS),
            "settled_count": n.astype(np.float64),
            "spread_days": np.where(n > 2, np.sqrt(variance), _FIRST[2]),
            "last_days": np.where(n > 0, own.last[:, 1], mean),
            "open_count": _issued_before(bills) - n,
            "disputed_share": (own.sums[:, 4] + _PRIOR_DISPUTES[0]) / (n + _PRIOR_DISPUTES[1]),
            "is_electronic": bills.is_electronic,
            "log_amount": np.log1p(bills.amount),
        }
    )


class _Settled:
    """For each bill: count, sums and last value of what was settled before its issue, by its customer or by the whole office."""

    def __init__(self, bills: Bills, values: Floats, *, by_customer: bool) -> None:
        group = bills.customer if by_customer else np.zeros(len(bills), np.int64)
        order = np.lexsort((bills.issued, bills.settled, group))
        key, start = _keys(group[order], bills.settled[order]), np.searchsorted(group[order], group)
        end = np.searchsorted(key, _keys(group, bills.issued))
        added = np.vstack([np.zeros(values.shape[1]), np.cumsum(values[order], axis=0)])
        self.count = end - start
        self.sums: Floats = added[end] - added[start]
        self.last: Floats = values[order][np.maximum(end - 1, 0)]


def _issued_before(bills: Bills) -> Floats:
    order = np.lexsort((bills.issued, bills.customer))
    customer = bills.customer[order]
    end = np.searchsorted(_keys(customer, bills.issued[order]), _keys(bills.customer, bills.issued))
    return (end - np.searchsorted(customer, bills.customer)).astype(np.float64)


def _keys(group: npt.NDArray[np.int64], day: Days) -> Days:
    # One number orders group, then day; days before 1970 or after 2100 do not occur, what never happened is past all of them.
    return group * 2**20 + np.minimum(day, 2**20 - 1)
