"""The files of the made-up office: CFONB120 statements, CSV of the commercial system, CSV registers."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.identifiers import rib_key

if TYPE_CHECKING:
    from workbench.demo.small_office import Bill

CHANNELS = ("ESP", "ESP", "ESP", "CHQ", "VIR", "ESP", "VIG")
_RECEIPT_HEADER = ("N° règlement", "Client", "Centre", "Date", "Montant", "Canal", "N° facture")
_POSITIVE, _NEGATIVE = "{ABCDEFGHI", "}JKLMNOPQR"


@dataclass(frozen=True)
class Account:
    """A synthetic bank account: label, role, bank code, town and account digits of its RIB, opening balance in hundredths."""

    label: str
    role: str
    bank: str
    town_and_account: str
    opening: int

    @property
    def rib(self) -> str:
        """The 24 digits, with a key that holds."""
        first = f"{self.bank}{self.town_and_account.rjust(19, '0')}"
        return first + rib_key(first)

    @property
    def cfonb(self) -> tuple[str, str, str]:
        """What CFONB120 can hold of it: bank on 5, branch on 5, account on 11."""
        return f"00{self.bank}", "00780", self.rib[11:22]


def _amount(centimes: int) -> str:
    signs = _POSITIVE if centimes >= 0 else _NEGATIVE
    return f"{abs(centimes) // 10:013d}{signs[abs(centimes) % 10]}"


def write_statement(
    path: Path,
    account: Account,
    first: date,
    last: date,
    opening: int,
    lines: Sequence[tuple[date, int, str]],
    closing: int,
) -> None:
    """A CFONB120 statement; the opening balance bears the date of the day before, as the norm has it."""
    bank, branch, number = account.cfonb

    def record(kind: str, day: date, amount: int, operation: str = "  ", value: str = "      ", label: str = "") -> str:
        head = f"{kind}{bank}    {branch}MAD2 {number}{operation}{day:%d%m%y}  {value}{label:<31}"
        return (head.ljust(90) + _amount(amount)).ljust(120)

    records = [record("01", first - timedelta(days=1), opening)]
    records += [
        record("04", day, amount, "62", f"{day + timedelta(days=amount > 0):%d%m%y}", label)
        for day, amount, label in lines
    ]
    records.append(record("07", last, closing))
    path.write_bytes("\r\n".join(records).encode("latin-1"))


def write_sales(
    inbox: Path, month: date, bills: Iterable["Bill"], paid: Sequence["Bill"], without_bill: set[str]
) -> None:
    """Bills and receipts of a month; a receipt `without_bill` reached the office with no bill named."""
    header = ("N° facture", "Client", "Centre", "Catégorie", "Date facture", "Échéance", "Montant HT", "Montant TTC")
    rows = [
        (b.number, b.customer, b.center, b.segment, _day(b.issued), _day(b.due), _written(b.ht), _written(b.ttc))
        for b in bills
    ]
    _csv(inbox / f"SIC_FACTURES_{month:%Y%m}.csv", header, rows)
    receipts = [
        (f"R{b.number[1:]}", b.customer, b.center, _day(b.paid), _written(b.ttc), CHANNELS[int(b.customer) % 7] if b.segment == "ETAT" else "ESP",
         "" if b.number in without_bill else b.number)
        for b in paid
    ]  # fmt: skip
    _csv(inbox / f"SIC_REGLEMENTS_{month:%Y%m}.csv", _RECEIPT_HEADER, receipts)


def write_registers(inbox: Path, accounts: Sequence[Account]) -> None:
    """The register of accounts and of the names that CFONB120 gives them."""
    header = ("RIB", "Intitulé", "Banque", "Nom", "Unité", "Rôle", "Ouvert le", "Plancher", "Ligne", "Délai")
    rows = [
        (a.rib, a.label, a.bank, f"Banque fictive {a.bank}", "SIEGE", a.role, "01/01/2015", "1000,00", "50000,00", "5")
        for a in accounts
    ]
    _csv(inbox / "REGISTRE_COMPTES.csv", header, rows)
    _csv(
        inbox / "REGISTRE_ALIAS.csv",
        ("Format", "Identifiant", "RIB", "Depuis"),
        [("cfonb120", "-".join(a.cfonb), a.rib, "01/01/2015") for a in accounts],
    )


def _day(day: date | None) -> str:
    return "" if day is None else f"{day:%d/%m/%Y}"


def _written(centimes: int) -> str:
    return f"{centimes // 100},{centimes % 100:02d}"


def _csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with open(path, "w", encoding="cp1252", newline="") as handle:
        writer = csv.writer(handle, delimiter=";")
        writer.writerow(header)
        writer.writerows(rows)
