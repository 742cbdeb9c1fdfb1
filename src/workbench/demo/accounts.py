"""The 45 bank accounts of the made-up office, in 8 banks and the Treasury: roles, names in each format, floors and limits.

Names of banks are facts; that this office has accounts there, their numbers, floors and limits are made up. Their RIBs have
a key that holds, so that every check of the workbench can run on them.
"""

from dataclasses import dataclass

from workbench.demo.places import DIRECTORATES, OFFICE, directorate_code
from workbench.identifiers import iban_of, rib_key

# Bank code, name, format of its statements.
BANKS = (
    ("007", "Attijariwafa bank", "cfonb120"),
    ("011", "Bank of Africa", "mt940"),
    ("013", "BMCI", "camt053"),
    ("021", "Crédit du Maroc", "multicash"),
    ("022", "Saham Bank", "mt940"),
    ("101", "Banque Populaire", "cfonb120"),
    ("225", "Crédit Agricole du Maroc", "multicash"),
    ("230", "CIH Bank", "camt053"),
    ("310", "Trésorerie générale du Royaume", "cfonb120"),
)
TREASURY_BANK = 8
TOWN = "780"
SMALLEST_FLOOR = 10_000  # centimes; also the step of floors, limits and own transfers
RECEIPT_ACCOUNTS = (
    3  # of a directorate: counters, then operators and on-line payments, then transfers and direct debits
)
COUNTERS, OPERATORS, TRANSFERS = range(RECEIPT_ACCOUNTS)


@dataclass(frozen=True)
class Account:
    """An account. `index` is its place among the accounts; `unit` the code of the unit it serves; amounts in centimes."""

    index: int
    label: str
    role: str
    bank: int
    unit: str
    currency: str
    floor: int
    limit: int
    opening: int

    @property
    def bank_code(self) -> str:
        """Three digits."""
        return BANKS[self.bank][0]

    @property
    def format(self) -> str:
        """Format of its statements."""
        return BANKS[self.bank][2]

    @property
    def number(self) -> str:
        """The 16 digits of the account itself."""
        return f"{211_000_000_00 + self.index + 1:016d}"

    @property
    def rib(self) -> str:
        """The 24 digits."""
        first = self.bank_code + TOWN + self.number
        return first + rib_key(first)

    @property
    def iban(self) -> str:
        """The RIB behind MA and two check digits."""
        return iban_of(self.rib)

    @property
    def cfonb(self) -> tuple[str, str, str]:
        """What CFONB120 can hold of it: bank on 5, branch on 5, account on 11."""
        return f"00{self.bank_code}", f"00{TOWN}", self.number[-11:]

    @property
    def ledger_code(self) -> str:
        """Account of the general ledger: 5143 for the Treasury, 5141 for banks."""
        return f"{5143 if self.role == 'treasury' else 5141}{self.index + 1:04d}"


def receipts_index(directorate: int, kind: int) -> int:
    """Place of a directorate's receipts account: `COUNTERS`, `OPERATORS` or `TRANSFERS`."""
    return directorate * RECEIPT_ACCOUNTS + kind


def disbursements_index(directorate: int) -> int:
    """Place of a directorate's disbursements account."""
    return DIRECTORATES * RECEIPT_ACCOUNTS + directorate


CENTRAL = (DIRECTORATES * (RECEIPT_ACCOUNTS + 1), DIRECTORATES * (RECEIPT_ACCOUNTS + 1) + 1)
EURO, DOLLAR, TREASURY = CENTRAL[1] + 1, CENTRAL[1] + 2, CENTRAL[1] + 3
ACCOUNTS = TREASURY + 1


def accounts_of(monthly_ht: int) -> list[Account]:
    """The accounts, in the order of their places; floors, limits and openings follow what a month bills, `monthly_ht` centimes."""
    unit = max(monthly_ht // 1000, 1)
    found: list[Account] = []

    def add(label: str, role: str, bank: int, owner: str, currency: str, *amounts: int) -> None:
        floor, limit, opening = (_rounded(n * unit) for n in amounts)
        if amounts[0]:
            floor = max(floor, SMALLEST_FLOOR)
        found.append(Account(len(found), label, role, bank, owner, currency, floor, limit, max(opening, floor)))

    for d in range(DIRECTORATES):
        for kind, name in enumerate(("Guichets", "Opérateurs", "Virements")):
            add(f"{name} DR{d + 1:02d}", "receipts", (d + 3 * kind) % 8, directorate_code(d), "MAD", 1, 20, 3)
    for d in range(DIRECTORATES):
        add(f"Dépenses DR{d + 1:02d}", "disbursements", (d + 5) % 8, directorate_code(d), "MAD", 2, 40, 6)
    add("Central 1", "central", 0, OFFICE, "MAD", 250, 1000, 1700)
    add("Central 2", "central", 1, OFFICE, "MAD", 250, 1000, 1700)
    add("Devises EUR", "foreign_currency", 1, OFFICE, "EUR", 1, 0, 8)
    add("Devises USD", "foreign_currency", 2, OFFICE, "USD", 1, 0, 5)
    add("Trésor", "treasury", TREASURY_BANK, OFFICE, "MAD", 0, 0, 10)
    return found


def _rounded(centimes: int) -> int:
    return centimes // SMALLEST_FLOOR * SMALLEST_FLOOR
