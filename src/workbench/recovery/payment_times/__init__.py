"""When and how much of what is billed is paid: models of invoices, hazards on exposure tables, the races that gate them."""

from workbench.recovery.payment_times.expected_receipts import (
    HazardModel,
    WeeklyReceipts,
    hazard_receipts,
    learn,
    weekly_receipts,
)
from workbench.recovery.payment_times.exposure import Exposure, exposure_tables
from workbench.recovery.payment_times.hazards import center_ratios, cubes_of, fit_hazards, never_paid
from workbench.recovery.payment_times.invoice_cash import CashBand, learn_band
from workbench.recovery.payment_times.invoice_features import bills_of, learn_level, point_in_time_features
from workbench.recovery.payment_times.invoice_race import Choice, InvoiceRace, choose_inside, gated, race_invoices

__all__ = [
    "CashBand",
    "Choice",
    "Exposure",
    "HazardModel",
    "InvoiceRace",
    "WeeklyReceipts",
    "bills_of",
    "center_ratios",
    "choose_inside",
    "cubes_of",
    "exposure_tables",
    "fit_hazards",
    "gated",
    "hazard_receipts",
    "learn",
    "learn_band",
    "learn_level",
    "never_paid",
    "point_in_time_features",
    "race_invoices",
    "weekly_receipts",
]
