"""The file of new labels that a person fills in, and the rules made of the rows that were accepted.

Labels come from outside. In the file a text that a spreadsheet would take for a formula or a number stands behind an apostrophe; in a
rule every sign of a label is a sign, never part of a pattern. The file of rules is written whole beside the old one and put in its
place at once, after it has been read as rules: what does not hold never comes into it.
"""

import csv
import fcntl
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.cash.lines.flow_rules import EXACT, PATTERNS, RULE_COLUMNS, FlowLine, FlowRule, load_rules
from workbench.cash.lines.label_shapes import label_shape
from workbench.errors import ReadingError, WrongUse
from workbench.schemas.checking import Problem

PRIORITY = 90  # after the house's own rules: what a person accepts never takes a line from them
TO_FILL = ("line_code", "accepted_by", "valid_from_date", "note")
SHOWN = (
    "label_shape", "direction", "format_code", "operation_code", "currency_code", "line_count", "amount", "first_date", "last_date",
    "example", "suggested_line_code", "like_shape", "score",
)  # fmt: skip
COLUMNS = (*SHOWN, *TO_FILL)
READ = ("label_shape", "direction", "format_code", "operation_code", "line_code", "accepted_by", "valid_from_date")
MOST_BYTES = 50_000_000
_GUARDED = re.compile(r"['=+\-@\t\r0-9]")  # what begins like this is more than text to a spreadsheet


@dataclass(frozen=True)
class Accepted:
    """What became of a file: rules appended, rows that were rules already, rows that nobody filled in, rows refused."""

    rules: tuple[FlowRule, ...]
    known_count: int
    empty_count: int
    problems: tuple[Problem, ...]


def write_labels(suggested: pd.DataFrame, path: Path) -> None:
    """Write new labels (as from `suggest`) as a CSV to fill: `;`, UTF-8 with its mark, as spreadsheets of this country open it.

    A person fills `line_code` and `accepted_by`; `valid_from_date` is the day the label was first seen, until it is changed. Raises
    `WrongUse` where the file is there already: it may hold a person's work.
    """
    rows = [_row_to_fill(row) for row in suggested.to_dict("records")]
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, COLUMNS, delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    try:
        with path.open("x", encoding="utf-8-sig", newline="") as file:
            file.write(buffer.getvalue())
    except FileExistsError:
        raise WrongUse(
            "the file is there already", str(path), "name another file; this one may hold what a person filled in"
        ) from None


