"""An office whose tables are read once for several plans: from files each of them would be read, joined and typed again for every one."""

from contextlib import ExitStack
from typing import Any

from workbench import banking
from workbench.frames import kept
from workbench.pipeline.flow_history import Tables

LARGE = ("invoices", "allocations", "payments", "credit_notes", "write_offs", "ledger_entries")  # stay in their files
RESOLVED = ("bank_transactions", "statement_days")  # held with their accounts alone


class HeldOffice:
    """The tables of an office, held by the engine from their first use until `stack` closes; those of customers' bills stay in their files."""

    def __init__(self, office: Tables, stack: ExitStack) -> None:
        self._office, self._stack = office, stack
        self.imported_at = getattr(office, "imported_at", None)  # a plan asks it whether days are yet to come
        self._held: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name in LARGE or name in RESOLVED:
            return self._office[name]
        if name not in self._held:
            self._held[name] = self._stack.enter_context(kept(self._office[name]))
        return self._held[name]

    def resolved(self, name: str) -> Any:
        """A table of statements with the account of each row (`banking.resolve`), joined once."""
        key = f"resolved {name}"
        if key not in self._held:
            table = banking.resolve(self._office[name], self["account_aliases"], self["bank_accounts"], lazy=True)
            self._held[key] = self._stack.enter_context(kept(table))
        return self._held[key]
