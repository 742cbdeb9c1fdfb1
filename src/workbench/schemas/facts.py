"""Facts: what a room found, as values a page can word. A fact holds no sentence; `reporting.words` makes French or English of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["ok", "watch", "alert", "unmeasured", "info"]
Unit = Literal["centimes", "share", "count", "days", "date", "text"]


@dataclass(frozen=True)
class Fact:
    """One finding.

    `value` is in `unit` (`centimes` of `currency_code`; `share` is 0–1; `date` is a `datetime.date`); `None` is not known, never zero.
    `details` holds further values that the sentence of this indicator needs.
    """

    indicator: str
    value: Any
    unit: Unit
    status: Status = "info"
    target: Any = None
    previous: Any = None
    currency_code: str = "MAD"
    details: Mapping[str, Any] = field(default_factory=dict)


def status_of(value: float | None, good: float, bad: float) -> Status:
    """Traffic light of a value between two thresholds; `good` < `bad` means less is better."""
    if value is None:
        return "unmeasured"
    if good <= bad:
        return "ok" if value <= good else "alert" if value > bad else "watch"
    return "ok" if value >= good else "alert" if value < bad else "watch"


def status_against(value: int | None, floor: int | None) -> Status:
    """Alert below a floor; told without being judged where none is set."""
    if value is None:
        return "unmeasured"
    return "info" if floor is None else "ok" if value >= floor else "alert"


def listed(names: Sequence[str], most: int = 6) -> str:
    """The first names of a decision, and how many more there are: `A, B, + 4`."""
    more = [f"+ {len(names) - most}"] if len(names) > most else []
    return ", ".join([*names[:most], *more])