def _row_to_fill(row: Mapping[Any, Any]) -> dict[str, str]:
    centimes = int(row["amount_centimes"])
    whole, part = divmod(abs(centimes), 100)
    shown = {name: "" if pd.isna(row.get(name)) else str(row[name]) for name in SHOWN}
    shown = {name: guarded(_one_line(text)) for name, text in shown.items()}
    shown |= {name: row[name].date().isoformat() for name in ("first_date", "last_date")}
    shown |= {"line_count": str(row["line_count"]), "amount": f"{'-' * (centimes < 0)}{whole},{part:02d}"}
    shown["score"] = "" if pd.isna(row["score"]) else f"{row['score']:.1f}".replace(".", ",")
    return {**dict.fromkeys(COLUMNS, ""), **shown, "valid_from_date": shown["first_date"]}


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def guarded(text: str) -> str:
    """Text as a spreadsheet leaves it alone: behind an apostrophe where it begins like a formula, a number or one."""
    return f"'{text}" if _GUARDED.match(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if text[:1] == "'" and _GUARDED.match(text[1:]) else text


def accept_labels(path: Path, rules_path: Path, lines: Sequence[FlowLine], on: date) -> Accepted:
    """Append a rule for every row of a filled file that names a line and a person.

    Parameters
    ----------
    path
        As from `write_labels`, filled in; saved by a spreadsheet (other separator, Windows letters, 31/12/2024) is well too.
    rules_path
        The file of rules: only grows, in one step, held against others who accept at the same moment.
    on
        Day of the acceptance, told in the rule's source with the person's name.

    Raises `ReadingError` where the file is none of labels. Rows that do not hold are told in `problems`, the others are accepted.
    """
    rows = _read(path)
    with _alone(rules_path.parent):
        before = load_rules(rules_path, lines)
        answers = _Answers(before, {line.line_code: line for line in lines}, path.name, on)
        for number, row in enumerate(rows, start=2):
            answers.take(row, number)
        if answers.added:
            _append(rules_path, answers.added, lines)
        new = {row["rule_id"] for row in answers.added}
        rules = tuple(rule for rule in load_rules(rules_path, lines) if rule.rule_id in new)
    return Accepted(rules, answers.known_count, answers.empty_count, tuple(answers.problems))


class _Answers:
    """The rows of a file, taken one after another against the rules that are there."""

    def __init__(self, rules: Sequence[FlowRule], lines: Mapping[str, FlowLine], file_name: str, on: date) -> None:
        self.lines, self.file_name, self.on = lines, file_name, on
        self.there = {_identity({**rule.asked, "direction": rule.direction}): rule.line_code for rule in rules}
        numbers = [re.fullmatch(r"accepted-(\d+)", rule.rule_id) for rule in rules]
        self.last = max((int(number[1]) for number in numbers if number), default=0)
        self.added: list[dict[str, str]] = []
        self.problems: list[Problem] = []
        self.known_count = self.empty_count = 0

    def take(self, row: Mapping[str, str], number: int) -> None:
        """A row becomes a rule, or is counted, or is refused."""
        if not row["line_code"] and not row["accepted_by"]:
            self.empty_count += 1
            return
        first = _date_in(row["valid_from_date"])
        asked = {name: row[name] for name in ("direction", "format_code", "operation_code")}
        asked["label_pattern"] = f"^{re.escape(row['label_shape'])}$"
        code = self._fault(row, first) or self._told(asked, row["line_code"])
        if code == "known":
            self.known_count += 1
        elif code:
            values = {"line": row["line_code"], "label": row["label_shape"][:60], "lines": ", ".join(self.lines)}
            self.problems.append(Problem(code, "refused", values, self.file_name, number))
        elif first is not None:
            self._add(row, asked, first)

    def _fault(self, row: Mapping[str, str], first: date | None) -> str:
        if not row["line_code"] or not row["accepted_by"]:
            return "label_half_filled"
        if row["direction"] not in ("in", "out") or label_shape(row["label_shape"]) != row["label_shape"]:
            return "label_changed"
        if first is None:
            return "label_date_wrong"
        line = self.lines.get(row["line_code"])
        is_there = line and line.valid_from <= first and (line.valid_to is None or first <= line.valid_to)
        return "" if is_there else "label_line_unknown"

    def _told(self, asked: Mapping[str, str], line_code: str) -> str:
        told = self.there.get(_identity(asked))
        return "" if told is None else "known" if told == line_code else "label_contradicted"

    def _add(self, row: Mapping[str, str], asked: Mapping[str, str], first: date) -> None:
        self.last += 1
        who, note = (plain(row[name])[:200] for name in ("accepted_by", "note"))
        source = f"Accepté par {who} le {self.on.isoformat()}" + (f" : {note}" if note else "")
        told = {"rule_id": f"accepted-{self.last:04d}", "line_code": row["line_code"], "priority": str(PRIORITY)}
        told |= {"valid_from_date": first.isoformat(), "source": source}
        self.added.append({**dict.fromkeys(RULE_COLUMNS, ""), **asked, **told})
        self.there[_identity(asked)] = row["line_code"]


def plain(text: str) -> str:
    """Text on one line, one space between words."""
    return " ".join(_one_line(text).split())


def _identity(asked: Mapping[str, str]) -> tuple[str, ...]:
    """What a rule asks, all of it: two rules that ask the same cannot give two lines."""
    return tuple(asked.get(name, "") for name in ("direction", *EXACT, *PATTERNS))


def _date_in(text: str) -> date | None:
    for pattern in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 — a civil date
        except ValueError:
            continue
    return None


def _read(path: Path) -> list[dict[str, str]]:
    if path.stat().st_size > MOST_BYTES:
        raise ReadingError(f"the file is larger than {MOST_BYTES} bytes", path.name)
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    mark = max(";,\t", key=first.count)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
        rows = [row for row in reader if any(value for name, value in row.items() if name is not None)]
    except csv.Error as error:
        raise ReadingError(f"the row cannot be read: {error}", path.name) from None
    if missing := [name for name in READ if name not in (reader.fieldnames or ())]:
        raise ReadingError(
            f"it has no column {missing[0]}", path.name, "fill in the file that `workbench labels --out FILE` wrote"
        )
    return [{name: unguarded((row.get(name) or "").strip()) for name in (*READ, "note")} for row in rows]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder of the rules while the block lasts: two who accept at once wait for one another."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _append(path: Path, added: Sequence[Mapping[str, str]], lines: Sequence[FlowLine]) -> None:
    """The rules with rows more, written beside and put in their place at once, once they have been read as rules."""
    before = path.read_text(encoding="utf-8")
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, RULE_COLUMNS, lineterminator="\n")
    writer.writerows(added)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            file.write(before + "\n" * (not before.endswith("\n")) + buffer.getvalue())
            file.flush()
            os.fsync(file.fileno())
        load_rules(beside, lines)
        beside.chmod(path.stat().st_mode & 0o777)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
