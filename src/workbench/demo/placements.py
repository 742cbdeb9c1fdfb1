"""What the made-up office places: a placement a month on the first central account, paid back after thirteen weeks. Synthetic.

The placement of a month hangs on nothing but the month, as payments do. Principal and interest come back in one line.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from workbench.demo.accounts import BANKS, CENTRAL, SMALLEST_FLOOR
from workbench.demo.bank_days import bank_day, one_bank_day
from workbench.demo.customers import Customers
from workbench.demo.disbursements import lines_of
from workbench.demo.places import Columns, civil, month_of, month_start
from workbench.money import simple_interest

PLACED = 24  # thousandths of what an ordinary month bills before tax
DAY, TERM_DAYS = 18, 91
FIRST_MONTH = 1  # of placing
ANNOUNCED = 30  # days before a maturity from which the register of flows holds it
RATE = Fraction(25, 1000)  # a year, illustrative, net of what is withheld
_BANK = 0  # where they are placed


class Placement(NamedTuple):
    """A placement: `matures` is the day of its contract, `back` the bank day on which the money returns."""

    number: str
    instrument: str
    counterparty: str
    start: np.datetime64
    matures: np.datetime64
    back: np.datetime64
    principal: int
    interest: int


def placements(office: Customers, first: int, end: int) -> Iterator[Placement]:
    """The placements begun from month `first` up to before month `end`, in their order."""
    for month in range(max(first, FIRST_MONTH), end):
        principal = office.monthly_ht // 1000 * PLACED // SMALLEST_FLOOR * SMALLEST_FLOOR
        if not principal:
            return
        start = one_bank_day(month_start(month) + DAY - 1)
        matures = start + TERM_DAYS
        interest = simple_interest(principal, RATE, civil(start), civil(matures))
        instrument = "BON DU TRESOR" if month % 3 == 0 else "DAT"
        number = f"PLC{month + 1:03d}"
        yield Placement(
            number, instrument, BANKS[_BANK][1].upper(), start, matures, one_bank_day(matures), principal, interest
        )


def placement_lines(office: Customers, month: int) -> list[Columns]:
    """The lines of a month: what is placed in it, and what comes back."""
    parts = []
    for one in placements(office, month - TERM_DAYS // 28 - 1, month + 1):
        for kind, day, amount in (
            ("placement_out", one.start, -one.principal),
            ("placement_in", one.back, one.principal + one.interest),
        ):
            days = np.array([day], "datetime64[D]")
            if month_of(days)[0] == month:
                known = bank_day(np.array([one.matures - ANNOUNCED])) if kind == "placement_in" else None
                number = one.number
                parts.append(lines_of(CENTRAL[0], days, amount, kind, number, number, one.counterparty, known))
    return parts
