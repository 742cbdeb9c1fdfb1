"""When and how much of what is billed is paid: models of invoices, hazards on exposure tables, the races that gate them."""

from workbench.recovery.payment_times.invoice_cash import CashBand, learn_band
from workbench.recovery.payment_times.invoice_features import bills_of, learn_level, point_in_time_features
from workbench.recovery.payment_times.invoice_race import Choice, InvoiceRace, choose_inside, gated, race_invoices

__all__ = [
    "CashBand",
    "Choice",
    "InvoiceRace",
    "bills_of",
    "choose_inside",
    "gated",
    "learn_band",
    "learn_level",
    "point_in_time_features",
    "race_invoices",
]
