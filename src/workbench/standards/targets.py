"""Targets that the office sets itself, from its register: what an indicator should reach, and where it is red."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd


@dataclass(frozen=True)
class Target:
    """What the whole office aims at: `value` and `alert` in the indicator's unit; amounts of money in whole dirhams."""

    indicator: str
    value: Decimal
    alert: Decimal | None
    valid_from: date


def office_targets(targets: pd.DataFrame, day: date) -> dict[str, Target]:
    """The targets of the whole office in force on a day, by indicator, from the register `targets`.

    A row for a unit or a segment is a target of its own, never the office's; of several rows the latest begun by `day` holds.
    """
    whole = targets[targets["unit_code"].isna() & targets["segment_code"].isna()]
    begun = whole[whole["valid_from_date"] <= pd.Timestamp(day)].sort_values("valid_from_date", kind="stable")
    return {
        row["indicator_code"]: Target(
            row["indicator_code"],
            Decimal(str(row["target_value"])),
            None if pd.isna(row["alert_value"]) else Decimal(str(row["alert_value"])),
            row["valid_from_date"].date(),
        )
        for row in begun.to_dict("records")
    }
