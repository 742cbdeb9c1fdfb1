"""One small good file of each format, with a name of the test's choosing in it (made-up data): what the hostile tests spoil."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from tests.intake.formats import test_cfonb120, test_mt940, test_multicash
from tests.intake.formats.test_workbook import COLUMNS, RIB, TARGET
from workbench.intake.profiles import Profile, load_profiles

PROFILES = load_profiles(Path(__file__).resolve().parents[3] / "data" / "profiles")


def cfonb120(name: str) -> str:
    record = test_cfonb120.record
    good = (record("01", "010124", 0), record("04", "020124", -5000, name), record("07", "020124", -5000))
    return "\n".join(good) + "\n"


def mt940(name: str) -> str:
    return test_mt940.GOOD.replace("{account}", "12345678/1020304050").replace("VIREMENT", name)


def auszug(_name: str) -> str:
    return test_multicash.GOOD[0] + "\r\n"


def umsatz(name: str) -> str:
    return "".join(f"{row}\r\n" for row in (test_multicash.movement("-250,50", name), test_multicash.MOVES[1]))


def csv_text(name: str) -> str:
    text = io.StringIO(newline="")
    made = csv.writer(text, delimiter=";", lineterminator="\n")
    made.writerows([COLUMNS.values(), [RIB, name, "007", "A1", "receipts", "01/01/2020", "1,50", "1"]])
    return text.getvalue()


SAP_WIDTHS = {
    "N° pièce": 10,
    "Poste": 5,
    "Exercice": 8,
    "Date pièce": 10,
    "Date compt.": 11,
    "Éch. nette": 10,
    "Mnt en DI": 14,
    "Dev. int.": 9,
    "Texte": 60,
}


def sap_row(first: str, *cells: str) -> str:
    return (
        f"|{first:<2}|"
        + "|".join(cell.ljust(width) for cell, width in zip(cells, SAP_WIDTHS.values(), strict=True))
        + "|"
    )


def sap_list(name: str) -> str:
    header = sap_row("", *SAP_WIDTHS)
    rule = "-" * len(header)
    row = ("1800000012", "1", "2023", "05.03.2023", "05.03.2023", "04.05.2023")
    rows = [sap_row("", *row, "1.234,56", "MAD", name), rule, sap_row("*", *[""] * 6, "1.234,56", "MAD", "")]
    above = ["Client        10001", "Société       1000", "Postes non soldés à la date clé 31.01.2024", ""]
    return "\n".join([*above, rule, header, rule, *rows, rule]) + "\n"


@dataclass(frozen=True)
class Kind:
    """A format of text: its profile, the file that is spoilt, what writes it, and the good file beside it, if any."""

    profile: Profile
    file: str
    text: Callable[[str], str]
    beside: tuple[str, Callable[[str], str]] | None = None

    def write(self, folder: Path, content: bytes, encoding: str | None = None) -> list[Path]:
        """The spoilt file and the one beside it."""
        paths = [folder / self.file]
        paths[0].write_bytes(content)
        if self.beside:
            name, text = self.beside
            paths.append(folder / name)
            paths[1].write_bytes(text("VIREMENT").encode(encoding or self.profile.encoding))
        return paths


KINDS = {
    "cfonb120": Kind(PROFILES["cfonb120"], "releve.cfonb", cfonb120),
    "mt940": Kind(PROFILES["mt940"], "releve.sta", mt940),
    "multicash statements": Kind(PROFILES["multicash"], "AUSZUG.TXT", auszug, ("UMSATZ.TXT", umsatz)),
    "multicash movements": Kind(PROFILES["multicash"], "UMSATZ.TXT", umsatz, ("AUSZUG.TXT", auszug)),
    "csv": Kind(
        Profile(name="csv", format="csv", files=("*.csv",), encoding="cp1252", targets=(TARGET,)),
        "comptes.csv",
        csv_text,
    ),
    "sap list": Kind(PROFILES["sap_fbl5n"], "FBL5N_2023.txt", sap_list),
}
XLSX = Profile(name="xlsx", format="xlsx", files=("*.xlsx",), targets=(TARGET,))
# Where a name of each format ends up.
STORED = {
    "cfonb120": ("bank_transactions", "label"), "mt940": ("bank_transactions", "label"), "multicash movements": ("bank_transactions", "label"),
    "csv": ("bank_accounts", "account_label"), "sap list": ("ledger_entries", "label"),
}  # fmt: skip


def workbook(folder: Path, *rows: tuple[object, ...], header: tuple[str, ...] = tuple(COLUMNS.values())) -> Path:
    path = folder / "comptes.xlsx"
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as made:
        sheet = made.add_worksheet("Comptes")
        for place, cells in enumerate((header, *rows)):
            for column, cell in enumerate(cells):
                sheet.write(place, column, cell)
    return path


def account(name: str = "REGIE", rib: str = RIB, role: str = "receipts", floor: object = 1.5) -> tuple[object, ...]:
    return (rib, name, "007", "A1", role, "01/01/2020", floor, 1)
