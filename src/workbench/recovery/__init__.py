"""What is owed, since when, and what came in."""

from workbench.recovery.ageing import ageing
from workbench.recovery.open_items import open_items, unallocated_receipts
from workbench.recovery.summary import unpaid_summary

__all__ = ["ageing", "open_items", "unallocated_receipts", "unpaid_summary"]
