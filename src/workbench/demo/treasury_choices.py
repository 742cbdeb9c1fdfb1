"""What people of the made-up office promised, planned and typed: payment plans, agreements, the budget, overrides. Synthetic.

No receipt of the past stands behind a plan or agreement, so none is told as paid: plans that live were signed in the last month,
those that broke never brought anything.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from workbench.demo.accounts import CENTRAL, RECEIPT_ACCOUNTS, TREASURY, Account
from workbench.demo.bank_flows import FEE
from workbench.demo.commercial_files import SEGMENT_CODES
from workbench.demo.customers import BUSINESS, HOUSEHOLD, MUNICIPALITY, Customers
from workbench.demo.disbursements import CHEQUES, DR_PAYROLL, ENERGY, LOAN, PAYROLL, SUPPLIERS, TAX
from workbench.demo.places import DIRECTORATES, civil, month_start
from workbench.demo.registers import workbook

INSTALMENTS = 6  # of a payment plan, a month apart
PLANS_A_SEGMENT = 3  # the last of each is broken
BROKEN_AFTER = 20  # days after the first instalment missed
AGREEMENTS = 3
BUDGET_MONTHS = 12  # before and after the last day
DEVIATION = 6  # percent at most between the budget of a line and what is planted
UNKNOWN_LINE = "recettes_diverses"
_HUNDRED = 100
# Percent of an ordinary month's billing (with VAT, paid in the end) by line of receipts, from the planted parts of segments and channels.
_RECEIPTS = {
    "receipts_counters": 19,
    "receipts_electronic": 19,
    "receipts_public": 10,
    "receipts_bulk": 48,
    "receipts_other": 1,
    "works": 2,
    "contributions": 2,
}


def write_treasury_choices(inbox: Path, accounts: list[Account], office: Customers) -> dict[str, Any]:
    """Write the four registers; what was planted in them, for the answer key."""
    plans, agreements = list(_plans(office)), list(_agreements(accounts, office))
    header: tuple[str, ...] = ("N°", "Client", "Catégorie", "Signé le", "Échéance", "Montant", "Devise", "Rompu le")
    workbook(inbox / "REGISTRE_ECHEANCIERS.xlsx", header, plans)
    header = ("N°", "Contrepartie", "Signée le", "Échéance", "Montant", "Devise", "RIB")
    workbook(inbox / "REGISTRE_CONVENTIONS.xlsx", header, agreements)
    workbook(inbox / "REGISTRE_BUDGET.xlsx", ("Ligne", "Mois", "Montant", "Devise"), list(_budget(office)))
    header = ("N°", "Saisi par", "Saisi le", "Ligne", "RIB", "Jour", "Montant", "Devise", "Motif")
    workbook(inbox / "REGISTRE_AJUSTEMENTS.xlsx", header, list(_overrides(accounts, office)))
    live = [row for row in plans if row[7] is None]
    return {
        "instalments_to_come_centimes": sum(round(row[5] * _HUNDRED) for row in live),
        "plans_broken": sorted({row[0] for row in plans if row[7] is not None}),
        "agreements_to_come_centimes": sum(round(row[4] * _HUNDRED) for row in agreements),
        "overrides_refused": ["AJ3"],
    }


def _month_after(day: date, months: int, on: int) -> date:
    return civil((np.datetime64(day, "M") + months).astype("datetime64[D]") + on - 1)


def _plans(office: Customers) -> Iterator[tuple[Any, ...]]:
    """Plans of households, businesses and municipalities; the amounts are illustrative, a part of an ordinary month."""
    unit = max(office.monthly_ht // 100_000, _HUNDRED)
    number = 0
    for segment, share in ((HOUSEHOLD, 1), (BUSINESS, 8), (MUNICIPALITY, 40)):
        who = np.flatnonzero(office.segment == segment)[:PLANS_A_SEGMENT].tolist()
        for place, customer in enumerate(who):
            number += 1
            is_broken = place == PLANS_A_SEGMENT - 1
            signed = office.last_day - timedelta(days=150 if is_broken else 10 + place)
            first = _month_after(signed, 1, 5 + 7 * place)
            broken = first + timedelta(days=BROKEN_AFTER) if is_broken else None
            for turn in range(INSTALMENTS):
                due = _month_after(first, turn, first.day)
                amount = unit * share * (3 + place) / _HUNDRED
                code = SEGMENT_CODES[segment]
                yield f"ECH{number:03d}", f"{customer:08d}", code, signed, due, amount, "MAD", broken


def _agreements(accounts: list[Account], office: Customers) -> Iterator[tuple[Any, ...]]:
    """Agreements with municipalities that do not exist, each called in four quarters."""
    unit = max(office.monthly_ht // 1000, _HUNDRED)
    for place in range(AGREEMENTS):
        signed = office.last_day - timedelta(days=5 + 9 * place)
        for turn in range(4):
            due = _month_after(office.last_day, 1 + 3 * turn, 8 + 6 * place)
            amount = unit * (4 + place) / _HUNDRED
            rib = accounts[TREASURY].rib
            yield f"CONV{place + 1:02d}", f"COMMUNE FICTIVE {place + 1}", signed, due, amount, "MAD", rib


def _budget(office: Customers) -> Iterator[tuple[Any, ...]]:
    """What is planted of each line, more or less a few percent a line, the same for all its months."""
    unit = office.monthly_ht // 1000
    charged = DIRECTORATES * (RECEIPT_ACCOUNTS + 1) + len(CENTRAL)
    monthly = {line: unit * 10 * share for line, share in _RECEIPTS.items()} | {
        "suppliers": -unit * (SUPPLIERS + CHEQUES),
        "payroll": -unit * (PAYROLL + DR_PAYROLL),
        "energy": -unit * ENERGY,
        "taxes": -unit * TAX,
    }
    quarterly = {"debt_service": -unit * LOAN, "bank_charges": -FEE * charged}
    drawn = office.draw(20_000).integers(-DEVIATION, DEVIATION + 1, len(monthly) + len(quarterly)).tolist()
    deviation = dict(zip([*monthly, *quarterly], drawn, strict=True))
    for month in range(max(office.months - BUDGET_MONTHS, 0), office.months + BUDGET_MONTHS):
        here = monthly | (quarterly if month % 3 == 2 else {})
        for line, amount in here.items():
            planned = amount * (_HUNDRED + deviation[line]) // _HUNDRED
            yield line, civil(month_start(month)), planned / _HUNDRED, "MAD"


def _overrides(accounts: list[Account], office: Customers) -> Iterator[tuple[Any, ...]]:
    """Three: two that a plan takes, and one on a line that does not exist, which it must refuse."""
    unit, day = office.monthly_ht // 1000, office.last_day
    central, treasury = accounts[CENTRAL[0]].rib, accounts[TREASURY].rib
    for number, line, rib, days, amount, why in (
        ("AJ1", "receipts_public", treasury, 19, unit * 30, "Acompte annoncé par une administration (fictif)"),
        ("AJ2", "suppliers", central, 33, -unit * 12, "Avance sur un marché à notifier (fictif)"),
        ("AJ3", UNKNOWN_LINE, central, 40, unit * 5, "Ligne mal nommée, à refuser (fictif)"),
    ):
        yield number, "tresorerie.fictive", day, line, rib, day + timedelta(days=days), amount / _HUNDRED, "MAD", why
