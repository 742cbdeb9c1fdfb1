"""What is owed, since when, and what came in."""

from workbench.recovery.ageing import ageing, by_origin_year
from workbench.recovery.allocation_rules import allocate_oldest_first
from workbench.recovery.balances import item_balances
from workbench.recovery.bills_to_come import bills_to_come
from workbench.recovery.cohort_receipts import (
    CohortReceipts,
    cohort_receipts,
    open_book_told,
    origins_between,
    paying_habits,
)
from workbench.recovery.collection_curves import CollectionCurves, collection_curves
from workbench.recovery.count_back import count_back_days
from workbench.recovery.curves import cumulative_curves
from workbench.recovery.debtors import top_debtors
from workbench.recovery.indicators import RATIOS, indicators, unpaid_sums
from workbench.recovery.large_payers import large_payers
from workbench.recovery.ledger_items import open_items_from_ledger
from workbench.recovery.monday_sheet import (
    LIST_KINDS,
    LIST_SHOWN,
    MondaySheet,
    monday_card_rows,
    monday_findings,
    monday_status,
    monday_tables,
    monday_ties,
    monday_tone,
)
from workbench.recovery.months import MOVEMENTS, movements_by_month
from workbench.recovery.not_netted import customer_credits, waiting_by, waiting_receipts
from workbench.recovery.open_items import open_items, unallocated_receipts
from workbench.recovery.portfolios import PORTFOLIOS, in_portfolios, portfolio_of
from workbench.recovery.rate_readings import RateSums, passage, rate_periods, rate_readings, rate_sums, rate_sums_to
from workbench.recovery.rates import collection_rates, movements, roll_forward
from workbench.recovery.rates_sheet import (
    RatesSheet,
    latest_at_age,
    rates_facts,
    rates_findings,
    rates_lede,
    rates_tone,
    three_rates,
)
from workbench.recovery.rates_sheet_tables import (
    RATES_KINDS,
    change_steps,
    funnel_rows,
    paid_curves,
    rates_card_rows,
    rates_decisions,
    rates_tables,
    rates_ties,
)
from workbench.recovery.receipt_lags import ReceiptCube, kinds_of, receipts_cube
from workbench.recovery.recovery_month import (
    RECOVERY_MONTH_KINDS,
    RecoveryMonth,
    allowance_steps,
    owed_steps,
    recovery_month_card_rows,
    recovery_month_facts,
    recovery_month_findings,
    recovery_month_lede,
    recovery_month_status,
    recovery_month_tables,
    recovery_month_ties,
    recovery_month_tone,
)
from workbench.recovery.rejects import reject_rates
from workbench.recovery.sums_at_once import sums_at_once
from workbench.recovery.thresholds import thresholds_on
from workbench.recovery.unit_ages import AGES, placed, unpaid_by_unit
from workbench.recovery.unit_roll_forward import FLOWS, LEVELS, roll_forward_by_month
from workbench.recovery.units import days_of_change, in_unit, units_on
from workbench.recovery.unpaid import Unpaid, unpaid
from workbench.recovery.unpaid_decisions import decision_candidates, decisions_asked, worse_centers
from workbench.recovery.unpaid_facts import thresholds_used, unpaid_facts
from workbench.recovery.unpaid_findings import (
    heat_tone,
    passage_tone,
    rate_rows,
    unpaid_card_rows,
    unpaid_findings,
    unpaid_lede,
    worst_status,
)
from workbench.recovery.unpaid_tables import (
    PARTS,
    by_segment,
    passage_steps,
    rates_by_segment,
    unpaid_tables,
    unpaid_ties,
)
from workbench.recovery.without_tax import items_without_tax

__all__ = [
    "AGES",
    "FLOWS",
    "LEVELS",
    "LIST_KINDS",
    "LIST_SHOWN",
    "MOVEMENTS",
    "PARTS",
    "PORTFOLIOS",
    "RATES_KINDS",
    "RATIOS",
    "RECOVERY_MONTH_KINDS",
    "CohortReceipts",
    "CollectionCurves",
    "MondaySheet",
    "RateSums",
    "RatesSheet",
    "ReceiptCube",
    "RecoveryMonth",
    "Unpaid",
    "ageing",
    "allocate_oldest_first",
    "allowance_steps",
    "bills_to_come",
    "by_origin_year",
    "by_segment",
    "change_steps",
    "cohort_receipts",
    "collection_curves",
    "collection_rates",
    "count_back_days",
    "cumulative_curves",
    "customer_credits",
    "days_of_change",
    "decision_candidates",
    "decisions_asked",
    "funnel_rows",
    "heat_tone",
    "in_portfolios",
    "in_unit",
    "indicators",
    "item_balances",
    "items_without_tax",
    "kinds_of",
    "large_payers",
    "latest_at_age",
    "monday_card_rows",
    "monday_findings",
    "monday_status",
    "monday_tables",
    "monday_ties",
    "monday_tone",
    "movements",
    "movements_by_month",
    "open_book_told",
    "open_items",
    "open_items_from_ledger",
    "origins_between",
    "owed_steps",
    "paid_curves",
    "passage",
    "passage_steps",
    "passage_tone",
    "paying_habits",
    "placed",
    "portfolio_of",
    "rate_periods",
    "rate_readings",
    "rate_rows",
    "rate_sums",
    "rate_sums_to",
    "rates_by_segment",
    "rates_card_rows",
    "rates_decisions",
    "rates_facts",
    "rates_findings",
    "rates_lede",
    "rates_tables",
    "rates_ties",
    "rates_tone",
    "receipts_cube",
    "recovery_month_card_rows",
    "recovery_month_facts",
    "recovery_month_findings",
    "recovery_month_lede",
    "recovery_month_status",
    "recovery_month_tables",
    "recovery_month_ties",
    "recovery_month_tone",
    "reject_rates",
    "roll_forward",
    "roll_forward_by_month",
    "sums_at_once",
    "three_rates",
    "thresholds_on",
    "thresholds_used",
    "top_debtors",
    "unallocated_receipts",
    "units_on",
    "unpaid",
    "unpaid_by_unit",
    "unpaid_card_rows",
    "unpaid_facts",
    "unpaid_findings",
    "unpaid_lede",
    "unpaid_sums",
    "unpaid_tables",
    "unpaid_ties",
    "waiting_by",
    "waiting_receipts",
    "worse_centers",
    "worst_status",
]
