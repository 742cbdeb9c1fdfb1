"""The registers of what the made-up office owes and may draw: loans, calendars, placements, credit lines. Synthetic.

They agree to the centime with what `disbursements` and `placements` book: the past as paid, the next months as they will be. Amounts
of a calendar are known for the next month only; beyond it the days alone are.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from workbench.demo.accounts import CENTRAL, DOLLAR, EURO, Account, disbursements_index
from workbench.demo.bank_days import one_bank_day
from workbench.demo.bank_kinds import KINDS
from workbench.demo.customers import Customers
from workbench.demo.disbursements import (
    CURRENCY_DAY,
    ENERGY_DAY,
    LOAN,
    LOAN_DAY,
    PAYROLL_DAY,
    TAX_DAY,
    disbursements,
)
from workbench.demo.placements import placements
from workbench.demo.places import DIRECTORATES, civil, month_start
from workbench.demo.registers import workbook

AHEAD, BEHIND = 12, 12  # months that the registers hold after and before the last day
SIGNED = date(2015, 6, 30)
LENDER = "BAILLEUR FICTIF"
LOAN_QUARTERS = 60  # over which interest falls from LOAN_INTEREST of the instalment to nothing
LOAN_INTEREST = 40  # percent
ENERGY_SUPPLIER = "FOURNISSEUR ENERGIE"
_HUNDRED = 100
# Lines of credit: bank, limit and amount drawn in thousandths of an ordinary month, last day. Drawn since before the first month.
CREDIT_LINES = (
    ("007", 400, 120, None),
    ("011", 300, 0, None),
    ("101", 200, 200, None),
    ("230", 250, 0, -40),  # days from the last day: it has ended
)
SITUATIONS = 3  # month ends told of each line


def write_treasury_registers(inbox: Path, accounts: list[Account], office: Customers) -> dict[str, Any]:
    """Write the four registers; what of them is to come, for the answer key."""
    loans, calendar = list(_loans(accounts, office)), list(_calendar(accounts, office))
    header: tuple[str, ...] = (
        "Emprunt",
        "Prêteur",
        "Échéance",
        "Capital",
        "Intérêts",
        "RIB",
        "Devise",
        "Signé le",
        "Payé le",
        "Taux",
    )
    workbook(inbox / "REGISTRE_EMPRUNTS.xlsx", header, loans)
    header = (
        "N°",
        "Ligne",
        "Échéance",
        "RIB",
        "Montant",
        "Devise",
        "Connu le",
        "Payé le",
        "Bénéficiaire",
        "Jour fermé",
    )
    workbook(inbox / "REGISTRE_CALENDRIER.xlsx", header, calendar)
    placed = list(_placements(accounts, office))
    header = (
        "N°",
        "Nature",
        "Contrepartie",
        "RIB",
        "Début",
        "Échéance",
        "Capital",
        "Intérêts",
        "Devise",
        "Remboursé le",
    )
    workbook(inbox / "REGISTRE_PLACEMENTS.xlsx", header, placed)
    header = ("N°", "Banque", "Situation au", "Plafond", "Tiré", "Devise", "Valable au")
    workbook(inbox / "REGISTRE_LIGNES.xlsx", header, list(_credit_lines(office)))
    return {
        "loan_instalments_to_come": sum(row[8] is None for row in loans),
        "loan_to_come_centimes": -sum(round(_HUNDRED * (row[3] + row[4])) for row in loans if row[8] is None),
        "placements_open": [row[0] for row in placed if row[9] is None],
        "placements_to_come_centimes": sum(round(_HUNDRED * (row[6] + row[7])) for row in placed if row[9] is None),
        "calendar_to_come_centimes": _to_come(calendar),
        "calendar_days_without_amount": sum(row[4] is None for row in calendar),
    }


def _to_come(calendar: list[tuple[Any, ...]]) -> dict[str, int]:
    """What the calendars know to come, by line; dirhams alone."""
    sums: dict[str, int] = {}
    for row in calendar:
        if row[4] is not None and row[7] is None and row[5] == "MAD":
            sums[row[1]] = sums.get(row[1], 0) + round(row[4] * _HUNDRED)
    return sums


def _loans(accounts: list[Account], office: Customers) -> Iterator[tuple[Any, ...]]:
    """Quarterly instalments, equal ones, from the first month to a year after the last."""
    whole = office.monthly_ht // 1000 * LOAN
    for quarter, month in enumerate(range(2, office.months + AHEAD, 3)):
        due, paid = _days(month, LOAN_DAY, office)
        interest = whole * LOAN_INTEREST * (LOAN_QUARTERS - quarter) // LOAN_QUARTERS // _HUNDRED
        amounts = ((whole - interest) / _HUNDRED, interest / _HUNDRED)
        yield "EMP-FICTIF-1", LENDER, due, *amounts, accounts[CENTRAL[0]].rib, "MAD", SIGNED, paid, "VARIABLE"


def _calendar(accounts: list[Account], office: Customers) -> Iterator[tuple[Any, ...]]:
    """Payroll, energy, VAT, the foreign supplier: each with its day; with its amount up to the next month."""
    for month in range(max(office.months - BEHIND, 0), office.months + AHEAD):
        amounts = _amounts(office, month) if month <= office.months else {}
        known = civil(month_start(min(month, office.months)) - np.timedelta64(1, "D"))
        name = str(month_start(month))[:7]
        for prefix, line, day, place, other in _OBLIGATIONS:
            account, (due, paid) = accounts[place], _days(month, day, office)
            amount = amounts[line, place] / _HUNDRED if amounts else None
            number = f"{prefix}-{name}"
            yield number, line, due, account.rib, amount, account.currency, known, paid, other, "SUIVANT"


_OBLIGATIONS = (
    *(("PAIE-" + f"DR{d + 1:02d}", "payroll", PAYROLL_DAY, disbursements_index(d), None) for d in range(DIRECTORATES)),
    ("PAIE-SIEGE", "payroll", PAYROLL_DAY, CENTRAL[1], None),
    ("ENERGIE", "energy", ENERGY_DAY, CENTRAL[0], ENERGY_SUPPLIER),
    ("TVA", "taxes", TAX_DAY, CENTRAL[0], None),
    ("CONTRAT-EUR", "suppliers", CURRENCY_DAY, EURO, None),
    ("CONTRAT-USD", "suppliers", CURRENCY_DAY, DOLLAR, None),
)
_LINES = {"payroll": "payroll", "energy": "energy", "tax": "taxes", "supplier": "suppliers"}


def _amounts(office: Customers, month: int) -> dict[tuple[str, int], int]:
    """What the office pays in a month, by line and place of the account."""
    sums: dict[tuple[str, int], int] = {}
    for part in disbursements(office, month):
        for kind, place, amount in zip(*(part[name].tolist() for name in ("kind", "account", "amount")), strict=True):
            key = (_LINES.get(KINDS[kind].name, ""), place)
            sums[key] = sums.get(key, 0) + amount
    return sums


def _days(month: int, day: int, office: Customers) -> tuple[date, date | None]:
    """The day of a contract, and the day it was paid where it was."""
    due = month_start(month) + day - 1
    paid = civil(one_bank_day(due))
    return civil(due), paid if paid <= office.last_day else None


def _placements(accounts: list[Account], office: Customers) -> Iterator[tuple[Any, ...]]:
    rib = accounts[CENTRAL[0]].rib
    for one in placements(office, 0, office.months):
        back = civil(one.back)
        days = (civil(one.start), civil(one.matures))
        amounts = (one.principal / _HUNDRED, one.interest / _HUNDRED)
        yield (
            one.number,
            one.instrument,
            one.counterparty,
            rib,
            *days,
            *amounts,
            "MAD",
            back if back <= office.last_day else None,
        )


def _credit_lines(office: Customers) -> Iterator[tuple[Any, ...]]:
    unit = office.monthly_ht // 1000 / _HUNDRED
    for place, (bank, limit, drawn, ends) in enumerate(CREDIT_LINES):
        end = civil(np.datetime64(office.last_day) + (ends if ends is not None else 365))
        for month in range(office.months - SITUATIONS + 1, office.months + 1):
            told = civil(month_start(month) - np.timedelta64(1, "D"))
            amounts = (round(limit * unit, 2), round(drawn * unit, 2))
            yield f"LC{place + 1}", bank, told, *amounts, "MAD", end
