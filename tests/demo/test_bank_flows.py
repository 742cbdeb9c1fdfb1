"""Mirrors demo/bank_flows.py, disbursements.py and bank_days.py: receipts reach the banks to the centime, own transfers are nil."""

import numpy as np
import pytest

from workbench.demo.accounts import ACCOUNTS, disbursements_index
from workbench.demo.bank_days import bank_day, week_ends
from workbench.demo.bank_flows import BankBook
from workbench.demo.bank_kinds import KINDS, K
from workbench.demo.customers import Customers
from workbench.demo.disbursements import disbursements
from workbench.demo.faults import Faults
from workbench.demo.places import Columns, month_of, month_start
from workbench.demo.receipts import STAMP, happenings
from workbench.standards import load_bank_days

MONTHS = 15
OFFICE = Customers(3_000, MONTHS, 1)
Drawn = tuple[BankBook, Columns, Columns]


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    faults = Faults(MONTHS)
    book = BankBook(OFFICE, faults)
    lines, received = [], []
    for month in happenings(OFFICE):
        payments = faults.in_receipts(month.payments, month.index)
        lines.append(book.month(month.index, payments))
        received.append(payments)
    whole = {name: np.concatenate([part[name] for part in lines]) for name in lines[0]}
    payments = {name: np.concatenate([part[name] for part in received if part]) for name in received[-1]}
    return book, whole, payments


def test_what_was_received_reaches_the_banks_to_the_centime(drawn: Drawn) -> None:
    book, lines, payments = drawn
    coming = book.in_course()
    credited = sum(int(rows["amount"][rows["kind"] <= K["transfer"]].sum()) for rows in (lines, coming))
    assert credited == int(payments["amount"][payments["channel"] < STAMP].sum())
    came_back = np.isin(np.arange(len(KINDS)), (K["cheque_back"], K["debit_back"]))
    debited = sum(int(rows["amount"][came_back[rows["kind"]]].sum()) for rows in (lines, coming))
    assert -debited == int(payments["amount"][~np.isnat(payments["bounced"])].sum())
    assert debited < 0


def test_own_transfers_are_nil_under_each_reference(drawn: Drawn) -> None:
    _, lines, _ = drawn
    own = np.isin(lines["kind"], (K["own_out"], K["own_in"]))
    references, place, counts = np.unique(lines["reference"][own], return_inverse=True, return_counts=True)
    sums = np.zeros(len(references), np.int64)
    np.add.at(sums, place, lines["amount"][own])
    assert len(references) > 500
    assert set(counts) == {2}
    assert not sums.any()


def test_balances_are_openings_and_lines(drawn: Drawn) -> None:
    book, lines, _ = drawn
    moved = np.zeros(ACCOUNTS, np.int64)
    np.add.at(moved, lines["account"], lines["amount"])
    assert (book.balances == moved + [account.opening for account in book.accounts]).all()


def test_debits_stay_within_the_limits_and_one_account_alone_is_fed_too_late(drawn: Drawn) -> None:
    """Receipts accounts go in debit only for what comes back; of the disbursements accounts, only the one fed late does."""
    book, lines, _ = drawn
    low = {}
    for account in book.accounts:
        mine = lines["account"] == account.index
        days, amounts = lines["booking"][mine], lines["amount"][mine]
        ends = np.flatnonzero(np.diff(days.astype(int), append=10**6))
        low[account.index] = int((account.opening + np.cumsum(amounts))[ends].min())
        assert low[account.index] >= -account.limit
    spent = {disbursements_index(d): low[disbursements_index(d)] for d in range(10)}
    assert [index for index, lowest in spent.items() if lowest < 0] == [disbursements_index(6)]


def test_lines_are_booked_on_bank_days_of_their_month(drawn: Drawn) -> None:
    _, lines, _ = drawn
    open_days = load_bank_days()
    assert all(open_days.is_open(day) for day in np.unique(lines["booking"]).tolist())
    assert lines["booking"].max() < month_start(MONTHS)


def test_payments_of_a_month_hang_on_nothing_else_and_are_issued_before() -> None:
    first, again = disbursements(OFFICE, 7), disbursements(Customers(3_000, 36, 1), 7)
    assert [part["amount"].tolist() for part in first] == [part["amount"].tolist() for part in again]
    for part in first:
        assert set(month_of(part["booking"])) == {7}
        issued = part["issued"][~np.isnat(part["issued"])]
        assert (issued <= part["booking"][: len(issued)]).all()
    paid = -sum(int(part["amount"][part["amount"] < 0].sum()) for part in first)
    assert paid / OFFICE.monthly_ht == pytest.approx(0.86, abs=0.05)


def test_bank_days_are_those_of_the_workbench() -> None:
    days = load_bank_days()
    start = np.arange(np.datetime64("2023-12-25"), np.datetime64("2024-02-05"))
    for count in (1, 2):
        expected = [days.add(days.add(day, 0), count) for day in start.tolist()]
        assert bank_day(start, count).tolist() == expected
    assert [str(day) for day in week_ends(np.datetime64("2024-01-01"), np.datetime64("2024-02-01"))] == [
        "2024-01-05",
        "2024-01-12",
        "2024-01-19",
        "2024-01-26",
        "2024-01-31",
    ]
