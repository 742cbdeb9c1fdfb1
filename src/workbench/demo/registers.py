"""The registers that the made-up office keeps in workbooks: accounts, their names in each format, units, targets, flows announced.

Everything in them is made up and says so. The same office gives the same bytes: no time of the day goes into a workbook.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter

from workbench.demo.accounts import BANKS, Account
from workbench.demo.bank_kinds import KINDS, K
from workbench.demo.places import Columns, unit_rows

OPENED = date(2015, 1, 1)
STATEMENT_LAG = 25  # bank days after which a monthly statement is late
_CREATED = datetime(2022, 1, 1)  # noqa: DTZ001 (a workbook's own time has no zone)
_NOTE = ("Données fictives : aucun compte, montant, seuil ou délai de ce classeur n’est celui d’un office réel.", "Conditions et cibles illustratives.")  # fmt: skip
# Thresholds of the house's own indicators, illustrative.
TARGETS = (
    ("collection_rate_current", "0.90", "0.80"),
    ("collection_rate_arrears", "0.40", "0.20"),
    ("collection_rate_global", "0.80", "0.65"),
    ("unpaid_share", "0.10", "0.20"),
    ("mean_age_days", "180", "365"),
)
_FLOWS = {
    "supplier": "order_issued",
    "payroll": "order_issued",
    "energy": "order_issued",
    "tax": "order_issued",
    "cheque_issued": "cheque_issued",
    "loan": "maturity",
    "placement_in": "maturity",
}


def write_accounts(inbox: Path, accounts: Sequence[Account], monthly_ht: int) -> None:
    """Accounts, their names in CFONB120, and the floor of the whole office."""
    header = (
        "RIB",
        "Intitulé",
        "Banque",
        "Nom",
        "Unité",
        "Rôle",
        "Devise",
        "Ouvert le",
        "Fermé le",
        "Plancher",
        "Ligne",
        "Délai",
        "Compte général",
    )
    rows = [
        (a.rib, a.label, a.bank_code, BANKS[a.bank][1], a.unit, a.role, a.currency, OPENED, None, a.floor / 100, a.limit / 100, STATEMENT_LAG, a.ledger_code)
        for a in accounts
    ]  # fmt: skip
    workbook(inbox / "REGISTRE_COMPTES.xlsx", header, rows)
    names = [("cfonb120", "-".join(a.cfonb), a.rib, OPENED) for a in accounts if a.format == "cfonb120"]
    workbook(inbox / "REGISTRE_ALIAS.xlsx", ("Format", "Identifiant", "RIB", "Depuis"), names)
    targets: list[tuple[Any, ...]] = [(name, None, None, target, alert, OPENED) for name, target, alert in TARGETS]
    floor = monthly_ht // 2 // 1_000_000 * 10_000  # in dirhams, as a person writes it
    targets.append(("value_position", None, None, str(floor), None, OPENED))
    said = ("Indicateur", "Unité", "Catégorie", "Cible", "Alerte", "Depuis")
    workbook(inbox / "REGISTRE_CIBLES.xlsx", said, targets)


def write_units(inbox: Path) -> None:
    """Directorates, agencies and centres, each in its period of validity."""
    workbook(inbox / "REGISTRE_UNITES.xlsx", ("Unité", "Niveau", "Unité mère", "Nom", "Du", "Au"), list(unit_rows()))


def write_flows(inbox: Path, accounts: Sequence[Account], lines: Columns, as_of: date) -> int:
    """Orders, cheques, deposits and maturities known by `as_of`, those debited or credited since with their day; how many.

    `lines` are bank lines of the last months and those to come. A deposit is known from the day on which its receipts came in.
    """
    day = np.datetime64(as_of)
    rows = []
    names = ("account", "booking", "value", "amount", "kind", "reference", "counterparty", "issued")
    for account, booking, value, amount, kind, reference, other, issued in zip(
        *(lines[name].tolist() for name in names), strict=True
    ):
        announced = issued if issued is not None else None
        nature = _FLOWS.get(KINDS[kind].name, "deposit_in_course" if kind <= K["transfer"] else None)
        if nature is None or (nature == "deposit_in_course" and np.datetime64(booking) <= day):
            continue
        if announced is not None and np.datetime64(announced) > day:
            continue
        settled = booking if np.datetime64(booking) <= day else None
        one = accounts[account]
        rows.append((
            f"{reference}-{account + 1:02d}", one.rib, nature, "certain", announced, value, settled, amount / 100, one.currency, other or None, reference,
        ))  # fmt: skip
    header = (
        "N°",
        "RIB",
        "Nature",
        "Certitude",
        "Émis le",
        "Attendu le",
        "Dénoué le",
        "Montant",
        "Devise",
        "Contrepartie",
        "Référence",
    )
    workbook(inbox / "REGISTRE_FLUX.xlsx", header, sorted(rows, key=lambda row: (row[5], row[0])))
    return len(rows)


def workbook(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a register: a sheet « Registre » under its headers, and a note that says that it is made up."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"title": path.stem, "comments": "Données fictives", "created": _CREATED})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet("Registre")
        sheet.write_row(0, 0, header)
        sheet.freeze_panes(1, 0)
        for place, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(place, column, value, day)
                elif value is not None:
                    sheet.write(place, column, value)
        note = book.add_worksheet("Lisez-moi")
        note.write_column(0, 0, _NOTE)
