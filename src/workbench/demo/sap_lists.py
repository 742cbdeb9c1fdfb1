"""How a made-up SAP writes a list saved unconverted: frames of |, a header on every page, a total with a star.

French labels, or English ones where the user's session was in English. Amounts as 1.234,56- in the currency of the country.
"""

import functools
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

ROWS_A_PAGE = 60
COMPANY = "1000"


class Entry(NamedTuple):
    """A line of a document. `owner` is the customer (FBL5N) or the account of the general ledger (FBL3N)."""

    owner: str
    document: int
    year: int
    kind: str
    posting_key: str
    day: date
    due: date | None
    amount: int
    assignment: str
    center: str


_WIDTHS = (10, 10, 5, 8, 4, 2, 10, 10, 10, 20, 9, 18, 7)
_FRENCH = ("N° pièce", "Poste", "Exercice", "Type", "CC", "Date pièce", "Date compt.", "Éch. nette", "Mnt en DI", "Dev. int.", "Affectation", "Domaine")  # fmt: skip
_ENGLISH = ("DocumentNo", "Itm", "Year", "Doc. Type", "PK", "Doc. Date", "Pstng Date", "Net due dt", "Amount in LC", "LCurr", "Assignment", "BusA")  # fmt: skip
_TITLES = {
    ("FBL5N", False): ("Liste des postes client", "Client"),
    ("FBL5N", True): ("Customer Line Item Display", "Customer"),
    ("FBL3N", False): ("Liste des postes comptes généraux", "Compte"),
    ("FBL3N", True): ("G/L Account Line Item Display", "G/L Account"),
}
_AMOUNT = 9  # place of the amount
NO_DAY = "00.00.0000"


def sap_list(transaction: str, entries: Sequence[Entry], made_on: date, is_english: bool) -> bytes:
    """The list of all items of a month, as a file in cp1252."""
    title, owner = _TITLES[transaction, is_english]
    names = (owner, *(_ENGLISH if is_english else _FRENCH))
    widths = [max(width, len(name)) for width, name in zip(_WIDTHS, names, strict=True)]
    return framed_list(
        title,
        names,
        widths,
        [_cells(entry) for entry in entries],
        _AMOUNT,
        sum(entry.amount for entry in entries),
        made_on,
        is_english,
    )


def framed_list(
    title: str,
    names: Sequence[str],
    widths: Sequence[int],
    rows: Sequence[Sequence[str]],
    amount: int,
    total: int,
    made_on: date,
    is_english: bool = False,
) -> bytes:
    """A list of all items: `rows` of cells under `names`, the total of the column in place `amount` (its currency follows it)."""
    rule = "-" * (sum(widths) + len(widths) + 4)
    header = _framed("  ", names, widths, amount)
    scope = "All items" if is_english else "Tous les postes"
    company = "Company Code" if is_english else "Société"
    lines: list[str] = []
    for start in range(0, max(len(rows), 1), ROWS_A_PAGE):
        page = start // ROWS_A_PAGE + 1
        lines += [
            f"{made_on:%d.%m.%Y}{title:^60}Page {page:>4}",
            "",
            f"{company:<14}{COMPANY}",
            scope,
            "",
            rule,
            header,
            rule,
        ]
        lines += (_framed("  ", row, widths, amount) for row in rows[start : start + ROWS_A_PAGE])
        lines.append(rule)
    if rows:
        cells = ["" for _ in names]
        cells[amount : amount + 2] = [written(total), "MAD"]
        lines += [_framed("* ", cells, widths, amount), rule]
    return "\r\n".join([*lines, ""]).encode("cp1252")


def _cells(entry: Entry) -> tuple[str, ...]:
    day = f"{entry.day:%d.%m.%Y}"
    due = f"{entry.due:%d.%m.%Y}" if entry.due else NO_DAY
    # SAP shows documents without leading zeros.
    return (
        entry.owner, str(entry.document), "1", str(entry.year), entry.kind, entry.posting_key, day, day, due,
        written(entry.amount), "MAD", entry.assignment, entry.center,
    )  # fmt: skip


def _framed(mark: str, cells: Iterable[str], widths: Sequence[int], amount: int) -> str:
    return _frame(tuple(widths), amount).format(mark, *cells)


@functools.cache
def _frame(widths: tuple[int, ...], amount: int) -> str:
    """The pattern of a line: amounts stand to the right."""
    cells = (f"{{:{'>' if place == amount else '<'}{width}}}" for place, width in enumerate(widths))
    return f"|{{}}|{'|'.join(cells)}|"


def written(centimes: int) -> str:
    """An amount as SAP shows it: 1.234,56-."""
    size = abs(centimes)
    units = f"{size // 100:,}".replace(",", ".")
    return f"{units},{size % 100:02d}{'-' if centimes < 0 else ' '}"
