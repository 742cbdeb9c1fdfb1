"""Mirrors cash/lines/flow_rules.py: the two reference files, and what is refused in them."""

import csv
from datetime import date
from pathlib import Path

import pytest

from workbench.cash import load_lines, load_rules
from workbench.cash.lines.flow_rules import LINE_COLUMNS, MOST_LINES, RULE_COLUMNS
from workbench.errors import SchemaError

LINE = {"line_code": "taxes", "label_fr": "Impôts", "label_en": "Taxes", "direction": "out", "kind": "operating", "valid_from_date": "2015-01-01", "source": "test"}  # fmt: skip
RULE = {"rule_id": "r1", "line_code": "taxes", "valid_from_date": "2015-01-01", "priority": "10", "label_pattern": "^VIR", "source": "test"}  # fmt: skip


def written(path: Path, columns: list[str], *rows: dict[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows({**dict.fromkeys(columns, ""), **row} for row in rows)
    return path


def test_the_reference_folder_holds_fifteen_lines_and_rules_for_them() -> None:
    lines, rules = load_lines(), load_rules()
    assert len(lines) == MOST_LINES
    assert {rule.line_code for rule in rules} <= {line.line_code for line in lines}
    assert [(rule.priority, rule.rule_id) for rule in rules] == sorted((rule.priority, rule.rule_id) for rule in rules)


def test_rules_are_read_with_what_they_ask_and_when(tmp_path: Path) -> None:
    later = {
        **RULE,
        "rule_id": "r0",
        "priority": "9",
        "direction": "out",
        "valid_to_date": "2024-12-31",
        "format_code": "mt940",
    }
    first, second = load_rules(written(tmp_path / "r.csv", RULE_COLUMNS, RULE, later))
    assert (first.rule_id, first.direction, first.valid_to) == ("r0", "out", date(2024, 12, 31))
    assert first.asked == {"format_code": "mt940", "label_pattern": "^VIR"}
    assert (second.rule_id, second.valid_from, second.valid_to) == ("r1", date(2015, 1, 1), None)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"line_code": "dividends"}, "no line 'dividends'"),
        ({"valid_from_date": "2014-12-31"}, "no line 'taxes' on 2014-12-31"),  # the line is not there yet
        ({"valid_from_date": "1/1/2015"}, "no date"),
        ({"valid_to_date": "2014-01-01"}, "before"),
        ({"priority": "high"}, "priority"),
        ({"rule_id": ""}, "rule_id"),
        ({"source": " "}, "source"),
        ({"direction": "both"}, "direction"),
        ({"label_pattern": ""}, "take them all"),
        ({"label_pattern": "VIR("}, "label_pattern is no pattern"),
        ({"counterparty_pattern": "(?<=A)B"}, "counterparty_pattern is no pattern"),  # look-around: could take for ever
    ],
)
def test_a_rule_that_does_not_hold_is_refused_by_file_and_line(
    tmp_path: Path, change: dict[str, str], told: str
) -> None:
    path = written(tmp_path / "rules.csv", RULE_COLUMNS, {**RULE, "rule_id": "r0"}, {**RULE, **change})
    with pytest.raises(SchemaError, match=r"rules\.csv:3: ") as refused:
        load_rules(path)
    assert told in str(refused.value)


def test_a_rule_given_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="r1 is given twice"):
        load_rules(written(tmp_path / "rules.csv", RULE_COLUMNS, RULE, RULE))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{**LINE, "direction": "up"}], "direction"),
        ([{**LINE, "kind": "magic"}], "kind"),
        ([{**LINE, "label_fr": ""}], "label_fr"),
        ([LINE, LINE], "twice"),
        ([{**LINE, "line_code": "unclassified"}], "kept"),
        ([], "0 lines"),
        ([{**LINE, "line_code": f"line{number}"} for number in range(MOST_LINES + 1)], "16 lines"),
    ],
)
def test_lines_that_do_not_hold_are_refused(tmp_path: Path, rows: list[dict[str, str]], told: str) -> None:
    with pytest.raises(SchemaError, match=told):
        load_lines(written(tmp_path / "lines.csv", LINE_COLUMNS, *rows))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", "columns are"),
        ("", "columns are"),
        (",".join(RULE_COLUMNS) + "\nr1,taxes\n", "more or fewer cells"),
        (",".join(RULE_COLUMNS) + "\n" + "," * 30 + "\n", "more or fewer cells"),
        (",".join(RULE_COLUMNS) + '\n"r1"x,taxes\n', "cannot be read"),
    ],
)
def test_a_file_that_is_none_of_rules_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "rules.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SchemaError, match=told):
        load_rules(path)
