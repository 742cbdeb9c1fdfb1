"""Rules of limitation: within how many years, from when, a claim on a kind of debtor must be acted upon. Dated rows that people edit.

`data/reference/limitation_rules.csv`, a row a rule. A rule holds for what was billed while it was in force. Its status says how sure
it is: `to_confirm` is a text that was read, of which counsel has still to say that it binds the office's claims.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from workbench.errors import SchemaError
from workbench.schemas.columns import SEGMENTS, STEPS
from workbench.standards import reference_folder, rows_of_file, validity_of

LIMITATION_FILE = "limitation_rules.csv"
STARTS = ("year_of_origin", "due_date")
LIMITATION_STATUSES = ("official", "to_confirm", "illustrative")
PART_PAYMENT = "part_payment"  # no step of a register: read from the receipts
_COLUMNS = [
    "rule_id", "segment_code", "years", "start_code", "interrupting_codes", "lifting_codes", "valid_from_date", "valid_to_date", "status", "source",
]  # fmt: skip


@dataclass(frozen=True)
class LimitationRule:
    """A rule. `start_code`: 1 January of the year of the bill (that day counts), or its due date (the day after counts first).

    A step of `interrupting_codes` makes the years run anew from its day; while one of `lifting_codes` is open, no day is the last.
    """

    rule_id: str
    segment_code: str
    years: int
    start_code: str
    interrupting: frozenset[str]
    lifting: frozenset[str]
    valid_from: date
    valid_to: date | None
    status: str
    source: str


def load_limitation_rules(path: Path | None = None) -> tuple[LimitationRule, ...]:
    """The rules, by default those of the reference folder.

    Raises `SchemaError` (file:line) where a row does not hold, or two rules hold for one segment on the same day.
    """
    path = path or reference_folder() / LIMITATION_FILE
    rules: list[LimitationRule] = []
    for where, row in rows_of_file(path, _COLUMNS):
        rule = _rule(row, where)
        if _overlaps(rule, rules):
            raise SchemaError(
                f"two rules hold for {rule.segment_code} on the same day", where, "end the earlier one before"
            )
        rules.append(rule)
    return tuple(rules)


def _rule(row: dict[str, str], where: str) -> LimitationRule:
    if row["segment_code"] not in SEGMENTS:
        raise SchemaError(f"segment {row['segment_code']!r} is unknown", where, "segments: " + ", ".join(SEGMENTS))
    if not (row["years"].isdecimal() and int(row["years"]) > 0):
        raise SchemaError("years is no whole number above 0", where)
    if row["start_code"] not in STARTS:
        raise SchemaError("start_code does not hold", where, "starts: " + ", ".join(STARTS))
    if row["status"] not in LIMITATION_STATUSES or not (row["rule_id"] and row["source"]):
        raise SchemaError(
            "rule_id, status or source does not hold", where, "statuses: " + ", ".join(LIMITATION_STATUSES)
        )
    valid_from, valid_to = validity_of(row, where)
    return LimitationRule(
        row["rule_id"], row["segment_code"], int(row["years"]), row["start_code"], _steps(row["interrupting_codes"], where),
        _steps(row["lifting_codes"], where), valid_from, valid_to, row["status"], row["source"],
    )  # fmt: skip


def _steps(text: str, where: str) -> frozenset[str]:
    codes = frozenset(text.split())
    if unknown := codes - {*STEPS, PART_PAYMENT}:
        raise SchemaError(
            f"no step is called {', '.join(sorted(unknown))}", where, "steps: " + ", ".join((*STEPS, PART_PAYMENT))
        )
    return codes


def _overlaps(rule: LimitationRule, others: Sequence[LimitationRule]) -> bool:
    return any(
        other.segment_code == rule.segment_code
        and (rule.valid_to is None or other.valid_from <= rule.valid_to)
        and (other.valid_to is None or rule.valid_from <= other.valid_to)
        for other in others
    )
