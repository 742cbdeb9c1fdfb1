"""Transfers between accounts of the office: both legs found and paired, so that no total of flows counts them.

A transfer is paired where a debit and a credit of two own accounts bear the same reference, the same amount and the same
currency, within `most_days`. An amount alone proves nothing: where it is the only one on both sides it is shown as probable
and stays a flow. A line that names an own account as its counterparty and has no partner is shown unpaired.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workbench.cash.lines.label_shapes import coded, texts
from workbench.frames import table_function, to_pandas

Places = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
SWEPT_DAYS, LEAST_SWEEPS = 91, 3  # a habit: on that many days of the thirteen weeks before
MOST_DAYS = 7  # calendar days between the two legs: J+2 working days across a weekend and a feast
_COLUMNS = [
    "account_number",
    "currency_code",
    "day_date",
    "day_rank",
    "value_date",
    "amount_centimes",
    "reference",
    "counterparty",
    "details",
]


@table_function
def lines_between(
    bank_transactions: nw.LazyFrame[Any], others: nw.LazyFrame[Any] | None = None, *, start: date, as_of: date
) -> nw.LazyFrame[Any]:
    """The lines that count (booked, not superseded) from `start` to `as_of`, with the columns that pairing reads.

    `others` (`other_names`): names of an account that do not count on a day, nor their lines: each movement counts once.
    """
    counted = bank_transactions.filter(
        ~nw.col("is_superseded"), ~nw.col("is_interim"), nw.col("day_date") >= start, nw.col("day_date") <= as_of
    )
    if others is not None:
        counted = counted.join(
            others, on=["account_number", "currency_code", "day_date", "account_identifier"], how="anti"
        )
    return counted.select(*_COLUMNS).sort("account_number", "currency_code", "day_date", "day_rank")


def own_transfers(lines: pd.DataFrame, own_accounts: Collection[str], most_days: int = MOST_DAYS) -> pd.DataFrame:
    """Mark the legs of own transfers.

    Parameters
    ----------
    lines
        As from `lines_between`: begin `most_days` before the period, for a transfer may be debited before it and credited in it.
    own_accounts
        Numbers of the office's accounts: lines of other accounts never pair, and a counterparty that is one of them, or such a number
        in `details`, says that the line is an own transfer.
    most_days
        Calendar days between two legs, at most.

    Returns
    -------
    `lines` with `pair_code` (`paired`, `probable`, `unpaired`, else null) and `pair_number` (same for both legs, from 1).
    """
    own = set(own_accounts)
    rows = to_pandas(lines).reset_index(drop=True)
    codes = np.full(len(rows), None, object)
    numbers = np.zeros(len(rows), np.int64)
    legs = _Legs(rows, own)
    paired = _pairs(legs, rows["reference"], most_days)
    codes[paired.ravel()] = "paired"
    probable = _probable(legs, codes == "paired", most_days)
    codes[probable.ravel()] = "probable"
    pairs = np.concatenate([paired, probable])
    numbers[pairs] = np.arange(1, len(pairs) + 1)[:, None]
    codes[_names_own(rows, own) & (numbers == 0)] = "unpaired"
    told = pd.Series(numbers, dtype="Int64").mask(numbers == 0)
    return rows.assign(pair_code=pd.array(codes, dtype="string"), pair_number=told)


class _Legs:
    """The lines as arrays: which can be a leg at all (a debit and a credit of its amount stand on own accounts), and what is compared."""

    def __init__(self, rows: pd.DataFrame, own: set[str]) -> None:
        self.accounts, words = coded(rows["account_number"])
        self.amounts = rows["amount_centimes"].fillna(0).to_numpy(np.int64)
        self.days = rows["day_date"].to_numpy("datetime64[D]").astype(np.int64)
        self.currencies, _ = coded(rows["currency_code"])
        is_own = np.array([word in own for word in words], bool)[self.accounts]
        candidates = np.flatnonzero(is_own & (self.amounts != 0))
        self.rows = candidates[self.sides(candidates).is_both]

    def near(self, pairs: Places, most_days: int) -> Places:
        """Those of some pairs whose legs are on two accounts, near enough in time."""
        debits, credits = pairs[:, 0], pairs[:, 1]
        apart = np.abs(self.days[credits] - self.days[debits])
        near: Places = pairs[(self.accounts[debits] != self.accounts[credits]) & (apart <= most_days)]
        return near

    def sides(self, rows: Places, *keys: Places) -> "_Sides":
        """Some rows by currency, amount without its sign, and `keys`."""
        parts = [*keys, self.currencies[rows], np.abs(self.amounts[rows])]
        group = pd.DataFrame(dict(enumerate(parts))).groupby(list(range(len(parts))), sort=False).ngroup()
        return _Sides(rows, np.asarray(group, np.int64), self.amounts[rows] > 0)


class _Sides:
    """Rows in groups (numbered as they first appear): how many debits and credits the group of each has."""

    def __init__(self, rows: Places, group: Any, is_credit: Truths) -> None:
        self.rows, self.group, self.is_credit = rows, group, is_credit
        self.debits = np.bincount(group[~is_credit], minlength=len(rows))[group]
        self.credits = np.bincount(group[is_credit], minlength=len(rows))[group]
        self.is_both: Truths = (self.debits > 0) & (self.credits > 0)

    def lonely(self) -> Places:
        """The groups of one debit and one credit, as pairs of rows."""
        one = self.is_both & (self.debits + self.credits == 2)
        order = np.lexsort((self.is_credit[one], self.group[one]))
        pairs: Places = self.rows[one][order].reshape(-1, 2)
        return pairs

    def crowded(self) -> list[list[int]]:
        """The rows of each group that has more than one leg on a side."""
        many = self.is_both & (self.debits + self.credits > 2)
        members: dict[int, list[int]] = defaultdict(list)
        for row, number in zip(self.rows[many].tolist(), self.group[many].tolist(), strict=True):
            members[number].append(row)
        return list(members.values())


def _pairs(legs: _Legs, references: pd.Series, most_days: int) -> Places:
    codes, words = coded(references.iloc[legs.rows].astype("str").str.strip())
    told = np.array([bool(word) for word in words], bool)[codes]
    sides = legs.sides(legs.rows[told], codes[told])
    pairs = [legs.near(sides.lonely(), most_days)]
    pairs += [_nearest(legs, rows, most_days) for rows in sides.crowded()]
    found = np.concatenate(pairs)
    first: Places = found[np.argsort(found.min(axis=1), kind="stable")]
    return first


def _nearest(legs: _Legs, rows: list[int], most_days: int) -> Places:
    # Oldest debit first, each with the nearest credit left on another account: the same rows always give the same pairs.
    accounts, days = legs.accounts, legs.days
    left, pairs = [row for row in rows if legs.amounts[row] > 0], []
    for debit in sorted((row for row in rows if legs.amounts[row] < 0), key=lambda row: (days[row], row)):
        near = [
            (abs(days[credit] - days[debit]), credit)
            for credit in left
            if accounts[credit] != accounts[debit] and abs(days[credit] - days[debit]) <= most_days
        ]
        if near:
            credit = min(near)[1]
            left.remove(credit)
            pairs.append([debit, credit])
    return np.array(pairs, np.int64).reshape(-1, 2)


def _probable(legs: _Legs, is_paired: Truths, most_days: int) -> Places:
    return legs.near(legs.sides(legs.rows[~is_paired[legs.rows]]).lonely(), most_days)


def _names_own(rows: pd.DataFrame, own: set[str]) -> Truths:
    """Lines that name an own account: as their counterparty, or as the number that stands in the bank's further text."""
    numbers = pa.array(sorted(own), pa.string())
    named = pc.is_in(pc.utf8_trim_whitespace(texts(rows["counterparty"])), numbers)
    told = pc.struct_field(pc.extract_regex(texts(rows["details"]), r"(?:^|\D)(?P<number>\d{24})(?:\D|$)"), "number")
    other = pc.and_kleene(pc.is_in(told, numbers), pc.not_equal(told, texts(rows["account_number"])))
    return np.asarray(pc.or_kleene(named, other).fill_null(False), bool)


