"""Whom to act upon this week: acts and what they are held to bring, chances if nobody acts, the list of a Monday."""

from workbench.recovery.worklist.acts import Act, acts_on, load_acts
from workbench.recovery.worklist.chances import chance_alone
from workbench.recovery.worklist.names import (
    HORIZON_DAYS,
    LEFT_OUT,
    MOST,
    REASONS,
    SOON_DAYS,
    monday_items,
    monday_names,
)

__all__ = [
    "HORIZON_DAYS",
    "LEFT_OUT",
    "MOST",
    "REASONS",
    "SOON_DAYS",
    "Act",
    "acts_on",
    "chance_alone",
    "load_acts",
    "monday_items",
    "monday_names",
]
