"""What the made-up office owes its suppliers, as SAP lists it: FBL1N, a list a directorate, printed after the last month.

An item stands for each order that the office has paid in the last months or will pay in the next ones, to the centime; a few
more were left behind: past their day, one of them blocked, and never paid. All of it is synthetic.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from workbench.demo.accounts import disbursements_index
from workbench.demo.bank_kinds import K
from workbench.demo.customers import Customers
from workbench.demo.disbursements import SUPPLIER_DAYS, SUPPLIERS, SUPPLIERS_A_DIRECTORATE, disbursements
from workbench.demo.places import DIRECTORATES, civil, directorate_code, month_start, month_text
from workbench.demo.sap_lists import NO_DAY, framed_list, written

TERM_DAYS = 60  # from the posting of an invoice to its due date
PAID_MONTHS, COMING_MONTHS = 2, 2  # months before and after the last day whose orders the lists hold
FIRST_SUPPLIER, FIRST_DOCUMENT, FIRST_CLEARING = 200_000, 51_000_000_00, 15_000_000_00
# Left behind: directorate, supplier, days past due, block.
LEFT_BEHIND = ((0, 81, 12, ""), (3, 82, 47, ""), (3, 82, 95, ""), (7, 83, 20, "A"))
_NAMES = (
    "Fournisseur", "Nom 1", "N° pièce", "Poste", "Exercice", "Type", "Date pièce", "Date compt.", "Éch. nette", "Rappr.", "Pièce rappr.",
    "Mnt en DI", "Dev. int.", "BlP", "Référence", "Domaine",
)  # fmt: skip
_WIDTHS = (11, 16, 10, 5, 8, 4, 10, 11, 10, 10, 12, 18, 9, 3, 16, 7)
_AMOUNT = 11


class Item(NamedTuple):
    """An invoice of a supplier; `amount` negative, as owed; `cleared` the day the order that pays it was issued."""

    supplier: int
    posted: date
    due: date
    cleared: date | None
    amount: int
    block: str
    reference: str


def write_supplier_lists(inbox: Path, office: Customers) -> dict[str, Any]:
    """Write the lists; what was planted in them, for the answer key."""
    found: dict[str, Any] = {"overdue": [], "blocked": [], "coming_centimes": 0}
    for d in range(DIRECTORATES):
        items = sorted([*_of_orders(office, d), *_left_behind(office, d)], key=lambda item: (item.due, item.reference))
        rows: list[tuple[str, ...]] = []
        numbers: dict[int, int] = {}
        for item in items:
            numbers[item.posted.year] = numbers.get(item.posted.year, d * 100_000) + 1
            rows.append(
                _cells(item, FIRST_DOCUMENT + numbers[item.posted.year], FIRST_CLEARING + d * 100_000 + len(rows), d)
            )
        total = sum(item.amount for item in items)
        made_on = civil(month_start(office.months))
        content = framed_list("Liste des postes fournisseur", _NAMES, _WIDTHS, rows, _AMOUNT, total, made_on)
        (inbox / f"FBL1N_{directorate_code(d)}_{month_text(office.months - 1)}.txt").write_bytes(content)
        for item in items:
            if item.due > office.last_day:
                found["coming_centimes"] += item.amount
            elif item.cleared is None:
                found["blocked" if item.block else "overdue"].append(
                    {"supplier": str(item.supplier), "due_date": str(item.due), "amount_centimes": item.amount}
                )
    return found


def _of_orders(office: Customers, directorate: int) -> Iterator[Item]:
    """An invoice for each order to a supplier, known since its posting."""
    account = disbursements_index(directorate)
    for month in range(max(office.months - PAID_MONTHS, 0), office.months + COMING_MONTHS):
        for part in disbursements(office, month):
            mine = (part["account"] == account) & (part["kind"] == K["supplier"])
            columns = (part[name][mine].tolist() for name in ("amount", "reference", "counterparty", "issued"))
            for place, (amount, order, name, issued) in enumerate(zip(*columns, strict=True)):
                due = civil(month_start(month) + SUPPLIER_DAYS[place % 2] - 1)
                posted = civil(np.datetime64(due) - TERM_DAYS)
                if posted <= office.last_day:
                    cleared = issued if issued <= office.last_day else None
                    yield Item(FIRST_SUPPLIER + int(name[-3:]), posted, due, cleared, amount, "", f"FAC{order[2:]}")


def _left_behind(office: Customers, directorate: int) -> Iterator[Item]:
    whole = office.monthly_ht // 1000 * SUPPLIERS // DIRECTORATES // SUPPLIERS_A_DIRECTORATE
    for place, (owner, supplier, days, block) in enumerate(LEFT_BEHIND):
        if owner == directorate:
            due = civil(np.datetime64(office.last_day) - days)
            posted = civil(np.datetime64(due) - TERM_DAYS)
            amount = -max(whole * (10 + place) // 10, 1)
            yield Item(FIRST_SUPPLIER + supplier, posted, due, None, amount, block, f"FACR{place + 1:03d}")


def _cells(item: Item, document: int, clearing: int, directorate: int) -> tuple[str, ...]:
    posted, due = f"{item.posted:%d.%m.%Y}", f"{item.due:%d.%m.%Y}"
    cleared = (f"{item.cleared:%d.%m.%Y}", str(clearing)) if item.cleared else (NO_DAY, "")
    name = f"FOURNISSEUR {item.supplier - FIRST_SUPPLIER:03d}"
    return (
        str(item.supplier), name, str(document), "1", str(item.posted.year), "KR", posted, posted, due, *cleared,
        written(item.amount), "MAD", item.block, item.reference, directorate_code(directorate),
    )  # fmt: skip
