"""Bank lines of an office on the lines of the cash plan: the store, the accounts and the customers brought to the rules of cash."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

import pandas as pd

from workbench import banking, cash
from workbench.cash.lines.flow_rules import FlowRule, load_rules
from workbench.pipeline.counterparties import counterparties, payment_references


class Tables(Protocol):
    """The tables of an office by name: `store.open_office`, or a dict in a test."""

    def __getitem__(self, name: str, /) -> Any: ...


def classified_lines(
    office: Tables, as_of: date, rules: Sequence[FlowRule] | None = None, start: date | None = None
) -> pd.DataFrame:
    """Every line booked by `as_of` (from `start`, where given) on its line of the plan, as `cash.classify` gives it.

    Parameters
    ----------
    office
        The tables of an office (`store.open_office`): those of banks, of accounts and of the commercial system are read.
    rules
        By default those of the reference folder.
    start
        First day. A transfer whose other leg is of the days before it is then not seen as one: begin a week early.
    """
    transactions, days = resolved(office, "bank_transactions"), resolved(office, "statement_days")
    lines = cash.booked_lines(transactions, cash.other_names(days, as_of=as_of), as_of=as_of, start=start)
    accounts = banking.describe(office["bank_accounts"], office["units"], as_of=as_of)
    known = counterparties(office["customers"], as_of)
    paid = payment_references(office["payments"], office["allocations"], office["invoices"], as_of)
    return cash.classify(lines, load_rules() if rules is None else rules, accounts, known, paid)


def resolved(office: Tables, name: str) -> Any:
    """A table of statements with the account that each row counts under (`banking.resolve`); as an office holds it, where it does."""
    held = getattr(office, "resolved", None)
    if held is not None:
        return held(name)
    return banking.resolve(office[name], office["account_aliases"], office["bank_accounts"], lazy=True)


def new_labels(office: Tables, as_of: date, rules: Sequence[FlowRule] | None = None) -> pd.DataFrame:
    """The labels that no rule takes, each with what it is most like, as `cash.suggest` gives them."""
    classified = classified_lines(office, as_of, rules)
    return cash.suggest(cash.unclassified(classified), cash.known_labels(classified))
