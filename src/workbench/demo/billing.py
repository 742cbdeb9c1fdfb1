"""The bills of the made-up office, month by month: seasons, works, the change of VAT of 2024, the two cut-overs.

Everything here is synthetic. A table is a dict of numpy columns of one length; amounts are centimes (int64), days `datetime64[D]`.
"""

import numpy as np
import numpy.typing as npt

from workbench.demo.customers import (
    BOARD,
    BUSINESS,
    HOUSEHOLD,
    MUNICIPALITY,
    PRICE,
    TERM,
    Customers,
    household_ht,
)
from workbench.demo.places import Array, Columns, month_start

SERVICES = ("water", "bulk_water", "works", "contribution")
WATER, BULK_WATER, WORKS, CONTRIBUTION = range(len(SERVICES))
WORKS_REVENUE = 4  # percent of an ordinary month's water
SUMMER = 1.25  # July and August
TAKEN_OVER = 1.6  # what a board that became a regional utility buys, against before
VAT_CHANGE = np.datetime64("2024-01-01", "D")
# Basis points before and from 2024, by service. Water: 7 % for all, then exempt for households and 10 % for others. No rate of
# bulk water was found: its own here is illustrative, as is that of works.
_VAT_BEFORE, _VAT_SINCE = np.array([700, 700, 2000, 2000]), np.array([1000, 1000, 2000, 2000])
MOST_BILLS_A_MONTH = 100_000_000


def bills_of(office: Customers, month: int, rng: np.random.Generator) -> Columns:
    """The bills issued in a month, sorted by customer: `number`, `customer`, `center`, `segment`, `service` (place in `SERVICES`),
    `issue`, `due`, `ht`, `ttc`."""
    start, days = month_start(month), int((month_start(month + 1) - month_start(month)).astype(int))
    who = _billed(office, month)
    segment = office.segment[who]
    volume = _volumes(office, who, month, rng)
    ht = np.where(segment == HOUSEHOLD, household_ht(volume), volume * np.array(PRICE)[segment]).astype(np.int64)
    works, works_ht = _works(office, month, rng)
    customer = np.concatenate([who, works])
    water = np.where(segment == BOARD, BULK_WATER, WATER)
    service = np.concatenate([water, np.where(office.segment[works] == MUNICIPALITY, CONTRIBUTION, WORKS)])
    # A centre issues its bills on a day of its own.
    issue = start + ((office.center[customer] * 7) % min(days - 3, 25) + 1).astype("timedelta64[D]")
    return _columns(office, month, customer, service, np.concatenate([ht, works_ht]), issue)


def _billed(office: Customers, month: int) -> npt.NDArray[np.int64]:
    """Who is billed: households once a quarter, a third of them each month; the others every month, until their area is handed over."""
    turn = np.arange(office.count) % 3 == month % 3
    handed_over = (office.segment < BOARD) & (office.cut_day <= month_start(month))
    return np.flatnonzero(((office.segment != HOUSEHOLD) | turn) & ~handed_over)


def _volumes(office: Customers, who: Array, month: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    season = SUMMER if month % 12 in (6, 7) else 1.0
    is_larger = (office.segment[who] == BOARD) & (office.cut_day[who] <= month_start(month))
    span = np.where(office.segment[who] == HOUSEHOLD, 3, 1)
    drawn = rng.lognormal(-0.02, 0.2, len(who))
    volume = np.rint(office.mean_volume[who] * span * season * np.where(is_larger, TAKEN_OVER, 1.0) * drawn)
    return np.maximum(volume.astype(np.int64), 1)


def _works(
    office: Customers, month: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Works billed to businesses and contributions billed to municipalities: who, and how much before tax."""
    open_area = office.cut_day > month_start(month)
    buyers = np.flatnonzero(np.isin(office.segment, (BUSINESS, MUNICIPALITY)) & open_area)
    count = min(len(buyers), max(1, office.count // 2500))
    chosen = np.sort(rng.choice(buyers, count, replace=False)) if count else buyers
    weights = np.rint(rng.lognormal(0, 0.8, count) * 1000).astype(np.int64) + 1
    whole = office.monthly_ht * WORKS_REVENUE // 100
    return chosen, whole * weights // max(int(weights.sum()), 1)


def _columns(office: Customers, month: int, customer: Array, service: Array, ht: Array, issue: Array) -> Columns:
    segment = office.segment_on(issue, customer)
    rate = np.where(issue >= VAT_CHANGE, _VAT_SINCE[service], _VAT_BEFORE[service])
    rate = np.where((segment == HOUSEHOLD) & (issue >= VAT_CHANGE) & (service == WATER), 0, rate)
    columns = {
        "customer": customer,
        "center": office.center_on(issue, customer),
        "segment": segment,
        "service": service,
        "issue": issue,
        "due": issue + np.array(TERM)[segment].astype("timedelta64[D]"),
        "ht": ht,
        "ttc": ht + (ht * rate + 5_000) // 10_000,  # amounts are positive: half goes up, away from zero
    }
    order = np.argsort(customer, kind="stable")
    return {
        "number": (month + 1) * MOST_BILLS_A_MONTH + np.arange(len(order)),
        **{name: column[order] for name, column in columns.items()},
    }
