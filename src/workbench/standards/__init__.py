"""Dated legal and market values, and the days of banks."""

from workbench.standards.business_days import BankDays, ClosedDay, load_bank_days
from workbench.standards.movable_feasts import MovableFeast, load_movable_feasts
from workbench.standards.reference_rows import rows_of_file, validity_of
from workbench.standards.targets import Target, office_targets
from workbench.standards.values import DatedValue, history_of, load_values, reference_folder, value_on, values_table

__all__ = [
    "BankDays",
    "ClosedDay",
    "DatedValue",
    "MovableFeast",
    "Target",
    "history_of",
    "load_bank_days",
    "load_movable_feasts",
    "load_values",
    "office_targets",
    "reference_folder",
    "rows_of_file",
    "validity_of",
    "value_on",
    "values_table",
]
