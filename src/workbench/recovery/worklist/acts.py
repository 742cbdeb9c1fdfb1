"""Acts against a debtor, in their order, and what each is held to bring: dated rows that people edit.

`data/reference/acts.csv`, a row an act of a segment. An effect is the part that the act adds of what would not be paid without it. Until an office has
measured its own (against a hold-out, see the effect of campaigns) the rows are illustrative, and every page that uses them says so.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from workbench.errors import SchemaError
from workbench.schemas.columns import SEGMENTS, STEPS
from workbench.standards import reference_folder, rows_of_file, validity_of

ACTS_FILE = "acts.csv"
ACTS = ("reminder", "budget_entry", *STEPS)  # what a register of steps does not hold is typed nowhere yet
STATUSES = ("measured", "illustrative")
_COLUMNS = ["segment_code", "rank", "act_code", "after_days", "wait_days", "added_share", "valid_from_date", "valid_to_date", "status", "source"]  # fmt: skip


@dataclass(frozen=True)
class Act:
    """An act: its place in the ladder of its segment, from how many days past due it may be taken, how many days the act before is given to work,
    and the part that it adds of what would not be paid without it within the horizon of the list."""

    segment_code: str
    rank: int
    act_code: str
    after_days: int
    wait_days: int
    added_share: float
    valid_from: date
    valid_to: date | None
    status: str
    source: str


def load_acts(path: Path | None = None) -> tuple[Act, ...]:
    """Every row, by default of the reference folder. Raises `SchemaError` (file:line) where a row does not hold, or two have one rank or one act on the same day."""
    acts: list[Act] = []
    for where, row in rows_of_file(path or reference_folder() / ACTS_FILE, _COLUMNS):
        act = _act(row, where)
        if any(_collide(act, other) for other in acts):
            raise SchemaError(f"two acts of {act.segment_code} hold one rank or one name on the same day", where, "end the earlier one before")  # fmt: skip
        acts.append(act)
    return tuple(acts)


def acts_on(acts: tuple[Act, ...], on: date) -> dict[str, list[Act]]:
    """The ladder of each segment in force on a day, first act first."""
    held = [act for act in acts if act.valid_from <= on and (act.valid_to is None or on <= act.valid_to)]
    return {
        segment: sorted((act for act in held if act.segment_code == segment), key=lambda act: act.rank)
        for segment in sorted({act.segment_code for act in held})
    }


def _act(row: dict[str, str], where: str) -> Act:
    if row["segment_code"] not in SEGMENTS or row["act_code"] not in ACTS:
        raise SchemaError("segment_code or act_code does not hold", where, f"{', '.join(SEGMENTS)}; {', '.join(ACTS)}")
    numbers = [row[name] for name in ("rank", "after_days", "wait_days")]
    if not all(number.isdecimal() for number in numbers):
        raise SchemaError("rank, after_days or wait_days is no whole number", where)
    if row["status"] not in STATUSES or not row["source"]:
        raise SchemaError("status or source does not hold", where, "status measured or illustrative, and a source")
    rank, after, wait = (int(number) for number in numbers)
    return Act(
        row["segment_code"], rank, row["act_code"], after, wait, _share(row["added_share"], where), *validity_of(row, where), row["status"], row["source"]
    )  # fmt: skip


def _share(text: str, where: str) -> float:
    try:
        share = Decimal(text)
    except InvalidOperation:
        raise SchemaError(f"« {text} » is no number", where) from None
    if not 0 <= share <= 1:
        raise SchemaError(f"the share {text} is not between 0 and 1", where)
    return float(share)


def _collide(one: Act, other: Act) -> bool:
    return (
        one.segment_code == other.segment_code
        and (one.rank == other.rank or one.act_code == other.act_code)
        and (one.valid_to is None or other.valid_from <= one.valid_to)
        and (other.valid_to is None or one.valid_from <= other.valid_to)
    )
