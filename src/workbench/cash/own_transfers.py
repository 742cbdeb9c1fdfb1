"""Transfers between accounts of the office: both legs found and paired, so that no total of flows counts them.

A transfer is paired where a debit and a credit of two own accounts bear the same reference, the same amount and the same
currency, within `most_days`. An amount alone proves nothing: where it is the only one on both sides it is shown as probable
and stays a flow. A line that names an own account as its counterparty and has no partner is shown unpaired.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import pandas as pd

from workbench.frames import table_function, to_pandas

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
    codes: list[str | None] = [None] * len(rows)
    numbers: list[int | None] = [None] * len(rows)
    found = 0
    for one, other in _pairs(rows, own, most_days):
        found += 1
        codes[one] = codes[other] = "paired"
        numbers[one] = numbers[other] = found
    for one, other in _probable(rows, codes, own, most_days):
        found += 1
        codes[one] = codes[other] = "probable"
        numbers[one] = numbers[other] = found
    for row, names_own in enumerate(_names_own(rows, own)):
        if codes[row] is None and names_own:
            codes[row] = "unpaired"
    return rows.assign(pair_code=pd.array(codes, dtype="string"), pair_number=pd.array(numbers, dtype="Int64"))


def _names_own(rows: pd.DataFrame, own: set[str]) -> list[bool]:
    """Lines that name an own account: as their counterparty, or as the number that stands in the bank's further text."""
    named = rows["counterparty"].astype("string").str.strip().isin(own)
    told = rows["details"].astype("string").str.extract(r"(?<!\d)(\d{24})(?!\d)", expand=False)
    other = told.isin(own) & (told != rows["account_number"]).fillna(False)
    return [bool(each) for each in (named | other).fillna(False)]


def _pairs(rows: pd.DataFrame, own: set[str], most_days: int) -> list[tuple[int, int]]:
    sides: dict[tuple[str, str, int], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for row, (account, currency, amount, reference) in enumerate(_values(rows, "reference")):
        if account in own and isinstance(reference, str) and reference.strip() and amount:
            sides[reference.strip(), currency, abs(amount)][int(amount > 0)].append(row)
    return [pair for debits, credits in sides.values() for pair in _nearest(rows, debits, credits, most_days)]


def _nearest(rows: pd.DataFrame, debits: list[int], credits: list[int], most_days: int) -> list[tuple[int, int]]:
    # Oldest debit first, each with the nearest credit left on another account: the same rows always give the same pairs.
    accounts, days = rows["account_number"], rows["day_date"]
    left, pairs = list(credits), []
    for debit in sorted(debits, key=lambda row: (days[row], row)):
        near = [
            (abs((days[credit] - days[debit]).days), credit)
            for credit in left
            if accounts[credit] != accounts[debit] and abs(days[credit] - days[debit]) <= timedelta(days=most_days)
        ]
        if near:
            credit = min(near)[1]
            left.remove(credit)
            pairs.append((debit, credit))
    return pairs


def _probable(rows: pd.DataFrame, codes: Sequence[str | None], own: set[str], most_days: int) -> list[tuple[int, int]]:
    sides: dict[tuple[str, int], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for row, (account, currency, amount, _) in enumerate(_values(rows, "reference")):
        if codes[row] is None and account in own and amount:
            sides[currency, abs(amount)][int(amount > 0)].append(row)
    lonely = [pair for pair in sides.values() if len(pair[0]) == len(pair[1]) == 1]
    return [pair for debits, credits in lonely for pair in _nearest(rows, debits, credits, most_days)]


def _values(rows: pd.DataFrame, last: str) -> list[tuple[Any, ...]]:
    return list(rows[["account_number", "currency_code", "amount_centimes", last]].itertuples(index=False, name=None))


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