def half_transfers(marked: pd.DataFrame) -> pd.DataFrame:
    """Paired legs whose partner is not among the rows: it was booked before the period."""
    paired = marked[marked["pair_code"] == "paired"]
    return paired[~paired["pair_number"].duplicated(keep=False)]


def flows_by(marked: pd.DataFrame, accounts: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Flows of a period without own transfers, by columns of `accounts`; `currency_code` is always part of the group.

    `receipt_centimes`, `disbursement_centimes` (negative) and `own_transfer_centimes` (paired legs; over the whole office they add
    up to zero) make the whole change of the booked balance; `line_count` beside them. Probable and unpaired lines stay flows.
    """
    described = marked.merge(accounts[["account_number", *by]], on="account_number", how="left")
    own = (described["pair_code"] == "paired").fillna(False).astype(bool)
    amount = described["amount_centimes"].astype("Int64")
    described = described.assign(
        receipt_centimes=amount.where(~own & (amount > 0), 0),
        disbursement_centimes=amount.where(~own & (amount < 0), 0),
        own_transfer_centimes=amount.where(own, 0),
    )
    grouped = described.groupby([*by, "currency_code"], dropna=False, sort=True)
    added = grouped[["receipt_centimes", "disbursement_centimes", "own_transfer_centimes"]].sum()
    added.insert(0, "line_count", grouped.size().astype("Int64"))
    return added.reset_index()


def sweeps(own: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Accounts that own transfers feed, or empty, by habit on a date: no person has to think of them.

    A habit is a way (in, out) on `LEAST_SWEEPS` days at least of the last `SWEPT_DAYS` in value, which has not stopped: the last of them is no
    longer ago than their longest pause. An account that is both fed and emptied is fed.

    Parameters
    ----------
    own
        Legs of own transfers: `account_number`, `value_date`, `amount_centimes`.

    Returns
    -------
    A row an account with a habit: `account_number`, `sweep_code` (`fed`, `emptied`), `sweep_count` (days), `last_date`.
    """
    now = pd.Timestamp(as_of)
    near = own[(own["value_date"] > now - pd.Timedelta(days=SWEPT_DAYS)) & (own["value_date"] <= now)]
    ways = near.assign(sweep_code=np.where(near["amount_centimes"] > 0, "fed", "emptied"))
    rows = []
    for (account, way), days in ways.groupby(["account_number", "sweep_code"])["value_date"]:
        told = days.drop_duplicates().sort_values()
        if len(told) >= LEAST_SWEEPS and now - told.iloc[-1] <= told.diff().max():
            rows.append((account, way, len(told), told.iloc[-1]))
    table = pd.DataFrame(rows, columns=["account_number", "sweep_code", "sweep_count", "last_date"])
    return table.sort_values(["account_number", "sweep_code"], ascending=[True, False]).drop_duplicates(
        "account_number", ignore_index=True
    )
