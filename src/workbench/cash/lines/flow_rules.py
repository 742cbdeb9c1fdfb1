"""The lines of the cash plan, and the rules that put a bank line on one of them: two dated tables that people edit.

A rule is a row of `data/reference/flow_rules.csv`. What it leaves empty it does not ask; what it asks must all hold. Rules are tried
by `priority`, then `rule_id`; the first that holds decides. Patterns are regular expressions without look-around (RE2), so that
none can take for ever: `label_pattern` is read in the shape of a label (see `label_shapes`: capitals, `#` for digits),
`counterparty_pattern` in the capitals of a name, digits kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import SchemaError
from workbench.standards import reference_folder, rows_of_file, validity_of

UNCLASSIFIED, OWN_TRANSFER = "unclassified", "own_transfer"
LINES_FILE, RULES_FILE = "flow_lines.csv", "flow_rules.csv"
MOST_LINES = 15
DIRECTIONS = ("in", "out")
LINE_COLUMNS = ["line_code", "label_fr", "label_en", "direction", "kind", "valid_from_date", "valid_to_date", "source"]
EXACT = ("format_code", "operation_code", "account_role", "account_number", "segment_code", "service_code")
PATTERNS = ("label_pattern", "counterparty_pattern")
RULE_COLUMNS = [
    "rule_id", "line_code", "valid_from_date", "valid_to_date", "priority", "direction", *EXACT, *PATTERNS, "source",
]  # fmt: skip


@dataclass(frozen=True)
class FlowLine:
    """A line of the plan, in the order of the plan. `direction` is in, out or both; `kind` operating or financing."""

    line_code: str
    label_fr: str
    label_en: str
    direction: str
    kind: str
    valid_from: date
    valid_to: date | None
    source: str


@dataclass(frozen=True)
class FlowRule:
    """A rule. `asked` holds what it asks of a line, by name of column: a value of `EXACT`, a pattern of `PATTERNS`."""

    rule_id: str
    line_code: str
    valid_from: date
    valid_to: date | None
    priority: int
    direction: str
    asked: Mapping[str, str]
    source: str


def load_lines(path: Path | None = None) -> tuple[FlowLine, ...]:
    """The lines of the plan, in its order; by default those of the reference folder.

    Raises `SchemaError` (file:line) where a row does not hold, a code comes twice, or there are more than `MOST_LINES`.
    """
    path = path or reference_folder() / LINES_FILE
    found: dict[str, FlowLine] = {}
    for where, row in rows_of_file(path, LINE_COLUMNS):
        line = FlowLine(
            row["line_code"], row["label_fr"], row["label_en"], row["direction"], row["kind"], *validity_of(row, where), row["source"]
        )  # fmt: skip
        if not (line.line_code and line.label_fr and line.label_en and line.source):
            raise SchemaError("line_code, label_fr, label_en or source is missing", where)
        if line.direction not in (*DIRECTIONS, "both") or line.kind not in ("operating", "financing"):
            raise SchemaError(
                "direction or kind does not hold", where, "direction: in, out, both; kind: operating, financing"
            )
        if line.line_code in found or line.line_code in (UNCLASSIFIED, OWN_TRANSFER, "all"):
            raise SchemaError(f"line {line.line_code} is given twice, or is a name that is kept", where)
        found[line.line_code] = line
    if not 0 < len(found) <= MOST_LINES:
        raise SchemaError(f"the plan has {len(found)} lines", path.name, f"keep 1 to {MOST_LINES}")
    return tuple(found.values())


def load_rules(path: Path | None = None, lines: Sequence[FlowLine] | None = None) -> tuple[FlowRule, ...]:
    """The rules, in the order in which they are tried; by default those of the reference folder.

    Raises `SchemaError` (file:line) where a row does not hold: a line that the plan does not have on the rule's first day, a date, a
    direction, a pattern that is none, a rule that asks nothing, a `rule_id` given twice.
    """
    path = path or reference_folder() / RULES_FILE
    known = {line.line_code: line for line in (load_lines() if lines is None else lines)}
    found: dict[str, FlowRule] = {}
    for where, row in rows_of_file(path, RULE_COLUMNS):
        rule = _rule(row, where, known)
        if rule.rule_id in found:
            raise SchemaError(f"rule {rule.rule_id} is given twice", where, "keep one of the two")
        found[rule.rule_id] = rule
    return tuple(sorted(found.values(), key=lambda rule: (rule.priority, rule.rule_id)))


def _rule(row: Mapping[str, str], where: str, known: Mapping[str, FlowLine]) -> FlowRule:
    first, last = validity_of(row, where)
    line = known.get(row["line_code"])
    if line is None or first < line.valid_from or (line.valid_to is not None and first > line.valid_to):
        raise SchemaError(
            f"the plan has no line {row['line_code']!r} on {first.isoformat()}", where, "lines: " + ", ".join(known)
        )
    if not row["rule_id"] or not row["source"] or not row["priority"].isdecimal():
        raise SchemaError("rule_id, priority or source does not hold", where, "priority: a whole number")
    if row["direction"] not in ("", *DIRECTIONS):
        raise SchemaError("direction or kind does not hold", where, "direction: in, out, or empty for both")
    asked = {name: row[name] for name in (*EXACT, *PATTERNS) if row[name]}
    if not asked:
        raise SchemaError("the rule asks nothing of a line: it would take them all", where)
    for name in PATTERNS:
        if fault := pattern_fault(asked.get(name, "")):
            raise SchemaError(f"{name} is no pattern: {fault}", where, "escape signs that are meant as text with \\")
    return FlowRule(row["rule_id"], line.line_code, first, last, int(row["priority"]), row["direction"], asked, row["source"])  # fmt: skip


def pattern_fault(pattern: str) -> str:
    """What is wrong with a pattern; empty where it holds."""
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        return str(error)
    return ""
