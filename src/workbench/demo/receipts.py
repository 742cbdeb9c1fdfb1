"""What becomes of the bills of the made-up office: receipts by channel, rejects, credits, write-offs, disputes. Planted truth.

Everything here is synthetic. What is drawn for a bill happens on its own day, often months later; what falls after the last
month never happens. Months come one at a time, so that a large office never stands whole in memory.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from workbench.demo.billing import MOST_BILLS_A_MONTH, WORKS, bills_of
from workbench.demo.customers import BUSINESS, KEY_SEGMENTS, LAG_SHAPE, STATE, Customers
from workbench.demo.places import Array, Columns, month_of, weekday
from workbench.demo.receipt_days import as_people_pay, on_its_day
from workbench.schemas.columns import CHANNELS

CASH, OPERATOR, ELECTRONIC, CHEQUE, DEBIT, TRANSFER, STAMP, COMPENSATION = range(len(CHANNELS))
# Part of the receipts by channel, in the order of CHANNELS.
PRIVATE_CHANNELS = (0.40, 0.35, 0.12, 0.08, 0.03, 0.02, 0.0, 0.0)
PUBLIC_CHANNELS = (0.0, 0.0, 0.0, 0.03, 0.0, 0.85, 0.08, 0.04)
CHEQUES_BACK, DEBITS_BACK = 0.01, 0.05
BACK_AFTER = 8  # days until a cheque or debit comes back
PAID_AGAIN, PAID_AGAIN_AFTER = 0.7, 25  # part of what came back that is then paid in cash, and days after
SPLIT = 0.03  # part of the bills paid in two goes, 60 % then the rest
SPLIT_AFTER = 45
WORKS_LAG, WORKS_SHAPE, WORKS_PAID = 240, 2.5, 0.88
WORKS_COLLECTED = 0.74  # within twelve months
YEAR_END = 0.5  # part of the State's bills that wait for November to January
CREDITED, WRITTEN_OFF, DISPUTED = 0.15, 0.20, 0.20  # of the bills never paid
CREDIT_AFTER, WRITE_OFF_AFTER, DISPUTE_AFTER = 40, 540, 50  # days


@dataclass(frozen=True)
class Month:
    """What happens in a month, each as columns of one length; a table in which nothing happens has no column."""

    index: int
    invoices: Columns
    payments: Columns
    credits: Columns
    write_offs: Columns
    disputes: Columns


_LATER = ("payments", "credits", "write_offs", "disputes")


def happenings(office: Customers) -> Iterator[Month]:
    """The months of an office, in their order."""
    waiting: dict[str, dict[int, list[Columns]]] = {name: defaultdict(list) for name in _LATER}
    for month in range(office.months):
        rng = office.draw(100 + month)
        bills = bills_of(office, month, rng)
        for name, rows in _afterwards(office, bills, month, rng).items():
            file_by_month(rows, rows["day"], waiting[name], office.months)
        due = {name: joined(waiting[name].pop(month, [])) for name in _LATER}
        yield Month(month, bills, numbered(due["payments"], month), due["credits"], due["write_offs"], due["disputes"])


def _afterwards(office: Customers, bills: Columns, month: int, rng: np.random.Generator) -> dict[str, Columns]:
    """All that will ever happen to the bills of a month."""
    count = len(bills["number"])
    is_works = bills["service"] >= WORKS
    paid = rng.random(count) < np.where(
        is_works, WORKS_PAID, office.paid_share(month, bills["center"], bills["segment"])
    )
    mean = np.where(is_works, float(WORKS_LAG), office.lag[bills["customer"]])
    shape = np.where(is_works, WORKS_SHAPE, np.array(LAG_SHAPE)[bills["segment"]])
    lag = np.maximum(np.rint(rng.gamma(shape) / shape * mean), 1)
    unpaid = {name: column[~paid] for name, column in bills.items()}
    fate = rng.random(len(unpaid["number"]))
    ends = np.cumsum((CREDITED, WRITTEN_OFF, DISPUTED))
    lost = (fate >= ends[0]) & (fate < ends[1]) & (unpaid["segment"] <= BUSINESS)
    return {
        "payments": _payments(office, bills, paid, lag, rng),
        "credits": _later(unpaid, fate < ends[0], CREDIT_AFTER, ttc=unpaid["ttc"] * 3 // 10, ht=unpaid["ht"] * 3 // 10),
        "write_offs": _later(unpaid, lost, WRITE_OFF_AFTER, ttc=unpaid["ttc"]),
        "disputes": _later(unpaid, (fate >= ends[1]) & (fate < ends[2]), DISPUTE_AFTER),
    }


def _payments(office: Customers, bills: Columns, paid: Array, lag: Array, rng: np.random.Generator) -> Columns:
    chosen = np.flatnonzero(paid)
    day = bills["issue"][chosen] + lag[chosen].astype("timedelta64[D]")
    day = _state_year_end(bills["issue"][chosen], day, bills["segment"][chosen], rng)
    split = rng.random(len(chosen)) < SPLIT
    first = np.where(split, bills["ttc"][chosen] * 6 // 10, bills["ttc"][chosen])
    again = np.flatnonzero(split)
    bill = np.concatenate([chosen, chosen[again]])
    day = np.concatenate([day, day[again] + np.timedelta64(SPLIT_AFTER, "D")])
    amount = np.concatenate([first, (bills["ttc"][chosen] - first)[again]])
    channel = _channels(bills["segment"][bill], rng.random(len(bill)))
    day = _as_planted(office, bills["issue"][bill], day, bills["customer"][bill], channel)
    back = rng.random(len(bill))
    bounced = ((channel == CHEQUE) & (back < CHEQUES_BACK)) | ((channel == DEBIT) & (back < DEBITS_BACK))
    once_more = np.flatnonzero(bounced & (rng.random(len(bill)) < PAID_AGAIN))
    bill = np.concatenate([bill, bill[once_more]])
    day = _open_day(np.concatenate([day, day[once_more] + np.timedelta64(PAID_AGAIN_AFTER, "D")]))
    bounced = np.concatenate([bounced, np.zeros(len(once_more), bool)])
    columns = {
        "invoice": bills["number"][bill],
        "customer": bills["customer"][bill],
        "center": office.center_on(day, bills["customer"][bill]),
        "segment": bills["segment"][bill],
        "day": day,
        "channel": np.concatenate([channel, np.full(len(once_more), CASH)]),
        "amount": np.concatenate([amount, amount[once_more]]),
        "bounced": np.where(bounced, day + np.timedelta64(BACK_AFTER, "D"), np.datetime64("NaT", "D")),
        "is_named": np.ones(len(bill), bool),
    }
    kept = columns["amount"] > 0
    return {name: column[kept] for name, column in columns.items()}


def _as_planted(office: Customers, issue: Array, day: Array, customer: Array, channel: Array) -> Array:
    """Days moved as people pay (`receipt_days`), by draws of their own: nothing else of the office moves with them."""
    month = int(month_of(issue[:1])[0]) if len(issue) else 0
    moved = as_people_pay(issue, day, channel <= CHEQUE, office.draw(30_000 + month))
    return np.where(customer == office.large_payer, on_its_day(issue, day), moved)


def _channels(segment: Array, drawn: Array) -> Array:
    private = np.searchsorted(np.cumsum(PRIVATE_CHANNELS)[:TRANSFER], drawn, side="right")
    public = np.searchsorted(np.cumsum(PUBLIC_CHANNELS)[:COMPENSATION], drawn, side="right")
    return np.where(np.isin(segment, KEY_SEGMENTS), public, private)


def _open_day(day: Array) -> Array:
    """No counter opens on Sunday."""
    return np.where(weekday(day) == 6, day + np.timedelta64(1, "D"), day)


def _state_year_end(issue: Array, day: Array, segment: Array, rng: np.random.Generator) -> Array:
    """Public administrations pay half of their bills when their year ends, between the next November and January."""
    moved = (segment == STATE) & (rng.random(len(day)) < YEAR_END)
    november = issue.astype("datetime64[Y]").astype("datetime64[M]") + 10
    november = np.where(issue.astype("datetime64[M]") >= november, november + 12, november)
    late = november.astype("datetime64[D]") + rng.integers(0, 90, len(day))
    return np.where(moved, late, day)


def _later(bills: Columns, chosen: Array, days: int, **amounts: Array) -> Columns:
    rows = {name: bills[name][chosen] for name in ("customer", "center", "segment")}
    named = {"invoice": bills["number"][chosen], "day": bills["issue"][chosen] + np.timedelta64(days, "D")}
    return rows | named | {name: values[chosen] for name, values in amounts.items()}


def file_by_month(rows: Columns, days: Array, waiting: dict[int, list[Columns]], months: int) -> None:
    """Keep rows until the month of their day comes; what happens after the last month never does."""
    month = month_of(days)
    for value in np.unique(month[month < months]).tolist():
        here = month == value
        waiting[value].append({name: column[here] for name, column in rows.items()})


def joined(parts: list[Columns]) -> Columns:
    """The parts of a month as one table, in the order of days, then bills."""
    if not parts:
        return {}
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((rows["invoice"], rows["day"]))
    return {name: column[order] for name, column in rows.items()}


def numbered(rows: Columns, month: int) -> Columns:
    """Rows with numbers of their own, by month."""
    if not rows:
        return {}
    return {"number": (month + 1) * MOST_BILLS_A_MONTH + np.arange(len(rows["day"])), **rows}
