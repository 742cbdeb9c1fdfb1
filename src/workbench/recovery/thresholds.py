"""Thresholds of the recovery indicators on a day: the office's own target where its register holds one, else the reference file's."""

import dataclasses
from datetime import date

import pandas as pd

from workbench.standards import DatedValue, Target, load_values, office_targets

_READ = ("collection_rate_", "unpaid_share_", "mean_age_", "reject_share_", "dso_", "worse_", "recovery_")
REGISTER = "Registre des cibles"


def thresholds_on(targets: pd.DataFrame, day: date) -> dict[str, DatedValue]:
    """Every threshold in force, by name; `<indicator>_good` and `<indicator>_bad` follow the register `targets` of the office."""
    values = {
        name: dated
        for name, history in load_values().items()
        if name.startswith(_READ)
        for dated in history
        if dated.valid_from <= day <= dated.still_valid_on
    }
    for target in office_targets(targets, day).values():
        values |= _own(values, target, day)
    return values


def _own(values: dict[str, DatedValue], target: Target, day: date) -> dict[str, DatedValue]:
    ends = {f"{target.indicator}_good": target.value, f"{target.indicator}_bad": target.alert}
    return {
        name: dataclasses.replace(
            values[name],
            value=value,
            valid_from=target.valid_from,
            still_valid_on=day,
            status="target",
            source=REGISTER,
        )
        for name, value in ends.items()
        if value is not None and name in values
    }
