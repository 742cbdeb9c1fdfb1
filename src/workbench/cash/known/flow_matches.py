"""One payment told twice: by a schedule and by the order that pays it, or by an order and the line that booked it.

What is nearest to the money stands: a line booked, then an order issued, then a schedule. A row is matched once, by its reference,
else by its exact amount with the same counterparty or account and a near day, else as part of a sum. What is only like is not matched.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

MOST_DAYS = 7  # calendar days between the day of one telling and the other's, as for own transfers
MATCH_COLUMNS = [
    "flow_id",
    "flow_source_code",
    "kept_flow_id",
    "match_code",
    "due_date",
    "amount_centimes",
    "gap_centimes",
]


class _Row(NamedTuple):
    """What is compared of a row. `first` to `last`: the days on which it may be paid."""

    place: int
    amount: int
    currency: str
    account: str
    counterparty: str
    reference: str
    first: int
    last: int


@dataclass
class _Match:
    rows: list[int]
    keeper: int
    code: str


def matches(keepers: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that a keeper stands for.

    Parameters
    ----------
    keepers, rows
        As from `schedules`. Rows with no amount or no day are never matched.

    Returns
    -------
    `MATCH_COLUMNS`, a row a row matched, in the order of `rows`: `match_code` is `reference`, `amount` or `sum`; `gap_centimes` is what
    the keeper leaves of the row (a part payment: the rest stays due), nought where the amounts agree.
    """
    ours, theirs = _compared(rows), _compared(keepers)
    found = [*_by_reference(theirs, ours)]
    for step in (_by_counterparty, _by_account, _by_sum):
        used_keepers = {match.keeper for match in found}
        used_rows = {place for match in found for place in match.rows}
        left = [row for row in ours if row.place not in used_rows]
        found += step([row for row in theirs if row.place not in used_keepers], left)
    return _told(found, keepers, rows)


def _told(found: Iterable[_Match], keepers: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    told = []
    for match in found:
        paid = int(keepers["amount_centimes"].iloc[match.keeper])
        for place in match.rows:
            row = rows.iloc[place]
            amount = int(row["amount_centimes"])
            here = paid if len(match.rows) == 1 else amount
            rest = amount - here if abs(here) < abs(amount) else 0
            keeper = keepers["flow_id"].iloc[match.keeper]
            told.append(
                (place, row["flow_id"], row["flow_source_code"], keeper, match.code, row["due_date"], amount, rest)
            )
    frame = pd.DataFrame([row[1:] for row in sorted(told, key=lambda row: row[0])], columns=MATCH_COLUMNS)
    return frame.astype({"due_date": "datetime64[us]", "amount_centimes": "Int64", "gap_centimes": "Int64"})


def _compared(table: pd.DataFrame) -> list[_Row]:
    rows = []
    days = (pd.to_datetime(table[name]) for name in ("from_date", "due_date"))
    columns = (
        table[name] for name in ("amount_centimes", "currency_code", "account_number", "counterparty", "reference")
    )
    for place, (amount, currency, account, other, reference, first, last) in enumerate(
        zip(*columns, *days, strict=True)
    ):
        if pd.isna(amount) or not amount or pd.isna(last):
            continue
        span = (first.toordinal() if not pd.isna(first) else last.toordinal(), last.toordinal())
        rows.append(_Row(place, int(amount), _said(currency), _said(account), _plain(other), _plain(reference), *span))
    return rows


def _said(value: object) -> str:
    return "" if value is None or value != value else str(value)


def _plain(value: object) -> str:
    """A name as two systems may both write it: capitals and digits alone."""
    return re.sub(r"[^0-9A-Z]", "", _said(value).upper())


def _distance(one: _Row, other: _Row) -> int:
    """Days between the spans of two rows; nought where they meet."""
    return max(one.first - other.last, other.first - one.last, 0)


def _fit(keeper: _Row, row: _Row) -> bool:
    """Same currency and direction, near days, and no account that says otherwise."""
    same_account = not keeper.account or not row.account or keeper.account == row.account
    same_way = (keeper.amount > 0) == (row.amount > 0)
    return keeper.currency == row.currency and same_way and same_account and _distance(keeper, row) <= MOST_DAYS


def _by_reference(keepers: list[_Row], rows: list[_Row]) -> Iterable[_Match]:
    """Same reference: one row of the very amount, else all of them where they add up, else the nearest one, whatever the amount."""
    named: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        if row.reference:
            named[row.reference].append(row)
    used: set[int] = set()
    for keeper in keepers:
        near = [row for row in named.get(keeper.reference, ()) if row.place not in used and _fit(keeper, row)]
        if not near:
            continue
        ranked = sorted(near, key=lambda row: (row.amount != keeper.amount, _distance(keeper, row), row.place))
        is_sum = ranked[0].amount != keeper.amount and sum(row.amount for row in ranked) == keeper.amount
        chosen = [row.place for row in (ranked if is_sum else ranked[:1])]
        used.update(chosen)
        yield _Match(chosen, keeper.place, "reference")


def _by_counterparty(keepers: list[_Row], rows: list[_Row]) -> Iterable[_Match]:
    """Same amount to the centime, same counterparty."""
    return _one_to_one(
        keepers, rows, lambda one, other: bool(one.counterparty) and one.counterparty == other.counterparty
    )


def _by_account(keepers: list[_Row], rows: list[_Row]) -> Iterable[_Match]:
    """Same amount to the centime, same account, where one of the two names no counterparty."""
    return _one_to_one(
        keepers,
        rows,
        lambda one, other: (
            bool(one.account) and one.account == other.account and not (one.counterparty and other.counterparty)
        ),
    )


def _one_to_one(keepers: list[_Row], rows: list[_Row], agrees: Callable[[_Row, _Row], bool]) -> Iterable[_Match]:
    by_amount: dict[tuple[str, int], list[_Row]] = defaultdict(list)
    for row in rows:
        by_amount[row.currency, row.amount].append(row)
    for keeper in sorted(keepers, key=lambda row: (row.last, row.place)):
        same = by_amount.get((keeper.currency, keeper.amount), [])
        fits = [(_distance(keeper, row), row.place, row) for row in same if _fit(keeper, row) and agrees(keeper, row)]
        if fits:
            row = min(fits)[2]
            same.remove(row)
            yield _Match([row.place], keeper.place, "amount")


def _by_sum(keepers: list[_Row], rows: list[_Row]) -> Iterable[_Match]:
    """All that is due to a counterparty within the days of an order, where it adds up to the order."""
    of_name: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        if row.counterparty:
            of_name[row.counterparty].append(row)
    used: set[int] = set()
    for keeper in keepers:
        due = [row for row in of_name.get(keeper.counterparty, ()) if row.place not in used and _fit(keeper, row)]
        if len(due) > 1 and sum(row.amount for row in due) == keeper.amount:
            used.update(row.place for row in due)
            yield _Match([row.place for row in due], keeper.place, "sum")
