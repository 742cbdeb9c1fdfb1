"""The whole made-up office, written only as files, as its banks, its systems and its own people would send them.

Everything in it is synthetic: customers, amounts, accounts, dates. The same seed gives the same bytes. What was planted in it,
and its true totals, go to `answer_key.json`, which no function of the workbench reads.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from workbench.demo.accounts import Account
from workbench.demo.answer_key import AnswerKey
from workbench.demo.bank_files import Statement, Writer, cfonb120, lines_of_statement, mt940
from workbench.demo.bank_flows import BankBook
from workbench.demo.camt_files import camt053
from workbench.demo.commercial_files import SalesFiles, write_customers
from workbench.demo.customers import Customers
from workbench.demo.disbursements import disbursements
from workbench.demo.faults import OFF_BY, Faults
from workbench.demo.multicash_files import multicash
from workbench.demo.placements import placement_lines
from workbench.demo.places import Array, Columns, civil, month_start, month_text
from workbench.demo.receipts import happenings
from workbench.demo.registers import write_accounts, write_flows, write_units
from workbench.demo.sap_files import SapFiles
from workbench.demo.set_aside import SetAside
from workbench.demo.supplier_lists import write_supplier_lists
from workbench.demo.treasury_choices import write_treasury_choices
from workbench.demo.treasury_registers import write_treasury_registers
from workbench.errors import WrongUse

Progress = Callable[[int, int, str], None]
WRITERS: dict[str, Writer] = {"cfonb120": cfonb120, "mt940": mt940, "camt053": camt053, "multicash": multicash}
_FLOW_MONTHS = 2  # months of bank lines whose orders and cheques the register of flows still holds


def make_office(
    folder: Path, customers: int = 50_000, months: int = 36, seed: int = 1, progress: Progress | None = None
) -> None:
    """Write an office of `customers` customers and `months` months from January 2022 into `folder`.

    The same office may be written again over itself. Raises `WrongUse` where the inbox holds other files: two offices in one would
    contradict each other, and no real inbox takes made-up files.
    """
    office, faults = Customers(customers, months, seed), Faults(months)
    inbox = _empty_or_same(Path(folder), customers, months, seed)
    book = BankBook(office, faults)
    key = AnswerKey(office, book.accounts, faults)
    sales, books, aside = SalesFiles(inbox, office), SapFiles(inbox, book.accounts), SetAside(office)
    write_units(inbox)
    write_accounts(inbox, book.accounts, office.monthly_ht)
    write_customers(inbox, office)
    recent: list[Columns] = []
    for month in happenings(office):
        if progress:
            progress(month.index, months, month_text(month.index))
        payments = faults.in_receipts(month.payments, month.index)
        bills = faults.in_invoices(month.invoices, month.index)
        sales.write(month, bills, payments)
        aside.add(month, bills, payments)
        openings = book.balances.copy()
        lines = book.month(month.index, payments)
        _statements(inbox, book.accounts, month.index, openings, lines, key)
        books.write(month, payments, lines)
        key.add(month, payments, lines)
        recent = [*recent, lines][-_FLOW_MONTHS:]
    coming = [book.in_course(), *disbursements(office, months), *placement_lines(office, months)]
    write_flows(inbox, book.accounts, _together([*recent, *coming]), office.last_day)
    key.provisions = aside.write(inbox)
    key.treasury = {
        **write_treasury_registers(inbox, book.accounts, office),
        **write_treasury_choices(inbox, book.accounts, office),
        "suppliers": write_supplier_lists(inbox, office),
    }
    key.write(Path(folder) / "answer_key.json", book.balances.tolist())


def _empty_or_same(folder: Path, customers: int, months: int, seed: int) -> Path:
    """The inbox to write into, described first, so that an office whose writing was cut short can be written again."""
    inbox, described = folder / "inbox", folder / "office.toml"
    text = f'synthetic = true\nname = "Office fictif"\ncustomers = {customers}\nmonths = {months}\nseed = {seed}\n'
    is_same = described.is_file() and described.read_text(encoding="utf-8") == text
    if not is_same and inbox.is_dir() and any(inbox.iterdir()):
        raise WrongUse(
            "the inbox of this office holds other files", str(inbox), "name another folder, or remove this one"
        )
    inbox.mkdir(parents=True, exist_ok=True)
    described.write_text(text, encoding="utf-8")
    return inbox


def _statements(
    inbox: Path, accounts: list[Account], month: int, openings: Array, lines: Columns, key: AnswerKey
) -> None:
    """A statement an account; one of the office's is missing, and one is a centime off."""
    first, last = civil(month_start(month)), civil(month_start(month + 1) - np.timedelta64(1, "D"))
    places = np.searchsorted(lines["account"], np.arange(len(accounts) + 1))
    for account in accounts:
        mine = {name: column[places[account.index] : places[account.index + 1]] for name, column in lines.items()}
        opening = int(openings[account.index])
        here = (account.index, month)
        off = OFF_BY if here == key.faults.unbalanced else 0
        closing = opening + int(mine["amount"].sum()) + off
        statement = Statement(account, month, first, last, opening, closing, lines_of_statement(mine))
        files = list(WRITERS[account.format](statement))
        if here == key.faults.missing:
            key.statements["statement_missing"] = {"file": files[0][0], "account": account.rib}
            continue
        if off:
            key.statements["statement_unbalanced"] = {
                "file": files[0][0],
                "account": account.rib,
                "difference_centimes": off,
            }
        for name, content in files:
            (inbox / name).write_bytes(content)


def _together(parts: list[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
