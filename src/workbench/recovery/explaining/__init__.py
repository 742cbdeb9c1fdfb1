"""Why figures of recovery moved: a rate taken apart, debtors that weigh most, items that came, went or got worse."""

from workbench.recovery.explaining.changed_items import CHANGES, changed_items, changes_by
from workbench.recovery.explaining.concentration import PARETO_SHARE, TOPS, concentration, pareto_curve
from workbench.recovery.explaining.one_offs import one_off_candidates
from workbench.recovery.explaining.rate_change import EFFECTS, RateChange, explain_change, rate_parts

__all__ = [
    "CHANGES",
    "EFFECTS",
    "PARETO_SHARE",
    "TOPS",
    "RateChange",
    "changed_items",
    "changes_by",
    "concentration",
    "explain_change",
    "one_off_candidates",
    "pareto_curve",
    "rate_parts",
]
