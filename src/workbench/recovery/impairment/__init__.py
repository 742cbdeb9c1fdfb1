"""What may never be paid: the allowance by two sets of rules, its movement and coverage, and the days by which to act."""

from workbench.recovery.impairment.allowance_rates import AllowanceRate, load_allowance_rates
from workbench.recovery.impairment.allowances import (
    Allowances,
    allowance_coverage,
    booked_allowances,
    item_allowances,
)
from workbench.recovery.impairment.expected_losses import PARTS_OF_LOSS, expected_losses, exposures_by_age
from workbench.recovery.impairment.lawsuits import CLOCK_STATES, clock_totals, lawsuit_clock
from workbench.recovery.impairment.limitation import (
    HORIZONS,
    LIMITATION_STATES,
    lapsing,
    last_days_to_act,
    part_payments,
)
from workbench.recovery.impairment.limitation_rules import LimitationRule, load_limitation_rules
from workbench.recovery.impairment.loss_rates import loss_rates
from workbench.recovery.impairment.loss_windows import FATES, loss_windows, roll_rates
from workbench.recovery.impairment.movement import (
    STEPS_OF_ALLOWANCE,
    allowance_movement,
    movement_totals,
    written_off_ht,
)

__all__ = [
    "CLOCK_STATES",
    "FATES",
    "HORIZONS",
    "LIMITATION_STATES",
    "PARTS_OF_LOSS",
    "STEPS_OF_ALLOWANCE",
    "AllowanceRate",
    "Allowances",
    "LimitationRule",
    "allowance_coverage",
    "allowance_movement",
    "booked_allowances",
    "clock_totals",
    "expected_losses",
    "exposures_by_age",
    "item_allowances",
    "lapsing",
    "last_days_to_act",
    "lawsuit_clock",
    "load_allowance_rates",
    "load_limitation_rules",
    "loss_rates",
    "loss_windows",
    "movement_totals",
    "part_payments",
    "roll_rates",
    "written_off_ht",
]
